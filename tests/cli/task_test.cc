// `hasten solve task.toml`, its examples, its record, its page; from outside.
#include <unistd.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <sstream>

#include "tests/cli/hasten.h"
#include "tests/support/scripted_server.h"

namespace hasten {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

const std::string kExamples = HASTEN_SOURCE_DIR "/examples/";

constexpr char kEcho[] =
    "goal = \"Say three.\"\nlanguage = \"sh\"\n[budget]\nseconds = 20\n[propose]\nbranches = 2\nmutate = false\n"
    "[[check]]\nexamples = [{stdin = \"\", stdout = \"3\"}]\n";

class SolveTask : public ::testing::Test {
 protected:
  void SetUp() override {
    // Where the kernel grants no namespaces nothing of this can run.
    WriteBytes(dir_ / "seed.sh", "echo 3\n");
    WriteBytes(dir_ / "try.toml", std::string("program = \"seed.sh\"\n") + kEcho);
    const auto r = Hasten({"solve", dir_ / "try.toml", "--no-log"});
    if (r.exit_code == 4) GTEST_SKIP() << r.err;
    ASSERT_EQ(r.exit_code, 0) << r.err;
    EXPECT_EQ(r.out, "echo 3\n");
  }
  ProcessResult Logged(std::vector<std::string> arguments) {
    arguments.insert(arguments.end(), {"--log", dir_ / "runs.db"});
    return Hasten(arguments);
  }
  TempDir dir_;
};

// Knuth's zero-one principle.
bool Sorts(const std::string& network, unsigned n) {
  for (unsigned x = 0; x < 1u << n; ++x) {
    unsigned bits = x;
    std::istringstream in(network);
    for (unsigned i, j; in >> i >> j;) {
      if (i > j) std::swap(i, j);
      if ((bits >> i & 1) > (bits >> j & 1)) bits ^= 1u << i | 1u << j;
    }
    for (unsigned i = 0; i + 1 < n; ++i)
      if ((bits >> i & 1) > (bits >> (i + 1) & 1)) return false;
  }
  return true;
}

TEST_F(SolveTask, TheSmallestSortingNetworkOfEightIsFound) {
  const auto r = Logged({"solve", kExamples + "sorting_network/eight.toml"});
  ASSERT_EQ(r.exit_code, 0) << r.err;
  EXPECT_EQ(std::count(r.out.begin(), r.out.end(), '\n'), 19);
  EXPECT_TRUE(Sorts(r.out, 8)) << r.out;
  EXPECT_FALSE(Sorts(r.out.substr(r.out.find('\n') + 1), 8));
  EXPECT_THAT(r.err, HasSubstr("solved: the target is reached; best: score 19"));
}

TEST_F(SolveTask, CirclesArePackedBetterThanTheSeedPacksThem) {
  const auto r = Logged({"solve", kExamples + "circle_packing/task.toml", "--timeout", "30", "--candidates", "30", "--json"});
  const auto end = nlohmann::json::parse(r.out.substr(r.out.rfind('\n', r.out.size() - 2) + 1));
  EXPECT_EQ(end["event"], "end");
  ASSERT_TRUE(end["score"].is_number()) << r.out << r.err;
  EXPECT_GE(end["score"].get<double>(), 2.619);  // the seed alone: 2.6186
}

TEST_F(SolveTask, AKilledRunGoesOnAndIsRepeated) {
  std::string task = ReadBytes(kExamples + "sorting_network/ten.toml");
  task.replace(task.find("target = 29"), 11, "target = 20");  // nobody reaches that
  WriteBytes(dir_ / "ten.toml", task);
  for (const char* file : {"ten.txt", "judge.py"}) WriteBytes(dir_ / file, ReadBytes(kExamples + "sorting_network/" + file));
  const auto killed =
      RunProcess({"timeout", "-s", "KILL", "2", HASTEN_BINARY, "solve", dir_ / "ten.toml", "--log", dir_ / "runs.db"});
  ASSERT_EQ(killed.exit_code, 137);
  const auto list = nlohmann::json::parse(Logged({"runs", "--json"}).out);
  EXPECT_EQ(list["status"], "running");
  const std::string before = Logged({"runs", "show", "1", "--json"}).out;
  const size_t trials = size_t(std::count(before.begin(), before.end(), '\n')) - 1;
  ASSERT_GT(trials, 0u);
  const auto resumed = Logged({"solve", "--resume", "1", "--candidates", std::to_string(trials + 500)});
  EXPECT_EQ(resumed.exit_code, 1) << resumed.err;
  const std::string after = Logged({"runs", "show", "1", "--json"}).out;
  EXPECT_GE(size_t(std::count(after.begin(), after.end(), '\n')), trials + 400);
  const auto replay = Logged({"replay", "1"});
  EXPECT_EQ(replay.exit_code, 0) << replay.out << replay.err;
  EXPECT_THAT(replay.out, HasSubstr(" 0 different"));
  WriteBytes(dir_ / "ten.txt", "0 1\n");
  const auto changed = Logged({"replay", "1"});
  EXPECT_EQ(changed.exit_code, 2);
  EXPECT_THAT(changed.err, HasSubstr("has changed since"));
}

TEST_F(SolveTask, AServerProposesAndIsPaid) {
  const ScriptedServer server([](size_t number, const std::string&) {
    return ChatReply(number < 2 ? "```sh\necho 4\n```" : "```sh\necho 3\n```", 1000, 500);
  });
  WriteBytes(dir_ / "t.toml", kEcho);
  const auto r = Logged({"solve", dir_ / "t.toml", "--upstream", server.url(), "--upstream-model", "m-1", "--price-in", "1",
                         "--price-out", "2", "-o", dir_ / "out.sh"});
  EXPECT_EQ(r.exit_code, 0) << r.err;
  EXPECT_EQ(ReadBytes(dir_ / "out.sh"), "echo 3\n");
  EXPECT_THAT(r.err, HasSubstr("$0.00"));
  const std::string shown = Logged({"runs", "show", "1", "--json"}).out;
  EXPECT_THAT(shown, HasSubstr("\"model_hash\":\"m-1\""));
  EXPECT_THAT(shown, HasSubstr("\"dollars\":0.002"));
  EXPECT_EQ(Logged({"replay", "1"}).exit_code, 0);
}

TEST_F(SolveTask, TheKeyIsSentToThisMachineAndNotShown) {
  const ScriptedServer server([](size_t, const std::string&) { return ChatReply("```\necho 3\n```"); });
  WriteBytes(dir_ / "t.toml", kEcho);
  const auto r =
      Hasten({"solve", dir_ / "t.toml", "--upstream", server.url(), "--key-env", "MY_KEY", "--log", dir_ / "runs.db"},
             {.environment = {"MY_KEY=sesame"}});
  EXPECT_EQ(r.exit_code, 0) << r.err;
  EXPECT_THAT(server.heads().at(0), HasSubstr("Authorization: Bearer sesame"));
  EXPECT_THAT(r.out + r.err + ReadBytes(dir_ / "runs.db"), Not(HasSubstr("sesame")));
  const auto unset = Hasten({"solve", dir_ / "t.toml", "--upstream", server.url(), "--key-env", "NO_SUCH", "--no-log"});
  EXPECT_EQ(unset.exit_code, 2);
  EXPECT_THAT(unset.err, HasSubstr("'NO_SUCH'"));
}

TEST_F(SolveTask, ALocalModelProposesTheSameTwice) {
  ASSERT_EQ(Hasten({"synth", "stories-15m", "--quant", "Q4_0", "-o", dir_ / "m.gguf"}).exit_code, 0);
  WriteBytes(dir_ / "t.toml", kEcho);
  const auto r = Logged({"solve", dir_ / "t.toml", "--model", dir_ / "m.gguf", "--candidates", "6", "--ctx", "400"});
  EXPECT_EQ(r.exit_code, 1) << r.err;  // a random model says nothing sensible
  const std::string shown = Logged({"runs", "show", "1", "--json"}).out;
  EXPECT_THAT(shown, HasSubstr("\"proposer\":\"model\""));
  const auto replay = Logged({"replay", "1", "--ctx", "400"});
  EXPECT_EQ(replay.exit_code, 0) << replay.out << replay.err;
}

TEST_F(SolveTask, AFullDiskLosesNoProgram) {
  // A jail needs more users than a namespace of one has, so that only root can have a small disk of its own here.
  if (::geteuid() != 0) GTEST_SKIP() << "only root may mount";
  const auto r = RunProcess(
      {"unshare", "-m", "sh", "-c",
       "cd \"$1\" && mkdir full && mount -t tmpfs -o size=8k none full && (head -c 9000 /dev/zero > full/fill; true) && "
       "exec \"$0\" solve try.toml --no-log -o full/out.sh",
       HASTEN_BINARY, dir_.path().string()});
  if (r.err.find("unshare") != std::string::npos || r.err.find("mount") != std::string::npos) GTEST_SKIP() << r.err;
  EXPECT_EQ(r.out, "echo 3\n") << r.err;
  EXPECT_NE(r.exit_code, 0);
  EXPECT_THAT(r.err, HasSubstr("No space left on device"));
  EXPECT_THAT(r.err, HasSubstr("on standard output instead"));
}

TEST_F(SolveTask, AReportStandsAlone) {
  ASSERT_EQ(Logged({"solve", kExamples + "sorting_network/eight.toml"}).exit_code, 0);
  ASSERT_EQ(Logged({"report", "1", "-o", dir_ / "run.html"}).exit_code, 0);
  const std::string page = ReadBytes(dir_ / "run.html");
  EXPECT_THAT(page, HasSubstr("Score over time"));
  EXPECT_THAT(page, HasSubstr("id=\"winner\""));
  for (const char* outside : {"<script", "src=", "href=", "url(", "@import"}) EXPECT_THAT(page, Not(HasSubstr(outside)));
  if (RunProcess({"sh", "-c", "command -v chromium"}).exit_code != 0) GTEST_SKIP() << "no chromium: the page is not opened";
  const auto dom = RunProcess({"timeout", "60", "chromium", "--headless", "--no-sandbox", "--disable-gpu", "--dump-dom",
                               "--user-data-dir=" + (dir_ / "profile"), "file://" + (dir_ / "run.html")});
  EXPECT_THAT(dom.out, HasSubstr("The winner"));
  EXPECT_THAT(dom.out, HasSubstr("<path d=\"M"));
}

TEST(SolveTaskFile, WhatIsWrongWithATaskIsNamed) {
  TempDir dir;
  WriteBytes(dir / "t.toml", "goal = 1\n");
  const auto r = Hasten({"solve", dir / "t.toml", "--no-log"});
  EXPECT_EQ(r.exit_code, 2);
  EXPECT_THAT(r.err, HasSubstr("line 1: 'goal' is a whole number"));
  EXPECT_THAT(Hasten({"solve", dir / "t.toml", "--resume", "7", "--log", dir / "runs.db"}).err, HasSubstr("no run 7"));
  WriteBytes(dir / "u.toml", kEcho);
  const auto nobody = Hasten({"solve", dir / "u.toml", "--no-log"});
  EXPECT_EQ(nobody.exit_code, 2);
  EXPECT_THAT(nobody.err, HasSubstr("nobody can propose"));
}

}  // namespace
}  // namespace hasten
