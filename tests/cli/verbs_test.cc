// Every verb on a model made by the test: what it refuses, and that what it says can be read by programs.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "tests/cli/hasten.h"

namespace hasten {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

// A folder with a small random model, model.gguf, and files that are none.
class Verbs : public ::testing::Test {
 protected:
  void SetUp() override {
    const auto made = Hasten({"synth", "--layers", "2", "--width", "64", "--heads", "2", "--vocab", "320", "--context", "128",
                              "--quant", "F16", "--pure", "-o", model_});
    ASSERT_EQ(made.exit_code, 0) << made.err;
    EXPECT_EQ(made.err, "");
    WriteBytes(dir_ / "empty.gguf", "");
    WriteBytes(dir_ / "cut.gguf", ReadBytes(model_).substr(0, 5000));
    WriteBytes(dir_ / "text.txt", "Once upon a time there was a text of some tokens, and it had more than one line.\nHere.\n");
  }

  // `words` with MODEL, EMPTY, CUT and DIR/ filled in.
  std::vector<std::string> Line(std::vector<std::string> words) const {
    for (std::string& word : words) {
      if (word == "MODEL") word = model_;
      if (word == "EMPTY") word = dir_ / "empty.gguf";
      if (word == "CUT") word = dir_ / "cut.gguf";
      if (word.starts_with("DIR/")) word = dir_ / word.substr(4);
    }
    return words;
  }

  void ExpectRefused(const std::vector<std::string>& words, int code, const std::string& expected) const {
    const auto r = Hasten(Line(words));
    const std::string line = ::testing::PrintToString(words);
    EXPECT_EQ(r.exit_code, code) << line << r.err;
    EXPECT_EQ(r.out, "") << line;
    EXPECT_THAT(r.err, StartsWith("hasten: ")) << line;
    EXPECT_THAT(r.err, HasSubstr(expected)) << line;
    EXPECT_EQ(std::count(r.err.begin(), r.err.end(), '\n'), 1) << line << r.err;
  }

