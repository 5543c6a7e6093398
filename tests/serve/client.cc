#include "tests/serve/client.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <thread>

namespace hasten {

Shape TinyShape() {
  return {.name = "tiny",
          .family = "llama",
          .layers = 2,
          .width = 64,
          .heads = 4,
          .kv_heads = 2,
          .head_width = 16,
          .ffn = 256,
          .vocab = 300,
          .context = 512};
}

// `options` but for its numbers' format, as a file that lives as long as the process.
static std::string WriteTinyModel(SynthOptions options) {
  static const TempDir dir;
  static int count = 0;
  const std::string file = dir / (count == 0 ? "tiny.gguf" : "tiny" + std::to_string(count) + ".gguf");
  ++count;
  options.mix = *FindMix("Q8_0");
  auto writer = FileWriter::Create(file);
  EXPECT_TRUE(writer);
  const Status made = Synthesise(options, *std::move(writer));
  EXPECT_TRUE(made) << made.error().what;
  return file;
}

std::string TinyModelPath() {
  static const std::string path = MakeTinyModel(TinyShape());
  return path;
}

std::string MakeTinyModel(const std::vector<std::string>& control_tokens, const std::string& chat_template) {
  SynthOptions options;
  options.shape = TinyShape();
  options.control_tokens = control_tokens;
  options.chat_template = chat_template;
  return WriteTinyModel(std::move(options));
}

std::string MakeTinyModel(const Shape& shape) {
  SynthOptions options;
  options.shape = shape;
  return WriteTinyModel(std::move(options));
}

Json HttpAnswer::json() const { return Json::parse(body, nullptr, false); }

std::vector<Json> HttpAnswer::events() const {
  std::vector<Json> events;
  for (size_t at = 0; (at = body.find("data: ", at)) != std::string::npos;) {
    at += 6;
    const size_t end = body.find("\n\n", at);
    const std::string data = body.substr(at, end - at);
    if (data == "[DONE]") break;
    events.push_back(Json::parse(data, nullptr, false));
    EXPECT_FALSE(events.back().is_discarded()) << data;
  }
  return events;
}

std::string HttpAnswer::Header(const std::string& name) const {
  const auto lower = [](std::string text) {  // names of headers have no case
    for (char& c : text) c = char(std::tolower(static_cast<unsigned char>(c)));
    return text;
  };
  const size_t at = lower(head).find("\r\n" + lower(name) + ": ");
  if (at == std::string::npos) return {};
  const size_t start = at + name.size() + 4;
  return head.substr(start, head.find("\r\n", start) - start);
}

RawClient::RawClient(uint16_t port) : fd_(::socket(AF_INET, SOCK_STREAM, 0)) {
  const timeval patience = {.tv_sec = 60, .tv_usec = 0};
  ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  EXPECT_EQ(::connect(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
}

void RawClient::Close() {
  if (fd_ >= 0) ::close(fd_);
  fd_ = -1;
}

bool RawClient::Send(const std::string& bytes) {
  for (size_t sent = 0; sent < bytes.size();) {
    const ssize_t n = ::send(fd_, bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
    if (n <= 0) return false;
    sent += size_t(n);
  }
  return true;
}

std::string RawClient::ReadSome() {
  std::string bytes(65536, '\0');
  const ssize_t n = ::recv(fd_, bytes.data(), bytes.size(), 0);
  bytes.resize(n > 0 ? size_t(n) : 0);
  return bytes;
}

HttpAnswer RawClient::ReadAnswer() {
  const auto more = [&] {
    const std::string bytes = ReadSome();
    buffer_ += bytes;
    return !bytes.empty();
  };
  size_t end;
  while ((end = buffer_.find("\r\n\r\n")) == std::string::npos)
    if (!more()) return {};
  HttpAnswer answer = {.status = std::atoi(buffer_.c_str() + 9), .head = buffer_.substr(0, end + 2), .body = {}};
  buffer_.erase(0, end + 4);
  if (answer.Header("Transfer-Encoding") != "chunked") {
    const size_t length = size_t(std::atoll(answer.Header("Content-Length").c_str()));
    while (buffer_.size() < length)
      if (!more()) return {};
    answer.body = buffer_.substr(0, length);
    buffer_.erase(0, length);
    return answer;
  }
  for (;;) {
    size_t line;
    while ((line = buffer_.find("\r\n")) == std::string::npos)
      if (!more()) return {};
    const size_t length = std::stoul(buffer_.substr(0, line), nullptr, 16);
    while (buffer_.size() < line + 2 + length + 2)
      if (!more()) return {};
    answer.body += buffer_.substr(line + 2, length);
    buffer_.erase(0, line + 2 + length + 2);
    if (length == 0) return answer;
  }
}

std::string RequestText(const std::string& method, const std::string& path, const std::string& body,
                        const std::vector<std::string>& headers) {
  std::string text =
      method + " " + path + " HTTP/1.1\r\nHost: localhost\r\nContent-Length: " + std::to_string(body.size()) + "\r\n";
  for (const std::string& header : headers) text += header + "\r\n";
  return text + "\r\n" + body;
}

TestServer::TestServer(ServerOptions options) {
  if (options.models.empty()) options.models = {"tiny=" + TinyModelPath()};
  options.port = 0;

  options.log_requests = false;
  if (options.queue == 1) options.queue = 64;  // the edge build has one place, and these tests ask for more
  if (options.memory_bytes == 0) options.memory_bytes = 32 << 20;
  auto started = Server::Start(options);
  EXPECT_TRUE(started) << started.error().what;
  server = *std::move(started);
  port = server->port();
}

HttpAnswer TestServer::Get(const std::string& path) const {
  RawClient client(port);
  client.Send(RequestText("GET", path, ""));
  return client.ReadAnswer();
}

HttpAnswer TestServer::Post(const std::string& path, const std::string& body, const std::vector<std::string>& headers) const {
  RawClient client(port);
  client.Send(RequestText("POST", path, body, headers));
  return client.ReadAnswer();
}

double TestServer::IdleMetric(const std::string& name) const {
  const auto value = [](const std::string& text, const std::string& metric) {
    const size_t at = text.find("\nhasten_" + metric + "{");
    return at == std::string::npos ? -1.0 : std::stod(text.substr(text.find("} ", at) + 2));
  };
  for (int i = 0; i < 1000; ++i) {
    const std::string text = Get("/metrics").body;
    if (value(text, "jobs_running") == 0 && value(text, "jobs_waiting") == 0) return value(text, name);
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  ADD_FAILURE() << "the server does not come to rest";
  return -1;
}

}  // namespace hasten
