// SyGuS files from text to program: what is found, what is refused, and that a wrong program would be noticed.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/file.h"
#include "solve/sygus/problem.h"
#include "solve/sygus/sexpr.h"
#include "solve/sygus/solve.h"
#include "tests/support/support.h"

namespace hasten::solve {
namespace {

using ::testing::HasSubstr;

constexpr char kGrammar[] =
    R"((synth-fun f ((s String)) String ((Start String (T))
  (T String (s "" " " "," "." (str.++ T T) (str.replace T T T) (str.at T I) (int.to.str I) (ite B T T) (str.substr T I I)))
  (I Int (0 1 2 (+ I I) (- I I) (str.len T) (str.to.int T) (str.indexof T T I)))
  (B Bool (true false (str.prefixof T T) (str.suffixof T T) (str.contains T T))))))";

std::string File(const std::string& constraints) {
  return "(set-logic SLIA)\n" + std::string(kGrammar) + "\n" + constraints + "\n(check-synth)\n";
}

SygusAnswer SolveText(const std::string& text, size_t give = 0, double seconds = 20) {
  auto problem = ParseSygus(text);
  EXPECT_TRUE(problem) << problem.error().what;
  Budget budget;
  budget.seconds = seconds;
  return SolveSygus(*problem, budget, give);
}

TEST(Sygus, FindsWhatFewExamplesMean) {
  const struct {
    const char* constraints;
    size_t most_nodes;
  } cases[] = {
      {R"((constraint (= (f "Ada Lovelace") "Ada")) (constraint (= (f "Grace Hopper") "Grace")) (constraint (= (f "Al K") "Al")))",
       7},
      {R"((constraint (= (f "Ada Lovelace") "A. Lovelace")) (constraint (= (f "Grace Hopper") "G. Hopper")))", 13},
      {R"((constraint (= (f "a.b") "a,b")) (constraint (= (f "xy.") "xy,")))", 4},
      {R"((constraint (= (f "a b.c") "a, b, c")) (constraint (= (f "xx y.zz") "xx, y, zz")))", 11},
      {R"((constraint (= (f "12,5") "12")) (constraint (= (f "7,25") "7")) (constraint (= (f "none") " ")))", 16},
  };
  for (const auto& c : cases) {
    const SygusAnswer answer = SolveText(File(c.constraints));
    ASSERT_TRUE(answer.program) << c.constraints;
    EXPECT_LE(answer.size, c.most_nodes) << *answer.program;
    EXPECT_THAT(*answer.program, ::testing::StartsWith("(define-fun f ((s String)) String "));
  }
}

TEST(Sygus, FindsLongChains) {  // seven replacements, each of which has to see what the one before it left
  const SygusAnswer answer = SolveText(R"((synth-fun f ((s String)) String ((Start String (T))
  (T String (s "" " " "<" ">" "#" (str.replace T T T)))))
(constraint (= (f "<<a>> #<b> c") "a b c")) (constraint (= (f "<x> y # z") "x y  z")))");
  ASSERT_TRUE(answer.program);
  EXPECT_EQ(answer.size, 22u) << *answer.program;
}

TEST(Sygus, ReadsVersionTwo) {
  const SygusAnswer answer = SolveText(R"((set-logic SLIA)
(synth-fun g ((x String) (n Int)) Int ((I Int) (S String))
  ((I Int (n 0 1 (+ I I) (str.len S) (str.to_int S))) (S String (x (str.++ S S)))))
(constraint (= (g "abc" 4) 7)) (constraint (= 3 (g "" 3)))
(check-synth))");
  ASSERT_TRUE(answer.program);
  EXPECT_EQ(*answer.program, "(define-fun g ((x String) (n Int)) Int (+ n (str.len x)))");
}

TEST(Sygus, StaysInsideOfTheGrammar) {  // nested rules: only "<x>" may be built
  const SygusAnswer answer = SolveText(R"((set-logic SLIA)
(synth-fun f ((x String)) String ((S String ((str.++ "<" x ">") x))))
(constraint (= (f "a") "<a>")))");
  ASSERT_TRUE(answer.program);
  EXPECT_EQ(*answer.program, R"((define-fun f ((x String)) String (str.++ (str.++ "<" x) ">")))");
  EXPECT_FALSE(
      SolveText(R"((synth-fun f ((x String)) String ((S String (x (str.++ x S))))) (constraint (= (f "ab") "ba")))", 0, 0.3)
          .program);
}

TEST(Sygus, ContradictionsAreInfeasible) {
  const SygusAnswer answer = SolveText(File("(constraint (= (f \"a\") \"b\"))\n(constraint (= (f \"a\") \"c\"))"));
  EXPECT_TRUE(answer.infeasible);
  EXPECT_FALSE(answer.program);
}

