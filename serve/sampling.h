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

// "stop": a text or a list.
void ReadStops(Fields& fields, const char* name, Job& job);

uint64_t RandomSeed();

// "stop", "length": what the OpenAI family calls a finish.
const char* FinishName(Finish finish);

}  // namespace hasten
