#include "sandbox/runner.h"

#include "base/quote.h"
#include "sandbox/jail.h"
#include "sandbox/runners/runners.h"

namespace hasten::sandbox {

static constexpr std::string_view kLanguages[] = {"python", "lua", "sh", "node", "native", "sql", "command", "c", "c++"};
static constexpr Result<std::unique_ptr<Runner>> (*kMakers[])(RunnerOptions) = {
    MakePython, MakeLua, MakeShell, MakeNode, MakeNative, MakeSql, MakeCommand, MakeCommand, MakeCommand};

std::span<const std::string_view> RunnerLanguages() { return kLanguages; }

Result<std::unique_ptr<Runner>> MakeRunner(RunnerOptions options) {
  std::string known;
  for (size_t i = 0; i < std::size(kLanguages); ++i) {
    if (options.language == kLanguages[i]) {
      if (options.jail) TRY_OK(JailWorksHere());
      return kMakers[i](std::move(options));
    }
    known.append(known.empty() ? "" : ", ").append(kLanguages[i]);
  }
  return Error{Code::kBadInput, Fmt("no runner for '%s'; there are %s", Printable(options.language).c_str(), known.c_str())};
}

}  // namespace hasten::sandbox
