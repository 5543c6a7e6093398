// Dates and times as tables hold them: parts may be missing, formats are many.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace hasten::solve {

struct Moment {
  int year = 0, month = 0, day = 0;  // 0: not said
  int hour = -1, minute = 0, second = 0;
  bool HasDate() const { return year != 0 && month != 0 && day != 0; }
  bool HasTime() const { return hour >= 0; }
};

// How digits alone are read. Names of months, four-digit years and colons
// decide by themselves.
enum class DateOrder : uint8_t { kMonthFirst, kDayFirst, kYearFirst, kHours, kHoursMinutes, kMinutesSeconds };
std::string_view NameOf(DateOrder order);
std::optional<DateOrder> DateOrderNamed(std::string_view name);

// All of `text` as a moment; nothing where it is none.
std::optional<Moment> ParseMoment(std::string_view text, DateOrder order);

// The date or time that stands in `text` as its `k`-th (from 1, or from -1 at
// the end): all of the text, or the longest stretches of it that are moments,
// left to right.
std::optional<Moment> FindMoment(std::string_view text, int k, DateOrder order);

// What a word or a number of a text is to the moment read from it.
enum class MomentRole : uint8_t {
  kNone,
  kYear,
  kMonth,
  kDay,
  kYearDay,
  kWeek,
  kNth,  // Sunday of a month
  kHour,
  kMinute,
  kSecond,
  kFraction,
  kZone,
  kHoursMinutes,  // digits run together
  kYearMonthDay,
  kMonthDayYear,
  kDayMonthYear,
  kMonthName,
  kWeekdayName,
  kNoon,
  kOrdinalSuffix,
};

// The words and numbers of a text that is a moment as a whole, in their order; none where it is not.
struct MomentWord {
  std::string_view text;
  MomentRole role = MomentRole::kNone;
};
std::vector<MomentWord> MomentWords(std::string_view text, DateOrder order);

// A part of a moment as text, named as spreadsheets do ("yyyy", "MMM", "hh",
// …); nothing where the moment lacks it.
struct MomentPart {
  std::string_view name;
  std::optional<std::string> (*format)(const Moment&);
  bool of_time;  // needs the hour
};
std::span<const MomentPart> MomentParts();
const MomentPart* FindMomentPart(std::string_view name);

// The time of day moved to the start of its bucket of `minutes` (buckets begin
// at `offset` minutes after midnight), then by `shift` minutes.
std::optional<Moment> BucketTime(const Moment& m, int minutes, int offset, int shift);

int64_t DayNumber(int year, int month,
                  int day);         // days since 1970-01-01, proleptic Gregorian
int WeekdayOf(int64_t day_number);  // 0 is Monday
int DaysIn(int year, int month);
Moment OnDay(Moment m, int64_t day_number);  // the same time on that day

}  // namespace hasten::solve
