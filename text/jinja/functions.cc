#include "text/jinja/functions.h"

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>

#include "text/jinja/unicode.h"

namespace hasten::jinja {

Result<int64_t> Invocation::Int(size_t i, int64_t otherwise) const {
  if (!args[i]) return otherwise;
  if (!args[i]->defined()) return Mistake(UndefinedMessage(args[i]->undefined()));
  if (!args[i]->integral()) return Mistake("expected an integer, not '" + TypeName(*args[i]) + "'");
  return args[i]->AsInt();
}

Result<std::string_view> Invocation::Text(size_t i, std::string_view otherwise) const {
  if (!args[i] || args[i]->none()) return otherwise;
  if (!args[i]->defined()) return Mistake(UndefinedMessage(args[i]->undefined()));
  if (!args[i]->text()) return Mistake("expected a string, not '" + TypeName(*args[i]) + "'");
  return args[i]->AsText();
}

Result<Value> Invoke(Interpreter& in, const Entry& entry, const char* what, const Value& value, const Args& args) {
  Invocation call{in, value, args};
  if (entry.params == "*") return entry.run(call);
  const auto wrong = [&](const std::string& why) {
    return Mistake(std::string(what) + " '" + std::string(entry.name) + "' " + why);
  };
  size_t count = 0, given = 0;
  for (std::string_view rest = entry.params; !rest.empty(); ++count) {
    std::string_view name = rest.substr(0, rest.find(' '));
    rest.remove_prefix(std::min(name.size() + 1, rest.size()));
    const bool required = name.ends_with('!');
    if (required) name.remove_suffix(1);
    const auto named = std::ranges::find(args.named, name, [](const auto& n) { return n.first.view(); });
    if (count < args.positional.size()) {
      call.args[count] = &args.positional[count];
    } else if (named != args.named.end()) {
      call.args[count] = &named->second;
      ++given;
    } else if (required) {
      return wrong("misses its argument '" + std::string(name) + "'");
    }
  }
  if (args.positional.size() > count) return wrong(Fmt("takes %zu arguments, %zu were given", count, args.positional.size()));
  if (args.named.size() > given) return wrong("does not take the argument '" + std::string(args.named[0].first.view()) + "'");
  return entry.run(call);
}

const Entry* FindEntry(std::span<const Entry> table, std::string_view name) {
  const auto found = std::ranges::find(table, name, &Entry::name);
  return found == table.end() ? nullptr : &*found;
}

static const Entry* FindFilter(std::string_view name) {
  for (const auto table : {TextFilters(), ListFilters(), ValueFilters()})
    if (const Entry* entry = FindEntry(table, name)) return entry;
  return nullptr;
}

bool HasFilter(std::string_view name) { return FindFilter(name) != nullptr; }

Result<Value> Interpreter::Filter(std::string_view name, const Value& value, const Args& args) {
  meter().Step();
  const Entry* entry = FindFilter(name);
  if (!entry) return Mistake("no filter named '" + std::string(name) + "'");
  return Invoke(*this, *entry, "filter", value, args);
}

Result<bool> Interpreter::Test(std::string_view name, const Value& value, const Args& args) {
  meter().Step();
  const Entry* entry = FindEntry(Tests(), name);
  if (!entry) return Mistake("no test named '" + std::string(name) + "'");
  TRY(const Value yes, Invoke(*this, *entry, "test", value, args));
  return Truth(yes);
}

bool IsGlobal(std::string_view name) { return FindEntry(Globals(), name) != nullptr; }

Result<Value> CallGlobal(Interpreter& in, std::string_view name, const Args& args) {
  return Invoke(in, *FindEntry(Globals(), name), "function", Value(), args);
}

static std::span<const Entry> MethodsOf(const Value& object) {
  if (object.text()) return TextMethods();
  if (object.list()) return ListMethods();
  if (object.dict() && !object.dict()->is_namespace) return DictMethods();
  return {};
}

static bool Mutates(const Value& object, std::string_view name) {
  static constexpr std::string_view kList[] = {"append", "clear", "extend", "insert", "pop", "remove", "reverse", "sort"};
  static constexpr std::string_view kDict[] = {"clear", "pop", "popitem", "setdefault", "update"};
  if (object.list()) return std::ranges::find(kList, name) != std::end(kList);
  return object.dict() && std::ranges::find(kDict, name) != std::end(kDict);
}

// Which methods a list has depends on what kind of row it is.
static const Entry* FindMethod(const Value& object, std::string_view name) {
  if (object.list() && object.list()->type != List::kList) {
    const bool counts = object.list()->tuple() || object.list()->type == List::kRange;
    if (!counts || (name != "count" && name != "index")) return nullptr;
  }
  return FindEntry(MethodsOf(object), name);
}

bool HasMethod(Interpreter& in, const Value& object, std::string_view name) {
  return FindMethod(object, name) && (in.options().mutation || !Mutates(object, name));
}

Result<Value> CallMethod(Interpreter& in, const Value& object, std::string_view name, const Args& args) {
  in.meter().Step();
  return Invoke(in, *FindMethod(object, name), "method", object, args);
}

static Value LoopAttribute(Interpreter& in, const Value& object, std::string_view name) {
  const Loop& loop = *object.loop();
  const int64_t index0 = int64_t(loop.index0), length = int64_t(loop.items->items.size());
  if (name == "index") return index0 + 1;
  if (name == "index0") return index0;
  if (name == "first") return index0 == 0;
  if (name == "last") return index0 + 1 >= length;
  if (name == "length") return length;
  if (name == "revindex") return length - index0;
  if (name == "revindex0") return length - index0 - 1;
  if (name == "depth") return int64_t(loop.depth0) + 1;
  if (name == "depth0") return int64_t(loop.depth0);
  if (name == "previtem" && index0 > 0) return loop.items->items[loop.index0 - 1];
  if (name == "nextitem" && index0 + 1 < length) return loop.items->items[loop.index0 + 1];
  if (name == "previtem") return Undefined{Str("there is no previous item", nullptr), ""};
  if (name == "nextitem") return Undefined{Str("there is no next item", nullptr), ""};
  if (name != "cycle" && name != "changed") return Undefined{Str(std::string(name), nullptr), "LoopContext"};
  Function* method = in.heap().New<Function>();
  method->name = Str(std::string(name), nullptr);
  method->self = object;
  method->type = Function::kBound;
  return method;
}

static Value CounterAttribute(Interpreter& in, const Value& object, std::string_view name) {
  const Counter& counter = *object.counter();
  if (!counter.joins && name == "current") return counter.items[counter.at];
  if (counter.joins || (name != "next" && name != "reset")) return Undefined{Str(std::string(name), nullptr), "Cycler"};
  Function* method = in.heap().New<Function>();
  method->name = Str(std::string(name), nullptr);
  method->self = object;
  method->type = Function::kBound;
  return method;
}

static Value MacroAttribute(Interpreter& in, const Function& macro, std::string_view name) {
  if (name == "name") return Text{macro.name, false};
  if (name == "catch_kwargs") return macro.macro->takes_kwargs;
  if (name == "catch_varargs") return macro.macro->takes_varargs;
  if (name == "caller") return macro.macro->takes_caller;
  if (name != "arguments") return Undefined{Str(std::string(name), nullptr), "Macro"};
  std::vector<Value> names;
  for (const Stmt::Param& param : macro.macro->params) names.push_back(Text{param.name, false});
  return in.NewList(std::move(names), List::kTuple);
}

// object.name: Python's attribute first, then the item of that name.
Result<Value> Interpreter::Attribute(const Value& object, std::string_view name) {
  if (!object.defined()) return Mistake(UndefinedMessage(object.undefined()));
  if (const Entry* entry = FindMethod(object, name)) {
    if (!options_.mutation && Mutates(object, name))
      return Value(Undefined{
          Str("access to attribute '" + std::string(name) + "' of '" + TypeName(object) + "' object is unsafe", nullptr), ""});
    Function* method = heap_.New<Function>();
    method->type = Function::kMethod;
    method->name = Str(std::string(entry->name), nullptr);
    method->self = object;
    return Value(method);
  }
  if (object.loop()) return LoopAttribute(*this, object, name);
  if (object.counter()) return CounterAttribute(*this, object, name);
  if (object.function() && object.function()->type == Function::kMacro) return MacroAttribute(*this, *object.function(), name);
  if (object.list() && object.list()->type == List::kGroup && (name == "grouper" || name == "list"))
    return object.list()->items[name == "list"];
  if (object.dict())
    if (const Value* found = object.dict()->Find(name)) return *found;
  return Value(Undefined{Str(std::string(name), nullptr), OwnerName(object)});
}

// object[key]: the item first, then the attribute of that name.
Result<Value> Interpreter::Item(const Value& object, const Value& key) {
  if (!object.defined()) return Mistake(UndefinedMessage(object.undefined()));
  if (object.dict() && !object.dict()->is_namespace && Hashable(key))
    if (const Value* found = object.dict()->Find(key)) return *found;
  if (key.integral() && ((object.list() && object.list()->type <= List::kRange) || object.text())) {
    const int64_t size = int64_t(object.text() ? CountChars(object.AsText()) : object.list()->items.size());
    const int64_t index = key.AsInt() < 0 ? key.AsInt() + size : key.AsInt();
    if (index >= 0 && index < size) {
      if (object.list()) return object.list()->items[size_t(index)];
      meter().StepBytes(object.AsText().size());
      size_t at = ByteOfChar(object.AsText(), size_t(index));
      const size_t begin = at;
      NextChar(object.AsText(), at);
      return Text(std::string(object.AsText().substr(begin, at - begin)), object.safe());
    }
  }
  if (key.text() && !(object.dict() && !object.dict()->is_namespace)) return Attribute(object, key.AsText());
  if (key.text() && FindMethod(object, key.AsText())) return Attribute(object, key.AsText());
  if (key.text()) return Value(Undefined{key.text_value().str, OwnerName(object)});
  return Value(Undefined{Str(std::string(OwnerName(object)) + " object has no element " + Repr(key, meter()), nullptr), ""});
}

Result<Value> AttributePath(Interpreter& in, Value item, const Value& path, const Value* otherwise) {
  if (path.none()) return item;
  std::string_view rest = path.text() ? path.AsText() : std::string_view();
  do {
    Value key = path;
    if (path.text()) {
      const std::string_view part = rest.substr(0, rest.find('.'));
      rest.remove_prefix(std::min(part.size() + 1, rest.size()));
      int64_t number = 0;
      const bool digits = !part.empty() && std::ranges::all_of(part, [](char c) { return c >= '0' && c <= '9'; });
      if (digits && std::from_chars(part.data(), part.data() + part.size(), number).ec == std::errc()) {
        key = number;
      } else {
        key = in.Text(std::string(part));
      }
    }
    TRY(item, in.Item(item, key));
    if (otherwise && !item.defined()) item = *otherwise;
  } while (!rest.empty());
  return item;
}

static Value Converted(const nlohmann::ordered_json& json, Heap& heap, int depth) {
  if (depth > kMostNesting) heap.meter.Fail(Code::kExhausted, Fmt("the variables nest deeper than %d", kMostNesting));
  if (heap.meter.tripped()) return None{};
  switch (json.type()) {
    case nlohmann::json::value_t::boolean:
      return json.get<bool>();
    case nlohmann::json::value_t::number_integer:
      return json.get<int64_t>();
    case nlohmann::json::value_t::number_unsigned:
      // Beyond 63 bits only as near as a double is.
      if (json.get<uint64_t>() > uint64_t(INT64_MAX)) return double(json.get<uint64_t>());
      return json.get<int64_t>();
    case nlohmann::json::value_t::number_float:
      return json.get<double>();
    case nlohmann::json::value_t::string:
      return heap.NewText(json.get_ref<const std::string&>());
    case nlohmann::json::value_t::array: {
      std::vector<Value> items;
      items.reserve(json.size());
      for (const auto& item : json) items.push_back(Converted(item, heap, depth + 1));
      return heap.NewList(std::move(items));
    }
    case nlohmann::json::value_t::object: {
      Dict* dict = heap.NewDict();
      for (const auto& [key, value] : json.items()) heap.Set(dict, key, Converted(value, heap, depth + 1));
      return dict;
    }
    default:
      return None{};
  }
}

Value FromJson(const nlohmann::ordered_json& json, Heap& heap) { return Converted(json, heap, 0); }

}  // namespace hasten::jinja
