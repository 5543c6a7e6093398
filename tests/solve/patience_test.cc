// A candidate that never ends is given up early, one that gets further than the first gets its time.
#include <gtest/gtest.h>

#include "sandbox/jail.h"
#include "solve/judge/judge.h"
#include "tests/support/support.h"

namespace hasten::solve {
namespace {

TEST(Patience, IsForThoseThatGetFurther) {
  auto task = ParseTask(
      "goal = \"Twice.\"\nentry = \"f\"\n[limits]\nseconds = 20\npatience = 0.2\n[[check]]\n"
      "examples = [{input = [1], output = 2}, {input = [2], output = 4}]\n",
      "task.toml");
  ASSERT_TRUE(task) << task.error().what;
  const bool jail = bool(sandbox::JailWorksHere());
  OutputMemory memory;
  memory.first_passed = 0;
  const auto judge = MakeCascade(
      *task,
      [jail](sandbox::RunnerOptions options) {
        options.jail = jail;
        return sandbox::MakeRunner(std::move(options));
      },
      memory);
  const std::string busy = "    end = time.process_time() + 0.6\n    while time.process_time() < end:\n        pass\n";
  const struct {
    const char* what;
    std::string body, verdict;
  } cases[] = {{"right", "", "accepted"},
               {"endless at once", "    while True:\n        pass\n", "timed out"},
               {"slow at once", busy, "timed out"},
               {"slow behind the first check", "    if n == 1:\n        return 2\n" + busy, "accepted"}};
  for (const auto& c : cases) {
    const std::string candidate = "import time\ndef f(n):\n" + c.body + "    return 2 * n\n";
    const std::string* one = &candidate;
    const auto judged = judge->Run({&one, 1});
    ASSERT_TRUE(judged) << judged.error().what;
    EXPECT_EQ((*judged)[0].verdict, c.verdict) << c.what;
    if (c.verdict == "timed out") {
      EXPECT_LT((*judged)[0].cpu_s, 10) << c.what;
    }
  }
}

}  // namespace
}  // namespace hasten::solve
