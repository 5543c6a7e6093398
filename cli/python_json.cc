#include "cli/python_json.h"

#include <charconv>
#include <cmath>

namespace hasten {

// repr(float): the shortest digits that read back as the same number, with an exponent below 1e-4 and from 1e16 on.
static std::string PythonFloat(double x) {
  if (std::isnan(x)) return "NaN";
  if (std::isinf(x)) return x < 0 ? "-Infinity" : "Infinity";
  char buffer[64];
  const double size = std::fabs(x);
  const bool plain = size == 0 || (size >= 1e-4 && size < 1e16);
  const auto format = plain ? std::chars_format::fixed : std::chars_format::scientific;
  std::string text(buffer, std::to_chars(buffer, buffer + sizeof buffer, x, format).ptr);
  if (plain && text.find('.') == std::string::npos) text += ".0";
  return text;
}

static void Write(const nlohmann::ordered_json& value, std::string& out) {
  if (value.is_object()) {
    out += '{';
    const char* separator = "";
    for (const auto& [name, member] : value.items()) {
      out += separator + nlohmann::ordered_json(name).dump() + ": ";
      Write(member, out);
      separator = ", ";
    }
    out += '}';
  } else if (value.is_array()) {
    out += '[';
    const char* separator = "";
    for (const auto& item : value) {
      out += separator;
      Write(item, out);
      separator = ", ";
    }
    out += ']';
  } else {
    out += value.is_number_float() ? PythonFloat(value.get<double>()) : value.dump();
  }
}

std::string PythonJson(const nlohmann::ordered_json& value) {
  std::string out;
  Write(value, out);
  return out;
}

}  // namespace hasten
