// Speculation from outside: the text is the same with and without, and what it gained is said.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <sstream>

#include "tests/cli/hasten.h"

namespace hasten {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

using Words = std::vector<std::string>;

Words With(Words line, const Words& more) {
  line.insert(line.end(), more.begin(), more.end());
  return line;
}

const Words kSamplings[] = {
    {"--greedy"},
    {"--seed", "9"},
    {"--temperature", "1.2", "--top-k", "0", "--repetition-penalty", "1.2", "--frequency-penalty", "0.3", "--seed", "4"},
};

// A random model of a family, made by the binary itself.
void Synth(const std::string& path, const Words& more) {
  const auto r = Hasten(With({"synth", "--layers", "2", "--width", "64", "--heads", "4", "--kv-heads", "2", "--vocab", "300",
                              "--quant", "Q8_0", "-o", path},
                             more));
  ASSERT_EQ(r.exit_code, 0) << r.err;
}

TEST(SpeculationOfRun, ChangesNoByte) {
  TempDir dir;
  const std::string small = dir / "small.gguf", llama = dir / "llama.gguf", lfm2 = dir / "lfm2.gguf";
  Synth(small, {"--seed", "8"});
  Synth(llama, {});
  Synth(lfm2, {"--family", "lfm2"});
  for (const std::string& model : {llama, lfm2})
    for (const Words& sampling : kSamplings) {
      const Words run =
          With({"run", model, "-p", "to be or not to be or not to", "-n", "40", "--ignore-eos", "--threads", "1"}, sampling);
      const auto off = Hasten(With(run, {"--speculate", "off"}));
      ASSERT_EQ(off.exit_code, 0) << off.err;
      EXPECT_THAT(off.err, Not(HasSubstr("guessed")));
      for (const Words& speculation : {Words{"--speculate", "ngram"}, Words{"--draft", small, "--speculate", "off"},
                                       Words{"--draft", model, "--draft-tokens", "3"}}) {
        const auto r = Hasten(With(run, speculation));
        EXPECT_EQ(r.out, off.out) << r.err;
      }
      const std::string stop = off.out.substr(off.out.size() / 2, 3);
      EXPECT_EQ(Hasten(With(run, {"--stop", stop, "--draft", small})).out,
                Hasten(With(run, {"--stop", stop, "--speculate", "off"})).out);
    }
}

TEST(SpeculationOfRun, ChangesNoByteOfTrainedModels) {
  HASTEN_SHARED_OR_SKIP(weights, "reference/weights");
  TempDir dir;
  const std::string draft = dir / "draft.gguf";
  ASSERT_EQ(Hasten({"quantize", weights + "/stories3M-Q8_0.gguf", draft, "Q4_0"}).exit_code, 0);
  for (const Words& sampling : kSamplings) {
    const Words run = With({"run", weights + "/stories3M-Q8_0.gguf", "-p",
                            "Once upon a time, there was a little girl named Lily. "
                            "She liked her little red ball. One day, Lily",
                            "-n", "60", "--threads", "1"},
                           sampling);
    const auto off = Hasten(With(run, {"--speculate", "off"}));
    ASSERT_EQ(off.exit_code, 0) << off.err;
    EXPECT_EQ(Hasten(run).out, off.out);
    EXPECT_EQ(Hasten(With(run, {"--draft", draft})).out, off.out);
    EXPECT_EQ(Hasten(With(run, {"--stop", "ball"})).out, Hasten(With(run, {"--stop", "ball", "--speculate", "off"})).out);
  }
}

TEST(SpeculationOfRun, SaysWhatWasAccepted) {
  TempDir dir;
  const std::string model = dir / "m.gguf";
  Synth(model, {});
  const Words run = {"run",      model,          "-p",      "some words", "-n",          "40",
                     "--greedy", "--ignore-eos", "--draft", model,        "--speculate", "off"};
  const auto r = Hasten(run);
  EXPECT_THAT(r.err, HasSubstr("guessed tokens accepted"));
  const auto json = nlohmann::json::parse(Hasten(With(run, {"--json"})).out);
  EXPECT_EQ(json["text"].get<std::string>() + "\n", r.out);
  EXPECT_EQ(json["tokens"], 40);
  EXPECT_GT(json["drafted_tokens"], 0);
  EXPECT_EQ(json["accepted_tokens"], json["drafted_tokens"]);             // it guesses with itself
  EXPECT_GE(int(json["passes"]) + int(json["accepted_tokens"]) + 1, 40);  // the last pass may go further
}

TEST(SpeculationOfRun, RefusesADraftOfAnotherVocabulary) {
  TempDir dir;
  const std::string model = dir / "m.gguf", other = dir / "other.gguf";
  Synth(model, {});
  HASTEN_SHARED_OR_SKIP(weights, "reference/weights");
  const auto r = Hasten({"run", model, "-p", "a", "--draft", weights + "/stories260K.gguf"});
  EXPECT_EQ(r.exit_code, 2);
  EXPECT_THAT(r.err, HasSubstr("another vocabulary"));
  EXPECT_EQ(Hasten({"run", model, "-p", "a", "--draft", other}).exit_code, 2);
  EXPECT_EQ(Hasten({"run", model, "-p", "a", "--speculate", "wildly"}).exit_code, 2);
}

TEST(SpeculationOfBench, ReplaysATextWithAndWithout) {
  TempDir dir;
  const std::string model = dir / "m.gguf";
  Synth(model, {});
  std::string text;
  for (int i = 0; i < 15; ++i) text += "int name" + std::to_string(i * 7) + " = name(" + std::to_string(i) + ");\n";
  std::string changed = text;
  for (size_t at = 0; (at = changed.find("= name(", at)) != std::string::npos;) changed.replace(at, 7, "= other(");
  WriteBytes(dir / "old", text);
  WriteBytes(dir / "new", changed);
  const auto r = Hasten({"bench", model, "--replay", dir / "new", "--prompt", dir / "old", "--json", "--threads", "1"});
  ASSERT_EQ(r.exit_code, 0) << r.err;
  std::vector<nlohmann::json> lines;
  std::istringstream out(r.out);
  for (std::string line; std::getline(out, line);) lines.push_back(nlohmann::json::parse(line));
  ASSERT_EQ(lines.size(), 2u);
  EXPECT_EQ(lines[0]["speculate"], "off");
  EXPECT_EQ(int(lines[0]["passes"]) + 1, lines[0]["tokens"]);  // the first token comes with the prompt
  EXPECT_EQ(lines[1]["speculate"], "ngram");
  EXPECT_GT(lines[1]["tokens_per_pass"], 2);
  EXPECT_THAT(Hasten({"bench", model, "--replay", dir / "new", "--threads", "1"}).out, HasSubstr("tokens/pass"));
  EXPECT_EQ(Hasten({"bench", model, "--replay", dir / "absent"}).exit_code, 2);
  EXPECT_EQ(Hasten({"bench", model, "--prompt", dir / "old"}).exit_code, 2);
}

}  // namespace
}  // namespace hasten
