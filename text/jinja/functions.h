// The tables of what templates call: filters, tests, methods, global functions. One entry is one function of this shape:
//
//   Result<Value> Center(const Invocation& call) {        // {"center", "width", Center}
//     TRY(const int64_t width, call.Int(0, 80));
//     …
//   }
#pragma once

#include <array>
#include <nlohmann/json_fwd.hpp>
#include <span>
#include <string>
#include <string_view>

#include "text/jinja/interpreter.h"

namespace hasten::jinja {

struct Invocation {
  Interpreter& in;
  const Value& value;                  // left of '|' or '.', or what is tested
  const Args& raw;                     // as written
  std::array<const Value*, 8> args{};  // in the order of the entry's parameters; nullptr where not given

  bool Has(size_t i) const { return args[i] != nullptr; }
  bool Flag(size_t i, bool otherwise = false) const { return args[i] ? Truth(*args[i]) : otherwise; }
  Result<int64_t> Int(size_t i, int64_t otherwise) const;
  Result<std::string_view> Text(size_t i, std::string_view otherwise) const;  // a string; none() reads as `otherwise`
  std::string Shown() const { return in.Shown(value); }
  // A new text that is safe where `value` was.
  Result<Value> Like(std::string text) const { return in.Text(std::move(text), value.safe()); }
};

struct Entry {
  std::string_view name;
  std::string_view params;  // names with a space between; "!" behind one that must be given; "*": all as written
  Result<Value> (*run)(const Invocation&);
};

// Binds `args` to the entry's parameters and runs it. `what` is for sentences: "filter", "test", "method", "function".
Result<Value> Invoke(Interpreter& in, const Entry& entry, const char* what, const Value& value, const Args& args);
const Entry* FindEntry(std::span<const Entry> table, std::string_view name);

std::span<const Entry> TextFilters();
std::span<const Entry> ListFilters();
std::span<const Entry> ValueFilters();
std::span<const Entry> Tests();
std::span<const Entry> TextMethods();
std::span<const Entry> DictMethods();
std::span<const Entry> ListMethods();
std::span<const Entry> Globals();
bool HasFilter(std::string_view name);

bool IsGlobal(std::string_view name);
Result<Value> CallGlobal(Interpreter& in, std::string_view name, const Args& args);
Result<Value> CallBound(Interpreter& in, const Function& function, const Args& args);  // of a loop or a cycler
Result<Value> CallCounter(Interpreter& in, Counter& counter, const Args& args);
bool HasMethod(Interpreter& in, const Value& object, std::string_view name);
Result<Value> CallMethod(Interpreter& in, const Value& object, std::string_view name, const Args& args);

// Looks `path` up in `item`: "a.b.0", a number, or nothing at all for None. Steps that lead nowhere give `otherwise`, if any.
Result<Value> AttributePath(Interpreter& in, Value item, const Value& path, const Value* otherwise = nullptr);

Value FromJson(const nlohmann::ordered_json& json, Heap& heap);
Result<Value> ToJson(const Invocation& call);  // the filter tojson

}  // namespace hasten::jinja
