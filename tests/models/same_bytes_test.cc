// The determinism contract at the level of models: for every family, the same bytes however the work is cut.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "base/cpu.h"
#include "tests/models/runner.h"
#include "tests/tiny/tiny.h"

namespace hasten {
namespace {

constexpr size_t kTokens = kKvBlock + 11;  // a block and a part of one, or some

// Rows [begin, end) of logits [T, V].
std::vector<float> RowsOf(const std::vector<float>& logits, size_t vocab, size_t begin, size_t end) {
  return {logits.begin() + long(begin * vocab), logits.begin() + long(end * vocab)};
}

class EveryFamily : public ::testing::TestWithParam<const char*> {
 protected:
  EveryFamily() : bytes_(TinyModel(GetParam()).Build()), model_(MustLoad(bytes_.file)), tokens_(TinyTokens(kTokens)) {}
  size_t vocab() const { return model_->info().vocab; }
  bool bidirectional() const { return model_->info().bidirectional; }
  std::vector<float> Whole(size_t lanes, KvType kv = KvType::kF32) const {
    Runner runner(*model_, {.lanes = lanes, .kv = kv, .bidirectional = bidirectional()});
    return runner.Whole(tokens_);
  }

  ModelBytes bytes_;
  std::unique_ptr<Model> model_;
  std::vector<int32_t> tokens_;
};

TEST_P(EveryFamily, MetadataSayWhetherItIsBidirectional) { EXPECT_EQ(bidirectional(), TinyIsBidirectional(GetParam())); }

TEST_P(EveryFamily, OneLaneOrSeveral) {
  const std::vector<float> one = Whole(1);
  EXPECT_TRUE(std::ranges::all_of(one, [](float x) { return std::isfinite(x); }));
  for (const size_t lanes : {2, 3}) EXPECT_EQ(Whole(lanes), one) << lanes << " lanes";
}

TEST_P(EveryFamily, WeightsPackedByOneLaneOrSeveral) {
  const auto packed_by_three = MustLoad(bytes_.file, 3);
  Runner runner(*packed_by_three, {.bidirectional = bidirectional()});
  EXPECT_EQ(runner.Whole(tokens_), Whole(1));
}

TEST_P(EveryFamily, WholeOrInChunksOrTokenByToken) {
  if (bidirectional()) GTEST_SKIP() << "reads a text whole only";
  const std::vector<float> whole = Whole(1);
  for (const size_t chunk : {size_t{1}, size_t{7}, kKvBlock + 1}) {
    Runner runner(*model_, {});
    EXPECT_EQ(runner.Whole(tokens_, chunk), whole) << "chunks of " << chunk;
  }
  for (const KvType kv : {KvType::kF16, KvType::kBF16, KvType::kI16, KvType::kI8}) {
    Runner runner(*model_, {.lanes = 2, .kv = kv});
    EXPECT_EQ(runner.Whole(tokens_, 9), Whole(1, kv));
  }
}

TEST_P(EveryFamily, ForkedAnywhere) {
  if (bidirectional()) GTEST_SKIP() << "reads a text whole only";
  const std::vector<float> whole = Whole(1);
  for (const size_t at : {size_t{1}, kKvBlock, kTokens - 2}) {
    Runner runner(*model_, {});
    const size_t trunk = runner.NewSequence();
    const std::vector<int32_t> head(tokens_.begin(), tokens_.begin() + long(at)),
        rest(tokens_.begin() + long(at), tokens_.end());
    runner.Feeds({{trunk, head}});
    const size_t branch = runner.Fork(trunk), other = runner.Fork(trunk);
    const auto expected = RowsOf(whole, vocab(), at, kTokens);
    runner.Feeds({{other, TinyTokens(rest.size(), 7)}});  // a sibling that goes elsewhere leaves no trace
    EXPECT_EQ(runner.Feeds({{branch, rest}}), expected) << "forked at " << at;
    EXPECT_EQ(runner.Feeds({{trunk, rest}}), expected) << "the trunk, forked at " << at;
  }
}

TEST_P(EveryFamily, AloneOrAmongOthers) {
  const std::vector<int32_t> second = TinyTokens(5, 2), third = TinyTokens(17, 3);
  Runner alone(*model_, {.bidirectional = bidirectional()});
  const std::vector<float> a = alone.Whole(tokens_), b = alone.Whole(second), c = alone.Whole(third);
  Runner together(*model_, {.lanes = 2, .bidirectional = bidirectional()});
  const size_t s2 = together.NewSequence(), s1 = together.NewSequence(), s3 = together.NewSequence();
  const std::vector<float> all = together.Feeds({{s1, tokens_}, {s2, second}, {s3, third}});
  EXPECT_EQ(RowsOf(all, vocab(), 0, kTokens), a);
  EXPECT_EQ(RowsOf(all, vocab(), kTokens, kTokens + 5), b);
  EXPECT_EQ(RowsOf(all, vocab(), kTokens + 5, kTokens + 22), c);
}

TEST_P(EveryFamily, OtherTokensGiveOtherBytes) {
  std::vector<int32_t> other = tokens_;
  other[0] = (other[0] + 1) % 75;
  Runner runner(*model_, {.bidirectional = bidirectional()});
  EXPECT_NE(RowsOf(runner.Whole(other), vocab(), kTokens - 1, kTokens), RowsOf(Whole(1), vocab(), kTokens - 1, kTokens));
}

std::string NameOf(const ::testing::TestParamInfo<const char*>& model) {
  std::string name = model.param;
  std::erase(name, '-');
  return name;
}
INSTANTIATE_TEST_SUITE_P(Models, EveryFamily, ::testing::ValuesIn(TinyNames().begin(), TinyNames().end()), NameOf);

}  // namespace
}  // namespace hasten
