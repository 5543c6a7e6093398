#include "solve/sygus/solve.h"

#include <algorithm>
#include <set>

#include "solve/search/chain.h"
#include "solve/search/deduce.h"
#include "solve/sygus/sexpr.h"

namespace hasten::solve {

namespace {

// A program on its own, apart from the bank it came from.
struct Program {
  const Rule* rule;
  std::vector<Program> kids;
};

Program FromTerm(const Bank& bank, uint16_t n, uint32_t id) {
  const Term& term = bank.shelf(n).term(id);
  const Rule& rule = bank.grammar().nonterminals[n].rules[term.rule];
  Program program{&rule, {}};
  for (size_t i = 0; i < rule.arity(); ++i) program.kids.push_back(FromTerm(bank, rule.args[i], term.kids[i]));
  return program;
}

Program FromTree(const Bank& bank, const Deducer& deducer, TreeId id) {
  const Tree& tree = deducer.tree(id);
  if (tree.leaf) return FromTerm(bank, tree.nonterminal, tree.kids[0]);
  const Rule& rule = bank.grammar().nonterminals[tree.nonterminal].rules[tree.rule];
  Program program{&rule, {}};
  for (size_t i = 0; i < rule.arity(); ++i) program.kids.push_back(FromTree(bank, deducer, tree.kids[i]));
  return program;
}

Program FromChain(const Bank& bank, const Chain& chain) {
  const uint16_t start = bank.grammar().start;
  Program program = FromTerm(bank, start, chain.first);
  for (const ChainLink& link : chain.links) {
    const Rule& rule = bank.grammar().nonterminals[start].rules[link.rule];
    Program longer{&rule, {}};
    for (size_t i = 0; i < rule.arity(); ++i) {
      longer.kids.push_back(i == link.at ? std::move(program) : FromTerm(bank, rule.args[i], link.kids[i]));
    }
    program = std::move(longer);
  }
  return program;
}

bool Run(const Program& p, StringPool& pool, const std::vector<Word>& inputs, Word* result) {
  if (!p.rule->op) {
    *result = p.rule->param >= 0 ? inputs[size_t(p.rule->param)] : p.rule->constant;
    return true;
  }
  Word args[3] = {};
  for (size_t i = 0; i < p.kids.size(); ++i) {
    if (!Run(p.kids[i], pool, inputs, &args[i])) return false;
  }
  Made made;
  return Apply(*p.rule->op, pool, args, &made, result);
}

size_t SizeOf(const Program& p) {
  size_t size = 1;
  for (const Program& kid : p.kids) size += SizeOf(kid);
  return size;
}

std::string Print(const SygusProblem& problem, const Program& p, Sort sort) {
  if (!p.rule->op) {
    if (p.rule->param >= 0) return problem.params[size_t(p.rule->param)].name;
    if (sort == Sort::kString) return QuoteSmt(problem.pool[p.rule->constant]);
    if (sort == Sort::kBool) return p.rule->constant ? "true" : "false";
    return std::to_string(int32_t(p.rule->constant));
  }
  std::string text = "(" + std::string(p.rule->op->old_name.empty() ? p.rule->op->name : p.rule->op->old_name);
  for (size_t i = 0; i < p.kids.size(); ++i) text += " " + Print(problem, p.kids[i], p.rule->op->args[i]);
  return text + ")";
}

std::string Define(const SygusProblem& problem, const Program& program) {
  std::string text = "(define-fun " + problem.function + " (";
  for (size_t i = 0; i < problem.params.size(); ++i) {
    text += (i ? " (" : "(") + problem.params[i].name + " " + problem.params[i].sort + ")";
  }
  return text + ") " + problem.sort + " " + Print(problem, program, problem.grammar.nonterminals[problem.grammar.start].sort) +
         ")";
}

// The search sees a few examples that look different; one that its program gets
// wrong joins them.
class Solver {
 public:
  Solver(SygusProblem& problem, const Budget& budget, size_t give) : problem_(problem), budget_(budget) {
    std::set<std::vector<Word>> seen;
    for (const Example& e : problem.examples) {
      if (seen.insert(e.inputs).second) (give == 0 || distinct_.size() < give ? distinct_ : held_out_).push_back(&e);
    }
    std::set<std::string> shapes;
    for (const Example* e : distinct_) {
      if (chosen_.size() < kFirstExamples && shapes.insert(Shape(*e)).second) chosen_.push_back(e);
    }
    for (const Example* e : distinct_) {
      if (chosen_.size() < kFirstExamples && !Chosen(e)) chosen_.push_back(e);
    }
  }

