// The "usage" of the OpenAI dialects.
#pragma once

#include "serve/fields.h"

namespace hasten {

inline Json UsageOf(size_t prompt_tokens, size_t cached_tokens, size_t generated_tokens, size_t thought_tokens = 0) {
  return {{"prompt_tokens", prompt_tokens},
          {"completion_tokens", generated_tokens},
          {"total_tokens", prompt_tokens + generated_tokens},
          {"prompt_tokens_details", {{"cached_tokens", cached_tokens}}},
          {"completion_tokens_details", {{"reasoning_tokens", thought_tokens}}}};
}

}  // namespace hasten
