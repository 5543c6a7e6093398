// The flags that choose among tokens, for all verbs that write text.
#pragma once

#include <CLI/CLI.hpp>

#include "engine/sampler.h"

namespace hasten {

// `greedy` is a flag of its own: it sets the temperature to 0 whatever else is given.
void DeclareSampling(CLI::App& app, SamplerOptions& sampler, bool& greedy);

}  // namespace hasten
