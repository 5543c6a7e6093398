#include "cli/solve_task.h"

#include <cstdio>
#include <filesystem>
#include <thread>

#include "base/quote.h"
#include "cli/format.h"
#include "cli/interrupt.h"
#include "cli/live_display.h"
#include "cli/session.h"
#include "solve/log/digest.h"
#include "solve/propose/local_model.h"
#include "solve/propose/upstream.h"
#include "text/json.h"

namespace hasten {

void TaskFlags::Declare(CLI::App& app) {
  app.add_option("--model", model, "task: candidates come from this model")->type_name("FILE.gguf");
  app.add_option("--upstream", upstream, "task: candidates come from this server (OpenAI-compatible)")->type_name("URL");
  app.add_option("--upstream-model", upstream_model, "task: what that server calls the model")->type_name("NAME");
  app.add_option("--key-env", key_env, "task: the environment variable that holds the server's key")->type_name("NAME");
  app.add_option("--price-in", price_in, "task: dollars per million tokens read")->type_name("D");
  app.add_option("--price-out", price_out, "task: dollars per million tokens written")->type_name("D");
  app.add_option("--branches", branches, "task: candidates that a model writes at a time")
      ->check(CLI::Range(size_t(1), size_t(1024)));
  app.add_option("--strategy", strategy, "task: how to search")
      ->check(CLI::IsMember({"best-of-n", "repair", "tree", "sweep", "islands"}))
      ->type_name("best-of-n|repair|tree|sweep|islands");
  app.add_option("--width", width, "task: candidates a round")->check(CLI::Range(size_t(1), size_t(1) << 16));
  app.add_option("--seed", seed, "task: another seed, another search");
  app.add_option("--candidates", candidates, "task: try at most so many; with --suite, in each task");
  app.add_option("--tokens", tokens, "task: read and write at most so many tokens; with --suite, in each task");
  app.add_option("--dollars", dollars, "task: spend at most so much; with --suite, on each task");
  app.add_flag("--no-jail", no_jail, "task: run candidates without a jail, with all that you may do yourself");
  app.add_option("--resume", resume, "go on with this run (`hasten runs` lists them)")->type_name("ID");
}

solve::RunnerMaker RunnersFor(bool no_jail) {
  return [no_jail](sandbox::RunnerOptions options) {
    options.jail = !no_jail;
    return sandbox::MakeRunner(std::move(options));
  };
}

// A model in memory, and what it stands on; without an engine where there is none.
struct LoadedModel {
  std::optional<Session> session;
  std::optional<Tokenizer> tokenizer;
  std::optional<ChatFormat> chat;  // where the file brings a template
  std::unique_ptr<Engine> engine;
  std::string hash;
};

namespace {

void Apply(const TaskFlags& f, solve::Task& task) {
  solve::ProposerSettings& p = task.proposers;
  if (!f.model.empty()) p.model = f.model;
  if (!f.upstream.empty()) p.upstream = f.upstream;
  if (!f.upstream_model.empty()) p.upstream_model = f.upstream_model;
  if (!f.key_env.empty()) p.key_env = f.key_env;
  if (f.price_in) p.dollars_per_million_in = *f.price_in;
  if (f.price_out) p.dollars_per_million_out = *f.price_out;
  if (f.branches) p.branches = *f.branches;
  if (!f.strategy.empty()) task.search.strategy = f.strategy;
  if (f.width) task.search.width = *f.width;
  if (f.seed) task.seed = *f.seed;
  if (f.seconds) task.budget.seconds = *f.seconds;
  if (f.candidates) task.budget.candidates = *f.candidates;
  if (f.tokens) task.budget.tokens = *f.tokens;
  if (f.dollars) task.budget.dollars = *f.dollars;
}

// All that a run which is taken up again must do the same way.
std::string SettingsOf(const solve::Task& task, bool no_jail) {
  const solve::ProposerSettings& p = task.proposers;
  return nlohmann::ordered_json({{"model", p.model},
                                 {"upstream", p.upstream},
                                 {"upstream_model", p.upstream_model},
                                 {"key_env", p.key_env},
                                 {"price_in", p.dollars_per_million_in},
                                 {"price_out", p.dollars_per_million_out},
                                 {"branches", p.branches},
                                 {"strategy", task.search.strategy},
                                 {"width", task.search.width},
                                 {"seconds", task.budget.seconds},
                                 {"candidates", task.budget.candidates},
                                 {"tokens", task.budget.tokens},
                                 {"dollars", task.budget.dollars},
                                 {"no_jail", no_jail}})
      .dump();
}

// The task of a recorded run with the settings that it had; `flags` may give it more to spend.
Result<solve::Task> RecordedTask(const solve::RunRecord& run, TaskFlags& flags) {
  if (run.kind != "task")
    return Error{Code::kUnsupported, Fmt("run %lld is a search by example; it starts anew in no time: hasten solve %s",
                                         static_cast<long long>(run.id), Printable(run.task, 200).c_str())};
  TRY(solve::Task task, solve::ReadTask(run.task));
  if (task.digest != run.task_digest)
    return Error{Code::kBadInput, Fmt("run %lld cannot be taken up: '%s', or a file that it names, has changed since",
                                      static_cast<long long>(run.id), Printable(run.task, 200).c_str())};
  TRY(const auto json, ParseJson(run.settings, 8));
  try {
    TaskFlags was;
    was.model = json.at("model").get<std::string>();
    was.upstream = json.at("upstream").get<std::string>();
    was.upstream_model = json.at("upstream_model").get<std::string>();
    was.key_env = json.at("key_env").get<std::string>();
    was.price_in = json.at("price_in").get<double>();
    was.price_out = json.at("price_out").get<double>();
    was.branches = json.at("branches").get<size_t>();
    was.strategy = json.at("strategy").get<std::string>();
    was.width = json.at("width").get<size_t>();
    was.seconds = json.at("seconds").get<double>();
    was.candidates = json.at("candidates").get<size_t>();
    was.tokens = json.at("tokens").get<size_t>();
    was.dollars = json.at("dollars").get<double>();
    was.seed = run.seed;
    flags.no_jail = flags.no_jail || json.at("no_jail").get<bool>();
    Apply(was, task);
  } catch (const nlohmann::json::exception&) {
    return Error{Code::kCorrupt, Fmt("the settings of run %lld are damaged", static_cast<long long>(run.id))};
  }
  const uint64_t seed = run.seed;
  Apply(flags, task);
  task.seed = seed;
  return task;
}

// The mapping goes before the model is loaded: its pages would count beside the packed weights.
Result<std::string> DigestOfFile(const std::string& path) {
  TRY(const MappedFile file, MappedFile::Open(path));
  return solve::DigestText(solve::Digest({reinterpret_cast<const char*>(file.bytes().data()), file.bytes().size()}));
}

Result<std::unique_ptr<LoadedModel>> LoadTheModel(const std::string& path, size_t branches, const Common& common) {
  auto m = std::make_unique<LoadedModel>();
  if (path.empty()) return m;
  TRY(m->hash, DigestOfFile(path));
  TRY(Session session, LoadSession(path, common));
  m->session.emplace(std::move(session));
  TRY(Tokenizer tokenizer, Tokenizer::Load(m->session->file));
  m->tokenizer.emplace(std::move(tokenizer));
  TRY(ChatFormat chat, ChatFormat::Load(m->session->file, *m->tokenizer));
  if (!chat.source().empty()) m->chat.emplace(std::move(chat));
  constexpr size_t kGuessed = 64;  // rows of one pass that check guesses
  TRY(m->engine, Engine::Create(*m->session->model, *m->session->team,
                                {.context = common.context,
                                 .memory_bytes = common.memory_bytes,
                                 .max_sequences = branches + 1,
                                 .max_logit_rows = branches + 1 + kGuessed,
                                 .marks = true,
                                 .choose_lanes = common.choose_threads}));
  return m;
}

// Whoever proposes with a model; nothing where the task names none.
Result<std::unique_ptr<solve::Proposer>> ProposerFor(const solve::Task& task, solve::Spending& spending, LoadedModel& model) {
  if (!task.proposers.upstream.empty()) {
    model.hash = task.proposers.upstream_model;
    return solve::MakeUpstream(task, task.seed, spending);
  }
  if (!model.engine) return std::unique_ptr<solve::Proposer>();
  return solve::MakeLocalModel(task, task.seed, spending,
                               {model.engine.get(), &*model.tokenizer, model.chat ? &*model.chat : nullptr, model.hash});
}

void PrintEnd(const solve::TaskOutcome& outcome, const solve::Spent& spent, int64_t run, bool json) {
  if (json) {
    nlohmann::ordered_json line = {{"event", "end"},           {"run", run},
                                   {"solved", outcome.solved}, {"why", outcome.ended},
                                   {"best", nullptr},          {"score", nullptr},
                                   {"program", nullptr},       {"candidates", spent.candidates},
                                   {"seconds", spent.seconds}, {"tokens", spent.tokens},
                                   {"dollars", spent.dollars}};
    if (outcome.best) {
      line["best"] = outcome.best->n;
      line["program"] = outcome.best->candidate;
      if (outcome.best->judged.score) line["score"] = *outcome.best->judged.score;
    }
    PrintJson(line);
    return;
  }
  std::fprintf(stderr, "%s: %s", outcome.solved ? "solved" : "ended", outcome.ended.c_str());
  if (outcome.best) std::fprintf(stderr, "; best: %s", MeritOf(*outcome.best).c_str());
  std::fprintf(stderr, "; %s candidates in %s", HumanCount(double(spent.candidates)).c_str(),
               HumanSeconds(spent.seconds).c_str());
  if (spent.tokens) std::fprintf(stderr, ", %s tokens", HumanCount(double(spent.tokens)).c_str());
  if (spent.dollars > 0) std::fprintf(stderr, ", $%.4f", spent.dollars);
  if (run) std::fprintf(stderr, "; run %lld", static_cast<long long>(run));
  std::fprintf(stderr, "\n");
}

// Ctrl-C becomes the end of the search, not of the process: a thread looks for it while the search runs.
class Cancel {
 public:
  Cancel()
      : watcher_([this](const std::stop_token& stop) {
          while (!stop.stop_requested()) {
            if (Interrupt::Requested()) requested_ = true;
            std::this_thread::sleep_for(std::chrono::milliseconds(20));
          }
        }) {}
  const std::atomic<bool>* flag() const { return &requested_; }

