#include "cli/measure.h"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <ctime>
#include <sstream>

#include "engine/sampler.h"

namespace hasten {

static double Now() { return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(); }

double SecondsSinceStart() {
  // Field 22 of /proc/self/stat, clock ticks since the machine started; the name before it may hold anything but ends with ')'.
  const auto stat = ReadFile("/proc/self/stat");
  std::timespec now{};
  if (!stat || clock_gettime(CLOCK_BOOTTIME, &now) != 0) return 0;
  std::istringstream fields(stat->substr(std::min(stat->size(), stat->rfind(')') + 1)));
  std::string field;
  for (int i = 3; i <= 22; ++i) fields >> field;
  const double started = std::strtod(field.c_str(), nullptr) / double(sysconf(_SC_CLK_TCK));
  return double(now.tv_sec) + 1e-9 * double(now.tv_nsec) - started;
}

size_t PeakMemoryBytes() {
  rusage usage{};
  return getrusage(RUSAGE_SELF, &usage) == 0 ? size_t(usage.ru_maxrss) << 10 : 0;
}

double Median(std::vector<double> v) {
  if (v.empty()) return 0;
  std::ranges::sort(v);
  return v[v.size() / 2];
}

std::vector<double> Figure::Ratios() const {
  std::vector<double> ratios;
  for (size_t i = 0; i < std::min(seconds.size(), peer_rates.size()); ++i)
    if (peer_rates[i] > 0) ratios.push_back(double(tokens) / seconds[i] / peer_rates[i]);
  return ratios;
}

double Figure::share() const {
  std::vector<double> shares;
  for (size_t i = 0; i < std::min(seconds.size(), floors.size()); ++i) shares.push_back(floors[i] / seconds[i]);
  return Median(shares);
}

double Figure::spread() const {
  const std::vector<double> ratios = Ratios();
  if (ratios.empty()) return 0;
  const auto [least, most] = std::ranges::minmax(ratios);
  return (most - least) / ratio();
}

std::vector<int32_t> ModelBench::Prompt(size_t count) const {
  std::vector<int32_t> prompt(count);
  for (size_t i = 0; i < count; ++i) prompt[i] = TokenAt(i);
  return prompt;
}

PassWork ModelBench::PrefillPass(size_t begin, size_t end, double experts) const {
  PassWork work = PrefillWork(begin, end, plan_.prefill, session_.info().window);
  work.experts = experts;
  work.kv_type = plan_.kv;
  return work;
}

PassWork ModelBench::DecodeStep(size_t branches, double own, double experts) const {
  PassWork work = DecodeWork(branches, plan_.prefix, own, session_.info().window);
  work.experts = experts;
  work.kv_type = plan_.kv;
  return work;
}

std::vector<PassWork> ModelBench::Passes(const Figure& figure) const {
  std::vector<PassWork> passes;
  if (figure.work == "prefill") {
    for (size_t at = 0; at < plan_.prefill; at += engine_.max_rows())
      passes.push_back(PrefillPass(at, std::min(plan_.prefill, at + engine_.max_rows()), figure.experts));
  } else {
    for (size_t i = 0; i < plan_.decode; ++i) passes.push_back(DecodeStep(figure.branches, double(i), figure.experts));
  }
  return passes;
}

double ModelBench::ReadRate(const Figure& figure) const {
  constexpr size_t kMostBytes = size_t{1} << 30;
  const PassWork work =
      figure.work == "prefill" ? PrefillPass(0, plan_.prefill, figure.experts) : DecodeStep(figure.branches, 0, figure.experts);
  return MeasureRead(*session_.team, std::min(kMostBytes, WorkingSetBytes(session_.info(), work)), 0.1);
}

double ModelBench::Floor(const Figure& figure) const {
  const double rate = ReadRate(figure);
  double floor = 0;
  for (const PassWork& work : Passes(figure)) floor += FloorSeconds(session_.info(), machine_, rate, work);
  return floor;
}

std::vector<Figure> ModelBench::Figures() const {
  std::vector<Figure> figures;
  if (plan_.prefill > 0) figures.push_back({.work = "prefill", .tokens = plan_.prefill});
  for (size_t i = 0; plan_.prefix > 0 && plan_.decode > 0 && i < plan_.branches.size(); ++i) {
    const size_t n = plan_.branches[i];
    figures.push_back({.work = "decode", .branches = n, .prefix = plan_.prefix, .tokens = n * plan_.decode});
  }
  return figures;
}

// Experts that a layer of a pass read, on average.
double ModelBench::ExpertsSince(const EngineStats& before) const {
  const double layers = double(session_.info().expert_layers), passes = double(engine_.stats().steps - before.steps);
  return layers * passes == 0 ? 0 : double(engine_.stats().experts_read - before.experts_read) / (layers * passes);
}

Result<double> ModelBench::RunOnce(const Figure& figure, Profile* profile) {
  return figure.work == "prefill" ? Prefill(profile) : Decode(figure.branches, profile);
}

Result<double> ModelBench::Prefill(Profile* profile) {
  const std::vector<int32_t> prompt = Prompt(plan_.prefill);
  TRY(const SequenceId seq, engine_.Open(prompt));
  engine_.SetProfile(profile);
  const EngineStats before = engine_.stats();
  const double start = Now();
  TRY([[maybe_unused]] const auto logits, engine_.Read(seq, prompt));
  const double took = Now() - start;
  last_experts_ = ExpertsSince(before);
  engine_.SetProfile(nullptr);
  engine_.Close(seq);
  return took;
}

// One token more for each sequence, as often as the plan says.
Status ModelBench::DecodeSteps(const std::vector<SequenceId>& ids, Profile* profile) {
  std::vector<int32_t> last(ids.size());
  std::vector<StepRequest> requests(ids.size());
  for (size_t b = 0; b < ids.size(); ++b) {
    last[b] = TokenAt(1000 + b);
    requests[b] = {.seq = ids[b], .tokens = {&last[b], 1}};
  }
  for (size_t i = 0; i < plan_.decode; ++i) {
    TRY(const LogitRows rows, engine_.Step(requests));
    const double start = Now();
    session_.team->Run([&](const Lane& lane) {
      const Range mine = lane.Share(rows.size());
      for (size_t b = mine.begin; b < mine.end; ++b) last[b] = ArgMax(rows[b]);
    });
    if (profile == nullptr) continue;
    ProfileLine& line = profile->LineOf("choose tokens");
    ++line.calls;
    line.seconds += Now() - start;
  }
  return {};
}

Result<std::vector<SequenceId>> ModelBench::Branches(size_t count) {
  const std::vector<int32_t> prompt = Prompt(plan_.prefix);
  std::vector<SequenceId> ids(count);
  TRY(ids[0], engine_.Open(prompt));
  TRY([[maybe_unused]] const auto logits, engine_.Read(ids[0], prompt));
  TRY_OK(engine_.Fork(ids[0], std::span(ids).subspan(1)));
  return ids;
}

Result<double> ModelBench::Decode(size_t branches, Profile* profile) {
  TRY(const std::vector<SequenceId> ids, Branches(branches));
  engine_.SetProfile(profile);
  const EngineStats before = engine_.stats();
  const double start = Now();
  TRY_OK(DecodeSteps(ids, profile));
  const double took = Now() - start;
  last_experts_ = ExpertsSince(before);
  engine_.SetProfile(nullptr);
  for (const SequenceId id : ids) engine_.Close(id);
  return took;
}

Result<std::vector<ChoiceTime>> ModelBench::ChooseInEveryWay(const Figure& figure) {
  constexpr size_t kTimes = 3;
  std::vector<ChoiceTime> choices = WaysOfChoosing();
  TRY(const std::vector<SequenceId> ids, Branches(figure.branches));
  std::vector<int32_t> last(ids.size());
  std::vector<StepRequest> requests(ids.size());
  for (size_t b = 0; b < ids.size(); ++b) {
    last[b] = TokenAt(1000 + b);
    requests[b] = {.seq = ids[b], .tokens = {&last[b], 1}};
  }
  const size_t all = kTimes * choices.size(), of_a_step = (all + plan_.decode - 1) / plan_.decode;
  for (size_t next = 0; next < all;) {
    TRY(const LogitRows rows, engine_.Step(requests));
    for (const size_t end = std::min(all, next + of_a_step); next < end; ++next)
      MeasureChoice(*session_.team, engine_, ids, rows, choices[next % choices.size()]);
  }
  for (const SequenceId id : ids) engine_.Close(id);
  return choices;
}

size_t ModelBench::threads(const Figure& figure) const {
  return engine_.Lanes(figure.work == "prefill" ? engine_.max_rows() : figure.branches);
}

}  // namespace hasten
