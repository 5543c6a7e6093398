#include "solve/propose/local_model.h"

#include <algorithm>
#include <map>
#include <optional>

#include "engine/constraint/choice.h"
#include "engine/ngram_drafter.h"
#include "engine/writer.h"
#include "solve/log/digest.h"
#include "solve/propose/answer_reader.h"
#include "solve/propose/prompt.h"

namespace hasten::solve {
namespace {

// A prompt as the model reads it.
struct Prompt {
  std::string text;
  std::vector<Token> tokens;
  AnswerReader::Kind kind = AnswerReader::Kind::kInBlock;
  std::string start;  // the end of the prompt that belongs to the answer, such as "<think>"
};

// One program in the making.
struct Branch {
  size_t ask = 0;
  uint64_t seed = 0;
  SequenceId seq = 0;
  std::optional<Sampler> sampler;
  std::optional<ConstrainedChoice> choice;
  std::unique_ptr<Writer> writer;
  AnswerReader reader;
  size_t tokens = 0;
  bool open = true, delivered = false;
};

class LocalModel : public Proposer {
 public:
  LocalModel(const Task& task, uint64_t seed, Spending& spending, LocalEngine model, std::shared_ptr<Constraint> constraint)
      : task_(task),
        seed_(seed),
        spending_(spending),
        engine_(*model.engine),
        model_(std::move(model)),
        constraint_(std::move(constraint)) {}
  std::string_view name() const override { return "model"; }
  bool deterministic() const override { return true; }

  Status Propose(std::span<const Ask> asks, const Deliver& deliver, const std::atomic<bool>& stop) override {
    std::map<std::string, std::vector<size_t>> by_prompt;  // asks that share a prompt share its computation
    for (size_t i = 0; i < asks.size(); ++i) by_prompt[FittingText(asks[i])].push_back(i);
    for (const auto& [text, some] : by_prompt) {
      TRY(const Prompt prompt, Render(text));
      const size_t most = std::max<size_t>(1, engine_.max_sequences() - 1);  // the trunk is one
      for (size_t begin = 0; begin < some.size() && !stop && spending_.RanOut().empty(); begin += most) {
        const std::span part(some.data() + begin, std::min(most, some.size() - begin));
        TRY_OK(Grow(prompt, asks, part, deliver, stop));
      }
    }
    return {};
  }

 private:
  using Kind = AnswerReader::Kind;

  // An answer gets what it may take, and half of a short context at the least.
  size_t Room() const { return std::min(task_.proposers.max_tokens, engine_.context() / 2); }

  std::string FittingText(const Ask& ask) const {
    return FittingPrompt(task_, ask, [this](const std::string& text) {
      const auto prompt = Render(text);
      return prompt && prompt->tokens.size() + Room() <= engine_.context();
    });
  }

  // A model that was taught to chat gets its own template; where it does not think first, and with any other model, the prompt
  // ends with a code block that has begun, which small models continue best.
  Result<Prompt> Render(const std::string& text) const {
    Prompt prompt;
    prompt.text = text;
    if (model_.chat) {
      ChatRequest request;
      request.messages = nlohmann::ordered_json::array({{{"role", "user"}, {"content", text}}});
      request.variables = {{"enable_thinking", task_.proposers.thinking}};
      TRY(request.now, jinja::ParseMoment("2026-01-01"));  // a run that is repeated has the same prompts
      TRY(ChatPrompt rendered, model_.chat->Render(request));
      prompt.text = std::move(rendered.text);
      prompt.start = std::move(rendered.start);
    }
    const bool thinks = !prompt.start.empty() || (model_.chat && task_.proposers.thinking);
    prompt.kind = constraint_ ? Kind::kBare : thinks ? Kind::kFree : Kind::kInBlock;
    if (prompt.kind == Kind::kInBlock) prompt.text += (model_.chat ? "```" : "\n```") + FenceOf(task_) + "\n";
    prompt.tokens = model_.tokenizer->Encode(prompt.text, {.add_special = true, .parse_special = true});
    return prompt;
  }

