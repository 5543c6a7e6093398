// `hasten run`, `perplexity` and `bench` from outside.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <sstream>

#include "tests/cli/hasten.h"

namespace hasten {
namespace {

using ::testing::AnyOf;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

// A small random model, made by the binary itself.
class ModelVerbs : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    dir_ = std::make_unique<TempDir>();
    const auto r = Hasten({"synth", "--layers", "2", "--width", "64", "--heads", "4", "--kv-heads", "2", "--vocab", "300",
                           "--quant", "Q8_0", "-o", Model()});
    ASSERT_EQ(r.exit_code, 0) << r.err;
  }
  static void TearDownTestSuite() { dir_.reset(); }
  static std::string Model() { return *dir_ / "tiny.gguf"; }
  static std::unique_ptr<TempDir> dir_;
};
std::unique_ptr<TempDir> ModelVerbs::dir_;

TEST_F(ModelVerbs, RunWritesTheSameTextFromFlagFileAndInput) {
  const std::vector<std::string> run = {"run", Model(), "-n", "12", "--ignore-eos", "--seed", "3"};
  const auto with = [&](std::vector<std::string> more) {
    more.insert(more.begin(), run.begin(), run.end());
    return more;
  };
  const std::string file = *dir_ / "prompt.txt";
  WriteBytes(file, "some words");
  const auto flag = Hasten(with({"-p", "some words"}));
  EXPECT_EQ(flag.exit_code, 0) << flag.err;
  EXPECT_NE(flag.out, "");
  EXPECT_THAT(flag.out, EndsWith("\n"));
  EXPECT_EQ(Hasten(with({"-f", file})).out, flag.out);
  EXPECT_EQ(Hasten(run, {.input = "some words"}).out, flag.out);
  EXPECT_EQ(Hasten(with({"-p", "some words", "--threads", "1"})).out, flag.out);
  EXPECT_NE(Hasten(with({"-p", "some words", "--seed", "4"})).out, flag.out);
  EXPECT_EQ(Hasten(with({"-p", "some words", "--echo"})).out, "some words" + flag.out);
}

TEST_F(ModelVerbs, RunWritesTheSameOnAnyNumberOfThreadsInEveryFormatOfKeysAndValues) {
  for (const char* kv : {"f32", "f16", "bf16", "int16", "int8"}) {
    const std::vector<std::string> run = {"run",          Model(), "-p",   "some words", "-n",       "20",
                                          "--ignore-eos", "-q",    "--kv", kv,           "--threads"};
    std::vector<std::string> one = run, two = run;
    one.push_back("1"), two.push_back("2");
    const auto r = Hasten(one);
    EXPECT_EQ(r.exit_code, 0) << r.err;
    EXPECT_EQ(Hasten(two).out, r.out) << kv;
    if (kv == std::string("f16")) {
      EXPECT_EQ(Hasten({"run", Model(), "-p", "some words", "-n", "20", "--ignore-eos", "-q"}).out, r.out);
    }
  }
}

TEST_F(ModelVerbs, RunEndsWithALineOfFiguresUnlessQuiet) {
  const auto r = Hasten({"run", Model(), "-p", "a", "-n", "5", "--ignore-eos"});
  for (const char* word : {"prompt:", "text: 5 tokens", "tokens/s"}) EXPECT_THAT(r.err, HasSubstr(word));
  EXPECT_THAT(r.err,
              AnyOf(HasSubstr(" % of this machine's limit"), HasSubstr("; the machine is too busy to measure its limit")));
  EXPECT_EQ(std::count(r.err.begin(), r.err.end(), '\n'), 1) << r.err;
  EXPECT_EQ(Hasten({"run", Model(), "-p", "a", "-n", "5", "-q"}).err, "");
}

TEST_F(ModelVerbs, RunStopsBeforeAStopString) {
  const std::string text = Hasten({"run", Model(), "-p", "a", "-n", "20", "--greedy", "--ignore-eos"}).out;
  ASSERT_GT(text.size(), 4u);
  const std::string stop = text.substr(2, 2);
  const auto r = Hasten({"run", Model(), "-p", "a", "-n", "20", "--greedy", "--ignore-eos", "--stop", "never", "--stop", stop});
  std::string expected = text.substr(0, text.find(stop));
  if (!expected.empty() && expected.back() != '\n') expected += '\n';
  EXPECT_EQ(r.out, expected) << r.err;
}

TEST_F(ModelVerbs, RunSaysWhenTheContextIsFull) {
  const auto r = Hasten({"run", Model(), "-p", "a", "-n", "50", "--ctx", "8", "--ignore-eos"});
  EXPECT_EQ(r.exit_code, 0);
  EXPECT_THAT(r.err, HasSubstr("the context of 8 tokens is full"));
}