TEST(Sygus, HeldOutExamplesAreJudged) {
  const char* const constraints =
      R"((constraint (= (f "Ada Lovelace") "Ada")) (constraint (= (f "Grace Hopper") "Grace")) (constraint (= (f "Al K") "Al")))";
  const SygusAnswer right = SolveText(File(constraints), 2);
  ASSERT_TRUE(right.held_out_right);
  EXPECT_TRUE(*right.held_out_right);
  const SygusAnswer wrong = SolveText(File(R"((constraint (= (f "ab") "ab")) (constraint (= (f "cd") "no")))"), 1);
  ASSERT_TRUE(wrong.held_out_right);
  EXPECT_FALSE(*wrong.held_out_right);
}

TEST(Sygus, RefusesWithASentence) {
  const struct {
    std::string text;
    Code code;
    const char* what;
  } cases[] = {
      {"(synth-fun", Code::kCorrupt, "never closed"},
      {")", Code::kCorrupt, "closes nothing"},
      {"(constraint \"abc)", Code::kCorrupt, "line 1: a string that is never closed"},
      {"", Code::kCorrupt, "no synth-fun"},
      {kGrammar, Code::kBadInput, "no constraint"},
      {File("(constraint (>= (f \"a\") 1))"), Code::kUnsupported, "not an example"},
      {"(synth-fun f ((x Real)) String)", Code::kUnsupported, "parameter"},
      {"(synth-fun f ((x String)) String ((S String (x (str.frobnicate S)))))", Code::kUnsupported, "str.frobnicate"},
      {std::string(3000, '('), Code::kCorrupt, "nested"},
  };
  for (const auto& c : cases) {
    const auto problem = ParseSygus(c.text);
    ASSERT_FALSE(problem) << c.text;
    EXPECT_EQ(problem.error().code, c.code) << problem.error().what;
    EXPECT_THAT(problem.error().what, HasSubstr(c.what));
  }
}

TEST(Sygus, QuotesSurviveTheRoundTrip) {
  const auto parsed = ParseSexprs(QuoteSmt("say \"hi\""));
  ASSERT_TRUE(parsed);
  EXPECT_EQ((*parsed)[0].text, "say \"hi\"");
}

TEST(Slia, MeansWhatTheTheorySays) {
  const struct {
    const char *name, *expected;
    std::vector<const char*> strings;
    std::vector<int> ints;
  } cases[] = {
      {"str.substr", "bc", {"abcd"}, {1, 2}},
      {"str.substr", "", {"abcd"}, {4, 1}},
      {"str.substr", "", {"abcd"}, {-1, 2}},
      {"str.substr", "d", {"abcd"}, {3, 99}},
      {"str.at", "", {"ab"}, {2}},
      {"str.at", "b", {"ab"}, {1}},
      {"str.replace", "xbab", {"abab", "a", "x"}, {}},
      {"str.replace_all", "xbxb", {"abab", "a", "x"}, {}},
      {"str.from_int", "", {}, {-5}},
      {"str.from_int", "50", {}, {50}},
  };
  for (const auto& c : cases) {
    StringPool pool;
    std::vector<Sort> sorts(c.strings.size(), Sort::kString);
    sorts.insert(sorts.end(), c.ints.size(), Sort::kInt);
    const SliaOp* const op = FindSliaOp(c.name, sorts);
    ASSERT_NE(op, nullptr) << c.name;
    std::vector<Word> args;
    for (const char* s : c.strings) args.push_back(pool.Intern(s));
    for (const int i : c.ints) args.push_back(Word(i));
    Word result = 0;
    Made made;
    ASSERT_TRUE(Apply(*op, pool, args.data(), &made, &result));
    EXPECT_EQ(pool[result], c.expected) << c.name;
  }
}

// Some public files, quickly; the full suite is `hasten solve --suite`.
TEST(Sygus, SolvesPublicFiles) {
  HASTEN_SHARED_OR_SKIP(folder, "data/sygus_slia/comp2019");
  for (const char* name : {"euphony/exceljet1.sl", "from_2018/firstname.sl", "from_2018/phone-5.sl",
                           "from_2018/dr-name_small.sl", "from_2018/univ_1_short.sl"}) {
    const auto text = ReadFile(folder + "/" + name);
    ASSERT_TRUE(text);
    EXPECT_TRUE(SolveText(*text).program) << name;
  }
  const auto text = ReadFile(folder + "/from_2018/univ_3-long-repeat.sl");
  ASSERT_TRUE(text);
  EXPECT_TRUE(SolveText(*text).infeasible);
}

}  // namespace
}  // namespace hasten::solve
