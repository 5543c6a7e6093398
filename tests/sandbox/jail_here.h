// Skips where the kernel refuses jails, and finds processes that outlive theirs.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <set>
#include <string>

#include "sandbox/jail.h"

namespace hasten::sandbox {

#define HASTEN_JAIL_OR_SKIP() \
  if (!JailWorksHere()) GTEST_SKIP() << JailWorksHere().error().what

// All processes below this one, seen from outside.
inline std::set<std::string> Descendants() {
  std::set<std::string> found, todo = {std::to_string(::getpid())};
  while (!todo.empty()) {
    const std::string pid = *todo.begin();
    todo.erase(todo.begin());
    std::error_code gone;
    for (const auto& task : std::filesystem::directory_iterator("/proc/" + pid + "/task", gone)) {
      std::ifstream children(task.path() / "children");
      for (std::string child; children >> child;)
        if (found.insert(child).second) todo.insert(child);
    }
  }
  return found;
}

}  // namespace hasten::sandbox
