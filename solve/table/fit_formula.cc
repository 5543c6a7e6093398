// What two or three given numbers make together: prices times quantities, shares, discounts. Looked for from the wanted
// numbers, so that tables may have many columns; what a table of few columns makes is found without (numbers.cc).
#include "solve/table/fitting.h"
#include "solve/table/ready.h"

namespace hasten::solve {

namespace {

constexpr int kLeastDigits = 6;
constexpr size_t kMostOfTwo = 40, kMostOfThree = 16;

using Maybe = std::optional<Decimal>;

// Decimals that go on with nothing once one of them is nothing; and the same as programs, so that a formula is written once.
Maybe Plus(const Maybe& a, const Maybe& b) { return a && b ? a->Plus(*b) : std::nullopt; }
Maybe Minus(const Maybe& a, const Maybe& b) { return a && b ? a->Minus(*b) : std::nullopt; }
Maybe Times(const Maybe& a, const Maybe& b) { return a && b ? a->Times(*b) : std::nullopt; }
Maybe Over(const Maybe& a, const Maybe& b) { return a && b && b->mantissa != 0 ? a->Over(*b) : std::nullopt; }
Maybe Hundred(const Maybe&) { return Decimal::Of(100); }

Expr Plus(const Expr& a, const Expr& b) { return Apply("plus", {a, b}); }
Expr Minus(const Expr& a, const Expr& b) { return Apply("minus", {a, b}); }
Expr Times(const Expr& a, const Expr& b) { return Apply("times", {a, b}); }
Expr Over(const Expr& a, const Expr& b) { return Apply("over", {a, b}); }
Expr Hundred(const Expr&) { return Number(100); }

struct OfTwo {
  Maybe (*value)(const Maybe& a, const Maybe& b);
  Expr (*expr)(const Expr& a, const Expr& b);
  float cost;
  bool both_ways;  // b and a give another number than a and b
};
template <class F>
constexpr OfTwo Two(F formula, float cost, bool both_ways) {
  return {formula, formula, cost, both_ways};
}

constexpr OfTwo kOfTwo[] = {
    Two([](const auto& a, const auto& b) { return Plus(a, b); }, 3.3f, false),
    Two([](const auto& a, const auto& b) { return Times(a, b); }, 3.3f, false),
    Two([](const auto& a, const auto& b) { return Minus(a, b); }, 3.4f, true),
    Two([](const auto& a, const auto& b) { return Over(a, b); }, 3.5f, true),
    Two([](const auto& a, const auto& b) { return Over(Times(a, Hundred(a)), b); }, 4.0f, true),
    Two([](const auto& a, const auto& b) { return Over(Times(a, b), Hundred(a)); }, 4.1f, false),
    Two([](const auto& a, const auto& b) { return Over(Times(a, Plus(Hundred(a), b)), Hundred(a)); }, 4.3f, true),
    Two([](const auto& a, const auto& b) { return Over(Times(a, Minus(Hundred(a), b)), Hundred(a)); }, 4.3f, true),
    Two([](const auto& a, const auto& b) { return Over(Times(Minus(a, b), Hundred(a)), b); }, 4.4f, true),
};

struct OfThree {
  Maybe (*value)(const Maybe& a, const Maybe& b, const Maybe& c);
  Expr (*expr)(const Expr& a, const Expr& b, const Expr& c);
  float cost;
};
template <class F>
constexpr OfThree Three(F formula, float cost) {
  return {formula, formula, cost};
}

// a and b are one pair, c any third.
constexpr OfThree kOfThree[] = {
    Three([](const auto& a, const auto& b, const auto& c) { return Times(Times(a, b), c); }, 4.4f),
    Three([](const auto& a, const auto& b, const auto& c) { return Plus(Plus(a, b), c); }, 4.4f),
    Three([](const auto& a, const auto& b, const auto& c) { return Plus(Times(a, b), c); }, 4.6f),
    Three([](const auto& a, const auto& b, const auto& c) { return Minus(Times(a, b), c); }, 4.6f),
    Three([](const auto& a, const auto& b, const auto& c) { return Minus(Plus(a, b), c); }, 4.6f),
    Three([](const auto& a, const auto& b, const auto& c) { return Minus(c, Plus(a, b)); }, 4.6f),
    Three([](const auto& a, const auto& b, const auto& c) { return Over(Times(Times(a, b), Plus(Hundred(a), c)), Hundred(a)); },
          5.2f),
    Three(
        [](const auto& a, const auto& b, const auto& c) { return Over(Times(Times(a, b), Minus(Hundred(a), c)), Hundred(a)); },
        5.2f),
};

}  // namespace

std::vector<Computed> FitFormulas(std::span<const Computed* const> numbers, const std::vector<Decimal>& wanted, int places) {
  std::vector<Computed> found;
  int digits = 0;
  for (const Decimal& w : wanted) digits += DigitsOf(w);
  if (wanted.size() < 2 || digits < kLeastDigits) return found;  // among so many formulas some would fit by chance
  const size_t two = std::min(numbers.size(), kMostOfTwo), three = std::min(numbers.size(), kMostOfThree);
  for (size_t i = 0; i < two; ++i) {
    for (size_t j = 0; j < two; ++j) {
      const Computed &a = *numbers[i], &b = *numbers[j];
      for (const OfTwo& f : kOfTwo) {
        if (i == j || (i > j && !f.both_ways)) continue;
        auto values = WantedValues(wanted, places, [&](size_t r) { return f.value(a.values[r], b.values[r]); });
        if (values) found.push_back({f.expr(a.number, b.number), f.cost, -1, *std::move(values), true});
      }
    }
  }
  for (size_t i = 0; i < three; ++i) {
    for (size_t j = i + 1; j < three; ++j) {
      for (size_t k = 0; k < three; ++k) {
        const Computed &a = *numbers[i], &b = *numbers[j], &c = *numbers[k];
        for (const OfThree& f : kOfThree) {
          if (k == i || k == j) continue;
          auto values = WantedValues(wanted, places, [&](size_t r) { return f.value(a.values[r], b.values[r], c.values[r]); });
          if (values) found.push_back({f.expr(a.number, b.number, c.number), f.cost, -1, *std::move(values), true});
        }
      }
    }
  }
  return found;
}

}  // namespace hasten::solve
