// JSON as models write it, made JSON while it comes: cut off, with commas too many, single quotes, True and None, raw newlines.
#pragma once

#include <string>
#include <string_view>

namespace hasten {

// One value, byte by byte. Whatever was pushed, what came out and what Finish adds to it is one valid JSON value.
class JsonRepair {
 public:
  // Appends to `out` what is certain. False: `c` is no part of the value, which ended before it.
  bool Push(char c, std::string& out);
  void Finish(std::string& out);  // closes what is open; "{}" where nothing came
  bool begun() const { return begun_; }
  bool done() const { return begun_ && open_.empty() && !quote_ && word_.empty() && expect_ == Expect::kEnd; }

 private:
  enum class Expect : unsigned char { kValue, kKey, kColon, kComma, kEnd };
  void String(char c, std::string& out);
  void Escape(char c, std::string& out);
  void Unicode(char c, std::string& out);
  void EndPair(std::string& to);
  static void Plain(char c, std::string& to);
  void Word(std::string& out);
  bool Structure(char c, std::string& out);
  void Value(std::string_view text, std::string& out);
  void AfterValue() { expect_ = open_.empty() ? Expect::kEnd : Expect::kComma; }

  std::string open_;    // the brackets to be closed
  std::string held_;    // a comma, a key: shown once a value follows
  std::string word_;    // a number or a name that is not finished
  std::string escape_;  // behind a backslash
  std::string high_;    // the first half of a pair of \u escapes
  char quote_ = '\0';   // that ends the string; none outside of one
  bool key_ = false, begun_ = false, pending_escape_ = false;
  Expect expect_ = Expect::kValue;
};

}  // namespace hasten
