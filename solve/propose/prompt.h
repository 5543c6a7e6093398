// What a language model is told of a task, and what is taken out of its answer.
#pragma once

#include <string>

#include "solve/propose/proposer.h"

namespace hasten::solve {

// The whole request in words: the goal, what the candidate may see, examples; for a repair what failed, and how.
std::string PromptFor(const Task& task, const Ask& ask);

// The program in an answer: what follows a thought (<think>…</think>), out of the fence that defines the task's function, else
// the last one, else everything. A body without its head gets the task's signature in front.
std::string ProgramIn(const Task& task, const std::string& answer);

// Lines of `got` that are not expected ("- ") and expected ones that are missing ("+ "), with those between that are both ("
// ").
std::string DiffOf(const std::string& expected, const std::string& got);

}  // namespace hasten::solve
