// The shapes that dates have in a table. A formula cannot try one format after the other: it is told those that there are,
// tells by the digits, letters and marks of a text which it has, and checks that the text is read as those of the table are.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "solve/lang/moment.h"

namespace hasten::solve {

// Digits by twos (1 or 2 are a 9, 3 or 4 are 99, …), a word as an a, marks as they are.
struct DateShape {
  struct Word {
    MomentRole role;
    size_t length;
    std::vector<std::string> texts;  // of what says nothing by itself: those that stand there ("T", "at")
    bool number;
  };
  std::string skeleton;
  std::vector<Word> words;
};

// Adds the shape of a text that is a date, unless it is there.
void AddShape(std::string_view text, DateOrder order, std::vector<DateShape>& shapes);

// How it is read, in words of emit_excel.h about $1, the text: whether it has what the shape wants, and the parts, empty where
// it lacks them. The time is in seconds.
struct DateSayings {
  std::string valid, year, month, day, time;
};
DateSayings SayingsOf(const DateShape& shape, DateOrder order);

}  // namespace hasten::solve
