// A control group for one jail, where the machine has cgroup v2 and lets this user make one: the kernel then counts all memory
// of the jail, socket buffers and files included, and stops it hard.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

namespace hasten::sandbox {

class Cgroup {
 public:
  // Nothing where there is no such group to be had: the warden's own watching has to do. `mount` and `self` are for tests.
  static std::unique_ptr<Cgroup> Make(uint64_t memory_bytes, uint64_t processes, const std::string& mount = "/sys/fs/cgroup",
                                      const std::string& self = "/proc/self/cgroup");
  ~Cgroup();
  Cgroup(const Cgroup&) = delete;
  Cgroup& operator=(const Cgroup&) = delete;

  int entrance() const { return entrance_; }  // a process that writes "0" here is in it
  bool KilledForMemory();                     // since the last time it was asked
  const std::string& path() const { return path_; }

 private:
  Cgroup() = default;
  std::string path_;
  int entrance_ = -1;
  uint64_t kills_ = 0;
};

}  // namespace hasten::sandbox
