// POST /v1/completions of the OpenAI dialect.
// Source: OpenAI's API reference, "Completions"; fields beyond it are those of vLLM and llama-server.
#include <algorithm>
#include <numeric>

#include "serve/answer.h"
#include "serve/constrain.h"
#include "serve/fill_prompt.h"
#include "serve/routes.h"
#include "serve/sampling.h"
#include "serve/token_text.h"
#include "serve/usage.h"
#include "tokenizer/utf8.h"

namespace hasten {
namespace {

struct Options {
  std::vector<std::vector<Token>> prompts;
  std::vector<std::string> texts;  // of the prompts
  size_t n = 1, best_of = 1;
  std::string suffix;
  bool stream = false, include_usage = false, echo = false;
  std::optional<size_t> logprobs;
};

// A text, a list of texts, a list of tokens, or a list of such lists.
void ReadPrompts(Fields& fields, const Tokenizer& tokenizer, Options& o) {
  constexpr size_t kMost = 256;
  const Json* prompt = fields.Any("prompt");
  const auto add_text = [&](const std::string& text) {
    o.prompts.push_back(tokenizer.Encode(text, {.add_special = true, .parse_special = true}));
    o.texts.push_back(text);
  };
  const auto add_tokens = [&](const Json& list, const std::string& path) {
    std::vector<Token> tokens;
    for (const Json& entry : list) {
      const bool fits = entry.is_number_integer() && entry >= 0 && entry < int64_t(tokenizer.size());
      if (!fits) return fields.Refuse(path, Fmt("has to hold tokens, whole numbers from 0 to %zu", tokenizer.size() - 1));
      tokens.push_back(entry.get<Token>());
    }
    o.texts.push_back(tokenizer.Decode(tokens));
    o.prompts.push_back(std::move(tokens));
  };
  if (!prompt) return add_text("");
  if (prompt->is_string()) return add_text(prompt->get<std::string>());
  if (!prompt->is_array() || prompt->empty())
    return fields.Refuse("prompt", "has to be a text, a list of texts, a list of tokens or a list of such lists");
  if ((*prompt)[0].is_number()) return add_tokens(*prompt, "prompt");
  if (prompt->size() > kMost) return fields.Refuse("prompt", Fmt("has %zu entries and may have %zu", prompt->size(), kMost));
  for (size_t i = 0; i < prompt->size(); ++i) {
    const Json& entry = (*prompt)[i];
    const std::string path = "prompt[" + std::to_string(i) + "]";
    if (entry.is_string()) {
      add_text(entry.get<std::string>());
    } else if (entry.is_array()) {
      add_tokens(entry, path);
    } else {
      return fields.Refuse(path, std::string("has to be a text or a list of tokens and is ") + entry.type_name());
    }
  }
}

void ReadOptions(Fields& fields, Worker& worker, Options& o, Job& job) {
  fields.Accept({"model", "user", "metadata", "store", "service_tier", "prompt_cache_key", "safety_identifier"});
  ReadPrompts(fields, worker.tokenizer(), o);
  const auto most = int64_t(worker.max_sequences());
  job.text.max_tokens = ReadMostTokens(fields, "max_tokens", 16, 0);  // 16: OpenAI's default
  o.n = size_t(fields.Integer("n", 1, 1, most));
  o.best_of = size_t(fields.Integer("best_of", int64_t(o.n), 1, most));
  o.echo = fields.Flag("echo", false);
  o.stream = fields.Flag("stream", false);
  if (const Json* stream_options = fields.Object("stream_options")) {
    Fields inner(*stream_options, "stream_options", fields.reading());
    o.include_usage = inner.Flag("include_usage", false);
    inner.Accept({"include_obfuscation"});
  }
  if (fields.Has("logprobs") && !fields.Any("logprobs")->is_boolean()) {
    o.logprobs = size_t(fields.Integer("logprobs", 0, 0, 100));
  } else if (fields.Flag("logprobs", false)) {
    o.logprobs = 0;
  }
  ReadStops(fields, "stop", job);
  ReadSampling(fields, worker, job);
  Wanted wanted;
  ReadConstraint(fields, wanted);
  Constrain(wanted, worker, job, fields.reading());
  if (o.best_of < o.n) fields.Refuse("best_of", Fmt("is %zu and has to be at least n, which is %zu", o.best_of, o.n));
  if (o.stream && o.best_of != o.n) fields.Refuse("best_of", "cannot be more than n where the answer is streamed");
  o.suffix = fields.Text("suffix");
}

// "suffix": what the model writes goes between the prompt and it.
void AddSuffix(Call& call, const Tokenizer& tokenizer, Options& o) {
  const auto tokens = FillTokensOf(call, tokenizer);
  if (!tokens) return call.reading.Refuse("suffix", std::string("suffix ") + kNoFillTokens);
  for (size_t i = 0; i < o.prompts.size(); ++i)
    o.prompts[i] = FillPrompt({.others = {}, .prefix = o.texts[i], .suffix = o.suffix, .begun = {}}, *tokens, tokenizer);
}

// Grows as tokens come: {"tokens", "token_logprobs", "top_logprobs", "text_offset"}. Offsets count characters of the text as
// it is shown; a token that goes on with a character is where the character is.
class LogprobLists {
 public:
  // `shown`: the bytes that stand for the token in the text.
  void Add(const Tokenizer& tokenizer, const TextToken& token, std::string_view shown, bool known) {
    const std::string text = TokenText(tokenizer, token.token);
    tokens_.push_back(text);
    logprobs_.push_back(known ? Json(FiniteLogprob(token.logprobs.chosen.logprob)) : Json());
    Json top = Json::object();
    for (const TokenLogprob& t : token.logprobs.top) top[TokenText(tokenizer, t.token)] = FiniteLogprob(t.logprob);
    top_.push_back(known ? std::move(top) : Json());
    const bool cut = !pending_.empty() && !shown.empty();  // a character was begun, and this token may not go on with it
    pending_ += shown;
    offsets_.push_back(offset_ + (cut && StepUtf8(pending_).bytes <= pending_.size() - shown.size()));
    offset_ += size_t(std::ranges::count_if(TakeCompleteUtf8(pending_), [](char c) { return (c & 0xc0) != 0x80; }));
  }
  Json Take() {
    Json lists = {{"tokens", std::move(tokens_)},
                  {"token_logprobs", std::move(logprobs_)},
                  {"top_logprobs", std::move(top_)},
                  {"text_offset", std::move(offsets_)}};
    tokens_ = logprobs_ = top_ = offsets_ = Json::array();
    return lists;
  }

