// `hasten jail` as a user meets it.
#include <gmock/gmock.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "sandbox/jail.h"
#include "tests/cli/hasten.h"

namespace hasten {
namespace {

using nlohmann::json;

#define HASTEN_JAIL_OR_SKIP() \
  if (!sandbox::JailWorksHere()) GTEST_SKIP() << sandbox::JailWorksHere().error().what

TEST(JailVerb, PrintsAVerdictForEachWayToEnd) {
  HASTEN_JAIL_OR_SKIP();
  struct Case {
    std::vector<std::string> words;
    const char* verdict;
    int exit_code;
  };
  const std::vector<Case> cases = {
      {{"jail", "--", "sh", "-c", "echo hello"}, "accepted", 0},
      {{"jail", "--", "sh", "-c", "exit 3"}, "wrong", 1},
      {{"jail", "--", "sh", "-c", "kill -9 $$"}, "crashed", 1},
      {{"jail", "--time", "0.1", "--", "sleep", "100"}, "timed out", 1},
      {{"jail", "--output", "10K", "--", "yes"}, "output too long", 1},
      {{"jail", "--disk", "1M", "--", "sh", "-c", "cat /dev/zero > big"}, "out of memory", 1},
      {{"jail", "--no-jail", "--", "sh", "-c", "exit 3"}, "wrong", 1},
  };
  for (const Case& c : cases) {
    const ProcessResult r = Hasten(c.words);
    const json line = json::parse(r.out, nullptr, false);
    ASSERT_TRUE(line.is_object()) << r.out << r.err;
    EXPECT_EQ(line["verdict"], c.verdict) << r.out;
    EXPECT_EQ(r.exit_code, c.exit_code) << r.out;
  }
}

TEST(JailVerb, FilesGoInAndComeOut) {
  HASTEN_JAIL_OR_SKIP();
  const TempDir dir;
  WriteBytes(dir / "words.txt", "b\na\n");
  const ProcessResult r = Hasten({"jail", "--file", dir / "words.txt", "--collect", dir / "out", "--", "sh", "-c",
                                  "sort words.txt > sorted.txt; ln -s /etc/passwd stolen"});
  EXPECT_EQ(r.exit_code, 0) << r.out << r.err;
  EXPECT_EQ(ReadBytes(dir / "out/sorted.txt"), "a\nb\n");
  EXPECT_EQ(json::parse(r.out)["refused"], json::array({"stolen"}));
}

// A kernel that grants no namespaces, as one namespace of users can be told to be.
ProcessResult Refused(std::vector<std::string> words) {
  words.insert(words.begin(), {"unshare", "-Ur", "sh", "-c",
                               "echo 0 > /proc/sys/user/max_user_namespaces && exec \"$0\" \"$@\"", HASTEN_BINARY});
  return RunProcess(words);
}

TEST(JailVerb, WhereTheKernelRefusesItSaysSoAndRunsNothing) {
  HASTEN_JAIL_OR_SKIP();
  const TempDir dir;
  const std::string mark = dir / "ran";
  const ProcessResult r = Refused({"jail", "--", "touch", mark});
  if (r.exit_code == 1 && r.err.find("unshare") != std::string::npos) GTEST_SKIP() << r.err;
  EXPECT_EQ(r.exit_code, 4) << r.out << r.err;
  EXPECT_THAT(r.err, testing::HasSubstr("the kernel refuses namespaces"));
  EXPECT_THAT(r.err, testing::HasSubstr("--no-jail"));
  EXPECT_EQ(r.out, "");
  const ProcessResult solve = Refused({"solve", HASTEN_SOURCE_DIR "/examples/sorting_network/eight.toml", "--no-log"});
  EXPECT_EQ(solve.exit_code, 4) << solve.err;
  const ProcessResult forced = Refused({"jail", "--no-jail", "--", "touch", mark});
  EXPECT_EQ(forced.exit_code, 0) << forced.err;
  EXPECT_TRUE(std::filesystem::exists(mark));
}

TEST(JailVerb, SaysWhatIsWrongWithACommandLine) {
  struct Case {
    std::vector<std::string> words;
    const char* says;
  };
  for (const Case& c : std::vector<Case>{{{"jail", "--", "no-such-program"}, "no program 'no-such-program'"},
                                         {{"jail", "--bind", "/nowhere", "--", "true"}, "there is no '/nowhere'"},
                                         {{"jail", "--time", "0", "--", "true"}, "--time"}}) {
    const ProcessResult r = Hasten(c.words);
    EXPECT_EQ(r.exit_code, 2) << r.err;
    EXPECT_THAT(r.err, testing::HasSubstr(c.says));
  }
}

}  // namespace
}  // namespace hasten
