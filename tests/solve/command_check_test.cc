// Commands that judge: in a jail of their own, with the candidate as a program that they call. A candidate cannot reach them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sandbox/jail.h"
#include "solve/judge/judge.h"
#include "tests/support/support.h"

namespace hasten::solve {
namespace {

using ::testing::HasSubstr;

Judged JudgedBy(const Task& task, const std::string& candidate, bool jail = true) {
  OutputMemory memory;
  const auto judge = MakeCascade(
      task,
      [jail](sandbox::RunnerOptions options) {
        options.jail = jail;
        return sandbox::MakeRunner(std::move(options));
      },
      memory);
  const std::string* one = &candidate;
  const auto judged = judge->Run({&one, 1});
  EXPECT_TRUE(judged) << judged.error().what;
  return judged ? (*judged)[0] : Judged();
}

Task TaskOf(const std::string& toml, const TempDir& dir) {
  auto task = ParseTask(toml, dir / "task.toml");
  EXPECT_TRUE(task) << task.error().what;
  return task ? *std::move(task) : Task();
}

// Adds two numbers that it is given as arguments and one that it reads; the expected sum lies in a file of the judge's.
Task AddingTask(const TempDir& dir) {
  WriteBytes(dir / "expected", "12\n");
  WriteBytes(dir / "judge.sh", "echo 7 | \"$1\" 2 3 > got || exit 3\ndiff got expected\n");
  return TaskOf(
      "goal = \"Add.\"\nlanguage = \"sh\"\njudge_files = [\"judge.sh\", \"expected\"]\n[limits]\nseconds = 2\n[[check]]\n"
      "command = [\"sh\", \"judge.sh\", \"{candidate}\"]\n",
      dir);
}

struct Case {
  const char *what, *candidate, *verdict, *says;
};

void Walk(const Task& task, const std::vector<Case>& cases, bool jail = true) {
  for (const Case& c : cases) {
    const Judged judged = JudgedBy(task, c.candidate, jail);
    EXPECT_EQ(judged.verdict, c.verdict) << c.what << ": " << judged.feedback;
    EXPECT_THAT(judged.feedback, HasSubstr(c.says)) << c.what;
  }
}

TEST(CommandCheck, ACandidateIsCalledAndCannotForge) {
  if (!sandbox::JailWorksHere()) GTEST_SKIP() << sandbox::JailWorksHere().error().what;
  TempDir dir;
  Walk(AddingTask(dir),
       {{"right", "read x\necho $(($1 + $2 + x))\n", "accepted", ""},
        {"another sum, and diff says which", "read x\necho $(($1 + x))\n", "wrong", "< 9\n---\n> 12"},
        {"its own exit code is the judge's to read", "read x\necho $(($1 + $2 + x)); exit 9\n", "wrong", "exit code 3"},
        {"a printed verdict", "echo accepted\nexit 0\n", "wrong", ""},
        {"the judge's files are not there", "cat expected ../expected $PWD/expected\n", "wrong", ""},
        {"nor can they be written", "echo x > expected; echo x > got; echo 'exit 0' > judge.sh; echo x\n", "wrong", ""},
        {"nor is its process", "kill -9 $PPID; kill -9 -1; echo 0\n", "wrong", ""},
        {"what it leaves running is ended", "(sleep 1; echo 12) & echo 1\n", "wrong", ""},
        {"an endless loop is told", "while :; do :; done\n", "wrong", "the candidate timed out"},
        {"so is a crash", "kill -SEGV $$\n", "wrong", ""},
        {"the door leads to itself only, and not from here", "/boot/candidate 2 3; echo $?\n", "wrong", ""}});
}

TEST(CommandCheck, WithoutAJailItWorksTheSameWay) {
  TempDir dir;
  Walk(AddingTask(dir),
       {{"right", "read x\necho $(($1 + $2 + x))\n", "accepted", ""}, {"wrong", "echo 7\n", "wrong", "exit code 1"}}, false);
}

TEST(CommandCheck, ACommandMayCallOftenReadTheSourceAndBeWrittenInAnything) {
  TempDir dir;
  WriteBytes(dir / "judge.py",
             "import subprocess, sys\n"
             "assert 'import os' not in open(sys.argv[2]).read(), 'no imports'\n"
             "for n in range(20):\n"
             "    done = subprocess.run([sys.argv[1]], input=b'%d' % n, capture_output=True, env={}, cwd='/', timeout=5)\n"
             "    assert int(done.stdout) == n * n, (n, done)\n"
             "    assert done.stderr == b'', done\n"
             "big = b'x' * 300000\n"
             "done = subprocess.run([sys.argv[1], 'echo'], input=big, capture_output=True)\n"
             "assert done.stdout == big, len(done.stdout)\n");
  const Task task = TaskOf(
      "goal = \"Squares.\"\nlanguage = \"python\"\njudge_files = [\"judge.py\"]\n[limits]\nseconds = 10\n[[check]]\n"
      "command = [\"python3\", \"judge.py\", \"{candidate}\", \"{source}\"]\n",
      dir);
  const std::string right = "import sys\ntext = sys.stdin.read()\nprint(text if sys.argv[1:] else int(text) ** 2, end='')\n";
  Walk(task,
       {{"right", right.c_str(), "accepted", ""},
        {"wrong at nine", "n = int(input())\nprint(n * n - (n == 9))\n", "wrong", "9"},
        {"what the judge reads", "import os\n", "wrong", "no imports"}},
       bool(sandbox::JailWorksHere()));
}

TEST(CommandCheck, WhatIsBuiltIsBuiltOnceForAllCalls) {
  TempDir dir;
  // The compiler says when it ran: a second build would give another number.
  const Task task = TaskOf(
      "goal = \"One.\"\nlanguage = \"command\"\nbuild = [\"sh\", \"-c\", \"(echo 'echo'; od -An -N8 -tx8 /dev/urandom) | tr -d "
      "'\\\\n' > built; cat {candidate} > copy\"]\nrun = [\"sh\", \"built\"]\n[[check]]\n"
      "command = [\"sh\", \"-c\", \"test \\\"$({candidate})\\\" = \\\"$({candidate})\\\"\"]\n",
      dir);
  Walk(task, {{"any", "text\n", "accepted", ""}}, bool(sandbox::JailWorksHere()));
}

TEST(CommandCheck, DataStaysAFile) {
  TempDir dir;
  const Task task =
      TaskOf("goal = \"Sorted lines.\"\nlanguage = \"text\"\n[[check]]\ncommand = [\"sort\", \"-c\", \"{candidate}\"]\n", dir);
  Walk(task, {{"sorted", "a\nb\n", "accepted", ""}, {"not sorted", "b\na\n", "wrong", "disorder"}},
       bool(sandbox::JailWorksHere()));
}

}  // namespace
}  // namespace hasten::solve
