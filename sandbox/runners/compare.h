// Whether an answer is the one that was wanted, and how to say that it is not.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

#include "sandbox/runner.h"

namespace hasten::sandbox {

// Numbers by value (3 == 3.0; fractions within 1e-9 relative), arrays in order, objects by members in any order.
bool SameValue(const nlohmann::ordered_json& got, const nlohmann::ordered_json& wanted);

// Without trailing white space of lines and text.
bool SameText(std::string_view got, std::string_view wanted);

std::string Head(std::string_view text, size_t limit = 400);  // one printable line for a message
std::string CallText(const Check& check);                     // "add(1, 2)"
std::string LastLine(std::string_view text);                  // the last that is not empty

}  // namespace hasten::sandbox
