// The promise of docs/determinism.md, kept by real forward passes: a token's logits are the same bytes however it got there.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <optional>

#include "base/random.h"
#include "convert/synth.h"
#include "engine/engine.h"
#include "formats/gguf.h"
#include "tests/support/support.h"

namespace hasten {
namespace {

using Tokens = std::vector<int32_t>;
using Rows = std::vector<std::vector<float>>;

struct ModelCase {
  std::string name;           // of a file below reference/, or of the family to synthesise
  const char* mix = nullptr;  // tensor types of a synthetic model; nullptr: the shared file
  friend std::ostream& operator<<(std::ostream& out, const ModelCase& c) { return out << c.name; }
};

// Big enough for two query heads a key/value head, several blocks of K in each product and some experts.
Shape TinyShape(const std::string& family) {
  Shape s = {.name = "tiny", .family = family, .layers = 3, .width = 64, .heads = 4, .kv_heads = 2, .head_width = 16};
  s.ffn = 96;
  s.vocab = 300;
  s.context = 512;
  if (family == "qwen3moe") {
    s.experts = 4;
    s.experts_used = 2;
    s.expert_ffn = 32;
  }
  if (family == "lfm2") {
    s.attention_layers = {1};
    s.conv_width = 3;
  }
  CompleteShape(s);
  return s;
}

class Determinism : public ::testing::TestWithParam<ModelCase> {
 protected:
  void SetUp() override {
    std::string path = dir_ / "model.gguf";
    if (GetParam().mix != nullptr) {
      auto file = FileWriter::Create(path);
      ASSERT_TRUE(file);
      const SynthOptions options = {.shape = TinyShape(GetParam().name), .mix = *FindMix(GetParam().mix), .pure = true};
      const Status made = Synthesise(options, std::move(*file));
      ASSERT_TRUE(made) << made.error().what;
    } else {
      HASTEN_SHARED_OR_SKIP(shared, "reference/" + GetParam().name + ".gguf");
      path = shared;
    }
    auto file = Gguf::Open(path);
    ASSERT_TRUE(file) << file.error().what;
    file_.emplace(std::move(*file));
    Team team(2);
    auto model = LoadModel(*file_, team);
    ASSERT_TRUE(model) << model.error().what;
    model_ = std::move(*model);
    tokens_ = SomeTokens(70, 1);
    expected_ = Cold(tokens_);
    ASSERT_EQ(expected_.size(), tokens_.size());
  }

  Tokens SomeTokens(size_t count, uint64_t seed) const {
    Tokens tokens(count);
    for (size_t i = 0; i < count; ++i) tokens[i] = int32_t(RandomBits(seed, i) % model_->info().vocab);
    return tokens;
  }

  struct Setting {
    size_t lanes = 1, max_rows = 128, sequences = 1, memory_bytes = 64 << 20;
    Engine::Split split = Engine::Split::kAuto;
    bool prefix_cache = true;
  };
  struct Running {
    std::unique_ptr<Team> team;
    std::unique_ptr<Engine> engine;
    Engine* operator->() const { return engine.get(); }
  };
  Running Start(const Setting& s) const {
    Running r;
    r.team = std::make_unique<Team>(s.lanes);
    auto engine = Engine::Create(*model_, *r.team,
                                 {.context = 128,
                                  .memory_bytes = s.memory_bytes,
                                  .max_sequences = s.sequences,
                                  .max_rows = s.max_rows,
                                  .max_logit_rows = 128,
                                  .prefix_cache = s.prefix_cache});
    EXPECT_TRUE(engine) << engine.error().what;
    r.engine = std::move(*engine);
    r.engine->SetSplit(s.split);
    return r;
  }

  // Appends what `seq` has not of `tokens`, `chunk` at a time, and returns a row of logits for each.
  static Rows ReadRest(const Running& r, SequenceId seq, const Tokens& tokens, size_t chunk) {
    Rows rows;
    for (auto rest = r->Rest(seq, tokens); !rest.empty(); rest = r->Rest(seq, tokens)) {
      const auto part = rest.first(std::min(chunk, rest.size()));
      const StepRequest request = {.seq = seq, .tokens = part, .logits = part.size()};
      const auto made = r->Step({&request, 1});
      EXPECT_TRUE(made) << made.error().what;
      for (size_t i = 0; made && i < made->size(); ++i) rows.emplace_back((*made)[i].begin(), (*made)[i].end());
      if (!made) break;
    }
    return rows;
  }
  static SequenceId Open(const Running& r, const Tokens& tokens) {
    const auto seq = r->Open(tokens);
    EXPECT_TRUE(seq) << seq.error().what;
    return seq ? *seq : 0;
  }
  Rows Cold(const Tokens& tokens) const {
    const Running r = Start({.prefix_cache = false});
    return ReadRest(r, Open(r, tokens), tokens, 128);
  }

  // Whether `rows` are, byte for byte, the last of `expected`.
  static bool SameBytes(const Rows& rows, const Rows& expected) {
    if (rows.empty() || rows.size() > expected.size()) return false;
    for (size_t i = 0; i < rows.size(); ++i) {
      const auto& e = expected[expected.size() - rows.size() + i];
      if (e.size() != rows[i].size() || std::memcmp(e.data(), rows[i].data(), e.size() * sizeof(float)) != 0) return false;
    }
    return true;
  }

