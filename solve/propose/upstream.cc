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

struct Answer {
  std::string text;
  size_t tokens_in = 0, tokens_out = 0;
};

size_t CountIn(const ordered_json& usage, const char* name, size_t otherwise) {
  const auto found = usage.find(name);
  if (found == usage.end() || !found->is_number()) return otherwise;
  const double count = found->get<double>();
  return count >= 0 && count < 1e12 ? size_t(count) : otherwise;
}

Result<Answer> ReadAnswer(const std::string& body, size_t prompt_bytes) {
  const auto json = ParseJson(body);
  if (!json) return Error{Code::kCorrupt, "its answer is no JSON: '" + Printable(body, 100) + "'"};
  const auto pointer = ordered_json::json_pointer("/choices/0/message/content");
  if (!json->is_object() || !json->contains(pointer) || !(*json)[pointer].is_string())
    return Error{Code::kCorrupt, "its answer has no choices[0].message.content: '" + Printable(body, 100) + "'"};
  Answer answer;
  answer.text = (*json)[pointer].get<std::string>();
  // About four bytes a token where the server does not count: better than a budget that is never spent.
  const ordered_json usage =
      json->contains("usage") && (*json)["usage"].is_object() ? (*json)["usage"] : ordered_json::object();
  answer.tokens_in = CountIn(usage, "prompt_tokens", prompt_bytes / 4);
  answer.tokens_out = CountIn(usage, "completion_tokens", answer.text.size() / 4);
  return answer;
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
        if (!spending_.RanOut().empty()) return;
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
    for (size_t attempt = 0;; ++attempt) {
      request.timeout_s = std::max(0.05, std::min(settings_.timeout_s, spending_.SecondsLeft()));
      TRY(const Outcome outcome, Attempt(request, prompt.size(), stop));
      if (outcome.answer) {
        Accept(*outcome.answer, proposal);
        return proposal;
      }
      proposal.trouble = outcome.trouble;
      if (attempt == settings_.retries) return proposal;
      const double pause = outcome.retry_after_s.value_or(Backoff(ask.n, attempt));
      if (pause > spending_.SecondsLeft()) return proposal;
      TRY_OK(Sleep(pause, stop));
    }
  }

  struct Outcome {
    std::optional<Answer> answer;
    std::string trouble;
    std::optional<double> retry_after_s;
  };

  Result<Outcome> Attempt(const HttpRequest& request, size_t prompt_bytes, const std::atomic<bool>& stop) {
    const auto reply = Post(request, stop);
    if (!reply && reply.error().code == Code::kCancelled) return reply.error();
    if (!reply && reply.error().code == Code::kNotFound) return reply.error();
    if (!reply) return Outcome{{}, reply.error().what, {}};
    const std::string server = "the upstream " + Printable(request.url, 200);
    if (reply->status == 200) {
      auto answer = ReadAnswer(reply->body, prompt_bytes);
      if (answer) return Outcome{*std::move(answer), {}, {}};
      return Outcome{{}, server + " is no upstream of the expected kind: " + answer.error().what, {}};
    }
    const std::string what = server + Fmt(" answered %ld: ", reply->status) + Printable(ReasonIn(reply->body), 200);
    const long s = reply->status;
    if (s == 408 || s == 409 || s == 429 || s >= 500) {
      auto wait = reply->retry_after_s;
      if (wait) wait = std::clamp(*wait, 0.0, 3600.0);
      return Outcome{{}, what, wait};
    }
    if (s == 401 || s == 403)
      return Error{Code::kBadInput, what + "; the key comes from --key-env, HASTEN_UPSTREAM_KEY or OPENAI_API_KEY"};
    return Error{Code::kBadInput, what + "; check the address and the model's name"};
  }

  void Accept(const Answer& answer, Proposal& proposal) {
    proposal.candidate = ProgramIn(task_, answer.text);
    proposal.trouble = proposal.candidate.empty() ? "the answer holds no program" : "";
    proposal.model_hash = settings_.upstream_model;
    proposal.tokens_in = answer.tokens_in;
    proposal.tokens_out = answer.tokens_out;
    proposal.dollars = 1e-6 * (double(answer.tokens_in) * settings_.dollars_per_million_in +
                               double(answer.tokens_out) * settings_.dollars_per_million_out);
    spending_.AddAnswer(answer.tokens_in + answer.tokens_out, proposal.dollars);
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
