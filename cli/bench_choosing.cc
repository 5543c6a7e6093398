#include "cli/bench_choosing.h"

#include <chrono>
#include <cstring>

#include "engine/row_sampler.h"

namespace hasten {
namespace {

struct Way {
  const char* name;
  SamplerOptions options;
};

const std::vector<Way>& Ways() {
  static const std::vector<Way> ways = {
      {"greedy", {.temperature = 0}},
      {"default options", {}},
      {"default and penalties", {.repetition_penalty = 1.1f, .presence_penalty = 0.5f, .frequency_penalty = 0.5f}},
      {"top-k alone", {.top_p = 1, .min_p = 0}},
      {"top-p alone", {.top_k = 0, .min_p = 0}},
      {"min-p alone", {.top_k = 0, .top_p = 1}},
      {"no cut", {.temperature = 1, .top_k = 0, .top_p = 1, .min_p = 0}},
  };
  return ways;
}

}  // namespace

std::vector<ChoiceTime> WaysOfChoosing() {
  std::vector<ChoiceTime> all;
  for (const Way& way : Ways()) all.push_back({.way = way.name});
  return all;
}

void MeasureChoice(Team& team, const Engine& engine, std::span<const SequenceId> sequences, const LogitRows& rows,
                   ChoiceTime& choice) {
  const Way* way = &Ways().front();
  for (const Way& w : Ways())
    if (std::strcmp(w.name, choice.way) == 0) way = &w;
  const Sampler sampler(way->options);
  std::vector<SampleRequest> requests;
  for (size_t i = 0; i < rows.size(); ++i)
    requests.push_back({&sampler, rows[i], engine.Tokens(sequences[i]), engine.Length(sequences[i])});
  std::vector<int32_t> chosen(rows.size());
  static constexpr size_t kUncounted = 2;  // a sampler's memory grows at its first use
  RowSampler row_sampler(team);
  for (size_t i = 0; i < kUncounted; ++i)
    row_sampler.Sample(std::span(requests).first(std::min<size_t>(requests.size(), 2 * team.lanes())), chosen);
  const auto start = std::chrono::steady_clock::now();
  row_sampler.Sample(requests, chosen);
  choice.seconds.push_back(std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
}

}  // namespace hasten