  Status Grow(const Prompt& prompt, std::span<const Ask> asks, std::span<const size_t> some, const Deliver& deliver,
              const std::atomic<bool>& stop) {
    const auto opened = engine_.Open(prompt.tokens, Room());
    if (!opened) {  // too long however short it was made; another one may fit
      for (const size_t ask : some) deliver({.ask = ask, .candidate = {}, .trouble = opened.error().what});
      return {};
    }
    const SequenceId trunk = *opened;
    std::vector<std::unique_ptr<Branch>> branches;
    const Status status = Run(trunk, prompt, asks, some, branches, deliver, stop);
    for (const auto& branch : branches)
      if (branch->open) engine_.Close(branch->seq);
    engine_.Close(trunk);
    return status;
  }

  Status Run(SequenceId trunk, const Prompt& prompt, std::span<const Ask> asks, std::span<const size_t> some,
             std::vector<std::unique_ptr<Branch>>& branches, const Deliver& deliver, const std::atomic<bool>& stop) {
    const Price reading = {prompt.tokens.size() + some.size(), 0};  // and the first token of each
    if (!spending_.Reserve(reading, stop)) return {};
    TRY(const auto shared, engine_.Read(trunk, engine_.Rest(trunk, prompt.tokens)));
    const std::vector<float> logits(shared.begin(), shared.end());  // the engine's own are gone after the next step
    std::vector<SequenceId> ids(some.size());
    TRY_OK(engine_.Fork(trunk, ids));
    for (size_t i = 0; i < some.size(); ++i) {
      branches.push_back(NewBranch(asks[some[i]], some[i], ids[i], prompt));
      Absorb(*branches.back(), branches.back()->writer->First(logits));
    }
    spending_.Settle(reading, {prompt.tokens.size() + Written(branches), 0});
    for (;;) {
      std::vector<Branch*> open;
      for (const auto& branch : branches) {
        if (branch->open) open.push_back(branch.get());
        DeliverIfOver(*branch, prompt, some.size(), deliver);
      }
      if (open.empty() || stop || !spending_.RanOut().empty()) return {};
      // Nobody is asked for more than there is left to pay with.
      const size_t most = std::min(engine_.max_logit_rows(), spending_.TokensLeft()), before = Written(branches);
      const Price price = {std::max(most, open.size()), 0};
      if (!spending_.Reserve(price, stop)) return {};
      const Status status = StepAll(open, std::max<size_t>(1, most / open.size()));
      spending_.Settle(price, {Written(branches) - before, 0});
      TRY_OK(status);
    }
  }

  static size_t Written(const std::vector<std::unique_ptr<Branch>>& branches) {
    size_t tokens = 0;
    for (const auto& branch : branches) tokens += branch->tokens;
    return tokens;
  }

  std::unique_ptr<Branch> NewBranch(const Ask& ask, size_t index, SequenceId seq, const Prompt& prompt) {
    SamplerOptions options;
    options.temperature = float(task_.proposers.TemperatureOf(ask.n));
    options.seed = Mix64(seed_ ^ ask.n);
    auto branch = std::make_unique<Branch>(Branch{.ask = index,
                                                  .seed = options.seed,
                                                  .seq = seq,
                                                  .sampler = {},
                                                  .choice = {},
                                                  .writer = {},
                                                  .reader = AnswerReader(*model_.tokenizer, prompt.kind, prompt.start)});
    Branch* const b = branch.get();
    Writer::Choose choose;
    if (constraint_) {
      b->choice.emplace(constraint_, options);
      choose = [b](auto logits, auto text) { return b->choice->Choose(logits, text); };
    } else {
      b->sampler.emplace(options);
      choose = [b](auto logits, auto text) { return b->sampler->Sample(logits, text, text.size()); };
    }
    // A further row of a pass over several sequences: 0.47 ms of the 3.1 ms of one row (135M parameters, docs/performance.md).
    b->writer = std::make_unique<Writer>(engine_, seq, std::move(choose), WriterOptions{.row_cost = 0.15});
    b->writer->Use(std::make_unique<NgramDrafter>());
    if (constraint_) b->writer->Use(Writer::Forced([b] { return b->choice->Forced(); }));
    return branch;
  }

