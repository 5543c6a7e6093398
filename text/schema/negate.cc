// What it takes to break a subschema: one of its keywords has to fail.
#include <algorithm>

#include "base/quote.h"
#include "text/schema/compiler.h"
#include "text/schema/formats.h"

namespace hasten::schema {

static Json With(const char* type, Json more) {
  Json s = {{"type", type}};
  s.update(more);
  return s;
}

Status Compiler::Negate(Work& w, NodeId n) {
  TRY(Choice choice, Negation(n));
  if (choice.empty()) {  // nothing in it can fail
    w.p.types = 0;
  } else if (choice.size() == 1) {
    w.todo.insert(w.todo.end(), choice[0].begin(), choice[0].end());
  } else {
    w.choices.push_back(std::move(choice));
  }
  return {};
}

Result<Choice> Compiler::Negation(NodeId n) {
  if (const auto it = negations_.find(n); it != negations_.end()) return it->second;
  const Json& json = *d_[n].json;
  Choice out;
  if (json.contains("$ref") && d_.draft(n) <= Draft::k7) {
    TRY_OK(NegateKeyword(n, "$ref", json["$ref"], out));
  } else {
    for (const auto& [keyword, value] : json.items()) TRY_OK(NegateKeyword(n, keyword, value, out));
  }
  negations_.emplace(n, out);
  return out;
}

Status Compiler::NegateKeyword(NodeId n, const std::string& keyword, const Json& value, Choice& out) {
  const Draft draft = d_.draft(n);
  const auto make = [&](Json s) { out.push_back({Holds(Made(n, std::move(s)))}); };
  if (keyword == "type") {
    Json others = Json::array();
    bool integer = false;
    const Json types = value.is_array() ? value : Json::array({value});
    const auto has = [&](const char* t) { return std::ranges::find(types, Json(t)) != types.end(); };
    for (const char* t : {"null", "boolean", "string", "array", "object"})
      if (!has(t)) others.push_back(t);
    integer = has("integer") && !has("number");
    if (!has("number") && !has("integer")) others.push_back("number");
    if (!others.empty()) make({{"type", others}});
    if (integer) make({{"type", "number"}, {kUnlikeKey, {{"type", "integer"}}}});
    return {};
  }
  if (keyword == "enum" || (keyword == "const" && draft > Draft::k4))
    return NegateEnum(n, keyword == "enum" ? value : Json::array({value}), out);
  if (keyword == "$ref" || keyword == "$dynamicRef" || keyword == "$recursiveRef") {
    TRY(const NodeId target, d_.Resolve(n, value.get<std::string>(), keyword != "$ref"));
    out.push_back({Fails(target)});
  } else if (keyword == kLitsKey) {
    for (const Json& l : value) out.push_back({l.get<Lit>() ^ 1});
  } else if (keyword == "not") {
    TRY(const NodeId branch, Sub(n, keyword, value));
    out.push_back({Holds(branch)});
  } else if (keyword == "allOf" || keyword == "anyOf" || keyword == "oneOf") {
    Lits all;
    for (size_t i = 0; i < value.size(); ++i) {
      TRY(const NodeId branch, Sub(n, keyword, value[i], "/" + std::to_string(i)));
      all.push_back(Fails(branch));
    }
    if (keyword == "allOf") {
      for (const Lit l : all) out.push_back({l});
      return {};
    }
    out.push_back(all);
    if (keyword == "oneOf") {
      for (size_t i = 0; i < all.size(); ++i)
        for (size_t j = 0; j < i; ++j) out.push_back({all[i] ^ 1, all[j] ^ 1});
    }
  } else if (keyword == "if" && draft >= Draft::k7) {
    const Json& json = *d_[n].json;
    TRY(const NodeId condition, Sub(n, keyword, value));
    for (const char* branch : {"then", "else"}) {
      if (!json.contains(branch)) continue;
      TRY(const NodeId target, Sub(n, branch, json[branch]));
      out.push_back({Holds(condition) ^ Lit(branch[0] == 'e'), Fails(target)});
    }
  } else if (keyword == "minimum" || keyword == "maximum" || keyword == "exclusiveMinimum" || keyword == "exclusiveMaximum") {
    if (value.is_boolean()) return {};
    const bool low = keyword == "minimum" || keyword == "exclusiveMinimum";
    const char* flag = low ? "exclusiveMinimum" : "exclusiveMaximum";
    const Json& json = *d_[n].json;
    const bool exclusive = keyword[0] == 'e' || (json.contains(flag) && json[flag] == true);
    make({{"type", "number"},
          {exclusive ? (low ? "maximum" : "minimum") : (low ? "exclusiveMaximum" : "exclusiveMinimum"), value}});
  } else if (keyword == "minLength" || keyword == "minItems" || keyword == "minProperties") {
    TRY(const uint32_t count, Count(n, keyword, value));
    const std::string what = keyword.substr(3);
    if (count > 0) make(With(what == "Length" ? "string" : what == "Items" ? "array" : "object", {{"max" + what, count - 1}}));
  } else if (keyword == "maxLength" || keyword == "maxItems" || keyword == "maxProperties") {
    TRY(const uint32_t count, Count(n, keyword, value));
    const std::string what = keyword.substr(3);
    make(With(what == "Length" ? "string" : what == "Items" ? "array" : "object", {{"min" + what, count + 1}}));
  } else if (keyword == "pattern" || keyword == "format") {
    if (keyword == "format" && value.is_string() && FormatPattern(value.get<std::string>()) != nullptr &&
        *FormatPattern(value.get<std::string>()) == 0)
      return {};
    make(With("string", {{kUnlikeKey, {{keyword, value}}}}));
  } else if (keyword == "uniqueItems" && value == true) {
    return Refuse(n, keyword, "under not is not supported");
  } else if (keyword == "multipleOf") {
    make({{"type", "number"}, {kUnlikeKey, {{"multipleOf", value}}}});
  } else if (keyword == "unevaluatedItems" || keyword == "unevaluatedProperties") {
    return Refuse(n, keyword, "under not, if or an overlapping oneOf is not supported");
  }
  TRY_OK(NegateMembers(n, keyword, value, out));
  return NegateItems(n, keyword, value, out);
}

Status Compiler::NegateEnum(NodeId n, const Json& values, Choice& out) {
  Json unlike = Json::array(), others = {"null", "boolean", "number", "string"};
  for (const Json& v : values) {
    if (v.is_structured()) return Refuse(n, "enum", "of objects or arrays under not is not supported");
    unlike.push_back(v);
  }
  out.push_back({Holds(Made(n, {{"type", {"object", "array"}}}))});
  out.push_back({Holds(Made(n, {{"type", others}, {kUnlikeKey, {{"enum", unlike}}}}))});
  return {};
}

Status Compiler::NegateMembers(NodeId n, const std::string& keyword, const Json& value, Choice& out) {
  const Draft draft = d_.draft(n);
  const auto make = [&](Json s) { out.push_back({Holds(Made(n, With("object", std::move(s))))}); };
  if (keyword == "required" && value.is_array()) {
    for (const Json& name : value) make({{"properties", {{name.get<std::string>(), false}}}});
  } else if (keyword == "properties" && value.is_object()) {
    for (const auto& [name, schema] : value.items()) {
      if (schema == true || (schema.is_object() && schema.empty())) continue;
      TRY(const NodeId child, Sub(n, keyword, schema, "/" + name));
      make({{"required", {name}}, {"properties", {{name, {{kLitsKey, {Fails(child)}}}}}}});
    }
  } else if (keyword == "additionalProperties" || keyword == "patternProperties") {
    if (value == true || (value.is_object() && value.empty())) return {};
    return Refuse(n, keyword, "under not, if or an overlapping oneOf is not supported");
  } else if (keyword == "propertyNames" && draft >= Draft::k6) {
    if (value == true || (value.is_object() && value.empty())) return {};
    return Refuse(n, keyword, "under not, if or an overlapping oneOf is not supported");
  } else if (keyword == "dependentRequired" || keyword == "dependentSchemas" || keyword == "dependencies") {
    if (keyword != "dependencies" && draft < Draft::k2019) return {};
    for (const auto& [name, then] : value.items()) {
      if (then.is_array()) {
        for (const Json& r : then) make({{"required", {name}}, {"properties", {{r.get<std::string>(), false}}}});
      } else if (!then.is_string()) {
        TRY(const NodeId child, Sub(n, keyword, then, "/" + name));
        make({{"required", {name}}, {kLitsKey, {Fails(child)}}});
      }
    }
  }
  return {};
}

Status Compiler::NegateItems(NodeId n, const std::string& keyword, const Json& value, Choice& out) {
  const Draft draft = d_.draft(n);
  const auto made = [&](Json s) {
    const NodeId id = Made(n, With("array", std::move(s)));
    out.push_back({Holds(id)});
  };
  if (keyword == "contains" && draft >= Draft::k6) {
    TRY(const NodeId item, Sub(n, keyword, value));
    const Json& json = *d_[n].json;
    uint32_t least = 1;
    if (draft >= Draft::k2019 && (json.contains("minContains") || json.contains("maxContains"))) {
      return Refuse(n, keyword, "with minContains or maxContains under not, if or an overlapping oneOf is not supported");
    }
    if (least > 0) made({{"items", {{kLitsKey, {Fails(item)}}}}});
  } else if (keyword == "items" && !value.is_array()) {
    if (value == true || (value.is_object() && value.empty())) return {};
    const Json& json = *d_[n].json;
    if (json.contains("prefixItems"))
      return Refuse(n, keyword, "beside prefixItems under not, if or an overlapping oneOf is not supported");
    TRY(const NodeId item, Sub(n, keyword, value));
    if (draft < Draft::k6) return Refuse(n, keyword, "under not or an overlapping oneOf is not supported in draft 4");
    made({{"contains", {{kLitsKey, {Fails(item)}}}}});
  } else if (keyword == "prefixItems" || (keyword == "items" && value.is_array()) || keyword == "additionalItems") {
    if (value == true) return {};
    return Refuse(n, keyword, "under not, if or an overlapping oneOf is not supported");
  }
  return {};
}

}  // namespace hasten::schema
