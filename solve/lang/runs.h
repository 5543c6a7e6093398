// What rows of ops.cc call, where a subject has a file of its own: lists (lists.cc), arithmetic and calendars (arithmetic.cc).
#pragma once

#include <optional>
#include <span>

#include "solve/lang/program.h"
#include "solve/lang/tokens.h"

namespace hasten::solve {

using Args = std::span<const Value>;

constexpr size_t kLongest = 1 << 20;  // a cell grown beyond this is no answer

// Small whole numbers: positions, counts, widths.
inline std::optional<long> Whole(const Value& v) {
  if (v.number.scale != 0 || v.number.mantissa > 1000000 || v.number.mantissa < -1000000) return std::nullopt;
  return long(v.number.mantissa);
}
inline Value Maybe(const std::optional<Decimal>& n) { return n ? Value::Number(*n) : Value::None(); }

// The number that a token of that kind is, with its sign where one stands before it that is no dash in a word.
std::optional<Decimal> SignedNumberAt(std::string_view text, const TokenSpan& number);

Value RunJoin(Args a);       // (text, kind, glue): the tokens of a kind with a text between
Value RunDrop(Args a);       // (text, kind): all but the tokens of a kind
Value RunWithout(Args a);    // (text, characters): all but those characters
Value RunPlain(Args a);      // Latin letters without their accents
Value RunItems(Args a);      // (text, separator, how): the parts "sorted", "sorted down", "unique" or "reversed"
Value RunItemsWith(Args a);  // (text, separator, beginning): the parts that begin so
Value RunCountOf(Args a);    // (text, what): how often it occurs

Value RunMinus(Args a);
Value RunTimes(Args a);
Value RunOver(Args a);
Value RunRemainder(Args a);
Value RunLarger(Args a);
Value RunSmaller(Args a);
Value RunNumbers(Args a);  // (text, how) of all numbers in a text: "sum", "average", "largest", "smallest"
Value RunOrdinal(Args a);  // 23: "23rd"
Value RunRoman(Args a);    // 1 to 3999
Value RunSigned(Args a);   // a number's text with + where it has no -

Value RunMonths(Args a);       // whole months from the first to the second
Value RunYears(Args a);        // whole years
Value RunSeconds(Args a);      // from the first to the second; without dates, forward past midnight
Value RunSecondOfDay(Args a);  // since midnight
Value RunWeekday(Args a);      // Monday is 1
Value RunClock(Args a);        // (number, seconds in one): that long, as a time; hours may exceed 23
Value RunAddDays(Args a);
Value RunAddMonths(Args a);  // the last day of a shorter month
Value RunAddSeconds(Args a);
Value RunMonthEnd(Args a);

}  // namespace hasten::solve
