// Text from models that were really trained equals what another engine wrote, id for id.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "engine/engine.h"
#include "engine/sampler.h"
#include "formats/gguf.h"
#include "tests/support/support.h"
#include "tokenizer/tokenizer.h"

namespace hasten {
namespace {

struct Trained {
  std::optional<Gguf> file;
  std::unique_ptr<Team> team = std::make_unique<Team>(2);
  std::unique_ptr<Model> model;
  std::unique_ptr<Engine> engine;
  nlohmann::json greedy;

  explicit Trained(const std::string& folder, const std::string& name)
      : greedy(nlohmann::json::parse(ReadBytes(folder + "/" + name + ".greedy.json"))) {
    auto opened = Gguf::Open(folder + "/" + name + ".gguf");
    EXPECT_TRUE(opened) << opened.error().what;
    file.emplace(std::move(*opened));
    model = *LoadModel(*file, *team);
    engine = *Engine::Create(*model, *team, {});
  }
};

TEST(Greedy, FloatModelWritesTheReferenceIdForId) {
  HASTEN_SHARED_OR_SKIP(folder, "reference/weights");
  Trained t(folder, "stories260K");
  const std::vector<int32_t> prompt = t.greedy["prompt_tokens"], expected = t.greedy["tokens"];
  const Tokenizer tokenizer = *Tokenizer::Load(*t.file);
  EXPECT_EQ(tokenizer.Encode(std::string(t.greedy["prompt"]), {.add_special = true}), prompt);
  const SequenceId seq = *t.engine->Open(prompt);
  auto logits = *t.engine->Read(seq, t.engine->Rest(seq, prompt));
  std::vector<int32_t> written;
  while (written.size() < expected.size()) {
    written.push_back(ArgMax(logits));
    logits = *t.engine->Read(seq, {&written.back(), 1});
  }
  EXPECT_EQ(written, expected);
  EXPECT_EQ(tokenizer.Decode(written), std::string(t.greedy["text"]));
}

// Activations are rounded to int8 here and were float there, so that logits differ by some hundredths: where the reference's
// next token is not the likeliest, it is behind by no more than that. The reference's own text is read on.
TEST(Greedy, QuantisedModelChoosesTheReferenceWhereTheGapAllows) {
  HASTEN_SHARED_OR_SKIP(folder, "reference/weights");
  Trained t(folder, "stories3M-Q8_0");
  const std::vector<int32_t> prompt = t.greedy["prompt_tokens"], expected = t.greedy["tokens"];
  const SequenceId seq = *t.engine->Open(prompt);
  auto logits = *t.engine->Read(seq, t.engine->Rest(seq, prompt));
  size_t equal = 0;
  for (const int32_t token : expected) {
    const int32_t best = ArgMax(logits);
    equal += best == token;
    EXPECT_LE(logits[best] - logits[token], 0.1f) << "token " << token << " after " << t.engine->Length(seq);
    logits = *t.engine->Read(seq, {&token, 1});
  }
  EXPECT_GE(equal, expected.size() * 9 / 10);
}

}  // namespace
}  // namespace hasten
