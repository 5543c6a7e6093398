#include "serve/server.h"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <cstdio>
#include <future>
#include <mutex>
#include <utility>

#include "base/file.h"
#include "serve/listener.h"
#include "serve/service.h"

namespace hasten {

struct Server::Impl {
  ServerOptions options;
  std::unique_ptr<Models> models;
  std::unique_ptr<Service> service;
  std::unique_ptr<Listener> listener;
  std::mutex mutex;  // guards what follows
  std::condition_variable changed;
  enum class State : uint8_t { kRunning, kStopping, kStopped } state = State::kRunning;
  bool hurry = false;

  // Looks again and again whether all work has ended; a stop is no busy time.
  void Drain(double waited_s) {
    constexpr double kPoll = 0.02;
    bool hurried = false;
    {
      const std::lock_guard lock(mutex);
      hurried = hurry;
    }
    if (models->Outstanding() > 0 && waited_s < options.grace_s && !hurried)
      return listener->After(kPoll, [this, waited_s] { Drain(waited_s + kPoll); });
    // Off the listener's threads: answers of cancelled jobs still have to go out through them.
    std::thread([this] {
      models->Stop();
      listener->After(0.1, [this] {
        const std::lock_guard lock(mutex);
        state = State::kStopped;
        changed.notify_all();
      });
    }).detach();
  }
  static constexpr double kUnloadEvery = 0.5;  // seconds
  void UnloadIdle() {
    models->UnloadIdle();
    listener->After(kUnloadEvery, [this] { UnloadIdle(); });
  }
};

Server::Server(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

Server::~Server() {
  Stop();
  Wait();
  impl_->service->background().Stop();  // its answers go out through the listener
  impl_->listener.reset();
}

// A key a line; lines that are empty or begin with '#' are none.
static Result<std::vector<std::string>> ReadKeys(const std::string& path) {
  if (path.empty()) return std::vector<std::string>();
  TRY(const std::string text, ReadFile(path));
  std::vector<std::string> keys;
  for (size_t at = 0; at < text.size();) {
    const size_t end = std::min(text.find('\n', at), text.size());
    std::string line = text.substr(at, end - at);
    while (!line.empty() && (line.back() == '\r' || line.back() == ' ')) line.pop_back();
    if (!line.empty() && line[0] != '#') keys.push_back(std::move(line));
    at = end + 1;
  }
  if (keys.empty()) return Error{Code::kBadInput, "there is no key in '" + path + "': write one a line"};
  return keys;
}

static Result<std::vector<ModelSpec>> ReadSpecs(const ServerOptions& options) {
  std::vector<ModelSpec> specs;
  for (const std::string& text : options.models) specs.push_back(ParseModelSpec(text));
  for (const std::string& alias : options.aliases) {
    const size_t equals = alias.find('=');
    const std::string name = alias.substr(0, equals), of = equals == std::string::npos ? "" : alias.substr(equals + 1);
    const auto at = std::ranges::find_if(specs, [&](const ModelSpec& s) { return s.names[0] == of; });
    if (at == specs.end())
      return Error{Code::kBadInput, "--alias " + alias + ": give NAME=MODEL, where MODEL is the name of one that is served"};
    at->names.push_back(name);
  }
  return specs;
}

// What the flags say is wrong at the start, and not only when somebody asks.
static Status CheckConstraint(Worker& worker, const std::vector<ConstraintPart>& parts) {
  const auto compiled = Constraint::Compile(worker.vocab(), {.parts = parts});
  return compiled ? Status() : Status(compiled.error());
}

static bool IsLoopback(const std::string& host) { return host == "localhost" || host == "::1" || host.starts_with("127."); }

static void Tell(const std::string& what) { std::fprintf(stderr, "hasten: %s\n", what.c_str()); }

Result<std::unique_ptr<Server>> Server::Start(const ServerOptions& options) {
  auto impl = std::make_unique<Impl>();
  impl->options = options;
  TRY(auto keys, ReadKeys(options.api_key_file));
  TRY(const auto specs, ReadSpecs(options));
  TRY(impl->models, Models::Open(specs, {.worker = {.context = options.context,
                                                    .memory_bytes = options.memory_bytes,
                                                    .max_sequences = options.parallel,
                                                    .queue = options.queue,
                                                    .choose_threads = options.choose_threads,
                                                    .pack_cache = {.folder = options.pack_cache, .notice = Tell},
                                                    .kv_type = options.kv_type,
                                                    .most_drafted = options.most_drafted,
                                                    .ngram = options.ngram,
                                                    .weigh_guesses = options.weigh_guesses,
                                                    .draft = options.draft,
                                                    .cache_folder = options.cache_folder,
                                                    .cache_bytes = options.cache_bytes,
                                                    .otherwise = options.otherwise},
                                         .threads = options.threads,
                                         .budget_bytes = options.models_memory_bytes,
                                         .idle_unload_s = options.idle_unload_s}));
  std::promise<Status> first;
  impl->models->Acquire(
      0, [&](const Result<std::shared_ptr<Worker>>& got) { first.set_value(got ? Status() : Status(got.error())); });
  TRY_OK(first.get_future().get());
  if (!options.otherwise.empty()) TRY_OK(CheckConstraint(*impl->models->Loaded(0), options.otherwise));
  impl->service = std::make_unique<Service>(*impl->models, ServiceOptions{.api_keys = std::move(keys),
                                                                          .allowed_hosts = options.allowed_hosts,
                                                                          .cors_origin = options.cors_origin,
                                                                          .log_requests = options.log_requests,
                                                                          .log_prompts = options.log_prompts,
                                                                          .loopback = IsLoopback(options.host),
                                                                          .run_log = options.run_log,
                                                                          .show_page = options.show_page,
                                                                          .show_runs = options.show_runs});
  Service* const service = impl->service.get();
  TRY(impl->listener, Listener::Start(
                          {.host = options.host, .port = options.port, .max_body_bytes = options.max_body_bytes},
                          [service](const auto& request, const auto& reply) { service->Handle(request, reply); },
                          [](int status, const std::string& why) {
                            return ErrorResponse(Dialect::kOpenAi, {.status = status, .message = why});
                          }));
  impl->UnloadIdle();
  return std::unique_ptr<Server>(new Server(std::move(impl)));
}

uint16_t Server::port() const { return impl_->listener->port(); }

std::string Server::address() const {
  const std::string& host = impl_->options.host;
  return "http://" + (host.find(':') != std::string::npos ? "[" + host + "]" : host) + ":" + std::to_string(port());
}

bool Server::warns_of_open_door() const { return !IsLoopback(impl_->options.host) && impl_->options.api_key_file.empty(); }

void Server::StopOnSignals() {
  impl_->listener->OnSignals([this](int) { Stop(); });
}

void Server::Stop() {
  const std::lock_guard lock(impl_->mutex);
  if (impl_->state != Impl::State::kRunning) {
    impl_->hurry = true;
    return;
  }
  impl_->state = Impl::State::kStopping;
  impl_->service->StopTaking();
  impl_->listener->StopAccepting();
  impl_->listener->After(0, [impl = impl_.get()] { impl->Drain(0); });
}

void Server::Wait() {
  std::unique_lock lock(impl_->mutex);
  impl_->changed.wait(lock, [&] { return impl_->state == Impl::State::kStopped; });
}

}  // namespace hasten
