// "keep_alive" of Ollama's requests: how long a model stays loaded when nobody asks it.
#pragma once

#include "serve/fields.h"

namespace hasten {

// Seconds, or a text such as "1h30m", "300ms" or "10"; below zero: for ever, which is infinity.
Result<double> KeepAliveSeconds(const Json& value);

}  // namespace hasten
