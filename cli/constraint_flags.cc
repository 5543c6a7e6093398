#include "cli/constraint_flags.h"

#include "base/file.h"

namespace hasten {

void ConstraintFlags::Declare(CLI::App& app) {
  CLI::Option* s =
      app.add_option("--schema", schema, "the text is JSON valid under this JSON Schema: a file, or the schema itself");
  CLI::Option* g = app.add_option("--grammar", grammar, "the text is one of this grammar: a file in llama.cpp's GBNF");
  CLI::Option* r = app.add_option("--regex", regex, "the whole text matches this regular expression");
  s->excludes(g)->excludes(r);
  g->excludes(r);
}

Result<std::optional<ConstraintPart>> ConstraintFlags::Part() const {
  if (!on()) return std::optional<ConstraintPart>();
  ConstraintPart part;
  if (!regex.empty()) part = {ConstraintKind::kRegex, regex};
  if (!grammar.empty()) {
    TRY(const std::string text, ReadFile(grammar));
    part = {ConstraintKind::kGrammar, text};
  }
  if (!schema.empty()) {
    part = {ConstraintKind::kSchema, schema};
    if (schema[schema.find_first_not_of(" \t\r\n") % schema.size()] != '{') {
      TRY(part.text, ReadFile(schema));
    }
  }
  return std::optional(std::move(part));
}

Result<std::shared_ptr<Constraint>> ConstraintFlags::Compile(const Tokenizer& tokenizer) const {
  TRY(const auto part, Part());
  if (!part) return std::shared_ptr<Constraint>();
  return Constraint::Compile(ConstraintVocab::Create(tokenizer), {.parts = {*part}});
}

}  // namespace hasten
