#include "serve/models.h"

#include <algorithm>
#include <filesystem>
#include <limits>
#include <utility>

namespace hasten {

ModelSpec ParseModelSpec(const std::string& text) {
  std::error_code ignored;
  const size_t equals = std::filesystem::exists(text, ignored) ? std::string::npos : text.find('=');
  ModelSpec spec;
  spec.path = equals == std::string::npos ? text : text.substr(equals + 1);
  const std::filesystem::path file(spec.path);
  spec.names.push_back(equals != std::string::npos   ? text.substr(0, equals)
                       : file.extension() == ".gguf" ? file.stem().string()
                                                     : file.filename().string());
  return spec;
}

static int64_t ModifiedSeconds(const std::string& path) {
  std::error_code error;
  const auto time = std::filesystem::last_write_time(path, error);
  if (error) return 0;
  const auto system = std::chrono::file_clock::to_sys(time);
  return std::chrono::duration_cast<std::chrono::seconds>(system.time_since_epoch()).count();
}

Result<std::unique_ptr<Models>> Models::Open(const std::vector<ModelSpec>& specs, const ModelsOptions& options) {
  std::unique_ptr<Models> models(new Models(options));
  for (const ModelSpec& spec : specs) {
    TRY(Gguf file, Gguf::Open(spec.path));
    TRY(const std::string_view family, file.GetString("general.architecture"));
    TRY_OK(CheckFamily(family));
    for (const std::string& name : spec.names) {
      for (const Served& other : models->served_) {
        if (std::ranges::find(other.names, name) == other.names.end()) continue;
        return Error{Code::kBadInput, Fmt("two models are called '%s': give one another name, NAME=FILE", name.c_str())};
      }
    }
    models->served_.push_back({.names = spec.names,
                               .file = std::move(file),
                               .family = std::string(family),
                               .modified_s = ModifiedSeconds(spec.path)});
  }
  models->loaded_.resize(specs.size());
  models->keep_s_.resize(specs.size());
  models->loader_ = std::jthread([m = models.get()] { m->Load(); });
  return models;
}

Models::~Models() { Stop(); }

Result<size_t> Models::Find(const std::string& name, bool* exact) const {
  std::string known;
  if (exact) *exact = true;
  for (size_t i = 0; i < served_.size(); ++i) {
    for (const std::string& n : served_[i].names) {
      if (n == name || n + ":latest" == name) return i;  // Ollama's clients add a tag
      known += (known.empty() ? "" : ", ") + n;
    }
  }
  if (exact) *exact = name.empty();
  if (served_.size() == 1) return 0;
  if (name.empty()) return Error{Code::kBadInput, "model is missing; there are " + known};
  return Error{Code::kNotFound, Fmt("no model is called '%s'; there are %s", name.substr(0, 100).c_str(), known.c_str())};
}

std::shared_ptr<Worker> Models::Loaded(size_t index) const {
  const std::lock_guard lock(mutex_);
  return loaded_[index];
}

void Models::Acquire(size_t index, Then then) {
  std::unique_lock lock(mutex_);
  if (stop_) {
    lock.unlock();
    return then(Error{Code::kCancelled, "the server is stopping"});
  }
  if (std::shared_ptr<Worker> worker = loaded_[index]; worker && !needs_room_) {
    lock.unlock();
    return then(std::move(worker));
  }
  if (wanted_.size() >= std::max<size_t>(options_.worker.queue, 1)) {
    lock.unlock();
    return then(Error{Code::kExhausted, Fmt("%zu requests wait until a model is loaded", options_.worker.queue)});
  }
  wanted_.emplace_back(index, std::move(then));
  changed_.notify_one();
}

void Models::Load() {
  for (;;) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return stop_ || !wanted_.empty(); });
    if (wanted_.empty()) return;
    auto [index, then] = std::move(wanted_.front());
    wanted_.pop_front();
    std::shared_ptr<Worker> worker = loaded_[index];
    const bool stop = stop_;
    lock.unlock();
    if (stop) {
      then(Error{Code::kCancelled, "the server is stopping"});
    } else if (worker) {
      then(std::move(worker));
    } else {
      then(LoadOne(index));
    }
  }
}

