#include "chat/foreign_calls.h"

#include <algorithm>
#include <charconv>

#include "text/encoding.h"

namespace hasten {
namespace {

using Json = nlohmann::ordered_json;
constexpr int kMostDepth = 64;

bool NameByte(char c) { return std::isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '.' || c == '-' || (c & 0x80); }

// Values as Python, JSON and Gemma write them; `at` moves behind what was read.
class Reader {
 public:
  explicit Reader(std::string_view text, Extent extent = Extent::kWhole) : text_(text), part_(extent == Extent::kPart) {}
  // Whether what was just read may go on in text that has not come yet.
  bool Uncertain() {
    Space();
    return part_ && end();
  }
  std::string_view rest() const { return text_.substr(at_); }
  bool end() const { return at_ >= text_.size(); }
  void Space() {
    while (!end() && std::isspace(static_cast<unsigned char>(text_[at_]))) ++at_;
  }
  bool Take(std::string_view what) {
    Space();
    if (!rest().starts_with(what)) return false;
    at_ += what.size();
    return true;
  }
  std::string Name() {
    Space();
    const size_t begin = at_;
    while (!end() && NameByte(text_[at_])) ++at_;
    return std::string(text_.substr(begin, at_ - begin));
  }

  std::optional<Json> Value(int depth = 0) {
    Space();
    if (end() || depth > kMostDepth) return {};
    for (const std::string_view mark : {"<escape>", "<|\"|>"})
      if (Take(mark)) return Until(mark);
    const char c = text_[at_];
    if (c == '"' || c == '\'') return String(c);
    if (c == '[' || c == '(') return Items(c == '[' ? ']' : ')', depth);
    if (c == '{') return Members(depth);
    return Word();
  }

 private:
  std::optional<Json> Until(std::string_view mark) {
    const size_t close = std::min(text_.find(mark, at_), text_.size());
    Json value = std::string(text_.substr(at_, close - at_));
    at_ = std::min(close + mark.size(), text_.size());
    return value;
  }

  std::optional<Json> String(char quote) {
    const std::string three(3, quote);
    if (rest().starts_with(three)) {
      at_ += 3;
      return Until(three);
    }
    std::string out;
    for (++at_; !end() && text_[at_] != quote; ++at_) {
      if (text_[at_] != '\\' || at_ + 1 >= text_.size()) {
        out += text_[at_];
        continue;
      }
      const char c = text_[++at_];
      static constexpr std::string_view kNames = "nrtbf0", kMeanings("\n\r\t\b\f\0", 6);
      uint32_t code = 0;
      if (const size_t known = kNames.find(c); known != kNames.npos) {
        out += kMeanings[known];
      } else if (c == 'u' && at_ + 4 < text_.size() &&
                 std::from_chars(text_.data() + at_ + 1, text_.data() + at_ + 5, code, 16).ptr == text_.data() + at_ + 5) {
        at_ += 4;
        uint32_t low = 0;
        const char* next = text_.data() + at_ + 1;
        const bool pair = code >= 0xd800 && code < 0xdc00 && at_ + 6 < text_.size() && next[0] == '\\' && next[1] == 'u' &&
                          std::from_chars(next + 2, next + 6, low, 16).ptr == next + 6 && low >= 0xdc00 && low < 0xe000;
        if (pair) {
          at_ += 6;
          code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
        }
        AppendUtf8(out, code >= 0xd800 && code < 0xe000 ? 0xfffd : code);
      } else {
        if (c != quote && c != '\\' && c != '/' && c != '"' && c != '\'') out += '\\';
        out += c;
      }
    }
    if (!end()) ++at_;
    return Json(out);
  }

  std::optional<Json> Items(char close, int depth) {
    ++at_;
    Json items = Json::array();
    while (!Take(std::string_view(&close, 1))) {
      auto item = Value(depth + 1);
      if (!item) return items.empty() && end() ? std::optional<Json>(items) : std::nullopt;
      items.push_back(*std::move(item));
      if (!Take(",") && !rest().starts_with(close)) return end() ? std::optional<Json>(items) : std::nullopt;
    }
    return items;
  }

  std::optional<Json> Members(int depth) {
    ++at_;
    Json object = Json::object();
    while (!Take("}")) {
      Space();
      if (end()) return object;
      std::string key;
      if (text_[at_] == '"' || text_[at_] == '\'' || text_[at_] == '<') {
        const auto text = Value(depth + 1);
        key = text && text->is_string() ? text->get<std::string>() : "";
      } else {
        key = Name();
      }
      if (!Take(":")) return end() ? std::optional<Json>(object) : std::nullopt;
      auto value = Value(depth + 1);
      if (!value) return end() ? std::optional<Json>(object) : std::nullopt;
      if (Uncertain()) return object;
      object[key] = *std::move(value);
      if (!Take(",") && !rest().starts_with('}')) return end() ? std::optional<Json>(object) : std::nullopt;
    }
    return object;
  }

