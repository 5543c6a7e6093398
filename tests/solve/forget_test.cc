// A full bank: what it forgets, what it keeps, and that a search that forgets finds what one that stops does not.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <map>
#include <set>

#include "base/file.h"
#include "solve/search/bank.h"
#include "solve/sygus/problem.h"
#include "solve/sygus/solve.h"
#include "tests/support/support.h"

namespace hasten::solve {
namespace {

constexpr size_t kMemory = size_t(6) << 20;

// Four replacements, all of them to be enumerated.
constexpr char kChain[] = R"sl((synth-fun f ((s String)) String ((Start String (T))
  (T String (s "" " " "-" "_" "." "," "/" "(" ")" (str.replace T T T)))))
(constraint (= (f "(020) 7946.0958") "02079460958"))
(constraint (= (f "(011) 7496.0123") "01174960123"))
(constraint (= (f "(016) 3296.0012") "01632960012")))sl";

constexpr char kHopeless[] = R"sl((synth-fun f ((s String)) String ((Start String (T))
  (T String (s "" " " "-" (str.++ T T) (str.replace T T T) (str.at T I) (str.substr T I I)))
  (I Int (0 1 2 (+ I I) (- I I) (str.len T) (str.indexof T T I)))))
(constraint (= (f "ab-cd ef") "#")) (constraint (= (f "gh ij-kl") "!")))sl";

struct Search {
  explicit Search(const char* text) : problem(*ParseSygus(text)) {
    std::vector<std::vector<Word>> inputs;
    for (const Example& e : problem.examples) {
      inputs.push_back(e.inputs);
      outputs.push_back(e.output);
    }
    promise.emplace(problem.pool, Sort::kString, outputs);
    bank.emplace(problem.grammar, problem.pool, inputs, *promise);
    budget.memory_bytes = kMemory;
    budget.seconds = 60;
  }
  bool Found() const { return bank->shelf(problem.grammar.start).Find(outputs.data()).has_value(); }

  SygusProblem problem;
  std::vector<Word> outputs;
  std::optional<Promise> promise;
  std::optional<Bank> bank;
  Budget budget;
};

TEST(Forget, FindsWhatASearchThatStopsDoesNot) {
  Search stops(kChain);
  while (stops.bank->Grow(stops.budget, [] { return false; }) == Bank::Growth::kGrown) {
  }
  EXPECT_EQ(stops.bank->forgotten(), 0u);
  EXPECT_FALSE(stops.Found());

  Search forgets(kChain);
  while (!forgets.Found() && forgets.bank->Grow(forgets.budget, [&] { return !forgets.Found(); }) == Bank::Growth::kGrown) {
  }
  EXPECT_GT(forgets.bank->forgotten(), 0u);
  EXPECT_TRUE(forgets.Found());
}

TEST(Forget, StaysBelowTheLimit) {
  Search search(kChain);
  size_t looks = 0, most = 0;
  const auto look = [&] {
    most = std::max(most, search.bank->bytes());
    return ++looks < 12;
  };
  while (search.bank->Grow(search.budget, look) == Bank::Growth::kGrown) most = std::max(most, search.bank->bytes());
  EXPECT_EQ(looks, 12u);
  EXPECT_LE(most, kMemory);
  EXPECT_GT(most, kMemory / 4) << "it forgets long before it is full";
}

Word Computed(const Bank& bank, uint16_t n, uint32_t id, size_t example) {
  const Term& term = bank.shelf(n).term(id);
  const Rule& rule = bank.grammar().nonterminals[n].rules[term.rule];
  if (!rule.op) return rule.param >= 0 ? bank.inputs()[example][size_t(rule.param)] : rule.constant;
  Word args[3] = {}, result = 0;
  for (size_t i = 0; i < rule.arity(); ++i) args[i] = Computed(bank, rule.args[i], term.kids[i], example);
  Made made;
  EXPECT_TRUE(Apply(*rule.op, bank.pool(), args, &made, &result));
  return result;
}

