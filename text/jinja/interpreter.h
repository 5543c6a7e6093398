// One rendering: walks a Program, statement by statement.
#pragma once

#include <deque>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "text/jinja/ast.h"
#include "text/jinja/jinja.h"
#include "text/jinja/value.h"

namespace hasten::jinja {

// Names and what they stand for; each loop's turn, macro call and inner block has one of its own.
struct Scope {
  Scope* parent = nullptr;
  bool captured = false;  // a macro may come back to it: it lives until the end
  std::vector<std::pair<uint32_t, Value>> names;
  Value* Find(uint32_t id);
  void Set(uint32_t id, Value value);
};

struct Args {
  std::vector<Value> positional;
  std::vector<std::pair<Str, Value>> named;
};

enum class Flow : uint8_t { kNext, kBreak, kContinue };

// kBadInput: the template did what Python forbids.
inline Error Mistake(std::string what) { return {Code::kBadInput, std::move(what)}; }

class Interpreter {
 public:
  Interpreter(const Program& program, const RenderOptions& options);
  Result<Rendering> Run(const nlohmann::ordered_json& variables);

  // For filters, tests, methods and functions.
  Heap& heap() { return heap_; }
  Meter& meter() { return heap_.meter; }
  const RenderOptions& options() const { return options_; }
  const Moment& now();
  Value Text(std::string text, bool safe = false);
  std::string Shown(const Value& v) { return ToText(v, meter()); }  // str()
  Value NewList(std::vector<Value> items, List::Type type = List::kList) { return heap_.NewList(std::move(items), type); }
  Result<List*> Iterate(const Value& v);  // a generator is spent by it
  Result<Value> Attribute(const Value& object, std::string_view name);
  Result<Value> Item(const Value& object, const Value& key);
  Result<Value> Call(const Value& callee, const Args& args);
  Result<Value> Filter(std::string_view name, const Value& value, const Args& args);
  Result<bool> Test(std::string_view name, const Value& value, const Args& args);
  Error Refuse(std::string why);  // raise_exception

 private:
  // interpreter.cc: statements
  Result<Flow> Exec(const Stmt& s);
  Result<Flow> ExecInner(const Stmt& s);
  Result<Flow> ExecAll(const std::vector<const Stmt*>& body);
  Result<Flow> ExecIf(const Stmt& s);
  Result<Flow> ExecFor(const Stmt& s, const Value& iterable, Scope* around, size_t depth0);
  Result<List*> Chosen(const Stmt& s, List* items, Scope* around);
  Result<Flow> ExecSetBlock(const Stmt& s);
  Result<Flow> ExecScoped(const Stmt& s);
  Result<Flow> ExecFilter(const Stmt& s);
  Status Print(const Value& v);
  void Emit(std::string_view text);
  Result<std::string> Capture(const std::vector<const Stmt*>& body);
  Result<std::string> CaptureScoped(const std::vector<const Stmt*>& body);
  Status Assign(const Expr& target, const Value& value);
  Value NewMacro(const Stmt& s);
  Result<Value> CallMacro(const Function& macro, const Args& args);
  Status BindMacro(const Function& macro, const Args& args, Scope* scope);
  Result<Value> CallLoop(const Loop& loop, const Args& args);
  Scope* Push(Scope* parent);
  void Pop(Scope* scope);

  // evaluate.cc: expressions
  Result<Value> Eval(const Expr& e);
  Result<Value> EvalInner(const Expr& e);
  Result<Value> EvalName(const Expr& e);
  Result<Value> EvalList(const Expr& e);
  Result<Value> EvalDict(const Expr& e);
  Result<Value> EvalSlice(const Expr& e);
  Result<Value> EvalCall(const Expr& e, const Value* caller = nullptr);
  Result<Value> EvalFilter(const Expr& e, const Value* body = nullptr);
  Result<Value> EvalTest(const Expr& e);
  Result<Value> EvalBoolean(const Expr& e);
  Result<Value> EvalBinary(const Expr& e);
  Result<Value> EvalConcat(const Expr& e);
  Result<Value> EvalCompare(const Expr& e);
  Result<Value> EvalCond(const Expr& e);
  Result<Args> EvalArgs(const Expr& e, const Value* caller = nullptr);

  const Program& program_;
  const RenderOptions& options_;
  std::optional<Moment> now_;
  Heap heap_;
  std::deque<Scope> scopes_;
  std::vector<Scope*> spare_;
  Scope* scope_ = nullptr;
  std::string* out_ = nullptr;
  size_t depth_ = 0;
  int failed_line_ = 0;
  bool escaping_ = false;
  std::optional<std::string> refusal_;
};

}  // namespace hasten::jinja
