#include "engine/prefix_tree.h"

#include <gtest/gtest.h>

#include <array>
#include <span>

namespace hasten {
namespace {

using Tokens = std::array<int32_t, 2>;
constexpr Tokens kA = {1, 2}, kB = {3, 4}, kC = {5, 6};

TEST(PrefixTree, FindsWhatWasInsertedUnderItsParentOnly) {
  PrefixTree tree(8, 2);
  tree.Insert(PrefixTree::kRoot, kA, 3);
  tree.Insert(3, kB, 7);
  EXPECT_EQ(tree.Find(PrefixTree::kRoot, kA), 3);
  EXPECT_EQ(tree.Find(3, kB), 7);
  EXPECT_EQ(tree.Find(PrefixTree::kRoot, kB), PrefixTree::kNone);
  EXPECT_EQ(tree.Find(3, kA), PrefixTree::kNone);
  EXPECT_EQ(tree.Find(7, kB), PrefixTree::kNone);
}

TEST(PrefixTree, FindsWhatSharesMostOfABlockWholeOrTail) {
  PrefixTree tree(8, 4);
  const std::array<int32_t, 4> whole = {1, 2, 3, 4}, other = {1, 2, 9, 9}, strange = {7, 7, 7, 7};
  const std::array<int32_t, 3> tail = {1, 2, 9};
  tree.Insert(PrefixTree::kRoot, whole, 0);
  tree.Insert(PrefixTree::kRoot, tail, 1);
  EXPECT_EQ(tree.FindPart(PrefixTree::kRoot, std::span(whole).first(3)).node, 0);
  EXPECT_EQ(tree.FindPart(PrefixTree::kRoot, std::span(whole).first(3)).tokens, 3u);
  EXPECT_EQ(tree.FindPart(PrefixTree::kRoot, other).node, 1);
  EXPECT_EQ(tree.FindPart(PrefixTree::kRoot, other).tokens, 3u);
  EXPECT_EQ(tree.FindPart(PrefixTree::kRoot, strange).node, PrefixTree::kNone);
  EXPECT_EQ(tree.FindPart(0, whole).node, PrefixTree::kNone);
  EXPECT_EQ(tree.Find(PrefixTree::kRoot, other), PrefixTree::kNone);
  EXPECT_EQ(tree.FindTail(PrefixTree::kRoot, other), 1);
  EXPECT_EQ(tree.FindTail(PrefixTree::kRoot, whole), PrefixTree::kNone);
  EXPECT_EQ(tree.FindTail(PrefixTree::kRoot, std::span(tail).first(2)), PrefixTree::kNone);
  tree.Remove(0);
  EXPECT_EQ(tree.FindPart(PrefixTree::kRoot, whole).node, 1);
  EXPECT_EQ(tree.FindPart(PrefixTree::kRoot, whole).tokens, 2u);
  tree.Remove(1);
  EXPECT_EQ(tree.FindPart(PrefixTree::kRoot, whole).node, PrefixTree::kNone);
  EXPECT_EQ(tree.size(), 0u);
}

TEST(PrefixTree, OldestIsAlwaysALeaf) {
  PrefixTree tree(8, 2);
  tree.Insert(PrefixTree::kRoot, kA, 0);
  tree.Insert(0, kB, 1);
  tree.Insert(0, kC, 2);
  EXPECT_EQ(tree.Oldest(), 1);
  tree.Touch(1);
  EXPECT_EQ(tree.Oldest(), 2);
  EXPECT_TRUE(tree.IsLeaf(2));
  tree.Remove(2);
  EXPECT_EQ(tree.Oldest(), 1);
  tree.Remove(1);
  EXPECT_EQ(tree.Oldest(), 0);
  tree.Remove(0);
  EXPECT_EQ(tree.Oldest(), PrefixTree::kNone);
  EXPECT_EQ(tree.size(), 0u);
}

TEST(PrefixTree, RemovedBlocksCanBecomeOtherNodes) {
  PrefixTree tree(1, 2);
  tree.Insert(PrefixTree::kRoot, kA, 0);
  tree.Remove(0);
  EXPECT_EQ(tree.Find(PrefixTree::kRoot, kA), PrefixTree::kNone);
  tree.Insert(PrefixTree::kRoot, kB, 0);
  EXPECT_EQ(tree.Find(PrefixTree::kRoot, kB), 0);
}

TEST(PrefixTree, ManyNodesInFewBucketsStayApart) {
  constexpr int32_t kNodes = 200;
  PrefixTree tree(kNodes, 2);
  for (int32_t i = 0; i < kNodes; ++i) tree.Insert(i % 7 == 0 ? PrefixTree::kRoot : i - 1, Tokens{i / 3, i % 3}, i);
  for (int32_t i = 0; i < kNodes; ++i) EXPECT_EQ(tree.Find(i % 7 == 0 ? PrefixTree::kRoot : i - 1, Tokens{i / 3, i % 3}), i);
}

}  // namespace
}  // namespace hasten
