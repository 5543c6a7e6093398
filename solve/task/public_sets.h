// Sets of programming tasks in the form in which their authors publish them. A task is named FILE#ID, of QuixBugs FOLDER#NAME.
#pragma once

#include <string>
#include <vector>

#include "solve/task/task.h"

namespace hasten::solve {

// The tasks in a file, or in a folder that is QuixBugs; empty where it is none of the sets:
// - HumanEval: JSON Lines (also .gz) of task_id, prompt, entry_point, test; HumanEval-X in Python and C++
// - MBPP: a JSON list of task_id, prompt or text, test_list, test_imports
// - QuixBugs: python_programs/NAME.py with python_testcases/test_NAME.py
std::vector<std::string> PublicTasksIn(const std::string& path);

// kNotFound: no such file, or no such task in it; kCorrupt: it lacks what its set has.
Result<Task> PublicTask(const std::string& name);
bool NamesPublicTask(const std::string& path);  // does it look like FILE#ID?

// A whole file; what begins with gzip's mark is inflated. kExhausted beyond `most` bytes.
Result<std::string> ReadMaybeGzip(const std::string& path, size_t most = size_t(256) << 20);

}  // namespace hasten::solve
