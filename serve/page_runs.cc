// GET /hasten/runs, /hasten/runs/ID: what the run log of `hasten solve` holds, for the page. Nothing is written.
#include <charconv>

#include "serve/routes.h"
#include "serve/service.h"
#include "solve/report/report_page.h"

namespace hasten {
namespace {

constexpr size_t kMostRuns = 1000;

Json RunJson(const solve::RunRecord& run) {
  return {{"id", run.id},           {"started", run.started}, {"kind", run.kind},      {"task", run.task},
          {"status", run.status},   {"seconds", run.seconds}, {"trials", run.trials},  {"tokens", run.tokens},
          {"dollars", run.dollars}, {"best", run.best},       {"version", run.version}};
}

void ListRuns(Call& call) {
  const auto path = solve::RunLogPath(call.service.options().run_log);
  const auto log = path ? solve::RunLog::OpenExisting(*path) : Result<solve::RunLog>(path.error());
  // A log that is missing is one that nothing has been written to yet.
  if (!log && log.error().code == Code::kNotFound) return call.Answer({{"runs", Json::array()}, {"total", 0}});
  if (!log) return call.Refuse(RefusalOf(log.error()));
  const auto runs = log->Runs();
  if (!runs) return call.Refuse(RefusalOf(runs.error()));
  Json list = Json::array();
  for (const solve::RunRecord& run : *runs) {
    if (list.size() == kMostRuns) break;
    list.push_back(RunJson(run));
  }
  call.Answer({{"runs", std::move(list)}, {"total", runs->size()}});
}

Result<std::string> Report(const Call& call, int64_t id) {
  TRY(const std::string path, solve::RunLogPath(call.service.options().run_log));
  TRY(const solve::RunLog log, solve::RunLog::OpenExisting(path));
  TRY(const solve::RunRecord run, log.Find(id));
  TRY(const auto trials, log.Trials(id));
  return solve::ReportPage(run, trials, solve::LowerIsBetter(run));
}

void InBackground(const std::shared_ptr<Call>& call, std::function<void()> work) {
  const ServiceOptions& options = call->service.options();
  if (!options.show_runs || !options.show_page)
    return call->Refuse({.status = 404, .message = "this server shows no runs: it was started with --no-runs or --no-page"});
  if (!call->service.background().Do(std::move(work)))
    call->Refuse({.status = 429, .message = "too many runs are being read already", .retry_after_s = 1});
}

}  // namespace

void Runs(const std::shared_ptr<Call>& call) {
  InBackground(call, [call] { ListRuns(*call); });
}

void RunReport(const std::shared_ptr<Call>& call) {
  int64_t id = 0;
  const char* const end = call->tail.data() + call->tail.size();
  if (const auto [at, error] = std::from_chars(call->tail.data(), end, id); error != std::errc() || at != end)
    return call->Refuse({.status = 404, .message = "a run has a number: /hasten/runs/12"});
  InBackground(call, [call, id] {
    auto page = Report(*call, id);
    if (!page) return call->Refuse(RefusalOf(page.error()));
    // Where a browser opens it by itself nothing in it runs or loads anything either.
    call->reply->Send({.content_type = "text/html; charset=utf-8",
                       .body = *std::move(page),
                       .headers = {{"Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'"},
                                   {"X-Content-Type-Options", "nosniff"},
                                   {"Cache-Control", "no-store"}}});
  });
}

}  // namespace hasten
