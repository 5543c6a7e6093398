#include "text/jinja/value.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <functional>

namespace hasten::jinja {

static constexpr size_t kIndexedFrom = 9;  // below it, comparing beats hashing

bool Value::SameObject(const Value& other) const {
  if (kind() != other.kind()) return false;
  switch (kind()) {
    case Kind::kUndefined:
    case Kind::kNone:
      return true;
    case Kind::kBool:
    case Kind::kInt:
      return AsInt() == other.AsInt();
    case Kind::kFloat:
      return false;
    case Kind::kText:
      return AsText() == other.AsText() && safe() == other.safe();  // as if all were interned
    case Kind::kList:
      return list() == other.list();
    case Kind::kDict:
      return dict() == other.dict();
    case Kind::kFunction:
      return function() == other.function();
    case Kind::kLoop:
      return loop() == other.loop();
    case Kind::kCounter:
      return counter() == other.counter();
  }
  return false;
}

const Value* Dict::Find(const Value& key) const {
  const size_t at = IndexOf(key);
  return at < items.size() ? &items[at].second : nullptr;
}

const Value* Dict::Find(std::string_view key) const {
  if (index_.empty()) {
    for (const auto& [k, v] : items)
      if (k.text() && k.AsText() == key) return &v;
    return nullptr;
  }
  const auto [begin, end] = index_.equal_range(std::hash<std::string_view>()(key));
  for (auto it = begin; it != end; ++it) {
    const auto& [k, v] = items[it->second];
    if (k.text() && k.AsText() == key) return &v;
  }
  return nullptr;
}

size_t Dict::IndexOf(const Value& key) const {
  if (index_.empty()) {
    for (size_t i = 0; i < items.size(); ++i)
      if (Equal(items[i].first, key, *meter)) return i;
    return items.size();
  }
  const auto [begin, end] = index_.equal_range(HashOf(key));
  for (auto it = begin; it != end; ++it)
    if (Equal(items[it->second].first, key, *meter)) return it->second;
  return items.size();
}

void Dict::BuildIndex() {
  index_.clear();
  if (items.size() < kIndexedFrom) return;
  for (size_t i = 0; i < items.size(); ++i) index_.emplace(HashOf(items[i].first), uint32_t(i));
}

void Dict::Set(const Value& key, Value value) {
  const size_t at = IndexOf(key);
  if (at < items.size()) {
    items[at].second = std::move(value);
    return;
  }
  items.emplace_back(key, std::move(value));
  if (!index_.empty()) {
    index_.emplace(HashOf(key), uint32_t(at));
  } else if (items.size() == kIndexedFrom) {
    BuildIndex();
  }
}

bool Dict::Erase(const Value& key) {
  const size_t at = IndexOf(key);
  if (at == items.size()) return false;
  meter->Step(items.size() / 16);
  items.erase(items.begin() + std::ptrdiff_t(at));
  BuildIndex();
  return true;
}

void Dict::Clear() {
  items.clear();
  index_.clear();
}

List* Heap::NewList(std::vector<Value> items, List::Type type) {
  List* list = New<List>();
  meter.Take(items.capacity() * sizeof(Value));
  meter.Step(items.size() / 16);
  list->items = std::move(items);
  list->type = type;
  return list;
}

void Heap::Append(List* list, Value value) {
  meter.Take(sizeof(Value));
  list->items.push_back(std::move(value));
}

void Heap::Set(Dict* dict, const Value& key, Value value) {
  meter.Take(2 * sizeof(Value) + 32);
  dict->Set(key, std::move(value));
}

bool Truth(const Value& v) {
  switch (v.kind()) {
    case Kind::kUndefined:
    case Kind::kNone:
      return false;
    case Kind::kBool:
    case Kind::kInt:
      return v.AsInt() != 0;
    case Kind::kFloat:
      return v.AsFloat() != 0;
    case Kind::kText:
      return !v.AsText().empty();
    case Kind::kList:
      return v.list()->type == List::kGenerator || !v.list()->items.empty();
    case Kind::kDict:
      return v.dict()->is_namespace || !v.dict()->items.empty();
    case Kind::kLoop:
      return !v.loop()->items->items.empty();
    default:
      return true;
  }
}

bool Hashable(const Value& v) {
  if (v.list() && v.list()->tuple()) return std::ranges::all_of(v.list()->items, Hashable);
  if (v.list()) return v.list()->type == List::kRange || v.list()->type == List::kGenerator;
  return !v.dict() || v.dict()->is_namespace;
}

size_t HashOf(const Value& v) {
  if (v.text()) return std::hash<std::string_view>()(v.AsText());
  if (v.number()) return std::hash<double>()(v.AsFloat());  // 1, 1.0 and true are one key
  if (v.list()) return v.list()->items.size() + 1000;       // keys that are tuples are few and short
  return size_t(v.kind());
}

static bool EqualItems(const List& a, const List& b, Meter& meter, int depth) {
  const bool comparable = a.type == b.type || (a.tuple() && b.tuple());
  if (!comparable || a.items.size() != b.items.size()) return false;
  for (size_t i = 0; i < a.items.size(); ++i)
    if (!Equal(a.items[i], b.items[i], meter, depth + 1)) return false;
  return true;
}

static bool EqualMembers(const Dict& a, const Dict& b, Meter& meter, int depth) {
  if (a.is_namespace || b.is_namespace || a.items.size() != b.items.size()) return false;
  for (const auto& [key, value] : a.items) {
    const Value* other = b.Find(key);
    if (!other || !Equal(value, *other, meter, depth + 1)) return false;
  }
  return true;
}

bool Equal(const Value& a, const Value& b, Meter& meter, int depth) {
  meter.Step();
  if (depth > kMostNesting) meter.Fail(Code::kExhausted, Fmt("values nested deeper than %d are compared", kMostNesting));
  if (meter.tripped()) return false;
  if (a.integral() && b.integral()) return a.AsInt() == b.AsInt();
  if (a.number() && b.number()) return a.AsFloat() == b.AsFloat();
  if (a.text() && b.text()) {
    if (a.text_value().str.Same(b.text_value().str)) return true;
    if (a.AsText().size() != b.AsText().size()) return false;
    meter.StepBytes(a.AsText().size());
    return a.AsText() == b.AsText();
  }
  if (a.SameObject(b)) return true;
  if (a.list() && b.list()) return EqualItems(*a.list(), *b.list(), meter, depth);
  if (a.dict() && b.dict()) return EqualMembers(*a.dict(), *b.dict(), meter, depth);
  return false;
}

static const char* ListTypeName(List::Type type) {
  switch (type) {
    case List::kList:
      return "list";
    case List::kTuple:
      return "tuple";
    case List::kGroup:
      return "_GroupTuple";
    case List::kRange:
      return "range";
    case List::kGenerator:
      return "generator";
    case List::kKeys:
      return "dict_keys";
    case List::kValues:
      return "dict_values";
    case List::kItems:
      return "dict_items";
  }
  return "";
}

static const char* StaticTypeName(const Value& v) {
  switch (v.kind()) {
    case Kind::kUndefined:
      return "Undefined";
    case Kind::kNone:
      return "NoneType";
    case Kind::kBool:
      return "bool";
    case Kind::kInt:
      return "int";
    case Kind::kFloat:
      return "float";
    case Kind::kText:
      return v.safe() ? "Markup" : "str";
    case Kind::kList:
      return ListTypeName(v.list()->type);
    case Kind::kDict:
      return v.dict()->is_namespace ? "Namespace" : "dict";
    case Kind::kFunction:
      return v.function()->type == Function::kMacro ? "Macro" : "function";
    case Kind::kLoop:
      return "LoopContext";
    case Kind::kCounter:
      return v.counter()->joins ? "Joiner" : "Cycler";
  }
  return "";
}

std::string TypeName(const Value& v) { return StaticTypeName(v); }

const char* OwnerName(const Value& v) { return v.none() ? "None" : StaticTypeName(v); }

std::string UndefinedMessage(const Undefined& u) {
  const std::string name(u.name.view());
  if (!u.owner) return "'" + name + "' is undefined";
  if (!*u.owner) return name;
  const std::string owner = std::string(u.owner) == "None" ? "None" : std::string(u.owner) + " object";
  return "'" + owner + "' has no attribute '" + name + "'";
}

}  // namespace hasten::jinja
