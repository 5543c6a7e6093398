// What stands behind "is".
#include <algorithm>

#include "text/jinja/functions.h"
#include "text/jinja/operators.h"

namespace hasten::jinja {
namespace {

Result<Value> Remainder(const Invocation& call, int64_t divisor, int64_t wanted) {
  TRY(const Value rest, Binary(call.in, Op::kMod, call.value, Value(divisor)));
  return Value(Equal(rest, Value(wanted), call.in.meter()));
}

Result<Value> DivisibleBy(const Invocation& call) {
  TRY(const Value rest, Binary(call.in, Op::kMod, call.value, *call.args[0]));
  return Value(Equal(rest, Value(int64_t{0}), call.in.meter()));
}

template <Op op>
Result<Value> Compare(const Invocation& call) {
  TRY(const bool yes, Compared(call.in, op, call.value, *call.args[0]));
  return Value(yes);
}

// Whether there is a letter with case, and all such letters have this one.
bool AllInCase(std::string_view text, bool upper) {
  bool any = false;
  for (size_t at = 0; at < text.size();) {
    const uint32_t c = NextChar(text, at);
    if (upper ? IsLower(c) : IsUpper(c)) return false;
    any |= upper ? IsUpper(c) : IsLower(c);
  }
  return any;
}

bool Iterable(const Value& v) {
  return !v.defined() || v.text() || v.list() || (v.dict() && !v.dict()->is_namespace) || v.loop();
}

bool Sequence(const Value& v) {
  return v.text() || (v.list() && v.list()->type <= List::kRange) || (v.dict() && !v.dict()->is_namespace);
}

Result<Value> Defined(const Invocation& c) { return Value(c.value.defined()); }
Result<Value> IsUndefined(const Invocation& c) { return Value(!c.value.defined()); }
Result<Value> IsNone(const Invocation& c) { return Value(c.value.none()); }
Result<Value> Boolean(const Invocation& c) { return Value(c.value.Is(Kind::kBool)); }
Result<Value> IsTrue(const Invocation& c) { return Value(c.value.Is(Kind::kBool) && c.value.AsBool()); }
Result<Value> IsFalse(const Invocation& c) { return Value(c.value.Is(Kind::kBool) && !c.value.AsBool()); }
Result<Value> Integer(const Invocation& c) { return Value(c.value.Is(Kind::kInt)); }
Result<Value> Float(const Invocation& c) { return Value(c.value.Is(Kind::kFloat)); }
Result<Value> Number(const Invocation& c) { return Value(c.value.number()); }
Result<Value> String(const Invocation& c) { return Value(c.value.text()); }
Result<Value> Mapping(const Invocation& c) { return Value(c.value.dict() && !c.value.dict()->is_namespace); }
Result<Value> IsSequence(const Invocation& c) { return Value(Sequence(c.value)); }
Result<Value> IsIterable(const Invocation& c) { return Value(Iterable(c.value)); }
Result<Value> Callable(const Invocation& c) {
  return Value(c.value.function() || c.value.loop() || (c.value.counter() && c.value.counter()->joins) || !c.value.defined());
}
Result<Value> IsEscaped(const Invocation& c) { return Value(c.value.safe()); }
Result<Value> SameAs(const Invocation& c) { return Value(c.value.SameObject(*c.args[0])); }
Result<Value> Odd(const Invocation& c) { return Remainder(c, 2, 1); }
Result<Value> Even(const Invocation& c) { return Remainder(c, 2, 0); }
Result<Value> IsLowerCase(const Invocation& c) { return Value(AllInCase(c.Shown(), false)); }
Result<Value> IsUpperCase(const Invocation& c) { return Value(AllInCase(c.Shown(), true)); }

Result<Value> IsFilter(const Invocation& c) { return Value(c.value.text() && HasFilter(c.value.AsText())); }
Result<Value> IsTest(const Invocation& c) { return Value(c.value.text() && FindEntry(Tests(), c.value.AsText())); }

constexpr Entry kTests[] = {
    {"defined", "", Defined},
    {"undefined", "", IsUndefined},
    {"none", "", IsNone},
    {"boolean", "", Boolean},
    {"true", "", IsTrue},
    {"false", "", IsFalse},
    {"integer", "", Integer},
    {"float", "", Float},
    {"number", "", Number},
    {"string", "", String},
    {"mapping", "", Mapping},
    {"sequence", "", IsSequence},
    {"iterable", "", IsIterable},
    {"callable", "", Callable},
    {"escaped", "", IsEscaped},
    {"sameas", "other!", SameAs},
    {"odd", "", Odd},
    {"even", "", Even},
    {"divisibleby", "num!", DivisibleBy},
    {"lower", "", IsLowerCase},
    {"upper", "", IsUpperCase},
    {"filter", "", IsFilter},
    {"test", "", IsTest},
    {"in", "seq!", Compare<Op::kIn>},
    {"==", "other!", Compare<Op::kEq>},
    {"eq", "other!", Compare<Op::kEq>},
    {"equalto", "other!", Compare<Op::kEq>},
    {"!=", "other!", Compare<Op::kNe>},
    {"ne", "other!", Compare<Op::kNe>},
    {">", "other!", Compare<Op::kGt>},
    {"gt", "other!", Compare<Op::kGt>},
    {"greaterthan", "other!", Compare<Op::kGt>},
    {">=", "other!", Compare<Op::kGe>},
    {"ge", "other!", Compare<Op::kGe>},
    {"<", "other!", Compare<Op::kLt>},
    {"lt", "other!", Compare<Op::kLt>},
    {"lessthan", "other!", Compare<Op::kLt>},
    {"<=", "other!", Compare<Op::kLe>},
    {"le", "other!", Compare<Op::kLe>},
};

}  // namespace

std::span<const Entry> Tests() { return kTests; }

}  // namespace hasten::jinja
