// Filters over rows of values.
#include <algorithm>

#include "text/jinja/functions.h"
#include "text/jinja/operators.h"

namespace hasten::jinja {
namespace {

Value Lowered(Interpreter& in, const Value& v) { return v.text() ? in.Text(Lower(v.AsText())) : v; }
Value NoItem(const char* why) { return Undefined{Str(why, nullptr), ""}; }

// Sorts `order` by the keys, keeping the order of equals; an error of a comparison ends up in the result.
Status SortBy(Interpreter& in, const std::vector<Value>& keys, std::vector<size_t>& order, bool reverse) {
  std::optional<Error> wrong;
  std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) {
    if (wrong) return false;
    const auto less = reverse ? Less(in, keys[b], keys[a]) : Less(in, keys[a], keys[b]);
    if (!less) wrong = less.error();
    return less && *less;
  });
  if (wrong) return *std::move(wrong);
  return {};
}

Result<std::vector<Value>> SortedBy(Interpreter& in, const std::vector<Value>& items, const std::vector<Value>& keys,
                                    bool reverse) {
  std::vector<size_t> order(items.size());
  for (size_t i = 0; i < order.size(); ++i) order[i] = i;
  TRY_OK(SortBy(in, keys, order, reverse));
  std::vector<Value> sorted;
  for (const size_t i : order) sorted.push_back(items[i]);
  return sorted;
}

// "a,b.c": several paths, compared one after the other.
Result<Value> SortKey(Interpreter& in, const Value& item, const Value& attribute, bool case_sensitive) {
  std::vector<Value> parts;
  std::string_view rest = attribute.text() ? attribute.AsText() : std::string_view();
  do {
    Value path = attribute;
    if (attribute.text()) {
      const std::string_view one = rest.substr(0, rest.find(','));
      rest.remove_prefix(std::min(one.size() + 1, rest.size()));
      path = in.Text(std::string(one));
    }
    TRY(Value key, AttributePath(in, item, path));
    parts.push_back(case_sensitive ? key : Lowered(in, key));
  } while (!rest.empty());
  return in.NewList(std::move(parts));
}

const Value& ArgOrNone(const Invocation& call, size_t i) {
  static const Value none = None{};
  return call.Has(i) ? *call.args[i] : none;
}

Result<Value> Sort(const Invocation& call) {
  TRY(const List* list, call.in.Iterate(call.value));
  std::vector<Value> keys;
  for (const Value& item : list->items) {
    TRY(Value key, SortKey(call.in, item, ArgOrNone(call, 2), call.Flag(1)));
    keys.push_back(std::move(key));
  }
  TRY(auto sorted, SortedBy(call.in, list->items, keys, call.Flag(0)));
  return call.in.NewList(std::move(sorted));
}

Result<Value> DictSort(const Invocation& call) {
  if (!call.value.dict()) return Mistake("filter 'dictsort' wants a mapping, not '" + TypeName(call.value) + "'");
  TRY(const std::string_view by, call.Text(1, "key"));
  if (by != "key" && by != "value") return Mistake("filter 'dictsort' sorts by 'key' or by 'value'");
  std::vector<Value> items, keys;
  for (const auto& [key, value] : call.value.dict()->items) {
    items.push_back(call.in.NewList({key, value}, List::kTuple));
    const Value& sorted_by = by == "key" ? key : value;
    keys.push_back(call.Flag(0) ? sorted_by : Lowered(call.in, sorted_by));
  }
  TRY(auto sorted, SortedBy(call.in, items, keys, call.Flag(2)));
  return call.in.NewList(std::move(sorted));
}

Result<Value> Unique(const Invocation& call) {
  TRY(const List* list, call.in.Iterate(call.value));
  Dict* seen = call.in.heap().NewDict();
  std::vector<Value> kept;
  for (const Value& item : list->items) {
    TRY(Value key, AttributePath(call.in, item, ArgOrNone(call, 1)));
    if (!call.Flag(0)) key = Lowered(call.in, key);
    if (!Hashable(key)) return Mistake("unhashable type: '" + TypeName(key) + "'");
    if (seen->Find(key)) continue;
    call.in.heap().Set(seen, key, true);
    kept.push_back(item);
  }
  return call.in.NewList(std::move(kept), List::kGenerator);
}

Result<Value> Extreme(const Invocation& call, bool largest) {
  TRY(const List* list, call.in.Iterate(call.value));
  if (list->items.empty()) return NoItem("there is no smallest or largest item: the sequence is empty");
  Value best, best_key;
  for (size_t i = 0; i < list->items.size(); ++i) {
    TRY(Value key, AttributePath(call.in, list->items[i], ArgOrNone(call, 1)));
    if (!call.Flag(0)) key = Lowered(call.in, key);
    if (i > 0) {
      const auto better = largest ? Less(call.in, best_key, key) : Less(call.in, key, best_key);
      if (!better) return better.error();
      if (!*better) continue;
    }
    best = list->items[i];
    best_key = std::move(key);
  }
  return best;
}

