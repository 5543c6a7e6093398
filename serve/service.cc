#include "serve/service.h"

#include <algorithm>
#include <cstdio>
#include <ctime>
#include <utility>

#include "base/quote.h"
#include "serve/routes.h"
#include "text/json.h"

namespace hasten {

Service::Service(Models& models, ServiceOptions options) : models_(models), measured_(models), options_(std::move(options)) {}

const std::vector<Service::Route>& Service::Routes() {
  using enum Dialect;
  static const std::vector<Route> kRoutes = {
      {"GET", "/", kOpenAi, Page},
      {"GET", "/page/*", kOpenAi, Page},
      {"GET", "/hasten/live", kOpenAi, Live},
      {"POST", "/hasten/measure", kOpenAi, Measure},
      {"POST", "/hasten/schema", kOpenAi, CheckSchema},
      {"GET", "/hasten/runs", kOpenAi, Runs},
      {"GET", "/hasten/runs/*", kOpenAi, RunReport},
      {"GET", "/health", kOpenAi, Health},
      {"GET", "/v1/health", kOpenAi, Health},
      {"GET", "/v1/models", kOpenAi, ListModels},
      {"GET", "/v1/models/*", kOpenAi, ShowModel},
      {"POST", "/v1/completions", kOpenAi, Completions},
      {"POST", "/v1/chat/completions", kOpenAi, ChatCompletions},
      {"POST", "/v1/responses", kOpenAi, Responses},
      {"POST", "/v1/responses/*/cancel", kOpenAi, CancelResponse},
      {"GET", "/v1/responses/*/input_items", kOpenAi, ListResponseInput},
      {"GET", "/v1/responses/*", kOpenAi, ShowResponse},
      {"DELETE", "/v1/responses/*", kOpenAi, DeleteResponse},
      {"POST", "/v1/embeddings", kOpenAi, Embeddings},
      {"POST", "/v1/messages", kAnthropic, Messages},
      {"POST", "/v1/messages/count_tokens", kAnthropic, CountTokens},
      {"POST", "/api/chat", kOllama, OllamaChat},
      {"POST", "/api/generate", kOllama, OllamaGenerate},
      {"POST", "/api/embed", kOllama, OllamaEmbed},
      {"POST", "/api/embeddings", kOllama, OllamaEmbeddings},
      {"GET", "/api/tags", kOllama, OllamaTags},
      {"GET", "/api/ps", kOllama, OllamaPs},
      {"POST", "/api/show", kOllama, OllamaShow},
      {"GET", "/api/version", kOllama, OllamaVersion},
      {"POST", "/apply-template", kOpenAi, ApplyTemplate},
      {"POST", "/infill", kOpenAi, Infill},
      {"POST", "/completion", kOpenAi, NativeCompletion},
      {"POST", "/tokenize", kOpenAi, Tokenize},
      {"POST", "/detokenize", kOpenAi, Detokenize},
      {"GET", "/props", kOpenAi, Props},
      {"GET", "/slots", kOpenAi, Slots},
      {"GET", "/metrics", kOpenAi, Metrics},
  };
  return kRoutes;
}

// ------------------------------------------------------------------------------------------------------ who may ask

bool IsKey(std::string_view given, const std::vector<std::string>& keys) {
  unsigned found = 0;
  for (const std::string& key : keys) {
    // Every byte of `given` is looked at whatever came before; only its length shows in the time.
    unsigned differs = unsigned(given.size() ^ key.size()) != 0 ? 1 : 0;
    for (size_t i = 0; i < given.size(); ++i)
      differs |= unsigned(uint8_t(given[i]) ^ uint8_t(key.empty() ? 0 : key[i % key.size()]));
    found |= unsigned(differs == 0 && !key.empty());
  }
  return found != 0;
}

bool Service::MayAsk(const HttpRequest& request) const {
  if (options_.api_keys.empty()) return true;
  std::string_view given = request.Header("authorization");
  constexpr std::string_view kBearer = "bearer ";
  const auto same = [](char a, char b) { return (a >= 'A' && a <= 'Z' ? a + 32 : a) == b; };
  if (given.size() >= kBearer.size() &&
      std::equal(kBearer.begin(), kBearer.end(), given.begin(), [&](char b, char a) { return same(a, b); })) {
    given.remove_prefix(kBearer.size());
  } else {
    given = request.Header("x-api-key");
  }
  return IsKey(given, options_.api_keys);
}

// "localhost:8080" -> "localhost", "[::1]:80" -> "::1"
static std::string_view HostName(std::string_view host) {
  if (host.starts_with('[')) return host.substr(1, host.find(']') == std::string_view::npos ? 0 : host.find(']') - 1);
  return host.substr(0, host.find(':'));
}

static bool IsAddress(std::string_view name) {
  return name.find(':') != std::string_view::npos || name.find_first_not_of("0123456789.") == std::string_view::npos;
}

// A page of another site can make its own name mean 127.0.0.1 and talk to this server as to itself ("DNS rebinding"); its
// name then stands in the Host header.
bool Service::TrustsHost(const HttpRequest& request) const {
  const std::string_view name = HostName(request.Header("host"));
  if (!options_.loopback || !options_.api_keys.empty() || name.empty() || name == "localhost" || IsAddress(name)) return true;
  return name.ends_with(".localhost") || std::ranges::any_of(options_.allowed_hosts, [&](const std::string& allowed) {
           return allowed == "*" || allowed == name;
         });
}

// Browsers send where a page came from. Programs do not, and are not asked.
bool Service::TrustsOrigin(const HttpRequest& request) const {
  const std::string_view origin = request.Header("origin");
  if (origin.empty() || options_.cors_origin == "*" || options_.cors_origin == origin) return true;
  const size_t scheme = origin.find("://");
  return scheme != std::string_view::npos && origin.substr(scheme + 3) == request.Header("host");
}

// ------------------------------------------------------------------------------------------------------ log and counts

namespace {

// Notes how a request ended.
class WatchedReply final : public Reply {
 public:
  WatchedReply(std::shared_ptr<Reply> reply, Service& service, const char* route, std::shared_ptr<const HttpRequest> request)
      : reply_(std::move(reply)), service_(service), route_(route), request_(std::move(request)) {}
  ~WatchedReply() override { Note(); }
  void Send(HttpResponse response) override {
    status_ = response.status;
    AddCors(response);
    reply_->Send(std::move(response));
    Note();
  }
  void Begin(HttpResponse head) override {
    status_ = head.status;
    AddCors(head);
    reply_->Begin(std::move(head));
  }
  void Write(std::string bytes) override { reply_->Write(std::move(bytes)); }
  void End() override {
    reply_->End();
    Note();
  }
  void Post(std::function<void()> work) override { reply_->Post(std::move(work)); }
  void OnGone(std::function<void()> work) override { reply_->OnGone(std::move(work)); }
  void Warn(std::string_view text) override { reply_->Warn(text); }

