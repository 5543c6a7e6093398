// On a made-up tree: few machines let a test make a real group.
#include "sandbox/cgroup.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "tests/support/support.h"

namespace hasten::sandbox {
namespace {

struct Tree {
  TempDir dir;
  std::string mount = dir / "mount", self = dir / "self";
  Tree() {
    std::filesystem::create_directories(mount + "/user/app/session");
    WriteBytes(self, "1:name=systemd:/x\n0::/user/app/session\n");
    for (const char* group : {"", "/user", "/user/app", "/user/app/session"}) {
      WriteBytes(mount + group + "/cgroup.procs", "");
      WriteBytes(mount + group + "/cgroup.subtree_control",
                 std::string(group) == "/user/app/session" ? "" : "cpu memory pids\n");
    }
  }
};

TEST(Cgroups, NoGroupOfThisVersionMeansNone) {
  const TempDir dir;
  WriteBytes(dir / "self", "4:memory:/a\n");
  EXPECT_EQ(Cgroup::Make(1, 1, dir / "mount", dir / "self"), nullptr);
  EXPECT_EQ(Cgroup::Make(1, 1, dir / "mount", dir / "absent"), nullptr);
}

TEST(Cgroups, AParentThatGivesNoMemoryIsPassedOver) {
  const Tree tree;
  for (const char* group : {"/user/app", "/user", ""}) WriteBytes(tree.mount + group + "/cgroup.subtree_control", "cpu\n");
  EXPECT_EQ(Cgroup::Make(1, 1, tree.mount, tree.self), nullptr);
}

// A plain folder makes no control files of its own, so the limit cannot be set: the group is given up and its folder removed.
TEST(Cgroups, AGroupWithoutALimitIsGivenUp) {
  const Tree tree;
  EXPECT_EQ(Cgroup::Make(1, 1, tree.mount, tree.self), nullptr);
  size_t folders = 0;
  for (const auto& entry : std::filesystem::directory_iterator(tree.mount + "/user/app")) folders += entry.is_directory();
  EXPECT_EQ(folders, 1u);
}

}  // namespace
}  // namespace hasten::sandbox
