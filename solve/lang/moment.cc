#include "solve/lang/moment.h"

#include <algorithm>
#include <tuple>
#include <vector>

#include "base/result.h"
#include "solve/lang/names.h"

namespace hasten::solve {

namespace {

bool SameLetters(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  for (size_t i = 0; i < a.size(); ++i) {
    if ((a[i] | 32) != (b[i] | 32)) return false;
  }
  return true;
}

bool Abbreviates(std::string_view word, std::string_view name) {
  return SameLetters(word, name) ||
         ((word.size() == 3 || (word.size() == 4 && name.size() > 4)) && SameLetters(word, name.substr(0, word.size())));
}

bool Leap(int y) { return (y % 4 == 0 && y % 100 != 0) || y % 400 == 0; }

void SetDay(Moment& m,
            int64_t day_number) {  // Source: Howard Hinnant, "chrono-Compatible
                                   // Low-Level Date Algorithms"
  const int64_t z = day_number + 719468, era = (z >= 0 ? z : z - 146096) / 146097;
  const int64_t doe = z - era * 146097, yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
  const int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100), mp = (5 * doy + 2) / 153;
  m.day = int(doy - (153 * mp + 2) / 5 + 1);
  m.month = int(mp < 10 ? mp + 3 : mp - 9);
  m.year = int(yoe + era * 400) + (m.month <= 2);
}

// The Monday of ISO week 1 is that of the week with January 4th.
int64_t FirstIsoMonday(int year) {
  const int64_t fourth = DayNumber(year, 1, 4);
  return fourth - WeekdayOf(fourth);
}

struct IsoWeek {
  int year, week;
};
IsoWeek IsoWeekOf(const Moment& m) {
  const int64_t day = DayNumber(m.year, m.month, m.day);
  int year = m.year + 1;
  while (day < FirstIsoMonday(year)) --year;
  return {year, int((day - FirstIsoMonday(year)) / 7) + 1};
}

int DayOfYear(const Moment& m) { return int(DayNumber(m.year, m.month, m.day) - DayNumber(m.year, 1, 1)) + 1; }

struct Token {
  enum Kind : uint8_t { kNumber, kWord, kMark } kind;
  std::string_view text;
  int value;  // of a number of at most 8 digits, else -1
  size_t at;  // which of the text's
};

bool Digit(char c) { return c >= '0' && c <= '9'; }
bool Letter(char c) { return (c | 32) >= 'a' && (c | 32) <= 'z'; }

std::vector<Token> Tokens(std::string_view text) {
  std::vector<Token> tokens;
  for (size_t at = 0; at < text.size();) {
    size_t end = at + 1;
    if (Digit(text[at])) {
      while (end < text.size() && Digit(text[end])) ++end;
      int value = end - at > 8 ? -1 : 0;
      for (size_t i = at; value >= 0 && i < end; ++i) value = value * 10 + (text[i] - '0');
      tokens.push_back({Token::kNumber, text.substr(at, end - at), value, tokens.size()});
    } else if (Letter(text[at])) {
      while (end < text.size() && Letter(text[end])) ++end;
      tokens.push_back({Token::kWord, text.substr(at, end - at), -1, tokens.size()});
    } else {
      tokens.push_back({Token::kMark, text.substr(at, 1), -1, tokens.size()});
    }
    at = end;
  }
  return tokens;
}

// Reads a whole token list as a moment; says in `roles`, one a token, what each of them was.
class MomentReader {
 public:
  MomentReader(std::span<const Token> tokens, DateOrder order, MomentRole* roles = nullptr)
      : tokens_(tokens.begin(), tokens.end()), order_(order), roles_(roles) {}

  std::optional<Moment> Read() {
    if (!TakeTime() || !TakeWords()) return std::nullopt;
    if (!numbers_.empty() || month_ != 0 || weekday_ >= 0) {
      if (!ReadDate()) return std::nullopt;
    }
    const bool dated = m_.year || m_.month || m_.day;
    if (!dated && !m_.HasTime()) return std::nullopt;
    if (m_.month && m_.day && m_.day > DaysIn(m_.year ? m_.year : 2000, m_.month)) return std::nullopt;
    return m_;
  }

