#include "solve/propose/upstream.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <thread>

#include "base/quote.h"
#include "base/random.h"
#include "solve/log/digest.h"
#include "solve/propose/http.h"
#include "solve/propose/prompt.h"
#include "text/json.h"

namespace hasten::solve {
namespace {

using nlohmann::ordered_json;

std::string Endpoint(std::string url) {
  while (url.ends_with('/')) url.pop_back();
  if (url.ends_with("/chat/completions")) return url;
  const size_t path = url.find('/', url.find("://") + 3);
  return url + (path == std::string::npos ? "/v1/chat/completions" : "/chat/completions");
}

// What a server said of its failure: {"error": {"message": "…"}} in most dialects.
std::string ReasonIn(const std::string& body) {
  if (const auto json = ParseJson(body); json && json->is_object()) {
    const auto error = json->find("error");
    if (error != json->end() && error->is_string()) return error->get<std::string>();
    if (error != json->end() && error->is_object() && error->contains("message") && (*error)["message"].is_string())
      return (*error)["message"].get<std::string>();
  }
  return body;
}

size_t CountIn(const ordered_json& usage, const char* name, size_t otherwise) {
  const auto found = usage.find(name);
  if (found == usage.end() || !found->is_number()) return otherwise;
  const double count = found->get<double>();
  return count >= 0 && count < 1e12 ? size_t(count) : otherwise;
}

// What became of one attempt: a text, or why there is none; and what it took in either case.
struct Outcome {
  std::optional<std::string> text = {};
  std::string trouble = {};
  std::optional<double> retry_after_s = {};
  size_t tokens_in = 0, tokens_out = 0;
};

Outcome ReadAnswer(const std::string& body, size_t prompt_bytes) {
  const auto json = ParseJson(body);
  if (!json) return {.trouble = "its answer is no JSON: '" + Printable(body, 100) + "'"};
  Outcome outcome;
  const auto pointer = ordered_json::json_pointer("/choices/0/message/content");
  const bool has_text = json->is_object() && json->contains(pointer) && (*json)[pointer].is_string();
  if (has_text) {
    outcome.text = (*json)[pointer].get<std::string>();
    // About four bytes a token where the server does not count: better than a budget that is never spent.
    outcome.tokens_in = prompt_bytes / 4;
    outcome.tokens_out = outcome.text->size() / 4;
  } else {
    outcome.trouble = "its answer has no choices[0].message.content: '" + Printable(body, 100) + "'";
  }
  if (json->is_object() && json->contains("usage") && (*json)["usage"].is_object()) {
    outcome.tokens_in = CountIn((*json)["usage"], "prompt_tokens", outcome.tokens_in);
    outcome.tokens_out = CountIn((*json)["usage"], "completion_tokens", outcome.tokens_out);
  }
  return outcome;
}

class Upstream : public Proposer {
 public:
  Upstream(const Task& task, uint64_t seed, Spending& spending, std::vector<std::string> headers)
      : task_(task), settings_(task.proposers), seed_(seed), spending_(spending), headers_(std::move(headers)) {}
  std::string_view name() const override { return "upstream"; }
  bool deterministic() const override { return false; }

  Status Propose(std::span<const Ask> asks, const Deliver& deliver, const std::atomic<bool>& stop) override {
    std::mutex mutex;
    Status refused;
    std::atomic<size_t> next{0};
    std::atomic<bool> give_up{false};
    const auto work = [&] {
      for (size_t i; !stop && !give_up && (i = next++) < asks.size();) {
        auto proposal = One(asks[i], stop);
        const std::lock_guard lock(mutex);
        if (proposal) {
          proposal->ask = i;
          deliver(*std::move(proposal));
        } else if (proposal.error().code != Code::kCancelled) {
          refused = proposal.error();
          give_up = true;
        }
      }
    };
    {
      std::vector<std::jthread> threads;
      for (size_t i = 0; i < std::min(asks.size(), settings_.branches); ++i) threads.emplace_back(work);
    }
    return refused;
  }

 private:
  // An Error where no other request would fare better; a proposal with its trouble where this one failed.
  Result<Proposal> One(const Ask& ask, const std::atomic<bool>& stop) {
    const std::string prompt = PromptFor(task_, ask);
    const double temperature = settings_.TemperatureOf(ask.n);
    Proposal proposal;
    proposal.seed = RandomBits(seed_, ask.n) >> 33;  // servers take 31 bits
    proposal.prompt_hash = DigestText(Digest(prompt));
    const ordered_json body = {{"model", settings_.upstream_model},
                               {"messages", ordered_json::array({{{"role", "user"}, {"content", prompt}}})},
                               {"temperature", std::round(temperature * 1000) / 1000},
                               {"max_tokens", settings_.max_tokens},
                               {"seed", proposal.seed}};
    HttpRequest request = {.url = Endpoint(settings_.upstream),
                           .body = body.dump(-1, ' ', false, ordered_json::error_handler_t::replace),
                           .headers = headers_,
                           .timeout_s = settings_.timeout_s};
    constexpr double kBeyond = 0.05;  // seconds: a question that outlives the run is no silence of the server's
    for (size_t attempt = 0;; ++attempt) {
      request.timeout_s = std::min(settings_.timeout_s, std::max(0.0, spending_.SecondsLeft()) + kBeyond);
      TRY(const Outcome outcome, Attempt(request, prompt.size(), stop));
      proposal.tokens_in += outcome.tokens_in;
      proposal.tokens_out += outcome.tokens_out;
      proposal.dollars = DollarsFor(proposal.tokens_in, proposal.tokens_out);
      proposal.trouble = outcome.trouble;
      if (outcome.text) {
        Accept(*outcome.text, proposal);
        return proposal;
      }
      if (attempt == settings_.retries) return proposal;
      const double pause = outcome.retry_after_s.value_or(Backoff(ask.n, attempt)), left = spending_.SecondsLeft();
      if (pause > left && outcome.retry_after_s)
        return Error{Code::kExhausted, outcome.trouble + Fmt("; it asks to wait %.0f s, and of the time %.0f s are left; go on "
                                                             "with --resume and a longer --timeout then",
                                                             pause, std::max(0.0, left))};
      if (pause > left) return proposal;
      TRY_OK(Sleep(pause, stop));
    }
  }

