#include "cli/energy.h"

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <system_error>

#include "base/file.h"

namespace hasten {

static double Now() { return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(); }

// The number in a file of /sys; nothing where it cannot be read.
static std::optional<double> NumberIn(const std::string& path) {
  const auto text = ReadFile(path);
  if (!text) return std::nullopt;
  char* end = nullptr;
  const double value = std::strtod(text->c_str(), &end);
  return end == text->c_str() ? std::nullopt : std::optional(value);
}

static std::vector<std::string> Folders(const std::string& path) {
  std::vector<std::string> found;
  std::error_code none;
  for (const auto& entry : std::filesystem::directory_iterator(path, none)) found.push_back(entry.path().string());
  return found;
}

std::optional<EnergyMeter> EnergyMeter::Find(const std::string& sys) {
  EnergyMeter meter;
  for (const std::string& zone : Folders(sys + "/class/powercap")) {
    const std::string name = std::filesystem::path(zone).filename();
    // intel-rapl:0 is a package (AMD's too); intel-rapl:0:1 a part of it.
    if (!name.starts_with("intel-rapl:") || name.find(':', 11) != std::string::npos) continue;
    const auto wraps_at = NumberIn(zone + "/max_energy_range_uj");
    if (wraps_at && NumberIn(zone + "/energy_uj")) meter.counters_.push_back({zone + "/energy_uj", *wraps_at, 0});
  }
  if (!meter.counters_.empty()) return meter;
  for (const std::string& supply : Folders(sys + "/class/power_supply")) {
    const auto status = ReadFile(supply + "/status");
    if (!status || !status->starts_with("Discharging") || !NumberIn(supply + "/power_now")) continue;
    meter.battery_ = supply + "/power_now";
    return meter;
  }
  return std::nullopt;
}

void EnergyMeter::Start() {
  for (Counter& c : counters_) c.started = NumberIn(c.path).value_or(0);
  if (!battery_.empty()) watts_ = NumberIn(battery_).value_or(0) * 1e-6;
  started_ = Now();
}

double EnergyMeter::Stop() {
  if (!battery_.empty()) return (watts_ + NumberIn(battery_).value_or(0) * 1e-6) / 2 * (Now() - started_);
  double joules = 0;
  for (const Counter& c : counters_) {
    const double used = NumberIn(c.path).value_or(c.started) - c.started;
    joules += (used < 0 ? used + c.wraps_at : used) * 1e-6;
  }
  return joules;
}

}  // namespace hasten
