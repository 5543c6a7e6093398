// Names of months and weekdays, as dates use them.
#pragma once

#include <string_view>

namespace hasten::solve {

inline constexpr std::string_view kMonths[12] = {"January", "February", "March",     "April",   "May",      "June",
                                                 "July",    "August",   "September", "October", "November", "December"};
inline constexpr std::string_view kWeekdays[7] = {"Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"};

// 1 to 12 for a full name or one of three or four letters ("Sept"), whatever
// the case; 0 for anything else.
int MonthNamed(std::string_view word);
// 0 (Monday) to 6 likewise; -1 for anything else.
int WeekdayNamed(std::string_view word);

}  // namespace hasten::solve
