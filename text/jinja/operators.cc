#include "text/jinja/operators.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "text/jinja/format.h"

namespace hasten::jinja {
namespace {

const char* Sign(Op op) {
  switch (op) {
    case Op::kAdd:
      return "+";
    case Op::kSub:
      return "-";
    case Op::kMul:
      return "*";
    case Op::kDiv:
      return "/";
    case Op::kFloorDiv:
      return "//";
    case Op::kMod:
      return "%";
    case Op::kPow:
      return "**";
    case Op::kLt:
      return "<";
    case Op::kLe:
      return "<=";
    case Op::kGt:
      return ">";
    case Op::kGe:
      return ">=";
    default:
      return "in";
  }
}

Error WrongOperands(Op op, const Value& a, const Value& b) {
  for (const Value* v : {&a, &b})
    if (!v->defined()) return Mistake(UndefinedMessage(v->undefined()));
  if (op >= Op::kLt)
    return Mistake(std::string("'") + Sign(op) + "' not supported between '" + TypeName(a) + "' and '" + TypeName(b) + "'");
  return Mistake(std::string("unsupported operand type(s) for ") + Sign(op) + ": '" + TypeName(a) + "' and '" + TypeName(b) +
                 "'");
}

Result<Value> IntPower(int64_t base, int64_t exponent) {
  if (exponent < 0) {
    if (base == 0) return Mistake("0 cannot be raised to a negative power");
    return Value(std::pow(double(base), double(exponent)));
  }
  int64_t result = 1;
  for (; exponent > 0; exponent >>= 1) {
    if ((exponent & 1) && __builtin_mul_overflow(result, base, &result)) return TooLarge();
    if (exponent > 1 && __builtin_mul_overflow(base, base, &base)) return TooLarge();
  }
  return Value(result);
}

// Python rounds quotients down, so that the rest has the divisor's sign.
Result<Value> IntArithmetic(Op op, int64_t a, int64_t b) {
  int64_t result = 0;
  bool overflow = false;
  switch (op) {
    case Op::kAdd:
      overflow = __builtin_add_overflow(a, b, &result);
      break;
    case Op::kSub:
      overflow = __builtin_sub_overflow(a, b, &result);
      break;
    case Op::kMul:
      overflow = __builtin_mul_overflow(a, b, &result);
      break;
    case Op::kDiv:
      if (b == 0) return Mistake("division by zero");
      return Value(double(a) / double(b));
    case Op::kFloorDiv:
    case Op::kMod: {
      if (b == 0) return Mistake("integer division or modulo by zero");
      if (b == -1) {  // the one quotient that may not fit
        if (op == Op::kMod) return Value(int64_t{0});
        overflow = __builtin_sub_overflow(int64_t{0}, a, &result);
        break;
      }
      const bool down = a % b != 0 && (a % b < 0) != (b < 0);
      result = op == Op::kMod ? a % b + (down ? b : 0) : a / b - down;
      break;
    }
    default:
      return IntPower(a, b);
  }
  if (overflow) return TooLarge();
  return Value(result);
}

Result<Value> FloatArithmetic(Op op, double a, double b) {
  switch (op) {
    case Op::kAdd:
      return Value(a + b);
    case Op::kSub:
      return Value(a - b);
    case Op::kMul:
      return Value(a * b);
    case Op::kDiv:
      if (b == 0) return Mistake("float division by zero");
      return Value(a / b);
    case Op::kFloorDiv:
      if (b == 0) return Mistake("float floor division by zero");
      return Value(std::floor(a / b));
    case Op::kMod: {
      if (b == 0) return Mistake("float modulo");
      const double rest = std::fmod(a, b);
      return Value(rest != 0 && (rest < 0) != (b < 0) ? rest + b : rest);
    }
    default:
      if (a == 0 && b < 0) return Mistake("0.0 cannot be raised to a negative power");
      return Value(std::pow(a, b));
  }
}

Result<Value> Joined(Interpreter& in, const Value& a, const Value& b) {
  if (!a.safe() && !b.safe()) {
    if (!in.meter().Affords(a.AsText().size() + b.AsText().size())) return in.meter().error();
    std::string text;
    text.reserve(a.AsText().size() + b.AsText().size());
    return in.Text(text.append(a.AsText()).append(b.AsText()));
  }
  const Value left = Escaped(in, a), right = Escaped(in, b);
  return in.Text(std::string(left.AsText()).append(right.AsText()), true);
}

Result<Value> Repeated(Interpreter& in, const Value& v, int64_t times) {
  const size_t count = times > 0 ? size_t(times) : 0;
  if (v.text()) {
    if (!in.meter().Affords(count, v.AsText().size())) return in.meter().error();
    std::string text;
    text.reserve(count * v.AsText().size());
    for (size_t i = 0; i < count && !v.AsText().empty(); ++i) text += v.AsText();
    return in.Text(std::move(text), v.safe());
  }
  const List& list = *v.list();
  if (!in.meter().Affords(count, list.items.size() * sizeof(Value))) return in.meter().error();
  std::vector<Value> items;
  for (size_t i = 0; i < count && !list.items.empty(); ++i) items.insert(items.end(), list.items.begin(), list.items.end());
  return in.NewList(std::move(items), list.tuple() ? List::kTuple : List::kList);
}

bool Repeatable(const Value& v) { return v.text() || (v.list() && (v.list()->type == List::kList || v.list()->tuple())); }

Result<Value> Added(Interpreter& in, const Value& a, const Value& b) {
  if (a.text() && b.text()) return Joined(in, a, b);
  const bool lists = a.list() && b.list() && Repeatable(a) && Repeatable(b) && a.list()->tuple() == b.list()->tuple();
  if (lists) {
    std::vector<Value> items;
    if (!in.meter().Affords(a.list()->items.size() + b.list()->items.size(), sizeof(Value))) return in.meter().error();
    items.reserve(a.list()->items.size() + b.list()->items.size());
    items = a.list()->items;
    items.insert(items.end(), b.list()->items.begin(), b.list()->items.end());
    return in.NewList(std::move(items), a.list()->tuple() ? List::kTuple : List::kList);
  }
  if (a.text() && b.defined()) return Mistake("can only concatenate str (not \"" + TypeName(b) + "\") to str");
  if (a.list() && b.defined()) return Mistake("can only concatenate list (not \"" + TypeName(b) + "\") to list");
  return WrongOperands(Op::kAdd, a, b);
}

}  // namespace

Error TooLarge() { return {Code::kUnsupported, "an integer has more than 64 bits"}; }

Result<Value> Binary(Interpreter& in, Op op, const Value& a, const Value& b) {
  if (a.integral() && b.integral()) return IntArithmetic(op, a.AsInt(), b.AsInt());
  if (a.number() && b.number()) return FloatArithmetic(op, a.AsFloat(), b.AsFloat());
  if (op == Op::kMod && a.text() && b.defined()) return PercentFormat(in, a, b);
  if (op == Op::kMul && Repeatable(a) && b.integral()) return Repeated(in, a, b.AsInt());
  if (op == Op::kMul && a.integral() && Repeatable(b)) return Repeated(in, b, a.AsInt());
  if (op == Op::kAdd) return Added(in, a, b);
  return WrongOperands(op, a, b);
}

Result<Value> Signed(const Value& v, bool negative) {
  if (!v.defined()) return Mistake(UndefinedMessage(v.undefined()));
  if (v.integral()) {
    int64_t result = v.AsInt();
    if (negative && __builtin_sub_overflow(int64_t{0}, v.AsInt(), &result)) return TooLarge();
    return Value(result);
  }
  if (v.number()) return Value(negative ? -v.AsFloat() : v.AsFloat());
  return Mistake(std::string("bad operand type for unary ") + (negative ? "-" : "+") + ": '" + TypeName(v) + "'");
}

Result<bool> Less(Interpreter& in, const Value& a, const Value& b, int depth) {
  in.meter().Step();
  if (in.meter().tripped()) return in.meter().error();
  if (a.integral() && b.integral()) return a.AsInt() < b.AsInt();
  if (a.number() && b.number()) return a.AsFloat() < b.AsFloat();
  if (a.text() && b.text()) {
    in.meter().StepBytes(std::min(a.AsText().size(), b.AsText().size()));
    return a.AsText() < b.AsText();
  }
  const bool rows = a.list() && b.list() && Repeatable(a) && Repeatable(b) && a.list()->tuple() == b.list()->tuple();
  if (!rows) return WrongOperands(Op::kLt, a, b);
  if (depth > kMostNesting) return Error{Code::kExhausted, "values nested too deeply are compared"};
  const auto &x = a.list()->items, &y = b.list()->items;
  for (size_t i = 0; i < x.size() && i < y.size(); ++i)
    if (!Equal(x[i], y[i], in.meter())) return Less(in, x[i], y[i], depth + 1);
  return x.size() < y.size();
}

Result<bool> Contains(Interpreter& in, const Value& container, const Value& item) {
  if (container.text()) {
    if (!item.text()) return Mistake("'in <string>' requires string as left operand, not " + TypeName(item));
    in.meter().StepBytes(container.AsText().size());
    return Find(container.AsText(), item.AsText()) != std::string_view::npos;
  }
  if (container.dict() && !container.dict()->is_namespace) {
    if (!Hashable(item)) return Mistake("unhashable type: '" + TypeName(item) + "'");
    return container.dict()->Find(item) != nullptr;
  }
  if (!container.list() && container.defined())
    return Mistake("argument of type '" + TypeName(container) + "' is not iterable");
  TRY(const List* items, in.Iterate(container));
  for (const Value& each : items->items)
    if (Equal(each, item, in.meter())) return true;
  return false;
}

Result<bool> Compared(Interpreter& in, Op op, const Value& a, const Value& b) {
  switch (op) {
    case Op::kEq:
      return Equal(a, b, in.meter());
    case Op::kNe:
      return !Equal(a, b, in.meter());
    case Op::kIn:
      return Contains(in, b, a);
    case Op::kNotIn: {
      TRY(const bool inside, Contains(in, b, a));
      return !inside;
    }
    default:
      break;
  }
  if (a.number() && b.number() && (std::isnan(a.AsFloat()) || std::isnan(b.AsFloat()))) return false;
  const bool swapped = op == Op::kGt || op == Op::kLe;
  const auto less = swapped ? Less(in, b, a) : Less(in, a, b);
  if (!less && less.error().code == Code::kBadInput) return WrongOperands(op, a, b);
  TRY(const bool yes, less);
  return op == Op::kLt || op == Op::kGt ? yes : !yes;
}

Result<size_t> Length(const Value& v) {
  if (v.text()) return CountChars(v.AsText());
  if (v.list() && v.list()->type != List::kGenerator) return v.list()->items.size();
  if (v.dict() && !v.dict()->is_namespace) return v.dict()->items.size();
  if (v.loop()) return v.loop()->items->items.size();
  if (!v.defined()) return size_t{0};
  return Mistake("object of type '" + TypeName(v) + "' has no len()");
}

Result<Value> Sliced(Interpreter& in, const Value& v, std::span<const Value, 3> bounds) {
  if (!v.defined()) return Mistake(UndefinedMessage(v.undefined()));
  if (!v.text() && (!v.list() || v.list()->type > List::kRange))
    return Value(Undefined{Str(std::string(OwnerName(v)) + " object cannot be sliced", nullptr), ""});
  for (const Value& bound : bounds)
    if (!bound.none() && !bound.integral()) return Mistake("slice indices must be integers or None");
  TRY(const size_t length, Length(v));
  const int64_t size = int64_t(length), step = bounds[2].none() ? 1 : bounds[2].AsInt();
  if (step == 0) return Mistake("slice step cannot be zero");
  const auto place = [&](const Value& bound, int64_t otherwise) {
    if (bound.none()) return otherwise;
    const int64_t from_end = bound.AsInt() < 0 ? std::max(bound.AsInt(), -size - 1) + size : bound.AsInt();
    return std::clamp(from_end, step < 0 ? int64_t{-1} : int64_t{0}, step < 0 ? size - 1 : size);
  };
  const int64_t begin = place(bounds[0], step < 0 ? size - 1 : 0), end = place(bounds[1], step < 0 ? -1 : size);
  in.meter().StepBytes(v.text() ? v.AsText().size() : length);
  if (v.text() && step == 1) {
    const size_t from = ByteOfChar(v.AsText(), size_t(begin));
    const std::string_view rest = v.AsText().substr(from);
    return in.Text(std::string(rest.substr(0, ByteOfChar(rest, size_t(std::max<int64_t>(end - begin, 0))))), v.safe());
  }
  TRY(const List* all, in.Iterate(v));
  std::vector<Value> items;
  // Counted, so that a step near 2^63 does not overflow.
  const auto distance = step > 0 ? uint64_t(std::max<int64_t>(end - begin, 0)) : uint64_t(std::max<int64_t>(begin - end, 0));
  const uint64_t stride = step > 0 ? uint64_t(step) : 0 - uint64_t(step);
  for (uint64_t done = 0; done < distance; done += std::min(stride, distance))
    items.push_back(all->items[size_t(step > 0 ? begin + int64_t(done) : begin - int64_t(done))]);
  if (!v.text()) return in.NewList(std::move(items), v.list()->type);
  std::string text;
  for (const Value& c : items) text += c.AsText();
  return in.Text(std::move(text), v.safe());
}

size_t Find(std::string_view text, std::string_view what, size_t from) {
  if (from > text.size()) return text.npos;
  if (what.empty()) return from;
  const void* found = memmem(text.data() + from, text.size() - from, what.data(), what.size());  // glibc's is linear: two-way
  return found ? size_t(static_cast<const char*>(found) - text.data()) : text.npos;
}

Value Escaped(Interpreter& in, const Value& v) {
  if (v.safe()) return v;
  const std::string plain = in.Shown(v);
  std::string out;
  out.reserve(plain.size());
  for (const char c : plain) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '\'':
        out += "&#39;";
        break;
      case '"':
        out += "&#34;";
        break;
      default:
        out += c;
    }
  }
  return in.Text(std::move(out), true);
}

}  // namespace hasten::jinja