  // A number, a constant, or a bare word that stands for itself.
  std::optional<Json> Word() {
    const size_t begin = at_;
    while (!end() && std::string_view(",)]}").find(text_[at_]) == std::string_view::npos) ++at_;
    std::string word(text_.substr(begin, at_ - begin));
    while (!word.empty() && std::isspace(static_cast<unsigned char>(word.back()))) word.pop_back();
    if (word.empty()) return {};
    if (word == "True" || word == "true") return Json(true);
    if (word == "False" || word == "false") return Json(false);
    if (word == "None" || word == "null") return Json(nullptr);
    const Json number = Json::parse(word, nullptr, false);
    return number.is_number() ? number : Json(word);
  }

  const std::string_view text_;
  const bool part_;
  size_t at_ = 0;
};

std::string Positional(const Json* parameters, size_t index) {
  if (parameters && parameters->contains("properties") && (*parameters)["properties"].is_object()) {
    size_t i = 0;
    for (const auto& [name, schema] : (*parameters)["properties"].items())
      if (i++ == index) return name;
  }
  return "arg" + std::to_string(index);
}

// One newline behind the opening tag and one before the closing tag are layout.
std::string Layout(std::string_view text) {
  if (text.starts_with('\n')) text.remove_prefix(1);
  if (text.ends_with('\n')) text.remove_suffix(1);
  return std::string(text);
}

const Json* PropertyOf(const Json* parameters, const std::string& key) {
  if (!parameters || !parameters->contains("properties") || !(*parameters)["properties"].is_object()) return nullptr;
  const auto at = (*parameters)["properties"].find(key);
  return at == (*parameters)["properties"].end() ? nullptr : &*at;
}

Json Typed(const Json* parameters, const std::string& key, std::string text) {
  const Json* schema = PropertyOf(parameters, key);
  const TextForm form = TextFormOf(schema);
  if (form.text && form.null && text == "null") return nullptr;
  if (form.text || (!schema && !text.starts_with('{') && !text.starts_with('['))) return text;
  if (text == "True" || text == "False") text = text == "True" ? "true" : "false";
  if (text == "None") text = "null";
  Json value = Json::parse(text, nullptr, false);
  if (!value.is_discarded()) return value;
  Reader reader(text);
  const auto loose = text.starts_with('{') || text.starts_with('[') ? reader.Value() : std::nullopt;
  return loose ? *loose : Json(text);
}

std::string_view Between(std::string_view& text, std::string_view open, std::string_view close) {
  const size_t begin = text.find(open);
  if (begin == text.npos) {
    text = {};
    return {};
  }
  const size_t from = begin + open.size(), end = std::min(text.find(close, from), text.size());
  const std::string_view found = text.substr(from, end - from);
  text = text.substr(std::min(end + close.size(), text.size()));
  return found;
}

std::string Unquoted(std::string_view name) {
  while (!name.empty() && (name.front() == '"' || name.front() == '\'' || name.front() == ' ' || name.front() == '\n'))
    name.remove_prefix(1);
  while (!name.empty() && (name.back() == '"' || name.back() == '\'' || name.back() == ' ' || name.back() == '\n'))
    name.remove_suffix(1);
  return std::string(name);
}

}  // namespace

TextForm TextFormOf(const Json* schema) {
  TextForm form;
  if (!schema || !schema->is_object()) return form;
  const auto look = [&](const Json& value) {
    form.text = form.text || value == "string";
    form.null = form.null || value == "null";
  };
  if (const auto type = schema->find("type"); type != schema->end()) {
    if (type->is_array()) {
      std::ranges::for_each(*type, look);
    } else {
      look(*type);
    }
    return form;
  }
  if (const auto one = schema->find("const"); one != schema->end()) form.text = one->is_string();
  if (const auto values = schema->find("enum"); values != schema->end() && values->is_array()) {
    form.text = std::ranges::any_of(*values, [](const Json& v) { return v.is_string(); });
    form.null = std::ranges::any_of(*values, [](const Json& v) { return v.is_null(); });
  }
  for (const char* name : {"anyOf", "oneOf"}) {
    const auto branches = schema->find(name);
    if (branches == schema->end() || !branches->is_array()) continue;
    for (const Json& branch : *branches) {
      const TextForm inner = TextFormOf(&branch);
      form.text = form.text || inner.text;
      form.null = form.null || inner.null || branch == Json{{"type", "null"}};
    }
  }
  return form;
}

const Json* ParametersOf(const Json* tools, std::string_view name) {
  if (!tools || !tools->is_array()) return nullptr;
  for (const Json& tool : *tools) {
    if (!tool.is_object()) continue;
    const Json& function = tool.contains("function") ? tool["function"] : tool;
    if (!function.is_object() || !function.contains("name") || function["name"] != name) continue;
    return function.contains("parameters") && function["parameters"].is_object() ? &function["parameters"] : nullptr;
  }
  return nullptr;
}

bool HasTool(const Json* tools, std::string_view name) {
  if (!tools || !tools->is_array()) return false;
  return std::ranges::any_of(*tools, [&](const Json& tool) {
    if (!tool.is_object()) return false;
    const Json& function = tool.contains("function") ? tool["function"] : tool;
    return function.is_object() && function.contains("name") && function["name"] == name;
  });
}

std::vector<ForeignCall> PythonCalls(std::string_view text, const Json* tools, Extent extent) {
  std::vector<ForeignCall> calls;
  Reader reader(text, extent);
  reader.Take("[");
  do {
    ForeignCall call{.name = reader.Name()};
    if (call.name.empty() || !reader.Take("(")) return calls;
    if (call.name.ends_with(".call")) call.name.resize(call.name.size() - 5);  // Llama's built-in tools
    const Json* parameters = ParametersOf(tools, call.name);
    for (size_t index = 0; !(call.whole = reader.Take(")")); ++index) {
      reader.Space();
      if (reader.end()) break;  // cut off: what is whole counts
      const std::string_view here = reader.rest();
      size_t name = 0;
      while (name < here.size() && NameByte(here[name])) ++name;
      size_t sign = name;
      while (sign < here.size() && here[sign] == ' ') ++sign;
      std::string key;
      if (name > 0 && here.substr(sign).starts_with('=') && !here.substr(sign).starts_with("==")) {
        key = reader.Name();
        reader.Take("=");
      } else {
        key = Positional(parameters, index);
      }
      auto value = reader.Value();
      if (!value || reader.Uncertain()) break;
      call.arguments[key] = *std::move(value);
      if (!reader.Take(",") && !reader.rest().starts_with(')')) break;
    }
    calls.push_back(std::move(call));
  } while (reader.Take(",") || reader.Take(";"));
  return calls;
}

std::vector<ForeignCall> GemmaCalls(std::string_view text, Extent extent) {
  std::vector<ForeignCall> calls;
  Reader reader(text, extent);
  while (reader.Take("call:")) {
    ForeignCall call{.name = reader.Name()};
    reader.Space();
    if (reader.rest().starts_with('{')) {
      if (auto value = reader.Value(); value && value->is_object()) call.arguments = *std::move(value);
    }
    call.whole = !reader.rest().empty();
    if (!call.name.empty()) calls.push_back(std::move(call));
    reader.Take(",");
  }
  return calls;
}

std::vector<ForeignCall> ElementCalls(std::string_view text, const Json* tools, Extent extent) {
  std::vector<ForeignCall> calls;
  const bool part = extent == Extent::kPart;
  const auto parameters = [&](ForeignCall& call, std::string_view body, std::string_view open, std::string_view close) {
    const Json* schema = ParametersOf(tools, call.name);
    while (!body.empty() && !(part && body.find(close) == body.npos)) {
      std::string_view parameter = Between(body, open, close);
      const size_t end = parameter.find('>');
      if (end == parameter.npos) continue;
      const std::string key = Unquoted(parameter.substr(0, end));
      call.arguments[key] = Typed(schema, key, Layout(parameter.substr(end + 1)));
    }
    calls.push_back(std::move(call));
  };
  if (text.find("<function=") != text.npos || text.find("<invoke name=") != text.npos) {
    const bool invoke = text.find("<function=") == text.npos;
    while (!text.empty()) {
      const bool whole = text.find(invoke ? "</invoke>" : "</function>") != text.npos;
      std::string_view function =
          invoke ? Between(text, "<invoke name=", "</invoke>") : Between(text, "<function=", "</function>");
      const size_t end = function.find('>');
      if (end == function.npos) continue;
      ForeignCall call{.name = Unquoted(function.substr(0, end)), .whole = whole};
      parameters(call, function.substr(end + 1), invoke ? "<parameter name=" : "<parameter=", "</parameter>");
    }
    return calls;
  }
  // The name, then keys and values in turn.
  const size_t first = std::min(text.find("<arg_key>"), text.size());
  ForeignCall call{.name = Unquoted(text.substr(0, first))};
  const bool bare = first == text.size();  // a name alone is a call only where there is such a tool
  if (call.name.empty() || !std::ranges::all_of(call.name, NameByte) || (bare && !HasTool(tools, call.name))) return calls;
  const Json* schema = ParametersOf(tools, call.name);
  for (std::string_view rest = text.substr(first); !rest.empty() && !(part && rest.find("</arg_value>") == rest.npos);) {
    const std::string key = Unquoted(Between(rest, "<arg_key>", "</arg_key>"));
    const bool value = rest.find("<arg_value>") != rest.npos;
    const std::string given = Layout(Between(rest, "<arg_value>", "</arg_value>"));
    if (value && !key.empty()) call.arguments[key] = Typed(schema, key, given);
  }
  calls.push_back(std::move(call));
  return calls;
}

}  // namespace hasten
