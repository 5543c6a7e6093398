#include "sandbox/runner.h"

#include <gmock/gmock.h>

namespace hasten::sandbox {
namespace {

TEST(Runners, AnUnknownLanguageIsRefusedWithThoseThatThereAre) {
  const auto runner = MakeRunner({.language = "cobol"});
  ASSERT_FALSE(runner);
  EXPECT_EQ(runner.error().code, Code::kBadInput);
  EXPECT_THAT(runner.error().what, testing::HasSubstr("python"));
}

}  // namespace
}  // namespace hasten::sandbox
