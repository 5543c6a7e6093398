#include "text/grammar/grammar.h"

#include <algorithm>

#include "base/quote.h"

namespace hasten::grammar {
namespace {

// What is asked of every expression, for a guess at each symbol; the guesses grow until they hold.
class Analysis {
 public:
  explicit Analysis(const Grammar& g) : g_(g), nullable_(g.symbols.size()), ends_(g.symbols.size()) {}

  void Run() {
    for (bool changed = true; changed;) {
      changed = false;
      ++round_;
      for (size_t i = 0; i < g_.symbols.size(); ++i) {
        const Symbol& s = g_.symbols[i];
        const bool value = s.value != kNoValue;
        const bool ends = value || Ends(s.body), nullable = !value && Nullable(s.body);
        changed = changed || ends != ends_[i] || nullable != nullable_[i];
        ends_[i] = ends;
        nullable_[i] = nullable;
      }
    }
  }

  bool Nullable(ReId id) {
    return Walk(id, null_memo_, [&](const ReNode& n, auto&& of) {
      switch (n.kind) {
        case ReKind::kCall:
          return bool(nullable_[n.a]);
        case ReKind::kConcat:
          return of(n.a) && of(n.b);
        case ReKind::kOr:
          return std::ranges::any_of(g_.pool.Parts(n), of);
        case ReKind::kRepeat:
          return n.lo == 0 || of(n.a);
        default:
          return n.nullable;
      }
    });
  }

  bool Ends(ReId id) {
    return Walk(id, end_memo_, [&](const ReNode& n, auto&& of) {
      switch (n.kind) {
        case ReKind::kNone:
          return false;
        case ReKind::kCall:
          return bool(ends_[n.a]);
        case ReKind::kConcat:
          return of(n.a) && of(n.b);
        case ReKind::kOr:
          return std::ranges::any_of(g_.pool.Parts(n), of);
        case ReKind::kRepeat:
          return n.lo == 0 || of(n.a);
        default:
          return true;
      }
    });
  }

  // Symbols that a text of `id` may begin with.
  void Heads(ReId id, std::vector<uint32_t>& out) {
    const ReNode& n = g_.pool[id];
    if (!n.calls) return;
    if (n.kind == ReKind::kCall) out.push_back(n.a);
    if (n.kind == ReKind::kConcat || n.kind == ReKind::kRepeat) Heads(n.a, out);
    if (n.kind == ReKind::kConcat && Nullable(n.a)) Heads(n.b, out);
    if (n.kind == ReKind::kOr)
      for (const ReId p : g_.pool.Parts(n)) Heads(p, out);
  }

  bool nullable(size_t symbol) const { return nullable_[symbol]; }
  bool ends(size_t symbol) const { return ends_[symbol]; }

 private:
  struct Memo {
    std::vector<uint32_t> round;
    std::vector<bool> value;
  };
  template <class F>
  bool Walk(ReId id, Memo& memo, const F& f) {
    if (!g_.pool[id].calls) return f(g_.pool[id], [](ReId) { return false; }) || Plain(id, memo);
    memo.round.resize(g_.pool.size());
    memo.value.resize(g_.pool.size());
    if (memo.round[id] == round_) return memo.value[id];
    const bool value = f(g_.pool[id], [&](ReId child) { return Walk(child, memo, f); });
    memo.round[id] = round_;
    memo.value[id] = value;
    return value;
  }
  bool Plain(ReId id, const Memo& memo) const { return &memo == &null_memo_ ? g_.pool[id].nullable : id != kNothing; }

  const Grammar& g_;
  std::vector<bool> nullable_, ends_;
  Memo null_memo_, end_memo_;
  uint32_t round_ = 0;
};

// Whether `symbol` comes back to itself before a byte is read: depth first with three colours.
bool ComesBack(Analysis& analysis, const Grammar& g, uint32_t symbol, std::vector<uint8_t>& colour, size_t depth,
               uint32_t& culprit) {
  constexpr size_t kDeepest = 2000;
  colour[symbol] = 1;
  std::vector<uint32_t> heads;
  if (g.symbols[symbol].value == kNoValue) analysis.Heads(g.symbols[symbol].body, heads);
  std::ranges::sort(heads);
  heads.erase(std::ranges::unique(heads).begin(), heads.end());
  for (const uint32_t next : heads) {
    culprit = next;
    if (colour[next] == 1 || depth > kDeepest) return true;
    if (colour[next] == 0 && ComesBack(analysis, g, next, colour, depth + 1, culprit)) return true;
  }
  colour[symbol] = 2;
  return false;
}

}  // namespace

Status CheckGrammar(Grammar& g) {
  if (g.pool.full()) return Error{Code::kUnsupported, "the grammar needs too many states: make it simpler"};
  Analysis analysis(g);
  analysis.Run();
  std::vector<uint8_t> colour(g.symbols.size());
  for (uint32_t i = 0; i < g.symbols.size(); ++i) {
    uint32_t culprit = i;
    g.symbols[i].nullable = analysis.nullable(i);
    if (!analysis.ends(i)) {
      return Error{Code::kBadInput,
                   Fmt("the rule %s has no text: it never ends or nothing matches it", Printable(g.symbols[i].name).c_str())};
    }
    if (colour[i] == 0 && ComesBack(analysis, g, i, colour, 0, culprit)) {
      return Error{Code::kBadInput, Fmt("the rule %s begins with itself: write it as a repetition instead",
                                        Printable(g.symbols[culprit].name).c_str())};
    }
  }
  return {};
}

}  // namespace hasten::grammar
