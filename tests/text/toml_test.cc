#include "text/toml.h"

#include <gtest/gtest.h>

namespace hasten {
namespace {

TEST(Toml, KeepsTheOrderAndTheLinesOfTheFile) {
  const auto toml = ParseToml("b = 1\na = [true, 'x']\n[t]\nc = 2.5\n");
  ASSERT_TRUE(toml) << toml.error().what;
  ASSERT_EQ(toml->members.size(), 3u);
  EXPECT_EQ(toml->members[0].first, "b");
  EXPECT_EQ(toml->members[0].second.integer, 1);
  EXPECT_EQ(toml->members[1].second.items.at(1).text, "x");
  EXPECT_EQ(toml->members[2].second.Find("c")->real, 2.5);
  EXPECT_EQ(toml->members[2].second.Find("c")->line, 4u);
}

TEST(Toml, WhatIsWrongIsSaidWithItsLine) {
  const struct {
    std::string text, says;
  } cases[] = {
      {"a = 1\nb =\n", "line 2"},
      {"a = 1\nb = \"\xff\"\n", "line 2: not UTF-8"},
      {"a = '''\xff\xfe'''\n", "line 1: not UTF-8"},
      {"a = '''\nx\xc3'''\n", "line 2: not UTF-8"},
      {std::string(100, '['), "deeper than 64"},
  };
  for (const auto& c : cases) {
    const auto toml = ParseToml(c.text);
    ASSERT_FALSE(toml) << c.text;
    EXPECT_NE(toml.error().what.find(c.says), std::string::npos) << toml.error().what;
  }
}

}  // namespace
}  // namespace hasten