  TempDir dir_;
  std::optional<Gguf> file_;
  std::unique_ptr<Model> model_;
  Tokens tokens_;
  Rows expected_;
};

// Of the families (tests/engine/families_test.cc has them all) those whose attention, state or experts differ most.
INSTANTIATE_TEST_SUITE_P(Models, Determinism,
                         ::testing::Values(ModelCase{"llama", "Q4_0"}, ModelCase{"llama", "F16"}, ModelCase{"lfm2", "Q8_0"},
                                           ModelCase{"qwen3moe", "Q8_0"}, ModelCase{"quant/Q4_K_S"},
                                           ModelCase{"logits/gpt-oss"}, ModelCase{"logits/qwen35"}),
                         [](const auto& test) {
                           std::string name =
                               test.param.name + (test.param.mix ? std::string("_") + test.param.mix : "_shared");
                           std::erase_if(name, [](char c) { return c == '-' || c == '/'; });
                           return name;
                         });

TEST_P(Determinism, ThreadsAndChunks) {
  for (const size_t lanes : {1, 2, 3})
    for (const size_t chunk : {1, 7, 33, 70}) {
      if (lanes > 1 && chunk == 1) continue;  // 70 passes of lanes that wait for each other: seconds on a busy machine
      const Running r = Start({.lanes = lanes, .prefix_cache = false});
      EXPECT_TRUE(SameBytes(ReadRest(r, Open(r, tokens_), tokens_, chunk), expected_))
          << lanes << " lanes, chunks of " << chunk;
    }
}

TEST_P(Determinism, BatchesOfOthers) {
  for (const size_t batch : {1, 3, 8})
    for (const auto split : {Engine::Split::kTogether, Engine::Split::kAlone}) {
      const Running r = Start({.lanes = 2, .sequences = batch, .split = split});
      std::vector<SequenceId> ids;
      std::vector<Tokens> texts;
      for (size_t b = 0; b < batch; ++b) {
        texts.push_back(b == batch / 2 ? tokens_ : SomeTokens(70, 100 + b));
        ids.push_back(Open(r, texts[b]));
      }
      Rows rows;
      for (size_t at = 0; at < tokens_.size(); at += 7) {  // seven tokens of each in every step
        std::vector<StepRequest> requests;
        for (size_t b = 0; b < batch; ++b)
          requests.push_back({.seq = ids[b], .tokens = std::span(texts[b]).subspan(at, 7), .logits = b == batch / 2 ? 7u : 0u});
        const auto made = r->Step(requests);
        ASSERT_TRUE(made) << made.error().what;
        for (size_t i = 0; i < made->size(); ++i) rows.emplace_back((*made)[i].begin(), (*made)[i].end());
      }
      EXPECT_TRUE(SameBytes(rows, expected_)) << batch;
    }
}

TEST_P(Determinism, CachedPrefix) {
  const Running r = Start({.lanes = 2});
  const SequenceId first = Open(r, tokens_);
  ASSERT_TRUE(r->Read(first, tokens_));
  r->Close(first);
  const SequenceId second = Open(r, tokens_);
  EXPECT_GT(r->Length(second), 0u);
  EXPECT_TRUE(SameBytes(ReadRest(r, second, tokens_, 70), expected_));
}

TEST_P(Determinism, ForkedBranches) {
  for (const size_t lanes : {1, 2}) {
    const Running r = Start({.lanes = lanes, .sequences = 8});
    const Tokens trunk(tokens_.begin(), tokens_.begin() + 45);
    std::vector<SequenceId> ids(8);
    ids[0] = Open(r, trunk);
    ASSERT_TRUE(r->Read(ids[0], trunk));
    ASSERT_TRUE(r->Fork(ids[0], std::span(ids).subspan(1)));
    std::vector<Tokens> texts(8, trunk);
    std::vector<Rows> rows(8);
    for (size_t step = 0; step < 25; ++step) {
      std::vector<StepRequest> requests;
      for (size_t b = 0; b < 8; ++b) texts[b].push_back(b == 3 ? tokens_[45 + step] : SomeTokens(1, b * 100 + step)[0]);
      for (size_t b = 0; b < 8; ++b) requests.push_back({.seq = ids[b], .tokens = std::span(texts[b]).last(1)});
      const auto made = r->Step(requests);
      ASSERT_TRUE(made) << made.error().what;
      for (size_t b = 0; b < 8; ++b) rows[b].emplace_back((*made)[b].begin(), (*made)[b].end());
    }
    EXPECT_TRUE(SameBytes(rows[3], expected_));
    EXPECT_TRUE(SameBytes(rows[7], Cold(texts[7])));
    EXPECT_FALSE(SameBytes(rows[7], expected_));  // the twin: another text has other bytes
  }
}

TEST_P(Determinism, AfterEvictionAndTruncation) {
  const ModelInfo& info = model_->info();
  const size_t block = KvBlockBytes(info.kv_heads, info.head_width, EngineOptions().kv_type) * info.kv_layers;
  const size_t states = info.state_floats * sizeof(float) * 12;
  const Running r = Start({.lanes = 2, .sequences = 2, .memory_bytes = 2 * states + block * (128 / kKvBlock + 2)});
  const SequenceId first = Open(r, tokens_);
  ASSERT_TRUE(r->Read(first, tokens_));
  r->Close(first);
  const Tokens other = SomeTokens(100, 5);
  const SequenceId second = Open(r, other);
  ASSERT_TRUE(r->Read(second, other));
  r->Close(second);
  const SequenceId third = Open(r, tokens_);
  ReadRest(r, third, tokens_, 50);
  const auto left = r->Truncate(third, 50);
  ASSERT_TRUE(left);
  EXPECT_TRUE(SameBytes(ReadRest(r, third, tokens_, 9), expected_));
  const Status blocks = r->CheckBlocks();
  EXPECT_TRUE(blocks) << blocks.error().what;
}

}  // namespace
}  // namespace hasten