 private:
  void Note(const Token& token, MomentRole role) const {
    if (roles_) roles_[token.at] = role;
  }

  bool IsMark(size_t i, char c) const {
    return i < tokens_.size() && tokens_[i].kind == Token::kMark && tokens_[i].text[0] == c;
  }
  bool IsNumber(size_t i, int least, int most, size_t digits = 2) const {
    return i < tokens_.size() && tokens_[i].kind == Token::kNumber && tokens_[i].text.size() <= digits &&
           tokens_[i].value >= least && tokens_[i].value <= most;
  }

  // 1: morning, 2: afternoon; moves `at` over it.
  int Noon(size_t& at) const {
    size_t i = at;
    if (IsMark(i, ' ')) ++i;
    if (i >= tokens_.size() || tokens_[i].kind != Token::kWord) return 0;
    const std::string_view w = tokens_[i].text;
    if (SameLetters(w, "am") || SameLetters(w, "pm")) {
      Note(tokens_[i], MomentRole::kNoon);
      at = i + 1;
      return (w[0] | 32) == 'a' ? 1 : 2;
    }
    if (w.size() == 1 && ((w[0] | 32) == 'a' || (w[0] | 32) == 'p') && IsMark(i + 1, '.') && i + 2 < tokens_.size() &&
        SameLetters(tokens_[i + 2].text, "m")) {
      Note(tokens_[i], MomentRole::kNoon);
      at = i + 3;
      if (IsMark(at, '.')) ++at;
      return (w[0] | 32) == 'a' ? 1 : 2;
    }
    return 0;
  }

  bool SetNoon(int noon) {
    if (noon == 0) return true;
    if (m_.hour < 1 || m_.hour > 12) return false;
    m_.hour = m_.hour % 12 + (noon == 2 ? 12 : 0);
    return true;
  }

  // Finds h:mm[:ss[.f]] [am], h am, and takes it out with what belongs to it;
  // true also where there is none.
  bool TakeTime() {
    for (size_t i = 0; i < tokens_.size(); ++i) {
      if (!IsNumber(i, 0, 59)) continue;
      size_t end = i + 1;
      if (IsMark(end, ':') && IsNumber(end + 1, 0, 59) && tokens_[end + 1].text.size() == 2) {
        const bool minutes_first = order_ == DateOrder::kMinutesSeconds;
        m_.hour = minutes_first ? 0 : tokens_[i].value;
        (minutes_first ? m_.second : m_.minute) = tokens_[end + 1].value;
        if (minutes_first) m_.minute = tokens_[i].value;
        Note(tokens_[i], minutes_first ? MomentRole::kMinute : MomentRole::kHour);
        Note(tokens_[end + 1], minutes_first ? MomentRole::kSecond : MomentRole::kMinute);
        end += 2;
        if (IsMark(end, ':') && IsNumber(end + 1, 0, 59) && !minutes_first) {
          m_.second = tokens_[end + 1].value;
          Note(tokens_[end + 1], MomentRole::kSecond);
          end += 2;
          if (IsMark(end, '.') && end + 1 < tokens_.size() && tokens_[end + 1].kind == Token::kNumber) {
            Note(tokens_[end + 1], MomentRole::kFraction);
            end += 2;
          }
        }
        if (m_.hour > 23 || !SetNoon(Noon(end))) return false;
        EraseZone(end);
        return EraseTime(i, end);
      }
      if (const int noon = Noon(end)) {
        m_.hour = tokens_[i].value;
        Note(tokens_[i], MomentRole::kHour);
        return SetNoon(noon) && EraseTime(i, end);
      }
    }
    return true;
  }

