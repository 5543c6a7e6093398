// The binary, driven from outside: what it says, and how it ends.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>

#include "tests/cli/hasten.h"

namespace hasten {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

// Wrong usage: code 2, nothing on standard output, one sentence on standard error that says what to do.
void ExpectUsageError(const ProcessResult& r, const std::string& expected) {
  EXPECT_EQ(r.exit_code, 2);
  EXPECT_EQ(r.out, "");
  EXPECT_THAT(r.err, StartsWith("hasten: "));
  EXPECT_THAT(r.err, HasSubstr(expected));
  EXPECT_EQ(std::count(r.err.begin(), r.err.end(), '\n'), 1) << r.err;
}

std::vector<std::string> VerbNames() {
  std::istringstream help(Hasten({"--help"}).out);
  std::vector<std::string> names;
  bool inside = false;
  for (std::string line; std::getline(help, line);) {
    if (inside && line.empty()) break;
    if (inside && line.size() > 2 && line[2] != ' ') names.push_back(line.substr(2, line.find(' ', 2) - 2));
    inside = inside || line == "Verbs:";
  }
  return names;
}

TEST(Hasten, TellsItsVersion) {
  const auto r = Hasten({"--version"});
  EXPECT_EQ(r.exit_code, 0);
  EXPECT_EQ(r.out, "hasten " HASTEN_VERSION "\n");
}

TEST(Hasten, HelpListsVerbsCommonFlagsAndExitCodes) {
  const auto r = Hasten({"--help"});
  EXPECT_EQ(r.exit_code, 0);
  for (const char* word : {"Verbs:", "--threads", "--ctx", "--memory", "--config", "HASTEN_ISA", "Exit codes:"})
    EXPECT_THAT(r.out, HasSubstr(word));
  EXPECT_THAT(VerbNames(), ::testing::Contains("completions"));
}

TEST(Hasten, HelpOfEveryVerbHasUsageExamplesAndExitCodes) {
  for (const std::string& verb : VerbNames()) {
    const auto r = Hasten({verb, "--help"});
    EXPECT_EQ(r.exit_code, 0) << verb;
    for (const std::string& word :
         {"Usage: hasten " + verb, std::string("Example"), "  hasten " + verb, std::string("Exit codes:")})
      EXPECT_THAT(r.out, HasSubstr(word)) << verb;
    EXPECT_EQ(r.err, "") << verb;
  }
}

TEST(Hasten, WrongUsageEndsWithTwoAndOneSentence) {
  struct Case {
    std::vector<std::string> arguments;
    const char* expected;
  };
  for (const Case& c : std::initializer_list<Case>{
           {{}, "a verb is missing; see 'hasten --help'"},
           {{"frobnicate"}, "unknown verb 'frobnicate'"},
           {{"--frobnicate"}, "unknown flag '--frobnicate'"},
           {{"completion", "bash"}, "unknown verb 'completion', did you mean 'completions'? See 'hasten --help'"},
           {{"completions", "bash", "--thread=2"}, "unknown flag '--thread=2', did you mean '--threads'? See"},
           {{"completions"}, "SHELL is required; see 'hasten completions --help'"},
           {{"completions", "tcsh"}, "tcsh"},
           {{"completions", "bash", "zsh"}, "unexpected argument 'zsh'"},
           {{"completions", "bash", "--frobnicate"}, "unknown flag '--frobnicate'; see 'hasten completions --help'"},
           {{"completions", "bash", "--threads", "0"}, "--threads"},
           {{"completions", "bash", "--threads", "-1"}, "--threads"},
           {{"completions", "bash", "--threads", "many"}, "--threads"},
           {{"completions", "bash", "--threads"}, "--threads"},
           {{"completions", "bash", "--ctx", "0"}, "--ctx"},
           {{"completions", "bash", "--memory", "lots"}, "'lots' is not a size; write for example 512M or 4G"},
           {{"completions", "bash", "--memory", "-1G"}, "'-1G' is not a size"},
           {{"completions", "bash", "--memory", "1e300"}, "'1e300' is not a size"},
       })
    ExpectUsageError(Hasten(c.arguments), c.expected);
}

TEST(Hasten, UnknownFlagsAreRefusedByEveryVerb) {
  for (const std::string& verb : VerbNames()) ExpectUsageError(Hasten({verb, "--no-such-flag"}), "--no-such-flag");
}

TEST(Hasten, CommonFlagsMayStandBeforeOrAfterTheVerb) {
  EXPECT_EQ(Hasten({"--threads", "1", "completions", "bash"}).exit_code, 0);
  EXPECT_EQ(Hasten({"completions", "bash", "--threads", "1", "--memory", "1.5GiB"}).exit_code, 0);
}

TEST(Hasten, UnknownIsaIsRefusedWithTheList) {
  const auto r = Hasten({"completions", "bash"}, {.environment = {"HASTEN_ISA=mmx"}});
  ExpectUsageError(r, "HASTEN_ISA");
  EXPECT_THAT(r.err, HasSubstr("ref"));
  EXPECT_EQ(Hasten({"completions", "bash"}, {.environment = {"HASTEN_ISA=ref"}}).exit_code, 0);
}

TEST(Config, IsReadFromTheFlagOrTheUsersFolderAndTheCommandLineWins) {
  const TempDir dir;
  WriteBytes(dir / "good.toml", "threads = 2\nmemory = \"1G\"\n");
  WriteBytes(dir / "bad.toml", "threads = 0\n");
  EXPECT_EQ(Hasten({"completions", "bash", "--config", dir / "good.toml"}).exit_code, 0);
  ExpectUsageError(Hasten({"completions", "bash", "--config", dir / "bad.toml"}), "--threads");
  EXPECT_EQ(Hasten({"completions", "bash", "--threads", "1", "--config", dir / "bad.toml"}).exit_code, 0);
  std::filesystem::create_directory(dir / "hasten");
  std::filesystem::copy_file(dir / "bad.toml", dir / "hasten/config.toml");
  ExpectUsageError(Hasten({"completions", "bash"}, {.environment = {"XDG_CONFIG_HOME=" + dir.path().string()}}), "--threads");
}

TEST(Config, MissingFilesAndUnknownKeysAreRefused) {
  const TempDir dir;
  ExpectUsageError(Hasten({"completions", "bash", "--config", dir / "absent.toml"}), "absent.toml");
  WriteBytes(dir / "a.toml", "thread = 2\n");
  ExpectUsageError(Hasten({"completions", "bash", "--config", dir / "a.toml"}), "unknown key: thread");
  WriteBytes(dir / "b.toml", "[frobnicate]\nx = 2\n");
  ExpectUsageError(Hasten({"completions", "bash", "--config", dir / "b.toml"}), "unknown section: frobnicate");
  WriteBytes(dir / "c.toml", "\x01\xff[[[= \"\n]]");
  EXPECT_EQ(Hasten({"completions", "bash", "--config", dir / "c.toml"}).exit_code, 2);
}

TEST(Completions, NameEveryVerbAndItsFlags) {
  const auto verbs = VerbNames();
  for (const char* shell : {"bash", "zsh", "fish"}) {
    const auto r = Hasten({"completions", shell});
    EXPECT_EQ(r.exit_code, 0);
    for (const std::string& verb : verbs) EXPECT_THAT(r.out, HasSubstr(verb)) << shell;
    EXPECT_THAT(r.out, HasSubstr("threads")) << shell;
  }
}

TEST(Completions, BashAcceptsAndCompletes) {
  const std::string script = Hasten({"completions", "bash"}).out;
  const auto complete = [&](const std::string& words, int at) {
    return RunProcess(
        {"bash", "-c",
         script + "COMP_WORDS=(" + words + "); COMP_CWORD=" + std::to_string(at) + "; _hasten; echo \"${COMPREPLY[@]}\""});
  };
  EXPECT_EQ(complete("hasten compl", 1).out, "completions\n");
  EXPECT_EQ(complete("hasten completions --thr", 2).out, "--threads\n");
  EXPECT_EQ(complete("hasten run m.gguf --gree", 3).out, "--greedy\n");
  EXPECT_EQ(complete("hasten completions --thr", 2).err, "");
}

TEST(Hasten, SaysSoWhereStandardOutputIsFull) {
  if (!std::filesystem::exists("/dev/full") || std::string(HASTEN_EMULATOR) != "") GTEST_SKIP() << "no /dev/full here";
  const auto r = RunProcess({"bash", "-c", "exec \"$@\" > /dev/full", "-", HASTEN_BINARY, "completions", "bash"});
  EXPECT_EQ(r.exit_code, 5);
  EXPECT_THAT(r.err, HasSubstr("cannot write to standard output"));
}

}  // namespace
}  // namespace hasten
