#include "tests/support/scripted_server.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>

namespace hasten {

ScriptedServer::ScriptedServer(Script script) : script_(std::move(script)) {
  listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  const bool open = ::bind(listener_, reinterpret_cast<sockaddr*>(&address), size) == 0 && ::listen(listener_, 64) == 0 &&
                    ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) == 0;
  if (!open) ADD_FAILURE() << "no port on the loopback";
  port_ = ntohs(address.sin_port);
  acceptor_ = std::jthread([this] { Accept(); });
}

ScriptedServer::~ScriptedServer() {
  over_ = true;
  acceptor_.join();
  workers_.clear();
  ::close(listener_);
}

std::string ScriptedServer::url() const { return "http://127.0.0.1:" + std::to_string(port_) + "/v1"; }

std::vector<std::string> ScriptedServer::heads() const {
  const std::lock_guard lock(mutex_);
  return heads_;
}

void ScriptedServer::Accept() {
  while (!over_) {
    pollfd wait{listener_, POLLIN, 0};
    if (::poll(&wait, 1, 20) <= 0) continue;
    const int connection = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (connection < 0) continue;
    const std::lock_guard lock(mutex_);
    workers_.emplace_back([this, connection] { Serve(connection); });
  }
}

static std::string HeadAndBody(int connection, size_t* head, const std::atomic<bool>& over) {
  std::string text;
  for (size_t wanted = std::string::npos; text.size() < wanted && !over;) {
    pollfd wait{connection, POLLIN, 0};
    if (::poll(&wait, 1, 20) <= 0) continue;
    char buffer[4096];
    const ssize_t got = ::read(connection, buffer, sizeof buffer);
    if (got <= 0) break;
    text.append(buffer, size_t(got));
    if (const size_t end = text.find("\r\n\r\n"); end != std::string::npos && wanted == std::string::npos) {
      *head = end + 4;
      const size_t length = text.find("Content-Length: ");
      wanted = *head + (length < end ? std::strtoul(text.c_str() + length + 16, nullptr, 10) : 0);
    }
  }
  return text;
}

void ScriptedServer::Serve(int connection) {
  size_t head = 0;
  const std::string text = HeadAndBody(connection, &head, over_);
  const size_t number = requests_++;
  {
    const std::lock_guard lock(mutex_);
    heads_.push_back(text.substr(0, head));
  }
  const ScriptedReply reply = script_(number, text.substr(head));
  const auto until = std::chrono::steady_clock::now() + std::chrono::duration<double>(reply.silent ? 1e6 : reply.delay_s);
  while (!over_ && std::chrono::steady_clock::now() < until) std::this_thread::sleep_for(std::chrono::milliseconds(5));
  std::string out = "HTTP/1.1 " + std::to_string(reply.status) + " Said\r\n";
  for (const std::string& header : reply.headers) out += header + "\r\n";
  if (!reply.hang_up)
    out += "Connection: close\r\nContent-Length: " + std::to_string(reply.body.size()) + "\r\n\r\n" + reply.body;
  if (!reply.raw.empty()) out = reply.raw;
  for (size_t sent = 0; !reply.silent && sent < out.size();) {
    const ssize_t wrote = ::send(connection, out.data() + sent, out.size() - sent, MSG_NOSIGNAL);
    if (wrote <= 0) break;
    sent += size_t(wrote);
  }
  ::close(connection);
}

static std::string JsonText(const std::string& text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    if (c == '\n') {
      out += "\\n";
    } else {
      out += c;
    }
  }
  return out + "\"";
}

ScriptedReply ChatReply(const std::string& text, int tokens_in, int tokens_out) {
  return {.body = "{\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":" + JsonText(text) +
                  "},\"finish_reason\":\"stop\"}],\"usage\":{\"prompt_tokens\":" + std::to_string(tokens_in) +
                  ",\"completion_tokens\":" + std::to_string(tokens_out) + "}}"};
}

}  // namespace hasten