  void EraseZone(size_t& end) const {
    size_t i = end;
    if (IsMark(i, ' ')) ++i;
    if (i < tokens_.size() && (tokens_[i].text == "Z" || tokens_[i].text == "UTC" || tokens_[i].text == "GMT")) end = i + 1;
    if ((IsMark(i, '+') || (IsMark(i, '-') && i == end)) && i + 1 < tokens_.size() && tokens_[i + 1].kind == Token::kNumber) {
      if (IsMark(i + 2, ':') && IsNumber(i + 3, 0, 59))
        end = i + 4;
      else if (tokens_[i + 1].text.size() == 4)
        end = i + 2;
      for (size_t z = i; z < end; ++z) Note(tokens_[z], MomentRole::kZone);
    }
  }

  // What joins a date and a time goes with the time.
  bool EraseTime(size_t begin, size_t end) {
    const auto joins = [&](size_t i) {
      const Token& t = tokens_[i];
      return t.text == " " || t.text == "," || t.text == "@" || t.text == "T" || t.text == "at" || t.text == "_";
    };
    while (begin > 0 && joins(begin - 1)) --begin;
    while (end < tokens_.size() && joins(end)) ++end;
    const bool split = begin > 0 && end < tokens_.size();
    if (split) return false;  // a time in the middle of a date
    tokens_.erase(tokens_.begin() + long(begin), tokens_.begin() + long(end));
    return true;
  }

  // What is left: numbers, one month, one weekday, marks; nothing else.
  bool TakeWords() {
    if (!tokens_.empty() && (tokens_.back().kind == Token::kMark || tokens_.front().kind == Token::kMark)) return false;
    for (size_t i = 0; i < tokens_.size(); ++i) {
      const Token& t = tokens_[i];
      if (t.kind == Token::kNumber) {
        if (t.value < 0) return false;
        numbers_.push_back(t);
      } else if (t.kind == Token::kMark) {
        constexpr std::string_view kJoins = " ,-/.#'";
        if (kJoins.find(t.text[0]) == std::string_view::npos) return false;
        marks_ += t.text[0];
      } else if (MonthNamed(t.text) && month_ == 0) {
        month_ = MonthNamed(t.text);
        Note(t, MomentRole::kMonthName);
      } else if (WeekdayNamed(t.text) >= 0 && weekday_ < 0) {
        weekday_ = WeekdayNamed(t.text);
        Note(t, MomentRole::kWeekdayName);
      } else if (SameLetters(t.text, "W") && i + 1 < tokens_.size()) {
        week_ = true;
      } else if (i > 0 && tokens_[i - 1].kind == Token::kNumber && OrdinalSuffix(t.text)) {
        Note(t, MomentRole::kOrdinalSuffix);
      } else if (!SameLetters(t.text, "of")) {
        return false;
      }
    }
    return true;
  }

  static bool OrdinalSuffix(std::string_view w) {
    return SameLetters(w, "st") || SameLetters(w, "nd") || SameLetters(w, "rd") || SameLetters(w, "th");
  }

  static bool Year4(const Token& t) { return t.text.size() == 4 && t.value >= 1000; }
  bool SetYear(const Token& t) {
    Note(t, MomentRole::kYear);
    if (t.text.size() == 2) {
      m_.year = t.value + (t.value < 50 ? 2000 : 1900);
    } else {
      m_.year = t.value;
    }
    return t.text.size() == 2 || Year4(t);
  }
  void SetMonth(const Token& t) {
    Note(t, MomentRole::kMonth);
    m_.month = t.value;
  }
  bool SetMonthDay(int month, int day) {
    m_.month = month;
    m_.day = day;
    return month >= 1 && month <= 12 && day >= 1 && day <= 31;
  }
  bool SetMonthDay(const Token& month, const Token& day) {
    Note(month, MomentRole::kMonth);
    return SetDayOf(month.value, day);
  }
  bool SetDayOf(int month, const Token& day) {
    Note(day, MomentRole::kDay);
    return SetMonthDay(month, day.value);
  }

