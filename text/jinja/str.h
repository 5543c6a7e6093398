// Text shared by reference, never changed: strings of templates are copied far more often than made.
#pragma once

#include <atomic>
#include <string>
#include <string_view>
#include <utility>

#include "text/jinja/meter.h"

namespace hasten::jinja {

// Valid UTF-8. Counts with atomics: the constants of one template are used by many renderings at once.
class Str {
 public:
  Str() = default;
  // Counted by `meter`, which must outlive it; nullptr for a template's own constants.
  Str(std::string text, Meter* meter) : rep_(new Rep{std::move(text), meter, 1}) {
    if (meter) meter->Take(Bytes());
  }
  Str(const Str& other) : rep_(other.rep_) {
    if (rep_) rep_->uses.fetch_add(1, std::memory_order_relaxed);
  }
  Str(Str&& other) noexcept : rep_(std::exchange(other.rep_, nullptr)) {}
  Str& operator=(Str other) noexcept {
    std::swap(rep_, other.rep_);
    return *this;
  }
  ~Str() {
    if (!rep_ || rep_->uses.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
    if (rep_->meter) rep_->meter->Give(Bytes());
    delete rep_;
  }
  std::string_view view() const { return rep_ ? std::string_view(rep_->text) : std::string_view(); }
  bool Same(const Str& other) const { return rep_ == other.rep_; }

 private:
  struct Rep {
    std::string text;
    Meter* meter;
    std::atomic<size_t> uses;
  };
  size_t Bytes() const { return sizeof(Rep) + rep_->text.capacity(); }
  Rep* rep_ = nullptr;
};

}  // namespace hasten::jinja
