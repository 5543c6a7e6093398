// `hasten serve`: models behind one port, from start to a graceful stop.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "engine/constraint/constraint.h"
#include "engine/memory_plan.h"

namespace hasten {

struct ServerOptions {
  std::vector<std::string> models = {};   // "FILE" or "NAME=FILE"; the first is loaded at once
  std::vector<std::string> aliases = {};  // "NAME=MODEL"
  std::string host = "127.0.0.1";
  uint16_t port = 8080;         // 0: any free one
  size_t threads = 1;           // that compute
  bool choose_threads = false;  // as many of them as steps turn out to be worth; else all
  size_t context = 0, memory_bytes = 0, models_memory_bytes = 0;
  std::string pack_cache = {};  // the folder where packed weights are kept; empty: nowhere
  KvType kv_type = EngineOptions().kv_type;
  size_t parallel = 16;         // texts at once for each model
  size_t queue = HASTEN_QUEUE;  // requests that may wait for each model
  size_t most_drafted = 16;     // speculation (docs/speculation.md): tokens guessed for a text in a step; 0: none
  bool ngram = true;
  bool weigh_guesses = true;      // only those that promise more than they cost
  std::string draft = {};         // a smaller model's file
  std::string cache_folder = {};  // keeps prefixes on disk (docs/serve.md); empty: in memory alone
  size_t cache_bytes = size_t{8} << 30;
  std::vector<ConstraintPart> otherwise = {};  // what texts have to be where a request says nothing of it; empty: any text
  size_t max_body_bytes = 32 << 20;
  double idle_unload_s = 0, grace_s = 30;
  std::string api_key_file = {}, cors_origin = {};
  std::vector<std::string> allowed_hosts = {};
  bool log_requests = true, log_prompts = false;
  std::string run_log = {};  // whose runs the page shows; empty: where `hasten solve` writes by itself
  bool show_page = true, show_runs = true;
};

class Server {
 public:
  // Loads the first model and listens. Errors say which flag to change.
  static Result<std::unique_ptr<Server>> Start(const ServerOptions& options);
  ~Server();

  uint16_t port() const;
  std::string address() const;      // "http://127.0.0.1:8080"
  bool warns_of_open_door() const;  // others can reach it, and no key is asked for

  void StopOnSignals();  // the first SIGINT or SIGTERM stops gracefully, the second at once
  // Takes nothing new, lets what runs finish for `grace_s` at most, then tells the rest that it stops.
  void Stop();
  void Wait();  // until a stop is complete

 private:
  struct Impl;
  explicit Server(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace hasten
