// JSON as programs read it, beside base/human.h for people.
#pragma once

#include <nlohmann/json.hpp>

#include "base/human.h"

namespace hasten {

// One line on standard output: bytes that are not UTF-8 become U+FFFD.
void PrintJson(const nlohmann::ordered_json& value);

}  // namespace hasten
