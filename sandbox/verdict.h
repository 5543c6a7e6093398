// The words for how a run can end, and the limits it runs under.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace hasten::sandbox {

enum class Verdict : uint8_t {
  kAccepted,       // every check positively passed
  kWrong,          // it ran, and an answer, the output or the exit code is not what was wanted
  kCrashed,        // a signal, an uncaught exception, or an end before the checks were through
  kTimedOut,       // wall or processor time
  kOutOfMemory,    // memory, or space for its files
  kOutputTooLong,  // standard output and error together
  kForbidden,      // it asked the kernel for what the jail refuses; the message names the system call
};
std::string_view VerdictName(Verdict verdict);  // "accepted", "wrong", "crashed", "timed out", …

// For one candidate with all its checks, or one command; all its processes together where nothing else is said.
struct Limits {
  double wall_s = 5;
  double cpu_s = 5;
  size_t memory_bytes = size_t(256) << 20;
  size_t output_bytes = size_t(1) << 20;  // standard output and error that it may write
  size_t head_bytes = size_t(64) << 10;   // of each of the two, what is kept
  size_t file_bytes = size_t(64) << 20;   // what it may write below its folder and /tmp
  size_t processes = 32;                  // processes and threads at a time
};

}  // namespace hasten::sandbox
