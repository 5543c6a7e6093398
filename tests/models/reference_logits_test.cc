// The reference models' logits, within the bars, for every ISA that runs here; the tables are printed.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "base/cpu.h"
#include "tests/models/runner.h"
#include "tests/support/support.h"

namespace hasten {
namespace {

constexpr double kBar = 1e-5;

constexpr const char* kFiles[] = {"dream",       "gemma2",  "gemma3",    "gpt-oss",       "granite",      "lfm2",
                                  "lfm2moe",     "llada",   "llada-moe", "llama",         "llama-linear", "llama-yarn",
                                  "llama3-rope", "mixtral", "phi3",      "phi3-longrope", "qwen2",        "qwen3",
                                  "qwen3moe",    "qwen35",  "qwen35moe", "smollm3"};

struct Reference {
  Gguf file;
  std::vector<int32_t> tokens;
  bool bidirectional;
  std::vector<float> logits;
};

Reference Read(const std::string& folder, const std::string& name) {
  const auto about = nlohmann::json::parse(ReadBytes(folder + "/" + name + ".json"));
  return {MustOpen(folder + "/" + name + ".gguf"), about["tokens"], about["bidirectional"],
          ReadFloats(folder + "/" + name + ".f32")};
}

double ErrorOf(const Reference& reference, KvType kv) {
  const auto model = MustLoad(reference.file);
  Runner runner(*model, {.kv = kv, .bidirectional = reference.bidirectional});
  return NormalisedError(runner.Whole(reference.tokens), reference.logits);
}

TEST(ReferenceLogits, EveryFamilyOnEveryIsa) {
  HASTEN_SHARED_OR_SKIP(folder, "reference/logits");
  const Isa& before = ActiveIsa();
  std::printf("%-14s %-8s %12s %12s %8s\n", "file", "isa", "error", "bar", "ratio");
  for (const char* name : kFiles) {
    const Reference reference = Read(folder, name);
    for (const Isa& isa : Isas()) {
      if (!RunsHere(isa)) continue;
      ForceIsa(isa);
      const double error = ErrorOf(reference, KvType::kF32);
      std::printf("%-14s %-8s %12.3g %12.3g %8.2g\n", name, std::string(isa.name).c_str(), error, kBar, error / kBar);
      EXPECT_LE(error, kBar) << name << " on " << isa.name;
    }
  }
  ForceIsa(before);
}

// What narrow keys and values cost: float16 stays within the bar; with bfloat16 close choices of routers flip (mixtral,
// qwen35moe).
TEST(ReferenceLogits, HalfPrecisionKeysAndValuesKeepTheBar) {
  HASTEN_SHARED_OR_SKIP(folder, "reference/logits");
  std::printf("%-14s %12s %12s\n", "file", "f16 kv", "bf16 kv");
  for (const char* name : kFiles) {
    const Reference reference = Read(folder, name);
    const double half = ErrorOf(reference, KvType::kF16), brain = ErrorOf(reference, KvType::kBF16);
    std::printf("%-14s %12.3g %12.3g\n", name, half, brain);
    EXPECT_LE(half, kBar) << name;
    EXPECT_LE(brain, 2e-2) << name;
  }
}

TEST(ReferenceLogits, MetadataSayWhichAreBidirectional) {
  HASTEN_SHARED_OR_SKIP(folder, "reference/logits");
  for (const char* name : kFiles) {
    const Reference reference = Read(folder, name);
    EXPECT_EQ(MustLoad(reference.file)->info().bidirectional, reference.bidirectional) << name;
  }
}

struct Greedy {
  std::vector<int32_t> prompt, tokens;
};

Greedy ReadGreedy(const std::string& folder, const std::string& name) {
  const auto about = nlohmann::json::parse(ReadBytes(folder + "/" + name + ".greedy.json"));
  return {about["prompt_tokens"], about["tokens"]};
}

TEST(TrainedModel, GreedyTextEqualsTheReference) {
  HASTEN_SHARED_OR_SKIP(folder, "reference/weights");
  const Greedy greedy = ReadGreedy(folder, "stories260K");
  const Gguf file = MustOpen(folder + "/stories260K.gguf");
  const auto model = MustLoad(file);
  Runner runner(*model, {});
  const size_t sequence = runner.NewSequence();
  std::vector<int32_t> feed = greedy.prompt, got;
  while (got.size() < greedy.tokens.size()) {
    const std::vector<float> logits = runner.Feeds({{sequence, feed}});
    const auto last = logits.end() - long(model->info().vocab);
    feed = {int32_t(std::max_element(last, logits.end()) - last)};
    got.push_back(feed[0]);
  }
  EXPECT_EQ(got, greedy.tokens);
}

// Both engines round activations to int8 here, each in its own way, so that close calls differ: along the reference's text
// its tokens are the best or nearly so.
TEST(TrainedModel, QuantisedGreedyTextIsNearlyTheReference) {
  HASTEN_SHARED_OR_SKIP(folder, "reference/weights");
  const Greedy greedy = ReadGreedy(folder, "stories3M-Q8_0");
  const Gguf file = MustOpen(folder + "/stories3M-Q8_0.gguf");
  const auto model = MustLoad(file);
  Runner runner(*model, {.max_rows = 256});
  std::vector<int32_t> text = greedy.prompt;
  text.insert(text.end(), greedy.tokens.begin(), greedy.tokens.end());
  const std::vector<float> logits = runner.Whole(text);
  const size_t vocab = model->info().vocab;
  size_t equal = 0;
  for (size_t i = 0; i < greedy.tokens.size(); ++i) {
    const float* row = logits.data() + (greedy.prompt.size() - 1 + i) * vocab;
    const float lack = *std::max_element(row, row + vocab) - row[greedy.tokens[i]];
    EXPECT_LT(lack, 0.25f) << "token " << i;
    equal += lack == 0;
  }
  std::printf("stories3M-Q8_0: %zu of %zu tokens equal\n", equal, greedy.tokens.size());
  EXPECT_GE(equal, greedy.tokens.size() * 9 / 10);
}

}  // namespace
}  // namespace hasten