TEST_F(ModelVerbs, RunRefusesInOneSentence) {
  struct Case {
    std::vector<std::string> arguments;
    int code;
    const char* expected;
  };
  for (const Case& c : std::initializer_list<Case>{
           {{"run", Model(), "-p", std::string(400, 'z'), "--ctx", "16"}, 2, "the context is 16 tokens long"},
           {{"run", Model(), "-p", "a", "--temperature", "-1"}, 2, "temperature is -1"},
           {{"run", Model(), "-p", "a", "--top-p", "2"}, 2, "top-p is 2"},
           {{"run", Model(), "-p", "a", "--kv", "int3"}, 2, "--kv"},
           {{"run", Model(), "-p", "a", "-f", "b"}, 2, "--file"},
           {{"run", Model(), "-f", "/nonexistent"}, 2, "/nonexistent"},
           {{"run", "/nonexistent.gguf", "-p", "a"}, 2, "/nonexistent.gguf"},
           {{"run", Model(), "-p", "a", "--memory", "16", "--ctx", "256"}, 5, "memory"},
       }) {
    const auto r = Hasten(c.arguments);
    EXPECT_EQ(r.exit_code, c.code) << r.err;
    EXPECT_EQ(r.out, "");
    EXPECT_THAT(r.err, HasSubstr(c.expected));
    EXPECT_EQ(std::count(r.err.begin(), r.err.end(), '\n'), 1) << r.err;
  }
}

TEST_F(ModelVerbs, PerplexityOfRandomWeightsIsNearTheVocabularysSize) {
  std::string text;
  for (int i = 0; i < 300; ++i) text += "word " + std::to_string(i * 7919 % 1000) + " ";
  const std::string file = *dir_ / "text.txt";
  WriteBytes(file, text);
  const auto r = Hasten({"perplexity", Model(), file, "--ctx", "64", "--json"});
  ASSERT_EQ(r.exit_code, 0) << r.err;
  EXPECT_EQ(r.err, "");
  const auto json = nlohmann::json::parse(r.out);
  EXPECT_GT(json["perplexity"], 100);
  EXPECT_LT(json["perplexity"], 2000);
  EXPECT_GT(json["standard_error"], 0);
  EXPECT_EQ(json["scored_tokens"], 31 * int(json["chunks"]));
  EXPECT_EQ(Hasten({"perplexity", Model(), file, "--ctx", "64", "--json", "--threads", "1"}).out, r.out);
  EXPECT_THAT(Hasten({"perplexity", Model(), file, "--ctx", "64", "--chunks", "1"}).out, HasSubstr("1 chunks of 64"));
}

TEST_F(ModelVerbs, BenchPrintsAnObjectALine) {
  const auto r =
      Hasten({"bench", Model(), "--prefill", "40", "--decode", "3", "--prefix", "20", "--branches", "1,5", "--json"});
  ASSERT_EQ(r.exit_code, 0) << r.err;
  EXPECT_EQ(r.err, "");
  std::vector<nlohmann::json> lines;
  std::istringstream out(r.out);
  for (std::string line; std::getline(out, line);) lines.push_back(nlohmann::json::parse(line));
  ASSERT_EQ(lines.size(), 5u);
  EXPECT_EQ(lines[0]["work"], "limits");
  EXPECT_EQ(lines[1]["work"], "start");
  EXPECT_GT(lines[1]["first_token_s"], 0);
  lines.erase(lines.begin() + 1);
  for (const char* key : {"memory_bytes_per_s", "cache_bytes_per_s", "int8_multiply_adds_per_s", "float_multiply_adds_per_s"})
    EXPECT_GT(lines[0][key], 0) << key;
  EXPECT_EQ(lines[1]["work"], "prefill");
  EXPECT_EQ(lines[2]["branches"], 1);
  EXPECT_EQ(lines[3]["branches"], 5);
  EXPECT_EQ(lines[3]["prefix"], 20);
  for (size_t i = 1; i < lines.size(); ++i)
    for (const char* key : {"tokens_per_s", "limit_tokens_per_s", "share_of_limit", "threads"})
      EXPECT_GT(lines[i][key], 0) << key;
}

TEST_F(ModelVerbs, BenchLeavesOutWhatIsZero) {
  const auto r = Hasten({"bench", Model(), "--prefill", "0", "--decode", "2", "--prefix", "4", "--branches", "2"});
  ASSERT_EQ(r.exit_code, 0) << r.err;
  EXPECT_THAT(r.out, Not(HasSubstr("prefill")));
  EXPECT_THAT(r.out, HasSubstr("decode"));
}

}  // namespace
}  // namespace hasten
