// `hasten tokenize` as a user sees it: bytes in, ids out, and back.
#include <gtest/gtest.h>

#include "tests/cli/hasten.h"
#include "tests/support/tiny_vocab.h"

namespace hasten {
namespace {

class TokenizeVerb : public testing::Test {
 protected:
  void SetUp() override {
    WriteBytes(bpe_, TinyBpe().Bytes());
    WriteBytes(spm_, TinySpm().Bytes());
  }
  TempDir folder_;
  const std::string bpe_ = folder_ / "bpe.gguf", spm_ = folder_ / "spm.gguf";
};

// Of the small vocabularies: bytes are themselves in one, byte + 3 in the other.
constexpr char kHello[] = "259", kWorld[] = "264";

TEST_F(TokenizeVerb, PrintsIdsOnOneLineByteForByte) {
  struct Case {
    std::string input, expected;
  };
  for (const Case& c : std::initializer_list<Case>{{"", "\n"},
                                                   {"hello world", std::string(kHello) + " " + kWorld + "\n"},
                                                   {"hello\n", std::string(kHello) + " 10\n"},
                                                   {std::string("a\0b", 3), "97 0 98\n"},
                                                   {"\xff", "239 191 189\n"},
                                                   {"<|endoftext|>", "60 124 101 110 100 111 102 116 101 120 116 124 62\n"}}) {
    const auto r = Hasten({"tokenize", bpe_}, {.input = c.input});
    EXPECT_EQ(r.out, c.expected);
    EXPECT_EQ(r.exit_code, 0) << r.err;
  }
}

TEST_F(TokenizeVerb, PutsBosInFrontOnlyWhenAsked) {
  EXPECT_EQ(Hasten({"tokenize", spm_, "--bos"}, {.input = ""}).out, "1\n");
  EXPECT_EQ(Hasten({"tokenize", spm_}, {.input = ""}).out, "\n");
  EXPECT_EQ(Hasten({"tokenize", bpe_, "--bos"}, {.input = "a"}).out, "97\n");  // it has none
}

TEST_F(TokenizeVerb, ReadsSpecialTokensWhenAsked) {
  EXPECT_EQ(Hasten({"tokenize", bpe_, "--special"}, {.input = "a<|endoftext|>a"}).out, "97 271 97\n");
  EXPECT_EQ(Hasten({"tokenize", bpe_, "--decode"}, {.input = "97 271 97"}).out, "aa");
  EXPECT_EQ(Hasten({"tokenize", bpe_, "--decode", "--special"}, {.input = "97 271 97"}).out, "a<|endoftext|>a");
}

TEST_F(TokenizeVerb, TakesManyTextsEndedByNul) {
  EXPECT_EQ(Hasten({"tokenize", bpe_, "--nul"}, {.input = std::string("a\0\0hello\nb\0", 11)}).out,
            "97\n\n" + std::string(kHello) + " 10 98\n");
  EXPECT_EQ(Hasten({"tokenize", bpe_, "--nul"}, {.input = ""}).out, "");
  EXPECT_EQ(Hasten({"tokenize", bpe_, "--nul"}, {.input = "a"}).out, "97\n");  // the last NUL may be missing
}

TEST_F(TokenizeVerb, DecodesIdsHoweverTheyAreSeparated) {
  for (const char* input : {"259 264", "259,264\n", " 259\n264 ", "259, 264"})
    EXPECT_EQ(Hasten({"tokenize", bpe_, "--decode"}, {.input = input}).out, "hello world");
  EXPECT_EQ(Hasten({"tokenize", bpe_, "--decode"}, {.input = "226 130"}).out, "\xef\xbf\xbd");  // half a character
  const auto ids = Hasten({"tokenize", spm_}, {.input = "hello world"});
  EXPECT_EQ(Hasten({"tokenize", spm_, "--decode"}, {.input = ids.out}).out, "hello world");
}

TEST_F(TokenizeVerb, RefusesWhatIsNoIdWithASentence) {
  for (const char* input : {"274", "-1", "97 x", "99999999999999999999", "1.5"}) {
    const auto r = Hasten({"tokenize", bpe_, "--decode"}, {.input = input});
    EXPECT_EQ(r.exit_code, 2) << input;
    EXPECT_EQ(r.out, "") << input;
    EXPECT_NE(r.err.find("is not a token id: the model has ids 0 to 273"), std::string::npos) << r.err;
  }
  EXPECT_EQ(Hasten({"tokenize", folder_ / "none.gguf"}).exit_code, 2);
  EXPECT_EQ(Hasten({"tokenize", bpe_, "--decode", "--nul"}, {.input = ""}).exit_code, 2);
}

TEST_F(TokenizeVerb, NamesATokenizerThatIsNotSupported) {
  WriteBytes(bpe_, TinyBpe("martian").Bytes());
  const auto r = Hasten({"tokenize", bpe_}, {.input = "a"});
  EXPECT_EQ(r.exit_code, 4);
  EXPECT_NE(r.err.find("\"martian\"; supported are default, gpt-2"), std::string::npos) << r.err;
}

}  // namespace
}  // namespace hasten