// Programs, their parts and their values belong together whatever was forgotten between them.
TEST(Forget, WhatStaysIsWhole) {
  Search search(kChain);
  size_t looks = 0;
  while (search.bank->Grow(search.budget, [&] { return ++looks < 8; }) == Bank::Growth::kGrown) {
  }
  ASSERT_GT(search.bank->forgotten(), 10000u);
  const Bank& bank = *search.bank;
  for (uint16_t n = 0; n < bank.grammar().nonterminals.size(); ++n) {
    const Shelf& shelf = bank.shelf(n);
    for (uint32_t id = 0; id < shelf.size(); ++id) {
      for (size_t e = 0; e < bank.examples(); ++e) ASSERT_EQ(Computed(bank, n, id, e), shelf.values(id)[e]);
      ASSERT_EQ(shelf.Find(shelf.values(id)), id);
      ASSERT_TRUE(id >= shelf.begin_of(shelf.term(id).cost) && id < shelf.begin_of(shelf.term(id).cost + 1u));
    }
  }
}

TEST(Forget, IsTheSameEachTime) {
  const auto grow = [] {
    Search search(kChain);
    size_t looks = 0;
    while (search.bank->Grow(search.budget, [&] { return ++looks < 8; }) == Bank::Growth::kGrown) {
    }
    std::vector<std::string> texts;
    const Shelf& shelf = search.bank->shelf(search.problem.grammar.start);
    for (uint32_t id = 0; id < shelf.size(); ++id) texts.emplace_back(search.problem.pool[shelf.values(id)[0]]);
    return texts;
  };
  EXPECT_EQ(grow(), grow());
}

// All that the process takes: the bank, what is taken apart over it, and what both need for a while.
TEST(Forget, TheProcessStaysBelowTheLimit) {
#ifdef __SANITIZE_ADDRESS__
  GTEST_SKIP() << "a sanitizer keeps freed memory";
#endif
  const auto taken = [](const char* what) {
    const auto status = ReadFile("/proc/self/status");
    const size_t at = status ? status->find(what) : std::string::npos;
    return at == std::string::npos ? 0 : size_t(std::atoll(status->c_str() + at + std::strlen(what))) << 10;
  };
  auto problem = ParseSygus(kHopeless);
  ASSERT_TRUE(problem);
  const int peak = open("/proc/self/clear_refs", O_WRONLY);
  if (peak < 0 || write(peak, "5", 1) != 1) GTEST_SKIP() << "the kernel does not start the peak of memory again";
  close(peak);
  const size_t before = taken("VmRSS:");
  Budget budget;
  budget.seconds = 3;
  budget.memory_bytes = size_t(32) << 20;
  EXPECT_FALSE(SolveSygus(*problem, budget).program);
  const size_t most = taken("VmHWM:") - before;
  EXPECT_LE(most, budget.memory_bytes + (size_t(2) << 20));
  EXPECT_GT(most, budget.memory_bytes / 4) << "the limit was not reached: nothing is shown";
}

TEST(Forget, NearerValuesPromiseMore) {
  StringPool pool;
  const Promise strings(pool, Sort::kString, {pool.Intern("abcdef"), pool.Intern("xyz")});
  const auto promise = [&](const char* a, const char* b) {
    const Word values[] = {pool.Intern(a), pool.Intern(b)};
    return strings.Of(Sort::kString, values);
  };
  EXPECT_EQ(promise("abcdef", "xyz"), Promise::kWanted);
  EXPECT_LT(promise("abcdef", "xy"), Promise::kWanted);
  EXPECT_GT(promise("abcdef", "xy"), promise("abcd", "xy"));
  EXPECT_GT(promise("a-b-c-d-e-f", "x y z"), promise("fedcba", "zyx"));
  EXPECT_EQ(promise("", ""), 0);
  const Word inside[] = {0, 3}, outside[] = {100, Word(-5)};
  EXPECT_GT(strings.Of(Sort::kInt, inside), strings.Of(Sort::kInt, outside));
  const Promise ints(pool, Sort::kInt, {7, 8});
  const Word near[] = {7, 9}, far[] = {70, 90};
  EXPECT_GT(ints.Of(Sort::kInt, near), ints.Of(Sort::kInt, far));
}

