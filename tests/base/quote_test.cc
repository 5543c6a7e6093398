#include "base/quote.h"

#include <gtest/gtest.h>

namespace hasten {
namespace {

TEST(Printable, KeepsTextAndEscapesTheRest) {
  const struct {
    std::string_view text, shown;
  } cases[] = {{"plain", "plain"},
               {"Ġüñ 日本 🙂", "Ġüñ 日本 🙂"},
               {std::string_view("a\0\n\x1b[2J\x7f", 8), "a\\x00\\x0a\\x1b[2J\\x7f"},
               {"\xc2\x9b", "\\xc2\\x9b"},           // U+009B begins a terminal's control sequence
               {"\xc0\xaf", "\\xc0\\xaf"},           // overlong
               {"\xed\xa0\x80", "\\xed\\xa0\\x80"},  // a surrogate
               {"\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80"},
               {"\xe6\x97", "\\xe6\\x97"}};
  for (const auto& c : cases) EXPECT_EQ(Printable(c.text), c.shown);
}

TEST(Printable, CutsBetweenCharacters) {
  EXPECT_EQ(Printable("abcdef", 6), "abcdef");
  EXPECT_EQ(Printable("abcdef", 5), "abcde…");
  EXPECT_EQ(Printable("日本", 5), "日…");
  EXPECT_EQ(Printable("a\n", 4), "a…");
}

}  // namespace
}  // namespace hasten
