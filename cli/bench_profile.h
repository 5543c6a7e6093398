// Where the time of one step goes, operation by operation, and how close each comes to its own limit.
#pragma once

#include <string>
#include <vector>

#include "cli/measure.h"

namespace hasten {

struct Operation {
  std::string name;
  double calls = 0, seconds = 0;        // of one step
  double bytes = 0, multiply_adds = 0;  // of one step; 0 where nothing is read or multiplied that counts
  double limit_seconds = 0;             // for those; 0: has none
};

struct StepProfile {
  Figure figure;
  double seconds = 0;                 // of one step (for prefill: of the prompt)
  std::vector<Operation> operations;  // the longest first; what is left of the step as "between operations"
  std::vector<ChoiceTime> choices;    // of decoding
};

// One run more of each figure, watched.
Result<std::vector<StepProfile>> ProfileSteps(ModelBench& bench, const std::vector<Figure>& figures, size_t decode_steps,
                                              const MachineLimits& machine);
void PrintProfile(const StepProfile& profile, bool json);

}  // namespace hasten
