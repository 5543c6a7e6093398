// GET /hasten/live, POST /hasten/measure: the engine at work, for the page.
#include <algorithm>

#include "serve/answer.h"
#include "serve/routes.h"
#include "serve/service.h"

namespace hasten {
namespace {

Json JobJson(const JobView& job) {
  static constexpr const char* kPhases[] = {"waiting", "reading", "writing"};
  Json branches = Json::array();
  for (const JobView::Branch& b : job.texts) branches.push_back({{"written", b.generated_tokens}, {"done", b.done}});
  return {{"id", job.id},
          {"phase", kPhases[size_t(job.phase)]},
          {"prompt", job.prompt_tokens},
          {"cached", job.cached_tokens},
          {"read", std::min(job.read_tokens, job.prompt_tokens)},
          {"written", job.generated_tokens},
          {"seconds", job.seconds},
          {"priority", job.priority},
          {"branches", std::move(branches)}};
}

// One step of all that is being written; of one text without a prompt where nothing is.
PassWork WorkOf(const std::vector<JobView>& jobs, size_t window, KvType kv_type) {
  PassWork sum;
  for (const JobView& job : jobs) {
    if (job.phase != JobView::Phase::kWriting) continue;
    const auto open = size_t(std::ranges::count(job.texts, false, &JobView::Branch::done));
    if (open == 0) continue;
    const PassWork w = DecodeWork(open, job.prompt_tokens, double(job.generated_tokens) / double(job.texts.size()), window);
    sum.rows += w.rows;
    sum.logit_rows += w.logit_rows;
    sum.attended += w.attended;
    sum.kv_positions += w.kv_positions;
    sum.window_attended += w.window_attended;
    sum.window_kv_positions += w.window_kv_positions;
  }
  if (sum.rows == 0) sum = DecodeWork(1, 0, 0, window);
  sum.kv_type = kv_type;
  return sum;
}

Json ModelJson(const Measured& measured, const std::string& id, const Scheduler& s) {
  const auto jobs = s.View();
  Json list = Json::array();
  for (const JobView& job : jobs) list.push_back(JobJson(job));
  const ModelInfo& info = s.engine().model_info();
  const MemoryPlan& plan = s.engine().memory_plan();
  const auto limit = measured.Limit(id, info, WorkOf(jobs, info.window, s.engine().kv_type()));
  const SchedulerStats& stats = s.stats();
  return {{"id", id},
          {"loaded", true},
          {"context", plan.context},
          {"parallel", s.engine().max_sequences()},
          {"limit_tokens_per_s", limit ? Json(*limit) : Json()},
          {"running", s.running()},
          {"waiting", s.waiting()},
          {"kv", {{"blocks", plan.blocks}, {"available", s.engine().blocks_available()}, {"block_tokens", kKvBlock}}},
          {"totals",
           {{"jobs", stats.jobs},
            {"cancelled", stats.cancelled},
            {"failed", stats.failed},
            {"prompt_tokens", stats.prompt_tokens},
            {"cached_tokens", stats.cached_tokens},
            {"generated_tokens", stats.generated_tokens},
            {"steps", stats.steps},
            {"busy_s", stats.busy_s},
            {"preemptions", stats.preemptions}}},
          {"jobs", std::move(list)}};
}

// Asks one loaded model after the other, each on its own thread, and then answers.
void Collect(const std::shared_ptr<Call>& call, size_t index, const std::shared_ptr<Json>& list) {
  const Models& models = call->service.models();
  for (; index < models.all().size(); ++index) {
    const std::string& id = models.all()[index].id();
    const auto worker = models.Loaded(index);
    if (!worker) {
      list->push_back({{"id", id}, {"loaded", false}});
      continue;
    }
    return worker->Ask([call, index, list](const Scheduler& s) {
      list->push_back(ModelJson(call->service.measured(), call->service.models().all()[index].id(), s));
      call->reply->Post([call, index, list] { Collect(call, index + 1, list); });
    });
  }
  const auto machine = call->service.measured().machine();
  Json limits;
  if (machine) {
    limits = {{"threads", machine->threads},
              {"memory_bytes_per_s", machine->memory_bytes},
              {"cache_bytes_per_s", machine->cache_bytes},
              {"int8_multiply_adds_per_s", machine->int8_multiply_adds},
              {"float_multiply_adds_per_s", machine->float_multiply_adds}};
  }
  const double now = std::chrono::duration<double>(JobClock::now().time_since_epoch()).count();
  call->Answer({{"version", HASTEN_VERSION}, {"now_s", now}, {"machine", std::move(limits)}, {"models", *list}});
}

}  // namespace

void Live(const std::shared_ptr<Call>& call) { Collect(call, 0, std::make_shared<Json>(Json::array())); }

void Measure(const std::shared_ptr<Call>& call) {
  const bool taken = call->service.background().Do([call] {
    call->service.measured().Measure();
    call->reply->Post([call] { Live(call); });
  });
  if (!taken) call->Refuse({.status = 429, .message = "too much is being measured and read already", .retry_after_s = 1});
}

}  // namespace hasten
