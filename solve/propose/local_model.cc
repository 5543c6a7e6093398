#include "solve/propose/local_model.h"

#include <algorithm>
#include <map>
#include <optional>

#include "engine/sampler.h"
#include "engine/stop.h"
#include "solve/log/digest.h"
#include "solve/propose/prompt.h"

namespace hasten::solve {
namespace {

// One program in the making.
struct Branch {
  size_t ask = 0;
  SequenceId seq = 0;
  Sampler sampler;
  StreamDecoder decoder;
  StopStrings stops;
  std::string text;
  size_t tokens = 0;
  bool open = true;
  int32_t next = 0;
};

class LocalModel : public Proposer {
 public:
  LocalModel(const Task& task, uint64_t seed, Spending& spending, Engine& engine, const Tokenizer& tokenizer, std::string hash)
      : task_(task), seed_(seed), spending_(spending), engine_(engine), tokenizer_(tokenizer), hash_(std::move(hash)) {}
  std::string_view name() const override { return "model"; }
  bool deterministic() const override { return true; }

  Status Propose(std::span<const Ask> asks, const Deliver& deliver, const std::atomic<bool>& stop) override {
    std::map<std::string, std::vector<size_t>> by_prompt;  // asks that share a prompt share its computation
    for (size_t i = 0; i < asks.size(); ++i) by_prompt[PromptFor(task_, asks[i]) + Opening()].push_back(i);
    for (const auto& [prompt, some] : by_prompt) {
      const size_t most = std::max<size_t>(1, engine_.max_sequences() - 1);  // the trunk is one
      for (size_t begin = 0; begin < some.size() && !stop && spending_.RanOut().empty(); begin += most) {
        const std::span part(some.data() + begin, std::min(most, some.size() - begin));
        TRY_OK(Grow(prompt, asks, part, deliver, stop));
      }
    }
    return {};
  }

 private:
  // A model that was never taught to chat continues best what has already begun.
  std::string Opening() const { return "\n```" + task_.language + "\n"; }

  Status Grow(const std::string& prompt, std::span<const Ask> asks, std::span<const size_t> some, const Deliver& deliver,
              const std::atomic<bool>& stop) {
    const std::vector<Token> tokens = tokenizer_.Encode(prompt, {.add_special = true, .parse_special = true});
    const size_t room = std::min(task_.proposers.max_tokens, engine_.context() - std::min(engine_.context(), tokens.size()));
    const auto opened = engine_.Open(tokens, room);
    if (!opened) {  // too long a prompt; another one may fit
      for (const size_t ask : some) deliver({.ask = ask, .candidate = {}, .trouble = opened.error().what});
      return {};
    }
    const SequenceId trunk = *opened;
    std::vector<Branch> branches;
    const Status status = Run(trunk, prompt, tokens, room, asks, some, branches, deliver, stop);
    for (const Branch& branch : branches)
      if (branch.open) engine_.Close(branch.seq);
    engine_.Close(trunk);
    return status;
  }

  Status Run(SequenceId trunk, const std::string& prompt, const std::vector<Token>& tokens, size_t room,
             std::span<const Ask> asks, std::span<const size_t> some, std::vector<Branch>& branches, const Deliver& deliver,
             const std::atomic<bool>& stop) {
    TRY(const auto shared, engine_.Read(trunk, engine_.Rest(trunk, tokens)));
    const std::vector<float> logits(shared.begin(), shared.end());  // the engine's own are gone after the next step
    std::vector<SequenceId> ids(some.size());
    TRY_OK(engine_.Fork(trunk, ids));
    for (size_t i = 0; i < some.size(); ++i) {
      branches.push_back(
          {some[i], ids[i], Sampler(OptionsFor(asks[some[i]])), StreamDecoder(tokenizer_), StopStrings({"```"}), {}});
      Choose(branches.back(), logits, room);
    }
    std::vector<StepRequest> requests;
    std::vector<Branch*> running;
    for (;;) {
      requests.clear();
      running.clear();
      for (Branch& branch : branches) {
        if (!branch.open) continue;
        requests.push_back({branch.seq, {&branch.next, 1}, 1});
        running.push_back(&branch);
      }
      for (Branch& branch : branches) DeliverIfOver(branch, prompt, tokens.size(), some.size(), deliver);
      if (requests.empty() || stop || !spending_.RanOut().empty()) return {};
      TRY(const LogitRows rows, engine_.Step(requests));
      for (size_t i = 0; i < running.size(); ++i) Choose(*running[i], rows[i], room);
    }
  }

  SamplerOptions OptionsFor(const Ask& ask) const {
    const ProposerSettings& p = task_.proposers;
    const double share = p.branches > 1 ? double(ask.n % p.branches) / double(p.branches - 1) : 0;
    SamplerOptions options;
    options.temperature = float(p.temperature_low + share * (p.temperature_high - p.temperature_low));
    options.seed = Mix64(seed_ ^ ask.n);
    return options;
  }

  // The next token of a branch, or its end.
  void Choose(Branch& branch, std::span<const float> logits, size_t room) {
    const auto so_far = engine_.Tokens(branch.seq);
    const Token token = branch.sampler.Sample(logits, so_far, so_far.size());
    ++branch.tokens;
    branch.next = token;
    const bool ends = tokenizer_.EndsGeneration(token);
    if (!ends) branch.text += branch.stops.Push(branch.decoder.Push(token));
    if (!ends && !branch.stops.stopped() && branch.tokens < room) return;
    branch.text += branch.stops.Push(branch.decoder.Finish());
    branch.text += branch.stops.Finish();
    branch.open = false;
    engine_.Close(branch.seq);
  }

  // Once, when the branch is over.
  void DeliverIfOver(Branch& branch, const std::string& prompt, size_t prompt_tokens, size_t sharing, const Deliver& deliver) {
    if (branch.open || branch.tokens == 0) return;
    Proposal proposal;
    proposal.ask = branch.ask;
    proposal.candidate = ProgramIn(task_, branch.text);
    if (proposal.candidate.empty()) proposal.trouble = "the model wrote no program";
    proposal.prompt_hash = DigestText(Digest(prompt));
    proposal.model_hash = hash_;
    proposal.seed = branch.sampler.options().seed;
    proposal.tokens_in = prompt_tokens / sharing;  // read once for all of them
    proposal.tokens_out = branch.tokens;
    spending_.AddAnswer(proposal.tokens_in + proposal.tokens_out, 0);
    branch.tokens = 0;
    deliver(std::move(proposal));
  }

  const Task& task_;
  const uint64_t seed_;
  Spending& spending_;
  Engine& engine_;
  const Tokenizer& tokenizer_;
  const std::string hash_;
};

}  // namespace

std::unique_ptr<Proposer> MakeLocalModel(const Task& task, uint64_t seed, Spending& spending, Engine& engine,
                                         const Tokenizer& tokenizer, std::string model_hash) {
  return std::make_unique<LocalModel>(task, seed, spending, engine, tokenizer, std::move(model_hash));
}

}  // namespace hasten::solve
