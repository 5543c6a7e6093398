// Filling in the middle: /infill, /completion, and "suffix" of completions and of Ollama's generate.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/serve/client.h"

namespace hasten {
namespace {

using ::testing::HasSubstr;

const std::vector<std::string> kQwen = {"<|fim_prefix|>", "<|fim_suffix|>", "<|fim_middle|>", "<|repo_name|>", "<|file_sep|>"};

TEST(Infill, PutsTheMarksOfTheFamilyAroundTheText) {
  const struct {
    std::vector<std::string> tokens;
    std::string prompt;
  } kFamilies[] = {
      {kQwen, "<|fim_prefix|>def f(<|fim_suffix|>): pass<|fim_middle|>"},
      {{"<fim_prefix>", "<fim_suffix>", "<fim_middle>"}, "<fim_prefix>def f(<fim_suffix>): pass<fim_middle>"},
      {{"<｜fim▁begin｜>", "<｜fim▁hole｜>", "<｜fim▁end｜>"}, "<｜fim▁begin｜>def f(<｜fim▁hole｜>): pass<｜fim▁end｜>"},
      {{"<PRE>", "<SUF>", "<MID>"}, "<PRE>def f(<SUF>): pass<MID>"},
      {{"[SUFFIX]", "[PREFIX]"}, "[SUFFIX]): pass[PREFIX]def f("},
  };
  for (const auto& family : kFamilies) {
    const TestServer server({.models = {"code=" + MakeTinyModel(family.tokens, "")}});
    const Json filled =
        server.Post("/infill", Json{{"input_prefix", "def f("}, {"input_suffix", "): pass"}, {"n_predict", 4}, {"seed", 1}})
            .json();
    EXPECT_EQ(filled["prompt"], family.prompt) << filled;
    const Json completed =
        server.Post("/v1/completions", Json{{"prompt", "def f("}, {"suffix", "): pass"}, {"max_tokens", 4}, {"seed", 1}})
            .json();
    EXPECT_EQ(completed["choices"][0]["text"], filled["content"]);
    const Json ollama = server
                            .Post("/api/generate", Json{{"prompt", "def f("},
                                                        {"suffix", "): pass"},
                                                        {"stream", false},
                                                        {"options", {{"num_predict", 4}, {"seed", 1}}}})
                            .json();
    EXPECT_EQ(ollama["response"], filled["content"]);
  }
}

TEST(Infill, ProbabilitiesAreThereWhereTheyWereAskedFor) {
  const TestServer server;
  Json body = {{"prompt", "x"}, {"n_predict", 3}, {"seed", 1}};
  EXPECT_FALSE(server.Post("/completion", body).json().contains("completion_probabilities"));
  body["n_probs"] = 2;
  const Json list = server.Post("/completion", body).json()["completion_probabilities"];
  ASSERT_EQ(list.size(), 3u);
  EXPECT_LT(list[0]["logprob"].get<double>(), 0);
  EXPECT_EQ(list[0]["top_logprobs"].size(), 2u);
}

TEST(Infill, OtherFilesStandInFront) {
  const TestServer server({.models = {"code=" + MakeTinyModel(kQwen, "")}});
  const Json body = {{"input_prefix", "a"}, {"input_suffix", "b"},
                     {"prompt", "c"},       {"input_extra", {{{"filename", "x.py"}, {"text", "<|fim_middle|>"}}}},
                     {"n_predict", 6},      {"ignore_eos", true}};
  const Json whole = server.Post("/infill", body).json();
  EXPECT_EQ(whole["prompt"],
            "<|repo_name|>project\n<|file_sep|>x.py\n<|fim_middle|><|file_sep|>filename\n<|fim_prefix|>a<|fim_suffix|>b<|fim_"
            "middle|>c");
  EXPECT_EQ(whole["stop_type"], "limit");
  EXPECT_EQ(whole["tokens_predicted"], 6);
  Json streamed = body;
  streamed["stream"] = true;
  streamed["seed"] = 5;
  Json same = body;
  same["seed"] = 5;
  std::string text;
  const auto events = server.Post("/infill", streamed).events();
  for (const Json& event : events) text += event["content"].get<std::string>();
  EXPECT_EQ(text, server.Post("/infill", same).json()["content"]);
  EXPECT_EQ(events.back()["stop"], true);
}

TEST(Infill, IsRefusedWhereTheModelHasNoTokensForIt) {
  const TestServer server;
  const struct {
    const char *path, *body, *says;
  } kCases[] = {
      {"/infill", R"({"input_prefix": "a", "input_suffix": "b"})", "input_suffix cannot be used: the model has no tokens"},
      {"/infill", R"({"input_suffix": "b"})", "input_prefix is missing"},
      {"/infill", R"({"input_prefix": "a", "input_suffix": "b", "input_extra": [{}]})", "input_extra[0].text is missing"},
      {"/v1/completions", R"({"prompt": "a", "suffix": "b"})", "suffix cannot be used"},
      {"/api/generate", R"({"prompt": "a", "suffix": "b"})", "suffix cannot be used"},
      {"/completion", R"({"prompt": ["a", true]})", "prompt[1] has to be"},
  };
  for (const auto& c : kCases) {
    const HttpAnswer answer = server.Post(c.path, std::string(c.body));
    EXPECT_EQ(answer.status, 400) << answer.body;
    EXPECT_THAT(answer.body, HasSubstr(c.says));
  }
  const Json native =
      server.Post("/completion", Json{{"prompt", {"a", 98}}, {"n_predict", 3}, {"n_probs", 2}, {"ignore_eos", true}}).json();
  EXPECT_EQ(native["prompt"], "ab");
  EXPECT_EQ(native["completion_probabilities"].size(), 3u);
  EXPECT_EQ(native["completion_probabilities"][0]["top_logprobs"].size(), 2u);
}

}  // namespace
}  // namespace hasten
