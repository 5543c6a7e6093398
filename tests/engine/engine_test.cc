#include "engine/engine.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/engine/fake_model.h"

namespace hasten {
namespace {

using ::testing::HasSubstr;
using Tokens = std::vector<int32_t>;

Tokens SomeTokens(size_t count, uint64_t seed = 1, size_t vocab = 17) {
  Tokens tokens(count);
  for (size_t i = 0; i < count; ++i) tokens[i] = int32_t(RandomBits(seed, i) % vocab);
  return tokens;
}

std::vector<float> Row(std::span<const float> row) { return {row.begin(), row.end()}; }

// A model, a team and an engine of a given number of KV blocks.
struct Rig {
  explicit Rig(FakeOptions model_options = {}, EngineOptions options = {}, size_t lanes = 2, size_t blocks = 0)
      : model(model_options), team(lanes) {
    if (options.context == 0) options.context = 200;
    if (blocks > 0) options.memory_bytes = BytesFor(blocks, options);
    auto made = Engine::Create(model, team, options);
    EXPECT_TRUE(made) << made.error().what;
    engine = *std::move(made);
    if (blocks > 0) {
      EXPECT_EQ(engine->memory_plan().blocks, blocks);
    }
  }
  // The least memory that makes so many blocks.
  size_t BytesFor(size_t blocks, EngineOptions o) const {
    for (o.memory_bytes = 64;; o.memory_bytes += 64)
      if (const auto plan = PlanMemory(model.info(), o); plan && plan->blocks >= blocks) return o.memory_bytes;
  }
  void ExpectBlocksAddUp() const {
    const Status status = engine->CheckBlocks();
    EXPECT_TRUE(status) << status.error().what;
  }
  // Opens, reads and checks the logits of the last token.
  SequenceId Start(const Tokens& prompt) {
    const auto id = engine->Open(prompt);
    EXPECT_TRUE(id) << id.error().what;
    const auto row = engine->Read(*id, engine->Rest(*id, prompt));
    EXPECT_TRUE(row) << row.error().what;
    EXPECT_EQ(Row(*row), model.Expected(prompt));
    return *id;
  }
  void Append(SequenceId id, const Tokens& tokens) {
    const auto row = engine->Read(id, tokens);
    ASSERT_TRUE(row) << row.error().what;
    EXPECT_EQ(Row(*row), model.Expected(engine->Tokens(id)));
  }