 private:
  void AddCors(HttpResponse& response) const {
    if (!service_.options().cors_origin.empty())
      response.headers.emplace_back("Access-Control-Allow-Origin", service_.options().cors_origin);
  }
  void Note() {
    if (noted_.exchange(true)) return;
    const int status = status_ == 0 ? 499 : status_.load();  // 499: the client left first, as nginx logs it
    service_.Count(route_, status);
    if (!service_.options().log_requests) return;
    const double ms = std::chrono::duration<double, std::milli>(JobClock::now() - started_).count();
    char when[32] = "";
    const std::time_t now = std::time(nullptr);
    std::tm utc{};
    std::strftime(when, sizeof when, "%FT%TZ", gmtime_r(&now, &utc));
    std::fprintf(stderr, "%s %s %s %d %.1f ms\n", when, Printable(request_->method, 10).c_str(),
                 Printable(request_->path, 80).c_str(), status, ms);
    if (service_.options().log_prompts) std::fprintf(stderr, "  %s\n", Printable(request_->body, 4000).c_str());
  }

  const std::shared_ptr<Reply> reply_;
  Service& service_;
  const char* const route_;
  const std::shared_ptr<const HttpRequest> request_;
  const JobClock::time_point started_ = JobClock::now();
  std::atomic<int> status_ = 0;
  std::atomic<bool> noted_ = false;
};

}  // namespace

void Service::Count(const std::string& route, int status) {
  const std::lock_guard lock(mutex_);
  ++counts_[{route, status}];
}

std::map<std::pair<std::string, int>, size_t> Service::Counts() const {
  const std::lock_guard lock(mutex_);
  return counts_;
}

// ------------------------------------------------------------------------------------------------------ the way of a request

// A '*' stands for any text that is not empty; `tail` is what it stood for.
static bool Matches(std::string_view pattern, std::string_view path, std::string* tail) {
  const size_t star = pattern.find('*');
  if (star == std::string_view::npos) return pattern == path;
  const std::string_view before = pattern.substr(0, star), after = pattern.substr(star + 1);
  if (path.size() < pattern.size() || !path.starts_with(before) || !path.ends_with(after)) return false;
  if (tail) *tail = path.substr(star, path.size() - before.size() - after.size());
  return true;
}

const Service::Route* Service::FindRoute(const std::string& method, const std::string& path, std::string& allowed) const {
  for (const Route& route : Routes()) {
    if (!Matches(route.path, path, nullptr)) continue;
    if (method == route.method || (method == "HEAD" && std::string_view(route.method) == "GET")) return &route;
    allowed += (allowed.empty() ? "" : ", ") + std::string(route.method);
  }
  return nullptr;
}

// "/v1//models" is what comes of an address that ends with a slash.
static std::string WithSingleSlashes(std::string path) {
  const auto rest = std::ranges::unique(path, [](char a, char b) { return a == '/' && b == '/'; });
  path.erase(rest.begin(), rest.end());
  return path;
}

// Programs that cut texts after so many UTF-16 units leave halves of characters behind, in histories that are sent again and
// again. The half is told as U+FFFD, as JavaScript's own encoder has it.
static Result<Json> ParseBody(const std::string& body) {
  if (body.empty()) return Json::object();
  auto parsed = ParseJson(body);
  if (parsed) return parsed;
  const std::string mended = MendSurrogates(body);
  return mended == body ? std::move(parsed) : ParseJson(mended);
}

static Dialect DialectOf(std::string_view path) {
  if (path.starts_with("/v1/messages")) return Dialect::kAnthropic;
  return path.starts_with("/api/") ? Dialect::kOllama : Dialect::kOpenAi;
}

std::string Service::NothingAt(const std::string& path) {
  for (const char* const action : {"/api/pull", "/api/push", "/api/create", "/api/copy", "/api/delete"})
    if (path == action)
      return path + ": models are the files that the server was started with; it fetches, makes and deletes none";
  // People give a client the address with "/v1" where it adds one, or without where it does not.
  const std::string nothing = "there is nothing at " + Printable(path, 100);
  for (const std::string& close : {"/v1" + path, path.starts_with("/v1/") ? path.substr(3) : path,
                                   path.ends_with('/') ? path.substr(0, path.size() - 1) : path}) {
    if (std::ranges::any_of(Routes(), [&](const Route& route) { return Matches(route.path, close, nullptr); }))
      return nothing + "; there is " + Printable(close, 100);
  }
  return nothing;
}

void Service::Handle(const std::shared_ptr<const HttpRequest>& request, const std::shared_ptr<Reply>& reply) {
  std::string allowed;
  const std::string path = WithSingleSlashes(request->path);
  const Route* route = FindRoute(request->method, path, allowed);
  const Dialect dialect = route ? route->dialect : DialectOf(path);
  const auto watched = std::make_shared<WatchedReply>(reply, *this, route ? route->path : "other", request);
  const auto call = std::make_shared<Call>(*this, request, watched, dialect);
  if (!TrustsHost(*request)) {
    return call->Refuse({.status = 403, .message = "this server does not answer to that host name; --allow-host NAME lets it"});
  }
  if (!TrustsOrigin(*request)) {
    return call->Refuse({.status = 403, .message = "pages of other sites may not ask this server; --cors ORIGIN lets them"});
  }
  if (request->method == "OPTIONS" && !options_.cors_origin.empty()) {
    return watched->Send({.status = 204,
                          .content_type = "",
                          .headers = {{"Access-Control-Allow-Methods", "GET, POST, DELETE"},
                                      {"Access-Control-Allow-Headers", "*, Authorization"},
                                      {"Access-Control-Max-Age", "86400"}}});
  }
  const bool open = route && (route->body == Health || route->body == Page);
  if (!open && !MayAsk(*request))
    return call->Refuse({.status = 401, .message = "an API key is needed: Authorization: Bearer KEY, or X-Api-Key: KEY"});
  if (!route && !allowed.empty()) {
    HttpResponse response = ErrorResponse(dialect, {.status = 405, .message = "this path takes " + allowed});
    response.headers.emplace_back("Allow", allowed);
    return watched->Send(std::move(response));
  }
  if (!route) return call->Refuse({.status = 404, .message = NothingAt(path)});
  Matches(route->path, path, &call->tail);
  if (request->method == "POST") {
    if (stopping_) return call->Refuse({.status = 503, .message = "the server is stopping", .retry_after_s = 5});
    const std::string_view encoding = request->Header("content-encoding");
    if (!encoding.empty() && encoding != "identity")
      return call->Refuse(
          {.status = 415,
           .message = "the body's Content-Encoding is " + Printable(encoding, 40) + ": send it as it is, without"});
    auto body = ParseBody(request->body);
    if (!body) return call->Refuse({.status = 400, .message = "the request's body is " + body.error().what});
    call->body = *std::move(body);
    if (!call->body.is_object()) {
      return call->Refuse(
          {.status = 400, .message = std::string("the request's body has to be an object and is ") + call->body.type_name()});
    }
  }
  route->body(call);
}

}  // namespace hasten
