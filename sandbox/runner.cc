#include "sandbox/runner.h"

#include <algorithm>

#include "base/quote.h"

namespace hasten::sandbox {

static constexpr std::string_view kLanguages[] = {"python", "lua", "sh", "node", "native", "sql", "command", "c", "c++"};
std::span<const std::string_view> RunnerLanguages() { return kLanguages; }

Result<std::unique_ptr<Runner>> MakeRunner(RunnerOptions options) {
  std::string known;
  for (const std::string_view name : kLanguages) known.append(known.empty() ? "" : ", ").append(name);
  if (std::find(std::begin(kLanguages), std::end(kLanguages), options.language) == std::end(kLanguages))
    return Error{Code::kBadInput, Fmt("no runner for '%s'; there are %s", Printable(options.language).c_str(), known.c_str())};
  return Error{Code::kUnsupported, "the runner for " + options.language + " is not there yet"};
}

}  // namespace hasten::sandbox
