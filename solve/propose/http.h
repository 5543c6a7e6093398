// One request to a server somewhere else, through libcurl.
#pragma once

#include <atomic>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"

namespace hasten::solve {

struct HttpRequest {
  std::string url, body;
  std::vector<std::string> headers;
  double timeout_s = 120;  // for the whole exchange
  size_t most_bytes = size_t(16) << 20;
};

struct HttpReply {
  long status = 0;
  std::string body = {};
  std::optional<double> retry_after_s = {};
  std::string lost = {};  // status 0: the request went out and no whole answer came, which may be billed all the same; why
};

// Ends soon after `stop` becomes true (kCancelled). kExhausted: nothing was sent, worth another attempt; kNotFound: no such
// server.
Result<HttpReply> Post(const HttpRequest& request, const std::atomic<bool>& stop);

// "http" or "https" and a host; nothing where it is no such address.
struct UrlParts {
  std::string scheme, host;
  bool loopback = false;
};
std::optional<UrlParts> ReadUrl(const std::string& url);

}  // namespace hasten::solve
