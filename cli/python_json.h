// JSON text as Python's json.dumps(value, ensure_ascii=False) writes it: what public test sets of schemas were made with.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace hasten {

std::string PythonJson(const nlohmann::ordered_json& value);

}  // namespace hasten
