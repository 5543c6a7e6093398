// `hasten bench MODEL`: how fast a model runs here, beside how fast this machine could run it.
#include <algorithm>
#include <chrono>
#include <cstdio>

#include "base/cpu.h"
#include "cli/bench_replay.h"
#include "cli/format.h"
#include "cli/progress.h"
#include "cli/session.h"
#include "engine/engine.h"
#include "engine/floor.h"
#include "engine/sampler.h"

namespace hasten {
namespace {

struct Options {
  std::string model;
  size_t prefill = 512, decode = 64, prefix = 512, runs = 3;
  std::vector<size_t> branches = {1, 8, 64};
  bool json = false;
  ReplayOptions replay;
};

constexpr const char* kDetails =
    "Measures reading a prompt (prefill) and writing tokens (decode): --branches N continuations of one shared prefix, each\n"
    "with its row of logits and its likeliest token at every step. Every figure is the median of --runs runs after one to\n"
    "warm up, and stands beside the limit: the time in which this machine, as measured just before, could have read the\n"
    "weights, keys and values and done the multiply-adds. --prefill 0 or --prefix 0 leaves that part out.\n\n"
    "With --json, one object a line: first the machine's limits, then one for each figure.\n\n"
    "--replay FILE measures speculation instead: the file's text is taken as what the model writes behind the prompt of\n"
    "--prompt, once token by token and once with guesses, in turns.\n\n"
    "Examples:\n"
    "  hasten bench model.gguf\n"
    "  hasten bench model.gguf --threads 2 --prefix 1024 --branches 1,64 --runs 5 --json\n"
    "  hasten bench model.gguf --prompt old.cc --replay new.cc\n";

double Now() { return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(); }

double Median(std::vector<double> v) {
  std::ranges::sort(v);
  return v[v.size() / 2];
}

struct Figure {
  const char* work;
  size_t branches, prefix, tokens;  // tokens made or read in one run
  double seconds, floor_seconds;
  double tokens_per_s() const { return double(tokens) / seconds; }
  double limit() const { return double(tokens) / floor_seconds; }
  double share() const { return floor_seconds / seconds; }
};

// One model under measurement: what to run, and what the machine could do.
class Bench {
 public:
  Bench(const Session& session, const Options& o, Engine& engine, const MachineLimits& machine)
      : session_(session), o_(o), engine_(engine), machine_(machine) {}

  Result<Figure> Prefill();
  Result<Figure> Decode(size_t branches);

 private:
  // Any tokens will do, as long as they are not all the same; small ids, since those are words in every vocabulary.
  int32_t TokenAt(size_t i) const { return int32_t((i * 7919 + 13) % std::min<size_t>(session_.info().vocab, 1000)); }
  std::vector<int32_t> Prompt(size_t count) const {
    std::vector<int32_t> prompt(count);
    for (size_t i = 0; i < count; ++i) prompt[i] = TokenAt(i);
    return prompt;
  }
  Result<double> DecodeOnce(size_t branches, const std::vector<int32_t>& prompt);
  Status DecodeSteps(const std::vector<SequenceId>& ids);
  double ReadRate(const PassWork& work) const {
    constexpr size_t kMostBytes = size_t{1} << 30;
    return MeasureRead(*session_.team, std::min(kMostBytes, WorkingSetBytes(session_.info(), work)), 0.1);
  }