Result<Value> Min(const Invocation& call) { return Extreme(call, false); }
Result<Value> Max(const Invocation& call) { return Extreme(call, true); }

Result<Value> Sum(const Invocation& call) {
  TRY(const List* list, call.in.Iterate(call.value));
  Value sum = call.Has(1) ? *call.args[1] : Value(int64_t{0});
  if (sum.text()) return Mistake("filter 'sum' cannot add strings: use join");
  for (const Value& item : list->items) {
    TRY(const Value part, AttributePath(call.in, item, ArgOrNone(call, 0)));
    TRY(sum, Binary(call.in, Op::kAdd, sum, part));
  }
  return sum;
}

Result<Value> GroupBy(const Invocation& call) {
  TRY(const List* list, call.in.Iterate(call.value));
  const Value* otherwise = call.Has(1) && !call.args[1]->none() ? call.args[1] : nullptr;
  std::vector<Value> keys, shown;
  for (const Value& item : list->items) {
    TRY(Value key, AttributePath(call.in, item, *call.args[0], otherwise));
    shown.push_back(key);
    keys.push_back(call.Flag(2) ? key : Lowered(call.in, key));
  }
  std::vector<size_t> order(keys.size());
  for (size_t i = 0; i < order.size(); ++i) order[i] = i;
  TRY_OK(SortBy(call.in, keys, order, false));
  std::vector<Value> groups;
  for (size_t i = 0; i < order.size();) {
    List* members = call.in.heap().NewList({});
    const size_t first = order[i];
    for (; i < order.size() && Equal(keys[order[i]], keys[first], call.in.meter()); ++i)
      call.in.heap().Append(members, list->items[order[i]]);
    if (call.in.meter().tripped()) return call.in.meter().error();
    groups.push_back(call.in.NewList({shown[first], members}, List::kGroup));
  }
  return call.in.NewList(std::move(groups));
}

Result<Value> Batch(const Invocation& call) {
  TRY(const List* list, call.in.Iterate(call.value));
  TRY(const int64_t size, call.Int(0, 1));
  std::vector<Value> rows, row;
  for (const Value& item : list->items) {
    if (!row.empty() && int64_t(row.size()) == size) rows.push_back(call.in.NewList(std::exchange(row, {})));
    row.push_back(item);
  }
  if (!row.empty()) {
    const bool fill = call.Has(1) && !call.args[1]->none() && int64_t(row.size()) < size;
    if (fill && !call.in.meter().Affords(size_t(size), sizeof(Value))) return call.in.meter().error();
    if (fill) row.resize(size_t(size), *call.args[1]);
    rows.push_back(call.in.NewList(std::move(row)));
  }
  return call.in.NewList(std::move(rows), List::kGenerator);
}

Result<Value> Slice(const Invocation& call) {
  TRY(const List* list, call.in.Iterate(call.value));
  TRY(const int64_t slices, call.Int(0, 1));
  if (slices <= 0) return Mistake("filter 'slice' wants a positive number of slices");
  if (!call.in.meter().Affords(size_t(slices), sizeof(List))) return call.in.meter().error();
  const size_t count = size_t(slices), each = list->items.size() / count, extra = list->items.size() % count;
  std::vector<Value> columns;
  size_t at = 0;
  for (size_t i = 0; i < count; ++i) {
    const size_t size = each + (i < extra);
    const auto begin = list->items.begin() + std::ptrdiff_t(at);
    std::vector<Value> column(begin, begin + std::ptrdiff_t(size));
    if (call.Has(1) && !call.args[1]->none() && i >= extra) column.push_back(*call.args[1]);
    columns.push_back(call.in.NewList(std::move(column)));
    at += size;
  }
  return call.in.NewList(std::move(columns), List::kGenerator);
}

Result<Value> First(const Invocation& call) {
  TRY(const List* list, call.in.Iterate(call.value));
  return list->items.empty() ? NoItem("there is no first item: the sequence is empty") : list->items.front();
}

Result<Value> Last(const Invocation& call) {
  if (call.value.list() && call.value.list()->type == List::kGenerator) return Mistake("'generator' object is not reversible");
  TRY(const List* list, call.in.Iterate(call.value));
  return list->items.empty() ? NoItem("there is no last item: the sequence is empty") : list->items.back();
}

Result<Value> Reverse(const Invocation& call) {
  TRY(const List* list, call.in.Iterate(call.value));
  std::vector<Value> items(list->items.rbegin(), list->items.rend());
  if (!call.value.text()) return call.in.NewList(std::move(items), List::kGenerator);
  std::string text;
  for (const Value& c : items) text += c.AsText();
  return call.Like(std::move(text));
}

Result<Value> ListFilter(const Invocation& call) {
  TRY(const List* list, call.in.Iterate(call.value));
  return call.in.NewList(list->items);
}