 private:
  Interrupt interrupt_;
  std::atomic<bool> requested_{false};
  std::jthread watcher_;
};

// Is there an answer that is worth printing?
bool HasAnswer(const solve::Task& task, const solve::TaskOutcome& outcome) {
  if (outcome.solved) return true;
  const solve::TaskCheck* const score = task.Score();
  return outcome.best && score && outcome.best->judged.score;
}

Result<Exit> Conclude(const solve::Task& task, const solve::TaskOutcome& outcome, std::optional<FileWriter>& file, bool json) {
  if (HasAnswer(task, outcome)) {
    const std::string program = task.Program(outcome.best->candidate);
    Status written;
    if (file) {
      written = file->Write(program);
      if (written) written = file->Commit();
    }
    if (!json && (!file || !written)) std::fwrite(program.data(), 1, program.size(), stdout);
    if (!written) return Error{written.error().code, written.error().what + "; the program is on standard output instead"};
  }
  if (outcome.failure) return *outcome.failure;
  if (Interrupt::Requested()) return Exit::kCancelled;
  const solve::TaskCheck* const score = task.Score();
  const bool enough = outcome.solved || (score && !score->target && outcome.best && outcome.best->judged.score);
  return enough ? Exit::kOk : Exit::kNo;
}

}  // namespace

Result<Exit> SolveTaskFile(const std::string& path, TaskFlags flags, const OutputFlags& out, const LogFlags& log_flags,
                           bool json, const Common& common) {
  solve::TaskSetup setup;
  solve::RunRecord run;
  TRY(auto log, log_flags.Open());
  std::optional<solve::Task> task;
  solve::Spent before;
  if (flags.resume) {
    if (!log) return Error{Code::kBadInput, "there is no log to take a run from"};
    TRY(run, log->Find(flags.resume));
    TRY(solve::Task recorded, RecordedTask(run, flags));
    task.emplace(std::move(recorded));
    TRY(setup.trials, log->Trials(run.id));
    setup.past = solve::Past::kResume;
    for (const solve::TrialRecord& t : setup.trials) {
      before.seconds = std::max(before.seconds, t.at_s);
      before.candidates += t.verdict != "duplicate";
      before.tokens += t.tokens_in + t.tokens_out;
      before.dollars += t.dollars;
    }
    before.tokens = std::max(before.tokens, run.tokens);  // with answers that a budget cut short
    before.dollars = std::max(before.dollars, run.dollars);
  } else {
    TRY(solve::Task read, solve::ReadTask(path));
    task.emplace(std::move(read));
    Apply(flags, *task);
  }
  std::optional<FileWriter> file;
  if (!out.path.empty()) {
    TRY(FileWriter opened, out.Open());
    file.emplace(std::move(opened));
  }
  solve::Spending spending(task->budget, before);
  TRY(const auto model,
      LoadTheModel(task->proposers.upstream.empty() ? task->proposers.model : "", task->proposers.branches, common));
  TRY(const auto proposer, ProposerFor(*task, spending, *model));
  if (!flags.resume) {
    std::error_code ignored;
    run = {.started = solve::SecondsSince1970(),
           .kind = "task",
           .task = path,
           .text = task->text,
           .task_digest = task->digest,
           .settings = SettingsOf(*task, flags.no_jail),
           .model_hash = model->hash,
           .version = HASTEN_VERSION,
           .seed = task->seed};
    if (!path.empty()) run.task = std::filesystem::absolute(path, ignored).string();
  }
  if (log && !flags.resume) {
    const auto id = log->Begin(run);
    if (id) {
      run.id = *id;
    } else {
      WarnOfLog(id.error());
      log.reset();
    }
  }
  auto display = MakeDisplay(json ? Display::kJson : Display::kAuto);
  const Cancel cancel;
  setup.make_runner = RunnersFor(flags.no_jail);
  setup.model = proposer.get();
  setup.spending = &spending;
  setup.threads = common.threads;
  setup.log = log ? &*log : nullptr;
  setup.run = run.id;
  setup.cancelled = cancel.flag();
  setup.watcher = display.get();
  setup.on_log_failure = WarnOfLog;
  auto outcome = solve::RunTask(*task, setup);
  display.reset();  // its line goes before others come
  if (!outcome) {
    run.status = "failed";
    if (log) (void)log->Update(run);
    return outcome.error();
  }
  PrintEnd(*outcome, spending.Now(), run.id, json);
  return Conclude(*task, *outcome, file, json);
}

Result<Exit> ReplayTask(int64_t id, const LogFlags& log_flags, const TaskFlags& given, bool json, const Common& common) {
  TRY(const solve::RunLog log, log_flags.OpenExisting());
  TRY(const solve::RunRecord run, log.Find(id));
  TaskFlags flags = given;
  TRY(solve::Task task, RecordedTask(run, flags));
  solve::TaskSetup setup;
  TRY(setup.trials, log.Trials(id));
  if (!task.proposers.upstream.empty()) task.proposers.upstream.clear();  // what it said is recorded; nobody is asked again
  task.budget = {.seconds = 1e18};
  solve::Spending spending(task.budget);
  TRY(const auto model, LoadTheModel(task.proposers.model, task.proposers.branches, common));
  TRY(const auto proposer, ProposerFor(task, spending, *model));
  auto display = MakeDisplay(json ? Display::kJson : Display::kAuto);
  const Cancel cancel;
  setup.past = solve::Past::kReplay;
  setup.make_runner = RunnersFor(flags.no_jail);
  setup.model = proposer.get();
  setup.spending = &spending;
  setup.threads = common.threads;
  setup.cancelled = cancel.flag();
  setup.watcher = display.get();
  TRY(const auto outcome, solve::RunTask(task, setup));
  display.reset();
  if (outcome.failure) return *outcome.failure;
  if (json) {
    PrintJson({{"run", id},
               {"replayed", outcome.replayed},
               {"different", outcome.different},
               {"first_difference", outcome.first_difference}});
  } else {
    std::printf("%zu trials replayed, %zu different%s%s\n", outcome.replayed, outcome.different,
                outcome.different ? "; the first: " : "", outcome.first_difference.c_str());
  }
  if (Interrupt::Requested()) return Exit::kCancelled;
  return outcome.different ? Exit::kNo : Exit::kOk;
}

TaskSolver::TaskSolver() = default;
TaskSolver::~TaskSolver() = default;

Result<std::unique_ptr<TaskSolver>> TaskSolver::Create(const TaskFlags& flags, const Common& common) {
  auto solver = std::unique_ptr<TaskSolver>(new TaskSolver);
  solver->flags_ = flags;
  TRY(solver->model_, LoadTheModel(flags.upstream.empty() ? flags.model : "",
                                   flags.branches.value_or(solve::ProposerSettings().branches), common));
  return solver;
}

bool TaskSolver::HasEngine() const { return model_->engine != nullptr; }

solve::TaskResult TaskSolver::Solve(const std::string& path, size_t threads, const std::atomic<bool>* cancelled) const {
  solve::TaskResult result;
  auto task = solve::ReadTask(path);
  if (!task) {
    result.error = task.error().what;
    return result;
  }
  Apply(flags_, *task);
  solve::Spending spending(task->budget);
  LoadedModel none;
  auto proposer = ProposerFor(*task, spending, HasEngine() ? *model_ : none);
  if (!proposer) {
    result.error = proposer.error().what;
    return result;
  }
  solve::TaskSetup setup;
  setup.make_runner = RunnersFor(flags_.no_jail);
  setup.model = proposer->get();
  setup.spending = &spending;
  setup.threads = threads;
  setup.cancelled = cancelled;
  const auto outcome = solve::RunTask(*task, setup);
  const solve::Spent spent = spending.Now();
  result.seconds = spent.seconds;
  result.candidates = spent.candidates;
  if (!outcome || outcome->failure) {
    result.error = outcome ? outcome->failure->what : outcome.error().what;
    return result;
  }
  result.solved = outcome->solved;
  if (outcome->solved) {
    result.program = outcome->best->candidate;
    result.size = result.program.size();
  }
  return result;
}

}  // namespace hasten
