// --schema, --grammar and --regex: what a text may be.
#pragma once

#include <CLI/CLI.hpp>
#include <memory>
#include <optional>
#include <string>

#include "engine/constraint/constraint.h"

namespace hasten {

struct ConstraintFlags {
  std::string schema, grammar, regex;
  void Declare(CLI::App& app);
  bool on() const { return !schema.empty() || !grammar.empty() || !regex.empty(); }
  // What the flags say, with files read; none where they say nothing.
  Result<std::optional<ConstraintPart>> Part() const;
  // Of what the flags say; null where they say nothing. `tokenizer` must outlive it.
  Result<std::shared_ptr<Constraint>> Compile(const Tokenizer& tokenizer) const;
};

}  // namespace hasten