  FakeModel model;
  Team team;
  std::unique_ptr<Engine> engine;
};

class EngineTest : public ::testing::TestWithParam<bool> {  // with and without recurrent state
 protected:
  FakeOptions Model() const { return {.recurrent = GetParam()}; }
};
INSTANTIATE_TEST_SUITE_P(States, EngineTest, ::testing::Bool(),
                         [](const auto& test) { return test.param ? "Recurrent" : "Attention"; });

TEST_P(EngineTest, ChunksOfAnySizeGiveTheSameBytes) {
  const Tokens prompt = SomeTokens(101);
  for (const size_t chunk : {1, 2, 3, 7, 32, 100, 512}) {
    Rig rig(Model(), {.max_rows = chunk});
    rig.Start(prompt);
    rig.ExpectBlocksAddUp();
  }
}

TEST_P(EngineTest, CachedPrefixGivesTheSameBytesAndSkipsTheWork) {
  Rig rig(Model(), {.max_sequences = 2});
  const Tokens prompt = SomeTokens(3 * kKvBlock + 1);
  rig.engine->Close(rig.Start(prompt));
  const size_t before = rig.engine->stats().computed_tokens;
  rig.Start(prompt);
  EXPECT_EQ(rig.engine->stats().computed_tokens - before, 1u);
  EXPECT_EQ(rig.engine->stats().reused_tokens, 3 * kKvBlock);
  rig.ExpectBlocksAddUp();
}

TEST_P(EngineTest, PrefixIsSharedWithASequenceThatIsStillOpen) {
  Rig rig(Model(), {.max_sequences = 2});
  const Tokens common = SomeTokens(2 * kKvBlock + 1);
  rig.Start(common);
  Tokens longer = common;
  longer.push_back(5);
  rig.Start(longer);
  EXPECT_GE(rig.engine->stats().reused_tokens, kKvBlock);
  rig.ExpectBlocksAddUp();
}

TEST_P(EngineTest, LastTokenIsComputedEvenWhenItsBlockIsCached) {
  Rig rig(Model(), {.max_sequences = 2});
  const Tokens prompt = SomeTokens(2 * kKvBlock);
  rig.engine->Close(rig.Start(prompt));
  rig.Start(prompt);
  rig.ExpectBlocksAddUp();
}

TEST_P(EngineTest, WithoutPrefixCacheNothingIsReused) {
  Rig rig(Model(), {.max_sequences = 2, .prefix_cache = false});
  const Tokens prompt = SomeTokens(4 * kKvBlock);
  rig.engine->Close(rig.Start(prompt));
  rig.Start(prompt);
  EXPECT_EQ(rig.engine->stats().reused_tokens, 0u);
  rig.ExpectBlocksAddUp();
}

TEST_P(EngineTest, ForksDivergeFromEachOtherAndEqualFreshSequences) {
  for (const size_t extra : {0, 1}) {  // forks at and behind a block's end
    Rig rig(Model(), {.max_sequences = 9});
    const SequenceId trunk = rig.Start(SomeTokens(2 * kKvBlock + extra));
    std::vector<SequenceId> ids(8);
    ASSERT_TRUE(rig.engine->Fork(trunk, ids));
    ids.push_back(trunk);
    for (size_t step = 0; step < 2 * kKvBlock + 1; ++step) {
      std::vector<Tokens> next(ids.size());
      std::vector<StepRequest> requests;
      for (size_t b = 0; b < ids.size(); ++b) {
        next[b] = SomeTokens(1, b * 100 + step);
        requests.push_back({.seq = ids[b], .tokens = next[b]});
      }
      const auto rows = rig.engine->Step(requests);
      ASSERT_TRUE(rows) << rows.error().what;
      for (size_t b = 0; b < ids.size(); ++b) EXPECT_EQ(Row((*rows)[b]), rig.model.Expected(rig.engine->Tokens(ids[b])));
      rig.ExpectBlocksAddUp();
    }
    EXPECT_EQ(rig.engine->stats().copied_blocks, extra == 0 ? 0u : 8u);  // the ninth writes the shared block in place
  }
}

TEST_P(EngineTest, LanesTogetherAndAloneGiveTheSameBytes) {
  for (const size_t lanes : {1, 2, 3}) {
    for (const auto split : {Engine::Split::kTogether, Engine::Split::kAlone}) {
      Rig rig(Model(), {.max_sequences = 8, .max_rows = 24}, lanes);
      rig.engine->SetSplit(split);
      const SequenceId trunk = rig.Start(SomeTokens(kKvBlock + 1));
      std::vector<SequenceId> ids(7);
      ASSERT_TRUE(rig.engine->Fork(trunk, ids));
      ids.push_back(trunk);
      for (size_t step = 0; step < 3; ++step) {
        std::vector<Tokens> next;
        for (size_t b = 0; b < ids.size(); ++b) next.push_back(SomeTokens(1 + (b + step) % 3, b * 10 + step));
        std::vector<StepRequest> requests;
        for (size_t b = 0; b < ids.size(); ++b) requests.push_back({.seq = ids[b], .tokens = next[b], .logits = b % 2});
        const auto rows = rig.engine->Step(requests);
        ASSERT_TRUE(rows) << rows.error().what;
        ASSERT_EQ(rows->size(), 4u);
        for (size_t i = 0; i < 4; ++i) EXPECT_EQ(Row((*rows)[i]), rig.model.Expected(rig.engine->Tokens(ids[2 * i + 1])));
        rig.ExpectBlocksAddUp();
      }
    }
  }
}

TEST_P(EngineTest, TruncatedSequencesContinueAnotherWay) {
  for (const size_t keep : {size_t{0}, size_t{1}, kKvBlock, kKvBlock + 1, 3 * kKvBlock}) {
    Rig rig(Model(), {.max_sequences = 2});
    const Tokens prompt = SomeTokens(3 * kKvBlock + 1);
    const SequenceId id = rig.Start(prompt);
    const auto left = rig.engine->Truncate(id, keep);
    ASSERT_TRUE(left);
    EXPECT_LE(*left, keep);
    EXPECT_TRUE(GetParam() || *left == keep);
    EXPECT_EQ(rig.engine->Length(id), *left);
    rig.ExpectBlocksAddUp();
    rig.Append(id, SomeTokens(2 * kKvBlock, 77));
    rig.ExpectBlocksAddUp();
    rig.Start(prompt);  // what the tree kept of the first way is untouched
  }
}

TEST_P(EngineTest, TruncatedSequencesReturnToTheirMark) {
  Rig rig(Model(), {.max_sequences = 2, .marks = true});
  const SequenceId id = rig.Start(SomeTokens(kKvBlock + 3));
  ASSERT_TRUE(rig.engine->Mark(id));
  rig.Append(id, SomeTokens(2 * kKvBlock, 5));
  const auto left = rig.engine->Truncate(id, kKvBlock + 5);
  ASSERT_TRUE(left);
  EXPECT_EQ(*left, kKvBlock + (GetParam() ? 3 : 5));
  rig.Append(id, SomeTokens(7, 9));
  std::vector<SequenceId> branch(1);
  ASSERT_TRUE(rig.engine->Fork(id, branch));
  ASSERT_TRUE(rig.engine->Truncate(branch[0], kKvBlock + 4));  // has no mark of its own
  rig.Append(branch[0], SomeTokens(3, 4));
  ASSERT_TRUE(rig.engine->Truncate(id, kKvBlock + 1));  // before the mark, which is gone then
  rig.Append(id, SomeTokens(kKvBlock, 6));
  ASSERT_TRUE(rig.engine->Truncate(id, kKvBlock + 4));
  rig.Append(id, SomeTokens(3, 2));
  rig.ExpectBlocksAddUp();
}

TEST_P(EngineTest, EvictsWhatWasLeastRecentlyUsed) {
  Rig rig(Model(), {.context = 4 * kKvBlock, .max_sequences = 3}, 2, 8);
  const Tokens a = SomeTokens(3 * kKvBlock + 1, 1), b = SomeTokens(3 * kKvBlock + 1, 2), c = SomeTokens(4 * kKvBlock, 3);
  rig.engine->Close(rig.Start(a));
  rig.engine->Close(rig.Start(b));
  rig.engine->Close(rig.Start(c));  // 4 blocks and 2 free: a goes
  const size_t before = rig.engine->stats().reused_tokens;
  rig.engine->Close(rig.Start(b));
  EXPECT_GT(rig.engine->stats().reused_tokens, before);
  rig.Start(a);
  rig.ExpectBlocksAddUp();
}

TEST_P(EngineTest, ForgottenPrefixesAreComputedAgain) {
  Rig rig(Model(), {.max_sequences = 2});
  const Tokens forgotten = SomeTokens(2 * kKvBlock + 1, 1), open = SomeTokens(2 * kKvBlock + 1, 2);
  rig.engine->Close(rig.Start(forgotten));
  const SequenceId id = rig.Start(open);
  rig.engine->ForgetPrefixes();
  rig.ExpectBlocksAddUp();
  rig.engine->Close(rig.Start(forgotten));
  EXPECT_EQ(rig.engine->stats().reused_tokens, 0u);
  rig.Append(id, SomeTokens(kKvBlock, 9));
  rig.Start(open);
  EXPECT_EQ(rig.engine->stats().reused_tokens, 2 * kKvBlock);
  rig.ExpectBlocksAddUp();
}

TEST_P(EngineTest, RandomTrafficKeepsBytesAndBlocks) {
  Rig rig(Model(), {.context = 6 * kKvBlock, .max_sequences = 6, .max_rows = 2 * kKvBlock + 1}, 2, 14);
  std::vector<SequenceId> open;
  size_t exhausted = 0;
  for (uint64_t i = 0; i < 3000; ++i) {
    uint64_t draws = 0;
    const auto pick = [&](size_t n) { return size_t(RandomBits(i, ++draws) % n); };
    const size_t what = pick(10);
    if (what < 2 && open.size() < 6) {
      Tokens prompt = SomeTokens(1 + pick(4 * kKvBlock), pick(3));  // three texts, so that prefixes meet
      const auto id = rig.engine->Open(prompt);
      if (!id) continue;
      open.push_back(*id);
      const auto row = rig.engine->Read(*id, rig.engine->Rest(*id, prompt));
      EXPECT_TRUE(!row || Row(*row) == rig.model.Expected(prompt));
      exhausted += !row;
    } else if (what == 2 && !open.empty() && open.size() < 6) {
      std::vector<SequenceId> ids(1 + pick(6 - open.size()));
      ASSERT_TRUE(rig.engine->Fork(open[pick(open.size())], ids));
      open.insert(open.end(), ids.begin(), ids.end());
    } else if (what == 3 && !open.empty()) {
      const size_t at = pick(open.size());
      rig.engine->Close(open[at]);
      open.erase(open.begin() + ptrdiff_t(at));
    } else if (what == 4 && !open.empty()) {
      const SequenceId id = open[pick(open.size())];
      ASSERT_TRUE(rig.engine->Truncate(id, pick(rig.engine->Length(id) + 1)));
    } else if (what == 5 && i % 7 == 0) {
      rig.engine->ForgetPrefixes();
    } else if (!open.empty()) {
      std::vector<Tokens> next;
      std::vector<StepRequest> requests;
      for (size_t b = 0; b < open.size(); ++b) next.push_back(SomeTokens(1 + pick(2), pick(2)));
      for (size_t b = 0; b < open.size(); ++b)
        if (pick(4) > 0) requests.push_back({.seq = open[b], .tokens = next[b]});
      rig.engine->SetSplit(pick(2) ? Engine::Split::kAlone : Engine::Split::kTogether);
      const auto rows = rig.engine->Step(requests);
      exhausted += !rows;
      for (size_t r = 0; rows && r < rows->size(); ++r)
        EXPECT_EQ(Row((*rows)[r]), rig.model.Expected(rig.engine->Tokens(requests[r].seq)));
    }
    const Status status = rig.engine->CheckBlocks();
    ASSERT_TRUE(status) << status.error().what << " after operation " << i;
    ASSERT_FALSE(::testing::Test::HasFailure()) << "after operation " << i;
  }
  EXPECT_GT(exhausted, 0u);  // the memory was small enough for the edge to be met
  EXPECT_GT(rig.engine->stats().reused_tokens, 0u);
  EXPECT_GT(rig.engine->stats().copied_blocks, 0u);
  for (const SequenceId id : open) rig.engine->Close(id);
  rig.engine->ForgetPrefixes();
  rig.ExpectBlocksAddUp();
}

// The twin of the tests above: bytes that are not those of the tokens are noticed.
TEST(FakeModel, NoticesOneWrongToken) {
  const FakeModel model({.recurrent = true});
  Tokens tokens = SomeTokens(50);
  const auto right = model.Expected(tokens);
  tokens[3] = (tokens[3] + 1) % 17;
  EXPECT_NE(model.Expected(tokens), right);
}

TEST(EngineState, PrefixOfRecurrentModelsEndsAtASnapshot) {
  Rig rig({.recurrent = true}, {.max_sequences = 2});
  const Tokens prompt = SomeTokens(3 * kKvBlock + kKvBlock / 2);
  rig.engine->Close(rig.Start(prompt));
  const size_t before = rig.engine->stats().computed_tokens;
  rig.Start(prompt);
  EXPECT_LE(rig.engine->stats().computed_tokens - before, kKvBlock);
}

TEST(EngineErrors, SayWhatDoesNotFit) {
  Rig rig({}, {.context = 3 * kKvBlock, .max_sequences = 2, .max_rows = 2 * kKvBlock}, 1, 4);
  const auto too_long = rig.engine->Open(SomeTokens(3 * kKvBlock + 1));
  ASSERT_FALSE(too_long);
  EXPECT_EQ(too_long.error().code, Code::kBadInput);
  EXPECT_THAT(too_long.error().what, HasSubstr(std::to_string(3 * kKvBlock + 1) + " tokens"));
  EXPECT_THAT(too_long.error().what, HasSubstr("context is " + std::to_string(3 * kKvBlock) + " tokens"));

  const SequenceId a = rig.Start(SomeTokens(3 * kKvBlock));
  const auto no_blocks = rig.engine->Open(SomeTokens(2 * kKvBlock, 2));
  ASSERT_FALSE(no_blocks);
  EXPECT_EQ(no_blocks.error().code, Code::kExhausted);
  EXPECT_THAT(no_blocks.error().what, HasSubstr("needs 2 KV blocks"));
  EXPECT_THAT(no_blocks.error().what, HasSubstr("1 of 4 are available"));

  EXPECT_FALSE(rig.engine->Read(a, SomeTokens(1)));  // the context is full
  EXPECT_FALSE(rig.engine->Read(a + 1, SomeTokens(1)));
  EXPECT_FALSE(rig.engine->Read(-1, SomeTokens(1)));
  const Tokens bad = {17}, good = {1};
  rig.engine->Close(a);
  const SequenceId b = rig.Start(SomeTokens(1));
  EXPECT_THAT(rig.engine->Read(b, bad).error().what, HasSubstr("token 17"));
  const std::vector<StepRequest> twice = {{.seq = b, .tokens = good}, {.seq = b, .tokens = good}};
  EXPECT_THAT(rig.engine->Step(twice).error().what, HasSubstr("twice"));
  std::vector<SequenceId> many(2);
  EXPECT_EQ(rig.engine->Fork(b, many).error().code, Code::kExhausted);
  EXPECT_EQ(rig.engine->Length(b), 1u);
  rig.ExpectBlocksAddUp();
}

TEST(EngineErrors, FailedStepChangesNothing) {
  Rig rig({}, {.context = 4 * kKvBlock, .max_sequences = 3}, 1, 4);
  const SequenceId a = rig.Start(SomeTokens(2 * kKvBlock, 1)), b = rig.Start(SomeTokens(2 * kKvBlock, 2));
  const Tokens next = {3};
  const std::vector<StepRequest> both = {{.seq = a, .tokens = next}, {.seq = b, .tokens = next}};
  EXPECT_EQ(rig.engine->Step(both).error().code, Code::kExhausted);
  EXPECT_EQ(rig.engine->Length(a), 2 * kKvBlock);
  rig.ExpectBlocksAddUp();
  rig.engine->Close(b);
  rig.Append(a, next);
}

TEST(MemoryPlan, RefusesWhatDoesNotFitAndSaysWhatWould) {
  const FakeModel model({});
  const auto plan = PlanMemory(model.info(), {.context = 1000 * kKvBlock, .memory_bytes = 10 << 10});
  ASSERT_FALSE(plan);
  EXPECT_EQ(plan.error().code, Code::kExhausted);
  EXPECT_THAT(plan.error().what, HasSubstr("at most"));
  EXPECT_FALSE(PlanMemory(model.info(), {.max_sequences = 0}));
  EXPECT_FALSE(PlanMemory(model.info(), {.context = size_t{1} << 40}));
  const auto fits = PlanMemory(model.info(), {.memory_bytes = 1 << 20});
  ASSERT_TRUE(fits);
  EXPECT_EQ(fits->context, 256u);  // what the model was trained for
}

}  // namespace
}  // namespace hasten
