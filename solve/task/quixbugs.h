// QuixBugs as it is published: 40 small Python programs, each with a defect, and their tests (Lin et al. 2017).
#pragma once

#include <filesystem>
#include <string>

#include "solve/task/task.h"

namespace hasten::solve {

bool IsQuixBugs(const std::filesystem::path& folder);
Result<Task> QuixBugsTask(const std::string& folder, const std::string& name);

}  // namespace hasten::solve
