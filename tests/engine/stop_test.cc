#include "engine/stop.h"

#include <gtest/gtest.h>

namespace hasten {
namespace {

// What is shown of `text` pushed in pieces of `size` bytes; "|" marks that it stopped.
std::string Shown(const std::vector<std::string>& stops, const std::string& text, size_t size) {
  StopStrings s(stops);
  std::string shown;
  for (size_t i = 0; i < text.size() && !s.stopped(); i += size) shown += s.Push(text.substr(i, size));
  return shown + (s.stopped() ? "|" : s.Finish());
}

TEST(StopStrings, SameWhateverThePieces) {
  struct Case {
    std::vector<std::string> stops;
    std::string text, shown;
  };
  for (const Case& c : std::initializer_list<Case>{
           {{}, "all of it", "all of it"},
           {{""}, "all of it", "all of it"},
           {{"\n\n"}, "one\ntwo\n\nthree", "one\ntwo|"},
           {{"END"}, "the EN of EEND it", "the EN of E|"},
           {{"END"}, "the EN", "the EN"},
           {{"aab"}, "aaaab", "aa|"},
           {{"abcd", "bx"}, "abcbx", "abc|"},
           {{"x"}, "x", "|"},
       })
    for (size_t size : {1, 2, 3, 100}) {
      EXPECT_EQ(Shown(c.stops, c.text, size), c.shown) << c.text << " by " << size;
    }
}

TEST(StopStrings, OfTwoInOnePieceTheOneThatBeginsFirst) { EXPECT_EQ(Shown({"late", "ate"}, "later", 5), "|"); }

TEST(StopStrings, HoldsBackOnlyWhatMayBegin) {
  StopStrings s({"stop"});
  EXPECT_EQ(s.Push("a st"), "a ");
  EXPECT_EQ(s.Push("ep"), "step");
  EXPECT_EQ(s.Push("sto"), "");
  EXPECT_EQ(s.Push("p and more"), "");
  EXPECT_TRUE(s.stopped());
  EXPECT_EQ(s.Push("more"), "");
  EXPECT_EQ(s.Finish(), "");
}

}  // namespace
}  // namespace hasten
