// One grammar over bytes, whatever it was written as: symbols whose bodies are expressions that may name other symbols, and
// JSON values with the objects and arrays in them (json_shapes.h). engine/constraint/ runs it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "text/grammar/json_shapes.h"
#include "text/grammar/regex.h"

namespace hasten::grammar {

struct Symbol {
  std::string name;
  ReId body = kNothing;
  ValueId value = kNoValue;  // where set, a JSON value instead of a body
  bool nullable = false;     // derives the empty text
};

struct Grammar {
  RegexPool pool;
  std::vector<Symbol> symbols;
  JsonShapes json;
  ReId start = kNothing;
};

// Fills in which symbols derive the empty text. kBadInput where a symbol can only begin with itself (left recursion), which
// a stack cannot follow, or where none of its texts ever ends.
Status CheckGrammar(Grammar& grammar);

}  // namespace hasten::grammar
