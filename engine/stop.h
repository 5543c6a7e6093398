// Stop strings in text that arrives in pieces: what may be the beginning of one is held back until it is known.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace hasten {

class StopStrings {
 public:
  explicit StopStrings(std::vector<std::string> strings);  // empty ones are ignored

  // The text that can be shown now. Once a stop string is complete, that is all before it (of several the one that begins
  // first), stopped() is true and nothing more comes.
  std::string Push(std::string_view piece);
  std::string Finish();  // the text that was held back: the stream ended without completing a stop string
  bool stopped() const { return stopped_; }
  const std::string& matched() const { return matched_; }  // the string that stopped it; empty before

 private:
  size_t Held() const;  // how many of pending_'s last bytes begin a stop string

  std::vector<std::string> strings_;
  std::string pending_, matched_;
  bool stopped_ = false;
};

}  // namespace hasten
