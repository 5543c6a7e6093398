// The kinds of runners; MakeRunner (sandbox/runner.h) picks one by language.
#pragma once

#include <memory>

#include "sandbox/runner.h"

namespace hasten::sandbox {

Result<std::unique_ptr<Runner>> MakePython(RunnerOptions options);
Result<std::unique_ptr<Runner>> MakeLua(RunnerOptions options);
Result<std::unique_ptr<Runner>> MakeShell(RunnerOptions options);
Result<std::unique_ptr<Runner>> MakeNode(RunnerOptions options);
Result<std::unique_ptr<Runner>> MakeNative(RunnerOptions options);
Result<std::unique_ptr<Runner>> MakeSql(RunnerOptions options);
Result<std::unique_ptr<Runner>> MakeCommand(RunnerOptions options);  // also c and c++: a compiler and its product

}  // namespace hasten::sandbox
