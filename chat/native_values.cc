#include "chat/native_values.h"

#include <algorithm>
#include <cctype>

#include "text/grammar/own_symbol.h"

namespace hasten {

using grammar::kEmptyText;
using grammar::kNoLimit;
using grammar::kNothing;
using grammar::kNoValue;
using grammar::ReId;
using grammar::ValueId;

bool IsBareName(std::string_view name) {
  return !name.empty() && std::ranges::all_of(name, [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '.' || c == '-' || (c & 0x80);
  });
}

static bool Accepts(grammar::RegexPool& pool, ReId id, std::string_view text) {
  for (const char c : text) id = pool.Derivative(id, uint8_t(c));
  return pool[id].nullable;
}

ReId MembersInOrder(grammar::Grammar& g, const grammar::ObjectShape& shape, ReId separator,
                    const std::function<ReId(const grammar::Member&)>& member) {
  if (!shape.implications.empty() || shape.least > shape.required.size() || shape.most < shape.members.size()) return kNothing;
  std::vector<uint32_t> by_place(shape.members.size());
  for (uint32_t i = 0; i < shape.members.size(); ++i) by_place[shape.order[i]] = i;
  // What may follow where a member has been written, and where none has; from the last member to the first.
  ReId behind = kEmptyText, first = kEmptyText;
  for (size_t place = by_place.size(); place-- > 0;) {
    const uint32_t i = by_place[place];
    if (shape.members[i].value == kNoValue) continue;
    const ReId text = g.pool.Concat(member(shape.members[i]), behind);
    const bool required = std::ranges::binary_search(shape.required, i);
    first = required ? text : g.pool.Or(text, first);
    const ReId next = g.pool.Concat(separator, text);
    behind = required ? next : g.pool.Or(next, behind);
  }
  return first;
}

ReId TextWithout(grammar::Grammar& g, const grammar::StringShape& shape, const std::vector<std::string>& marks) {
  grammar::RegexPool& pool = g.pool;
  std::vector<ReId> all = {shape.content};
  if (shape.least > 0 || shape.most != kNoLimit) all.push_back(pool.Repeat(grammar::kAnyChar, shape.least, shape.most));
  for (const std::string& mark : marks) {
    const ReId holds = pool.Concat(grammar::kAnyBytes, pool.Concat(pool.Literal(mark), grammar::kAnyBytes));
    all.push_back(pool.Not(holds));
  }
  return grammar::OwnSymbol(g, pool.And(std::move(all)), "a text");
}

static bool IsEmpty(const grammar::Value& v) {
  return v.scalars == kNothing && v.strings.empty() && v.objects.empty() && v.arrays.empty();
}

ReId NativeValues::Of(ValueId id) {
  if (IsEmpty(g_.json.values[id])) return kNothing;
  if (const auto known = symbols_.find(id); known != symbols_.end()) return g_.pool.Call(known->second);
  const auto symbol = uint32_t(g_.symbols.size());
  g_.symbols.push_back({.name = "a value"});
  symbols_.emplace(id, symbol);  // before its body, which may hold it
  const ReId body = Body(id);
  g_.symbols[symbol].body = body;
  return g_.pool.Call(symbol);
}

ReId NativeValues::AsJson(grammar::Value value) {
  g_.json.values.push_back(std::move(value));
  g_.symbols.push_back({.name = "a JSON value", .value = ValueId(g_.json.values.size() - 1)});
  return g_.pool.Call(uint32_t(g_.symbols.size() - 1));
}

ReId NativeValues::Body(ValueId id) {
  const grammar::Value value = g_.json.values[id];  // a copy: more values may be made below
  grammar::RegexPool& pool = g_.pool;
  std::vector<ReId> any = {grammar::OwnSymbol(g_, value.scalars, "a number or a word")};
  if (spelling_ == Spelling::kPython) {
    for (const auto& [json, python] : {std::pair{"true", "True"}, {"false", "False"}, {"null", "None"}})
      if (Accepts(pool, value.scalars, json)) any.push_back(pool.Literal(python));
    if (!value.strings.empty()) {
      grammar::Value strings;
      strings.strings = value.strings;
      any.push_back(AsJson(std::move(strings)));
    }
  } else {
    for (const grammar::StringShape& shape : value.strings)
      any.push_back(pool.Concat(quote_, pool.Concat(TextWithout(g_, shape, marks_), quote_)));
  }
  for (const grammar::ArrayShape& shape : value.arrays) any.push_back(Array(shape));
  for (const grammar::ObjectShape& shape : value.objects) any.push_back(Object(shape));
  return pool.Or(std::move(any));
}

ReId NativeValues::Array(const grammar::ArrayShape& shape) {
  if (shape.contains) {
    grammar::Value value;
    value.arrays.push_back(shape);
    return AsJson(std::move(value));
  }
  grammar::RegexPool& pool = g_.pool;
  const ReId comma = pool.Literal(spelling_ == Spelling::kPython ? ", " : ",");
  const auto leading = uint32_t(std::min<size_t>(shape.first.size(), shape.most));
  const auto clipped = [&](uint32_t n) { return n == kNoLimit ? kNoLimit : n - std::min(n, leading); };
  const uint32_t rest_least = clipped(shape.least), rest_most = shape.most == kNoLimit ? kNoLimit : shape.most - leading;
  // The items behind those that are listed: where something stands before them, and where nothing does.
  ReId behind = kEmptyText, alone = rest_least == 0 ? kEmptyText : kNothing;
  if (shape.rest != kNoValue && rest_most > 0) {
    const ReId item = Of(shape.rest), more = pool.Concat(comma, item);
    behind = pool.Repeat(more, rest_least, rest_most);
    const uint32_t most = rest_most == kNoLimit ? kNoLimit : rest_most - 1;
    alone = pool.Or(alone, pool.Concat(item, pool.Repeat(more, rest_least > 0 ? rest_least - 1 : 0, most)));
  } else if (rest_least > 0) {
    behind = kNothing;
  }
  for (uint32_t i = leading; i-- > 0;) {
    const ReId item = Of(shape.first[i]);
    const ReId with = pool.Concat(item, behind);
    const bool optional = i >= shape.least;
    behind = optional ? pool.Or(pool.Concat(comma, with), kEmptyText) : pool.Concat(comma, with);
    alone = optional ? pool.Or(with, kEmptyText) : with;
  }
  return pool.Concat(pool.Literal("["), pool.Concat(alone, pool.Literal("]")));
}

ReId NativeValues::Object(const grammar::ObjectShape& shape) {
  const bool gemma = spelling_ == Spelling::kGemma;
  const bool bare = std::ranges::all_of(shape.members, [](const grammar::Member& m) { return IsBareName(m.name); });
  grammar::RegexPool& pool = g_.pool;
  ReId members = kNothing;
  if (shape.classes.empty() && bare) {
    members = MembersInOrder(g_, shape, pool.Literal(gemma ? "," : ", "), [&](const grammar::Member& m) {
      return pool.Concat(pool.Literal(gemma ? m.name + ":" : "\"" + m.name + "\": "), Of(m.value));
    });
  }
  if (members != kNothing) return pool.Concat(pool.Literal("{"), pool.Concat(members, pool.Literal("}")));
  grammar::Value value;  // the readers take JSON too
  value.objects.push_back(shape);
  return AsJson(std::move(value));
}

}  // namespace hasten