// Texts that differ in length, in one byte, or in both so that the differences could cancel.
TEST(StringPool, TextsThatDifferHaveOtherMarks) {
  std::set<uint64_t> seen;
  size_t texts = 0;
  for (size_t size = 0; size <= 40; ++size) {
    for (size_t at = 0; at < std::max<size_t>(1, size); ++at) {
      for (int c = size ? 1 : 255; c < 256; ++c, ++texts) {
        std::string text(size, 0);
        if (size) text[at] = char(c);
        seen.insert(HashBytes(text.data(), text.size()));
        const std::string moved = "x" + text;
        ASSERT_TRUE(seen.contains(HashBytes(moved.data() + 1, size)));
      }
    }
  }
  EXPECT_EQ(seen.size(), texts);
  seen.clear();
  for (int a = -100; a <= 100; ++a) {
    for (int b = -100; b <= 100; ++b) seen.insert(Shelf::Mark(Shelf::Mark(0, Word(a)), Word(b)));
  }
  EXPECT_EQ(seen.size(), 201u * 201u);
}

// Every behaviour once: beside an enumeration that knows nothing of marks, queues or shelves.
TEST(Bank, HasEveryBehaviourOnce) {
  Search search(kHopeless);
  constexpr size_t kCost = 8;
  for (size_t cost = 1; cost <= kCost; ++cost)
    ASSERT_EQ(search.bank->Grow(search.budget, [] { return false; }), Bank::Growth::kGrown);
  const Bank& bank = *search.bank;
  const Grammar& grammar = bank.grammar();
  using Values = std::vector<Word>;
  std::vector<std::map<Values, size_t>> plain(grammar.nonterminals.size());  // with the cost at which each was found
  for (size_t cost = 1; cost <= kCost; ++cost) {
    for (size_t n = 0; n < plain.size(); ++n) {
      for (const Rule& rule : grammar.nonterminals[n].rules) {
        std::vector<std::pair<size_t, std::vector<Values>>> open = {{rule.cost(), {}}};
        while (!open.empty()) {
          auto [spent, args] = std::move(open.back());
          open.pop_back();
          if (args.size() < rule.arity()) {
            for (const auto& [values, dear] : plain[rule.args[args.size()]]) {
              if (spent + dear > cost) continue;
              open.emplace_back(spent + dear, args);
              open.back().second.push_back(values);
            }
            continue;
          }
          Values values(bank.examples());
          bool has_value = spent == cost;
          for (size_t e = 0; e < values.size() && has_value; ++e) {
            if (!rule.op) {
              values[e] = rule.param >= 0 ? bank.inputs()[e][size_t(rule.param)] : rule.constant;
              continue;
            }
            Word words[3] = {};
            for (size_t i = 0; i < args.size(); ++i) words[i] = args[i][e];
            Made made;
            has_value = Apply(*rule.op, bank.pool(), words, &made, &values[e]);
          }
          if (has_value) plain[n].try_emplace(values, cost);
        }
      }
    }
  }
  for (uint16_t n = 0; n < plain.size(); ++n) {
    if (bank.shelf(n).size() == 0) continue;  // no program of the start symbol uses it
    ASSERT_EQ(bank.shelf(n).size(), plain[n].size());
    for (const auto& [values, cost] : plain[n]) {
      const auto id = bank.shelf(n).Find(values.data());
      ASSERT_TRUE(id);
      EXPECT_EQ(bank.shelf(n).term(*id).cost, cost);
    }
  }
  EXPECT_GT(plain[grammar.start].size(), 100u);
  EXPECT_FALSE(bank.shelf(grammar.start).Find(search.outputs.data())) << "an answer that no program gives";
}

TEST(StringPool, SweepsWhatNobodyUses) {
  StringPool pool;
  std::vector<uint32_t> ids;
  for (int i = 0; i < 100000; ++i) ids.push_back(pool.Intern("string number " + std::to_string(i)));
  const size_t before = pool.live_bytes(), chunks = pool.chunks();
  std::vector<bool> used(pool.size());
  for (size_t i = 0; i < ids.size(); i += 3) used[ids[i]] = true;
  pool.Sweep(ids[10], used);
  EXPECT_LT(pool.live_bytes(), before / 2);
  EXPECT_LT(pool.chunks(), chunks);
  for (size_t i = 0; i < ids.size(); ++i) {
    if (i >= 10 && i % 3) continue;
    const std::string text = "string number " + std::to_string(i);
    ASSERT_EQ(pool[ids[i]], text);
    ASSERT_EQ(pool.Intern(text), ids[i]);
  }
  const size_t size = pool.size();
  for (int i = 0; i < 50000; ++i) pool.Intern("another " + std::to_string(i));
  EXPECT_EQ(pool.size(), size) << "free ids are used again";
}

}  // namespace
}  // namespace hasten::solve
