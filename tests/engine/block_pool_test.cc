#include "engine/block_pool.h"

#include <gtest/gtest.h>

namespace hasten {
namespace {

TEST(BlockPool, GivesEveryBlockOnceThenNone) {
  BlockPool pool(5);
  std::vector<bool> seen(5);
  for (int i = 0; i < 5; ++i) {
    const int32_t id = pool.Take();
    ASSERT_GE(id, 0);
    EXPECT_FALSE(seen[id]);
    seen[id] = true;
  }
  EXPECT_EQ(pool.Take(), -1);
  EXPECT_EQ(pool.free(), 0u);
}

TEST(BlockPool, LastHolderFrees) {
  BlockPool pool(2);
  const int32_t id = pool.Take();
  pool.Share(id);
  pool.Share(id);
  EXPECT_EQ(pool.holders(id), 3u);
  pool.Release(id);
  pool.Release(id);
  EXPECT_EQ(pool.free(), 1u);
  pool.Release(id);
  EXPECT_EQ(pool.free(), 2u);
}

TEST(BlockPool, CountsWhatOnlyTheTreeHolds) {
  BlockPool pool(3);
  const int32_t id = pool.Take();
  pool.Share(id);
  pool.SetInTree(id, true);
  EXPECT_EQ(pool.only_in_tree(), 0u);
  pool.Release(id);  // the sequence closes
  EXPECT_EQ(pool.only_in_tree(), 1u);
  EXPECT_EQ(pool.available(), 3u);
  pool.Share(id);  // another one opens
  EXPECT_EQ(pool.only_in_tree(), 0u);
  pool.Release(id);
  pool.SetInTree(id, false);
  pool.Release(id);
  EXPECT_EQ(pool.free(), 3u);
  EXPECT_EQ(pool.only_in_tree(), 0u);
}

}  // namespace
}  // namespace hasten
