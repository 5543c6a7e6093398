// Grammars and regular expressions as masks.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/engine/constraint/grammars.h"

namespace hasten {
namespace {

using testing::HasSubstr;

struct Case {
  const char* text;
  std::vector<const char*> yes, no;
};

TEST(Grammar, AcceptsItsTextsAndMasksTheRest) {
  Judge judge;
  for (const Case& c : std::initializer_list<Case>{
           {"root ::= \"a\" | \"b\" root", {"a", "ba", "bbba"}, {"", "b", "aa"}},
           {"root ::= expr\nexpr ::= term (\"+\" term)*\nterm ::= [0-9]+ | \"(\" expr \")\"",
            {"1", "1+2", "(1+(2))+12"},
            {"", "1+", "(1", "1)"}},
           {"# a comment\nroot ::= item{2,3} # two or three\nitem ::= [a-c] opt\nopt ::= \"x\"?",
            {"ab", "axb", "abcx"},
            {"a", "abca"}},
           {"root ::= \"\\\"\" [^\"\\\\]* \"\\\"\"", {"\"\"", "\"ab\xc3\xa9\""}, {"\"", "\"\\\""}},
           {"root ::= (\n  \"a\" |\n  \"b\"\n)\n  | \"c\"", {"a", "b", "c"}, {"ab"}},
           {"root ::= [\\x41-\\u0043] .", {"Ax", "C\xe2\x82\xac"}, {"D", "A"}},
           {"root ::= ([x]*)*", {"", "x", "xx"}, {"y"}},
           {"root ::= a a a\na ::= \"x\"? | b\nb ::= \"y\"", {"", "xyx", "yyy"}, {"xxxx"}},
       }) {
    const auto constraint = judge.Compile(ConstraintKind::kGrammar, c.text);
    ASSERT_TRUE(constraint) << constraint.error().what;
    for (const char* text : c.yes) EXPECT_TRUE(Judge::Accepts(*constraint, text)) << c.text << " on " << text;
    for (const char* text : c.no) EXPECT_FALSE(Judge::Accepts(*constraint, text)) << c.text << " on " << text;
  }
}

TEST(Grammar, TokensAreMatchedByNumber) {
  Judge judge;
  const std::string end = "<[" + std::to_string(judge.end - 1) + "]>";
  const auto constraint = judge.Compile(ConstraintKind::kGrammar, "root ::= " + end + " (!" + end + ")* " + end);
  ASSERT_TRUE(constraint) << constraint.error().what;
  ConstraintState state(*constraint);
  EXPECT_FALSE(state.Accept('a'));
  ASSERT_TRUE(state.Accept(judge.end - 1));
  Judge::CheckMask(state);
  ASSERT_TRUE(state.Accept('a'));
  EXPECT_FALSE(state.CanEnd());
  ASSERT_TRUE(state.Accept(judge.end - 1));
  EXPECT_TRUE(state.CanEnd());
  Judge::CheckMask(state);
}

TEST(Grammar, WhatHasTooManyReadingsSaysSoSoon) {
  Judge judge;
  std::string text = "root ::= r0\n";
  for (int i = 0; i < 40; ++i)
    text += "r" + std::to_string(i) + " ::= r" + std::to_string(i + 1) + " | r" + std::to_string(i + 1) + " \"x\"\n";
  const auto constraint = judge.Compile(ConstraintKind::kGrammar, text + "r40 ::= \"a\"");
  ASSERT_TRUE(constraint);
  ConstraintState state(*constraint);
  state.Mask();
  ASSERT_FALSE(state.Check());
  EXPECT_EQ(state.Check().error().code, Code::kExhausted);
}

TEST(Grammar, RefusalsNameTheLine) {
  Judge judge;
  struct Refusal {
    const char *text, *what;
  };
  for (const Refusal& r : std::initializer_list<Refusal>{{"", "no rule root"},
                                                         {"root ::= a", "rule a that is nowhere defined"},
                                                         {"root ::= \"a\"\nb := c", "line 2"},
                                                         {"root ::= root \"a\" | \"b\"", "begins with itself"},
                                                         {"root ::= x root \"a\" | \"b\"\nx ::= \"y\"?", "begins with itself"},
                                                         {"root ::= \"a\" root", "never ends"},
                                                         {"root ::= \"a", "without its"},
                                                         {"root ::= [a", "without its ]"},
                                                         {"root ::= (\"a\"", "without its )"},
                                                         {"root ::= \"a\"{3,1}", "backwards"},
                                                         {"root ::= \"a\"{99999}", "repetitions"},
                                                         {"root ::= <no-such-token>", "no token"}}) {
    const auto constraint = judge.Compile(ConstraintKind::kGrammar, r.text);
    ASSERT_FALSE(constraint) << r.text;
    EXPECT_THAT(constraint.error().what, HasSubstr(r.what));
  }
}

TEST(Regex, MatchesTheWholeTextThroughMasks) {
  Judge judge;
  for (const Case& c : std::initializer_list<Case>{{"[a-z]{2,4}(12|x)?", {"ab", "abcd12", "abx"}, {"a", "abcdex", ""}},
                                                   {"(true|null)(,(true|null))*", {"true", "true,null"}, {"tru", "true,"}},
                                                   {"\"(name|na)\":", {"\"name\":", "\"na\":"}, {"\"nam\":"}}}) {
    const auto constraint = judge.Compile(ConstraintKind::kRegex, c.text);
    ASSERT_TRUE(constraint) << constraint.error().what;
    for (const char* text : c.yes) EXPECT_TRUE(Judge::Accepts(*constraint, text)) << c.text << " on " << text;
    for (const char* text : c.no) EXPECT_FALSE(Judge::Accepts(*constraint, text)) << c.text << " on " << text;
  }
}

TEST(Constraint, ForcedTextIsWhatHasToCome) {
  Judge judge;
  const auto constraint = judge.Compile(ConstraintKind::kRegex, "name: (ab|ac), end");
  ASSERT_TRUE(constraint);
  ConstraintState state(*constraint);
  EXPECT_EQ(state.Forced(), "name: a");
  ASSERT_TRUE(state.AcceptText("name: ab"));
  EXPECT_EQ(state.Forced(), ", end");
  std::string text;
  for (const Token t : state.ForcedTokens()) text += judge.tokenizer->Piece(t);
  EXPECT_EQ(text, ", end");
  ASSERT_TRUE(state.AcceptText(", end"));
  EXPECT_TRUE(state.MustEnd());
  EXPECT_EQ(state.Forced(), "");
}

TEST(Constraint, PartsFollowOneAnother) {
  Judge judge;
  const auto constraint = Constraint::Compile(judge.vocab, {.parts = {{ConstraintKind::kRegex, "<call>"},
                                                                      {ConstraintKind::kGrammar, "root ::= \"a\" root | \"b\""},
                                                                      {ConstraintKind::kRegex, "</call>"}}});
  ASSERT_TRUE(constraint);
  EXPECT_TRUE(Judge::Accepts(*constraint, "<call>aab</call>"));
  EXPECT_FALSE(Judge::Accepts(*constraint, "<call>aa</call>"));
}

TEST(Constraint, MaskedLogitsAreMinusInfinity) {
  std::vector<float> logits(70, 1.0f);
  const std::vector<uint64_t> mask = {1u << 3, 1u << 5};
  ApplyMask(mask, logits);
  for (size_t i = 0; i < logits.size(); ++i) EXPECT_EQ(logits[i] == 1.0f, i == 3 || i == 69) << i;
}

}  // namespace
}  // namespace hasten
