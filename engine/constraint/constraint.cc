#include "engine/constraint/constraint.h"

#include <algorithm>
#include <bit>
#include <limits>

#include "base/quote.h"
#include "text/grammar/gbnf.h"
#include "text/grammar/own_symbol.h"
#include "text/grammar/regex_parser.h"
#include "tokenizer/marks.h"

namespace hasten {

using constraint::Arena;
using constraint::Configs;
using constraint::FrameId;

ConstraintVocab::ConstraintVocab(const Tokenizer& tokenizer)
    : tokenizer_(tokenizer), trie_(tokenizer), any_string_(constraint::MakeAnyStringEntry(trie_)) {}

std::shared_ptr<const ConstraintVocab> ConstraintVocab::Create(const Tokenizer& tokenizer) {
  return std::shared_ptr<const ConstraintVocab>(new ConstraintVocab(tokenizer));
}

Constraint::Constraint(std::shared_ptr<const ConstraintVocab> vocab, std::unique_ptr<grammar::Grammar> grammar)
    : vocab_(std::move(vocab)), automaton_(std::move(grammar)), masker_(automaton_, vocab_->trie(), vocab_->any_string()) {}

static Result<grammar::ReId> CompileParts(grammar::Grammar& g, const ConstraintVocab& vocab,
                                          std::span<const ConstraintPart> parts, const SchemaOptions& options);

static grammar::ReId Marks(grammar::RegexPool& pool, std::span<const MarkPart> parts) {
  grammar::ReId all = grammar::kEmptyText;
  for (const MarkPart& part : parts)
    all = pool.Concat(all, part.token >= 0 ? pool.Token(part.token, false) : pool.Literal(part.text));
  return all;
}

static grammar::ReId Thought(grammar::Grammar& g, const Tokenizer& tokenizer, const ConstraintPart& part) {
  grammar::RegexPool& pool = g.pool;
  const std::vector<MarkPart> end = SplitMarks(tokenizer, part.text);
  grammar::ReId text = grammar::kAnyBytes;  // a budget may cut it within a character
  if (!end.empty() && end[0].token < 0) {
    const grammar::ReId sign = pool.Literal(end[0].text);
    const grammar::ReId holds = pool.Concat(grammar::kAnyBytes, pool.Concat(sign, grammar::kAnyBytes));
    text = grammar::OwnSymbol(g, pool.And(text, pool.Not(holds)), "a thought");
  }
  const grammar::ReId lines = pool.Star(pool.Literal("\n"));
  const grammar::ReId begin = Marks(pool, SplitMarks(tokenizer, part.begin));
  const grammar::ReId whole = pool.Concat(begin, pool.Concat(text, pool.Concat(Marks(pool, end), lines)));
  return part.optional ? pool.Optional(whole) : whole;
}

static Result<grammar::ReId> CompilePart(grammar::Grammar& g, const ConstraintVocab& vocab, const ConstraintPart& part,
                                         const SchemaOptions& options) {
  switch (part.kind) {
    case ConstraintKind::kBuilt:
      return part.build(g);
    case ConstraintKind::kThought:
      return Thought(g, vocab.tokenizer(), part);
    case ConstraintKind::kEither: {
      grammar::ReId any = grammar::kNothing;
      for (const auto& sequence : part.either) {
        TRY(const grammar::ReId id, CompileParts(g, vocab, sequence, options));
        any = g.pool.Or(any, id);
      }
      return any;
    }
    case ConstraintKind::kGrammar: {
      const auto find_token = [&](std::string_view text) -> std::optional<int32_t> {
        const auto ids = vocab.tokenizer().Encode(text, {.parse_special = true});
        if (ids.size() == 1) return ids[0];
        return std::nullopt;
      };
      return grammar::ParseGbnf(g, part.text, find_token);
    }
    case ConstraintKind::kRegex: {
      TRY(const grammar::ReId id, grammar::ParseRegex(g.pool, part.text, grammar::RegexMatch::kWhole));
      if (id != grammar::kNothing) return id;
      return Error{Code::kBadInput, Fmt("nothing matches the regular expression %s", Printable(part.text).c_str())};
    }
    case ConstraintKind::kSchema:
      break;
  }
  TRY(const grammar::ValueId value, CompileSchema(g, part.text, options));
  g.symbols.push_back({.name = "a schema's value", .value = value});
  return g.pool.Call(uint32_t(g.symbols.size() - 1));
}

static Result<grammar::ReId> CompileParts(grammar::Grammar& g, const ConstraintVocab& vocab,
                                          std::span<const ConstraintPart> parts, const SchemaOptions& options) {
  std::vector<grammar::ReId> ids;
  for (const ConstraintPart& part : parts) {
    TRY(const grammar::ReId id, CompilePart(g, vocab, part, options));
    ids.push_back(id);
  }
  grammar::ReId all = grammar::kEmptyText;
  for (size_t i = ids.size(); i-- > 0;) all = g.pool.Concat(ids[i], all);
  return all;
}

Result<std::shared_ptr<Constraint>> Constraint::Compile(std::shared_ptr<const ConstraintVocab> vocab,
                                                        const ConstraintSpec& spec) {
  auto g = std::make_unique<grammar::Grammar>();
  TRY(g->start, CompileParts(*g, *vocab, spec.parts, spec.schema));
  TRY_OK(grammar::CheckGrammar(*g));
  return std::shared_ptr<Constraint>(new Constraint(std::move(vocab), std::move(g)));
}

ConstraintState::ConstraintState(std::shared_ptr<Constraint> constraint) : constraint_(std::move(constraint)) {
  configs_ = {constraint_->automaton_.Begin(arena_)};
}

std::span<const uint64_t> ConstraintState::Mask() {
  mask_.assign(constraint_->vocab().words(), 0);
  constraint_->masker_.Add(arena_, configs_, mask_);
  if (CanEnd())
    for (const Token t : constraint_->vocab().trie().ends()) constraint::SetBit(mask_, t);
  return mask_;
}

bool ConstraintState::CanEnd() const {
  return std::ranges::any_of(configs_, [&](FrameId top) { return constraint_->automaton_.CanEnd(arena_, top); });
}

static void StepAll(constraint::Automaton& automaton, Arena& arena, Configs& configs, std::string_view bytes) {
  for (size_t i = 0; i < bytes.size() && !configs.empty(); ++i) automaton.StepAll(arena, configs, uint8_t(bytes[i]));
}

bool ConstraintState::AcceptText(std::string_view bytes) {
  Configs next = configs_;
  const size_t size = arena_.size();
  StepAll(constraint_->automaton_, arena_, next, bytes);
  if (next.empty()) {
    arena_.Shrink(size);
    return false;
  }
  configs_ = std::move(next);
  Compact();
  return true;
}

bool ConstraintState::AcceptPiece(Token token, std::string_view piece) {
  constraint::Automaton& automaton = constraint_->automaton_;
  const size_t size = arena_.size();
  Configs next;
  if (!piece.empty()) {
    next = configs_;
    StepAll(automaton, arena_, next, piece);
  }
  if (automaton.has_token_edges()) {
    std::vector<constraint::TokenEdge> edges;
    for (const FrameId top : configs_) automaton.TokenEdges(arena_, top, edges);
    const bool ends = constraint_->vocab().tokenizer().EndsGeneration(token);
    for (const auto& e : edges)
      if ((e.token == token) != e.negated && !(e.negated && ends)) next.push_back(e.then);
  }
  if (next.empty()) {
    arena_.Shrink(size);
    return false;
  }
  configs_ = std::move(next);
  Compact();
  return true;
}

Status ConstraintState::Accept(Token token) {
  const Tokenizer& tokenizer = constraint_->vocab().tokenizer();
  const bool ends = tokenizer.EndsGeneration(token);
  if (ends && CanEnd()) return {};
  if (AcceptPiece(token, ends ? std::string_view() : tokenizer.Piece(token))) return {};
  return Error{Code::kBadInput, Fmt("token %d, %s, is not allowed here", token, Printable(tokenizer.Text(token)).c_str())};
}

// Keeps only the frames that the configurations stand on.
void ConstraintState::Compact() {
  constexpr size_t kMostFrames = 512;
  if (arena_.size() < kMostFrames) return;
  Arena fresh;
  std::unordered_map<FrameId, FrameId> moved = {{constraint::kBottomFrame, constraint::kBottomFrame},
                                                {constraint::kEndFrame, constraint::kEndFrame}};
  for (FrameId& top : configs_) {
    std::vector<FrameId> path;
    for (FrameId id = top; !moved.contains(id); id = arena_[id].parent) path.push_back(id);
    while (!path.empty()) {
      constraint::Frame f = arena_[path.back()];
      f.parent = moved.at(f.parent);
      moved.emplace(path.back(), fresh.Push(f));
      path.pop_back();
    }
    top = moved.at(top);
  }
  arena_ = std::move(fresh);
}

std::string ConstraintState::Forced(size_t most) {
  std::string forced;
  Arena arena = arena_;
  Configs configs = configs_;
  constraint::Automaton& automaton = constraint_->automaton_;
  while (forced.size() < most) {
    if (std::ranges::any_of(configs, [&](FrameId top) { return automaton.CanEnd(arena, top); })) break;
    if (automaton.has_token_edges()) {
      std::vector<constraint::TokenEdge> edges;
      for (const FrameId top : configs) automaton.TokenEdges(arena, top, edges);
      if (!edges.empty()) break;
    }
    int only = -1;
    Configs after;
    for (int b = 0; b < 256 && only != -2; ++b) {
      Configs next = configs;
      const char c = char(b);
      StepAll(automaton, arena, next, {&c, 1});
      if (next.empty()) continue;
      only = only == -1 ? b : -2;
      after = std::move(next);
    }
    if (only < 0) break;
    forced += char(only);
    configs = std::move(after);
  }
  return forced;
}

std::vector<Token> ConstraintState::ForcedTokens() {
  const std::string forced = Forced();
  if (forced.empty()) return {};
  const Tokenizer& tokenizer = constraint_->vocab().tokenizer();
  std::vector<Token> tokens = tokenizer.Encode(forced);
  std::string spelled;  // vocabularies that put a space in front, or lack a byte, cannot say it exactly
  for (const Token t : tokens) spelled += tokenizer.Piece(t);
  if (spelled != forced) return {};
  ConstraintState after = *this;
  if (!after.AcceptText(forced)) return {};
  if (!after.MustEnd()) tokens.pop_back();
  return tokens;
}

bool ConstraintState::MustEnd() {
  if (!CanEnd()) return false;
  Mask();
  for (const Token t : constraint_->vocab().trie().ends()) constraint::ClearBit(mask_, t);
  return std::ranges::all_of(mask_, [](uint64_t word) { return word == 0; });
}

Status ConstraintState::Check() const {
  if (!constraint_->automaton_.exhausted()) return {};
  return Error{Code::kExhausted,
               "the constraint needs more states than there is room for: make its patterns or its grammar simpler"};
}

bool FewAllowed(std::span<const uint64_t> mask, size_t most, std::vector<Token>& tokens) {
  tokens.clear();
  for (size_t i = 0; i < mask.size(); ++i) {
    for (uint64_t word = mask[i]; word != 0; word &= word - 1) {
      if (tokens.size() == most) return false;
      tokens.push_back(Token(64 * i) + std::countr_zero(word));
    }
  }
  return true;
}

void ApplyMask(std::span<const uint64_t> mask, std::span<float> logits) {
  for (size_t i = 0; i < logits.size(); i += 64) {
    uint64_t refused = i / 64 < mask.size() ? ~mask[i / 64] : ~uint64_t{0};
    if (refused == 0) continue;
    const size_t count = std::min<size_t>(64, logits.size() - i);
    for (size_t j = 0; j < count; ++j)
      if ((refused >> j) & 1) logits[i + j] = -std::numeric_limits<float>::infinity();
  }
}

}  // namespace hasten
