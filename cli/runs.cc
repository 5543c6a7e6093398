// `hasten runs`: the record of what was solved.
#include <cstdio>
#include <ctime>

#include "base/quote.h"
#include "cli/format.h"
#include "cli/log_flags.h"

namespace hasten {
namespace {

constexpr char kDetails[] =
    R"(The run log holds a row for every run of `hasten solve` and a row for every candidate it tried. It holds what was in your
files, so it is readable by you alone; delete and prune take what they remove off the disk, too.

Examples:
  hasten runs                        # newest first
  hasten runs show 12                # one run, with its trials; --json: everything that is known of them
  hasten runs delete 12 13
  hasten runs prune --keep 20        # the newest twenty stay
  hasten runs prune --days 30        # what is older than thirty days goes
)";

struct Options {
  std::string action = "list";
  std::vector<int64_t> ids;
  size_t keep = size_t(-1);
  double days = 0;
  bool json = false;
  LogFlags log;
};

std::string LocalTime(double seconds) {
  const std::time_t time = std::time_t(seconds);
  std::tm parts{};
  ::localtime_r(&time, &parts);
  char text[32];
  return std::string(text, std::strftime(text, sizeof text, "%Y-%m-%d %H:%M", &parts));
}

nlohmann::ordered_json JsonOf(const solve::RunRecord& run) {
  return {{"id", run.id},
          {"started", run.started},
          {"kind", run.kind},
          {"task", run.task},
          {"status", run.status},
          {"best", run.best},
          {"seconds", run.seconds},
          {"candidates", run.trials},
          {"tokens", run.tokens},
          {"dollars", run.dollars},
          {"seed", run.seed},
          {"model_hash", run.model_hash},
          {"version", run.version},
          {"task_digest", run.task_digest},
          {"settings", run.settings}};
}

nlohmann::ordered_json JsonOf(const solve::TrialRecord& t) {
  nlohmann::ordered_json json = {{"n", t.n},
                                 {"parent", t.parent},
                                 {"other", t.other},
                                 {"proposer", t.proposer},
                                 {"candidate", nullptr},
                                 {"candidate_digest", t.candidate_digest},
                                 {"prompt_hash", t.prompt_hash},
                                 {"model_hash", t.model_hash},
                                 {"seed", t.seed},
                                 {"verdict", t.verdict},
                                 {"score", nullptr},
                                 {"passed", t.passed},
                                 {"checks", t.checks},
                                 {"feedback", t.feedback},
                                 {"behaviour", t.behaviour},
                                 {"cpu_s", t.cpu_s},
                                 {"wall_s", t.wall_s},
                                 {"memory_bytes", t.memory_bytes},
                                 {"tokens_in", t.tokens_in},
                                 {"tokens_out", t.tokens_out},
                                 {"dollars", t.dollars},
                                 {"at_s", t.at_s}};
  if (t.candidate) json["candidate"] = *t.candidate;
  if (t.score) json["score"] = *t.score;
  return json;
}

Result<Exit> List(const Options& o) {
  TRY(const solve::RunLog log, o.log.OpenExisting());
  TRY(const auto runs, log.Runs());
  for (const solve::RunRecord& run : runs) {
    if (o.json) {
      PrintJson(JsonOf(run));
    } else {
      std::printf("%5lld  %s  %-6s %-11s %9s  %7s tried  %s\n", static_cast<long long>(run.id), LocalTime(run.started).c_str(),
                  run.kind.c_str(), run.status.c_str(), HumanSeconds(run.seconds).c_str(),
                  HumanCount(double(run.trials)).c_str(), Printable(run.task, 200).c_str());
    }
  }
  if (runs.empty() && !o.json) std::printf("no runs yet\n");
  return Exit::kOk;
}

void PrintTrial(const solve::TrialRecord& t, bool best) {
  std::printf("%c %6llu  %-10s %-16s", best ? '*' : ' ', static_cast<unsigned long long>(t.n), t.proposer.c_str(),
              t.verdict.c_str());
  if (t.score) std::printf(" score %-12.8g", *t.score);
  if (t.checks) std::printf(" %zu/%zu", t.passed, t.checks);
  if (t.parent >= 0) std::printf("  from %lld", static_cast<long long>(t.parent));
  if (t.other >= 0) std::printf(" and %lld", static_cast<long long>(t.other));
  const std::string line = t.feedback.substr(0, t.feedback.find('\n'));
  std::printf("  %s\n", Printable(line, 80).c_str());
}

Status ShowOne(const solve::RunLog& log, int64_t id, bool json) {
  TRY(const solve::RunRecord run, log.Find(id));
  TRY(const auto trials, log.Trials(id));
  if (json) {
    PrintJson(JsonOf(run));
    for (const auto& trial : trials) PrintJson(JsonOf(trial));
    return {};
  }
  std::printf("run %lld, %s: %s %s\n", static_cast<long long>(id), LocalTime(run.started).c_str(), run.kind.c_str(),
              Printable(run.task, 200).c_str());
  std::printf("%s after %s, %s candidates, %s tokens, $%.4f; seed %llu\n", run.status.c_str(),
              HumanSeconds(run.seconds).c_str(), HumanCount(double(run.trials)).c_str(), HumanCount(double(run.tokens)).c_str(),
              run.dollars, static_cast<unsigned long long>(run.seed));
  constexpr size_t kShown = 100;  // a screen or two; --json has all
  for (size_t i = 0; i < trials.size(); ++i)
    if (i < kShown || int64_t(trials[i].n) == run.best) PrintTrial(trials[i], int64_t(trials[i].n) == run.best);
  if (trials.size() > kShown) std::printf("  … %zu trials in all; --json prints every one\n", trials.size());
  for (const auto& trial : trials)
    if (int64_t(trial.n) == run.best && trial.candidate) std::printf("\n%s\n", trial.candidate->c_str());
  return {};
}

Result<Exit> Show(const Options& o) {
  if (o.ids.empty()) return Error{Code::kBadInput, "which run? `hasten runs` lists them; `hasten runs show 12` shows one"};
  TRY(const solve::RunLog log, o.log.OpenExisting());
  for (const int64_t id : o.ids) TRY_OK(ShowOne(log, id, o.json));
  return Exit::kOk;
}

Result<Exit> Delete(const Options& o) {
  if (o.ids.empty())
    return Error{Code::kBadInput, "which runs? `hasten runs` lists them; `hasten runs delete 12 13` deletes two"};
  TRY(solve::RunLog log, o.log.OpenExisting());
  for (const int64_t id : o.ids) TRY_OK(log.Find(id));  // all of them or none
  TRY(const size_t gone, log.Delete(o.ids));
  std::printf("%zu runs deleted\n", gone);
  return Exit::kOk;
}

Result<Exit> Prune(const Options& o) {
  if (o.keep == size_t(-1) && o.days == 0)
    return Error{Code::kBadInput, "what may go? Pass --keep N (the newest stay) or --days D (older ones go), or both"};
  TRY(solve::RunLog log, o.log.OpenExisting());
  TRY(const size_t gone, log.Prune(o.keep, o.days, solve::SecondsSince1970()));
  std::printf("%zu runs deleted\n", gone);
  return Exit::kOk;
}

Result<Exit> Runs(const Options& o) {
  if (o.action == "show") return Show(o);
  if (o.action == "delete") return Delete(o);
  if (o.action == "prune") return Prune(o);
  return List(o);
}

}  // namespace

extern const Verb kRunsVerb;
const Verb kRunsVerb = {
    "runs", "the record of what was solved: list, show, delete, prune", kDetails, [](CLI::App& app) -> VerbBody {
      const auto o = std::make_shared<Options>();
      app.add_option("ACTION", o->action, "list (default), show, delete or prune")
          ->check(CLI::IsMember({"list", "show", "delete", "prune"}));
      app.add_option("ID", o->ids, "runs to show or delete");
      app.add_option("--keep", o->keep, "prune: the newest N runs stay")->type_name("N");
      app.add_option("--days", o->days, "prune: runs older than D days go")->check(CLI::Range(0.0, 1e6))->type_name("D");
      app.add_flag("--json", o->json, "one JSON line a run, and with show one a trial");
      o->log.Declare(app);
      return [o](const Common&) { return Runs(*o); };
    }};

}  // namespace hasten