  TempDir dir_;
  std::string model_ = dir_ / "model.gguf";
};

// How each verb that reads a model is called, after the model's name.
const std::vector<std::vector<std::string>> kReaders = {
    {"tokenize", "MODEL"},
    {"inspect", "MODEL"},
    {"logits", "MODEL", "--tokens", "1,2", "--out", "DIR/l.f32"},
    {"quantize", "MODEL", "DIR/q.gguf", "Q8_0", "--force"},
};

TEST_F(Verbs, AMissingModelIsWrongUsage) {
  for (auto line : kReaders) {
    line[1] = "DIR/absent.gguf";
    ExpectRefused(line, 2, "absent.gguf");
  }
}

TEST_F(Verbs, AFolderIsWrongUsage) {
  for (auto line : kReaders) {
    line[1] = "DIR/";
    ExpectRefused(line, 2, "is not a regular file");
  }
}

TEST_F(Verbs, ADamagedModelIsSaidToBe) {
  for (auto line : kReaders)
    for (const char* file : {"EMPTY", "CUT"}) {
      line[1] = file;
      ExpectRefused(line, 3, ".gguf");
    }
}

TEST_F(Verbs, ImpossibleValuesAreWrongUsage) {
  const struct {
    std::vector<std::string> line;
    const char* expected;
  } cases[] = {
      {{"synth", "no-such-shape", "-o", "DIR/x.gguf"}, "no-such-shape"},
      {{"synth", "stories-15m"}, "-o"},
      {{"synth", "stories-15m", "--quant", "Q9_9", "-o", "DIR/x.gguf"}, "Q9_9"},
      {{"synth", "--layers", "0", "--width", "64", "-o", "DIR/x.gguf"}, "--layers"},
      {{"synth", "--layers", "2", "--width", "-64", "-o", "DIR/x.gguf"}, "--width"},
      {{"quantize", "MODEL", "DIR/x.gguf", "Q9_9"}, "Q4_K_M"},
      {{"quantize", "MODEL", "DIR/x.gguf"}, "TYPE"},
      {{"quantize", "MODEL"}, "OUT"},
      {{"logits", "MODEL", "--tokens", "1,320", "--out", "DIR/x"}, "320"},
      {{"logits", "MODEL", "--tokens", "-1", "--out", "DIR/x"}, "-1"},
      {{"logits", "MODEL", "--tokens", "one", "--out", "DIR/x"}, "one"},
      {{"logits", "MODEL", "--tokens", "", "--out", "DIR/x"}, "--tokens"},
      {{"logits", "MODEL", "--tokens", "@DIR/absent", "--out", "DIR/x"}, "absent"},
      {{"logits", "MODEL", "--tokens", "1"}, "--out"},
      {{"run", "MODEL", "-p", "x", "-n", "-1"}, "--tokens"},
      {{"run", "MODEL", "-p", "x", "--temperature", "-1"}, "temperature"},
      {{"run", "MODEL", "-p", "x", "--temperature", "hot"}, "hot"},
      {{"run", "MODEL", "-p", "x", "--top-p", "1.5"}, "top-p"},
      {{"run", "MODEL", "-f", "DIR/absent"}, "absent"},
      {{"run", "MODEL", "-p", "x", "-f", "DIR/text.txt"}, "--file"},
      {{"perplexity", "MODEL", "DIR/absent"}, "absent"},
      {{"perplexity", "MODEL", "DIR/text.txt", "--chunks", "-3"}, "--chunks"},
      {{"quantize", "MODEL", "DIR/q.gguf", "Q9_9"}, "Q9_9"},
      {{"quantize", "MODEL", "MODEL", "Q8_0"}, "--force"},
      {{"bench", "MODEL", "--branches", "0"}, "--branches"},
      {{"bench", "MODEL", "--branches", "1,many"}, "--branches"},
      {{"bench", "MODEL", "--runs", "0"}, "--runs"},
      {{"logits", "MODEL", "--tokens", "1", "--out", "DIR/absent/x"}, "absent"},
  };
  for (const auto& c : cases) ExpectRefused(c.line, 2, c.expected);
}

TEST_F(Verbs, OutputsAreNotOverwrittenWithoutForce) {
  const std::vector<std::vector<std::string>> writers = {
      {"synth", "--layers", "1", "--width", "64", "--heads", "1", "--quant", "F16", "--pure", "-o", "DIR/out"},
      {"logits", "MODEL", "--tokens", "1,2", "--out", "DIR/out"},
      {"quantize", "MODEL", "DIR/out", "Q8_0"},
  };
  for (auto line : writers) {
    WriteBytes(dir_ / "out", "precious");
    ExpectRefused(line, 2, "--force");
    EXPECT_EQ(ReadBytes(dir_ / "out"), "precious") << line[0];
    line.push_back("--force");
    const auto r = Hasten(Line(line));
    EXPECT_EQ(r.exit_code, 0) << line[0] << r.err;
    EXPECT_NE(ReadBytes(dir_ / "out"), "precious") << line[0];
  }
  for (const auto& entry : std::filesystem::directory_iterator(dir_.path()))
    EXPECT_THAT(entry.path().filename().string(), Not(HasSubstr(".part"))) << "a temporary file was left";
}

TEST_F(Verbs, PipesGetNoProgressAndNoEscapeCodes) {
  for (const auto& line : kReaders) {
    const auto r = Hasten(Line(line), {.input = "Once upon a time"});
    EXPECT_EQ(r.exit_code, 0) << line[0] << r.err;
    EXPECT_THAT(r.out + r.err, Not(HasSubstr("\033"))) << line[0];
    EXPECT_THAT(r.out + r.err, Not(HasSubstr("\r"))) << line[0];
  }
}

TEST_F(Verbs, QuantizeSaysWhatItMade) {
  const auto r = Hasten({"quantize", model_, dir_ / "q.gguf", "q8_0", "--verbose"});
  EXPECT_EQ(r.exit_code, 0) << r.err;
  EXPECT_THAT(r.out, HasSubstr("blk.1.ffn_up.weight"));
  EXPECT_THAT(r.out, HasSubstr("F16 -> Q8_0"));
  EXPECT_THAT(r.out, HasSubstr("bits a weight"));
  const auto again = Hasten({"quantize", dir_ / "q.gguf", dir_ / "q4.gguf", "Q4_0"});
  EXPECT_THAT(again.out, HasSubstr("quantised already"));
  const auto k = Hasten({"quantize", model_, dir_ / "k.gguf", "Q4_K"});  // rows of 64
  EXPECT_THAT(k.out, HasSubstr("not whole blocks of Q4_K"));
}

// Every line of what a verb says under --json is one object.
TEST_F(Verbs, JsonIsOneObjectALine) {
  for (auto line : kReaders) {
    if (line[0] != "bench" && line[0] != "perplexity" && line[0] != "inspect") continue;
    line.push_back("--json");
    const auto r = Hasten(Line(line));
    EXPECT_EQ(r.exit_code, 0) << r.err;
    std::istringstream lines(r.out);
    size_t count = 0;
    for (std::string text; std::getline(lines, text); ++count)
      EXPECT_TRUE(nlohmann::json::parse(text, nullptr, false).is_object()) << text;
    EXPECT_GT(count, 0u) << line[0];
  }
}

TEST_F(Verbs, TheConfigurationFileSetsAVerbsFlags) {
  WriteBytes(dir_ / "c.toml", "threads = 1\n[perplexity]\njson = true\nchunks = 1\n[run]\ntokens = 3\n");
  const auto r = Hasten(Line({"perplexity", "MODEL", "DIR/text.txt", "--ctx", "8", "--config", "DIR/c.toml"}));
  EXPECT_EQ(r.exit_code, 0) << r.err;
  EXPECT_TRUE(nlohmann::json::parse(r.out, nullptr, false).is_object()) << r.out;
}

TEST_F(Verbs, BenchNamesItsFigures) {
  const auto r = Hasten(Line({"bench", "MODEL", "--prefill", "4", "--decode", "2", "--prefix", "4", "--branches", "1,3",
                              "--runs", "3", "--threads", "2", "--json"}));
  std::istringstream lines(r.out);
  size_t prefill = 0, decode = 0;
  for (std::string text; std::getline(lines, text);) {
    const auto figure = nlohmann::json::parse(text, nullptr, false);
    if (figure.value("work", "") == "limits" || figure.value("work", "") == "start") continue;
    (figure["work"] == "prefill" ? prefill : decode) += 1;
    for (const char* key : {"tokens_per_s", "branches", "prefix", "threads", "limit_tokens_per_s", "share_of_limit"})
      EXPECT_TRUE(figure.contains(key) && figure[key].is_number()) << key << text;
    EXPECT_EQ(figure.value("threads", 0), 2) << text;
  }
  EXPECT_EQ(prefill, 1u) << r.out;
  EXPECT_EQ(decode, 2u) << r.out;
}

TEST_F(Verbs, RunGivesTheSameTextEachTimeAndKeepsItsRemarksApart) {
  const std::vector<std::string> line = Line({"run", "MODEL", "-p", "Once", "-n", "16", "--seed", "3", "--temperature", "1"});
  const auto first = Hasten(line), again = Hasten(line);
  EXPECT_EQ(first.exit_code, 0) << first.err;
  EXPECT_EQ(first.out, again.out);
  EXPECT_THAT(first.err, HasSubstr("tokens/s"));
  EXPECT_THAT(first.out, Not(HasSubstr("tokens/s")));
}

TEST_F(Verbs, TokenizeAndBack) {
  const auto ids = Hasten({"tokenize", model_}, {.input = "Once upon\na time"});
  EXPECT_EQ(ids.exit_code, 0) << ids.err;
  EXPECT_EQ(std::count(ids.out.begin(), ids.out.end(), '\n'), 1);
  const auto text = Hasten({"tokenize", model_, "--decode"}, {.input = ids.out});
  EXPECT_THAT(text.out, StartsWith("Once upon\na time"));
}

}  // namespace
}  // namespace hasten
