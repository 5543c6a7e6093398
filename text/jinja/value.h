// What a template computes with: Python's values as far as templates meet them.
//
// Texts are shared by count; containers and functions belong to a Heap and go with it, so that no cycle of them leaks and no
// long chain of them overflows a stack.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <variant>
#include <vector>

#include "text/jinja/meter.h"
#include "text/jinja/str.h"

namespace hasten::jinja {

struct Undefined {
  Str name;                     // of the variable or attribute; or the whole sentence where `owner` is empty
  const char* owner = nullptr;  // "dict object": what has no such attribute; nullptr: a variable
};
struct None {};
struct Text {
  Str str;
  bool safe = false;  // Markup: escapes what is added to it
};

struct Object;
struct List;
struct Dict;
struct Function;
struct Loop;
struct Counter;

enum class Kind : uint8_t { kUndefined, kNone, kBool, kInt, kFloat, kText, kList, kDict, kFunction, kLoop, kCounter };

class Value {
 public:
  Value() = default;  // undefined without a name
  Value(Undefined v) : v_(std::move(v)) {}
  Value(None v) : v_(v) {}
  Value(bool v) : v_(v) {}
  Value(int64_t v) : v_(v) {}
  Value(double v) : v_(v) {}
  Value(Text v) : v_(std::move(v)) {}
  Value(List* v) : v_(v) {}
  Value(Dict* v) : v_(v) {}
  Value(Function* v) : v_(v) {}
  Value(Loop* v) : v_(v) {}
  Value(Counter* v) : v_(v) {}
  template <class T>
  Value(T*) = delete;  // else any pointer would be a bool

  Kind kind() const { return Kind(v_.index()); }
  bool Is(Kind k) const { return kind() == k; }
  bool defined() const { return !Is(Kind::kUndefined); }
  bool none() const { return Is(Kind::kNone); }
  bool text() const { return Is(Kind::kText); }
  bool safe() const { return text() && std::get<Text>(v_).safe; }
  bool integral() const { return Is(Kind::kInt) || Is(Kind::kBool); }
  bool number() const { return integral() || Is(Kind::kFloat); }

  bool AsBool() const { return std::get<bool>(v_); }
  int64_t AsInt() const { return Is(Kind::kBool) ? int64_t(AsBool()) : std::get<int64_t>(v_); }  // of integral()
  double AsFloat() const { return Is(Kind::kFloat) ? std::get<double>(v_) : double(AsInt()); }   // of number()
  std::string_view AsText() const { return std::get<Text>(v_).str.view(); }
  const Text& text_value() const { return std::get<Text>(v_); }
  List* list() const { return Get<List*>(); }  // nullptr where it is something else, and so below
  Dict* dict() const { return Get<Dict*>(); }
  Function* function() const { return Get<Function*>(); }
  Loop* loop() const { return Get<Loop*>(); }
  Counter* counter() const { return Get<Counter*>(); }
  const Undefined& undefined() const { return std::get<Undefined>(v_); }
  bool SameObject(const Value& other) const;  // Python's `is`

 private:
  template <class T>
  T Get() const {
    const T* found = std::get_if<T>(&v_);
    return found ? *found : nullptr;
  }
  std::variant<Undefined, None, bool, int64_t, double, Text, List*, Dict*, Function*, Loop*, Counter*> v_;
};

struct Object {
  virtual ~Object() = default;
};

// Everything that holds values in a row. A generator is made at once rather than on demand, but is read only once.
struct List : Object {
  enum Type : uint8_t { kList, kTuple, kGroup, kRange, kGenerator, kKeys, kValues, kItems };
  Type type = kList;
  std::vector<Value> items;
  bool spent = false;  // a generator that was read
  bool tuple() const { return type == kTuple || type == kGroup; }
};

// Members in the order of their coming. Also namespaces, whose members are attributes.
struct Dict : Object {
  explicit Dict(Meter* m) : meter(m) {}
  bool is_namespace = false;
  std::vector<std::pair<Value, Value>> items;
  const Value* Find(const Value& key) const;
  const Value* Find(std::string_view key) const;
  void Set(const Value& key, Value value);  // the Heap's Set counts it
  bool Erase(const Value& key);
  void Clear();

 private:
  size_t IndexOf(const Value& key) const;
  void BuildIndex();
  Meter* meter;
  std::unordered_multimap<size_t, uint32_t> index_;  // hash to place; kept only beyond a few members
};

struct Stmt;
struct Scope;

struct Function : Object {
  enum Type : uint8_t { kGlobal, kMethod, kBound, kMacro };
  Type type = kGlobal;
  Str name;
  Value self;                   // of a method, or what it is bound to
  const Stmt* macro = nullptr;  // its definition: text/jinja/ast.h
  Scope* closure = nullptr;     // where it was defined
};

struct Loop : Object {
  List* items = nullptr;
  size_t index0 = 0, depth0 = 0;
  const Stmt* recursive = nullptr;  // the for statement that a call runs again
  Scope* scope = nullptr;           // around that statement
  Value changed;                    // what loop.changed() saw last
};

// cycler() and joiner().
struct Counter : Object {
  bool joins = false;  // a joiner: items[0] from the second call on
  std::vector<Value> items;
  size_t at = 0;
};

// Owns the objects of one rendering.
class Heap {
 public:
  explicit Heap(const Limits& limits) : meter(limits) {}
  template <class T, class... Args>
  T* New(Args... args) {
    meter.Take(sizeof(T) + 64);
    objects_.push_back(std::make_unique<T>(args...));
    return static_cast<T*>(objects_.back().get());
  }
  Dict* NewDict() { return New<Dict>(&meter); }
  Value NewText(std::string text, bool safe = false) { return Text{Str(std::move(text), &meter), safe}; }
  List* NewList(std::vector<Value> items, List::Type type = List::kList);
  void Append(List* list, Value value);
  void Set(Dict* dict, const Value& key, Value value);
  void Set(Dict* dict, std::string_view key, Value value) { Set(dict, NewText(std::string(key)), std::move(value)); }

  Meter meter;  // outlives what it counts: declared first

 private:
  std::deque<std::unique_ptr<Object>> objects_;
};

bool Truth(const Value& v);
bool Hashable(const Value& v);
size_t HashOf(const Value& v);
bool Equal(const Value& a, const Value& b, Meter& meter, int depth = 0);  // Python's ==
std::string TypeName(const Value& v);                                     // "str", "NoneType": as Python names it
const char* OwnerName(const Value& v);                                    // "dict object", for sentences about attributes
std::string UndefinedMessage(const Undefined& u);

// str() and repr(). What nests deeper than kMostNesting trips the meter, as in Equal().
inline constexpr int kMostNesting = 400;
std::string ToText(const Value& v, Meter& meter);
std::string Repr(const Value& v, Meter& meter);
std::string FloatRepr(double v);
std::string TextRepr(std::string_view text);

}  // namespace hasten::jinja