  // The next tokens of all, up to `room` of each, in as few passes as their rows fit.
  Status StepAll(const std::vector<Branch*>& open, size_t room) {
    std::vector<StepRequest> requests;
    for (size_t begin = 0; begin < open.size();) {
      requests.clear();
      size_t rows = 0, logits = 0, end = begin;
      for (; end < open.size(); ++end) {
        TRY(const StepRequest request, open[end]->writer->Plan(room));
        if (end > begin &&
            (rows + request.tokens.size() > engine_.max_rows() || logits + request.logits > engine_.max_logit_rows()))
          break;
        rows += request.tokens.size();
        logits += request.logits;
        requests.push_back(request);
      }
      auto result = engine_.Step(requests);
      if (!result && result.error().code == Code::kExhausted && logits > requests.size()) {  // no memory for guesses
        for (size_t i = 0; i < requests.size(); ++i) {
          TRY(requests[i], open[begin + i]->writer->Plan(1));
        }
        result = engine_.Step(requests);
      }
      if (!result) return result.error();
      for (size_t i = 0, row = 0; i < requests.size(); row += requests[i++].logits) {
        TRY(const auto tokens, open[begin + i]->writer->Take(*result, row));
        Absorb(*open[begin + i], tokens);
      }
      begin = end;
    }
    return {};
  }

  // Tokens that a branch has chosen, up to its end.
  void Absorb(Branch& branch, std::span<const Token> tokens) {
    for (const Token token : tokens) {
      ++branch.tokens;
      if (branch.reader.Push(token) && branch.tokens < Room()) continue;
      branch.reader.Finish();
      branch.open = false;
      engine_.Close(branch.seq);
      return;
    }
  }

  void DeliverIfOver(Branch& branch, const Prompt& prompt, size_t sharing, const Deliver& deliver) {
    if (branch.open || branch.delivered) return;
    branch.delivered = true;
    Proposal proposal;
    proposal.ask = branch.ask;
    proposal.candidate = branch.reader.Program(task_);
    if (proposal.candidate.empty()) proposal.trouble = "the model wrote no program";
    proposal.prompt_hash = DigestText(Digest(prompt.text));
    proposal.model_hash = model_.hash;
    proposal.seed = branch.seed;
    proposal.tokens_in = prompt.tokens.size() / sharing;  // read once for all of them
    proposal.tokens_out = branch.tokens;
    deliver(std::move(proposal));
  }

  const Task& task_;
  const uint64_t seed_;
  Spending& spending_;
  Engine& engine_;
  const LocalEngine model_;
  const std::shared_ptr<Constraint> constraint_;
};

Result<std::shared_ptr<Constraint>> ConstraintOf(const ProposerSettings& p, const Tokenizer& tokenizer) {
  if (!p.Constrained()) return std::shared_ptr<Constraint>();
  ConstraintPart part = {ConstraintKind::kSchema, p.schema};
  if (!p.grammar.empty()) part = {ConstraintKind::kGrammar, p.grammar};
  if (!p.regex.empty()) part = {ConstraintKind::kRegex, p.regex};
  return Constraint::Compile(ConstraintVocab::Create(tokenizer), {.parts = {std::move(part)}});
}

}  // namespace

Result<std::unique_ptr<Proposer>> MakeLocalModel(const Task& task, uint64_t seed, Spending& spending, LocalEngine model) {
  TRY(auto constraint, ConstraintOf(task.proposers, *model.tokenizer));
  return std::unique_ptr<Proposer>(std::make_unique<LocalModel>(task, seed, spending, std::move(model), std::move(constraint)));
}

}  // namespace hasten::solve
