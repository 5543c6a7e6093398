#include "sandbox/view.h"

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <sstream>

namespace hasten::sandbox {

namespace fs = std::filesystem;

static void Show(View& view, const char* path) {
  std::error_code ignored;
  if (fs::is_symlink(path, ignored))
    view.links.emplace_back(fs::read_symlink(path, ignored).string(), path);
  else if (fs::exists(path, ignored))
    view.binds.push_back({path, path});
}

View SystemView() {
  View view;
  for (const char* path :
       {"/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32", "/etc/alternatives", "/etc/ld.so.cache",
        "/etc/localtime", "/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom"})
    Show(view, path);
  view.links.insert(view.links.end(), {{"/proc/self/fd", "/dev/fd"},
                                       {"/proc/self/fd/0", "/dev/stdin"},
                                       {"/proc/self/fd/1", "/dev/stdout"},
                                       {"/proc/self/fd/2", "/dev/stderr"},
                                       {"/tmp", "/dev/shm"}});
  view.files = {{"/etc/passwd", "candidate:x:1000:1000::/work:/bin/sh\n"}, {"/etc/group", "candidate:x:1000:\n"}};
  return view;
}

static std::string Executable(const fs::path& path) {
  std::error_code failed;
  const fs::path real = fs::canonical(path, failed);
  if (failed || !fs::is_regular_file(real, failed) || ::access(real.c_str(), X_OK) != 0) return {};
  return real.string();
}

std::string FindProgram(const std::string& program) {
  if (program.find('/') != program.npos) return Executable(program);
  const char* path = std::getenv("PATH");
  std::istringstream folders(std::string(kJailPath) + (path ? ":" + std::string(path) : ""));
  for (std::string folder; std::getline(folders, folder, ':');)
    if (std::string found = Executable(fs::path(folder.empty() ? "." : folder) / program); !found.empty()) return found;
  return {};
}

std::vector<Bind> BindsOfProgram(const std::string& path) {
  if (path.starts_with("/usr/") || path.starts_with("/bin/") || path.starts_with("/sbin/")) return {};
  const fs::path folder = fs::path(path).parent_path();
  // prefix/bin/python3 needs prefix/lib; a program that lies anywhere else needs its own folder. Never a whole home or root.
  const fs::path shown = folder.filename() == "bin" && folder.parent_path() != "/" ? folder.parent_path() : folder;
  if (shown == "/") return {{path, path}};
  return {{shown.string(), shown.string()}};
}

}  // namespace hasten::sandbox
