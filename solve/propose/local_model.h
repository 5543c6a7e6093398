// The engine as a proposer: what all asks of a round have in common is read once and forked into a branch for each.
#pragma once

#include <memory>

#include "engine/engine.h"
#include "solve/propose/proposer.h"
#include "tokenizer/tokenizer.h"

namespace hasten::solve {

// Branches differ by their random numbers and by their temperature, spread from low to high. A branch is delivered as soon as
// its program is whole, while the others go on; the same file, prompt and seed give the same programs. All references must
// outlive it. `model_hash` goes into the log.
std::unique_ptr<Proposer> MakeLocalModel(const Task& task, uint64_t seed, Spending& spending, Engine& engine,
                                         const Tokenizer& tokenizer, std::string model_hash);

}  // namespace hasten::solve
