// `hasten bench MODEL`: how fast a model runs here, beside how fast this machine could run it.
#include <algorithm>
#include <cstdio>
#include <optional>

#include "base/cpu.h"
#include "cli/bench_profile.h"
#include "cli/bench_replay.h"
#include "cli/bench_report.h"
#include "cli/energy.h"
#include "cli/format.h"
#include "cli/measure.h"
#include "cli/peer.h"
#include "cli/progress.h"

namespace hasten {
namespace {

struct Options {
  std::string model, versus;
  OutputFlags report;
  BenchPlan plan;
  size_t runs = 3;
  bool json = false, profile = false;
  ReplayOptions replay;
};

constexpr const char* kDetails =
    "Measures reading a prompt (prefill) and writing tokens (decode): --branches N continuations of one shared prefix, each\n"
    "with its row of logits and its likeliest token at every step. Every figure is the median of --runs runs after one to\n"
    "warm up, and stands beside the limit: the time in which this machine, as measured just before, could have read the\n"
    "weights, keys and values and done the multiply-adds. --prefill 0 or --prefix 0 leaves that part out.\n\n"
    "With --json, one object a line: first the machine's limits, then how it started, then one for each figure.\n\n"
    "--vs COMMAND runs another engine in turns with this one: the command prints one JSON object a line, with work (prefill "
    "or\n"
    "decode), branches and tokens_per_s. In it {model}, {threads}, {prefill}, {decode}, {prefix} and {branches} are filled "
    "in.\n"
    "The ratio is the median of the runs' own; the spread is how far those lie apart.\n\n"
    "--profile watches one more run of each and shows what its operations took, read and multiplied, each as a share of its\n"
    "own limit, and what choosing tokens adds in each way of sampling. --report FILE.html draws the roofline of this\n"
    "machine with each operation on it, and tokens/s over branches.\n\n"
    "Threads: those of --threads; else each kind of step is run with as many as measured fastest, and the column says so. The\n"
    "machine's limits are those of all threads.\n\n"
    "--replay FILE measures speculation instead: the file's text is taken as what the model writes behind the prompt of\n"
    "--prompt, once token by token and once with guesses, in turns.\n\n"
    "Examples:\n"
    "  hasten bench model.gguf\n"
    "  hasten bench model.gguf --threads 2 --prefix 1024 --branches 1,64 --runs 5 --json\n"
    "  hasten bench model.gguf --vs 'bench/peers/llamacpp {model} {threads} {prefill} {decode} {prefix} {branches}'\n"
    "  hasten bench model.gguf --prompt old.cc --replay new.cc\n";

void PrintLimits(const Session& session, const MachineLimits& m, const char* energy, bool json) {
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
               {"energy", energy == nullptr ? nlohmann::ordered_json() : energy},
               {"family", model.family},
               {"parameters", model.parameters},
               {"weight_bytes", model.weight_bytes},
               {"bytes_per_token", model.bytes_per_token},
               {"multiply_adds_per_token", model.mults_per_token},
               {"head_multiply_adds", model.head_mults}});
    return;
  }
  std::printf("model    %s, %s parameters, %s packed, %s read a token\n", model.family.c_str(),
              HumanCount(double(model.parameters)).c_str(), HumanBytes(double(model.weight_bytes)).c_str(),
              HumanBytes(double(model.bytes_per_token)).c_str());
  std::printf("machine  %zu threads, %s: memory %s/s, cache %s/s, int8 %s, float %s%s multiply-adds/s\n", m.threads,
              isa.c_str(), HumanBytes(m.memory_bytes).c_str(), HumanBytes(m.cache_bytes).c_str(),
              HumanCount(m.int8_multiply_adds).c_str(), HumanCount(m.float_multiply_adds).c_str(),
              m.bf16_multiply_adds > 0 ? (", BF16 " + HumanCount(m.bf16_multiply_adds)).c_str() : "");
  if (energy == nullptr) {
    std::printf("energy   this machine does not tell (no readable RAPL counters, no battery in use)\n");
  } else {
    std::printf("energy   %s, of all that the machine does meanwhile\n", energy);
  }
}

