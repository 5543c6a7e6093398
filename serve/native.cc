// llama-server's own paths, and the list of models.
// Source: llama.cpp, tools/server/README.md; Prometheus, "Exposition formats".
#include "serve/answer.h"
#include "serve/routes.h"
#include "serve/service.h"
#include "serve/token_text.h"
#include "tokenizer/utf8.h"

namespace hasten {

static Json ModelEntry(const Models& models, size_t index) {
  const Models::Served& served = models.all()[index];
  const auto worker = models.Loaded(index);
  Json meta = {{"family", served.family}, {"size_bytes", served.file.file_bytes()}, {"loaded", worker != nullptr}};
  if (worker) {
    meta["context"] = worker->context();
    meta["trained_context"] = worker->info().trained_context;
    meta["vocabulary"] = worker->info().vocab;
    meta["parameters"] = worker->info().parameters;
  }
  return {{"id", served.id()},
          {"object", "model"},
          {"created", served.modified_s},
          {"owned_by", "hasten"},
          {"aliases", std::vector<std::string>(served.names.begin() + 1, served.names.end())},
          {"meta", std::move(meta)}};
}

void ListModels(const std::shared_ptr<Call>& call) {
  const Models& models = call->service.models();
  Json list = Json::array();
  for (size_t i = 0; i < models.all().size(); ++i) list.push_back(ModelEntry(models, i));
  call->Answer({{"object", "list"}, {"data", std::move(list)}});
}

void ShowModel(const std::shared_ptr<Call>& call) {
  bool exact = false;
  const auto index = call->service.models().Find(call->tail, &exact);
  if (!index || !exact) return call->Refuse({.status = 404, .message = "no model is called '" + call->tail + "'"});
  call->Answer(ModelEntry(call->service.models(), *index));
}

void Tokenize(const std::shared_ptr<Call>& call) {
  call->WithModel([call](const std::shared_ptr<Worker>& worker) {
    std::string content;
    EncodeOptions options;
    bool pieces = false;
    {
      Fields fields(call->body, "", call->reading);
      fields.Accept({"model"});
      content = fields.RequiredText("content");
      options.add_special = fields.Flag("add_special", false);
      options.parse_special = fields.Flag("parse_special", true);
      pieces = fields.Flag("with_pieces", false);
    }
    if (!call->Understood()) return;
    const Tokenizer& tokenizer = worker->tokenizer();
    Json tokens = Json::array();
    for (const Token t : tokenizer.Encode(content, options)) {
      const std::string bytes = TokenBytes(tokenizer, t);
      Json piece = bytes;
      if (!IsUtf8(bytes)) {
        piece = Json::array();
        for (const char c : bytes) piece.push_back(unsigned(uint8_t(c)));
      }
      tokens.push_back(pieces ? Json{{"id", t}, {"piece", std::move(piece)}} : Json(t));
    }
    call->Answer({{"tokens", std::move(tokens)}});
  });
}

void Detokenize(const std::shared_ptr<Call>& call) {
  call->WithModel([call](const std::shared_ptr<Worker>& worker) {
    std::vector<Token> tokens;
    {
      Fields fields(call->body, "", call->reading);
      fields.Accept({"model"});
      const Json* list = fields.Array("tokens");
      if (!list) fields.Refuse("tokens", "is missing and has to be a list of tokens");
      for (size_t i = 0; list && i < list->size(); ++i) {
        const Json& entry = (*list)[i];
        const bool fits = entry.is_number_integer() && entry >= 0 && entry < int64_t(worker->tokenizer().size());
        if (!fits) {
          fields.Refuse("tokens[" + std::to_string(i) + "]",
                        Fmt("has to be a token, a whole number from 0 to %zu", worker->tokenizer().size() - 1));
          break;
        }
        tokens.push_back(entry.get<Token>());
      }
    }
    if (call->Understood()) call->Answer({{"content", worker->tokenizer().Decode(tokens, true)}});
  });
}

void Health(const std::shared_ptr<Call>& call) {
  if (call->service.stopping()) return call->Answer({{"status", "stopping"}}, 503);
  call->Answer({{"status", "ok"}});
}

static Json PropsOf(const Call& call, const Worker& worker, const Engine& engine) {
  const SamplerOptions defaults;
  const auto file = call.service.models().all()[*call.service.models().Find(call.model)].file;
  const auto chat_template = file.GetString("tokenizer.chat_template", "");
  return {{"model_alias", call.model},
          {"total_slots", worker.max_sequences()},
          {"threads", {{"one_sequence", engine.Lanes(1)}, {"all_slots", engine.Lanes(worker.max_sequences())}}},
          {"default_generation_settings",
           {{"n_ctx", worker.context()},
            {"params",
             {{"temperature", defaults.temperature},
              {"top_k", defaults.top_k},
              {"top_p", defaults.top_p},
              {"min_p", defaults.min_p},
              {"repeat_penalty", defaults.repetition_penalty},
              {"repeat_last_n", defaults.penalty_window}}}}},
          {"bos_token", std::string(worker.tokenizer().Text(worker.tokenizer().bos()))},
          {"eos_token", std::string(worker.tokenizer().Text(worker.tokenizer().eos()))},
          {"chat_template", chat_template ? ReplaceInvalidUtf8(*chat_template) : ""},
          {"build_info", "hasten " HASTEN_VERSION}};
}

void Props(const std::shared_ptr<Call>& call) {
  call->WithModel([call](const std::shared_ptr<Worker>& worker) {
    // Its own thread knows how many threads steps take. Not the shared pointer: the worker would end itself if this were its
    // last.
    worker->Ask([call, w = worker.get()](const Scheduler& scheduler) { call->Answer(PropsOf(*call, *w, scheduler.engine())); });
  });
}

void Slots(const std::shared_ptr<Call>& call) {
  call->WithModel([call](const std::shared_ptr<Worker>& worker) {
    worker->Ask([call](const Scheduler& scheduler) {
      Json list = Json::array();
      for (const JobView& job : scheduler.View()) {
        static constexpr const char* kPhases[] = {"waiting", "reading", "writing"};
        list.push_back({{"id", job.id},
                        {"is_processing", job.phase != JobView::Phase::kWaiting},
                        {"phase", kPhases[size_t(job.phase)]},
                        {"n_prompt_tokens", job.prompt_tokens},
                        {"n_prompt_tokens_cached", job.cached_tokens},
                        {"n_read", job.read_tokens},
                        {"n_decoded", job.generated_tokens},
                        {"n_drafted", job.drafted_tokens},
                        {"n_draft_accepted", job.accepted_tokens},
                        {"branches", job.branches},
                        {"priority", job.priority}});
      }
      call->Answer(list);
    });
  });
}

// ------------------------------------------------------------------------------------------------------ metrics

namespace {

// Prometheus text: a name once, then a line for each model.
class MetricsText {
 public:
  void Family(const char* name, const char* type, const char* help) {
    text_ += Fmt("# HELP hasten_%s %s\n# TYPE hasten_%s %s\n", name, help, name, type);
  }
  void Line(const char* name, const std::string& labels, double value) {
    text_ += Fmt("hasten_%s{%s} %.17g\n", name, labels.c_str(), value);
  }
  std::string Take() { return std::move(text_); }