  bool ReadDate() {
    const size_t n = numbers_.size();
    if (week_) return ReadWeek();
    if (month_ && marks_.find('#') != std::string::npos) return ReadNthWeekday();
    if (month_ && n == 2) {
      const bool year_first = Year4(numbers_[0]);
      return SetYear(numbers_[year_first ? 0 : 1]) && numbers_[year_first].text.size() <= 4 &&
             SetDayOf(month_, numbers_[year_first ? 1 : 0]);
    }
    if (month_ && n == 1) {
      if (!Year4(numbers_[0])) return SetDayOf(month_, numbers_[0]);
      m_.month = month_;
      return SetYear(numbers_[0]);
    }
    if (month_ || (weekday_ >= 0 && n == 0)) return false;
    if (n == 3) return ReadThree();
    if (n == 2) return ReadTwo();
    return n == 1 && ReadOne();
  }

  bool ReadThree() {
    const auto& [a, b, c] = std::tie(numbers_[0], numbers_[1], numbers_[2]);
    if (b.text.size() > 2) return false;
    if (Year4(a))
      return c.text.size() <= 2 && SetYear(a) && (order_ == DateOrder::kDayFirst ? SetMonthDay(c, b) : SetMonthDay(b, c));
    if (a.text.size() > 2) return false;
    switch (order_) {
      case DateOrder::kMonthFirst:  // with points the day comes first everywhere
        return SetYear(c) && (marks_ == ".." ? SetMonthDay(b, a) : SetMonthDay(a, b));
      case DateOrder::kDayFirst:
        return SetYear(c) && SetMonthDay(b, a);
      case DateOrder::kYearFirst:
        return c.text.size() <= 2 && a.text.size() == 2 && SetYear(a) && SetMonthDay(b, c);
      default:
        return false;
    }
  }

  bool ReadTwo() {
    const Token &a = numbers_[0], &b = numbers_[1];
    if (Year4(a) && marks_ == " " && b.value >= 1 && b.value <= 365 + Leap(a.value)) {  // day of the year
      Note(a, MomentRole::kYear);
      Note(b, MomentRole::kYearDay);
      SetDay(m_, DayNumber(a.value, 1, 1) + b.value - 1);
      return true;
    }
    if (Year4(a) && b.text.size() == 2 && b.value >= 1 && b.value <= 12) return SetMonth(b), SetYear(a);
    if (Year4(b) && a.value >= 1 && a.value <= 12 && a.text.size() <= 2) return SetMonth(a), SetYear(b);
    if (marks_ != "/" && marks_ != "-" && marks_ != ".") return false;
    if (a.text.size() > 2 || b.text.size() > 2) return false;
    return order_ == DateOrder::kDayFirst ? SetMonthDay(b, a) : SetMonthDay(a, b);
  }

  bool ReadOne() {
    const Token& t = numbers_[0];
    if (weekday_ >= 0) return false;
    if (order_ == DateOrder::kHours && t.text.size() <= 2 && t.value < 24) {
      Note(t, MomentRole::kHour);
      return m_.hour = t.value, true;
    }
    if (order_ == DateOrder::kHoursMinutes && t.text.size() >= 3 && t.text.size() <= 4) {
      Note(t, MomentRole::kHoursMinutes);
      m_.hour = t.value / 100;
      m_.minute = t.value % 100;
      return m_.hour < 24 && m_.minute < 60;
    }
    const bool seven = t.text.size() == 7 && order_ == DateOrder::kMonthFirst;  // the month's zero left out
    if (t.text.size() == 8 || seven) {
      const int tail = t.value % 10000, head = t.value / 10000;
      Note(t, order_ == DateOrder::kYearFirst  ? MomentRole::kYearMonthDay
              : order_ == DateOrder::kDayFirst ? MomentRole::kDayMonthYear
                                               : MomentRole::kMonthDayYear);
      if (order_ == DateOrder::kYearFirst) return m_.year = head, head >= 1000 && SetMonthDay(tail / 100, tail % 100);
      m_.year = tail;
      if (tail < 1000) return false;
      return order_ == DateOrder::kDayFirst ? SetMonthDay(head % 100, head / 100) : SetMonthDay(head / 100, head % 100);
    }
    return order_ == DateOrder::kYearFirst && Year4(t) && SetYear(t);
  }

