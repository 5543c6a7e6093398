#include "tokenizer/utf8.h"

#include <gtest/gtest.h>

#include "tokenizer/char_class.h"

namespace hasten {
namespace {

constexpr std::string_view kR = kReplacement;
std::string Replacements(int n) {
  std::string s;
  for (int i = 0; i < n; ++i) s += kR;
  return s;
}

// As Python's bytes.decode("utf-8", errors="replace") has it.
TEST(Utf8, ReplacesEachMaximalSubpartOnce) {
  struct Case {
    std::string_view bytes;
    std::string expected;
  };
  for (const Case& c : std::initializer_list<Case>{{"", ""},
                                                   {"plain", "plain"},
                                                   {"h\xc3\xa9llo \xf0\x9f\x98\x80", "h\xc3\xa9llo \xf0\x9f\x98\x80"},
                                                   {"\xff", Replacements(1)},
                                                   {"\x80\x80", Replacements(2)},
                                                   {"\xc0\xaf", Replacements(2)},          // overlong
                                                   {"\xe0\x80\x80", Replacements(3)},      // overlong
                                                   {"\xed\xa0\x80", Replacements(3)},      // surrogate
                                                   {"\xf4\x90\x80\x80", Replacements(4)},  // above U+10FFFF
                                                   {"\xf5\x80", Replacements(2)},
                                                   {"\xe2\x82", Replacements(1)},      // cut short
                                                   {"\xf0\x9f\x98", Replacements(1)},  // cut short
                                                   {"a\xe2\x82z", "a" + Replacements(1) + "z"},
                                                   {"\xf0\x9f\xe2\x82\xac", Replacements(1) + "\xe2\x82\xac"},
                                                   {"12345678\xff"
                                                    "12345678",
                                                    "12345678" + Replacements(1) + "12345678"}}) {
    EXPECT_EQ(ReplaceInvalidUtf8(c.bytes), c.expected);
    EXPECT_EQ(IsUtf8(c.bytes), c.bytes == c.expected);
  }
}

TEST(Utf8, EveryCharacterSurvivesEncodingAndStepping) {
  for (uint32_t code = 0; code <= 0x10ffff; code += code < 0x3000 ? 1 : 97) {
    if (code >= 0xd800 && code <= 0xdfff) continue;
    std::string s;
    AppendUtf8(code, s);
    EXPECT_EQ(DecodeUtf8(s.data()).code, code);
    EXPECT_EQ(DecodeUtf8(s.data()).bytes, s.size());
    EXPECT_EQ(StepUtf8(s).bytes, s.size());
    for (size_t cut = 1; cut < s.size(); ++cut) EXPECT_EQ(StepUtf8(s.substr(0, cut)).kind, Utf8Step::Kind::kCutShort);
  }
}

TEST(Utf8, CompletePrefixNeverEndsInsideACharacter) {
  const std::string bytes = "a\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\xff\xe2\x82z\xf0\x9f";
  for (size_t cut = 0; cut <= bytes.size(); ++cut) {
    std::string pending = bytes.substr(0, cut);
    std::string text = TakeCompleteUtf8(pending);
    EXPECT_TRUE(IsUtf8(text));
    EXPECT_LE(pending.size(), 3u);
    pending += bytes.substr(cut);
    text += TakeCompleteUtf8(pending);
    EXPECT_EQ(text + ReplaceInvalidUtf8(pending), ReplaceInvalidUtf8(bytes)) << cut;
  }
}

TEST(CharClasses, AreUnicodes) {
  const auto classes = CharClasses::Get();
  ASSERT_TRUE(classes) << classes.error().what;
  struct Case {
    uint32_t code;
    uint8_t bits;
  };
  for (const Case& c : std::initializer_list<Case>{{'A', kUpper},
                                                   {'a', kLower},
                                                   {'7', kNumber},
                                                   {' ', kSpace},
                                                   {'\n', kSpace},
                                                   {0x0b, kSpace},
                                                   {0x1c, 0},
                                                   {0x85, kSpace},
                                                   {0xa0, kSpace},
                                                   {0x180e, 0},
                                                   {0x200b, 0},
                                                   {0x2028, kSpace},
                                                   {0x3000, kSpace},
                                                   {0xfeff, 0},
                                                   {'!', kPunctuation},
                                                   {'$', kSymbol},
                                                   {0x1c5, kUpper},
                                                   {0xaa, kCaseless},
                                                   {0x2b0, kCaseless},
                                                   {0x4e00, kCaseless},
                                                   {0x301, kMark},
                                                   {0x903, kMark},
                                                   {0x20dd, kMark},
                                                   {0x2167, kNumber},
                                                   {0xbd, kNumber},
                                                   {0x1f600, kSymbol},
                                                   {0x1e4d0, kCaseless},
                                                   {0x31350, kCaseless},
                                                   {0xe0001, 0},
                                                   {0xe0100, kMark},
                                                   {0xf0000, 0},
                                                   {0x10ffff, 0}})
    EXPECT_EQ((*classes)->Of(c.code), c.bits) << std::hex << c.code;
}

}  // namespace
}  // namespace hasten
