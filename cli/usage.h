// What is wrong with a command line, in one sentence.
#pragma once

#include <CLI/CLI.hpp>

#include "base/result.h"

namespace hasten {

// kBadInput: what CLI11 found wrong, the nearest word that exists, and where to look it up.
Error UsageError(const CLI::App& app, const CLI::ParseError& e);

}  // namespace hasten
