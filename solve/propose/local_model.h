// The engine as a proposer: what all asks of a round have in common is read once and forked into a branch for each.
#pragma once

#include <memory>

#include "chat/chat_format.h"
#include "engine/engine.h"
#include "solve/propose/proposer.h"
#include "tokenizer/tokenizer.h"

namespace hasten::solve {

// A model that is loaded; all of it borrowed. `chat` is how it was taught to converse, null for one that only continues texts:
// that one is shown a code block that has begun. `hash` goes into the log.
struct LocalEngine {
  Engine* engine = nullptr;
  const Tokenizer* tokenizer = nullptr;
  const ChatFormat* chat = nullptr;
  std::string hash = {};
};

// Branches differ by their random numbers and by their temperature, spread from low to high. A branch is delivered as soon as
// its program is whole, while the others go on; the same file, prompt and seed give the same programs. What the prompt holds is
// guessed to come again (engine/writer.h), for a correction is mostly a copy. Prompts that do not fit the context beside an
// answer are shortened. All references must outlive it. kBadInput where the task's grammar or schema is wrong.
Result<std::unique_ptr<Proposer>> MakeLocalModel(const Task& task, uint64_t seed, Spending& spending, LocalEngine model);

}  // namespace hasten::solve
