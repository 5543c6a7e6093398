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
  bool whole = false;  // closed; else more arguments may come
};

// kWhole: all there will be; what is cut off at its end counts as far as it goes. kPart: more may follow, and what is not
// certain yet is left out.
enum class Extent : uint8_t { kWhole, kPart };

// "[f(a=1, b='x'), g()]", with or without the brackets; positional arguments get the schema's names in order. What does not
// parse to its end gives the calls before it.
std::vector<ForeignCall> PythonCalls(std::string_view text, const nlohmann::ordered_json* tools,
                                     Extent extent = Extent::kWhole);
// "call:f{a:1,b:<escape>x<escape>,c:[1,2]}", one after the other; <|"|> delimits strings too.
std::vector<ForeignCall> GemmaCalls(std::string_view text, Extent extent = Extent::kWhole);
// "<function=f><parameter=a>1</parameter></function>", "<invoke name="f">…</invoke>", "f<arg_key>a</arg_key><arg_value>1
// </arg_value>". Values are strings where the schema says so or says nothing, else JSON.
std::vector<ForeignCall> ElementCalls(std::string_view text, const nlohmann::ordered_json* tools,
                                      Extent extent = Extent::kWhole);

// How an element's text is read as a parameter of `schema` (nullptr: not listed): as it stands where a text is allowed, unless
// it is "null" and that is allowed too; else as JSON.
struct TextForm {
  bool text = false, null = false;
};
TextForm TextFormOf(const nlohmann::ordered_json* schema);

// The schema of a tool's parameters, or nullptr.
const nlohmann::ordered_json* ParametersOf(const nlohmann::ordered_json* tools, std::string_view name);
bool HasTool(const nlohmann::ordered_json* tools, std::string_view name);

}  // namespace hasten
