// Expressions.
#include <algorithm>

#include "text/jinja/functions.h"
#include "text/jinja/interpreter.h"
#include "text/jinja/operators.h"
#include "text/jinja/parser.h"

namespace hasten::jinja {

// The innermost expression that fails gives the error its line.
Result<Value> Interpreter::Eval(const Expr& e) {
  meter().Step();
  if (++depth_ > meter().limits().depth)
    meter().Fail(Code::kExhausted, Fmt("the template goes deeper than %zu expressions, macro calls included", depth_ - 1));
  Result<Value> value = meter().tripped() ? Result<Value>(meter().error()) : EvalInner(e);
  --depth_;
  if (!value && failed_line_ == 0) failed_line_ = e.line;
  return value;
}

Result<Value> Interpreter::EvalInner(const Expr& e) {
  switch (e.type) {
    case Expr::kConst:
      return e.constant;
    case Expr::kName:
    case Expr::kNsRef:
      return EvalName(e);
    case Expr::kList:
    case Expr::kTuple:
      return EvalList(e);
    case Expr::kDict:
      return EvalDict(e);
    case Expr::kAttr: {
      TRY(const Value object, Eval(*e.args[0]));
      return Attribute(object, e.name.view());
    }
    case Expr::kItem: {
      TRY(const Value object, Eval(*e.args[0]));
      TRY(const Value key, Eval(*e.args[1]));
      return Item(object, key);
    }
    case Expr::kSlice:
      return EvalSlice(e);
    case Expr::kCall:
      return EvalCall(e);
    case Expr::kFilter:
      return EvalFilter(e);
    case Expr::kTest:
      return EvalTest(e);
    case Expr::kNot:
    case Expr::kAnd:
    case Expr::kOr:
      return EvalBoolean(e);
    case Expr::kNeg:
    case Expr::kPos: {
      TRY(const Value value, Eval(*e.args[0]));
      return Signed(value, e.type == Expr::kNeg);
    }
    case Expr::kBinary:
      return EvalBinary(e);
    case Expr::kConcat:
      return EvalConcat(e);
    case Expr::kCompare:
      return EvalCompare(e);
    case Expr::kCond:
      return EvalCond(e);
  }
  return Value();
}

Result<Value> Interpreter::EvalName(const Expr& e) {
  for (Scope* scope = scope_; scope; scope = scope->parent)
    if (const Value* found = scope->Find(e.id)) return *found;
  return Value(Undefined{program_.names.Text(e.id)});
}

Result<Value> Interpreter::EvalList(const Expr& e) {
  std::vector<Value> items;
  items.reserve(e.args.size());
  for (const Expr* arg : e.args) {
    TRY(Value item, Eval(*arg));
    items.push_back(std::move(item));
  }
  return NewList(std::move(items), e.type == Expr::kTuple ? List::kTuple : List::kList);
}

Result<Value> Interpreter::EvalDict(const Expr& e) {
  Dict* dict = heap_.NewDict();
  for (size_t i = 0; i < e.args.size(); i += 2) {
    TRY(const Value key, Eval(*e.args[i]));
    TRY(Value value, Eval(*e.args[i + 1]));
    if (!Hashable(key)) return Mistake("unhashable type: '" + TypeName(key) + "'");
    heap_.Set(dict, key, std::move(value));
  }
  return Value(dict);
}

Result<Value> Interpreter::EvalSlice(const Expr& e) {
  TRY(const Value object, Eval(*e.args[0]));
  Value bounds[3] = {None{}, None{}, None{}};
  for (size_t i = 0; i < 3; ++i) {
    if (!e.args[i + 1]) continue;
    TRY(bounds[i], Eval(*e.args[i + 1]));
  }
  return Sliced(*this, object, bounds);
}

Result<Args> Interpreter::EvalArgs(const Expr& e, const Value* caller) {
  Args args;
  args.positional.reserve(e.args.size());
  for (size_t i = 1; i < e.args.size(); ++i) {
    TRY(Value value, Eval(*e.args[i]));
    args.positional.push_back(std::move(value));
  }
  for (const auto& [name, expr] : e.named) {
    TRY(Value value, Eval(*expr));
    args.named.emplace_back(name, std::move(value));
  }
  if (e.star) {
    TRY(const Value star, Eval(*e.star));
    TRY(const List* more, Iterate(star));
    args.positional.insert(args.positional.end(), more->items.begin(), more->items.end());
  }
  if (e.star_star) {
    TRY(const Value more, Eval(*e.star_star));
    if (!more.dict()) return Mistake("'**' wants a mapping, not '" + TypeName(more) + "'");
    for (const auto& [key, value] : more.dict()->items) {
      if (!key.text()) return Mistake("keywords must be strings");
      args.named.emplace_back(key.text_value().str, value);
    }
  }
  if (caller) args.named.emplace_back(Str("caller", nullptr), *caller);
  meter().Step(args.positional.size());
  return args;
}

// A method called where it is named needs no function object.
Result<Value> Interpreter::EvalCall(const Expr& e, const Value* caller) {
  const Expr& callee = *e.args[0];
  if (callee.type == Expr::kAttr) {
    TRY(const Value object, Eval(*callee.args[0]));
    if (HasMethod(*this, object, callee.name.view())) {
      TRY(const Args args, EvalArgs(e, caller));
      return CallMethod(*this, object, callee.name.view(), args);
    }
    TRY(const Value function, Attribute(object, callee.name.view()));
    TRY(const Args args, EvalArgs(e, caller));
    return Call(function, args);
  }
  TRY(const Value function, Eval(callee));
  TRY(const Args args, EvalArgs(e, caller));
  return Call(function, args);
}

// `body`: what a filter block caught, for the filter that stands at the end of the chain.
Result<Value> Interpreter::EvalFilter(const Expr& e, const Value* body) {
  Value value;
  if (!e.args[0]) {
    value = *body;
  } else if (body) {
    TRY(value, EvalFilter(*e.args[0], body));
  } else {
    TRY(value, Eval(*e.args[0]));
  }
  TRY(const Args args, EvalArgs(e));
  return Filter(e.name.view(), value, args);
}

Result<Value> Interpreter::EvalTest(const Expr& e) {
  TRY(const Value value, Eval(*e.args[0]));
  TRY(const Args args, EvalArgs(e));
  TRY(const bool yes, Test(e.name.view(), value, args));
  return Value(yes);
}

Result<Value> Interpreter::EvalBoolean(const Expr& e) {
  TRY(Value left, Eval(*e.args[0]));
  if (e.type == Expr::kNot) return Value(!Truth(left));
  if (Truth(left) == (e.type == Expr::kOr)) return left;
  return Eval(*e.args[1]);
}

Result<Value> Interpreter::EvalBinary(const Expr& e) {
  TRY(const Value left, Eval(*e.args[0]));
  TRY(const Value right, Eval(*e.args[1]));
  return Binary(*this, e.op, left, right);
}

Result<Value> Interpreter::EvalConcat(const Expr& e) {
  std::vector<Value> parts;
  size_t bytes = 0;
  for (const Expr* arg : e.args) {
    TRY(Value part, Eval(*arg));
    if (escaping_) part = Escaped(*this, part);
    if (!part.text()) part = Text(Shown(part));
    bytes += part.AsText().size();
    parts.push_back(std::move(part));
  }
  if (!meter().Affords(bytes)) return meter().error();
  std::string joined;
  joined.reserve(bytes);
  for (const Value& part : parts) joined += part.AsText();
  return Text(std::move(joined), escaping_);
}

Result<Value> Interpreter::EvalCompare(const Expr& e) {
  TRY(Value left, Eval(*e.args[0]));
  bool yes = true;
  for (size_t i = 0; i < e.ops.size() && yes; ++i) {
    TRY(Value right, Eval(*e.args[i + 1]));
    TRY(yes, Compared(*this, e.ops[i], left, right));
    left = std::move(right);
  }
  return Value(yes);
}

Result<Value> Interpreter::EvalCond(const Expr& e) {
  TRY(const Value test, Eval(*e.args[1]));
  if (Truth(test)) return Eval(*e.args[0]);
  if (e.args[2]) return Eval(*e.args[2]);
  return Value(Undefined{Str("an inline 'if' without 'else' was false, so it has no value", nullptr), ""});
}

Result<List*> Interpreter::Iterate(const Value& v) {
  if (List* list = v.list()) {
    if (list->type == List::kGenerator && std::exchange(list->spent, true)) return heap_.NewList({});
    return list;
  }
  std::vector<Value> items;
  if (v.text()) {
    const std::string_view text = v.AsText();
    if (!meter().Affords(text.size(), 2 * sizeof(Value))) return meter().error();
    meter().Step(text.size());
    for (size_t at = 0; at < text.size();) {
      const size_t begin = at;
      NextChar(text, at);
      items.push_back(heap_.NewText(std::string(text.substr(begin, at - begin))));
    }
  } else if (v.dict() && !v.dict()->is_namespace) {
    for (const auto& [key, value] : v.dict()->items) items.push_back(key);
  } else if (v.defined()) {
    return Mistake("'" + TypeName(v) + "' object is not iterable");
  }
  return heap_.NewList(std::move(items));
}

}  // namespace hasten::jinja
