// POST /infill and /completion of llama-server: its own form of a completion.
// Source: llama.cpp, tools/server/README.md.
#include <utility>

#include "serve/answer.h"
#include "serve/constrain.h"
#include "serve/fill_prompt.h"
#include "serve/routes.h"
#include "serve/sampling.h"
#include "serve/token_text.h"

namespace hasten {
namespace {

class NativeAnswer final : public Answer {
 public:
  NativeAnswer(std::shared_ptr<Call> call, std::shared_ptr<Worker> worker, bool stream, bool logprobs, std::string prompt)
      : Answer(std::move(call), std::move(worker)), stream_(stream), logprobs_(logprobs), prompt_(std::move(prompt)) {}

 private:
  Json Probabilities(const std::vector<TextToken>& tokens) const {
    Json list = Json::array();
    for (const TextToken& token : tokens) {
      Json entry = TokenEntry(tokenizer(), token.logprobs.chosen), top = Json::array();
      for (const TokenLogprob& t : token.logprobs.top) top.push_back(TokenEntry(tokenizer(), t));
      entry["id"] = token.token;
      entry["top_logprobs"] = std::move(top);
      list.push_back(std::move(entry));
    }
    return list;
  }
  Json Part(size_t text, std::string content, const std::vector<TextToken>& tokens) const {
    Json part = {{"index", text}, {"content", std::move(content)}, {"tokens", Json::array()}};
    for (const TextToken& token : tokens) part["tokens"].push_back(token.token);
    if (logprobs_ && !tokens.empty()) part["completion_probabilities"] = Probabilities(tokens);
    return part;
  }
  Json Final(size_t text, bool whole) const {
    const Written& w = written()[text];
    Json part = Part(text, whole ? w.text : "", whole ? w.tokens : std::vector<TextToken>());
    part["stop"] = true;
    part["model"] = call().model;
    part["id_slot"] = 0;
    part["prompt"] = prompt_;
    part["has_new_line"] = w.text.find('\n') != std::string::npos;
    part["truncated"] = false;
    const bool word = *w.finish == Finish::kStop, end = *w.finish == Finish::kEnd;
    part["stop_type"] = word ? "word" : end ? "eos" : "limit";
    part["stopping_word"] = w.stop;
    part["tokens_predicted"] = w.generated;
    part["tokens_evaluated"] = prompt_tokens();
    part["tokens_cached"] = cached_tokens();
    const double read_s = times().first_token_s - times().waited_s, write_s = times().total_s - times().first_token_s;
    const size_t read = prompt_tokens() - cached_tokens();
    const auto per_s = [](size_t n, double s) { return s > 0 ? double(n) / s : 0.0; };
    part["timings"] = {{"cache_n", cached_tokens()},
                       {"prompt_n", read},
                       {"prompt_ms", 1e3 * read_s},
                       {"prompt_per_second", per_s(read, read_s)},
                       {"predicted_n", generated_tokens()},
                       {"predicted_ms", 1e3 * write_s},
                       {"predicted_per_second", per_s(generated_tokens(), write_s)}};
    return part;
  }

  void OnStarted(size_t) override {
    if (!stream_) return;
    begun_ = true;
    reply().Begin(EventStreamHead());
  }
  void OnPiece(size_t text, Piece& piece) override {
    if (!stream_) return;
    Json part = Part(text, piece.text, piece.tokens);
    part["stop"] = false;
    reply().Write(ServerSentEvent(part));
  }
  void OnFailed(const Refusal& refusal) override {
    if (!begun_) return Refuse(refusal);
    reply().Write("data: " + ErrorResponse(Dialect::kOpenAi, refusal).body + "\n\n");
    reply().End();
  }
  void OnDone() override {
    if (stream_) {
      for (size_t text = 0; text < written().size(); ++text) reply().Write(ServerSentEvent(Final(text, false)));
      return reply().End();
    }
    if (written().size() == 1) return AnswerJson(Final(0, true));
    Json list = Json::array();
    for (size_t text = 0; text < written().size(); ++text) list.push_back(Final(text, true));
    AnswerJson(list);
  }

