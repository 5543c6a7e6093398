// Lines that a person types: edited and remembered on a terminal (libedit), plain from a pipe.
#pragma once

#include <memory>
#include <optional>
#include <string>

namespace hasten {

class LineInput {
 public:
  // `history_file`: where the lines of earlier sessions are kept; empty: nowhere.
  explicit LineInput(std::string history_file);
  ~LineInput();
  LineInput(const LineInput&) = delete;
  LineInput& operator=(const LineInput&) = delete;
  // Without its newline, but with those of a text that was pasted; nothing at the end of the input. On a terminal Ctrl-C
  // empties the line, Ctrl-D ends the input.
  std::optional<std::string> Line(const std::string& prompt);
  bool terminal() const { return impl_ != nullptr; }

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// While one exists, what is typed on the terminal is not shown; it is there for whoever reads lines next. Ctrl-C still
// interrupts.
class QuietKeys {
 public:
  QuietKeys();
  ~QuietKeys();
  QuietKeys(const QuietKeys&) = delete;
  QuietKeys& operator=(const QuietKeys&) = delete;

 private:
  struct Saved;
  std::unique_ptr<Saved> saved_;
};

// $XDG_STATE_HOME/hasten/NAME, else ~/.local/state/hasten/NAME, its folder made; empty where there is no home.
std::string StateFile(const std::string& name);

}  // namespace hasten
