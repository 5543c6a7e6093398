// One run of a candidate, from the message that asks for it to the report.
#pragma once

#include <sys/types.h>

#include "sandbox/warden/object.h"
#include "sandbox/warden/warden.h"

namespace hasten::sandbox {

// inbox.cc. Where the server receives jobs: memory that candidates may read and never write, so that a fork copies none of it.
class Inbox {
 public:
  bool Open();               // before the filter
  char* Room(size_t bytes);  // for the next message, over the last; nullptr: no memory
  std::string_view Message() const { return {read_, bytes_}; }

 private:
  static constexpr size_t kShared = size_t(1) << 20;  // longer ones are on the heap
  char* shared_ = nullptr;                            // the server's own, which no fork takes along
  const char* shared_read_ = nullptr;                 // the same pages
  WireBuffer heap_;
  const char* read_ = nullptr;
  size_t bytes_ = 0, used_ = 0;
};

// answers.cc
constexpr size_t kAnswersBytes = size_t(16) << 20;  // of addresses; memory is taken as answers are written
class Answers {
 public:
  bool Open();                                  // in the server, before the filter; the others do nothing without
  std::string_view Since(uint64_t told) const;  // what was added after the first `told` bytes
  void Wipe() const;

 private:
  friend class AnswerWriter;
  struct Area;
  static constexpr size_t kShownBytes = 65536;
  int fd_ = -1;
  Area* area_ = nullptr;   // the server's own, which no fork takes along
  Area* shown_ = nullptr;  // its beginning, for candidates
};

class AnswerWriter {  // in a candidate
 public:
  explicit AnswerWriter(const Answers& answers) : area_(answers.shown_) {}
  bool Add(AnswerKind kind, std::string_view value);  // false: no room

 private:
  bool Reach(uint64_t bytes);
  Answers::Area* area_;
  uint64_t reach_ = Answers::kShownBytes;  // bytes of it that are mapped
};

struct Space {
  uint64_t blocks = 0, files = 0;
};

// What the server holds between runs.
struct Server {
  uint32_t flags = 0;
  Folder work, tmp;  // tmp is not open where it is the user's own
  Space free;        // of the jail's own file system while no candidate runs
  int null = -1;
  int notify = -1;  // system calls that the filter stops are told here
  int self = -1;    // a pidfd of the server: the way back into its pid namespace
  uint64_t base_bytes = 0;
  Answers answers;
  Loaded loaded;
};

// The message of Ask::kRun; views into its bytes.
struct RunRequest {
  static constexpr uint32_t kMaxWords = 1024;
  uint32_t flags = 0;
  RunKind kind = RunKind::kExec;
  WireLimits limits{};
  std::string_view input, source, calls;
  WireReader argv{{}}, environment{{}};  // lists of C strings, their number first
  int channel = -1;
  bool Read(WireReader& r, int work);  // also writes the files
};

// The ends of a run's pipes that the server holds, and its process.
struct Spawned {
  pid_t pid = -1;
  int pidfd = -1, in = -1, out = -1, err = -1, status = -1;
  int out_writer = -1, err_writer = -1;  // kept: a pipe without a writer would wake the server before the end does
  int error = 0;                         // why there is no process
};

// spawn.cc. Returns twice for RunKind::kReturn: in the child `child` is true.
Spawned Spawn(const Server& server, const RunRequest& request, bool* child);

// native.cc, sql.cc: what a forked child does instead of executing a program.
[[noreturn]] void RunNative(const RunRequest& request, const Server& server);
[[noreturn]] void RunSql(std::string_view source);
void LoadSql();  // before the fork

// supervise.cc
void Supervise(const Server& server, const RunRequest& request, Spawned& run, WireBuffer& report);
void EndStragglers();  // without namespaces: whatever the candidate left running

}  // namespace hasten::sandbox
