// What choosing the next tokens costs inside of a step, for every kind of sampling: its logits have just been computed, and lie
// where a step leaves them.
#pragma once

#include <span>
#include <vector>

#include "base/threads.h"
#include "engine/engine.h"

namespace hasten {

struct ChoiceTime {
  const char* way = "";              // "top-p alone"
  std::vector<double> seconds = {};  // for all rows of a step together, by step
};

std::vector<ChoiceTime> WaysOfChoosing();  // not measured yet
// Chooses a token for every row of a step of `sequences` in one of those ways, and writes down how long it took.
void MeasureChoice(Team& team, const Engine& engine, std::span<const SequenceId> sequences, const LogitRows& rows,
                   ChoiceTime& choice);

}  // namespace hasten
