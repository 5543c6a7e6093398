// A runner without a jail, for programs that a test wrote itself: tests of searches need verdicts where the kernel grants no
// namespaces, too. Speaks Python, sh and commands.
#pragma once

#include <memory>

#include "sandbox/runner.h"

namespace hasten::solve {

Result<std::unique_ptr<sandbox::Runner>> MakePlainRunner(sandbox::RunnerOptions options);

}  // namespace hasten::solve
