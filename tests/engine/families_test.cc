// Every family through the engine: the same bytes from a cold and a cached prefix, in any chunks, from forks, on any lanes.
#include <gtest/gtest.h>

#include <algorithm>
#include <stdexcept>

#include "engine/engine.h"
#include "engine/whole.h"
#include "tests/support/support.h"
#include "tests/tiny/tiny.h"

namespace hasten {
namespace {

using Bytes = std::vector<float>;

class EngineFamily : public ::testing::TestWithParam<const char*> {
 protected:
  EngineFamily() : bytes_(TinyModel(GetParam()).Build()), tokens_(TinyTokens(2 * kKvBlock + 5)) {
    Team team(1);
    auto model = LoadModel(bytes_.file, team);
    if (!model) throw std::runtime_error(model.error().what);
    model_ = *std::move(model);
  }
  std::unique_ptr<Engine> MakeEngine(Team& team, size_t max_rows, bool prefix_cache = true) const {
    auto engine = Engine::Create(*model_, team,
                                 {.context = 256,
                                  .memory_bytes = 64 << 20,
                                  .kv_type = KvType::kF16,
                                  .max_sequences = 8,
                                  .max_rows = max_rows,
                                  .prefix_cache = prefix_cache});
    if (!engine) throw std::runtime_error(engine.error().what);
    return *std::move(engine);
  }
  // The last token's logits after reading all tokens into a new sequence.
  Bytes Read(Engine& engine, SequenceId* keep = nullptr) const {
    const auto id = engine.Open(tokens_);
    EXPECT_TRUE(id) << id.error().what;
    const auto logits = engine.Read(*id, engine.Rest(*id, tokens_));
    EXPECT_TRUE(logits) << logits.error().what;
    const Bytes bytes(logits->begin(), logits->end());
    keep != nullptr ? void(*keep = *id) : engine.Close(*id);
    return bytes;
  }

