// Where programs of a jail come from.
#include "sandbox/view.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

#include "tests/support/support.h"

namespace hasten::sandbox {
namespace {

TEST(View, AProgramOfTheSystemIsNotShadowedByAScriptOnThePath) {
  const char* path = std::getenv("PATH");
  const std::string before = path ? path : "";
  const TempDir shims;
  for (const char* name : {"sh", "only-a-shim"}) {
    WriteBytes(shims / name, "#!/bin/sh\nexec elsewhere\n");
    std::filesystem::permissions(shims / name, std::filesystem::perms::owner_all);
  }
  ::setenv("PATH", (shims / ":" + before).c_str(), 1);
  EXPECT_FALSE(FindProgram("sh").starts_with(shims / ""));
  EXPECT_FALSE(FindProgram("sh").empty());
  EXPECT_TRUE(FindProgram("only-a-shim").ends_with("/only-a-shim"));
  EXPECT_EQ(FindProgram("no-such-program-anywhere"), "");
  ::setenv("PATH", before.c_str(), 1);
}

}  // namespace
}  // namespace hasten::sandbox
