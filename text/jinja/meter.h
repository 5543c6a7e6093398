// What a template has used up, and where it has to stop: a template comes from a stranger's model file.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string>

#include "base/result.h"

namespace hasten::jinja {

// The defaults let a conversation of megabytes through in well under a second, and stop everything else within a few.
struct Limits {
  size_t steps = 20'000'000;              // evaluated nodes; long texts and lists count by their length
  size_t memory_bytes = size_t{1} << 28;  // texts and containers alive at once, the output included
  size_t depth = 1500;                    // expressions and statements inside of one another, macro calls counted through
};

// Trips once and stays tripped; the interpreter looks at every node, so that what allocates need not return errors.
class Meter {
 public:
  explicit Meter(const Limits& limits) : limits_(limits) {}
  Meter(const Meter&) = delete;
  Meter& operator=(const Meter&) = delete;

  void Step(size_t count = 1) {
    steps_ += count;
    if (steps_ > limits_.steps)
      Fail(Code::kExhausted, Fmt("the template takes more than %zu steps: it may loop for ever", limits_.steps));
  }
  // Work on `bytes` of text: copying and scanning run at some 64 bytes a step.
  void StepBytes(size_t bytes) { Step(bytes / 64); }
  void Take(size_t bytes) {
    bytes_ += bytes;
    if (bytes_ > limits_.memory_bytes) FailMemory();
  }
  void Give(size_t bytes) { bytes_ -= bytes; }
  // For what would be large: whether `count` times `each` bytes may be taken; trips where not.
  bool Affords(size_t count, size_t each = 1) {
    if (each == 0 || count <= (limits_.memory_bytes - std::min(bytes_, limits_.memory_bytes)) / each) return true;
    FailMemory();
    return false;
  }
  void Fail(Code code, std::string what) {
    if (!tripped_) error_ = {code, std::move(what)};
    tripped_ = true;
  }
  bool tripped() const { return tripped_; }
  const Error& error() const { return error_; }
  const Limits& limits() const { return limits_; }

 private:
  void FailMemory() {
    Fail(Code::kExhausted, Fmt("the template needs more than %zu MiB of memory", limits_.memory_bytes >> 20));
  }
  Limits limits_;
  size_t steps_ = 0, bytes_ = 0;
  bool tripped_ = false;
  Error error_{Code::kBug, {}};
};

}  // namespace hasten::jinja
