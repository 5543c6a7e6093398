// One model under measurement: what a run of prefill or of decode takes, and what it would take at the limit of this machine.
#pragma once

#include <string>
#include <vector>

#include "cli/bench_choosing.h"
#include "cli/session.h"
#include "engine/engine.h"
#include "engine/floor.h"
#include "models/profile.h"

namespace hasten {

double SecondsSinceStart();  // of this process, to 10 ms
size_t PeakMemoryBytes();    // resident, so far

double Median(std::vector<double> values);  // 0 of none

// A measured kind of work, in several runs and beside a peer.
struct Figure {
  std::string work;  // "prefill" or "decode"
  size_t branches = 1, prefix = 0;
  size_t tokens = 0;                    // made or read in one run
  double experts = 0;                   // that a layer of a pass reads; 0: those that one may expect
  std::vector<double> floors = {};      // seconds at this machine's limit, by run: measured beside it, for machines drift
  std::vector<double> seconds = {};     // by run
  std::vector<double> peer_rates = {};  // tokens/s, by run
  double joules = 0;                    // of all runs together; 0: not known

  double tokens_per_s() const { return double(tokens) / Median(seconds); }
  double limit() const { return double(tokens) / Median(floors); }
  double share() const;  // of the limit that was measured beside the same run
  double peer_tokens_per_s() const { return Median(peer_rates); }
  double ratio() const { return Median(Ratios()); }  // of runs that stood side by side
  double spread() const;                             // of those ratios, largest less smallest, as a share of ratio()
  double joules_per_token() const { return joules / double(tokens * seconds.size()); }
  std::vector<double> Ratios() const;
};

struct BenchPlan {
  size_t prefill = 512, decode = 64, prefix = 512;
  std::vector<size_t> branches = {1, 8, 64};
  KvType kv = EngineOptions().kv_type;
};

class ModelBench {
 public:
  ModelBench(const Session& session, const BenchPlan& plan, Engine& engine, const MachineLimits& machine)
      : session_(session), plan_(plan), engine_(engine), machine_(machine) {}

  std::vector<Figure> Figures() const;                                       // what the plan asks for, with no runs yet
  Result<double> RunOnce(const Figure& figure, Profile* profile = nullptr);  // seconds
  double Floor(const Figure& figure) const;         // seconds of a run at the limit that is measured now
  double ReadRate(const Figure& figure) const;      // bytes a second, measured now, from wherever what it reads lies
  double experts() const { return last_experts_; }  // that a layer of the last run's passes read; 0: the model has none
  // Decoding once more, with tokens chosen in every way.
  Result<std::vector<ChoiceTime>> ChooseInEveryWay(const Figure& figure);
  size_t threads(const Figure& figure) const;  // that its steps are run with

 private:
  // Any tokens will do, as long as they are not all the same; small ids, since those are words in every vocabulary.
  int32_t TokenAt(size_t i) const { return int32_t((i * 7919 + 13) % std::min<size_t>(session_.info().vocab, 1000)); }
  std::vector<int32_t> Prompt(size_t count) const;
  double ExpertsSince(const EngineStats& before) const;
  std::vector<PassWork> Passes(const Figure& figure) const;
  PassWork PrefillPass(size_t begin, size_t end, double experts) const;
  PassWork DecodeStep(size_t branches, double own, double experts) const;
  Result<double> Prefill(Profile* profile);
  Result<std::vector<SequenceId>> Branches(size_t count);
  Result<double> Decode(size_t branches, Profile* profile);
  Status DecodeSteps(const std::vector<SequenceId>& ids, Profile* profile);

  const Session& session_;
  const BenchPlan plan_;
  Engine& engine_;
  const MachineLimits machine_;
  double last_experts_ = 0;
};

}  // namespace hasten
