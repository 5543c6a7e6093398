// The warden: a small program that the library starts, which makes the jail and is the first process inside of it. It (or an
// interpreter that it becomes, with this code loaded into it) forks the candidates, watches and ends them, and reports.
//
// Built apart from the library, of C++ without its run-time library: it lives in a bare file system, inside of foreign
// interpreters, and its forks must be cheap. Nothing here trusts a candidate; a candidate never runs this code's loop.
#pragma once

#include <cstdint>
#include <string_view>

#include "sandbox/warden/raw.h"
#include "sandbox/wire.h"

namespace hasten::sandbox {

// Descriptors that are the same in every warden.
constexpr int kControlFd = 3;  // the socket to the library; in a candidate, its channel
constexpr int kStartFd = 4;    // the start message, until it was read
constexpr int kProcFd = 5;     // a /proc of the whole jail that only the warden sees, or no folder
constexpr int kFirstFreeFd = 6;

constexpr uint32_t kCandidateUser = 1000;  // as seen inside
constexpr uint32_t kNobody = 65534;        // outside, where the caller is root

[[noreturn]] inline void Leave(int code) {
  for (;;) Raw(SYS_exit_group, code);
}

uint64_t NowUs();

// messages.cc
bool SendAll(int fd, const void* data, size_t bytes);
bool Send(int fd, Tell type, const WireBuffer& body);
[[noreturn]] void Fail(int fd, const char* what, int error);  // "what: strerror", then ends
// The head of a message, whose body follows; `channel` gets a descriptor that came along, or -1. False: the library is gone.
bool ReceiveHead(int fd, WireHeader* head, int* channel);
bool ReceiveAll(int fd, void* to, size_t bytes);
// Appends a file's or pipe's bytes; false on an error.
bool ReadAll(int fd, WireBuffer& to);

// root.cc: the file system of the jail. Reads the lists of binds, links and files from the start message.
void BuildRoot(WireReader& start, uint64_t file_bytes);

// folders.cc: the candidate's files.
bool WriteFile(int folder, std::string_view path, std::string_view bytes, uint32_t mode);
void Collect(int folder, uint64_t limit, WireBuffer& files, uint32_t* count, WireBuffer& refused, uint32_t* refused_count);
class Folder {  // that a candidate may write to
 public:
  bool Open(const char* path, bool own);  // own: of a file system of the jail's
  void Wipe() const;                      // all that is below
  int fd() const { return fd_; }

 private:
  bool IsUntouched() const;
  void ResetTimes() const;
  int fd_ = -1;
  int64_t empty_bytes_ = -1;  // its own size, where it is known to be empty by that
};

// confine.cc: in the child, before it runs anything of the candidate.
struct Confinement {
  const WireLimits* limits;
  int in, out, err, channel;  // become 0 to 3; channel may be -1
  int keep;                   // one more descriptor to keep, as 4, or -1
  uint64_t base_bytes;        // memory that the server itself holds: a fork begins with it
};
void Confine(const Confinement& c);
void LimitServer();  // in the server: what is the same for every candidate, and inherited

// usage.cc: what all processes of the candidate use together.
struct Usage {
  uint64_t memory = 0, cpu_us = 0;
};
Usage MeasureUsage(bool forked_server);
uint64_t OwnDataBytes();

// serve.cc. Returns in the child only, confined, when the run is kReturn; the server itself never returns.
void Serve();

// One process serves one jail, so its start flags are a global.
struct ServerState {
  uint32_t flags;
};
extern ServerState g_state;

}  // namespace hasten::sandbox
