// How the OpenAI dialects show single tokens: as text where the bytes are text.
#pragma once

#include <string>

#include "engine/logprobs.h"
#include "serve/fields.h"
#include "tokenizer/tokenizer.h"

namespace hasten {

std::string TokenBytes(const Tokenizer& tokenizer, Token token);  // a control token's name where it stands for no bytes

// "bytes:\xe2\x80" for what is no whole character, as OpenAI's completions write it.
std::string TokenText(const Tokenizer& tokenizer, Token token);

// {"token", "logprob", "bytes"} of chat completions.
Json TokenEntry(const Tokenizer& tokenizer, const TokenLogprob& token);

// NaN and infinities are not JSON: -9999 stands for "impossible", as vLLM writes it.
double FiniteLogprob(float logprob);

}  // namespace hasten
