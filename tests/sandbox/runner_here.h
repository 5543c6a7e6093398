// Candidates with the verdicts that they deserve, walked through one runner.
#pragma once

#include <gmock/gmock.h>

#include <algorithm>
#include <string>
#include <vector>

#include "sandbox/runner.h"
#include "tests/sandbox/jail_here.h"

namespace hasten::sandbox {

inline constexpr Limits kSmall = {
    .wall_s = 20, .cpu_s = 1, .memory_bytes = 96 << 20, .output_bytes = 100000, .file_bytes = 8 << 20};

// A runner, or a skipped test where its interpreter or the jail is missing.
#define RUNNER_OR_SKIP(name, language_name)                                                                  \
  HASTEN_JAIL_OR_SKIP();                                                                                     \
  auto name##_made = MakeRunner({.language = language_name, .limits = kSmall});                              \
  if (!name##_made && name##_made.error().code == Code::kNotFound) GTEST_SKIP() << name##_made.error().what; \
  ASSERT_TRUE(name##_made) << name##_made.error().what;                                                      \
  Runner& name = **name##_made

struct Case {
  const char* what;
  std::string source;
  std::vector<Check> checks;
  Verdict verdict;
  const char* says = "";
};

inline void Walk(Runner& runner, const std::vector<Case>& cases) {
  for (const Case& c : cases) {
    const auto r = runner.Run({.source = c.source}, c.checks);
    ASSERT_TRUE(r) << c.what << ": " << r.error().what;
    EXPECT_EQ(VerdictName(r->verdict), VerdictName(c.verdict)) << c.what << ": " << r->message << "\n" << r->err;
    EXPECT_THAT(r->message, testing::HasSubstr(c.says)) << c.what;
    if (r->verdict == Verdict::kAccepted) {
      EXPECT_EQ(r->passed, std::max<size_t>(c.checks.size(), 1)) << c.what;
    }
  }
}

inline Check Call(const char* function, const char* arguments, const char* expected) {
  return {.kind = CheckKind::kCall, .function = function, .arguments = arguments, .expected = expected};
}

}  // namespace hasten::sandbox
