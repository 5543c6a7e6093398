// The operations of SyGuS's string theory (SLIA): one row each, with its names,
// its types and its meaning.
//
// Values are 32-bit words: strings are ids of a StringPool, integers are
// themselves, booleans 0 or 1. An application that the theory leaves open or
// that other solvers define differently (an empty pattern), or an integer
// beyond 32 bits, has no value: the candidate is dropped, so that a printed
// program means the same to every reader. Source: SMT-LIB 2.6, theory of
// Unicode strings; SyGuS-IF 1 and 2 for the older names.
#pragma once

#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>

#include "solve/search/string_pool.h"

namespace hasten::solve {

enum class Sort : uint8_t { kString, kInt, kBool };

// A 32-bit word that holds a value of any sort.
using Word = uint32_t;

// What an application gave: a text where its sort is that of strings, a word otherwise. The text lies in the pool or here,
// until the next application.
struct Made {
  Made() = default;
  Made(const Made&) = delete;  // `text` may point into it
  Made& operator=(const Made&) = delete;

  Word word = 0;
  std::string_view text;

  bool Is(Word value) { return word = value, true; }
  bool Is(std::string_view value) { return text = value, true; }
  void Begin() { text = {room, 0}; }
  void Append(std::string_view more) {
    char* const end = room + text.size();
    std::memcpy(end, more.data(), more.size());
    text = {room, text.size() + more.size()};
  }

  // Results longer than this serve no example anyone wrote, and would let doubling concatenations eat the memory.
  static constexpr size_t kLongest = 4096;
  char room[kLongest];
};

struct SliaOp {
  std::string_view name;      // "str.from_int": SMT-LIB 2.6
  std::string_view old_name;  // "int.to.str": SyGuS-IF 1, or empty
  Sort result;
  uint8_t arity;
  Sort args[3];
  bool associative;  // may be written with more than `arity` arguments
  bool commutative;  // the order of two arguments does not matter
  // False where the application has no value.
  bool (*apply)(const StringPool& pool, const Word* args, Made* made);
  uint8_t cost;  // how late enumeration gets to it; the size of a program counts
                 // nodes, not costs
};

// Operations whose inverse the search knows; numbers of rows of SliaOps().
enum SliaId : uint8_t {
  kConcat,
  kReplace,
  kAt,
  kSubstr,
  kFromInt,
  kIteString,
  kLen,
  kToInt,
  kIndexOf,
  kAdd,
  kSub,
  kIteInt,
  kIteBool
};

std::span<const SliaOp> SliaOps();
// Applies the operation and makes its result a word of the pool.
bool Apply(const SliaOp& op, StringPool& pool, const Word* args, Made* made, Word* result);
// The row that `name` with these argument sorts means, or nullptr.
const SliaOp* FindSliaOp(std::string_view name, std::span<const Sort> args);

}  // namespace hasten::solve
