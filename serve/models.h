// The models that one process serves: which names they answer to, which are loaded, and which has to go when another needs the
// memory. A model is loaded on first use, by a thread that does nothing else; the least recently used idle one goes first.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "serve/worker.h"

namespace hasten {

struct ModelsOptions {
  WorkerOptions worker;
  size_t threads = 1;        // of the team that computes
  size_t budget_bytes = 0;   // for all that is loaded; 0: no limit
  double idle_unload_s = 0;  // of those for whom nobody said how long to Keep them; 0: never
};

// A file and what it is called: "name=path" or a path, whose file name without ".gguf" is the name.
struct ModelSpec {
  std::string path;
  std::vector<std::string> names;  // the first is its id, the others are aliases
};
ModelSpec ParseModelSpec(const std::string& text);

class Models {
 public:
  // What is known of a model without loading it.
  struct Served {
    std::vector<std::string> names;
    Gguf file;
    std::string family;
    int64_t modified_s = 0;  // of the file, since 1970
    const std::string& id() const { return names[0]; }
  };
  using Then = std::function<void(Result<std::shared_ptr<Worker>>)>;

  // Opens and checks the files; loads none.
  static Result<std::unique_ptr<Models>> Open(const std::vector<ModelSpec>& specs, const ModelsOptions& options);
  ~Models();

  const std::vector<Served>& all() const { return served_; }
  // kNotFound lists what there is. Where one model is all there is, it answers to every name, and `exact` says false.
  Result<size_t> Find(const std::string& name, bool* exact = nullptr) const;
  // Calls `then` once with the loaded model, at once or from the loader's thread. Where a model waits for room until others are
  // done, whoever comes later waits behind it: they would be busy for ever.
  void Acquire(size_t index, Then then);
  // It is unloaded when nobody has asked it for so long; 0: as soon as it is idle; infinity: never. Holds until it is unloaded.
  void Keep(size_t index, double seconds);
  double KeptFor(size_t index) const;
  std::shared_ptr<Worker> Loaded(size_t index) const;     // nullptr where it is not
  void UnloadIdle();                                      // those unused for as long as they are kept
  bool Unload(size_t index);                              // false where it is busy
  void WithTeam(const std::function<void(Team&)>& work);  // on the team that computes, between two steps
  size_t Outstanding() const;                             // jobs of all models
  void Stop();                                            // cancels all jobs and ends all threads; Acquire fails from then on

 private:
  explicit Models(const ModelsOptions& options) : options_(options), team_(options.threads) {}
  void Load();
  Result<std::shared_ptr<Worker>> LoadOne(size_t index);
  Status MakeRoom(size_t bytes);

  const ModelsOptions options_;
  Team team_;
  Turn turn_;
  std::vector<Served> served_;
  mutable std::mutex mutex_;  // guards what follows
  std::condition_variable changed_;
  std::vector<std::shared_ptr<Worker>> loaded_;  // by index; nullptr: not loaded
  std::vector<std::optional<double>> keep_s_;    // by index
  std::deque<std::pair<size_t, Then>> wanted_;
  bool needs_room_ = false;  // the loader waits until somebody is idle
  bool stop_ = false;
  std::jthread loader_;
};

}  // namespace hasten
