#include "text/schema/schema.h"

#include "text/json.h"
#include "text/schema/compiler.h"

namespace hasten {

// Deeper schemas than this exist nowhere but in attacks.
static constexpr size_t kDeepestSchema = 200, kLongestSchema = 8 << 20;

Result<grammar::ValueId> CompileSchema(grammar::Grammar& grammar, std::string_view text, const SchemaOptions& options) {
  if (text.size() > kLongestSchema)
    return Error{Code::kBadInput, Fmt("a schema of %zu bytes; at most %zu are read", text.size(), kLongestSchema)};
  auto json = ParseJson(text, kDeepestSchema);
  if (!json) return Error{Code::kBadInput, "the schema is " + json.error().what};
  TRY(schema::Document document, schema::Document::Create(*std::move(json)));
  grammar.json.spaces = options.spaces;
  return schema::Compiler(grammar, std::move(document), options).Compile();
}

}  // namespace hasten
