// A template's text to a Program.
#pragma once

#include <memory>
#include <string_view>

#include "base/result.h"
#include "text/jinja/ast.h"

namespace hasten::jinja {

// Names that have a meaning in every template get the first ids.
enum : uint32_t { kLoopId, kCallerId, kVarargsId, kKwargsId, kReservedIds };

// kCorrupt names the line and what was expected there; kUnsupported what is nested too deeply or too large.
Result<std::unique_ptr<const Program>> ParseTemplate(std::string_view source);

}  // namespace hasten::jinja
