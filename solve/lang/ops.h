// The operations of programs on tables, one row each: adding one is adding a
// row, its meaning, and its test.
#pragma once

#include <span>
#include <string_view>

#include "solve/lang/program.h"

namespace hasten::solve {

// `types` is one letter an argument and one for the result after ':', t text, n
// number, m moment, b boolean, x any; '*' repeats the last. Unless `lazy`, an
// argument that is none makes the result none, and arguments of other types do
// so too.
struct Op {
  std::string_view name;
  std::string_view types;
  Value (*run)(std::span<const Value> args);
  bool lazy;
};

std::span<const Op> Ops();
const Op* FindOp(std::string_view name);

}  // namespace hasten::solve