  ModelBytes bytes_;
  std::unique_ptr<Model> model_;
  std::vector<int32_t> tokens_;
};

class CausalFamily : public EngineFamily {};
class BidirectionalFamily : public EngineFamily {};

TEST_P(CausalFamily, ColdOrCachedInAnyChunksOnAnyLanes) {
  Team one(1);
  const Bytes expected = Read(*MakeEngine(one, 512, false));
  for (const size_t lanes : {1, 2, 3})
    for (const size_t rows : {size_t{1}, size_t{7}, size_t{512}}) {
      if (lanes > 1 && rows != 7) continue;
      Team team(lanes);
      const auto engine = MakeEngine(team, rows);
      EXPECT_EQ(Read(*engine), expected) << "cold, " << lanes << " lanes, " << rows << " rows a pass";
      EXPECT_EQ(Read(*engine), expected) << "cached, " << lanes << " lanes, " << rows << " rows a pass";
      EXPECT_GT(engine->stats().reused_tokens, 0u);
    }
}

// What a text has in common with a known one ends in the middle of a block, before or behind where the known one ends.
TEST_P(CausalFamily, APartOfABlockGivesTheSameBytes) {
  Team team(2);
  const auto engine = MakeEngine(team, 512);
  Read(*engine);
  const std::vector<int32_t> known = tokens_;
  const std::pair<size_t, size_t> kChanges[] = {{kKvBlock - 1, 1}, {kKvBlock + kKvBlock / 2, 1}, {known.size() - 1, 1}, {0, 0}};
  for (const auto& [at, by] : kChanges) {
    tokens_ = known;
    tokens_[at] = int32_t((size_t(tokens_[at]) + by) % 75);
    for (const size_t more : {size_t{0}, size_t{1}, kKvBlock}) {
      for (size_t i = 0; i < more; ++i) tokens_.push_back(int32_t(i % 75));
      const Bytes expected = Read(*MakeEngine(team, 512, false));
      const size_t before = engine->stats().reused_tokens, common = by == 0 ? known.size() - (more == 0) : at;
      EXPECT_EQ(Read(*engine), expected) << at << " " << more;
      if (model_->info().state_floats == 0 && more == 0) {
        EXPECT_GE(engine->stats().reused_tokens - before, std::min(common, tokens_.size() - 1));
      }
      EXPECT_TRUE(engine->CheckBlocks());
    }
  }
}

TEST_P(CausalFamily, BranchesOfATrunkTogetherOrAlone) {
  Team team(2);
  Bytes first;
  for (const auto split : {Engine::Split::kTogether, Engine::Split::kAlone}) {
    const auto engine = MakeEngine(team, 512);
    engine->SetSplit(split);
    SequenceId trunk = 0;
    Read(*engine, &trunk);
    std::vector<SequenceId> branches(5);
    ASSERT_TRUE(engine->Fork(trunk, branches));
    Bytes all;
    for (int32_t step = 0; step < 3; ++step) {
      std::vector<int32_t> next;
      for (int32_t b = 0; b < 5; ++b) next.push_back((step * 5 + b * 7) % 75);
      std::vector<StepRequest> requests;
      for (size_t b = 0; b < 5; ++b) requests.push_back({.seq = branches[b], .tokens = {&next[b], 1}});
      const auto rows = engine->Step(requests);
      ASSERT_TRUE(rows) << rows.error().what;
      for (size_t r = 0; r < rows->size(); ++r) all.insert(all.end(), (*rows)[r].begin(), (*rows)[r].end());
    }
    if (first.empty()) first = all;
    EXPECT_EQ(all, first);
    EXPECT_TRUE(engine->CheckBlocks());
  }
}

// Of the output head only some rows: the others hold anything, and what was asked for the very bytes.
TEST_P(CausalFamily, TheLogitsOfAFewTokensAreThoseOfAll) {
  for (const size_t lanes : {1, 3}) {
    Team team(lanes);
    const auto engine = MakeEngine(team, 512);
    for (const auto split : {Engine::Split::kTogether, Engine::Split::kAlone}) {
      engine->SetSplit(split);
      std::vector<SequenceId> branches(6);
      SequenceId trunk = 0;
      Read(*engine, &trunk);
      ASSERT_TRUE(engine->Fork(trunk, branches));
      const std::vector<int32_t> next = {3, 9, 27}, few = {0, 5, 63, 64, 74};
      const auto last = [&](SequenceId id, bool some) {
        std::vector<StepRequest> requests;
        for (const SequenceId b : std::span(branches).first(3))
          requests.push_back(
              {.seq = b + id, .tokens = next, .logits = 2, .candidates = some ? std::span(few) : std::span(few).first(0)});
        const auto rows = engine->Step(requests);
        EXPECT_TRUE(rows) << rows.error().what;
        Bytes wanted;
        for (size_t r = 0; r < rows->size(); ++r)
          for (const int32_t t : few) wanted.push_back((*rows)[r][size_t(t)]);
        return wanted;
      };
      const Bytes some = last(0, true), all = last(3, false);
      EXPECT_EQ(some, all) << lanes;
      EXPECT_EQ(some.size(), 30u);
      for (const SequenceId b : branches) engine->Close(b);
      engine->Close(trunk);
    }
    const std::vector<int32_t> beyond = {int32_t(model_->info().vocab)}, token = {1};
    const auto id = engine->Open(tokens_);
    const StepRequest request = {.seq = *id, .tokens = token, .logits = 1, .candidates = beyond};
    EXPECT_EQ(engine->Step({&request, 1}).error().code, Code::kBadInput);
  }
}

TEST_P(CausalFamily, APrefixFromDiskGivesTheSameBytes) {
  Team team(2);
  const TempDir dir;
  const Bytes expected = Read(*MakeEngine(team, 512, false));
  for (const bool again : {false, true}) {
    const auto engine = MakeEngine(team, 512);
    const auto store = PrefixStore::Open({.folder = dir.path()}, FingerprintOfModel(bytes_.file), engine->StoredShape());
    ASSERT_TRUE(store) << store.error().what;
    engine->UseStore(store->get());
    EXPECT_FALSE(engine->Recall(tokens_, 1000));
    EXPECT_EQ(engine->Cached(tokens_) > 0, again);
    EXPECT_EQ(Read(*engine), expected) << again;
    EXPECT_EQ(engine->stats().recalled_tokens > 0, again);
    engine->UseStore(nullptr);
  }
}

TEST_P(BidirectionalFamily, ReadsWholeOnAnyLanesAndNotTokenByToken) {
  Team one(1), three(3);
  EXPECT_FALSE(Engine::Create(*model_, one, {.context = 64}));
  const auto a = ReadWhole(*model_, one, tokens_, {}), b = ReadWhole(*model_, three, tokens_, {});
  ASSERT_TRUE(a && b);
  EXPECT_EQ(*a, *b);
  EXPECT_EQ(a->size(), tokens_.size() * model_->info().vocab);
  std::vector<int32_t> other = tokens_;
  other.back() = (other.back() + 1) % 75;
  const auto c = ReadWhole(*model_, one, other, {});
  ASSERT_TRUE(c);
  EXPECT_FALSE(std::equal(c->begin(), c->begin() + 75, a->begin())) << "the first token sees the last";
  EXPECT_EQ(ReadWhole(*model_, one, {}, {}).error().code, Code::kBadInput);
  EXPECT_EQ(ReadWhole(*model_, one, tokens_, {.context = tokens_.size() - 1}).error().code, Code::kBadInput);
  EXPECT_EQ(ReadWhole(*model_, one, tokens_, {.memory_bytes = 1}).error().code, Code::kExhausted);
}

TEST(ReadWhole, RefusesModelsThatOnlyLookBack) {
  for (const char* name : {"lfm2", "qwen35"}) {
    const ModelBytes bytes = TinyModel(name).Build();
    Team team(1);
    const auto model = LoadModel(bytes.file, team);
    ASSERT_TRUE(model);
    const std::vector<int32_t> tokens = {1, 2, 3};
    EXPECT_EQ(ReadWhole(**model, team, tokens, {}).error().code, Code::kUnsupported);
  }
}

std::vector<const char*> Names(bool bidirectional) {
  std::vector<const char*> names;
  for (const char* name : TinyNames())
    if (TinyIsBidirectional(name) == bidirectional) names.push_back(name);
  return names;
}
std::string NameOf(const ::testing::TestParamInfo<const char*>& model) {
  std::string name = model.param;
  std::erase(name, '-');
  return name;
}
INSTANTIATE_TEST_SUITE_P(Models, CausalFamily, ::testing::ValuesIn(Names(false)), NameOf);
INSTANTIATE_TEST_SUITE_P(Models, BidirectionalFamily, ::testing::ValuesIn(Names(true)), NameOf);

}  // namespace
}  // namespace hasten
