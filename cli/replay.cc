// `hasten replay ID`: the same candidates and verdicts again.
#include "cli/solve_task.h"

namespace hasten {
namespace {

constexpr char kDetails[] =
    R"(Repeats a recorded run of a task: proposes by the same seed, judges anew, and compares every candidate and every verdict with
the record. What a server proposed is taken from the record; nobody is asked again, and nothing is paid. Exit code 1 where
anything came out differently: a judge that is not the same twice, a time limit on a busy machine.

Examples:
  hasten replay 12
)";

struct Options {
  int64_t id = 0;
  bool json = false;
  LogFlags log;
  TaskFlags task;
};

}  // namespace

extern const Verb kReplayVerb;
const Verb kReplayVerb = {"replay", "repeats a recorded run and compares", kDetails, [](CLI::App& app) -> VerbBody {
                            const auto o = std::make_shared<Options>();
                            app.add_option("ID", o->id, "the run (`hasten runs` lists them)")->required();
                            app.add_flag("--no-jail", o->task.no_jail, "run candidates without a jail");
                            app.add_flag("--json", o->json, "JSON lines");
                            o->log.Declare(app);
                            return [o](const Common& common) { return ReplayTask(o->id, o->log, o->task, o->json, common); };
                          }};

}  // namespace hasten
