// What of the outer file system a jail shows.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "sandbox/jail.h"

namespace hasten::sandbox {

struct View {
  std::vector<Bind> binds;
  std::vector<std::pair<std::string, std::string>> links;  // target, path
  std::vector<File> files;                                 // absolute paths
};

// Programs and libraries of the system, a few harmless devices, and the little of /etc that programs need.
View SystemView();

// Where programs in a jail are looked for.
inline constexpr const char* kJailPath = "/usr/local/bin:/usr/bin:/bin";

// `program` on kJailPath, else on this process's PATH (or as a path), links followed: where it really lies. Empty where there
// is none. The system's first: what shadows it is often a script that needs the rest of a home (pyenv, nvm).
std::string FindProgram(const std::string& program);

// What an interpreter that is installed elsewhere than below /usr needs: the folder above its bin/.
std::vector<Bind> BindsOfProgram(const std::string& path);

}  // namespace hasten::sandbox
