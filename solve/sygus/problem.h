// A SyGuS file by examples: a function to find, the grammar it must be written
// in, what it must return.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "solve/search/grammar.h"
#include "solve/search/string_pool.h"

namespace hasten::solve {

struct Example {
  std::vector<Word> inputs;
  Word output;
  size_t line;
};

struct SygusProblem {
  struct Param {
    std::string name, sort;  // the sort as the file writes it
    Sort kind;
  };
  std::string function, sort;
  std::vector<Param> params;
  Grammar grammar;
  std::vector<Example> examples;  // in the file's order, duplicates included
  StringPool pool;                // holds the examples' and the grammar's strings

  // Two lines of the file that ask different outputs of the same input: then no
  // function can serve.
  struct Contradiction {
    size_t line, other_line;
  };
  std::optional<Contradiction> contradiction;
};

// Reads SyGuS-IF 1 and 2. kUnsupported: not strings, integers and booleans, or
// a constraint that is not an example.
Result<SygusProblem> ParseSygus(std::string_view text);

}  // namespace hasten::solve