// What there was before the first figure: from the start of the process to a token of a one-token prompt.
struct Beginning {
  double loaded_s, first_token_s;
  size_t peak_bytes;
  std::string_view weights_from;
};

Status ReadOneToken(Engine& engine) {
  const int32_t token = 0;
  TRY(const SequenceId seq, engine.Open({&token, 1}));
  TRY([[maybe_unused]] const auto logits, engine.Read(seq, {&token, 1}));
  engine.Close(seq);
  return {};
}

void PrintBeginning(const Beginning& b, bool json) {
  if (json) {
    PrintJson({{"work", "start"},
               {"loaded_s", b.loaded_s},
               {"first_token_s", b.first_token_s},
               {"peak_memory_bytes", b.peak_bytes},
               {"weights", b.weights_from}});
  } else {
    std::printf("start    first token after %.2f s, weights %s after %.2f s; peak memory %s\n\n", b.first_token_s,
                std::string(b.weights_from).c_str(), b.loaded_s, HumanBytes(double(b.peak_bytes)).c_str());
  }
}

// The columns that are known beside a figure's own.
struct Columns {
  std::string peer;  // empty: none
  bool joules = false;
};

void PrintHeading(const Columns& c) {
  std::printf("%-8s %8s %8s %8s %12s %12s %8s", "work", "branches", "prefix", "threads", "tokens/s", "limit", "share");
  if (!c.peer.empty()) std::printf(" %12.12s %8s %8s", c.peer.c_str(), "ratio", "spread");
  if (c.joules) std::printf(" %10s", "J/token");
  std::printf("\n");
}

void Print(const Figure& f, const Columns& c, size_t threads, bool json) {  // `threads`: that its steps were run with
  if (json) {
    nlohmann::ordered_json object = {{"engine", "hasten"},
                                     {"work", f.work},
                                     {"tokens", f.tokens},
                                     {"branches", f.branches},
                                     {"prefix", f.prefix},
                                     {"threads", threads},
                                     {"tokens_per_s", f.tokens_per_s()},
                                     {"limit_tokens_per_s", f.limit()},
                                     {"share_of_limit", f.share()}};
    if (!c.peer.empty()) {
      object["peer"] = c.peer;
      object["peer_tokens_per_s"] = f.peer_tokens_per_s();
      object["ratio"] = f.ratio();
      object["ratio_spread"] = f.spread();
    }
    if (c.joules) object["joules_per_token"] = f.joules_per_token();
    PrintJson(object);
  } else {
    std::printf("%-8s %8zu %8zu %8zu %12.1f %12.1f %7.0f%%", f.work.c_str(), f.branches, f.prefix, threads, f.tokens_per_s(),
                f.limit(), 100 * f.share());
    if (!c.peer.empty()) std::printf(" %12.1f %8.2f %7.0f%%", f.peer_tokens_per_s(), f.ratio(), 100 * f.spread());
    if (c.joules) std::printf(" %10.3g", f.joules_per_token());
    std::printf("\n");
  }
  std::fflush(stdout);
}

// All figures in turns, and the peer once a round; the first round warms up and does not count.
Status Measure(ModelBench& bench, std::vector<Figure>& figures, Peer* peer, size_t runs, EnergyMeter* meter) {
  Progress progress("measuring");
  for (size_t run = 0; run <= runs; ++run) {
    for (size_t i = 0; i < figures.size(); ++i) {
      progress.Set(double(run * figures.size() + i) / double((runs + 1) * figures.size()));
      if (run > 0) figures[i].floors.push_back(bench.Floor(figures[i]));
      if (meter) meter->Start();
      TRY(const double seconds, bench.RunOnce(figures[i]));
      if (run == 0) {
        figures[i].experts = bench.experts();
        continue;
      }
      figures[i].seconds.push_back(seconds);
      if (meter) figures[i].joules += meter->Stop();
    }
    if (peer && run > 0) TRY_OK(peer->Run(figures));
  }
  return {};
}

