#include "text/jinja/interpreter.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "text/jinja/functions.h"
#include "text/jinja/operators.h"
#include "text/jinja/parser.h"

namespace hasten::jinja {
namespace {

// Restores what it points to.
template <class T>
class Swapped {
 public:
  Swapped(T& place, T value) : place_(place), old_(std::exchange(place, value)) {}
  ~Swapped() { place_ = old_; }
  Swapped(const Swapped&) = delete;
  Swapped& operator=(const Swapped&) = delete;

 private:
  T& place_;
  T old_;
};

}  // namespace

Value* Scope::Find(uint32_t id) {
  for (auto& [name, value] : names)
    if (name == id) return &value;
  return nullptr;
}

void Scope::Set(uint32_t id, Value value) {
  if (Value* known = Find(id)) {
    *known = std::move(value);
  } else {
    names.emplace_back(id, std::move(value));
  }
}

Interpreter::Interpreter(const Program& program, const RenderOptions& options)
    : program_(program), options_(options), heap_(options.limits) {}

Result<Rendering> Interpreter::Run(const nlohmann::ordered_json& variables) {
  Rendering rendering;
  out_ = &rendering.text;
  scope_ = Push(nullptr);
  for (uint32_t id = 0; id < program_.names.size(); ++id) {  // only what the template names
    const Str& name = program_.names.Text(id);
    const auto member = variables.is_object() ? variables.find(std::string(name.view())) : variables.end();
    if (member != variables.end()) {
      scope_->names.emplace_back(id, FromJson(*member, heap_));
    } else if (IsGlobal(name.view())) {
      Function* function = heap_.New<Function>();
      function->name = name;
      scope_->names.emplace_back(id, function);
    }
  }
  scope_ = Push(scope_);
  const auto done = meter().tripped() ? Result<Flow>(meter().error()) : ExecAll(program_.body);
  if (refusal_) return Rendering{"", *std::move(refusal_)};
  if (!done || meter().tripped()) {
    const Error& error = meter().tripped() ? meter().error() : done.error();
    return Error{error.code, (failed_line_ > 0 ? Fmt("line %d: ", failed_line_) : "") + error.what};
  }
  return rendering;
}

const Moment& Interpreter::now() {
  if (!now_) now_ = options_.now ? *options_.now : LocalNow();
  return *now_;
}

Error Interpreter::Refuse(std::string why) {
  refusal_ = why;
  return Mistake(std::move(why));
}

Value Interpreter::Text(std::string text, bool safe) {
  meter().StepBytes(text.size());
  return heap_.NewText(std::move(text), safe);
}

Scope* Interpreter::Push(Scope* parent) {
  Scope* scope = nullptr;
  if (spare_.empty()) {
    meter().Take(sizeof(Scope) + 64);
    scope = &scopes_.emplace_back();
  } else {
    scope = spare_.back();
    spare_.pop_back();
  }
  scope->parent = parent;
  return scope;
}

void Interpreter::Pop(Scope* scope) {
  if (scope->captured) return;
  scope->names.clear();
  spare_.push_back(scope);
}

void Interpreter::Emit(std::string_view text) {
  meter().Take(text.size());
  meter().StepBytes(text.size());
  if (!meter().tripped()) out_->append(text);
}

Status Interpreter::Print(const Value& v) {
  if (escaping_) {
    Emit(Escaped(*this, v).AsText());
  } else if (v.text()) {
    Emit(v.AsText());
  } else {
    Emit(Shown(v));
  }
  return {};
}

Result<Flow> Interpreter::ExecAll(const std::vector<const Stmt*>& body) {
  for (const Stmt* s : body) {
    TRY(const Flow flow, Exec(*s));
    if (flow != Flow::kNext) return flow;
  }
  return Flow::kNext;
}

// The innermost statement or expression that fails gives the error its line.
Result<Flow> Interpreter::Exec(const Stmt& s) {
  meter().Step();
  if (depth_ >= meter().limits().depth)
    meter().Fail(Code::kExhausted, Fmt("the template goes deeper than %zu expressions, macro calls included", depth_));
  const Swapped<size_t> deeper(depth_, depth_ + 1);
  Result<Flow> flow = meter().tripped() ? Result<Flow>(meter().error()) : ExecInner(s);
  if (!flow && failed_line_ == 0) failed_line_ = s.line;
  return flow;
}

Result<Flow> Interpreter::ExecInner(const Stmt& s) {
  switch (s.type) {
    case Stmt::kData:
      Emit(s.constant.AsText());
      return Flow::kNext;
    case Stmt::kPrint: {
      TRY(const Value value, Eval(*s.expr));
      TRY_OK(Print(value));
      return Flow::kNext;
    }
    case Stmt::kIf:
      return ExecIf(s);
    case Stmt::kFor: {
      TRY(const Value iterable, Eval(*s.expr));
      return ExecFor(s, iterable, scope_, 0);
    }
    case Stmt::kSet: {
      TRY(const Value value, Eval(*s.expr));
      TRY_OK(Assign(*s.target, value));
      return Flow::kNext;
    }
    case Stmt::kSetBlock:
      return ExecSetBlock(s);
    case Stmt::kMacro:
      scope_->Set(s.id, NewMacro(s));
      return Flow::kNext;
    case Stmt::kCall: {
      const Value caller = NewMacro(s);
      TRY(const Value value, EvalCall(*s.expr, &caller));
      TRY_OK(Print(value));
      return Flow::kNext;
    }
    case Stmt::kFilter:
      return ExecFilter(s);
    case Stmt::kWith:
    case Stmt::kScope:
    case Stmt::kEscape:
      return ExecScoped(s);
    case Stmt::kBreak:
      return Flow::kBreak;
    case Stmt::kContinue:
      return Flow::kContinue;
    case Stmt::kRefuse:
      return Error{Code::kUnsupported, "a chat template cannot read other files: '" + std::string(s.name.view()) + "'"};
  }
  return Flow::kNext;
}

Result<Flow> Interpreter::ExecIf(const Stmt& s) {
  for (const Stmt::Branch& branch : s.branches) {
    if (branch.test) {
      TRY(const Value test, Eval(*branch.test));
      if (!Truth(test)) continue;
    }
    return ExecAll(branch.body);
  }
  return Flow::kNext;
}

// The items that pass the loop's own condition, in a list of their own.
Result<List*> Interpreter::Chosen(const Stmt& s, List* items, Scope* around) {
  List* chosen = heap_.NewList({});
  Scope* scope = Push(around);
  const Swapped<Scope*> inside(scope_, scope);
  for (size_t i = 0; i < items->items.size(); ++i) {
    const Value item = items->items[i];
    TRY_OK(Assign(*s.target, item));
    TRY(const Value test, Eval(*s.test));
    if (Truth(test)) heap_.Append(chosen, item);
  }
  Pop(scope);
  return chosen;
}

Result<Flow> Interpreter::ExecFor(const Stmt& s, const Value& iterable, Scope* around, size_t depth0) {
  TRY(List * items, Iterate(iterable));
  if (s.test) {
    TRY(items, Chosen(s, items, around));
  }
  Loop* loop = heap_.New<Loop>();
  loop->items = items;
  loop->depth0 = depth0;
  loop->recursive = s.recursive ? &s : nullptr;
  loop->scope = around;
  if (s.recursive)
    for (Scope* scope = around; scope && !scope->captured; scope = scope->parent) scope->captured = true;
  size_t turns = 0;
  for (; turns < items->items.size(); ++turns) {  // by index: a loop may append to its own list
    Scope* scope = Push(around);
    const Swapped<Scope*> inside(scope_, scope);
    loop->index0 = turns;
    const Value item = items->items[turns];
    scope->Set(kLoopId, loop);
    TRY_OK(Assign(*s.target, item));
    TRY(const Flow flow, ExecAll(s.body));
    Pop(scope);
    if (flow == Flow::kBreak) return Flow::kNext;
  }
  if (turns > 0 || s.otherwise.empty()) return Flow::kNext;
  Scope* scope = Push(around);
  const Swapped<Scope*> inside(scope_, scope);
  TRY(const Flow flow, ExecAll(s.otherwise));
  Pop(scope);
  return flow;
}

Result<std::string> Interpreter::Capture(const std::vector<const Stmt*>& body) {
  std::string text;
  const Swapped<std::string*> elsewhere(out_, &text);
  TRY(const Flow flow, ExecAll(body));
  (void)flow;  // the parser lets no break out of what is captured
  meter().Give(text.size());
  return text;
}

Result<std::string> Interpreter::CaptureScoped(const std::vector<const Stmt*>& body) {
  Scope* scope = Push(scope_);
  const Swapped<Scope*> inside(scope_, scope);
  TRY(std::string text, Capture(body));
  Pop(scope);
  return text;
}

Result<Flow> Interpreter::ExecSetBlock(const Stmt& s) {
  TRY(std::string text, CaptureScoped(s.body));
  Value value = Text(std::move(text), escaping_);
  if (s.expr) {
    TRY(value, EvalFilter(*s.expr, &value));
  }
  TRY_OK(Assign(*s.target, value));
  return Flow::kNext;
}

Result<Flow> Interpreter::ExecFilter(const Stmt& s) {
  TRY(std::string text, CaptureScoped(s.body));
  const Value body = Text(std::move(text), escaping_);
  TRY(const Value value, EvalFilter(*s.expr, &body));
  TRY_OK(Print(value));
  return Flow::kNext;
}

Result<Flow> Interpreter::ExecScoped(const Stmt& s) {
  bool escaping = escaping_;
  std::vector<Value> values;  // all of them in the scope outside
  for (const Stmt::Param& param : s.params) {
    TRY(Value value, Eval(*param.value));
    values.push_back(std::move(value));
  }
  if (s.type == Stmt::kEscape) {
    TRY(const Value on, Eval(*s.expr));
    escaping = Truth(on);
  }
  Scope* scope = Push(scope_);
  const Swapped<Scope*> inside(scope_, scope);
  const Swapped<bool> mode(escaping_, escaping);
  for (size_t i = 0; i < values.size(); ++i) TRY_OK(Assign(*s.params[i].target, values[i]));
  TRY(const Flow flow, ExecAll(s.body));
  Pop(scope);
  return flow;
}

Status Interpreter::Assign(const Expr& target, const Value& value) {
  if (target.type == Expr::kName) {
    scope_->Set(target.id, value);
    return {};
  }
  if (target.type == Expr::kNsRef) {
    Value* found = nullptr;
    for (Scope* scope = scope_; scope && !found; scope = scope->parent) found = scope->Find(target.id);
    if (!found || !found->dict() || !found->dict()->is_namespace)
      return Mistake("cannot assign to an attribute of '" + std::string(program_.names.Text(target.id).view()) +
                     "': it is no namespace()");
    heap_.Set(found->dict(), target.name.view(), value);
    return {};
  }
  TRY(const List* parts, Iterate(value));
  if (parts->items.size() != target.args.size())
    return Mistake(Fmt("%zu values for %zu names", parts->items.size(), target.args.size()));
  for (size_t i = 0; i < target.args.size(); ++i) TRY_OK(Assign(*target.args[i], Value(parts->items[i])));
  return {};
}

Value Interpreter::NewMacro(const Stmt& s) {
  for (Scope* scope = scope_; scope && !scope->captured; scope = scope->parent) scope->captured = true;
  Function* macro = heap_.New<Function>();
  macro->type = Function::kMacro;
  macro->name = s.name;
  macro->macro = &s;
  macro->closure = scope_;
  return macro;
}

Status Interpreter::BindMacro(const Function& macro, const Args& args, Scope* scope) {
  const Stmt& s = *macro.macro;
  const std::string name = "macro '" + std::string(s.name.view()) + "'";
  if (args.positional.size() > s.params.size() && !s.takes_varargs)
    return Mistake(name + Fmt(" takes not more than %zu argument(s), %zu were given", s.params.size(), args.positional.size()));
  Dict* rest = s.takes_kwargs ? heap_.NewDict() : nullptr;
  const Value* caller = nullptr;
  for (const auto& [key, value] : args.named) {
    const auto param = std::ranges::find(s.params, key.view(), [](const Stmt::Param& p) { return p.name.view(); });
    if (param != s.params.end() && size_t(param - s.params.begin()) >= args.positional.size()) {
      scope->Set(param->id, value);
    } else if (s.takes_caller && key.view() == "caller") {
      caller = &value;
    } else if (rest) {
      heap_.Set(rest, key.view(), value);
    } else {
      return Mistake(name + " takes no keyword argument '" + std::string(key.view()) + "'");
    }
  }
  if (s.takes_caller) scope->Set(kCallerId, caller ? *caller : Value(Undefined{Str("caller", nullptr)}));
  if (s.takes_kwargs) scope->Set(kKwargsId, rest);
  if (s.takes_varargs) {
    const auto from = args.positional.begin() + std::ptrdiff_t(std::min(args.positional.size(), s.params.size()));
    scope->Set(kVarargsId, NewList({from, args.positional.end()}, List::kTuple));
  }
  for (size_t i = 0; i < s.params.size(); ++i) {
    const Stmt::Param& param = s.params[i];
    if (i < args.positional.size()) {
      scope->Set(param.id, args.positional[i]);
    } else if (!scope->Find(param.id)) {
      Value value = Undefined{Str("parameter '" + std::string(param.name.view()) + "' was not provided", nullptr), ""};
      if (param.value) {
        TRY(value, Eval(*param.value));
      }
      scope->Set(param.id, std::move(value));
    }
  }
  return {};
}

Result<Value> Interpreter::CallMacro(const Function& macro, const Args& args) {
  Scope* scope = Push(macro.closure);
  const Swapped<Scope*> inside(scope_, scope);
  TRY_OK(BindMacro(macro, args, scope));
  TRY(std::string text, Capture(macro.macro->body));
  Pop(scope);
  return Text(std::move(text), escaping_);
}

Result<Value> Interpreter::CallLoop(const Loop& loop, const Args& args) {
  if (!loop.recursive) return Mistake("a loop must be marked 'recursive' to be called");
  if (args.positional.size() != 1) return Mistake("a recursive loop is called with one argument");
  std::string text;
  const Swapped<std::string*> elsewhere(out_, &text);
  const size_t depth0 = loop.depth0 + 1;
  TRY(const Flow flow, ExecFor(*loop.recursive, args.positional[0], loop.scope, depth0));
  (void)flow;
  meter().Give(text.size());
  return Text(std::move(text), escaping_);
}

Result<Value> Interpreter::Call(const Value& callee, const Args& args) {
  if (!callee.defined()) return Mistake(UndefinedMessage(callee.undefined()));
  if (callee.loop()) return CallLoop(*callee.loop(), args);
  if (callee.counter()) return CallCounter(*this, *callee.counter(), args);
  const Function* function = callee.function();
  if (!function) return Mistake("'" + TypeName(callee) + "' object is not callable");
  if (depth_ >= meter().limits().depth) return Mistake("calls nested too deeply");
  const Swapped<size_t> deeper(depth_, depth_ + 1);
  switch (function->type) {
    case Function::kMacro:
      return CallMacro(*function, args);
    case Function::kMethod:
      return CallMethod(*this, function->self, function->name.view(), args);
    case Function::kBound:
      return CallBound(*this, *function, args);
    case Function::kGlobal:
      return CallGlobal(*this, function->name.view(), args);
  }
  return Value();
}

}  // namespace hasten::jinja
