// What Python's operators do to values.
#pragma once

#include <span>
#include <string_view>

#include "text/jinja/interpreter.h"
#include "text/jinja/unicode.h"

namespace hasten::jinja {

Result<Value> Binary(Interpreter& in, Op op, const Value& a, const Value& b);
Result<Value> Signed(const Value& v, bool negative);
Result<bool> Compared(Interpreter& in, Op op, const Value& a, const Value& b);
Result<bool> Less(Interpreter& in, const Value& a, const Value& b, int depth = 0);
Result<bool> Contains(Interpreter& in, const Value& container, const Value& item);
Result<Value> Sliced(Interpreter& in, const Value& v, std::span<const Value, 3> bounds);
Result<size_t> Length(const Value& v);  // len()

Error TooLarge();  // an integer that Python would have

// The first place of `what` in `text` from `from` on, or npos, in time linear in both.
size_t Find(std::string_view text, std::string_view what, size_t from = 0);
Value Escaped(Interpreter& in, const Value& v);  // HTML's five characters replaced, unless it is safe already

}  // namespace hasten::jinja
