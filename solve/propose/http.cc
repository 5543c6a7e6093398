#include "solve/propose/http.h"

#include <curl/curl.h>

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <ctime>
#include <memory>
#include <mutex>

#include "base/quote.h"

namespace hasten::solve {
namespace {

struct Exchange {
  const HttpRequest& request;
  const std::atomic<bool>& stop;
  HttpReply reply = {};
  bool too_much = false;
};

size_t OnBody(char* data, size_t size, size_t count, void* user) {
  auto& exchange = *static_cast<Exchange*>(user);
  const size_t bytes = size * count;
  if (exchange.reply.body.size() + bytes > exchange.request.most_bytes) {
    exchange.too_much = true;
    return 0;  // ends the exchange
  }
  exchange.reply.body.append(data, bytes);
  return bytes;
}

size_t OnHeader(char* data, size_t size, size_t count, void* user) {
  auto& exchange = *static_cast<Exchange*>(user);
  const std::string line(data, size * count);
  constexpr std::string_view kName = "retry-after:";
  bool same = line.size() > kName.size();
  for (size_t i = 0; same && i < kName.size(); ++i) same = std::tolower(static_cast<unsigned char>(line[i])) == kName[i];
  if (!same) return size * count;
  const std::string value = line.substr(kName.size());
  char* end = nullptr;
  const double seconds = std::strtod(value.c_str(), &end);
  if (end != value.c_str()) {
    exchange.reply.retry_after_s = seconds;
  } else if (const time_t date = curl_getdate(value.c_str(), nullptr); date >= 0) {
    exchange.reply.retry_after_s = std::difftime(date, std::time(nullptr));
  }
  return size * count;
}

int OnProgress(void* user, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  return static_cast<Exchange*>(user)->stop.load(std::memory_order_relaxed);
}

Error Explain(CURLcode code, const Exchange& exchange, const char* detail) {
  const std::string server = "the upstream " + Printable(exchange.request.url, 200);
  switch (code) {
    case CURLE_OPERATION_TIMEDOUT:
      return {Code::kExhausted, server + Fmt(" did not answer within %g s", exchange.request.timeout_s)};
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_RESOLVE_PROXY:
      return {Code::kNotFound, server + " has no such host; check the address"};
    case CURLE_COULDNT_CONNECT:
      return {Code::kExhausted, server + " cannot be reached: nobody listens there"};
    case CURLE_ABORTED_BY_CALLBACK:
      return {Code::kCancelled, "stopped"};
    case CURLE_WRITE_ERROR:
      if (exchange.too_much) return {Code::kCorrupt, server + Fmt(" sent more than %zu bytes", exchange.request.most_bytes)};
      break;
    default:
      break;
  }
  return {Code::kExhausted, server + " failed: " + (detail && *detail ? Printable(detail, 200) : curl_easy_strerror(code))};
}

}  // namespace

Result<HttpReply> Post(const HttpRequest& request, const std::atomic<bool>& stop) {
  static std::once_flag once;
  std::call_once(once, [] { curl_global_init(CURL_GLOBAL_DEFAULT); });
  const std::unique_ptr<CURL, decltype(&curl_easy_cleanup)> curl(curl_easy_init(), curl_easy_cleanup);
  if (!curl) return Error{Code::kExhausted, "libcurl cannot start"};
  curl_slist* list = nullptr;
  for (const std::string& header : request.headers) list = curl_slist_append(list, header.c_str());
  const std::unique_ptr<curl_slist, decltype(&curl_slist_free_all)> headers(list, curl_slist_free_all);
  Exchange exchange{request, stop};
  char detail[CURL_ERROR_SIZE] = "";
  CURL* const c = curl.get();
  curl_easy_setopt(c, CURLOPT_URL, request.url.c_str());
  curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(c, CURLOPT_HTTPHEADER, list);
  curl_easy_setopt(c, CURLOPT_POST, 1L);
  curl_easy_setopt(c, CURLOPT_POSTFIELDS, request.body.c_str());
  curl_easy_setopt(c, CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t(request.body.size()));
  curl_easy_setopt(c, CURLOPT_TIMEOUT_MS, long(request.timeout_s * 1000));
  curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT_MS, long(std::min(request.timeout_s, 15.0) * 1000));
  curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);  // threads
  curl_easy_setopt(c, CURLOPT_NOPROGRESS, 0L);
  curl_easy_setopt(c, CURLOPT_XFERINFOFUNCTION, OnProgress);
  curl_easy_setopt(c, CURLOPT_XFERINFODATA, &exchange);
  curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, OnBody);
  curl_easy_setopt(c, CURLOPT_WRITEDATA, &exchange);
  curl_easy_setopt(c, CURLOPT_HEADERFUNCTION, OnHeader);
  curl_easy_setopt(c, CURLOPT_HEADERDATA, &exchange);
  curl_easy_setopt(c, CURLOPT_ERRORBUFFER, detail);
  const CURLcode code = curl_easy_perform(c);
  if (code != CURLE_OK) {
    Error error = Explain(code, exchange, detail);
    curl_off_t sent = 0;
    curl_easy_getinfo(c, CURLINFO_SIZE_UPLOAD_T, &sent);
    if (sent == 0 || error.code == Code::kCancelled) return error;
    return HttpReply{.lost = std::move(error.what)};
  }
  curl_easy_getinfo(c, CURLINFO_RESPONSE_CODE, &exchange.reply.status);
  return std::move(exchange.reply);
}

std::optional<UrlParts> ReadUrl(const std::string& url) {
  const std::unique_ptr<CURLU, decltype(&curl_url_cleanup)> handle(curl_url(), curl_url_cleanup);
  if (curl_url_set(handle.get(), CURLUPART_URL, url.c_str(), 0) != CURLUE_OK) return {};
  UrlParts parts;
  for (const auto& [part, to] : {std::pair(CURLUPART_SCHEME, &parts.scheme), std::pair(CURLUPART_HOST, &parts.host)}) {
    char* text = nullptr;
    if (curl_url_get(handle.get(), part, &text, 0) != CURLUE_OK) return {};
    *to = text;
    curl_free(text);
  }
  if (parts.scheme != "http" && parts.scheme != "https") return {};
  parts.loopback = parts.host == "localhost" || parts.host == "[::1]" || parts.host.starts_with("127.");
  return parts;
}

}  // namespace hasten::solve
