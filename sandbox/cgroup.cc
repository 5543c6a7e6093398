#include "sandbox/cgroup.h"

#include <fcntl.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>

namespace hasten::sandbox {

namespace fs = std::filesystem;

static std::string Words(const fs::path& path) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  return " " + text.str() + " ";
}

static bool Has(const fs::path& file, const std::string& word) {
  std::istringstream words(Words(file));
  for (std::string w; words >> w;)
    if (w == word) return true;
  return false;
}

static bool Put(const fs::path& file, const std::string& value) {
  const int fd = ::open(file.c_str(), O_WRONLY | O_CLOEXEC);
  if (fd < 0) return false;
  const bool ok = ::write(fd, value.data(), value.size()) == ssize_t(value.size());
  ::close(fd);
  return ok;
}

// A group with processes cannot give memory to groups below it, so the place is beside our own: in the nearest group above that
// is ours to write in and gives memory to its children. A user's session has one where systemd delegates it.
static fs::path Parent(const fs::path& mount, const std::string& self) {
  std::ifstream file(self);
  for (std::string line; std::getline(file, line);) {
    if (!line.starts_with("0::/")) continue;
    fs::path group = mount / fs::path(line.substr(4)).relative_path();
    while (group != mount && group.has_relative_path()) {
      group = group.parent_path();
      const bool ours = ::access((group / "cgroup.procs").c_str(), W_OK) == 0 && ::access(group.c_str(), W_OK) == 0;
      if (!ours) return {};
      if (Has(group / "cgroup.subtree_control", "memory")) return group;
    }
  }
  return {};
}

std::unique_ptr<Cgroup> Cgroup::Make(uint64_t memory_bytes, uint64_t processes, const std::string& mount,
                                     const std::string& self) {
  const fs::path parent = Parent(mount, self);
  if (parent.empty()) return nullptr;
  static std::atomic<unsigned> serial{0};
  std::unique_ptr<Cgroup> group(new Cgroup);
  const fs::path path = parent / ("hasten-" + std::to_string(::getpid()) + "-" + std::to_string(serial++));
  std::error_code failed;
  if (!fs::create_directory(path, failed)) return nullptr;
  group->path_ = path.string();
  if (!Put(path / "memory.max", std::to_string(memory_bytes))) return nullptr;
  Put(path / "memory.swap.max", "0");
  Put(path / "pids.max", std::to_string(processes));
  group->entrance_ = ::open((path / "cgroup.procs").c_str(), O_WRONLY | O_CLOEXEC);
  return group->entrance_ >= 0 ? std::move(group) : nullptr;
}

Cgroup::~Cgroup() {
  if (entrance_ >= 0) ::close(entrance_);
  std::error_code busy;  // the kernel may still be taking the last process out
  for (int i = 0; i < 20 && !path_.empty() && !fs::remove(path_, busy) && busy; ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
}

bool Cgroup::KilledForMemory() {
  std::istringstream events(Words(fs::path(path_) / "memory.events"));
  uint64_t count = 0, now = 0;
  for (std::string name; events >> name >> count;)
    if (name == "oom_kill") now = count;
  const bool more = now > kills_;
  kills_ = now;
  return more;
}

}  // namespace hasten::sandbox
