#include "cli/measure.h"

#include <algorithm>
#include <chrono>

#include "engine/sampler.h"

namespace hasten {

static double Now() { return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(); }

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

// Bytes a second from wherever the work's bytes lie.
double ModelBench::ReadRate(const PassWork& work) const {
  constexpr size_t kMostBytes = size_t{1} << 30;
  return MeasureRead(*session_.team, std::min(kMostBytes, WorkingSetBytes(session_.info(), work)), 0.1);
}

double ModelBench::PrefillFloor() const {
  const size_t total = plan_.prefill, window = session_.info().window;
  const double rate = ReadRate(PrefillWork(0, total, total, window));
  double floor = 0;
  for (size_t at = 0; at < total; at += engine_.max_rows()) {
    const PassWork work = PrefillWork(at, std::min(total, at + engine_.max_rows()), total, window);
    floor += FloorSeconds(session_.info(), machine_, rate, work);
  }
  return floor;
}

double ModelBench::DecodeFloor(size_t branches) const {
  const auto work = [&](double own) { return DecodeWork(branches, plan_.prefix, own, session_.info().window); };
  const double rate = ReadRate(work(0));
  double floor = 0;
  for (size_t i = 0; i < plan_.decode; ++i) floor += FloorSeconds(session_.info(), machine_, rate, work(double(i)));
  return floor;
}

std::vector<Figure> ModelBench::Figures() const {
  std::vector<Figure> figures;
  if (plan_.prefill > 0) figures.push_back({.work = "prefill", .tokens = plan_.prefill, .floor_seconds = PrefillFloor()});
  for (size_t i = 0; plan_.prefix > 0 && plan_.decode > 0 && i < plan_.branches.size(); ++i) {
    const size_t n = plan_.branches[i];
    figures.push_back(
        {.work = "decode", .branches = n, .prefix = plan_.prefix, .tokens = n * plan_.decode, .floor_seconds = DecodeFloor(n)});
  }
  return figures;
}

Result<double> ModelBench::RunOnce(const Figure& figure, Profile* profile) {
  return figure.work == "prefill" ? Prefill(profile) : Decode(figure.branches, profile);
}

Result<double> ModelBench::Prefill(Profile* profile) {
  const std::vector<int32_t> prompt = Prompt(plan_.prefill);
  TRY(const SequenceId seq, engine_.Open(prompt));
  engine_.SetProfile(profile);
  const double start = Now();
  TRY([[maybe_unused]] const auto logits, engine_.Read(seq, prompt));
  const double took = Now() - start;
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

Result<double> ModelBench::Decode(size_t branches, Profile* profile) {
  const std::vector<int32_t> prompt = Prompt(plan_.prefix);
  std::vector<SequenceId> ids(branches);
  TRY(ids[0], engine_.Open(prompt));
  TRY([[maybe_unused]] const auto logits, engine_.Read(ids[0], prompt));
  TRY_OK(engine_.Fork(ids[0], std::span(ids).subspan(1)));
  engine_.SetProfile(profile);
  const double start = Now();
  TRY_OK(DecodeSteps(ids, profile));
  const double took = Now() - start;
  engine_.SetProfile(nullptr);
  for (const SequenceId id : ids) engine_.Close(id);
  return took;
}

}  // namespace hasten
