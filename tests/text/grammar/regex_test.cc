// Patterns against texts, and what is refused.
#include "text/grammar/regex_parser.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "text/grammar/dfa.h"

namespace hasten::grammar {
namespace {

using testing::HasSubstr;

bool Matches(RegexPool& pool, ReId id, std::string_view text) {
  Dfa dfa(pool, id);
  uint32_t state = dfa.start();
  for (const char c : text) {
    if (state == Dfa::kDead) return false;
    state = dfa.Next(state, uint8_t(c));
  }
  return state != Dfa::kDead && dfa.Accepts(state);
}

struct Case {
  const char* pattern;
  std::vector<const char*> yes, no;
};

void Check(const Case& c, RegexMatch match) {
  RegexPool pool;
  const auto id = ParseRegex(pool, c.pattern, match);
  ASSERT_TRUE(id) << id.error().what;
  for (const char* text : c.yes) EXPECT_TRUE(Matches(pool, *id, text)) << c.pattern << " on " << text;
  for (const char* text : c.no) EXPECT_FALSE(Matches(pool, *id, text)) << c.pattern << " on " << text;
}

TEST(Regex, FindsItsMatchAnywhereUnlessAnchored) {
  for (const Case& c : std::initializer_list<Case>{
           {"b", {"b", "abc"}, {"", "ac"}},
           {"^b", {"b", "bc"}, {"ab"}},
           {"b$", {"b", "ab"}, {"bc"}},
           {"^(a|b)$", {"a", "b"}, {"ab", ""}},
           {"^a|b$", {"ax", "xb"}, {"xa", "bx"}},
           {"^$|(^(?:\\S+\\s+){0,2}\\S+$)", {"", "a", "a b", "a b c"}, {"a b c d", " "}},
           {"^(\\/?(a)($|\\/))+$", {"a", "/a", "a/a", "/a/a/"}, {"b", "a//a/b"}},
           {"^^a$$", {"a"}, {"aa"}},
           {"a^b", {}, {"ab", "b", "a"}},
           {"", {"", "anything"}, {}},
       }) {
    Check(c, RegexMatch::kAnywhere);
  }
}

TEST(Regex, ReadsTheSyntax) {
  for (const Case& c : std::initializer_list<Case>{
           {"[a-c]{2,3}", {"ab", "abc"}, {"a", "abcd", "ad"}},
           {"x{2}", {"xx"}, {"x", "xxx"}},
           {"x{2,}?y", {"xxy", "xxxxy"}, {"xy"}},
           {"a{,2}", {"a{,2}"}, {"a", "aa"}},
           {"\\d+\\.\\d*", {"1.", "12.5"}, {".5", "1"}},
           {"[^\\d-]+", {"ab"}, {"a1", "-"}},
           {"[\\w-]+", {"a-b_9"}, {"a b"}},
           {"[+-]", {"+", "-"}, {",", ""}},
           {".", {"x", "\xc3\xa9", "\xf0\x9f\x98\x80"}, {"\n", "xy", "\xc3"}},
           {"\\u00e9|\\u{1F600}|\\uD83D\\uDE01", {"\xc3\xa9", "\xf0\x9f\x98\x80", "\xf0\x9f\x98\x81"}, {"e"}},
           {"[\\u0400-\\u04ff]", {"\xd0\x96"}, {"Z", "\xe4\xb8\xad"}},
           {"(?<year>\\d{4})\\x2d(?:0[1-9]|1[0-2])", {"1999-12"}, {"1999-13"}},
           {"(a*)*b", {"b", "aab"}, {"a"}},
           {"\\t\\n\\/\\cA", {"\t\n/\x01"}, {}},
           {"[]", {}, {"", "a"}},
           {"[^]", {"a", "\n"}, {""}},
       }) {
    Check(c, RegexMatch::kWhole);
  }
}

TEST(Regex, SaysWhatItRefuses) {
  struct Refusal {
    const char *pattern, *what;
    Code code;
  };
  for (const Refusal& r : std::initializer_list<Refusal>{
           {"(?=a)", "lookaround", Code::kUnsupported},
           {"(?<!a)b", "lookaround", Code::kUnsupported},
           {"(a)\\1", "backreferences", Code::kUnsupported},
           {"\\bword", "word boundaries", Code::kUnsupported},
           {"\\p{L}", "Unicode properties", Code::kUnsupported},
           {"a{9999999}", "repetitions", Code::kUnsupported},
           {"(a", "byte 1", Code::kBadInput},
           {"a)", "byte 2", Code::kBadInput},
           {"[a", "without its ]", Code::kBadInput},
           {"*a", "nothing to repeat", Code::kBadInput},
           {"[z-a]", "backwards", Code::kBadInput},
           {"a{3,2}", "backwards", Code::kBadInput},
           {"a\\", "ends with a backslash", Code::kBadInput},
       }) {
    RegexPool pool;
    const auto id = ParseRegex(pool, r.pattern, RegexMatch::kAnywhere);
    ASSERT_FALSE(id) << r.pattern;
    EXPECT_EQ(id.error().code, r.code) << r.pattern;
    EXPECT_THAT(id.error().what, HasSubstr(r.what));
  }
}

TEST(Regex, ConjunctionAndComplementAreExact) {
  RegexPool pool;
  const ReId a = *ParseRegex(pool, "^a", RegexMatch::kAnywhere), b = *ParseRegex(pool, "b$", RegexMatch::kAnywhere);
  const ReId both = pool.And(a, b), only_a = pool.And(a, pool.Not(b));
  EXPECT_TRUE(Matches(pool, both, "ab"));
  EXPECT_FALSE(Matches(pool, both, "a"));
  EXPECT_TRUE(Matches(pool, only_a, "a"));
  EXPECT_FALSE(Matches(pool, only_a, "ab"));
  EXPECT_EQ(Dfa(pool, pool.And(a, *ParseRegex(pool, "^b", RegexMatch::kAnywhere))).start(), Dfa::kDead);
}

TEST(Regex, DeadEndsAreNeverEntered) {
  RegexPool pool;
  // Whoever begins with x can never end: of x.* and not x.* nothing is left.
  const ReId x = *ParseRegex(pool, "^x", RegexMatch::kAnywhere);
  Dfa dfa(pool, pool.And({kAnyText, pool.Not(x)}));
  EXPECT_EQ(dfa.Next(dfa.start(), 'x'), Dfa::kDead);
  EXPECT_NE(dfa.Next(dfa.start(), 'y'), Dfa::kDead);
}

}  // namespace
}  // namespace hasten::grammar
