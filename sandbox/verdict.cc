#include "sandbox/verdict.h"

namespace hasten::sandbox {

std::string_view VerdictName(Verdict verdict) {
  static constexpr std::string_view kNames[] = {"accepted",      "wrong",           "crashed",  "timed out",
                                                "out of memory", "output too long", "forbidden"};
  return kNames[size_t(verdict)];
}

}  // namespace hasten::sandbox
