// HumanEval, MBPP and QuixBugs as they are published: every task's own solution is accepted, a wrong one is not.
#include "solve/task/public_sets.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "base/file.h"
#include "solve/judge/judge.h"
#include "tests/solve/plain_runner.h"
#include "tests/support/support.h"
#include "text/json.h"

namespace hasten::solve {
namespace {

std::string VerdictOf(const Task& task, const std::string& candidate) {
  OutputMemory memory;
  const auto judge = MakeCascade(task, MakePlainRunner, memory);
  const std::string* one = &candidate;
  const auto judged = judge->Run({&one, 1});
  EXPECT_TRUE(judged) << judged.error().what;
  return judged ? (*judged)[0].verdict + ((*judged)[0].verdict == "accepted" ? "" : ": " + (*judged)[0].feedback) : "";
}

TEST(PublicSets, HumanEval) {
  HASTEN_SHARED_OR_SKIP(path, "data/humaneval/HumanEval.jsonl.gz");
  const auto names = PublicTasksIn(path);
  ASSERT_EQ(names.size(), 164u);
  for (const size_t i : {0, 40, 90, 163}) {
    const auto task = PublicTask(names[i]);
    ASSERT_TRUE(task) << task.error().what;
    const auto row = ParseJson(task->text);
    const std::string head = task->signature.substr(task->template_before.size());
    EXPECT_EQ(VerdictOf(*task, head + row->at("canonical_solution").get<std::string>()), "accepted") << names[i];
    EXPECT_NE(VerdictOf(*task, head + "    return 'nonsense'\n"), "accepted") << names[i];
  }
  EXPECT_FALSE(PublicTask(path + "#HumanEval/999"));
}

TEST(PublicSets, Mbpp) {
  HASTEN_SHARED_OR_SKIP(path, "data/mbpp/sanitized-mbpp.json");
  const auto names = PublicTasksIn(path);
  EXPECT_EQ(names.size(), 427u);
  for (size_t i = 0; i < names.size(); i += 120) {
    const auto task = PublicTask(names[i]);
    ASSERT_TRUE(task) << task.error().what;
    EXPECT_EQ(VerdictOf(*task, ParseJson(task->text)->at("code").get<std::string>()), "accepted") << names[i];
    EXPECT_NE(VerdictOf(*task, "pass"), "accepted") << names[i];
  }
}

TEST(PublicSets, QuixBugs) {
  HASTEN_SHARED_OR_SKIP(path, "data/quixbugs");
  const auto names = PublicTasksIn(path);
  EXPECT_EQ(names.size(), 40u);
  for (const char* name : {"gcd", "kth", "flatten", "sqrt", "hanoi", "breadth_first_search"}) {
    const auto task = PublicTask(path + "#" + name);
    ASSERT_TRUE(task) << task.error().what;
    EXPECT_EQ(VerdictOf(*task, *ReadFile(path + "/correct_python_programs/" + std::string(name) + ".py")), "accepted") << name;
    EXPECT_NE(VerdictOf(*task, task->seed_program), "accepted") << name;
  }
}

TEST(PublicSets, OtherFilesAreNone) {
  TempDir dir;
  WriteBytes(dir / "a.jsonl", "{\"in\":1,\"out\":2}\n");
  WriteBytes(dir / "b.json", "[1, 2");
  WriteBytes(dir / "c.gz", "\x1f\x8b damaged");
  for (const char* file : {"a.jsonl", "b.json", "c.gz", "none"}) EXPECT_TRUE(PublicTasksIn(dir / file).empty()) << file;
  EXPECT_EQ(ReadMaybeGzip(dir / "c.gz").error().code, Code::kCorrupt);
}

}  // namespace
}  // namespace hasten::solve
