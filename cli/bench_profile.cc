#include "cli/bench_profile.h"

#include <algorithm>
#include <cstdio>

#include "cli/format.h"

namespace hasten {

// Bytes at the bandwidth of where they lie, multiply-adds at the peak of their kind. The larger of both.
static double LimitOf(const ProfileLine& line, double read_rate, const MachineLimits& m) {
  const double peak = line.int8 ? m.int8_multiply_adds : AttentionPeak(m, line.int16 ? KvType::kI16 : KvType::kF32);
  return std::max(line.bytes / read_rate, line.multiply_adds / peak);
}

static StepProfile Summary(const Figure& figure, const Profile& profile, double seconds, double steps,
                           const MachineLimits& machine, double rate) {
  StepProfile out = {.figure = figure, .seconds = seconds / steps, .operations = {}, .choices = {}};
  double watched = 0;
  for (const ProfileLine& line : profile.lines()) {
    std::string name(line.verb);
    if (line.outputs > 0) name += Fmt(" %zu x %zu", line.outputs, line.inputs);
    watched += line.seconds / steps;
    out.operations.push_back({.name = name,
                              .calls = double(line.calls) / steps,
                              .seconds = line.seconds / steps,
                              .bytes = line.bytes / steps,
                              .multiply_adds = line.multiply_adds / steps,
                              .limit_seconds = LimitOf(line, rate, machine) / steps});
  }
  out.operations.push_back({.name = "between operations", .calls = 1, .seconds = std::max(0.0, out.seconds - watched)});
  std::ranges::stable_sort(out.operations, std::greater<>(), &Operation::seconds);
  return out;
}

Result<std::vector<StepProfile>> ProfileSteps(ModelBench& bench, const std::vector<Figure>& figures, size_t decode_steps,
                                              const MachineLimits& machine) {
  std::vector<StepProfile> profiles;
  for (const Figure& figure : figures) {
    Profile profile;
    const double rate = bench.ReadRate(figure);  // of this minute
    TRY(const double seconds, bench.RunOnce(figure, &profile));
    profiles.push_back(Summary(figure, profile, seconds, figure.work == "prefill" ? 1 : double(decode_steps), machine, rate));
    if (figure.work == "prefill") continue;
    TRY(profiles.back().choices, bench.ChooseInEveryWay(figure));
  }
  return profiles;
}

// What choosing tokens takes beside a step without it.
static void PrintChoices(const StepProfile& p, bool json) {
  double chosen = 0;
  for (const Operation& o : p.operations)
    if (o.name == "choose tokens") chosen += o.seconds;
  for (const ChoiceTime& c : p.choices) {
    if (c.seconds.empty()) continue;
    const double seconds = Median(c.seconds), share = seconds / (p.seconds - chosen + seconds);
    if (json) {
      PrintJson({{"work", "choose tokens"},
                 {"way", c.way},
                 {"branches", p.figure.branches},
                 {"seconds", seconds},
                 {"share_of_step", share}});
    } else {
      std::printf("choosing, %-18s %6.2f%% %8s %11s\n", c.way, 100 * share, "", HumanSeconds(seconds).c_str());
    }
  }
}

void PrintProfile(const StepProfile& p, bool json) {
  const Figure& f = p.figure;
  if (!json) {
    const std::string what =
        f.work == "prefill" ? Fmt("a prompt of %zu tokens", f.tokens) : Fmt("a step of %zu branches", f.branches);
    std::printf("\n%s: %s\n%-28s %7s %8s %11s %12s %12s %8s\n", what.c_str(), HumanSeconds(p.seconds).c_str(), "operation",
                "share", "calls", "time", "read/s", "mult-adds/s", "limit");
  }
  for (const Operation& o : p.operations) {
    if (json) {
      PrintJson({{"work", "profile"},
                 {"of", f.work},
                 {"branches", f.branches},
                 {"operation", o.name},
                 {"share_of_step", o.seconds / p.seconds},
                 {"calls", o.calls},
                 {"seconds", o.seconds},
                 {"bytes", o.bytes},
                 {"multiply_adds", o.multiply_adds},
                 {"share_of_limit", o.seconds > 0 ? o.limit_seconds / o.seconds : 0}});
      continue;
    }
    std::printf("%-28s %6.1f%% %8.0f %11s", o.name.c_str(), 100 * o.seconds / p.seconds, o.calls,
                HumanSeconds(o.seconds).c_str());
    if (o.multiply_adds > 0 && o.seconds > 0)
      std::printf(" %12s %12s %7.0f%%", HumanBytes(o.bytes / o.seconds).c_str(),
                  HumanCount(o.multiply_adds / o.seconds).c_str(), 100 * o.limit_seconds / o.seconds);
    std::printf("\n");
  }
  PrintChoices(p, json);
  std::fflush(stdout);
}

}  // namespace hasten