Result<Value> Join(const Invocation& call) {
  TRY(const List* list, call.in.Iterate(call.value));
  const std::string joint = call.Has(0) ? call.in.Shown(*call.args[0]) : "";
  std::string out;
  for (size_t i = 0; i < list->items.size(); ++i) {
    TRY(const Value item, AttributePath(call.in, list->items[i], ArgOrNone(call, 1)));
    if (i > 0) out += joint;
    out += call.in.Shown(item);
    call.in.meter().Step();
    if (!call.in.meter().Affords(out.size()) || call.in.meter().tripped()) return call.in.meter().error();
  }
  return call.in.Text(std::move(out));
}

Result<Value> Map(const Invocation& call) {
  if (!Truth(call.value)) return call.in.NewList({}, List::kGenerator);
  TRY(const List* list, call.in.Iterate(call.value));
  std::vector<Value> mapped;
  Args rest = call.raw;
  const auto named = [&](std::string_view name) -> std::optional<Value> {
    for (const auto& [key, value] : call.raw.named)
      if (key.view() == name) return value;
    return {};
  };
  const auto attribute = named("attribute"), otherwise = named("default");
  const bool by_attribute = rest.positional.empty() && attribute;
  if (!by_attribute && (rest.positional.empty() || !rest.positional[0].text()))
    return Mistake("filter 'map' wants the name of a filter, or attribute=");
  const Value name = by_attribute ? Value() : rest.positional[0];
  if (!by_attribute) rest.positional.erase(rest.positional.begin());
  for (const Value& item : list->items) {
    if (by_attribute) {
      const bool given = otherwise && !otherwise->none();
      TRY(Value value, AttributePath(call.in, item, *attribute, given ? &*otherwise : nullptr));
      mapped.push_back(std::move(value));
    } else {
      TRY(Value value, call.in.Filter(name.AsText(), item, rest));
      mapped.push_back(std::move(value));
    }
    if (call.in.meter().tripped()) return call.in.meter().error();
  }
  return call.in.NewList(std::move(mapped), List::kGenerator);
}

// The items whose test, of themselves or of an attribute, comes out as `wanted`.
Result<Value> Choose(const Invocation& call, bool wanted, bool by_attribute) {
  if (!Truth(call.value)) return call.in.NewList({}, List::kGenerator);
  TRY(const List* list, call.in.Iterate(call.value));
  Args rest = call.raw;
  Value attribute = None{}, test;
  const auto take = [&](Value& into) {
    into = rest.positional[0];
    rest.positional.erase(rest.positional.begin());
  };
  if (by_attribute && rest.positional.empty()) return Mistake("the name of an attribute is missing");
  if (by_attribute) take(attribute);
  const bool tests = !rest.positional.empty();
  if (tests) take(test);
  if (tests && !test.text()) return Mistake("the name of a test must be a string");
  std::vector<Value> chosen;
  for (const Value& item : list->items) {
    TRY(const Value value, AttributePath(call.in, item, attribute));
    bool yes = Truth(value);
    if (tests) {
      TRY(yes, call.in.Test(test.AsText(), value, rest));
    }
    if (call.in.meter().tripped()) return call.in.meter().error();
    if (yes == wanted) chosen.push_back(item);
  }
  return call.in.NewList(std::move(chosen), List::kGenerator);
}

Result<Value> Select(const Invocation& call) { return Choose(call, true, false); }
Result<Value> Reject(const Invocation& call) { return Choose(call, false, false); }
Result<Value> SelectAttr(const Invocation& call) { return Choose(call, true, true); }
Result<Value> RejectAttr(const Invocation& call) { return Choose(call, false, true); }

Result<Value> LengthFilter(const Invocation& call) {
  TRY(const size_t length, Length(call.value));
  return Value(int64_t(length));
}

Result<Value> Items(const Invocation& call) {
  if (call.value.defined() && (!call.value.dict() || call.value.dict()->is_namespace))
    return Mistake("filter 'items' wants a mapping, not '" + TypeName(call.value) + "'");
  std::vector<Value> pairs;
  if (call.value.dict())
    for (const auto& [key, value] : call.value.dict()->items) pairs.push_back(call.in.NewList({key, value}, List::kTuple));
  return call.in.NewList(std::move(pairs), List::kGenerator);
}

constexpr Entry kFilters[] = {
    {"sort", "reverse case_sensitive attribute", Sort},
    {"dictsort", "case_sensitive by reverse", DictSort},
    {"unique", "case_sensitive attribute", Unique},
    {"min", "case_sensitive attribute", Min},
    {"max", "case_sensitive attribute", Max},
    {"sum", "attribute start", Sum},
    {"groupby", "attribute! default case_sensitive", GroupBy},
    {"batch", "linecount! fill_with", Batch},
    {"slice", "slices! fill_with", Slice},
    {"first", "", First},
    {"last", "", Last},
    {"reverse", "", Reverse},
    {"list", "", ListFilter},
    {"join", "d attribute", Join},
    {"map", "*", Map},
    {"select", "*", Select},
    {"reject", "*", Reject},
    {"selectattr", "*", SelectAttr},
    {"rejectattr", "*", RejectAttr},
    {"length", "", LengthFilter},
    {"count", "", LengthFilter},
    {"items", "", Items},
};

}  // namespace

std::span<const Entry> ListFilters() { return kFilters; }

}  // namespace hasten::jinja
