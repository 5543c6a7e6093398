// What a JSON Schema comes to: values as alternatives, each of which a stack machine can follow byte by byte.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "text/grammar/regex.h"

namespace hasten::grammar {

using ValueId = uint32_t;
inline constexpr ValueId kNoValue = UINT32_MAX;

// A string by its content, unescaped.
struct StringShape {
  ReId content = kAnyText;
  uint32_t least = 0, most = kNoLimit;  // characters; `least` beyond 0 only where `content` is kAnyText
};

struct Member {
  std::string name;
  ValueId value;
};

// Members that are not listed by name: those whose name is in `names`.
struct MemberClass {
  ReId names;
  ValueId value;
};

struct Implication {
  uint32_t member;                  // where this one is present,
  std::vector<uint32_t> requires_;  // so are these
};

struct ObjectShape {
  std::vector<Member> members;     // sorted by name, so that a prefix of names is a range; none may repeat
  std::vector<uint32_t> order;     // place of each in the order of the schema
  std::vector<uint32_t> required;  // ascending
  std::vector<MemberClass> classes;
  std::vector<Implication> implications;
  uint32_t least = 0, most = kNoLimit;  // members
  bool in_order = false;                // members come in `order`, classes behind them
};

// Items that must occur: `least` to `most` of them are `match`.
struct Contains {
  ValueId match;     // items of the array that match
  ValueId mismatch;  // items of the array that do not; where `most` is kNoLimit any item
  uint32_t least, most;
};

struct ArrayShape {
  std::vector<ValueId> first;  // of the leading items
  ValueId rest = kNoValue;     // of all others
  uint32_t least = 0, most = kNoLimit;
  bool contains = false;  // then `first` is empty and `rest` unused:
  Contains matched = {};
};

// A value is any one of these.
struct Value {
  ReId scalars = kNothing;  // numbers, true, false, null: as they are written
  std::vector<StringShape> strings;
  std::vector<ObjectShape> objects;
  std::vector<ArrayShape> arrays;
};

enum class Spaces : uint8_t {
  kFlexible,  // nothing, one blank, or one line end with indentation wherever JSON allows space
  kPython,    // one blank behind each comma and colon, as Python's json.dumps writes
};

struct JsonShapes {
  std::vector<Value> values;
  Spaces spaces = Spaces::kFlexible;
};

}  // namespace hasten::grammar
