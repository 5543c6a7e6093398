// What a subschema's keywords ask for.
#include <algorithm>
#include <array>
#include <string_view>
#include <unordered_set>

#include "base/quote.h"
#include "text/grammar/regex_parser.h"
#include "text/schema/compiler.h"
#include "text/schema/formats.h"

namespace hasten::schema {

// Keywords that ask for nothing by themselves: annotations, places for definitions, and those read together with another.
static const std::unordered_set<std::string_view> kSilent = {"$schema",
                                                             "$id",
                                                             "id",
                                                             "$anchor",
                                                             "$dynamicAnchor",
                                                             "$recursiveAnchor",
                                                             "$comment",
                                                             "$defs",
                                                             "definitions",
                                                             "title",
                                                             "description",
                                                             "default",
                                                             "examples",
                                                             "example",
                                                             "deprecated",
                                                             "readOnly",
                                                             "writeOnly",
                                                             "then",
                                                             "else",
                                                             "contentEncoding",
                                                             "contentMediaType",
                                                             "contentSchema",
                                                             "minContains",
                                                             "maxContains",
                                                             "additionalItems",
                                                             "exclusiveMinimum",
                                                             "exclusiveMaximum",
                                                             "$vocabulary"};

Result<uint32_t> Compiler::Count(NodeId n, const std::string& keyword, const Json& value) const {
  const double x = value.is_number() ? value.get<double>() : -1;
  if (x >= 0 && x == double(uint64_t(std::min(x, 1e18)))) return uint32_t(std::min(x, double(grammar::kNoLimit - 1)));
  return Refuse(n, keyword, "has to be a whole number from 0 up", Code::kBadInput);
}

Result<ReId> Compiler::Pattern(NodeId n, const std::string& keyword, const Json& value) {
  if (!value.is_string()) return Refuse(n, keyword, "has to be a regular expression in a string", Code::kBadInput);
  const std::string pattern = value.get<std::string>();
  if (const auto it = patterns_.find(pattern); it != patterns_.end()) return it->second;
  const auto id = grammar::ParseRegex(g_.pool, pattern, grammar::RegexMatch::kAnywhere);
  if (!id) return Refuse(n, keyword, id.error().what, id.error().code);
  patterns_.emplace(pattern, *id);
  return *id;
}

Result<NodeId> Compiler::Sub(NodeId n, const std::string& keyword, const Json& value, const std::string& step) {
  if (!value.is_object() && !value.is_boolean())
    return Refuse(n, keyword + step, "has to be a schema: an object, true or false", Code::kBadInput);
  return d_.Child(n, value, "/" + keyword + step);
}

Status Compiler::Apply(Work& w, Lit lit) {
  const NodeId n = lit >> 1;
  const Json& json = *d_[n].json;
  if (json.is_boolean()) {
    if (json.get<bool>() == bool(lit & 1)) w.p.types = 0;
    return {};
  }
  if (!json.is_object())
    return Error{Code::kBadInput, Fmt("#%s: a schema is an object, true or false", Printable(d_[n].path).c_str())};
  if (lit & 1) return Negate(w, n);
  if (json.contains("$ref") && d_.draft(n) <= Draft::k7) return ApplyKeyword(w, n, "$ref", json["$ref"]);
  for (const auto& [keyword, value] : json.items()) TRY_OK(ApplyKeyword(w, n, keyword, value));
  const auto any_of = [&](std::initializer_list<const char*> keys) {
    return std::ranges::any_of(keys, [&](const char* k) { return json.contains(k); });
  };
  if (any_of({"properties", "patternProperties", "additionalProperties"})) w.p.members.push_back(n);
  if (any_of({"items", "prefixItems"})) w.p.items.push_back(n);
  TRY_OK(ApplyNumeric(w, n, "", json));
  if (options_.style == SchemaStyle::kStrict) ImplyType(w, n);
  return {};
}

// Strict: a schema that says nothing of types but speaks of members means objects, and so on; one that says nothing at all
// and is the whole schema means an object too, as it does for llama.cpp.
void Compiler::ImplyType(Work& w, NodeId n) {
  const Json& json = *d_[n].json;
  uint8_t implied = 0;
  for (const auto& [keyword, value] : json.items()) {
    static const std::unordered_set<std::string_view> kOther = {"type",  "enum", "const", "$ref",        "allOf", "anyOf",
                                                                "oneOf", "not",  "if",    "$dynamicRef", kLitsKey};
    static const std::unordered_set<std::string_view> kMembers = {"properties",        "required",      "additionalProperties",
                                                                  "patternProperties", "minProperties", "maxProperties"};
    static const std::unordered_set<std::string_view> kItems = {"items",    "prefixItems", "minItems",
                                                                "maxItems", "contains",    "uniqueItems"};
    static const std::unordered_set<std::string_view> kChars = {"pattern", "minLength", "maxLength", "format"};
    static const std::unordered_set<std::string_view> kSizes = {"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum",
                                                                "multipleOf"};
    if (kOther.contains(keyword)) return;
    if (kMembers.contains(keyword)) implied |= kObject;
    if (kItems.contains(keyword)) implied |= kArray;
    if (kChars.contains(keyword)) implied |= kString;
    if (kSizes.contains(keyword)) implied |= kNumber;
  }
  if (implied == 0 && n == d_.root()) implied = kObject;
  if (implied != 0) w.p.types &= implied;
}

Status Compiler::ApplyKeyword(Work& w, NodeId n, const std::string& keyword, const Json& value) {
  if (kSilent.contains(keyword)) return {};
  const Draft draft = d_.draft(n);
  if (keyword == "type") {
    uint8_t types = 0;
    bool integer = false;
    for (const Json& t : value.is_array() ? value : Json::array({value})) {
      static const std::map<std::string_view, uint8_t> kTypes = {
          {"null", kNull},     {"boolean", kTrue | kFalse}, {"number", kNumber}, {"integer", kNumber},
          {"string", kString}, {"array", kArray},           {"object", kObject}};
      const auto it = t.is_string() ? kTypes.find(t.get_ref<const std::string&>()) : kTypes.end();
      if (it == kTypes.end()) return Refuse(n, keyword, "no such type: " + Printable(t.dump()), Code::kBadInput);
      if (t == "integer" && !(types & kNumber)) integer = true;
      if (t == "number") integer = false, types |= kNumber;
      types |= it->second;
    }
    w.p.types &= types;
    w.p.range.integer = w.p.range.integer || integer;
    w.p.range.whole_only = w.p.range.whole_only || (integer && draft == Draft::k4);
    return {};
  }
  if (keyword == "enum" || keyword == "const") {
    if (keyword == "const" && draft == Draft::k4) return {};
    if (keyword == "enum" && !value.is_array()) return Refuse(n, keyword, "has to be a list", Code::kBadInput);
    if (keyword == "enum") return ApplyEnum(w, n, value);
    const Json list = Json::array({value});
    return ApplyEnum(w, n, list);
  }
  if (keyword == "$ref" || keyword == "$dynamicRef" || keyword == "$recursiveRef") {
    if (!value.is_string()) return Refuse(n, keyword, "has to be a string", Code::kBadInput);
    if (keyword == "$dynamicRef" && draft < Draft::k2020) return {};
    if (keyword == "$recursiveRef" && draft != Draft::k2019) return {};
    TRY(const NodeId target, d_.Resolve(n, value.get<std::string>(), keyword != "$ref"));
    w.todo.push_back(Holds(target));
    return {};
  }
  if (keyword == kLitsKey) {
    for (const Json& l : value) w.todo.push_back(l.get<Lit>());
    return {};
  }
  if (keyword == kUnlikeKey) return ApplyUnlike(w, n, value);
  TRY_OK(ApplyCombinator(w, n, keyword, value));
  TRY_OK(ApplyString(w, n, keyword, value));
  TRY_OK(ApplyObject(w, n, keyword, value));
  TRY_OK(ApplyArray(w, n, keyword, value));
  if (keyword == "unevaluatedProperties" || keyword == "unevaluatedItems") {
    if (draft < Draft::k2019 || value == true) return {};
    return Refuse(n, keyword,
                  "is not supported: which members count depends on what else holds; use additionalProperties or items");
  }
  if (keyword == "multipleOf") {
    const auto m = value.is_number() ? Decimal::From(value) : std::nullopt;
    if (!m || m->negative || m->zero()) return Refuse(n, keyword, "has to be a number above 0", Code::kBadInput);
    if (std::ranges::none_of(w.p.range.multiples, [&](const Decimal& d) { return Compare(d, *m) == 0; }))
      w.p.range.multiples.push_back(*m);
  }
  return {};
}

// minimum, maximum and their exclusive kin, which in draft 4 are flags.
Status Compiler::ApplyNumeric(Work& w, NodeId n, const std::string&, const Json& json) {
  for (const bool low : {true, false}) {
    const char* plain = low ? "minimum" : "maximum";
    const char* exclusive = low ? "exclusiveMinimum" : "exclusiveMaximum";
    auto& bound = low ? w.p.range.min : w.p.range.max;
    const auto tighten = [&](const char* keyword, bool excludes) -> Status {
      const auto at = json[keyword].is_number() ? Decimal::From(json[keyword]) : std::nullopt;
      if (!at) return Refuse(n, keyword, "has to be a number", Code::kBadInput);
      const int order = bound ? Compare(*at, bound->at) * (low ? 1 : -1) : 1;
      if (order > 0 || (order == 0 && excludes)) bound = Bound{*at, excludes};
      return {};
    };
    const bool flag = json.contains(exclusive) && json[exclusive].is_boolean();
    if (json.contains(plain)) TRY_OK(tighten(plain, flag && json[exclusive].get<bool>()));
    if (json.contains(exclusive) && !flag) TRY_OK(tighten(exclusive, true));
  }
  return {};
}

Status Compiler::ApplyString(Work& w, NodeId n, const std::string& keyword, const Json& value) {
  if (keyword == "minLength" || keyword == "maxLength") {
    TRY(const uint32_t count, Count(n, keyword, value));
    if (keyword[1] == 'i') w.p.least_chars = std::max(w.p.least_chars, count);
    if (keyword[1] == 'a') w.p.most_chars = std::min(w.p.most_chars, count);
  } else if (keyword == "pattern") {
    TRY(const ReId id, Pattern(n, keyword, value));
    w.p.content.push_back(id);
  } else if (keyword == "format" && value.is_string()) {
    const char* pattern = FormatPattern(value.get<std::string>());
    if (!pattern)
      return Refuse(n, keyword, Printable(value.get<std::string>()) + " is not supported: no regular expression decides it");
    if (*pattern == 0) return {};
    TRY(const ReId id, Pattern(n, keyword, pattern));
    w.p.content.push_back(id);
  }
  return {};
}

// Scalars that do not match, or are none of a list.
Status Compiler::ApplyUnlike(Work& w, NodeId n, const Json& value) {
  for (const char* keyword : {"pattern", "format"}) {
    if (!value.contains(keyword)) continue;
    Work other;
    TRY_OK(ApplyString(other, n, keyword, value[keyword]));
    for (const ReId id : other.p.content) w.p.content.push_back(g_.pool.Not(id));
  }
  if (value.contains("multipleOf")) {
    Work other;
    TRY_OK(ApplyKeyword(other, n, "multipleOf", value["multipleOf"]));
    const auto multiple = NumberRegex(g_.pool, other.p.range, SchemaStyle::kAny);
    if (!multiple) return Refuse(n, "multipleOf", "is not supported: too many remainders");
    TRY(const ReId exponent, Pattern(n, "multipleOf", "[eE]"));
    w.p.numbers.push_back(g_.pool.Not(g_.pool.Or(*multiple, exponent)));
  }
  if (value.contains("type")) {  // no integer: a fraction that is not zero, and no exponent, which might move it
    const ReId whole =
        *NumberRegex(g_.pool, {.integer = true, .whole_only = false, .min = {}, .max = {}, .multiples = {}}, SchemaStyle::kAny);
    TRY(const ReId exponent, Pattern(n, "type", "[eE]"));
    w.p.numbers.push_back(g_.pool.Not(g_.pool.Or(whole, exponent)));
  }
  if (!value.contains("enum")) return {};
  for (const Json& v : value["enum"]) {
    if (v.is_string()) w.p.content.push_back(g_.pool.Not(g_.pool.Literal(v.get_ref<const std::string&>())));
    if (v.is_number()) w.p.numbers.push_back(g_.pool.Not(EqualNumber(g_.pool, v, SchemaStyle::kAny)));
    if (v.is_boolean()) w.p.types &= uint8_t(v.get<bool>() ? ~kTrue : ~kFalse);
    if (v.is_null()) w.p.types &= uint8_t(~kNull);
  }
  return {};
}

// -------------------------------------------------------------------------------------------------------- combinators

Status Compiler::ApplyCombinator(Work& w, NodeId n, const std::string& keyword, const Json& value) {
  const Draft draft = d_.draft(n);
  if (keyword == "allOf" || keyword == "anyOf" || keyword == "oneOf") {
    if (!value.is_array()) return Refuse(n, keyword, "has to be a list of schemas", Code::kBadInput);
    if (keyword == "oneOf") return OneOf(w, n, value);
    Choice any;
    for (size_t i = 0; i < value.size(); ++i) {
      TRY(const NodeId branch, Sub(n, keyword, value[i], "/" + std::to_string(i)));
      if (keyword == "allOf") w.todo.push_back(Holds(branch));
      any.push_back({Holds(branch)});
    }
    if (keyword == "anyOf") w.choices.push_back(std::move(any));
  } else if (keyword == "not") {
    TRY(const NodeId branch, Sub(n, keyword, value));
    w.todo.push_back(Fails(branch));
  } else if (keyword == "if" && draft >= Draft::k7) {
    const Json& json = *d_[n].json;
    if (!json.contains("then") && !json.contains("else")) return {};
    TRY(const NodeId condition, Sub(n, keyword, value));
    Lits yes = {Holds(condition)}, no = {Fails(condition)};
    if (json.contains("then")) {
      TRY(const NodeId then, Sub(n, "then", json["then"]));
      yes.push_back(Holds(then));
    }
    if (json.contains("else")) {
      TRY(const NodeId otherwise, Sub(n, "else", json["else"]));
      no.push_back(Holds(otherwise));
    }
    w.choices.push_back({yes, no});
  }
  return {};
}

// Branches that have nothing in common need no more than that one of them holds; of others it has to be said that the rest
// fails.
Status Compiler::OneOf(Work& w, NodeId n, const Json& branches) {
  Lits lits;
  for (size_t i = 0; i < branches.size(); ++i) {
    TRY(const NodeId branch, Sub(n, "oneOf", branches[i], "/" + std::to_string(i)));
    lits.push_back(Holds(branch));
  }
  Choice choice;
  for (const Lit l : lits) choice.push_back({l});
  constexpr size_t kDepth = 2;
  for (size_t i = 0; i < lits.size(); ++i) {
    for (size_t j = 0; j < i; ++j) {
      if (lits[i] != lits[j] && IsEmpty(ValueOf({lits[i], lits[j]}), kDepth)) continue;
      choice[i].push_back(lits[j] ^ 1);
      choice[j].push_back(lits[i] ^ 1);
    }
  }
  w.choices.push_back(std::move(choice));
  return {};
}

// One alternative for all values that are written without brackets, one for each object or array.
Status Compiler::ApplyEnum(Work& w, NodeId n, const Json& values) {
  std::vector<ReId> strings, numbers;
  uint8_t scalars = 0;
  Choice choice;
  auto& made = enums_[{d_[n].json, n}];
  for (const Json& v : values) {
    if (v.is_string()) {
      strings.push_back(g_.pool.Literal(v.get_ref<const std::string&>()));
      scalars |= kString;
    } else if (v.is_number()) {
      numbers.push_back(EqualNumber(g_.pool, v, options_.style));
      scalars |= kNumber;
    } else if (v.is_boolean()) {
      scalars |= v.get<bool>() ? kTrue : kFalse;
    } else if (v.is_null()) {
      scalars |= kNull;
    } else if (made.empty()) {
      Json s = {{"type", v.is_array() ? "array" : "object"}};
      if (v.is_array()) {
        s["prefixItems"] = Json::array();
        for (const Json& item : v) s["prefixItems"].push_back({{"enum", Json::array({item})}});
        s["items"] = false;
        s["minItems"] = v.size();
        s["$schema"] = "2020-12";
      } else {
        s["properties"] = Json::object();
        s["required"] = Json::array();
        for (const auto& [name, member] : v.items()) {
          s["properties"][name] = {{"enum", Json::array({member})}};
          s["required"].push_back(name);
        }
        s["additionalProperties"] = false;
      }
      choice.push_back({Holds(Made(n, std::move(s)))});
    }
  }
  if (made.empty()) made = choice;
  choice = made;
  if (!choice.empty()) {
    if (scalars != 0) {
      Json only = Json::array();
      for (const Json& v : values)
        if (!v.is_structured()) only.push_back(v);
      auto [it, is_new] = made_lits_.try_emplace({n, "enum of scalars"});
      if (is_new) it->second = Holds(Made(n, {{"enum", only}}));
      choice.push_back({it->second});
    }
    w.choices.push_back(std::move(choice));
    return {};
  }
  w.p.types &= scalars;
  if (scalars & kString) w.p.content.push_back(g_.pool.Or(std::move(strings)));
  if (scalars & kNumber) w.p.numbers.push_back(g_.pool.Or(std::move(numbers)));
  return {};
}

// ----------------------------------------------------------------------------------------------------- objects, arrays

Status Compiler::ApplyObject(Work& w, NodeId n, const std::string& keyword, const Json& value) {
  const Draft draft = d_.draft(n);
  if (keyword == "required" && !value.is_boolean()) {
    if (!value.is_array()) return Refuse(n, keyword, "has to be a list of names", Code::kBadInput);
    for (const Json& name : value) {
      if (!name.is_string()) return Refuse(n, keyword, "has to be a list of names", Code::kBadInput);
      if (std::ranges::find(w.p.required, name.get_ref<const std::string&>()) == w.p.required.end())
        w.p.required.push_back(name.get<std::string>());
    }
  } else if (keyword == "minProperties" || keyword == "maxProperties") {
    TRY(const uint32_t count, Count(n, keyword, value));
    if (keyword[1] == 'i') w.p.least_members = std::max(w.p.least_members, count);
    if (keyword[1] == 'a') w.p.most_members = std::min(w.p.most_members, count);
  } else if (keyword == "propertyNames" && draft >= Draft::k6) {
    TRY(const NodeId names, Sub(n, keyword, value));
    w.p.names.push_back(Holds(names));
  } else if (keyword == "dependentRequired" || keyword == "dependentSchemas" || keyword == "dependencies") {
    if (!value.is_object()) return Refuse(n, keyword, "has to be an object", Code::kBadInput);
    if (keyword != "dependencies" && draft < Draft::k2019) return {};
    for (const auto& [name, then] : value.items()) {
      if (then.is_array()) {
        auto& needed = w.p.implications[name];
        for (const Json& r : then)
          if (r.is_string()) needed.push_back(r.get<std::string>());
        continue;
      }
      if (then.is_string()) {
        w.p.implications[name].push_back(then.get<std::string>());
        continue;
      }
      TRY(const NodeId schema, Sub(n, keyword, then, "/" + name));
      auto [it, is_new] = made_lits_.try_emplace({n, "without " + name});
      if (is_new) it->second = Holds(Made(n, {{"properties", {{name, false}}}}));
      w.choices.push_back({{it->second}, {Holds(schema)}});
    }
  }
  return {};
}

Status Compiler::ApplyArray(Work& w, NodeId n, const std::string& keyword, const Json& value) {
  const Json& json = *d_[n].json;
  if (keyword == "minItems" || keyword == "maxItems") {
    TRY(const uint32_t count, Count(n, keyword, value));
    if (keyword[1] == 'i') w.p.least_items = std::max(w.p.least_items, count);
    if (keyword[1] == 'a') w.p.most_items = std::min(w.p.most_items, count);
  } else if (keyword == "uniqueItems") {
    if (value == true) w.p.unique = true, w.p.unique_at = n;
  } else if (keyword == "contains" && d_.draft(n) >= Draft::k6) {
    TRY(const NodeId item, Sub(n, keyword, value));
    ContainsRule rule = {Holds(item), 1, grammar::kNoLimit};
    if (d_.draft(n) >= Draft::k2019 && json.contains("minContains")) {
      TRY(rule.least, Count(n, "minContains", json["minContains"]));
    }
    if (d_.draft(n) >= Draft::k2019 && json.contains("maxContains")) {
      TRY(rule.most, Count(n, "maxContains", json["maxContains"]));
    }
    if (rule.least > 0 || rule.most != grammar::kNoLimit) w.p.contains.push_back(rule);
  }
  return {};
}

}  // namespace hasten::schema
