#include "text/json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>

namespace hasten {
namespace {

using ::testing::HasSubstr;

TEST(ParseJson, KeepsTheOrderOfMembersAndTheLastOfEqualNames) {
  const auto json = ParseJson(R"({"z": 1, "a": [true, null, {"b": "c"}], "z": 2.5, "": -7, "a2": 18446744073709551615})");
  ASSERT_TRUE(json) << json.error().what;
  EXPECT_EQ(json->dump(), R"({"z":2.5,"a":[true,null,{"b":"c"}],"":-7,"a2":18446744073709551615})");
}

TEST(MendSurrogates, ReplacesHalvesOfPairsAndNothingElse) {
  for (const auto& [text, mended] : std::initializer_list<std::pair<const char*, const char*>>{
           {R"("plain \n é")", R"("plain \n é")"},
           {R"("\ud83d\ude00")", R"("\ud83d\ude00")"},
           {R"("\ud83d")", R"("\ufffd")"},
           {R"("\uDE00x\uD83D\uD83D\uDE00")", R"("\ufffdx\ufffd\uD83D\uDE00")"},
           {R"("\\ud800")", R"("\\ud800")"},
           {R"("\\\ud800")", R"("\\\ufffd")"},
           {R"("\ud8)", R"("\ud8)"},
       }) {
    EXPECT_EQ(MendSurrogates(text), mended);
  }
}

TEST(ParseJson, ReadsSingleValues) {
  for (const char* text : {"1", "\"x\"", "null", "[]", "{}", "true"}) {
    const auto json = ParseJson(text);
    ASSERT_TRUE(json) << text;
    EXPECT_EQ(json->dump(), text);
  }
}

TEST(ParseJson, IsLinearInTheNumberOfMembers) {
  std::string text = "{";
  for (int i = 0; i < 300000; ++i) text += "\"k" + std::to_string(i % 299999) + "\":" + std::to_string(i) + ",";
  const auto json = ParseJson(text + "\"z\":0}");
  ASSERT_TRUE(json);
  EXPECT_EQ(json->size(), 300000u);
  EXPECT_EQ((*json)["k0"], 299999);
}

TEST(ParseJson, RefusesWithTheReason) {
  const struct {
    std::string text;
    const char* says;
  } kCases[] = {{"", "not JSON"},
                {"{", "not JSON"},
                {"[1,]", "not JSON"},
                {"\"\xff\"", "not JSON"},
                {"1e999", "not JSON"},
                {"[1] 2", "not JSON"},
                {"\"\\ud800\"", "not JSON"},
                {std::string(300, '[') + std::string(300, ']'), "nested deeper than 256"}};
  for (const auto& c : kCases) {
    const auto json = ParseJson(c.text);
    ASSERT_FALSE(json) << c.text;
    EXPECT_THAT(json.error().what, HasSubstr(c.says)) << c.text;
  }
}

}  // namespace
}  // namespace hasten
