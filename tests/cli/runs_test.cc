// `hasten runs` and the record that `hasten solve` keeps.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/cli/hasten.h"

namespace hasten {
namespace {

using ::testing::HasSubstr;

class Runs : public ::testing::Test {
 protected:
  Runs() {
    WriteBytes(dir_ / "t.csv", "in,out\nab,AB\ncd,CD\nef,EF\ngh,\n");
    WriteBytes(dir_ / "none.sl", "(synth-fun f ((x String)) String ((S String (x))))(constraint (= (f \"a\") \"b\"))");
  }
  ProcessResult Solve(const std::string& file) {
    return Hasten({"solve", dir_ / file, "--accept", "--timeout", "0.3", "--log", dir_ / "runs.db"});
  }
  ProcessResult Log(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "runs");
    arguments.insert(arguments.end(), {"--log", dir_ / "runs.db"});
    return Hasten(arguments);
  }
  TempDir dir_;
};

TEST_F(Runs, TablesAreRecordedListedShownAndDeleted) {
  ASSERT_EQ(Solve("t.csv").exit_code, 0);
  ASSERT_EQ(Solve("none.sl").exit_code, 1);
  const auto list = Log({});
  EXPECT_EQ(list.exit_code, 0) << list.err;
  EXPECT_THAT(list.out, HasSubstr("t.csv"));
  EXPECT_LT(list.out.find("none.sl"), list.out.find("t.csv\n"));  // newest first
  EXPECT_THAT(list.out, HasSubstr("unsolved"));
  const auto show = Log({"show", "1", "--json"});
  std::istringstream lines(show.out);
  std::string line;
  ASSERT_TRUE(std::getline(lines, line));
  EXPECT_EQ(nlohmann::json::parse(line)["status"], "solved");
  ASSERT_TRUE(std::getline(lines, line));
  EXPECT_EQ(nlohmann::json::parse(line)["verdict"], "accepted");
  EXPECT_THAT(Log({"show", "1"}).out, HasSubstr("upper"));
  EXPECT_EQ(Log({"show", "7"}).exit_code, 2);
  EXPECT_EQ(Log({"delete"}).exit_code, 2);
  EXPECT_EQ(Log({"delete", "1", "9"}).exit_code, 2);  // and nothing is deleted
  EXPECT_THAT(Log({"delete", "1"}).out, HasSubstr("1 runs deleted"));
  EXPECT_EQ(Log({"prune"}).exit_code, 2);
  EXPECT_THAT(Log({"prune", "--keep", "0"}).out, HasSubstr("1 runs deleted"));
  EXPECT_THAT(Log({}).out, HasSubstr("no runs yet"));
}

TEST_F(Runs, ALogThatCannotBeWritten) {
  const auto named = Hasten({"solve", dir_ / "t.csv", "--log", dir_ / "t.csv/x.db"});
  EXPECT_EQ(named.exit_code, 2);
  EXPECT_THAT(named.err, HasSubstr("cannot open the run log"));
  EXPECT_EQ(named.out, "");
  const auto none = Hasten({"solve", dir_ / "t.csv", "--no-log", "--log", dir_ / "t.csv/x.db"});
  EXPECT_EQ(none.exit_code, 0) << none.err;
  const auto usual = Hasten({"solve", dir_ / "t.csv"}, {.environment = {"XDG_DATA_HOME=" + (dir_ / "t.csv")}});
  EXPECT_EQ(usual.exit_code, 0) << "an answer is worth more than its record";
  EXPECT_THAT(usual.err, HasSubstr("without a record"));
  EXPECT_THAT(usual.out, HasSubstr("gh,GH"));
}

TEST_F(Runs, AFullDiskCostsTheRecordAndNotTheAnswer) {
  // A limit on files' sizes stands for the disk: SQLite hears a refusal of the same kind.
  const auto r = RunProcess({"env", "XDG_DATA_HOME=" + dir_.path().string(), "sh", "-c",
                             "trap '' XFSZ; ulimit -f 4; exec \"$@\"", "sh", HASTEN_BINARY, "solve", dir_ / "t.csv"});
  EXPECT_EQ(r.exit_code, 0) << r.err;
  EXPECT_THAT(r.err, HasSubstr("is the disk full?"));
  EXPECT_THAT(r.err, HasSubstr("without a record"));
  EXPECT_THAT(r.out, HasSubstr("gh,GH"));
}

TEST_F(Runs, WithoutALogThereIsNothingToList) {
  const auto r = Log({});
  EXPECT_EQ(r.exit_code, 2);
  EXPECT_THAT(r.err, HasSubstr("no run log"));
}

}  // namespace
}  // namespace hasten
