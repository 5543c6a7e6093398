// How near the values of a program are to the wanted ones: who is forgotten first when memory is full.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "solve/lang/slia.h"

namespace hasten::solve {

class Promise {
 public:
  // `outputs` are the wanted values of sort `sort`, one an example.
  Promise(const StringPool& pool, Sort sort, std::vector<Word> outputs);

  // From 0 to kWanted, which is for the wanted values alone. Strings: how much of them and of the wanted ones is a common
  // subsequence. Integers: near to those wanted, or places inside of the wanted strings. The rest is alike.
  uint8_t Of(Sort sort, const Word* values) const;
  static constexpr uint8_t kWanted = 255;

 private:
  static constexpr size_t kLooked = 4, kLetters = 64;  // examples that are looked at, bytes of a wanted string
  struct Wanted {
    size_t size = 0;
    std::array<uint64_t, 256> places{};  // of each byte, among the first kLetters
  };
  double NearString(const Wanted& wanted, std::string_view value) const;
  double NearInt(size_t example, int32_t value) const;

  const StringPool& pool_;
  const Sort sort_;
  const std::vector<Word> outputs_;
  std::vector<Wanted> wanted_;
};

}  // namespace hasten::solve