Result<Exit> RunBench(const Options& o, const Common& common) {
  TRY(const Session session, LoadSession(o.model, common));
  const double loaded_s = SecondsSinceStart();
  if (!o.replay.text.empty()) {
    ReplayOptions replay = o.replay;
    replay.runs = o.runs;
    replay.json = o.json;
    return BenchReplay(session, replay, common);
  }
  std::optional<FileWriter> report;
  if (!o.report.path.empty()) {
    TRY(FileWriter file, o.report.Open());
    report.emplace(std::move(file));
  }
  const size_t widest = *std::ranges::max_element(o.plan.branches);
  const size_t needed = std::max(o.plan.prefill, o.plan.prefix + o.plan.decode);
  TRY(const auto engine, Engine::Create(*session.model, *session.team,
                                        {.context = common.context > 0 ? common.context : needed,
                                         .memory_bytes = common.memory_bytes,
                                         .kv_type = o.plan.kv,
                                         .max_sequences = widest,
                                         .choose_lanes = common.choose_threads,
                                         .prefix_cache = false}));
  TRY_OK(ReadOneToken(*engine));
  const Beginning beginning = {loaded_s, SecondsSinceStart(), PeakMemoryBytes(), session.info().weights_from};
  const MachineLimits machine = MeasureMachine(*session.team);
  auto meter = EnergyMeter::Find();
  PrintLimits(session, machine, meter ? meter->source() : nullptr, o.json);
  PrintBeginning(beginning, o.json);
  ModelBench bench(session, o.plan, *engine, machine);
  std::vector<Figure> figures = bench.Figures();
  std::optional<Peer> peer;
  if (!o.versus.empty()) peer.emplace(o.versus, o.model, common.threads, o.plan);
  TRY_OK(Measure(bench, figures, peer ? &*peer : nullptr, o.runs, meter ? &*meter : nullptr));
  const Columns columns = {peer ? peer->name() : "", meter.has_value()};
  if (!o.json) PrintHeading(columns);
  for (const Figure& f : figures) Print(f, columns, bench.threads(f), o.json);
  std::vector<StepProfile> profiles;
  if (o.profile || report) {
    TRY(profiles, ProfileSteps(bench, figures, o.plan.decode, machine));
  }
  for (size_t i = 0; o.profile && i < profiles.size(); ++i) PrintProfile(profiles[i], o.json);
  if (report) {
    const ModelInfo& info = session.info();
    const std::string machine_line =
        Fmt("%zu threads, %s; %s parameters, %s of packed weights", machine.threads, std::string(ActiveIsa().name).c_str(),
            HumanCount(double(info.parameters)).c_str(), HumanBytes(double(info.weight_bytes)).c_str());
    const std::string name = o.model.substr(o.model.rfind('/') + 1);
    TRY_OK(
        report->Write(ReportHtml(BenchReport{"hasten bench " + name, machine_line, columns.peer, machine, figures, profiles})));
    TRY_OK(report->Commit());
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
      app.add_option("--prefill", o->plan.prefill, "tokens of the prompt to read")->check(tokens)->capture_default_str();
      app.add_option("--decode", o->plan.decode, "tokens that each branch writes")->check(tokens)->capture_default_str();
      app.add_option("--prefix", o->plan.prefix, "tokens that the branches share")->check(tokens)->capture_default_str();
      AddList(app, "--branches", &o->plan.branches, 1, 4096, "how many branches to measure, one after the other");
      AddKvType(app, &o->plan.kv);
      app.add_option("--runs", o->runs, "runs of which the median is taken")
          ->check(CLI::Range(size_t(3), size_t(1000)))
          ->capture_default_str();
      app.add_flag("--profile", o->profile, "where the time of a step goes, operation by operation");
      app.add_option("--report", o->report.path, "draw it: one page of HTML")->type_name("FILE");
      app.add_flag("--force", o->report.force, "replace the report where it exists");
      app.add_option("--vs", o->versus, "a peer's command to run in turns; {model}, {threads}, {branches}, … are filled in")
          ->type_name("COMMAND");
      app.add_flag("--json", o->json, "one object a line");
      CLI::Option* replay = app.add_option("--replay", o->replay.text, "measure speculation on this text")->type_name("FILE");
      app.add_option("--prompt", o->replay.prompt, "what the replayed text answers")->type_name("FILE")->needs(replay);
      o->replay.speculation.Declare(app);
      return [o](const Common& common) { return RunBench(*o, common); };
    }};

}  // namespace hasten
