// What speculation gains on a text: the text is replayed as if it were what the model chose, with and without guesses.
#pragma once

#include <string>

#include "cli/session.h"
#include "cli/speculation.h"

namespace hasten {

struct ReplayOptions {
  std::string text, prompt;  // files; without a prompt the text's first token stands for it
  size_t runs = 3;
  bool json = false;
  SpeculationFlags speculation;
};

Result<Exit> BenchReplay(const Session& session, const ReplayOptions& options, const Common& common);

}  // namespace hasten
