#include "text/jinja/jinja.h"

#include <nlohmann/json.hpp>

#include "text/jinja/interpreter.h"
#include "text/jinja/parser.h"

namespace hasten::jinja {

Result<Template> Template::Parse(std::string_view source) {
  TRY(std::shared_ptr<const Program> program, ParseTemplate(source));
  return Template(std::move(program));
}

Result<Rendering> Template::Render(const nlohmann::ordered_json& variables, const RenderOptions& options) const {
  Interpreter interpreter(*program_, options);
  return interpreter.Run(variables);
}

bool Template::Mentions(std::string_view name) const { return program_->names.Has(name); }

}  // namespace hasten::jinja
