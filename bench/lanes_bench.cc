// lanes_bench MODEL.gguf…: many branches with lanes that split every operation, and with lanes that run branches of their
// own, in turns. Where the second wins decides kAloneWeightBytes and kAloneRows in engine/engine.cc.
#include <algorithm>
#include <chrono>
#include <cstdio>

#include "engine/engine.h"
#include "engine/sampler.h"
#include "formats/gguf.h"

namespace hasten {
namespace {

double Now() { return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(); }

double Steps(Engine& engine, Team& team, const std::vector<SequenceId>& ids, size_t count) {
  std::vector<int32_t> last(ids.size(), 1);
  std::vector<StepRequest> requests;
  for (size_t b = 0; b < ids.size(); ++b) requests.push_back({.seq = ids[b], .tokens = {&last[b], 1}});
  const double start = Now();
  for (size_t i = 0; i < count; ++i) {
    const auto rows = engine.Step(requests);
    if (!rows) return 0;
    team.Run([&](const Lane& lane) {
      const Range mine = lane.Share(rows->size());
      for (size_t b = mine.begin; b < mine.end; ++b) last[b] = ArgMax((*rows)[b]);
    });
  }
  return Now() - start;
}

Status Measure(const char* path, size_t branches) {
  TRY(const Gguf file, Gguf::Open(path));
  Team team(HardwareThreads());
  TRY(const auto model, LoadModel(file, team));
  TRY(const auto engine, Engine::Create(*model, team, {.context = 128, .max_sequences = branches, .prefix_cache = false}));
  std::vector<double> together, alone;
  for (int run = 0; run < 10; ++run) {
    std::vector<SequenceId> ids(branches);
    TRY(ids[0], engine->Open({}));
    const std::vector<int32_t> prompt(64, 1);
    TRY_OK(engine->Feed(ids[0], prompt));
    TRY_OK(engine->Fork(ids[0], std::span(ids).subspan(1)));
    engine->SetSplit(run % 2 ? Engine::Split::kAlone : Engine::Split::kTogether);
    const double took = Steps(*engine, team, ids, 16);
    if (run > 1) (run % 2 ? alone : together).push_back(took);
    for (const SequenceId id : ids) engine->Close(id);
  }
  std::ranges::sort(together);
  std::ranges::sort(alone);
  std::printf("%s: %zu bytes of weights, %zu branches: alone takes %.2f of the time together (best: %.2f)\n", path,
              model->info().weight_bytes, branches, alone[2] / together[2], alone[0] / together[0]);
  return {};
}

}  // namespace
}  // namespace hasten

int main(int argc, char** argv) {
  for (int i = 1; i < argc; ++i)
    for (const size_t branches : {4, 16, 32, 64, 128})
      if (const auto status = hasten::Measure(argv[i], branches); !status) std::printf("%s\n", status.error().what.c_str());
}
