// JSON Schema (drafts 4, 6, 7, 2019-09, 2020-12) to the shapes that a stack machine follows.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string_view>

#include "base/result.h"
#include "text/grammar/grammar.h"

namespace hasten {

enum class SchemaStyle : uint8_t {
  kAny,     // every text that is valid under the schema: members in any order, numbers however they are written
  kStrict,  // one sensible way to write each value: members in the schema's order and no others where some are listed, the
            // type that keywords imply, integers of at most 16 digits
};

struct SchemaOptions {
  SchemaStyle style = SchemaStyle::kStrict;
  grammar::Spaces spaces = grammar::Spaces::kPython;
  bool ignores_unique = false;  // reads over uniqueItems, as llama.cpp does, instead of refusing it
};

// Appends to `grammar`. kBadInput where it is no schema, kUnsupported where a keyword cannot be held; both begin with the
// path of the keyword in the schema. A schema that nothing satisfies is kBadInput.
Result<grammar::ValueId> CompileSchema(grammar::Grammar& grammar, std::string_view text, const SchemaOptions& options);

}  // namespace hasten