  const Session& session_;
  const Options& o_;
  Engine& engine_;
  const MachineLimits machine_;
};

Result<Figure> Bench::Prefill() {
  const std::vector<int32_t> prompt = Prompt(o_.prefill);
  std::vector<double> seconds;
  Progress progress("prefill");
  for (size_t run = 0; run <= o_.runs; ++run) {
    progress.Set(double(run) / double(o_.runs + 1));
    TRY(const SequenceId seq, engine_.Open(prompt));
    const double start = Now();
    TRY([[maybe_unused]] const auto logits, engine_.Read(seq, prompt));
    if (run > 0) seconds.push_back(Now() - start);
    engine_.Close(seq);
  }
  double floor = 0;
  const double rate = ReadRate(PrefillWork(0, prompt.size(), prompt.size(), session_.info().window));
  for (size_t at = 0; at < prompt.size(); at += engine_.max_rows()) {
    const size_t end = std::min(prompt.size(), at + engine_.max_rows());
    floor += FloorSeconds(session_.info(), machine_, rate, PrefillWork(at, end, prompt.size(), session_.info().window));
  }
  return Figure{"prefill", 1, 0, prompt.size(), Median(seconds), floor};
}

// One token more for each sequence, o.decode times over.
Status Bench::DecodeSteps(const std::vector<SequenceId>& ids) {
  std::vector<int32_t> last(ids.size());
  std::vector<StepRequest> requests(ids.size());
  for (size_t b = 0; b < ids.size(); ++b) {
    last[b] = TokenAt(1000 + b);
    requests[b] = {.seq = ids[b], .tokens = {&last[b], 1}};
  }
  for (size_t i = 0; i < o_.decode; ++i) {
    TRY(const LogitRows rows, engine_.Step(requests));
    session_.team->Run([&](const Lane& lane) {
      const Range mine = lane.Share(rows.size());
      for (size_t b = mine.begin; b < mine.end; ++b) last[b] = ArgMax(rows[b]);
    });
  }
  return {};
}

Result<double> Bench::DecodeOnce(size_t branches, const std::vector<int32_t>& prompt) {
  std::vector<SequenceId> ids(branches);
  TRY(ids[0], engine_.Open(prompt));
  TRY([[maybe_unused]] const auto logits, engine_.Read(ids[0], prompt));
  TRY_OK(engine_.Fork(ids[0], std::span(ids).subspan(1)));
  const double start = Now();
  TRY_OK(DecodeSteps(ids));
  const double took = Now() - start;
  for (const SequenceId id : ids) engine_.Close(id);
  return took;
}

Result<Figure> Bench::Decode(size_t branches) {
  const std::vector<int32_t> prompt = Prompt(o_.prefix);
  std::vector<double> seconds;
  Progress progress(Fmt("decode, %zu branches", branches));
  for (size_t run = 0; run <= o_.runs; ++run) {
    progress.Set(double(run) / double(o_.runs + 1));
    TRY(const double took, DecodeOnce(branches, prompt));
    if (run > 0) seconds.push_back(took);
  }
  double floor = 0;
  const double rate = ReadRate(DecodeWork(branches, prompt.size(), 0, session_.info().window));
  for (size_t i = 0; i < o_.decode; ++i)
    floor +=
        FloorSeconds(session_.info(), machine_, rate, DecodeWork(branches, prompt.size(), double(i), session_.info().window));
  return Figure{"decode", branches, prompt.size(), branches * o_.decode, Median(seconds), floor};
}

void PrintLimits(const Session& session, const MachineLimits& m, bool json) {
  const ModelInfo& model = session.info();
  const std::string isa(ActiveIsa().name);
  if (json) {
    PrintJson({{"work", "limits"},
               {"threads", m.threads},
               {"isa", isa},
               {"memory_bytes_per_s", m.memory_bytes},
               {"cache_bytes_per_s", m.cache_bytes},
               {"int8_multiply_adds_per_s", m.int8_multiply_adds},
               {"float_multiply_adds_per_s", m.float_multiply_adds},
               {"bf16_multiply_adds_per_s", m.bf16_multiply_adds},
               {"family", model.family},
               {"parameters", model.parameters},
               {"weight_bytes", model.weight_bytes},
               {"bytes_per_token", model.bytes_per_token},
               {"multiply_adds_per_token", model.mults_per_token}});
    return;
  }
  std::printf("model    %s, %s parameters, %s packed, %s read a token\n", model.family.c_str(),
              HumanCount(double(model.parameters)).c_str(), HumanBytes(double(model.weight_bytes)).c_str(),
              HumanBytes(double(model.bytes_per_token)).c_str());
  std::printf("machine  %zu threads, %s: memory %s/s, cache %s/s, int8 %s, float %s%s multiply-adds/s\n\n", m.threads,
              isa.c_str(), HumanBytes(m.memory_bytes).c_str(), HumanBytes(m.cache_bytes).c_str(),
              HumanCount(m.int8_multiply_adds).c_str(), HumanCount(m.float_multiply_adds).c_str(),
              m.bf16_multiply_adds > 0 ? (", BF16 " + HumanCount(m.bf16_multiply_adds)).c_str() : "");
  std::printf("%-8s %8s %8s %12s %12s %8s\n", "work", "branches", "prefix", "tokens/s", "limit", "share");
}

void Print(const Figure& f, size_t threads, bool json) {
  if (json) {
    PrintJson({{"engine", "hasten"},
               {"work", f.work},
               {"tokens", f.tokens},
               {"branches", f.branches},
               {"prefix", f.prefix},
               {"threads", threads},
               {"tokens_per_s", f.tokens_per_s()},
               {"limit_tokens_per_s", f.limit()},
               {"share_of_limit", f.share()}});
  } else {
    std::printf("%-8s %8zu %8zu %12.1f %12.1f %7.0f%%\n", f.work, f.branches, f.prefix, f.tokens_per_s(), f.limit(),
                100 * f.share());
  }
  std::fflush(stdout);
}

Result<Exit> RunBench(const Options& o, const Common& common) {
  TRY(const Session session, LoadSession(o.model, common));
  if (!o.replay.text.empty()) {
    ReplayOptions replay = o.replay;
    replay.runs = o.runs;
    replay.json = o.json;
    return BenchReplay(session, replay, common);
  }
  const size_t widest = *std::ranges::max_element(o.branches);
  const size_t needed = std::max(o.prefill, o.prefix + o.decode);
  TRY(const auto engine, Engine::Create(*session.model, *session.team,
                                        {.context = common.context > 0 ? common.context : needed,
                                         .memory_bytes = common.memory_bytes,
                                         .max_sequences = widest,
                                         .prefix_cache = false}));
  const MachineLimits machine = MeasureMachine(*session.team);
  PrintLimits(session, machine, o.json);
  Bench bench(session, o, *engine, machine);
  if (o.prefill > 0) {
    TRY(const Figure figure, bench.Prefill());
    Print(figure, common.threads, o.json);
  }
  for (size_t i = 0; o.prefix > 0 && o.decode > 0 && i < o.branches.size(); ++i) {
    TRY(const Figure figure, bench.Decode(o.branches[i]));
    Print(figure, common.threads, o.json);
  }
  return Exit::kOk;
}

}  // namespace

extern const Verb kBenchVerb;
const Verb kBenchVerb = {
    "bench", "how fast a model runs, beside this machine's limit", kDetails, [](CLI::App& app) -> VerbBody {
      const auto o = std::make_shared<Options>();
      const CLI::Range tokens(size_t(0), size_t(1) << 24);
      app.add_option("MODEL", o->model, "the model file (GGUF)")->required();
      app.add_option("--prefill", o->prefill, "tokens of the prompt to read")->check(tokens)->capture_default_str();
      app.add_option("--decode", o->decode, "tokens that each branch writes")->check(tokens)->capture_default_str();
      app.add_option("--prefix", o->prefix, "tokens that the branches share")->check(tokens)->capture_default_str();
      AddList(app, "--branches", &o->branches, 1, 4096, "how many branches to measure, one after the other");
      app.add_option("--runs", o->runs, "runs of which the median is taken")
          ->check(CLI::Range(size_t(3), size_t(1000)))
          ->capture_default_str();
      app.add_flag("--json", o->json, "one object a line");
      CLI::Option* replay = app.add_option("--replay", o->replay.text, "measure speculation on this text")->type_name("FILE");
      app.add_option("--prompt", o->replay.prompt, "what the replayed text answers")->type_name("FILE")->needs(replay);
      o->replay.speculation.Declare(app);
      return [o](const Common& common) { return RunBench(*o, common); };
    }};

}  // namespace hasten
