// What `hasten solve` reads of tasks, and of what models answer.
#include "solve/propose/edits.h"
#include "solve/propose/prompt.h"
#include "solve/task/task.h"
#include "tests/fuzz/fuzz_target.h"

namespace hasten {

void FuzzOne(std::span<const std::byte> input) {
  const std::string text(reinterpret_cast<const char*>(input.data()), input.size());
  if (const auto task = solve::ParseTask(text, "nowhere/task.toml")) {
    FUZZ_CHECK(!task->checks.empty() && !task->digest.empty());
    FUZZ_CHECK(!solve::PromptFor(*task, {}).empty());
  }
  solve::Task task;
  task.entry = "f";
  task.signature = "def f(x):";
  const std::string program = solve::ProgramIn(task, text);
  FUZZ_CHECK(program.size() <= text.size() + task.signature.size() + 2);
  const std::string_view some = std::string_view(text).substr(0, 2000);
  for (const char* language : {"python", "c"})
    for (const solve::Edit& edit : solve::SmallEdits(some, language))
      FUZZ_CHECK(edit.begin <= edit.end && edit.end <= some.size() && solve::Applied(some, edit) != some);
  (void)solve::DiffOf(text.substr(0, text.size() / 2), text.substr(text.size() / 2));
}

std::vector<std::string> FuzzSeeds() {
  return {
      "goal = \"g\"\nentry = \"f\"\nseed = 3\n[budget]\nseconds = 5\ndollars = 0.5\n[limits]\nmegabytes = "
      "64\n[propose]\nbranches = 4\n"
      "[search]\nstrategy = \"tree\"\n[[check]]\nexamples = [{input = [1, {a = [true, 2.5]}], output = \"x\"}]\n"
      "[[check]]\nheld_out = true\ncode = '''assert f(1)'''\n",
      "language = \"text\"\n[[check]]\ncommand = [\"sort\"]\nscore = \"lower\"\ntarget = -1.5\nbatch = 9\n",
      "<think>no ``` yet</think>Sure:\n```python\ndef f(x):\n  return x\n```\nand\n```\nmore"};
}

}  // namespace hasten
