// Which path leads to which dialect, who may ask, and what is counted and logged.
#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "serve/background.h"
#include "serve/call.h"
#include "serve/measured.h"
#include "serve/models.h"
#include "serve/response_store.h"

namespace hasten {

struct ServiceOptions {
  std::vector<std::string> api_keys;       // empty: anybody may ask
  std::vector<std::string> allowed_hosts;  // names in the Host header, beside addresses and localhost; "*": any
  std::string cors_origin;                 // "*" or an origin; empty: pages of other sites are refused
  bool log_requests = true, log_prompts = false;
  bool loopback = true;  // listens on this machine alone
  std::string run_log;   // of `hasten solve`, as --log has it
  bool show_page = true, show_runs = true;
};

class Service {
 public:
  Service(Models& models, ServiceOptions options);
  void Handle(const std::shared_ptr<const HttpRequest>& request, const std::shared_ptr<Reply>& reply);

  Models& models() { return models_; }
  Measured& measured() { return measured_; }
  Background& background() { return background_; }
  ResponseStore& responses() { return responses_; }
  const ServiceOptions& options() const { return options_; }
  void StopTaking() { stopping_ = true; }  // new work is refused with 503; what runs goes on
  bool stopping() const { return stopping_; }
  // Requests answered, by path and status.
  std::map<std::pair<std::string, int>, size_t> Counts() const;
  void Count(const std::string& route, int status);

 private:
  using Body = void (*)(const std::shared_ptr<Call>&);
  struct Route {
    const char* method;
    const char* path;  // may hold one '*'
    Dialect dialect;
    Body body;
  };
  static const std::vector<Route>& Routes();
  const Route* FindRoute(const std::string& method, const std::string& path, std::string& allowed) const;
  static std::string NothingAt(const std::string& path);
  bool MayAsk(const HttpRequest& request) const;
  bool TrustsHost(const HttpRequest& request) const;
  bool TrustsOrigin(const HttpRequest& request) const;

  Models& models_;
  Measured measured_;
  const ServiceOptions options_;
  ResponseStore responses_;
  std::atomic<bool> stopping_ = false;
  mutable std::mutex mutex_;
  std::map<std::pair<std::string, int>, size_t> counts_;
  Background background_;  // last: its work uses all of the above
};

// True where `given` is one of `keys`; takes the same time whatever they share.
bool IsKey(std::string_view given, const std::vector<std::string>& keys);

}  // namespace hasten
