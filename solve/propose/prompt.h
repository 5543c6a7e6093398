// What a language model is told of a task, and what is taken out of its answer.
#pragma once

#include <functional>
#include <string>

#include "solve/propose/proposer.h"

namespace hasten::solve {

// How much of what a prompt shows may be shown, in bytes of each text; what is longer keeps its beginning and its end.
struct PromptClip {
  size_t context = 8000;    // files, examples, signature
  size_t failure = 8000;    // what a candidate gave and should have given
  size_t candidate = 8000;  // the program to begin with or to correct
};

// What stands behind the backticks of a block in the task's language.
std::string FenceOf(const Task& task);

// The whole request in words: the goal, what the candidate may see, examples; for a repair what failed, and how.
std::string PromptFor(const Task& task, const Ask& ask, const PromptClip& clip = {});

// The longest of ever shorter prompts that `fits`; the shortest where none does. What explains the task goes first, then the
// failure's text, the program last: a model cannot correct what it does not see.
std::string FittingPrompt(const Task& task, const Ask& ask, const std::function<bool(const std::string&)>& fits);

// The program in an answer: what follows a thought (<think>…</think>), out of the fence that defines the task's function, else
// the last one, else everything. A body without its head gets the task's signature in front.
std::string ProgramIn(const Task& task, const std::string& answer);

// Lines of `got` that are not expected ("- ") and expected ones that are missing ("+ "), with those between that are both ("
// ").
std::string DiffOf(const std::string& expected, const std::string& got);

}  // namespace hasten::solve
