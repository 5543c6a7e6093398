// `hasten report ID`: one page that shows a recorded run.
#include <cstdio>

#include "cli/log_flags.h"
#include "solve/report/report_page.h"

namespace hasten {
namespace {

constexpr char kDetails[] =
    R"(Writes a recorded run as one HTML page: what it cost, the score over time, the winning program with its checks, the tree of
candidates with their verdicts. The page stands alone: it loads nothing and runs no script. It shows candidates and the task, so
share it only with those who may see them.

Examples:
  hasten report 12 -o run.html
  hasten report 12 > run.html
)";

struct Options {
  int64_t id = 0;
  OutputFlags out;
  LogFlags log;
};

Result<Exit> Report(const Options& o) {
  TRY(const solve::RunLog log, o.log.OpenExisting());
  TRY(const solve::RunRecord run, log.Find(o.id));
  TRY(const auto trials, log.Trials(o.id));
  const std::string page = solve::ReportPage(run, trials, solve::LowerIsBetter(run));
  if (o.out.path.empty()) {
    std::fwrite(page.data(), 1, page.size(), stdout);
    return Exit::kOk;
  }
  TRY(FileWriter file, o.out.Open());
  TRY_OK(file.Write(page));
  TRY_OK(file.Commit());
  return Exit::kOk;
}

}  // namespace

extern const Verb kReportVerb;
const Verb kReportVerb = {"report", "a recorded run as an HTML page", kDetails, [](CLI::App& app) -> VerbBody {
                            const auto o = std::make_shared<Options>();
                            app.add_option("ID", o->id, "the run (`hasten runs` lists them)")->required();
                            o->out.Declare(app, "write the page to this file");
                            o->log.Declare(app);
                            return [o](const Common&) { return Report(*o); };
                          }};

}  // namespace hasten