  SygusAnswer Solve() {
    while (!budget_.Over()) {
      const std::optional<Program> program = Search();
      if (!program) break;
      const Example* const wrong = FirstWrong(*program, distinct_);
      if (!wrong) {
        answer_.program = Define(problem_, *program);
        answer_.size = SizeOf(*program);
        if (!held_out_.empty()) answer_.held_out_right = FirstWrong(*program, held_out_) == nullptr;
        break;
      }
      if (Chosen(wrong) || chosen_.size() == 64) break;
      chosen_.push_back(wrong);
    }
    if (!answer_.program && !held_out_.empty()) answer_.held_out_right = false;
    answer_.seconds = budget_.Elapsed();
    return answer_;
  }

 private:
  static constexpr size_t kFirstExamples = 8;

  bool Chosen(const Example* e) const { return std::find(chosen_.begin(), chosen_.end(), e) != chosen_.end(); }

  // What kinds of characters follow each other in the strings of an example.
  std::string Shape(const Example& e) const {
    std::string shape;
    const auto add = [&](Sort sort, Word word) {
      if (sort != Sort::kString) return;
      for (const char c : problem_.pool[word]) {
        const char kind = c >= '0' && c <= '9' ? '0' : (c | 32) >= 'a' && (c | 32) <= 'z' ? 'a' : c;
        if (shape.empty() || shape.back() != kind) shape += kind;
      }
      shape += '\0';
    };
    for (size_t i = 0; i < e.inputs.size(); ++i) add(problem_.params[i].kind, e.inputs[i]);
    add(problem_.grammar.nonterminals[problem_.grammar.start].sort, e.output);
    return shape;
  }

  const Example* FirstWrong(const Program& program, const std::vector<const Example*>& examples) const {
    for (const Example* e : examples) {
      Word got = 0;
      if (!Run(program, problem_.pool, e->inputs, &got) || got != e->output) return e;
    }
    return nullptr;
  }

  // One bank, grown cost by cost; after each cost, and before the bank forgets
  // anything, the goal is taken apart over what is there. Once something is
  // found, some more time goes into something smaller.
  std::optional<Program> Search() {
    std::vector<std::vector<Word>> inputs;
    std::vector<Word> outputs;
    for (const Example* e : chosen_) {
      inputs.push_back(e->inputs);
      outputs.push_back(e->output);
    }
    const Promise promise(problem_.pool, problem_.grammar.nonterminals[problem_.grammar.start].sort, outputs);
    Bank bank(problem_.grammar, problem_.pool, std::move(inputs), promise);
    std::optional<Deducer> deducer(std::in_place, bank, outputs);
    std::optional<Program> best, chained;
    uint32_t below = UINT32_MAX;
    Budget budget = budget_;
    budget.memory_bytes = budget_.memory_bytes / 4 * 3;
    const auto look = [&](double seconds) {
      const auto found = deducer->Solve(budget_, seconds, below);
      if (!found) return;
      if (!best) budget.seconds = std::min(budget.seconds, budget.Elapsed() + kShrinkSeconds);
      if (deducer->tree(*found).size >= below) return;
      below = deducer->tree(*found).size;
      best = FromTree(bank, *deducer, *found);
    };
    const double begun = budget.Elapsed();
    double looked = begun;
    const std::function<bool()> look_before_forgetting = [&] {
      look(std::max(kLookSeconds, budget.Elapsed() - looked));
      deducer.emplace(bank, outputs);
      looked = budget.Elapsed();
      return !budget.Over();
    };
    while (true) {
      const Bank::Growth growth = bank.Grow(budget, look_before_forgetting);
      look(std::max(4 * kLookSeconds, budget.Elapsed() - begun));
      if (!best && !chained) {
        const auto chain = FindChain(bank, promise, budget_, std::max(kLookSeconds, (budget.Elapsed() - begun) / 4));
        if (chain) {
          chained = FromChain(bank, *chain);
          below = uint32_t(SizeOf(*chained));
          budget.seconds = std::min(budget.seconds, budget.Elapsed() + kShrinkSeconds);
        }
      }
      looked = budget.Elapsed();
      if (growth != Bank::Growth::kGrown || budget.Over()) break;
    }
    answer_.evaluated += bank.evaluated();
    return best ? best : chained;
  }

  static constexpr double kLookSeconds = 0.05;
  static constexpr double kShrinkSeconds = 0.5;

  SygusProblem& problem_;
  const Budget& budget_;
  std::vector<const Example*> distinct_, held_out_, chosen_;
  SygusAnswer answer_;
};

}  // namespace

SygusAnswer SolveSygus(SygusProblem& problem, const Budget& budget, size_t give) {
  if (problem.contradiction) return {true, std::nullopt, 0, 0, budget.Elapsed(), std::nullopt};
  return Solver(problem, budget, give).Solve();
}

}  // namespace hasten::solve
