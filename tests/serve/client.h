// A server over a small random model, and a client that sends bytes as they are: well-formed requests and anything else.
#pragma once

#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "convert/synth.h"
#include "serve/server.h"
#include "tests/support/support.h"

namespace hasten {

using Json = nlohmann::ordered_json;

// One model file a process; random weights of a fixed seed.
std::string TinyModelPath();
// Others, which live as long as the process, too: with control tokens and a chat template; of another family.
std::string MakeTinyModel(const std::vector<std::string>& control_tokens, const std::string& chat_template);
std::string MakeTinyModel(const Shape& shape);
Shape TinyShape();

struct HttpAnswer {
  int status = 0;
  std::string head, body;  // chunks joined
  Json json() const;       // of the body; discarded where it is none
  // The JSON of each server-sent event's data; "[DONE]" is left out.
  std::vector<Json> events() const;
  std::string Header(const std::string& name) const;
};

// A connection of its own.
class RawClient {
 public:
  explicit RawClient(uint16_t port);
  ~RawClient() { Close(); }
  RawClient(const RawClient&) = delete;
  RawClient& operator=(const RawClient&) = delete;
  bool Send(const std::string& bytes);  // false: the server closed
  std::string ReadSome();               // empty: closed, or nothing for a minute
  HttpAnswer ReadAnswer();              // status 0: no whole answer came
  void Close();

 private:
  int fd_ = -1;
  std::string buffer_;
};

std::string RequestText(const std::string& method, const std::string& path, const std::string& body,
                        const std::vector<std::string>& headers = {});

struct TestServer {
  explicit TestServer(ServerOptions options = {});
  HttpAnswer Get(const std::string& path) const;
  HttpAnswer Post(const std::string& path, const std::string& body, const std::vector<std::string>& headers = {}) const;
  HttpAnswer Post(const std::string& path, const Json& body) const { return Post(path, body.dump()); }
  // Waits until nothing runs; the value of a metric then.
  double IdleMetric(const std::string& name) const;

  std::unique_ptr<Server> server;
  uint16_t port = 0;
};

}  // namespace hasten