 private:
  Json tokens_ = Json::array(), logprobs_ = Json::array(), top_ = Json::array(), offsets_ = Json::array();
  size_t offset_ = 0;
  std::string pending_;  // the beginning of a character
};

class CompletionAnswer final : public Answer {
 public:
  CompletionAnswer(std::shared_ptr<Call> call, std::shared_ptr<Worker> worker, Options options, uint64_t seed)
      : Answer(std::move(call), std::move(worker)),
        o_(std::move(options)),
        seed_(seed),
        lists_(o_.prompts.size() * o_.best_of) {}

 private:
  Json Envelope() const { return {{"id", id_}, {"object", "text_completion"}, {"created", created_}, {"model", call().model}}; }
  Json Usage() const { return UsageOf(prompt_tokens(), cached_tokens(), generated_tokens()); }

  // The prompt's own tokens come first where they are echoed; nothing came before the first, so it has no probability.
  void EchoLogprobs(size_t job, size_t text) {
    if (!o_.logprobs || !o_.echo) return;
    std::string_view rest = o_.texts[job];
    const auto add = [&](const TextToken& token, bool known) {
      std::string_view shown = tokenizer().Piece(token.token);  // of a control token nothing, unless its name was written
      if (shown.empty() && rest.starts_with(tokenizer().Text(token.token))) shown = tokenizer().Text(token.token);
      rest.remove_prefix(std::min(rest.size(), shown.size()));
      lists_[text].Add(tokenizer(), token, shown, known);
    };
    add({.token = o_.prompts[job][0], .logprobs = {}}, false);
    for (const TextToken& token : prompts()[job]) add(token, true);
  }
  void AddLogprobs(size_t text, const std::vector<TextToken>& tokens) {
    for (const TextToken& token : tokens) lists_[text].Add(tokenizer(), token, tokenizer().Piece(token.token), true);
  }

  void Chunk(size_t text, const std::string& shown, bool logprobs, const Json& finish) {
    Json chunk = Envelope();
    chunk["choices"] = Json::array({{{"text", shown},
                                     {"index", text},
                                     {"logprobs", logprobs && o_.logprobs ? lists_[text].Take() : Json()},
                                     {"finish_reason", finish}}});
    if (o_.include_usage) chunk["usage"] = nullptr;
    reply().Write(ServerSentEvent(chunk));
  }

