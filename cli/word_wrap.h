// Lines broken between words, while the text comes. Code between fences (``` or ~~~) stays as it is: the terminal breaks it.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace hasten {

class WordWrap {
 public:
  explicit WordWrap(size_t columns) : columns_(columns) {}  // 0: as it is
  std::string Push(std::string_view text);                  // what can be shown now; a word is held until it has ended
  std::string Finish();                                     // what was held

 private:
  void EndWord(std::string& out);

  const size_t columns_;
  std::string word_, line_;  // held; the line so far, as the model writes it
  size_t column_ = 0, width_ = 0, spaces_ = 0;
  bool code_ = false;
};

// For a terminal that strangers' text must not steer: control characters but newline and tab become \xNN.
std::string WithoutControls(std::string_view text);

// Of the terminal on standard output; 0 where there is none.
size_t TerminalColumns();

}  // namespace hasten
