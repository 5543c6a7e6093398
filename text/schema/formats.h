// The formats of JSON Schema as patterns.
#pragma once

#include <string_view>

namespace hasten::schema {

// The pattern of a format; "" where it is one of nobody's standard, which only annotates; nullptr where it is a standard one
// that no regular expression decides.
const char* FormatPattern(std::string_view format);

}  // namespace hasten::schema