  double DollarsFor(size_t tokens_in, size_t tokens_out) const {
    return 1e-6 *
           (double(tokens_in) * settings_.dollars_per_million_in + double(tokens_out) * settings_.dollars_per_million_out);
  }

  // No tokenizer makes more tokens than there are bytes; templates of servers add less than the rest.
  size_t MostTokensIn(size_t prompt_bytes) const { return prompt_bytes + 128; }

  Result<Outcome> Attempt(const HttpRequest& request, size_t prompt_bytes, const std::atomic<bool>& stop) {
    const size_t most_in = MostTokensIn(prompt_bytes);
    const Price most = {most_in + settings_.max_tokens, DollarsFor(most_in, settings_.max_tokens)};
    if (!spending_.Reserve(most, stop)) return Error{Code::kCancelled, "the budget is spent"};
    const auto reply = Post(request, stop);
    auto outcome = reply ? Read(*reply, request, prompt_bytes) : Result<Outcome>(reply.error());
    if (!reply && reply.error().code == Code::kExhausted) outcome = Outcome{.trouble = reply.error().what};
    const Outcome& o = outcome ? *outcome : Outcome();
    spending_.Settle(most, {o.tokens_in + o.tokens_out, DollarsFor(o.tokens_in, o.tokens_out)});
    return outcome;
  }

  Result<Outcome> Read(const HttpReply& reply, const HttpRequest& request, size_t prompt_bytes) const {
    const std::string server = "the upstream " + Printable(request.url, 200);
    // What was asked and not answered may be billed; what it costs at most is sure not to be too little.
    if (reply.status == 0)
      return Outcome{.trouble = reply.lost, .tokens_in = MostTokensIn(prompt_bytes), .tokens_out = settings_.max_tokens};
    if (reply.status == 200) {
      Outcome outcome = ReadAnswer(reply.body, prompt_bytes);
      if (!outcome.text) outcome.trouble = server + " is no upstream of the expected kind: " + outcome.trouble;
      return outcome;
    }
    const std::string what = server + Fmt(" answered %ld: ", reply.status) + Printable(ReasonIn(reply.body), 200);
    const long s = reply.status;
    if (s == 408 || s == 409 || s == 429 || s >= 500) {
      auto wait = reply.retry_after_s;
      if (wait && !(*wait > 0)) wait = 0;  // in the past, or no number
      return Outcome{.trouble = what, .retry_after_s = wait};
    }
    if (s == 401 || s == 403)
      return Error{Code::kBadInput, what + "; the key comes from --key-env, HASTEN_UPSTREAM_KEY or OPENAI_API_KEY"};
    return Error{Code::kBadInput, what + "; check the address and the model's name"};
  }

  void Accept(const std::string& text, Proposal& proposal) const {
    proposal.candidate = ProgramIn(task_, text);
    if (proposal.candidate.empty()) proposal.trouble = "the answer holds no program";
    proposal.model_hash = settings_.upstream_model;
  }

  // 0.5 s, 1 s, 2 s … up to a minute, each up to half longer, so that requests refused together do not return together.
  double Backoff(uint64_t n, size_t attempt) const {
    return std::min(60.0, 0.5 * std::exp2(double(attempt))) * (1 + 0.5 * RandomUnit(seed_ ^ attempt, n));
  }

  static Status Sleep(double seconds, const std::atomic<bool>& stop) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::duration<double>(seconds);
    while (std::chrono::steady_clock::now() < end) {
      if (stop) return Error{Code::kCancelled, "stopped"};
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    return {};
  }

  const Task& task_;
  const ProposerSettings& settings_;
  const uint64_t seed_;
  Spending& spending_;
  const std::vector<std::string> headers_;
};

Result<std::string> KeyFor(const ProposerSettings& settings) {
  if (!settings.key_env.empty()) {
    const char* const key = std::getenv(settings.key_env.c_str());
    if (key && *key) return std::string(key);
    return Error{Code::kBadInput,
                 "the variable '" + Printable(settings.key_env) + "' that is to hold the upstream's key is not set"};
  }
  for (const char* name : {"HASTEN_UPSTREAM_KEY", "OPENAI_API_KEY"})
    if (const char* const key = std::getenv(name); key && *key) return std::string(key);
  return std::string();
}

}  // namespace

Result<std::unique_ptr<Proposer>> MakeUpstream(const Task& task, uint64_t seed, Spending& spending) {
  const auto url = ReadUrl(task.proposers.upstream);
  if (!url)
    return Error{Code::kBadInput, "the upstream '" + Printable(task.proposers.upstream, 200) +
                                      "' is no address; write for example https://api.example.com/v1"};
  TRY(const std::string key, KeyFor(task.proposers));
  std::vector<std::string> headers = {"Content-Type: application/json", "Accept: application/json", "Expect:"};
  if (key.find_first_of("\r\n") != std::string::npos) return Error{Code::kBadInput, "the upstream's key holds a line break"};
  if (!key.empty() && (url->scheme == "https" || url->loopback)) headers.push_back("Authorization: Bearer " + key);
  return std::unique_ptr<Proposer>(std::make_unique<Upstream>(task, seed, spending, std::move(headers)));
}

}  // namespace hasten::solve
