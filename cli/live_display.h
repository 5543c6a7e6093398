// What a run looks like while it goes on: a line that is drawn again on a terminal, plain lines in a pipe, JSON for programs.
#pragma once

#include <memory>

#include "solve/task/run_task.h"

namespace hasten {

enum class Display : uint8_t { kAuto, kJson, kQuiet };
std::unique_ptr<solve::Watcher> MakeDisplay(Display display);

// "best 2.6312 · 812 candidates, 40 a second · 62 % pass · 3 min 12 s left · $0.02 of $1".
std::string StandingLine(const solve::Standing& standing);
// In so many characters at the most, the last of them an ellipsis where more follows.
std::string Clipped(const std::string& line, size_t columns);
// "score 2.6312", "3 of 4 checks".
std::string MeritOf(const solve::Trial& trial);

}  // namespace hasten