 private:
  std::string text_;
};

std::string Label(const char* name, const std::string& value) {
  std::string escaped;
  for (const char c : value) {
    if (c == '\\' || c == '"') escaped += '\\';
    escaped += c == '\n' ? ' ' : c;
  }
  return std::string(name) + "=\"" + ReplaceInvalidUtf8(escaped) + "\"";
}

struct ModelNumbers {
  std::string label;
  SchedulerStats stats;
  size_t running, waiting, branches, blocks, blocks_available, prompt_chunk, recalled;
};

// Asks one loaded model after the other, each on its own thread, and then answers.
void Collect(const std::shared_ptr<Call>& call, size_t index, const std::shared_ptr<std::vector<ModelNumbers>>& numbers);

void AnswerMetrics(Call& call, const std::vector<ModelNumbers>& models) {
  struct Metric {
    const char *name, *type, *help;
    double (*value)(const ModelNumbers&);
  };
  static constexpr Metric kMetrics[] = {
      {"prompt_tokens_total", "counter", "Tokens of prompts.", [](const auto& m) { return double(m.stats.prompt_tokens); }},
      {"cached_tokens_total", "counter", "Of these, found in the prefix cache.",
       [](const auto& m) { return double(m.stats.cached_tokens); }},
      {"recalled_tokens_total", "counter", "Tokens of prefixes brought back from disk.",
       [](const auto& m) { return double(m.recalled); }},
      {"generated_tokens_total", "counter", "Tokens written.", [](const auto& m) { return double(m.stats.generated_tokens); }},
      {"forced_tokens_total", "counter", "Of these, forced by a constraint: nobody had to choose them.",
       [](const auto& m) { return double(m.stats.forced_tokens); }},
      {"drafted_tokens_total", "counter", "Tokens guessed (speculation).",
       [](const auto& m) { return double(m.stats.drafted_tokens); }},
      {"accepted_tokens_total", "counter", "Of these, chosen by the model.",
       [](const auto& m) { return double(m.stats.accepted_tokens); }},
      {"jobs_total", "counter", "Jobs ended.", [](const auto& m) { return double(m.stats.jobs); }},
      {"jobs_cancelled_total", "counter", "Of these, cancelled.", [](const auto& m) { return double(m.stats.cancelled); }},
      {"jobs_failed_total", "counter", "Of these, failed.", [](const auto& m) { return double(m.stats.failed); }},
      {"steps_total", "counter", "Forward passes.", [](const auto& m) { return double(m.stats.steps); }},
      {"step_seconds_total", "counter", "Time in forward passes.", [](const auto& m) { return m.stats.busy_s; }},
      {"preemptions_total", "counter", "Texts set aside because memory ran out.",
       [](const auto& m) { return double(m.stats.preemptions); }},
      {"jobs_running", "gauge", "Jobs that hold memory.", [](const auto& m) { return double(m.running); }},
      {"jobs_waiting", "gauge", "Jobs in the queue.", [](const auto& m) { return double(m.waiting); }},
      {"branches_running", "gauge", "Texts being read or written.", [](const auto& m) { return double(m.branches); }},
      {"kv_blocks", "gauge", "KV blocks.", [](const auto& m) { return double(m.blocks); }},
      {"kv_blocks_available", "gauge", "KV blocks free, or held by the prefix cache alone.",
       [](const auto& m) { return double(m.blocks_available); }},
      {"prompt_chunk_tokens", "gauge", "Tokens of prompts that the next step would read beside the texts being written.",
       [](const auto& m) { return double(m.prompt_chunk); }},
  };
  MetricsText text;
  for (const Metric& metric : kMetrics) {
    text.Family(metric.name, metric.type, metric.help);
    for (const ModelNumbers& m : models) text.Line(metric.name, m.label, metric.value(m));
  }
  text.Family("requests_total", "counter", "Requests answered, by route and status.");
  for (const auto& [key, count] : call.service.Counts())
    text.Line("requests_total", Label("route", key.first) + Fmt(",status=\"%d\"", key.second), double(count));
  call.AnswerText(text.Take(), "text/plain; version=0.0.4");
}

void Collect(const std::shared_ptr<Call>& call, size_t index, const std::shared_ptr<std::vector<ModelNumbers>>& numbers) {
  const Models& models = call->service.models();
  for (; index < models.all().size(); ++index) {
    const auto worker = models.Loaded(index);
    if (!worker) continue;
    return worker->Ask([call, index, numbers](const Scheduler& s) {
      numbers->push_back({.label = Label("model", call->service.models().all()[index].id()),
                          .stats = s.stats(),
                          .running = s.running(),
                          .waiting = s.waiting(),
                          .branches = s.branches(),
                          .blocks = s.engine().memory_plan().blocks,
                          .blocks_available = s.engine().blocks_available(),
                          .prompt_chunk = s.prompt_chunk(),
                          .recalled = s.engine().stats().recalled_tokens});
      call->reply->Post([call, index, numbers] { Collect(call, index + 1, numbers); });
    });
  }
  AnswerMetrics(*call, *numbers);
}

}  // namespace

void Metrics(const std::shared_ptr<Call>& call) { Collect(call, 0, std::make_shared<std::vector<ModelNumbers>>()); }

}  // namespace hasten