  const bool stream_, logprobs_;
  const std::string prompt_;
  bool begun_ = false;
};

struct Options {
  bool stream = false;
};

// What both paths take; members that steer llama-server's own memory mean nothing here.
void ReadCommon(Fields& fields, Worker& worker, Options& o, Job& job) {
  fields.Accept({"model", "cache_prompt", "id_slot", "n_keep", "samplers", "t_max_prompt_ms", "n_indent", "return_tokens",
                 "timings_per_token", "response_fields", "post_sampling_probs", "n_cache_reuse", "lora"});
  o.stream = fields.Flag("stream", false);
  const int64_t unlimited = int64_t(1) << 40;
  const int64_t most = fields.Integer("n_predict", fields.Integer("max_tokens", -1, -1, unlimited), -1, unlimited);
  job.text.max_tokens = size_t(most < 0 ? unlimited : most);
  job.branches = size_t(fields.Integer("n", 1, 1, int64_t(worker.max_sequences())));
  if (const auto top = size_t(fields.Integer("n_probs", 0, 0, 100)); top > 0) job.text.logprobs = top;
  ReadStops(fields, "stop", job);
  ReadSampling(fields, worker, job);
  if (const double most_ms = fields.Number("t_max_predict_ms", 0, 0, 86'400'000); most_ms > 0 && !job.deadline)
    job.deadline = JobClock::now() + std::chrono::milliseconds(int64_t(most_ms));
  Wanted wanted;
  ReadConstraint(fields, wanted);
  if (const Json* schema = fields.Any("json_schema"); schema && wanted.parts.empty())
    WantSchema(*schema, "json_schema", wanted);
  Constrain(wanted, worker, job, fields.reading());
}

void ReadFiles(Fields& fields, FillRequest& request) {
  const Json* list = fields.Array("input_extra");
  for (size_t i = 0; list && i < list->size(); ++i) {
    Fields file((*list)[i], fields.PathOf("input_extra") + "[" + std::to_string(i) + "]", fields.reading());
    file.Accept({"time"});
    request.others.push_back({.name = file.Text("filename", "snippet"), .text = file.RequiredText("text")});
  }
}

// A text, tokens, or a list that holds both.
std::vector<Token> ReadMixedPrompt(Fields& fields, const Tokenizer& tokenizer) {
  const Json* prompt = fields.Any("prompt");
  std::vector<Token> tokens;
  const auto add = [&](const std::string& text, bool first) {
    const auto more = tokenizer.Encode(text, {.add_special = first, .parse_special = true});
    tokens.insert(tokens.end(), more.begin(), more.end());
  };
  if (!prompt || prompt->is_string()) {
    add(prompt ? prompt->get<std::string>() : "", true);
    return tokens;
  }
  if (!prompt->is_array()) fields.Refuse("prompt", "has to be a text, or a list of texts and tokens");
  for (size_t i = 0; prompt->is_array() && i < prompt->size(); ++i) {
    const Json& entry = (*prompt)[i];
    if (entry.is_string()) {
      add(entry.get<std::string>(), i == 0);
    } else if (entry.is_number_integer() && entry >= 0 && entry < int64_t(tokenizer.size())) {
      tokens.push_back(entry.get<Token>());
    } else {
      fields.Refuse("prompt[" + std::to_string(i) + "]",
                    Fmt("has to be a text or a token from 0 to %zu", tokenizer.size() - 1));
      break;
    }
  }
  return tokens;
}

void StartNative(const std::shared_ptr<Call>& call, const std::shared_ptr<Worker>& worker, const Options& options, Job job) {
  std::string prompt = worker->tokenizer().Decode(job.prompt, true);
  const bool logprobs = job.text.logprobs.has_value();
  std::make_shared<NativeAnswer>(call, worker, options.stream, logprobs, std::move(prompt))->Start({std::move(job)});
}

}  // namespace

void Infill(const std::shared_ptr<Call>& call) {
  call->WithModel([call](const std::shared_ptr<Worker>& worker) {
    Options options;
    FillRequest request;
    Job job;
    {
      Fields fields(call->body, "", call->reading);
      request.prefix = fields.RequiredText("input_prefix");
      request.suffix = fields.RequiredText("input_suffix");
      request.begun = fields.Text("prompt");
      ReadFiles(fields, request);
      ReadCommon(fields, *worker, options, job);
    }
    const auto tokens = FillTokensOf(*call, worker->tokenizer());
    if (!tokens) call->reading.Refuse("input_suffix", std::string("input_suffix ") + kNoFillTokens);
    if (!call->Understood()) return;
    job.prompt = FillPrompt(request, *tokens, worker->tokenizer());
    StartNative(call, worker, options, std::move(job));
  });
}

void NativeCompletion(const std::shared_ptr<Call>& call) {
  call->WithModel([call](const std::shared_ptr<Worker>& worker) {
    Options options;
    Job job;
    {
      Fields fields(call->body, "", call->reading);
      job.prompt = ReadMixedPrompt(fields, worker->tokenizer());
      ReadCommon(fields, *worker, options, job);
    }
    if (call->Understood()) StartNative(call, worker, options, std::move(job));
  });
}

}  // namespace hasten
