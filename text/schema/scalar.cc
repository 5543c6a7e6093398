#include "text/schema/scalar.h"

#include <nlohmann/json.hpp>

#include "text/schema/numbers.h"

namespace hasten {

grammar::ReId EqualScalar(grammar::RegexPool& pool, std::string_view written) {
  const auto json = nlohmann::ordered_json::parse(written, nullptr, false);
  if (json.is_string()) return pool.Literal(json.get_ref<const std::string&>());
  if (json.is_number()) return schema::EqualNumber(pool, json, SchemaStyle::kAny);
  return pool.Literal(written);
}

}  // namespace hasten
