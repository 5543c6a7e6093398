// Where the time of forward passes goes, operation by operation: for `hasten bench --profile`. Off, an operation pays for one
// look at a pointer; on, for two looks at the clock.
#pragma once

#include <chrono>
#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

#include "models/ops.h"

namespace hasten {

// One kind of operation: a verb, and for weight products the shape [outputs, inputs].
struct ProfileLine {
  std::string_view verb;
  size_t outputs = 0, inputs = 0;
  bool int8 = false;   // multiplies int8 activations
  bool int16 = false;  // or attends to keys and values in fixed point
  size_t calls = 0;
  double seconds = 0;
  double bytes = 0, multiply_adds = 0;  // of weights, keys and values; 0 where the verb does not tell
};

class Profile {
 public:
  ProfileLine& LineOf(std::string_view verb, size_t outputs = 0, size_t inputs = 0);
  std::span<const ProfileLine> lines() const { return lines_; }
  size_t alone = 1;  // lanes that each run rows of their own, alike, of which one is watched

 private:
  std::vector<ProfileLine> lines_;
};

// Lives while a verb works; lane 0 holds the watch. Verbs end with the lanes met, so its time is theirs.
class ProfileScope {
 public:
  ProfileScope(const Exec& e, std::string_view verb) : profile_(e.lane.index() == 0 ? e.profile : nullptr), verb_(verb) {
    if (profile_) start_ = Clock::now();
  }
  ProfileScope(const Exec& e, std::string_view verb, const Linear& w, size_t rows) : ProfileScope(e, verb) {
    if (profile_) Product(w, rows);
  }
  ProfileScope(const ProfileScope&) = delete;
  ~ProfileScope() {
    if (profile_) Add();
  }
  explicit operator bool() const { return profile_ != nullptr; }
  void InFixedPoint() { int16_ = true; }
  void Work(double bytes, double multiply_adds) {
    bytes_ += double(profile_->alone) * bytes, multiply_adds_ += double(profile_->alone) * multiply_adds;
  }
  void Product(const Linear& w, size_t rows);  // the shape, and what a product with so many rows reads and multiplies

 private:
  using Clock = std::chrono::steady_clock;
  void Add();
  Profile* const profile_;
  std::string_view verb_;
  size_t outputs_ = 0, inputs_ = 0;
  bool int8_ = false, int16_ = false;
  double bytes_ = 0, multiply_adds_ = 0;
  Clock::time_point start_;
};

}  // namespace hasten
