// Methods of lists and dicts. Those that change them are reached only where RenderOptions::mutation allows it.
#include <algorithm>

#include "text/jinja/functions.h"
#include "text/jinja/operators.h"

namespace hasten::jinja {
namespace {

List& Self(const Invocation& call) { return *call.value.list(); }
Dict& SelfDict(const Invocation& call) { return *call.value.dict(); }

Result<size_t> PlaceOf(const Invocation& call, const Value& what) {
  const auto& items = Self(call).items;
  for (size_t i = 0; i < items.size(); ++i)
    if (Equal(items[i], what, call.in.meter())) return i;
  return Mistake("the value is not in the list");
}

Result<Value> Index(const Invocation& call) {
  TRY(const size_t at, PlaceOf(call, *call.args[0]));
  return Value(int64_t(at));
}

Result<Value> Count(const Invocation& call) {
  int64_t count = 0;
  for (const Value& item : Self(call).items) count += Equal(item, *call.args[0], call.in.meter());
  return Value(count);
}

Result<Value> Copy(const Invocation& call) { return call.in.NewList(Self(call).items); }

Result<Value> Append(const Invocation& call) {
  call.in.heap().Append(&Self(call), *call.args[0]);
  return Value(None{});
}

Result<Value> Extend(const Invocation& call) {
  TRY(const List* more, call.in.Iterate(*call.args[0]));
  const std::vector<Value> items = more->items;  // a list may extend itself
  for (const Value& item : items) call.in.heap().Append(&Self(call), item);
  call.in.meter().Step(items.size());
  return Value(None{});
}

Result<Value> Insert(const Invocation& call) {
  TRY(int64_t at, call.Int(0, 0));
  auto& items = Self(call).items;
  const int64_t size = int64_t(items.size());
  at = std::clamp(at < 0 ? std::max(at, -size) + size : at, int64_t{0}, size);
  call.in.meter().Step(items.size() / 16);
  call.in.meter().Take(sizeof(Value));
  items.insert(items.begin() + std::ptrdiff_t(at), *call.args[1]);
  return Value(None{});
}

Result<Value> Pop(const Invocation& call) {
  TRY(int64_t at, call.Int(0, -1));
  auto& items = Self(call).items;
  const int64_t size = int64_t(items.size());
  if (at < 0) at += size;
  if (at < 0 || at >= size) return Mistake(size == 0 ? "pop from an empty list" : "pop: the index is out of range");
  Value popped = items[size_t(at)];
  call.in.meter().Step(items.size() / 16);
  items.erase(items.begin() + std::ptrdiff_t(at));
  return popped;
}

Result<Value> Remove(const Invocation& call) {
  TRY(const size_t at, PlaceOf(call, *call.args[0]));
  Self(call).items.erase(Self(call).items.begin() + std::ptrdiff_t(at));
  return Value(None{});
}

Result<Value> Reverse(const Invocation& call) {
  call.in.meter().Step(Self(call).items.size() / 16);
  std::ranges::reverse(Self(call).items);
  return Value(None{});
}

Result<Value> Sort(const Invocation& call) {
  Args args;
  args.positional = {Value(call.Flag(0)), Value(true)};  // reverse, and with case
  TRY(const Value sorted, call.in.Filter("sort", call.value, args));
  Self(call).items = sorted.list()->items;
  return Value(None{});
}

Result<Value> Clear(const Invocation& call) {
  if (call.value.list()) {
    Self(call).items.clear();
  } else {
    SelfDict(call).Clear();
  }
  return Value(None{});
}

Result<Value> Get(const Invocation& call) {
  if (!Hashable(*call.args[0])) return Mistake("unhashable type: '" + TypeName(*call.args[0]) + "'");
  if (const Value* found = SelfDict(call).Find(*call.args[0])) return *found;
  return call.Has(1) ? *call.args[1] : Value(None{});
}

Result<Value> Keys(const Invocation& call) {
  std::vector<Value> items;
  for (const auto& [key, value] : SelfDict(call).items) items.push_back(key);
  return call.in.NewList(std::move(items), List::kKeys);
}

Result<Value> Values(const Invocation& call) {
  std::vector<Value> items;
  for (const auto& [key, value] : SelfDict(call).items) items.push_back(value);
  return call.in.NewList(std::move(items), List::kValues);
}

Result<Value> Items(const Invocation& call) {
  std::vector<Value> items;
  for (const auto& [key, value] : SelfDict(call).items) items.push_back(call.in.NewList({key, value}, List::kTuple));
  return call.in.NewList(std::move(items), List::kItems);
}

Result<Value> CopyDict(const Invocation& call) {
  Dict* copy = call.in.heap().NewDict();
  for (const auto& [key, value] : SelfDict(call).items) call.in.heap().Set(copy, key, value);
  return Value(copy);
}

Result<Value> PopKey(const Invocation& call) {
  if (!Hashable(*call.args[0])) return Mistake("unhashable type: '" + TypeName(*call.args[0]) + "'");
  const Value* found = SelfDict(call).Find(*call.args[0]);
  if (!found && !call.Has(1)) return Mistake("pop: there is no key " + Repr(*call.args[0], call.in.meter()));
  const Value value = found ? *found : *call.args[1];
  SelfDict(call).Erase(*call.args[0]);
  return value;
}

Result<Value> PopItem(const Invocation& call) {
  if (SelfDict(call).items.empty()) return Mistake("popitem: the dict is empty");
  const auto [key, value] = SelfDict(call).items.back();
  SelfDict(call).Erase(key);
  return call.in.NewList({key, value}, List::kTuple);
}

Result<Value> SetDefault(const Invocation& call) {
  if (!Hashable(*call.args[0])) return Mistake("unhashable type: '" + TypeName(*call.args[0]) + "'");
  if (const Value* found = SelfDict(call).Find(*call.args[0])) return *found;
  const Value value = call.Has(1) ? *call.args[1] : Value(None{});
  call.in.heap().Set(&SelfDict(call), *call.args[0], value);
  return value;
}

Result<Value> Update(const Invocation& call) {
  for (const Value& other : call.raw.positional) {
    if (!other.dict()) return Mistake("update wants a mapping, not '" + TypeName(other) + "'");
    const auto members = other.dict()->items;
    for (const auto& [key, value] : members) call.in.heap().Set(&SelfDict(call), key, value);
  }
  for (const auto& [name, value] : call.raw.named) call.in.heap().Set(&SelfDict(call), name.view(), value);
  return Value(None{});
}

constexpr Entry kListMethods[] = {
    {"index", "value!", Index},    {"count", "value!", Count},          {"copy", "", Copy},    {"append", "value!", Append},
    {"extend", "values!", Extend}, {"insert", "index! value!", Insert}, {"pop", "index", Pop}, {"remove", "value!", Remove},
    {"reverse", "", Reverse},      {"sort", "reverse", Sort},           {"clear", "", Clear},
};

constexpr Entry kDictMethods[] = {
    {"get", "key! default", Get}, {"keys", "", Keys},
    {"values", "", Values},       {"items", "", Items},
    {"copy", "", CopyDict},       {"pop", "key! default", PopKey},
    {"popitem", "", PopItem},     {"setdefault", "key! default", SetDefault},
    {"update", "*", Update},      {"clear", "", Clear},
};

}  // namespace

std::span<const Entry> ListMethods() { return kListMethods; }
std::span<const Entry> DictMethods() { return kDictMethods; }

}  // namespace hasten::jinja