  void OnStarted(size_t job) override {
    if (!o_.stream) return;
    if (!begun_) reply().Begin(EventStreamHead());
    begun_ = true;
    if (!o_.echo) return;
    for (size_t i = 0; i < o_.best_of; ++i) {
      EchoLogprobs(job, job * o_.best_of + i);
      Chunk(job * o_.best_of + i, o_.texts[job], true, nullptr);
    }
  }
  void OnPiece(size_t text, Piece& piece) override {
    if (!o_.stream) return;
    AddLogprobs(text, piece.tokens);
    if (!piece.text.empty()) Chunk(text, piece.text, true, nullptr);
  }
  void OnFinished(size_t text) override {
    if (o_.stream) Chunk(text, "", true, FinishName(*written()[text].finish));
  }
  void OnFailed(const Refusal& refusal) override {
    if (!begun_) return Refuse(refusal);
    reply().Write("data: " + ErrorResponse(Dialect::kOpenAi, refusal).body + "\n\n");
    reply().End();
  }

  void OnDone() override {
    if (o_.stream) {
      if (o_.include_usage) {
        Json chunk = Envelope();
        chunk["choices"] = Json::array();
        chunk["usage"] = Usage();
        reply().Write(ServerSentEvent(chunk));
      }
      reply().Write("data: [DONE]\n\n");
      return reply().End();
    }
    Json answer = Envelope();
    Json& choices = answer["choices"] = Json::array();
    for (size_t job = 0; job < o_.prompts.size(); ++job)
      for (const size_t text : Best(job)) choices.push_back(Choice(job, text, choices.size()));
    answer["usage"] = Usage();
    answer["seed"] = seed_;
    AnswerJson(answer);
  }

  // The n texts of a job with the highest mean log-probability of a token, best first; all of them, in order, without best_of.
  std::vector<size_t> Best(size_t job) const {
    std::vector<size_t> texts(o_.best_of);
    std::iota(texts.begin(), texts.end(), job * o_.best_of);
    if (o_.best_of == o_.n) return texts;
    const auto mean = [&](size_t text) {
      double sum = 0;
      for (const TextToken& t : written()[text].tokens) sum += double(t.logprobs.chosen.logprob);
      return written()[text].tokens.empty() ? -1e9 : sum / double(written()[text].tokens.size());
    };
    std::ranges::stable_sort(texts, [&](size_t a, size_t b) { return mean(a) > mean(b); });
    texts.resize(o_.n);
    return texts;
  }

  Json Choice(size_t job, size_t text, size_t index) {
    const Written& w = written()[text];
    Json logprobs;
    if (o_.logprobs) {
      EchoLogprobs(job, text);
      AddLogprobs(text, w.tokens);
      logprobs = lists_[text].Take();
    }
    return {{"text", (o_.echo ? o_.texts[job] : "") + w.text},
            {"index", index},
            {"logprobs", std::move(logprobs)},
            {"finish_reason", FinishName(*w.finish)}};
  }

  const Options o_;
  const uint64_t seed_;
  const std::string id_ = NewId("cmpl-");
  const int64_t created_ = UnixSeconds();
  std::vector<LogprobLists> lists_;
  bool begun_ = false;
};

}  // namespace

void Completions(const std::shared_ptr<Call>& call) {
  call->WithModel([call](const std::shared_ptr<Worker>& worker) {
    Options options;
    Job job;
    {
      Fields fields(call->body, "", call->reading);
      ReadOptions(fields, *worker, options, job);
    }
    if (!options.suffix.empty()) AddSuffix(*call, worker->tokenizer(), options);
    if (!call->Understood()) return;
    job.text.logprobs = options.logprobs;
    if (options.best_of > options.n && !job.text.logprobs) job.text.logprobs = 0;
    job.prompt_logprobs = options.echo && options.logprobs.has_value();
    job.branches = options.best_of;
    std::vector<Job> jobs(options.prompts.size(), job);
    for (size_t i = 0; i < jobs.size(); ++i) jobs[i].prompt = options.prompts[i];
    const uint64_t seed = job.text.sampler.seed;
    std::make_shared<CompletionAnswer>(call, worker, std::move(options), seed)->Start(std::move(jobs));
  });
}

}  // namespace hasten
