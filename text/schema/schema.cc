#include "text/schema/schema.h"
namespace hasten {
Result<grammar::ValueId> CompileSchema(grammar::Grammar&, std::string_view, const SchemaOptions&) {
  return Error{Code::kUnsupported, "JSON Schema"};
}
}  // namespace hasten