// Idle models go, the least recently used first, until `bytes` more fit the budget. Where all are busy it waits.
Status Models::MakeRoom(size_t bytes) {
  constexpr auto kPoll = std::chrono::milliseconds(10);
  if (options_.budget_bytes == 0) return {};
  if (bytes > options_.budget_bytes) {
    return Error{Code::kBadInput,
                 Fmt("the model needs about %zu MiB, and the budget is %zu MiB", bytes >> 20, options_.budget_bytes >> 20)};
  }
  for (;;) {
    std::shared_ptr<Worker> oldest;
    {
      std::unique_lock lock(mutex_);
      needs_room_ = false;
      size_t taken = 0, found = loaded_.size();
      for (size_t i = 0; i < loaded_.size(); ++i) {
        if (!loaded_[i]) continue;
        taken += loaded_[i]->bytes();
        const bool idle = loaded_[i].use_count() == 1 && loaded_[i]->outstanding() == 0;
        if (idle && (found == loaded_.size() || loaded_[i]->last_used() < loaded_[found]->last_used())) found = i;
      }
      if (taken + bytes <= options_.budget_bytes) return {};
      if (stop_) return Error{Code::kCancelled, "the server is stopping"};
      if (found == loaded_.size()) {
        needs_room_ = true;
        changed_.wait_for(lock, kPoll, [&] { return stop_; });
        continue;
      }
      oldest.swap(loaded_[found]);
      keep_s_[found].reset();
    }
    oldest.reset();  // without the lock: its thread ends first
  }
}

Result<std::shared_ptr<Worker>> Models::LoadOne(size_t index) {
  WorkerOptions worker = options_.worker;
  const size_t weights = served_[index].file.file_bytes();
  if (options_.budget_bytes > 0 && worker.memory_bytes == 0) {
    // Where nothing is said: half of what the weights leave.
    worker.memory_bytes = std::max<size_t>((options_.budget_bytes - std::min(weights, options_.budget_bytes)) / 2, 1);
  }
  TRY_OK(MakeRoom(weights + worker.memory_bytes));
  TRY(auto made, Worker::Load(served_[index].file, team_, turn_, worker));
  std::shared_ptr<Worker> shared = std::move(made);
  const std::lock_guard lock(mutex_);
  loaded_[index] = shared;
  return shared;
}

bool Models::Unload(size_t index) {
  std::shared_ptr<Worker> worker;  // goes after the lock: its thread ends first
  const std::lock_guard lock(mutex_);
  if (!loaded_[index]) {
    keep_s_[index].reset();
    return true;
  }
  if (loaded_[index].use_count() != 1 || loaded_[index]->outstanding() > 0) return false;
  worker.swap(loaded_[index]);
  keep_s_[index].reset();
  return true;
}

void Models::Keep(size_t index, double seconds) {
  const std::lock_guard lock(mutex_);
  keep_s_[index] = seconds;
}

double Models::KeptFor(size_t index) const {
  const std::lock_guard lock(mutex_);
  const double otherwise = options_.idle_unload_s > 0 ? options_.idle_unload_s : std::numeric_limits<double>::infinity();
  return keep_s_[index].value_or(otherwise);
}

void Models::UnloadIdle() {
  for (size_t i = 0; i < served_.size(); ++i) {
    auto worker = Loaded(i);
    if (!worker) continue;
    const double idle = std::chrono::duration<double>(JobClock::now() - worker->last_used()).count();
    worker.reset();  // Unload asks that nobody else holds it
    if (idle >= KeptFor(i)) Unload(i);
  }
}

void Models::WithTeam(const std::function<void(Team&)>& work) {
  turn_.Take();
  work(team_);
  turn_.Give();
}

size_t Models::Outstanding() const {
  const std::lock_guard lock(mutex_);
  size_t jobs = wanted_.size();
  for (const auto& worker : loaded_)
    if (worker) jobs += worker->outstanding();
  return jobs;
}

void Models::Stop() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  changed_.notify_one();
  if (loader_.joinable()) loader_.join();
  std::vector<std::shared_ptr<Worker>> workers;
  {
    const std::lock_guard lock(mutex_);
    workers = loaded_;
  }
  for (const auto& worker : workers)
    if (worker) worker->Stop();
}

}  // namespace hasten
