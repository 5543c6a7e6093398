// Values into texts by pattern: "%5.2f" % x, "{:>8}".format(x).
#pragma once

#include "text/jinja/interpreter.h"

namespace hasten::jinja {

Result<Value> PercentFormat(Interpreter& in, const Value& pattern, const Value& values);
Result<Value> BraceFormat(Interpreter& in, const Value& pattern, const Args& args);

}  // namespace hasten::jinja
