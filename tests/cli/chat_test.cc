// `hasten chat` from a pipe, and the conversation behind it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "cli/conversation.h"
#include "tests/cli/hasten.h"

namespace hasten {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(Conversation, BranchesAreCopiesThatGoTheirOwnWay) {
  Conversation c;
  c.Say("user", "q");
  c.Say("assistant", "a", "thought");
  EXPECT_TRUE(c.Branch("other"));
  c.Say("user", "q2");
  EXPECT_EQ(c.messages().size(), 3u);
  EXPECT_FALSE(c.Branch("main"));
  EXPECT_EQ(c.messages().size(), 2u);
  EXPECT_EQ(c.Branches(), (std::map<std::string, size_t>{{"main", 2}, {"other", 3}}));
  EXPECT_TRUE(c.ForgetAnswer());
  EXPECT_TRUE(c.Asks());
  EXPECT_FALSE(Conversation().ForgetAnswer());
}

TEST(Conversation, TheSystemMessageStandsFirst) {
  Conversation c;
  c.Say("user", "q");
  c.SetSystem("one");
  c.SetSystem("two");
  EXPECT_EQ(c.System(), "two");
  EXPECT_EQ(c.messages().size(), 2u);
  c.SetSystem("");
  EXPECT_EQ(c.System(), "");
  EXPECT_EQ(c.messages()[0]["content"], "q");
}

TEST(Conversation, SavingReplacesOnlyItsOwnFile) {
  const TempDir folder;
  WriteBytes(folder / "other", "mine");
  Conversation c;
  c.Say("user", "Grüße");
  EXPECT_FALSE(c.Save(folder / "other"));
  EXPECT_TRUE(c.Save(folder / "talk.json"));
  c.Say("assistant", "a");
  EXPECT_TRUE(c.Save(folder / "talk.json"));
  Conversation loaded;
  EXPECT_TRUE(loaded.Load(folder / "talk.json"));
  EXPECT_EQ(loaded.messages(), c.messages());
  EXPECT_FALSE(loaded.Load(folder / "other"));
  EXPECT_FALSE(loaded.Load(folder / "absent"));
}

class ChatVerb : public testing::Test {
 protected:
  void SetUp() override {
    const auto made = Hasten({"synth", "--layers", "1", "--width", "64", "-o", model_});
    ASSERT_EQ(made.exit_code, 0) << made.err;
  }
  ProcessResult Chat(const std::string& input, std::vector<std::string> flags = {"-n", "4"}) {
    std::vector<std::string> arguments = {"chat", model_, "--greedy", "--ctx", "256"};
    arguments.insert(arguments.end(), flags.begin(), flags.end());
    return Hasten(arguments, {.input = input});
  }
  TempDir folder_;
  const std::string model_ = folder_ / "model.gguf";
};

TEST_F(ChatVerb, AnswersEachLineAndObeysCommands) {
  const std::string saved = folder_ / "talk.json";
  const auto r =
      Chat("Hello\n/branch side\nAnd \\\nmore\n\"\"\"a\nb\"\"\"\n/branch\n/system Be brief\n/tokens\n/nonsense\n/save " +
           saved + "\n/quit\nnever read\n");
  EXPECT_EQ(r.exit_code, 0) << r.err;
  for (const char* said : {"new branch 'side'", "* side: 6 messages", "  main: 2 messages", "system: Be brief", "tokens of 256",
                           "no command /nonsense", "saved to"})
    EXPECT_THAT(r.err, HasSubstr(said));
  const auto talk = nlohmann::ordered_json::parse(ReadBytes(saved))["messages"];
  ASSERT_EQ(talk.size(), 7u);
  EXPECT_EQ(talk[0]["content"], "Be brief");
  EXPECT_EQ(talk[3]["content"], "And \nmore");
  EXPECT_EQ(talk[5]["content"], "a\nb");
  EXPECT_EQ(talk[6]["role"], "assistant");
}

TEST_F(ChatVerb, TheSameConversationGetsTheSameAnswers) {
  const auto first = Chat("Hello\nAgain\n"), second = Chat("Hello\nAgain\n");
  EXPECT_EQ(first.out, second.out);
  EXPECT_NE(first.out, "");
}

TEST_F(ChatVerb, AnswersAreHeldToWhatWasAskedFor) {
  const auto lines = Chat("Hello\nAgain\n", {"--regex", "(yes|no), [a-c]{2}", "-n", "40"});
  EXPECT_EQ(lines.exit_code, 0) << lines.err;
  EXPECT_THAT(lines.out, testing::MatchesRegex("((yes|no), [abc][abc]\n){2}"));
  const auto object = Chat("Hello\n", {"--schema", R"({"enum": [{"city": "Oslo"}]})", "-n", "60"});
  EXPECT_EQ(nlohmann::json::parse(object.out)["city"], "Oslo") << object.out;
  const auto wrong = Chat("Hello\n", {"--regex", "(", "-n", "4"});
  EXPECT_EQ(wrong.exit_code, 2);
  EXPECT_EQ(wrong.out, "");
}

TEST_F(ChatVerb, TooLongAMessageIsNamedAndForgotten) {
  const auto r = Chat(std::string(2000, 'x') + "\nHello\n");
  EXPECT_THAT(r.err, HasSubstr("the context holds 256"));
  EXPECT_EQ(r.exit_code, 0);
  EXPECT_NE(r.out, "");
}

}  // namespace
}  // namespace hasten
