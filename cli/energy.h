// What the machine says that it has used: the processor packages' counters (RAPL), or a battery that is being emptied.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace hasten {

class EnergyMeter {
 public:
  // Nothing where there is neither, or they may not be read (RAPL counters usually want root). `sys`: another root, for tests.
  static std::optional<EnergyMeter> Find(const std::string& sys = "/sys");
  const char* source() const { return counters_.empty() ? "battery" : "RAPL"; }
  void Start();
  double Stop();  // joules since Start: of the whole machine's work meanwhile, not of this process alone

 private:
  struct Counter {
    std::string path;
    double wraps_at, started;  // microjoules
  };
  std::vector<Counter> counters_;
  std::string battery_;  // its power in microwatts
  double watts_ = 0, started_ = 0;
};

}  // namespace hasten
