// An HTTP server whose every answer a test writes down: right, wrong, slow, rude or silent.
#pragma once

#include <atomic>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace hasten {

struct ScriptedReply {
  int status = 200;
  std::string body;
  std::vector<std::string> headers = {};
  double delay_s = 0;
  bool silent = false;   // takes the request, says nothing, and keeps the line open until the server goes
  bool hang_up = false;  // closes the line in the middle of the headers
  std::string raw = {};  // instead of all that: these bytes
};

class ScriptedServer {
 public:
  // `script` is called once a request, from many threads, with the number of the request from 0 and its body.
  using Script = std::function<ScriptedReply(size_t number, const std::string& body)>;
  explicit ScriptedServer(Script script);
  ~ScriptedServer();
  std::string url() const;  // "http://127.0.0.1:PORT/v1"
  size_t requests() const { return requests_; }
  std::vector<std::string> heads() const;  // of all requests, in the order of their coming

 private:
  void Accept();
  void Serve(int connection);

  const Script script_;
  int listener_ = -1, port_ = 0;
  std::atomic<bool> over_{false};
  std::atomic<size_t> requests_{0};
  mutable std::mutex mutex_;  // heads_, workers_
  std::vector<std::string> heads_;
  std::vector<std::jthread> workers_;
  std::jthread acceptor_;
};

// What an OpenAI-compatible server says when it answers `text`.
ScriptedReply ChatReply(const std::string& text, int tokens_in = 10, int tokens_out = 20);

}  // namespace hasten
