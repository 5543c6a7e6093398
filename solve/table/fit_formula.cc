// What two or three given numbers make together: prices times quantities, shares, discounts. Looked for from the wanted
// numbers, so that tables may have many columns; what a table of few columns makes is found without (numbers.cc).
#include "solve/table/fitting.h"
#include "solve/table/ready.h"

namespace hasten::solve {

namespace {

constexpr int kLeastDigits = 6;
constexpr size_t kMostOfTwo = 40, kMostOfThree = 16;

using Maybe = std::optional<Decimal>;

// Decimals that go on with nothing once one of them is nothing.
Maybe Plus(const Maybe& a, const Maybe& b) { return a && b ? a->Plus(*b) : std::nullopt; }
Maybe Minus(const Maybe& a, const Maybe& b) { return a && b ? a->Minus(*b) : std::nullopt; }
Maybe Times(const Maybe& a, const Maybe& b) { return a && b ? a->Times(*b) : std::nullopt; }
Maybe Over(const Maybe& a, const Maybe& b) { return a && b && b->mantissa != 0 ? a->Over(*b) : std::nullopt; }
const Maybe kHundred = Decimal::Of(100);

Expr Plus(Expr a, Expr b) { return Apply("plus", {std::move(a), std::move(b)}); }
Expr Minus(Expr a, Expr b) { return Apply("minus", {std::move(a), std::move(b)}); }
Expr Times(Expr a, Expr b) { return Apply("times", {std::move(a), std::move(b)}); }
Expr Over(Expr a, Expr b) { return Apply("over", {std::move(a), std::move(b)}); }
Expr Hundred() { return Number(100); }

struct OfTwo {
  Maybe (*value)(const Maybe& a, const Maybe& b);
  Expr (*expr)(const Expr& a, const Expr& b);
  float cost;
  bool both_ways;  // b and a give another number than a and b
};

constexpr OfTwo kOfTwo[] = {
    {[](const Maybe& a, const Maybe& b) { return Plus(a, b); }, [](const Expr& a, const Expr& b) { return Plus(a, b); }, 3.3f,
     false},
    {[](const Maybe& a, const Maybe& b) { return Times(a, b); }, [](const Expr& a, const Expr& b) { return Times(a, b); }, 3.3f,
     false},
    {[](const Maybe& a, const Maybe& b) { return Minus(a, b); }, [](const Expr& a, const Expr& b) { return Minus(a, b); }, 3.4f,
     true},
    {[](const Maybe& a, const Maybe& b) { return Over(a, b); }, [](const Expr& a, const Expr& b) { return Over(a, b); }, 3.5f,
     true},
    {[](const Maybe& a, const Maybe& b) { return Over(Times(a, kHundred), b); },
     [](const Expr& a, const Expr& b) { return Over(Times(a, Hundred()), b); }, 4.0f, true},
    {[](const Maybe& a, const Maybe& b) { return Over(Times(a, b), kHundred); },
     [](const Expr& a, const Expr& b) { return Over(Times(a, b), Hundred()); }, 4.1f, false},
    {[](const Maybe& a, const Maybe& b) { return Over(Times(a, Plus(kHundred, b)), kHundred); },
     [](const Expr& a, const Expr& b) { return Over(Times(a, Plus(Hundred(), b)), Hundred()); }, 4.3f, true},
    {[](const Maybe& a, const Maybe& b) { return Over(Times(a, Minus(kHundred, b)), kHundred); },
     [](const Expr& a, const Expr& b) { return Over(Times(a, Minus(Hundred(), b)), Hundred()); }, 4.3f, true},
    {[](const Maybe& a, const Maybe& b) { return Over(Times(Minus(a, b), kHundred), b); },
     [](const Expr& a, const Expr& b) { return Over(Times(Minus(a, b), Hundred()), b); }, 4.4f, true},
};

struct OfThree {
  Maybe (*value)(const Maybe& a, const Maybe& b, const Maybe& c);
  Expr (*expr)(const Expr& a, const Expr& b, const Expr& c);
  float cost;
};

// a and b are one pair, c any third.
constexpr OfThree kOfThree[] = {
    {[](const Maybe& a, const Maybe& b, const Maybe& c) { return Times(Times(a, b), c); },
     [](const Expr& a, const Expr& b, const Expr& c) { return Times(Times(a, b), c); }, 4.4f},
    {[](const Maybe& a, const Maybe& b, const Maybe& c) { return Plus(Plus(a, b), c); },
     [](const Expr& a, const Expr& b, const Expr& c) { return Plus(Plus(a, b), c); }, 4.4f},
    {[](const Maybe& a, const Maybe& b, const Maybe& c) { return Plus(Times(a, b), c); },
     [](const Expr& a, const Expr& b, const Expr& c) { return Plus(Times(a, b), c); }, 4.6f},
    {[](const Maybe& a, const Maybe& b, const Maybe& c) { return Minus(Times(a, b), c); },
     [](const Expr& a, const Expr& b, const Expr& c) { return Minus(Times(a, b), c); }, 4.6f},
    {[](const Maybe& a, const Maybe& b, const Maybe& c) { return Minus(Plus(a, b), c); },
     [](const Expr& a, const Expr& b, const Expr& c) { return Minus(Plus(a, b), c); }, 4.6f},
    {[](const Maybe& a, const Maybe& b, const Maybe& c) { return Minus(c, Plus(a, b)); },
     [](const Expr& a, const Expr& b, const Expr& c) { return Minus(c, Plus(a, b)); }, 4.6f},
    {[](const Maybe& a, const Maybe& b, const Maybe& c) { return Over(Times(Times(a, b), Plus(kHundred, c)), kHundred); },
     [](const Expr& a, const Expr& b, const Expr& c) { return Over(Times(Times(a, b), Plus(Hundred(), c)), Hundred()); }, 5.2f},
    {[](const Maybe& a, const Maybe& b, const Maybe& c) { return Over(Times(Times(a, b), Minus(kHundred, c)), kHundred); },
     [](const Expr& a, const Expr& b, const Expr& c) { return Over(Times(Times(a, b), Minus(Hundred(), c)), Hundred()); },
     5.2f},
};

// The values of all rows, if they are the wanted ones once rounded as those are.
template <class F>
std::optional<std::vector<Decimal>> Values(const std::vector<Decimal>& wanted, int places, const F& value) {
  std::vector<Decimal> values;
  for (size_t r = 0; r < wanted.size(); ++r) {
    const Maybe v = value(r);
    const Maybe rounded = v ? RoundTo(*v, {1, places}, {}, Rounding::kNearest) : std::nullopt;
    if (!rounded || !(*rounded == wanted[r])) return std::nullopt;
    values.push_back(*v);
  }
  return values;
}

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
        auto values = Values(wanted, places, [&](size_t r) { return f.value(a.values[r], b.values[r]); });
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
          auto values = Values(wanted, places, [&](size_t r) { return f.value(a.values[r], b.values[r], c.values[r]); });
          if (values) found.push_back({f.expr(a.number, b.number, c.number), f.cost, -1, *std::move(values), true});
        }
      }
    }
  }
  return found;
}

}  // namespace hasten::solve