  bool ReadWeek() {  // "Sunday, 2143W12"
    if (numbers_.size() != 2 || !Year4(numbers_[0]) || numbers_[1].value < 1 || numbers_[1].value > 53) return false;
    Note(numbers_[0], MomentRole::kYear);
    Note(numbers_[1], MomentRole::kWeek);
    SetDay(m_, FirstIsoMonday(numbers_[0].value) + 7 * (numbers_[1].value - 1) + (weekday_ < 0 ? 0 : weekday_));
    return true;
  }

  bool ReadNthWeekday() {  // "Sunday #1 March 2002"
    if (numbers_.size() != 2 || weekday_ < 0 || !Year4(numbers_[1]) || numbers_[0].value < 1 || numbers_[0].value > 5)
      return false;
    Note(numbers_[0], MomentRole::kNth);
    Note(numbers_[1], MomentRole::kYear);
    const int64_t first = DayNumber(numbers_[1].value, month_, 1);
    SetDay(m_, first + (weekday_ - WeekdayOf(first) + 7) % 7 + 7 * (numbers_[0].value - 1));
    return m_.month == month_;
  }

  std::vector<Token> tokens_, numbers_;
  std::string marks_;
  const DateOrder order_;
  MomentRole* const roles_;
  Moment m_;
  int month_ = 0, weekday_ = -1;
  bool week_ = false;
};

constexpr std::string_view kOrders[] = {"month first", "day first",         "year first",
                                        "hours",       "hours and minutes", "minutes and seconds"};

std::string Padded(int value, int digits) {
  std::string text = std::to_string(value);
  if (text.size() < size_t(digits)) text.insert(0, size_t(digits) - text.size(), '0');
  return text;
}

using Text = std::optional<std::string>;

template <int digits>
Text Year(const Moment& m) {
  if (!m.year) return std::nullopt;
  return digits == 2 ? Padded(m.year % 100, 2) : Padded(m.year, digits);
}
template <int digits>
Text Month(const Moment& m) {
  return m.month ? Text(Padded(m.month, digits)) : std::nullopt;
}
template <size_t letters>
Text MonthName(const Moment& m) {
  return m.month ? Text(kMonths[m.month - 1].substr(0, letters)) : std::nullopt;
}
template <int digits>
Text Day(const Moment& m) {
  return m.day ? Text(Padded(m.day, digits)) : std::nullopt;
}
template <size_t letters>
Text Weekday(const Moment& m) {
  if (!m.HasDate()) return std::nullopt;
  return std::string(kWeekdays[WeekdayOf(DayNumber(m.year, m.month, m.day))].substr(0, letters));
}
Text OrdinalDay(const Moment& m) {
  if (!m.day) return std::nullopt;
  const char* suffix = "th";
  if (m.day / 10 != 1) suffix = m.day % 10 == 1 ? "st" : m.day % 10 == 2 ? "nd" : m.day % 10 == 3 ? "rd" : "th";
  return std::to_string(m.day) + suffix;
}
Text Quarter(const Moment& m) { return m.month ? Text(std::to_string((m.month + 2) / 3)) : std::nullopt; }
Text Half(const Moment& m) { return m.month ? Text(std::to_string(m.month > 6 ? 2 : 1)) : std::nullopt; }
template <int digits>
Text Week(const Moment& m) {
  return m.HasDate() ? Text(Padded(IsoWeekOf(m).week, digits)) : std::nullopt;
}
Text WeekYear(const Moment& m) { return m.HasDate() ? Text(std::to_string(IsoWeekOf(m).year)) : std::nullopt; }
template <int digits>
Text YearDay(const Moment& m) {
  return m.HasDate() ? Text(Padded(DayOfYear(m), digits)) : std::nullopt;
}
Text MonthWeek(const Moment& m) { return m.day ? Text(std::to_string((m.day + 6) / 7)) : std::nullopt; }
template <int digits>
Text Hour24(const Moment& m) {
  return m.HasTime() ? Text(Padded(m.hour, digits)) : std::nullopt;
}
template <int digits>
Text Hour12(const Moment& m) {
  return m.HasTime() ? Text(Padded((m.hour + 11) % 12 + 1, digits)) : std::nullopt;
}
template <int digits>
Text Minute(const Moment& m) {
  return m.HasTime() ? Text(Padded(m.minute, digits)) : std::nullopt;
}
template <int digits>
Text Second(const Moment& m) {
  return m.HasTime() ? Text(Padded(m.second, digits)) : std::nullopt;
}
template <bool upper>
Text Noon(const Moment& m) {
  if (!m.HasTime()) return std::nullopt;
  return upper ? m.hour < 12 ? "AM" : "PM" : m.hour < 12 ? "am" : "pm";
}
Text DottedNoon(const Moment& m) { return m.HasTime() ? Text(m.hour < 12 ? "a.m." : "p.m.") : std::nullopt; }

}  // namespace

