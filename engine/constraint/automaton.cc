#include "engine/constraint/automaton.h"

#include <algorithm>
#include <utility>

namespace hasten::constraint {

using grammar::Dfa;
using grammar::kEmptyText;
using grammar::kNothing;
using grammar::kNoValue;
using grammar::ReId;
using grammar::ReKind;

static constexpr uint32_t kNone = UINT32_MAX;
// Calls and completed frames that one byte may pass through.
static constexpr size_t kDeepest = 4000;
static constexpr size_t kMostConfigs = 1000, kMostTogether = 1000;
// Rules that one byte may enter from one configuration: ambiguous grammars have exponentially many ways.
static constexpr size_t kMostWork = 5000;

Automaton::Automaton(std::unique_ptr<grammar::Grammar> g)
    : grammar_(std::move(g)),
      rows_(grammar_->pool),
      seen_sets_(1),
      flexible_(grammar_->json.spaces == grammar::Spaces::kFlexible) {
  for (const grammar::Value& v : grammar_->json.values) {
    ValueStart start = {
        .scalars = kNone, .strings = {}, .first_object = uint32_t(objects_.size()), .first_array = uint32_t(arrays_.size())};
    for (const grammar::ObjectShape& o : v.objects) AddObject(o);
    for (const grammar::ArrayShape& a : v.arrays) arrays_.push_back(&a);
    values_.push_back(std::move(start));
  }
  for (size_t i = 0; i < values_.size(); ++i) {
    const grammar::Value& v = grammar_->json.values[i];
    values_[i].scalars = ScalarOf(v.scalars);
    for (const grammar::StringShape& s : v.strings) values_[i].strings.push_back(rows_.Start(s.content));
  }
  for (size_t i = 0; i < grammar_->pool.size(); ++i)
    has_token_edges_ = has_token_edges_ || grammar_->pool[ReId(i)].kind == ReKind::kToken;
}

// ------------------------------------------------------------------------------------------------------------- rules

bool Automaton::Nullable(ReId id) {
  const grammar::ReNode n = grammar_->pool[id];
  if (!n.calls || n.nullable) return n.nullable;
  if (const auto it = nullable_.find(id); it != nullable_.end()) return it->second;
  bool nullable = false;
  switch (n.kind) {
    case ReKind::kCall:
      nullable = grammar_->symbols[n.a].nullable;
      break;
    case ReKind::kConcat:
      nullable = Nullable(n.a) && Nullable(n.b);
      break;
    case ReKind::kRepeat:
      nullable = n.lo == 0 || Nullable(n.a);
      break;
    case ReKind::kOr:
      for (const ReId p : grammar_->pool.Parts(n)) nullable = nullable || Nullable(p);
      break;
    default:
      break;
  }
  nullable_.emplace(id, nullable);
  return nullable;
}

// The ways to go on with `id` and then `rest`. V. Antimirov, Partial derivatives of regular expressions, 1996.
void Automaton::Linear(ReId id, ReId rest, std::vector<Item>& out, size_t depth) {
  grammar::RegexPool& pool = grammar_->pool;
  const grammar::ReNode n = pool[id];
  if (depth > kDeepest || out.size() > kMostConfigs) {
    exhausted_ = true;
    return;
  }
  switch (n.kind) {
    case ReKind::kBytes:
      out.push_back({Item::Kind::kBytes, pool.Set(n.a), 0, false, rest});
      break;
    case ReKind::kCall:
      out.push_back({Item::Kind::kCall, {}, n.a, false, rest});
      break;
    case ReKind::kToken:
      out.push_back({Item::Kind::kToken, {}, n.a, grammar::IsNegated(n), rest});
      break;
    case ReKind::kConcat:
      Linear(n.a, pool.Concat(n.b, rest), out, depth + 1);
      if (Nullable(n.a)) Linear(n.b, rest, out, depth + 1);
      break;
    case ReKind::kOr:
      for (const ReId p : std::vector<ReId>(pool.Parts(n).begin(), pool.Parts(n).end())) Linear(p, rest, out, depth + 1);
      break;
    case ReKind::kRepeat: {
      const ReId again = pool.Repeat(n.a, n.lo == 0 ? 0 : n.lo - 1, n.hi == grammar::kNoLimit ? n.hi : n.hi - 1);
      Linear(n.a, pool.Concat(again, rest), out, depth + 1);
      break;
    }
    default:
      break;
  }
}

const Automaton::Residual& Automaton::ResidualOf(ReId id) {
  auto& slot = residuals_[id];
  if (slot) return *slot;
  slot = std::make_unique<Residual>();
  slot->nullable = Nullable(id);
  Linear(id, kEmptyText, slot->items, 0);
  return *slot;
}

void Automaton::StepRule(Arena& arena, const Frame& f, uint8_t byte, Configs& out) {
  if (depth_ > kDeepest || ++work_ > kMostWork) {
    exhausted_ = true;
    return;
  }
  ++depth_;
  const auto under = [&](ReId rest) {  // a frame with nothing left to do is not kept
    return rest == kEmptyText ? f.parent : arena.Push({.kind = FrameKind::kRule, .def = rest, .parent = f.parent});
  };
  if (!grammar_->pool[f.def].calls) {  // one automaton state instead of many expressions
    StepScalar(arena, {.kind = FrameKind::kScalar, .def = ScalarOf(f.def), .state = 0, .parent = f.parent}, byte, out);
    --depth_;
    return;
  }
  const Residual& r = ResidualOf(f.def);
  for (const Item& item : r.items) {
    if (item.kind == Item::Kind::kBytes && item.bytes.Has(byte)) out.push_back(under(item.rest));
    if (item.kind != Item::Kind::kCall) continue;
    const grammar::Symbol& s = grammar_->symbols[item.symbol];
    const FrameId below = under(item.rest);
    if (s.value != kNoValue) {
      StartValue(arena, s.value, below, byte, out);
    } else {
      StepRule(arena, {.kind = FrameKind::kRule, .def = s.body, .parent = below}, byte, out);
    }
  }
  if (r.nullable) Step(arena, f.parent, byte, out);
  --depth_;
}

void Automaton::TokenEdges(Arena& arena, FrameId top, std::vector<TokenEdge>& out) {
  const Frame f = arena[top];
  if (depth_ > kDeepest || out.size() > kMostConfigs) {
    exhausted_ = true;
    return;
  }
  if (f.kind == FrameKind::kScalar) {
    if (scalars_[f.def].Accepts(f.state)) TokenEdges(arena, f.parent, out);
    return;
  }
  if (f.kind != FrameKind::kRule) return;
  ++depth_;
  const Residual& r = ResidualOf(f.def);
  for (const Item& item : r.items) {
    if (item.kind == Item::Kind::kBytes) continue;
    const FrameId below =
        item.rest == kEmptyText ? f.parent : arena.Push({.kind = FrameKind::kRule, .def = item.rest, .parent = f.parent});
    if (item.kind == Item::Kind::kToken) {
      out.push_back({int32_t(item.symbol), item.negated, below});
    } else if (const grammar::Symbol& s = grammar_->symbols[item.symbol]; s.value == kNoValue) {
      TokenEdges(arena, arena.Push({.kind = FrameKind::kRule, .def = s.body, .parent = below}), out);
    }
  }
  if (r.nullable) TokenEdges(arena, f.parent, out);
  --depth_;
}

uint32_t Automaton::ScalarOf(ReId id) {
  const auto [it, is_new] = scalar_of_.try_emplace(id, kNone);
  if (!is_new) return it->second;
  if (id == kNothing) return kNone;
  grammar::Dfa& dfa = scalars_.emplace_back(grammar_->pool, id);
  if (dfa.start() == Dfa::kDead) {
    scalars_.pop_back();
    return kNone;
  }
  return it->second = uint32_t(scalars_.size() - 1);
}

void Automaton::StepScalar(Arena& arena, const Frame& f, uint8_t byte, Configs& out) {
  if (f.def == kNone) return;
  Dfa& dfa = scalars_[f.def];
  if (const uint32_t next = dfa.Next(f.state, byte); next != Dfa::kDead) {
    Frame after = f;
    after.state = next;
    out.push_back(dfa.Expression(next) == kEmptyText ? f.parent : arena.Push(after));
  }
  exhausted_ = exhausted_ || dfa.exhausted();
  if (dfa.Accepts(f.state)) Step(arena, f.parent, byte, out);
}

// ------------------------------------------------------------------------------------------------------------ frames

bool Arena::Same(FrameId a, FrameId b) const {
  while (a != b) {
    Frame x = frames_[a], y = frames_[b];
    if (x.kind == FrameKind::kBottom || x.kind == FrameKind::kEnd) return false;
    std::swap(a, x.parent);
    std::swap(b, y.parent);
    x.parent = y.parent = 0;
    if (!(x == y)) return false;
  }
  return true;
}

FrameId Automaton::Begin(Arena& arena) {
  if (grammar_->start == kEmptyText) return kEndFrame;
  return arena.Push({.kind = FrameKind::kRule, .def = grammar_->start, .parent = kEndFrame});
}

void Automaton::Step(Arena& arena, FrameId top, uint8_t byte, Configs& out) {
  const size_t before = out.size();
  const Frame f = arena[top];
  if (depth_ == 0) work_ = 0;
  switch (f.kind) {
    case FrameKind::kBottom:
      hit_bottom_ = true;
      break;
    case FrameKind::kEnd:
      break;
    case FrameKind::kRule:
      StepRule(arena, f, byte, out);
      break;
    case FrameKind::kScalar:
      StepScalar(arena, f, byte, out);
      break;
    case FrameKind::kString:
      StepString(arena, top, byte, out);
      break;
    case FrameKind::kObject:
      StepObject(arena, top, byte, out);
      break;
    case FrameKind::kArray:
      StepArray(arena, f, byte, out);
      break;
  }
  if (out.size() - before < 2) return;
  if (out.size() - before > kMostConfigs) {
    exhausted_ = true;
    out.resize(before + kMostConfigs);
  }
  for (size_t i = before; i < out.size(); ++i) {
    for (size_t j = out.size() - 1; j > i; --j)
      if (arena.Same(out[i], out[j])) out.erase(out.begin() + ptrdiff_t(j));
  }
}

void Automaton::StepAll(Arena& arena, Configs& configs, uint8_t byte) {
  Configs next;
  for (const FrameId top : configs) {
    const auto before = ptrdiff_t(next.size());
    Step(arena, top, byte, next);
    const auto known = [&](FrameId id) {
      return std::any_of(next.begin(), next.begin() + before, [&](FrameId other) { return arena.Same(id, other); });
    };
    next.erase(std::remove_if(next.begin() + before, next.end(), known), next.end());
    if (next.size() > kMostTogether) {
      exhausted_ = true;
      next.resize(kMostTogether);
    }
  }
  configs.swap(next);
}

bool Automaton::Completes(const Arena& arena, FrameId top) {
  for (;;) {
    const Frame& f = arena[top];
    if (f.kind == FrameKind::kEnd) return true;
    const bool complete =
        (f.kind == FrameKind::kRule && Nullable(f.def)) || (f.kind == FrameKind::kScalar && scalars_[f.def].Accepts(f.state));
    if (!complete) return false;
    top = f.parent;
  }
}

void Automaton::StepString(Arena& arena, FrameId top, uint8_t byte, Configs& out) {
  Frame f = arena[top];
  const uint32_t next = rows_.Next(f.state, byte);
  if (next == StringRows::kDead) return;
  if (next == StringRows::kClosed) {
    if (f.kind == FrameKind::kObject || f.lo == 0) out.push_back(Closed(arena, top));
    return;
  }
  if (f.kind == FrameKind::kString && rows_.Counts(f.state, byte)) {
    f.lo -= f.lo > 0;
    if (f.hi != grammar::kNoLimit && f.hi-- == 0) return;
  }
  if (f.kind == FrameKind::kString && f.hi < rows_.Shortest(next)) return;
  f.state = next;
  out.push_back(arena.Push(f));
}

FrameId Automaton::Closed(Arena& arena, FrameId string) {
  Frame f = arena[string];
  if (f.kind == FrameKind::kString) return f.parent;
  const grammar::MemberClass& c = objects_[f.def].shape->classes[f.lo];
  f.phase = Phase::kColon;
  f.state = c.value;
  f.lo = f.hi = 0;
  return arena.Push(f);
}

// White space before what follows in `f`. Where spaces are not flexible, one blank exactly where it is `wanted`.
bool Automaton::Space(Arena& arena, Frame f, uint8_t byte, bool wanted, Configs& out) {
  static constexpr uint8_t kBlank = 255, kMostIndent = 64;
  if (byte == ' ' && f.space == 0 && (flexible_ || wanted)) {
    f.space = kBlank;
  } else if (flexible_ && byte == '\n' && f.space == 0) {
    f.space = 1;
  } else if (flexible_ && (byte == ' ' || byte == '\t') && f.space > 0 && f.space <= kMostIndent) {
    ++f.space;
  } else {
    return byte == ' ' || byte == '\n' || byte == '\t' || byte == '\r';
  }
  out.push_back(arena.Push(f));
  return true;
}

void Automaton::StartValue(Arena& arena, grammar::ValueId value, FrameId parent, uint8_t byte, Configs& out) {
  const grammar::Value& v = grammar_->json.values[value];
  const ValueStart& start = values_[value];
  if (byte == '"') {
    for (size_t i = 0; i < v.strings.size(); ++i) {
      if (start.strings[i] == StringRows::kDead) continue;
      out.push_back(arena.Push({.kind = FrameKind::kString,
                                .state = start.strings[i],
                                .lo = v.strings[i].least,
                                .hi = v.strings[i].most,
                                .parent = parent}));
    }
  } else if (byte == '{') {
    for (size_t i = 0; i < v.objects.size(); ++i)
      out.push_back(arena.Push({.kind = FrameKind::kObject, .def = uint32_t(start.first_object + i), .parent = parent}));
  } else if (byte == '[') {
    for (size_t i = 0; i < v.arrays.size(); ++i)
      out.push_back(arena.Push({.kind = FrameKind::kArray, .def = uint32_t(start.first_array + i), .parent = parent}));
  } else if (start.scalars != kNone) {
    StepScalar(arena,
               {.kind = FrameKind::kScalar, .def = start.scalars, .state = scalars_[start.scalars].start(), .parent = parent},
               byte, out);
  }
}

}  // namespace hasten::constraint
