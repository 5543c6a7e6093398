// One alternative's constraints as shapes.
#include <algorithm>

#include "base/quote.h"
#include "text/grammar/dfa.h"
#include "text/schema/compiler.h"

namespace hasten::schema {

using grammar::kAnyText;
using grammar::kNoLimit;
using grammar::kNothing;
using grammar::kNoValue;

Status Compiler::Emit(const Partial& p, grammar::Value& value) {
  grammar::RegexPool& pool = g_.pool;
  ReId scalars = value.scalars;
  if (p.types & kNull) scalars = pool.Or(scalars, pool.Literal("null"));
  if (p.types & kTrue) scalars = pool.Or(scalars, pool.Literal("true"));
  if (p.types & kFalse) scalars = pool.Or(scalars, pool.Literal("false"));
  if (p.types & kNumber) {
    auto number = NumberRegex(pool, p.range, options_.style);
    if (!number)
      return Error{Code::kUnsupported, Fmt("#%s/multipleOf: is not supported: too many remainders",
                                           p.done.empty() ? "" : d_[*p.done.rbegin() >> 1].path.c_str())};
    std::vector<ReId> all = p.numbers;
    // What is listed is written as listed; the rest only has to allow it.
    all.push_back(*number);
    const ReId both = pool.And(std::move(all));
    if (!Impossible(both)) scalars = pool.Or(scalars, both);
  }
  value.scalars = scalars;
  if (p.types & kString) TRY_OK(EmitString(p, value));
  if (p.types & kArray) TRY_OK(EmitArray(p, value));
  if (p.types & kObject) TRY_OK(EmitObject(p, value));
  return {};
}

Status Compiler::EmitString(const Partial& p, grammar::Value& value) {
  if (p.least_chars > p.most_chars) return {};
  grammar::RegexPool& pool = g_.pool;
  grammar::StringShape s = {.content = kAnyText, .least = p.least_chars, .most = p.most_chars};
  if (!p.content.empty()) {
    std::vector<ReId> all = p.content;
    if (std::ranges::any_of(all, [&](ReId id) { return !pool[id].pure; })) all.push_back(kAnyText);
    s.content = pool.And(std::move(all));
  }
  if (s.content != kAnyText && s.least > 0) {
    // `least` goes into the expression. `most` is counted beside it: what is left needs its shortest text, no more.
    constexpr uint32_t kMostStates = 5'000;
    if (s.least > kMostStates)
      return Error{Code::kUnsupported, Fmt("minLength %u beside a pattern is not supported: at most %u", s.least, kMostStates)};
    s.content = pool.And(s.content, pool.Repeat(grammar::kAnyChar, s.least, kNoLimit));
    s.least = 0;
  }
  if (Impossible(s.content)) return {};
  if (s.content != kAnyText && s.most != kNoLimit) {
    grammar::Dfa dfa(pool, s.content);
    if (dfa.start() == grammar::Dfa::kDead || dfa.ShortestChars(dfa.start()) > s.most) return {};
  }
  for (grammar::StringShape& other : value.strings) {
    if (other.least != s.least || other.most != s.most) continue;
    other.content = pool.Or(other.content, s.content);
    return {};
  }
  value.strings.push_back(s);
  return {};
}

// ------------------------------------------------------------------------------------------------------------ objects

Result<std::vector<Compiler::PatternRule>> Compiler::Patterns(const Partial& p) {
  std::vector<PatternRule> rules;
  for (const NodeId n : p.members) {
    const Json& json = *d_[n].json;
    if (!json.contains("patternProperties")) continue;
    if (!json["patternProperties"].is_object()) return Refuse(n, "patternProperties", "has to be an object", Code::kBadInput);
    for (const auto& [pattern, schema] : json["patternProperties"].items()) {
      TRY(const ReId id, Pattern(n, "patternProperties/" + pattern, pattern));
      TRY(const NodeId child, Sub(n, "patternProperties", schema, "/" + pattern));
      rules.push_back({n, id, Holds(child)});
    }
  }
  return rules;
}

Result<ReId> Compiler::NamesRegex(const Partial& p) {
  if (p.names.empty()) return kAnyText;
  Lits lits = p.names;
  const ValueId id = ValueOf(lits);
  Expand(id);
  if (slots_[id]->error) return *slots_[id]->error;
  ReId all = kNothing;
  for (const grammar::StringShape& s : slots_[id]->value.strings) {
    ReId content = s.content;
    if (s.least > 0 || s.most != kNoLimit) {
      const ReId length = g_.pool.Repeat(grammar::kAnyChar, s.least, s.most);
      content = content == kAnyText ? length : g_.pool.And(content, length);
    }
    all = g_.pool.Or(all, content);
  }
  return all;
}

// What a member of this name has to satisfy; none where it may not be there.
Result<std::optional<Lits>> Compiler::MemberLits(const Partial& p, const std::vector<PatternRule>& patterns,
                                                 const std::string& name) {
  Lits lits;
  for (const NodeId n : p.members) {
    const Json& json = *d_[n].json;
    bool listed = false;
    if (json.contains("properties")) {
      if (!json["properties"].is_object()) return Refuse(n, "properties", "has to be an object", Code::kBadInput);
      if (json["properties"].contains(name)) {
        TRY(const NodeId child, Sub(n, "properties", json["properties"][name], "/" + name));
        lits.push_back(Holds(child));
        listed = true;
      }
    }
    for (const PatternRule& r : patterns) {
      if (r.node != n || !Matches(r.pattern, name)) continue;
      lits.push_back(r.value);
      listed = true;
    }
    if (!listed && json.contains("additionalProperties")) {
      TRY(const NodeId child, Sub(n, "additionalProperties", json["additionalProperties"]));
      lits.push_back(Holds(child));
    }
  }
  if (std::ranges::any_of(lits, [&](Lit l) { return *d_[l >> 1].json == false; })) return std::optional<Lits>();
  return std::optional(lits);
}

// Names that are not listed, by which patterns they match: every set of patterns that have a name in common is a class.
Status Compiler::EmitClasses(const Partial& p, const std::vector<PatternRule>& patterns, const std::vector<std::string>& names,
                             grammar::ObjectShape& shape) {
  grammar::RegexPool& pool = g_.pool;
  TRY(const ReId allowed, NamesRegex(p));
  std::vector<ReId> listed;
  for (const std::string& name : names) listed.push_back(pool.Literal(name));
  std::vector<ReId> distinct;
  for (const PatternRule& r : patterns)
    if (std::ranges::find(distinct, r.pattern) == distinct.end()) distinct.push_back(r.pattern);
  struct Class {
    ReId names;
    std::vector<ReId> matched;
  };
  std::vector<Class> classes = {{pool.And({kAnyText, allowed, pool.Not(pool.Or(listed))}), {}}};
  for (const ReId pattern : distinct) {
    std::vector<Class> split;
    for (const Class& c : classes) {
      Class in = {pool.And(c.names, pattern), c.matched};
      in.matched.push_back(pattern);
      if (!Impossible(in.names)) split.push_back(std::move(in));
      const ReId out = pool.And(c.names, pool.Not(pattern));
      if (!Impossible(out)) split.push_back({out, c.matched});
    }
    constexpr size_t kMostClasses = 200;
    if (split.size() > kMostClasses)
      return Refuse(p.members[0], "patternProperties", "is not supported: the patterns overlap in too many ways");
    classes = std::move(split);
  }
  for (const Class& c : classes) {
    Lits lits;
    bool never = false;
    for (const NodeId n : p.members) {
      bool matched = false;
      for (const PatternRule& r : patterns) {
        if (r.node != n || std::ranges::find(c.matched, r.pattern) == c.matched.end()) continue;
        lits.push_back(r.value);
        matched = true;
      }
      const Json& json = *d_[n].json;
      if (matched || !json.contains("additionalProperties")) continue;
      TRY(const NodeId child, Sub(n, "additionalProperties", json["additionalProperties"]));
      lits.push_back(Holds(child));
    }
    for (const Lit l : lits) never = never || *d_[l >> 1].json == false;
    if (never || Impossible(c.names)) continue;
    shape.classes.push_back({c.names, ValueOf(lits)});
  }
  return {};
}

Status Compiler::EmitObject(const Partial& p, grammar::Value& value) {
  if (p.least_members > p.most_members) return {};
  grammar::ObjectShape shape;
  TRY(const auto patterns, Patterns(p));
  std::vector<std::string> names;  // in the order of the schema
  std::set<std::string> known;
  const auto add = [&](const std::string& name) {
    if (known.insert(name).second) names.push_back(name);
  };
  bool lists = false, open = false;
  for (const NodeId n : p.members) {
    const Json& json = *d_[n].json;
    open = open || json.contains("additionalProperties") || json.contains("patternProperties");
    if (!json.contains("properties") || !json["properties"].is_object()) continue;
    lists = true;
    for (const auto& [name, child] : json["properties"].items()) add(name);
  }
  for (const std::string& name : p.required) add(name);
  for (const auto& [name, needed] : p.implications) {
    add(name);
    for (const std::string& r : needed) add(r);
  }
  TRY(const ReId allowed, NamesRegex(p));
  std::map<std::string, uint32_t> index;
  for (const std::string& name : known) {  // sorted
    TRY(const auto lits, MemberLits(p, patterns, name));
    const bool may = lits && Matches(allowed, name);
    index.emplace(name, uint32_t(shape.members.size()));
    shape.members.push_back({name, may ? ValueOf(*lits) : kNoValue});
  }
  shape.order.resize(names.size());
  for (uint32_t i = 0; i < names.size(); ++i) shape.order[index.at(names[i])] = i;
  for (const std::string& name : p.required) {
    if (shape.members[index.at(name)].value == kNoValue) return {};
    shape.required.push_back(index.at(name));
  }
  std::ranges::sort(shape.required);
  for (const auto& [name, needed] : p.implications) {
    grammar::Implication i = {index.at(name), {}};
    for (const std::string& r : needed) i.requires_.push_back(index.at(r));
    shape.implications.push_back(std::move(i));
  }
  if (!shape.implications.empty() && (p.most_members != kNoLimit || options_.style == SchemaStyle::kStrict)) {
    if (p.most_members != kNoLimit) return Refuse(d_.root(), "dependentRequired", "is not supported beside maxProperties");
  }
  shape.least = p.least_members;
  shape.most = p.most_members;
  shape.in_order = options_.style == SchemaStyle::kStrict && shape.implications.empty();
  if (options_.style == SchemaStyle::kAny || !lists || open) TRY_OK(EmitClasses(p, patterns, names, shape));
  if (shape.required.size() > shape.most) return {};
  value.objects.push_back(std::move(shape));
  return {};
}

// ------------------------------------------------------------------------------------------------------------- arrays

Status Compiler::EmitArray(const Partial& p, grammar::Value& value) {
  if (p.least_items > p.most_items) return {};
  grammar::ArrayShape shape;
  shape.least = p.least_items;
  shape.most = p.most_items;
  size_t first = 0;
  struct Rule {
    const Json* prefix = nullptr;
    const Json* rest = nullptr;
    const char *prefix_key, *rest_key;
    NodeId node;
  };
  std::vector<Rule> rules;
  for (const NodeId n : p.items) {
    const Json& json = *d_[n].json;
    Rule r = {.prefix_key = "prefixItems", .rest_key = "items", .node = n};
    const bool listed = json.contains("items") && json["items"].is_array();
    if (json.contains("prefixItems") && json["prefixItems"].is_array() &&
        (d_.draft(n) == Draft::k2020 || json.contains("$schema")))
      r.prefix = &json["prefixItems"];
    if (listed) {
      r.prefix = &json["items"];
      r.prefix_key = "items";
      r.rest_key = "additionalItems";
    }
    if (json.contains(r.rest_key)) r.rest = &json[r.rest_key];
    if (r.prefix) first = std::max(first, r.prefix->size());
    rules.push_back(r);
  }
  constexpr size_t kMostFirst = 10'000;
  if (first > kMostFirst) return Refuse(p.items[0], "prefixItems", "too many items");
  const auto lits_at = [&](size_t i) -> Result<Lits> {
    Lits lits;
    for (const Rule& r : rules) {
      if (r.prefix && i < r.prefix->size()) {
        TRY(const NodeId child, Sub(r.node, r.prefix_key, (*r.prefix)[i], "/" + std::to_string(i)));
        lits.push_back(Holds(child));
      } else if (r.rest) {
        TRY(const NodeId child, Sub(r.node, r.rest_key, *r.rest));
        lits.push_back(Holds(child));
      }
    }
    return lits;
  };
  if (p.unique && p.most_items > 1 && !options_.ignores_unique) {
    return Refuse(p.unique_at, "uniqueItems", "is not supported: leave it out or limit maxItems to 1");
  }
  TRY(const Lits rest, lits_at(first));
  if (p.contains.empty()) {
    for (size_t i = 0; i < first; ++i) {
      TRY(const Lits lits, lits_at(i));
      shape.first.push_back(ValueOf(lits));
    }
    shape.rest = ValueOf(rest);
  } else {
    if (p.contains.size() > 1 || first > 0) {
      return Refuse(p.contains[0].item >> 1, "",
                    "contains is not supported beside another contains or items listed one by one");
    }
    const ContainsRule& c = p.contains[0];
    Lits match = rest, mismatch = rest;
    match.push_back(c.item);
    if (c.most != kNoLimit) mismatch.push_back(c.item ^ 1);
    shape.contains = true;
    shape.matched = {ValueOf(match), ValueOf(mismatch), c.least, c.most};
  }
  value.arrays.push_back(std::move(shape));
  return {};
}

}  // namespace hasten::schema
