// The fields that say how a text is written; all dialects of the OpenAI family share them.
#pragma once

#include <string>

#include "engine/job.h"
#include "serve/fields.h"
#include "serve/worker.h"

namespace hasten {

// Temperature, cuts, penalties, seed, logit_bias, priority, time limit. What a request leaves out is as `hasten run` has it,
// and the seed is drawn.
void ReadSampling(Fields& fields, const Worker& worker, Job& job);

// How many tokens a text may have; -1: as many as the context holds, as llama-server and LM Studio have it.
inline constexpr size_t kMostTokens = size_t{1} << 40;
size_t ReadMostTokens(Fields& fields, const char* name, size_t otherwise, int64_t least);

// "stop": a text or a list.
void ReadStops(Fields& fields, const char* name, Job& job);

uint64_t RandomSeed();

// "stop", "length": what the OpenAI family calls a finish.
const char* FinishName(Finish finish);

}  // namespace hasten
