// task.toml: what it may say, and what is said of what it may not.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "solve/task/task.h"
#include "tests/support/support.h"

namespace hasten::solve {
namespace {

using ::testing::HasSubstr;

TEST(TaskToml, SaysAllThatATaskIs) {
  TempDir dir;
  WriteBytes(dir / "notes.txt", "hint");
  WriteBytes(dir / "test.py", "assert f(1) == 2");
  WriteBytes(dir / "outer.py", "import math\n{{candidate}}\nmain()\n");
  WriteBytes(dir / "task.toml", R"(name = "n"
goal = "g"
signature = "def f(x: int) -> int:"
template = "outer.py"
files = ["notes.txt"]
seed = 7
[budget]
seconds = 5
tokens = 10
dollars = 0.5
[limits]
seconds = 2
megabytes = 64
[propose]
upstream = "http://localhost"
dollars_per_million_out = 2.5
[[check]]
test = "test.py"
[[check]]
held_out = true
examples = [{input = [[1, "a"], {b = 2.5}], output = true}]
[[check]]
examples = [{input = [1], output = 2}]
)");
  const auto task = ReadTask(dir / "task.toml");
  ASSERT_TRUE(task) << task.error().what;
  EXPECT_EQ(task->entry, "f");
  EXPECT_EQ(task->Program("X"), "import math\nX\nmain()\n");
  EXPECT_EQ(task->files[0].bytes, "hint");
  EXPECT_EQ(task->limits.memory_bytes, size_t(64) << 20);
  ASSERT_EQ(task->checks.size(), 3u);
  EXPECT_EQ(task->checks[0].arguments, "[1]");  // cheap ones first, held-out ones last
  EXPECT_EQ(task->checks[1].code, "assert f(1) == 2");
  EXPECT_TRUE(task->checks[2].held_out);
  EXPECT_EQ(task->checks[2].arguments, "[[1,\"a\"],{\"b\":2.5}]");
  const std::string digest = task->digest;
  WriteBytes(dir / "test.py", "assert f(1) == 3");
  EXPECT_NE(ReadTask(dir / "task.toml")->digest, digest);  // over the files that it names, too
}

TEST(TaskToml, ALanguageHasMoreThanOneName) {
  const std::pair<const char*, const char*> cases[] = {
      {"py", "python"}, {"python3", "python"}, {"javascript", "node"}, {"js", "node"},   {"Node.js", ""},        {"cpp", "c++"},
      {"shell", "sh"},  {"bash", ""},          {"sqlite", "sql"},      {"text", "text"}, {"python3 luajit", ""}, {"", ""}};
  for (const auto& [name, runner] : cases) {
    const auto task = ParseTask("language = \"" + std::string(name) + "\"\n[[check]]\ncommand = [\"true\"]\n", "task.toml");
    EXPECT_EQ(task ? task->language : "", runner) << name;
  }
}

TEST(TaskToml, NamesTheLineOfWhatIsWrong) {
  const std::string check = "[[check]]\nexamples = [{input = [1], output = 2}]\n";
  const struct {
    std::string text;
    const char* says;
  } cases[] = {
      {"goal = ", "line 1"},
      {"goal = 3\n" + check, "line 1: 'goal' is a whole number, and a text is needed"},
      {"\ngaol = \"x\"\n" + check, "line 2: unknown key 'gaol'"},
      {"entry = \"f\"\n[budget]\nseconds = -1\n" + check, "line 3: 'budget.seconds' is -1, and must be from"},
      {"entry = \"f\"\nlanguage = \"cobol\"\n" + check, "line 2: no language 'cobol'; there are text, python"},
      {check, "line 2: an example calls a function, and the task names none"},
      {"goal = \"x\"", "no check"},
      {"entry = \"f\"\n[[check]]\n", "line 2: a check has exactly one of"},
      {"entry = \"f\"\n[[check]]\ncommand = [\"x\"]\nscore = \"up\"\n", "must be raise or lower"},
      {"entry = \"f\"\n[search]\nstrategy = \"luck\"\n" + check, "line 3: no strategy 'luck'"},
      {"files = [\"../x\"]\n" + check, "line 1: '../x' does not lie below the task's folder"},
      {"files = [\"none.txt\"]\n" + check, "line 1: cannot open"},
      {"entry = \"f\"\n[[check]]\nexamples = [{input = [nan], output = 2}]\n", "line 3: an example cannot hold"},
      {"entry = \"f\"\nlanguage = \"text\"\n" + check, "cannot be run"},
      {"x = " + std::string(1000, '[') + "\n", "nested deeper than 64"},
      {"entry = \"f\"\n[[check]]\ncommand = [\"a\"]\nscore = \"raise\"\n[[check]]\ncommand = [\"a\"]\nscore = \"raise\"\n",
       "more than one check that scores"}};
  for (const auto& c : cases) {
    const auto task = ParseTask(c.text, "t/task.toml");
    ASSERT_FALSE(task) << c.text;
    EXPECT_THAT(task.error().what, HasSubstr(c.says));
    EXPECT_THAT(task.error().what, HasSubstr("t/task.toml"));
  }
}

}  // namespace
}  // namespace hasten::solve