int MonthNamed(std::string_view word) {
  for (int i = 0; i < 12; ++i) {
    if (Abbreviates(word, kMonths[i])) return i + 1;
  }
  return 0;
}

int WeekdayNamed(std::string_view word) {
  for (int i = 0; i < 7; ++i) {
    if (Abbreviates(word, kWeekdays[i])) return i;
  }
  return SameLetters(word, "Thurs") ? 3 : -1;
}

int64_t DayNumber(int year, int month,
                  int day) {  // Source: Howard Hinnant, "chrono-Compatible
                              // Low-Level Date Algorithms"
  const int64_t y = month <= 2 ? year - 1 : year, era = (y >= 0 ? y : y - 399) / 400, yoe = y - era * 400;
  const int64_t doy = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
  return era * 146097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719468;
}

int WeekdayOf(int64_t day_number) { return int(((day_number + 3) % 7 + 7) % 7); }

int DaysIn(int year, int month) {
  constexpr int kDays[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  return month == 2 && Leap(year) ? 29 : kDays[month - 1];
}

Moment OnDay(Moment m, int64_t day_number) {
  SetDay(m, day_number);
  return m;
}

std::string_view NameOf(DateOrder order) { return kOrders[size_t(order)]; }

std::optional<DateOrder> DateOrderNamed(std::string_view name) {
  for (size_t i = 0; i < std::size(kOrders); ++i) {
    if (kOrders[i] == name) return DateOrder(i);
  }
  return std::nullopt;
}

static std::string_view Trim(std::string_view text) {
  while (!text.empty() && static_cast<unsigned char>(text.front()) <= ' ') text.remove_prefix(1);
  while (!text.empty() && static_cast<unsigned char>(text.back()) <= ' ') text.remove_suffix(1);
  return text;
}

// A date with a time takes 13 tokens and an offset 4 more; what is longer is no
// moment.
static constexpr size_t kMostTokens = 20;

std::optional<Moment> ParseMoment(std::string_view text, DateOrder order) {
  const std::vector<Token> tokens = Tokens(Trim(text).substr(0, 120));
  if (tokens.empty() || tokens.size() > kMostTokens) return std::nullopt;
  return MomentReader(tokens, order).Read();
}

std::vector<MomentWord> MomentWords(std::string_view text, DateOrder order) {
  const std::vector<Token> tokens = Tokens(Trim(text).substr(0, 120));
  std::vector<MomentRole> roles(tokens.size(), MomentRole::kNone);
  std::vector<MomentWord> words;
  if (tokens.empty() || tokens.size() > kMostTokens || !MomentReader(tokens, order, roles.data()).Read()) return words;
  for (const Token& t : tokens) {
    if (t.kind != Token::kMark) words.push_back({t.text, roles[t.at]});
  }
  return words;
}

// A lone number, or a month and a number, in running text is not taken for a
// date.
static bool Convincing(std::span<const Token> tokens, const Moment& m) {
  return tokens.size() > 1 && (m.HasDate() || m.HasTime());
}

std::optional<Moment> FindMoment(std::string_view text, int k, DateOrder order) {
  if (k == 1 || k == -1) {
    if (const auto whole = ParseMoment(text, order)) return whole;
  }
  const std::vector<Token> tokens = Tokens(text.substr(0, 2000));
  std::vector<Moment> found;
  for (size_t i = 0; i < tokens.size();) {
    size_t next = i + 1;
    const bool may_begin = tokens[i].kind == Token::kNumber || MonthNamed(tokens[i].text) || WeekdayNamed(tokens[i].text) >= 0;
    for (size_t end = std::min(tokens.size(), i + kMostTokens); may_begin && end > i; --end) {
      if (tokens[end - 1].kind == Token::kMark) continue;
      const std::span<const Token> window(tokens.data() + i, end - i);
      const auto m = MomentReader(window, order).Read();
      if (!m || !Convincing(window, *m)) continue;
      found.push_back(*m);
      next = end;
      break;
    }
    i = next;
  }
  const int at = k > 0 ? k - 1 : int(found.size()) + k;
  if (at < 0 || at >= int(found.size())) return std::nullopt;
  return found[size_t(at)];
}

std::span<const MomentPart> MomentParts() {
  static constexpr MomentPart kParts[] = {
      {"yyyy", Year<4>, false},
      {"yy", Year<2>, false},
      {"M", Month<1>, false},
      {"MM", Month<2>, false},
      {"MMM", MonthName<3>, false},
      {"MMMM", MonthName<99>, false},
      {"d", Day<1>, false},
      {"dd", Day<2>, false},
      {"ddd", Weekday<3>, false},
      {"dddd", Weekday<99>, false},
      {"do", OrdinalDay, false},
      {"q", Quarter, false},
      {"half", Half, false},
      {"week", Week<1>, false},
      {"ww", Week<2>, false},
      {"week year", WeekYear, false},
      {"year day", YearDay<1>, false},
      {"year day 3", YearDay<3>, false},
      {"month week", MonthWeek, false},
      {"H", Hour24<1>, true},
      {"HH", Hour24<2>, true},
      {"h", Hour12<1>, true},
      {"hh", Hour12<2>, true},
      {"m", Minute<1>, true},
      {"mm", Minute<2>, true},
      {"s", Second<1>, true},
      {"ss", Second<2>, true},
      {"tt", Noon<true>, true},
      {"am", Noon<false>, true},
      {"a.m.", DottedNoon, true},
  };
  return kParts;
}

const MomentPart* FindMomentPart(std::string_view name) {
  for (const MomentPart& part : MomentParts()) {
    if (part.name == name) return &part;
  }
  return nullptr;
}

std::optional<Moment> BucketTime(const Moment& m, int minutes, int offset, int shift) {
  if (!m.HasTime() || minutes <= 0) return std::nullopt;
  const int now = m.hour * 60 + m.minute - offset;
  const int bucket = (now >= 0 ? now / minutes : -((minutes - 1 - now) / minutes)) * minutes + offset + shift;
  const int days = bucket >= 0 ? bucket / 1440 : -((1439 - bucket) / 1440), of_day = bucket - days * 1440;
  Moment result = m;
  if (days != 0 && m.HasDate()) SetDay(result, DayNumber(m.year, m.month, m.day) + days);
  result.hour = of_day / 60;
  result.minute = of_day % 60;
  result.second = 0;
  return result;
}

}  // namespace hasten::solve
