// Speaks HTTP/1.1 on one port: connections that stay, chunked streams, clients that stall, leave or send anything at all.
// Source: RFC 9110 and 9112, by Boost.Beast.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "base/result.h"
#include "serve/http.h"

namespace hasten {

struct ListenerOptions {
  std::string host = "127.0.0.1";
  uint16_t port = 0;  // 0: any free one
  size_t threads = 2;
  size_t max_connections = 1024;
  size_t max_body_bytes = 32 << 20;
  int head_s = 30;                     // for a request's head, and for each piece of its body
  int idle_s = 75;                     // between two requests of a connection
  int write_s = 60;                    // without a byte taken
  size_t max_unsent_bytes = 16 << 20;  // of a stream whose client does not read
};

class Listener {
 public:
  // `refuse` makes the answer to what is no HTTP request, or one too large. Handlers run on the listener's threads.
  using Refuse = std::function<HttpResponse(int status, const std::string& why)>;
  static Result<std::unique_ptr<Listener>> Start(const ListenerOptions& options, Handler handler, Refuse refuse);
  ~Listener();  // closes all connections

  uint16_t port() const;
  void StopAccepting();
  size_t connections() const;
  void After(double seconds, std::function<void()> work);  // on one of its threads
  void OnSignals(std::function<void(int signal)> work);    // SIGINT and SIGTERM, each time

 private:
  struct Impl;
  explicit Listener(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace hasten
