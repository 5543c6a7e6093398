// A request and the way to answer it, free of the library that speaks HTTP.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hasten {

using Headers = std::vector<std::pair<std::string, std::string>>;

struct HttpRequest {
  std::string method, path, query;  // "POST", "/v1/completions", what follows '?'
  std::string body;
  Headers headers;                                        // names in lower case
  std::string_view Header(std::string_view name) const {  // empty where absent
    for (const auto& [n, value] : headers)
      if (n == name) return value;
    return {};
  }
};

struct HttpResponse {
  int status = 200;
  std::string content_type = "application/json";
  std::string body = {};
  Headers headers = {};
};

// The answer to one request: Send once, or Begin, any number of Write, End. Any thread may call; what comes too late or twice
// is dropped. Keep a shared_ptr while an answer is due.
class Reply {
 public:
  virtual ~Reply() = default;
  virtual void Send(HttpResponse response) = 0;
  virtual void Begin(HttpResponse head) = 0;  // its body is not used
  virtual void Write(std::string bytes) = 0;
  virtual void End() = 0;
  virtual void Post(std::function<void()> work) = 0;    // on one of the threads that speak HTTP, one at a time for a reply
  virtual void OnGone(std::function<void()> work) = 0;  // once, where the client leaves before the answer's end
  virtual void Warn(std::string_view text) = 0;         // goes into a header of the answer
};

using Handler = std::function<void(std::shared_ptr<const HttpRequest>, std::shared_ptr<Reply>)>;

}  // namespace hasten
