// A larger model elsewhere: any server that speaks OpenAI's chat completions.
#pragma once

#include <memory>

#include "solve/propose/proposer.h"

namespace hasten::solve {

// Requests of one round run side by side. What is worth another attempt (no answer in time, 408, 409, 429, 5xx, an answer that
// is no answer) is asked again after a pause that doubles, or that the server names (Retry-After); anything else is one
// sentence. The key comes from the task's variable, else HASTEN_UPSTREAM_KEY, else OPENAI_API_KEY; it is sent over https, or to
// this machine. `task` and `spending` must outlive it. kBadInput: no such address, or the named variable is not set.
Result<std::unique_ptr<Proposer>> MakeUpstream(const Task& task, uint64_t seed, Spending& spending);

}  // namespace hasten::solve
