// Operations on numbers, and on dates and times as numbers.
#include <tuple>

#include "solve/lang/runs.h"
#include "solve/lang/tokens.h"

namespace hasten::solve {

namespace {

constexpr int64_t kDay = 86400;

int64_t OfDay(const Moment& m) { return m.hour * 3600 + m.minute * 60 + m.second; }

// Moves by seconds; the date moves with it where there is one.
Value Moved(Moment m, int64_t seconds) {
  const int64_t days = seconds >= 0 ? seconds / kDay : -((kDay - 1 - seconds) / kDay), of_day = seconds - days * kDay;
  if (m.HasDate()) m = OnDay(m, DayNumber(m.year, m.month, m.day) + days);
  m.hour = int(of_day / 3600);
  m.minute = int(of_day / 60 % 60);
  m.second = int(of_day % 60);
  return Value::Of(m);
}

}  // namespace

std::optional<Decimal> SignedNumberAt(std::string_view text, const TokenSpan& number) {
  size_t begin = number.begin;
  const auto in_word = [&](size_t at) { return FindTokenKind("word")->holds(static_cast<unsigned char>(text[at])); };
  if (begin > 0 && text[begin - 1] == '-' && (begin == 1 || !in_word(begin - 2))) --begin;
  return Decimal::Parse(text.substr(begin, number.end - begin));
}

Value RunMinus(Args a) { return Maybe(a[0].number.Minus(a[1].number)); }
Value RunTimes(Args a) { return Maybe(a[0].number.Times(a[1].number)); }
Value RunOver(Args a) { return Maybe(a[0].number.Over(a[1].number)); }
Value RunRemainder(Args a) { return Maybe(a[0].number.Remainder(a[1].number)); }

Value RunLarger(Args a) { return a[0].number < a[1].number ? a[1] : a[0]; }
Value RunSmaller(Args a) { return a[1].number < a[0].number ? a[1] : a[0]; }

Value RunNumbers(Args a) {
  std::optional<Decimal> result;
  const bool largest = a[1].text == "largest", smallest = a[1].text == "smallest";
  const std::vector<TokenSpan> spans = FindTokens(a[0].text, *FindTokenKind("number"));
  for (const TokenSpan& span : spans) {
    const auto n = SignedNumberAt(a[0].text, span);
    if (!n) return Value::None();
    if (!result) {
      result = n;
    } else if (largest || smallest) {
      if (largest ? *result < *n : *n < *result) result = n;
    } else {
      result = result->Plus(*n);
      if (!result) return Value::None();
    }
  }
  if (result && a[1].text == "average") result = result->Over(Decimal::Of(int64_t(spans.size())));
  return Maybe(result);
}

Value RunOrdinal(Args a) {
  const Decimal& n = a[0].number;
  if (n.scale != 0 || n.mantissa < 0) return Value::None();
  const int last = int(n.mantissa % 10);
  const bool teen = n.mantissa / 10 % 10 == 1;
  const char* const ending = teen ? "th" : last == 1 ? "st" : last == 2 ? "nd" : last == 3 ? "rd" : "th";
  return Value::Text(FormatNumber(n, {}) + ending);
}

Value RunRoman(Args a) {
  constexpr std::pair<long, const char*> kLetters[] = {{1000, "M"}, {900, "CM"}, {500, "D"}, {400, "CD"}, {100, "C"},
                                                       {90, "XC"},  {50, "L"},   {40, "XL"}, {10, "X"},   {9, "IX"},
                                                       {5, "V"},    {4, "IV"},   {1, "I"}};
  const auto n = Whole(a[0]);
  if (!n || *n < 1 || *n > 3999) return Value::None();
  std::string out;
  long rest = *n;
  for (const auto& [value, letters] : kLetters) {
    for (; rest >= value; rest -= value) out += letters;
  }
  return Value::Text(std::move(out));
}

Value RunSigned(Args a) {
  return a[0].text.empty() ? Value::None() : Value::Text((a[0].text[0] == '-' ? "" : "+") + a[0].text);
}

Value RunMonths(Args a) {
  const Moment &from = a[0].moment, &to = a[1].moment;
  if (!from.HasDate() || !to.HasDate()) return Value::None();
  return Value::Number(Decimal::Of((to.year - from.year) * 12 + to.month - from.month - (to.day < from.day)));
}

Value RunYears(Args a) {
  const Moment &from = a[0].moment, &to = a[1].moment;
  if (!from.HasDate() || !to.HasDate()) return Value::None();
  const bool before = std::tie(to.month, to.day) < std::tie(from.month, from.day);
  return Value::Number(Decimal::Of(to.year - from.year - before));
}

Value RunSeconds(Args a) {
  const Moment &from = a[0].moment, &to = a[1].moment;
  if (!from.HasTime() || !to.HasTime()) return Value::None();
  int64_t seconds = OfDay(to) - OfDay(from);
  if (from.HasDate() && to.HasDate()) {
    seconds += kDay * (DayNumber(to.year, to.month, to.day) - DayNumber(from.year, from.month, from.day));
  } else if (seconds < 0) {
    seconds += kDay;
  }
  return Value::Number(Decimal::Of(seconds));
}

Value RunSecondOfDay(Args a) { return a[0].moment.HasTime() ? Value::Number(Decimal::Of(OfDay(a[0].moment))) : Value::None(); }

Value RunWeekday(Args a) {
  const Moment& m = a[0].moment;
  return m.HasDate() ? Value::Number(Decimal::Of(WeekdayOf(DayNumber(m.year, m.month, m.day)) + 1)) : Value::None();
}

Value RunClock(Args a) {
  const auto unit = Whole(a[1]);
  const auto exact = unit && *unit > 0 ? a[0].number.Times(a[1].number) : std::nullopt;
  const auto whole = exact ? RoundTo(*exact, Decimal::Of(1), {}, Rounding::kDown) : std::nullopt;
  if (!whole || whole->scale != 0 || whole->mantissa < 0 || whole->mantissa > 1000000000) return Value::None();
  const auto seconds = int(whole->mantissa);
  Moment m;
  m.hour = seconds / 3600;
  m.minute = seconds / 60 % 60;
  m.second = seconds % 60;
  return Value::Of(m);
}

Value RunAddDays(Args a) {
  const auto days = Whole(a[1]);
  const Moment& m = a[0].moment;
  if (!days || !m.HasDate()) return Value::None();
  return Value::Of(OnDay(m, DayNumber(m.year, m.month, m.day) + *days));
}

Value RunAddMonths(Args a) {
  const auto months = Whole(a[1]);
  Moment m = a[0].moment;
  if (!months || !m.HasDate()) return Value::None();
  const long month = m.year * 12L + m.month - 1 + *months;
  if (month < 12) return Value::None();
  m.year = int(month / 12);
  m.month = int(month % 12) + 1;
  m.day = std::min(m.day, DaysIn(m.year, m.month));
  return Value::Of(m);
}

Value RunAddSeconds(Args a) {
  const auto seconds = Whole(a[1]);
  if (!seconds || !a[0].moment.HasTime()) return Value::None();
  return Moved(a[0].moment, OfDay(a[0].moment) + *seconds);
}

Value RunMonthEnd(Args a) {
  Moment m = a[0].moment;
  if (m.year == 0 || m.month == 0) return Value::None();
  m.day = DaysIn(m.year, m.month);
  return Value::Of(m);
}

}  // namespace hasten::solve
