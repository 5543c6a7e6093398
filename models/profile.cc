#include "models/profile.h"

#include "models/products.h"

namespace hasten {

ProfileLine& Profile::LineOf(std::string_view verb, size_t outputs, size_t inputs) {
  for (ProfileLine& line : lines_)
    if (line.verb == verb && line.outputs == outputs && line.inputs == inputs) return line;
  return lines_.emplace_back(ProfileLine{.verb = verb, .outputs = outputs, .inputs = inputs});
}

void ProfileScope::Product(const Linear& w, size_t rows) {
  outputs_ = w.rows();
  inputs_ = w.cols();
  int8_ = WantsInt8(w);
  for (const PackedMatrix& part : w.parts) {
    bytes_ += double(part.bytes());  // once, also where lanes each read them: the second finds them in cache
    Work(0, double(rows) * double(part.rows() * part.cols()));
  }
}

void ProfileScope::Add() {
  const double seconds = std::chrono::duration<double>(Clock::now() - start_).count();
  ProfileLine& line = profile_->LineOf(verb_, outputs_, inputs_);
  line.int8 = int8_;
  line.int16 = int16_;
  ++line.calls;
  line.seconds += seconds;
  line.bytes += bytes_;
  line.multiply_adds += multiply_adds_;
}

}  // namespace hasten
