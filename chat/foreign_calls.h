// Calls that are not JSON, turned into it: Python's f(a=1), Gemma's call:f{a:1}, and elements for functions and parameters.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hasten {

struct ForeignCall {
  std::string name;
  nlohmann::ordered_json arguments = nlohmann::ordered_json::object();
};

// "[f(a=1, b='x'), g()]", with or without the brackets; positional arguments get the schema's names in order. What does not
// parse to its end gives the calls before it.
std::vector<ForeignCall> PythonCalls(std::string_view text, const nlohmann::ordered_json* tools);
// "call:f{a:1,b:<escape>x<escape>,c:[1,2]}", one after the other; <|"|> delimits strings too.
std::vector<ForeignCall> GemmaCalls(std::string_view text);
// "<function=f><parameter=a>1</parameter></function>", "<invoke name="f">…</invoke>", "f<arg_key>a</arg_key><arg_value>1
// </arg_value>". Values are strings where the schema says so or says nothing, else JSON.
std::vector<ForeignCall> ElementCalls(std::string_view text, const nlohmann::ordered_json* tools);

// The schema of a tool's parameters, or nullptr.
const nlohmann::ordered_json* ParametersOf(const nlohmann::ordered_json* tools, std::string_view name);
bool HasTool(const nlohmann::ordered_json* tools, std::string_view name);

}  // namespace hasten
