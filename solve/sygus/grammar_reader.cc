#include "solve/sygus/grammar_reader.h"

#include <algorithm>
#include <charconv>
#include <limits>

#include "base/quote.h"

namespace hasten::solve {

std::optional<Sort> SortNamed(const Sexpr& e) {
  if (e.IsSymbol("String")) return Sort::kString;
  if (e.IsSymbol("Int")) return Sort::kInt;
  if (e.IsSymbol("Bool")) return Sort::kBool;
  return std::nullopt;
}

static std::optional<Literal> ReadInteger(std::string_view text, bool negative) {
  int32_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  if (negative && value == std::numeric_limits<int32_t>::min()) return std::nullopt;
  return Literal{Sort::kInt, Word(negative ? -value : value)};
}

std::optional<Literal> ReadLiteral(const Sexpr& e, StringPool& pool) {
  if (e.kind == Sexpr::Kind::kString) return Literal{Sort::kString, pool.Intern(e.text)};
  if (e.IsSymbol("true") || e.IsSymbol("false")) return Literal{Sort::kBool, e.text == "true"};
  if (e.kind == Sexpr::Kind::kSymbol) return ReadInteger(e.text, false);
  if (e.IsCall("-") && e.items.size() == 2 && e.items[1].kind == Sexpr::Kind::kSymbol)
    return ReadInteger(e.items[1].text, true);
  return std::nullopt;
}

namespace {

class GrammarReader {
 public:
  explicit GrammarReader(SygusProblem& problem) : problem_(problem), grammar_(problem.grammar) {}

  Status Read(const Sexpr& groups) {
    for (const Sexpr& group : groups.items) TRY_OK(Declare(group));
    if (grammar_.nonterminals.empty()) return Error{Code::kCorrupt, Fmt("line %zu: an empty grammar", groups.line)};
    chains_.resize(grammar_.nonterminals.size());
    for (size_t i = 0; i < groups.items.size(); ++i) {
      for (const Sexpr& term : groups.items[i].items[2].items) TRY_OK(AddRule(uint16_t(i), term));
    }
    ResolveChains();
    return {};
  }

 private:
  static Error Wrong(const Sexpr& e, const char* what, const std::string& name) {
    return {Code::kUnsupported, Fmt("line %zu: %s '%s'", e.line, what, Printable(name).c_str())};
  }

  Status Declare(const Sexpr& group) {
    if (!group.IsList() || group.items.size() != 3 || !group.items[2].IsList()) {
      return Error{Code::kCorrupt, Fmt("line %zu: a group of the grammar is (NAME SORT (RULE …))", group.line)};
    }
    const auto sort = SortNamed(group.items[1]);
    if (!sort) return Wrong(group, "unknown sort", group.items[1].text);
    grammar_.nonterminals.push_back({group.items[0].text, *sort, {}});
    return {};
  }

  std::optional<uint16_t> Find(const Sexpr& e) const {
    if (e.kind != Sexpr::Kind::kSymbol) return std::nullopt;
    for (size_t i = 0; i < grammar_.nonterminals.size(); ++i) {
      if (grammar_.nonterminals[i].name == e.text) return uint16_t(i);
    }
    return std::nullopt;
  }

  std::optional<std::pair<Sort, Rule>> Leaf(const Sexpr& e) {
    for (size_t i = 0; i < problem_.params.size(); ++i) {
      if (e.IsSymbol(problem_.params[i].name)) return {{problem_.params[i].kind, Rule{.param = int32_t(i)}}};
    }
    if (const auto literal = ReadLiteral(e, problem_.pool)) return {{literal->sort, Rule{.constant = literal->value}}};
    return std::nullopt;
  }

  // (Constant SORT) leaves the constants open; the examples' own are too many,
  // so the usual few stand in.
  Status AddConstants(uint16_t to, const Sexpr& e) {
    const auto sort = e.items.size() == 2 ? SortNamed(e.items[1]) : std::nullopt;
    if (!sort) return Wrong(e, "unknown sort of", e.items[0].text);
    auto& rules = grammar_.nonterminals[to].rules;
    if (*sort == Sort::kString) {
      for (const char* text : {"", " ", ",", ".", "-", "/"}) rules.push_back({.constant = problem_.pool.Intern(text)});
    } else {
      for (const Word value : {0u, 1u, 2u, 3u}) {
        if (*sort == Sort::kInt || value < 2) rules.push_back({.constant = value});
      }
    }
    return {};
  }

  Status AddVariables(uint16_t to) {
    for (size_t i = 0; i < problem_.params.size(); ++i) {
      if (problem_.params[i].kind == grammar_.nonterminals[to].sort) {
        grammar_.nonterminals[to].rules.push_back({.param = int32_t(i)});
      }
    }
    return {};
  }

  Status AddRule(uint16_t to, const Sexpr& term) {
    if (term.IsCall("Constant")) return AddConstants(to, term);
    if (term.IsCall("Variable") || term.IsCall("InputVariable") || term.IsCall("LocalVariable")) return AddVariables(to);
    if (const auto alias = Find(term)) {
      chains_[to].push_back(*alias);
      return {};
    }
    TRY(const auto rule, ReadRule(term));
    if (rule.first != grammar_.nonterminals[to].sort)
      return Wrong(term, "a rule of the wrong sort for", grammar_.nonterminals[to].name);
    grammar_.nonterminals[to].rules.push_back(rule.second);
    return {};
  }

  Result<std::pair<Sort, Rule>> ReadRule(const Sexpr& term) {
    if (const auto leaf = Leaf(term)) return *leaf;
    if (!term.IsList()) return Wrong(term, "unknown name", term.text);
    if (term.items.empty() || term.items[0].kind != Sexpr::Kind::kSymbol) return Wrong(term, "unknown rule", "(");
    std::vector<uint16_t> args;
    std::vector<Sort> sorts;
    for (size_t i = 1; i < term.items.size(); ++i) {
      TRY(const uint16_t arg, Argument(term.items[i]));
      args.push_back(arg);
      sorts.push_back(grammar_.nonterminals[arg].sort);
    }
    const SliaOp* const op = FindSliaOp(term.items[0].text, sorts);
    if (!op) return Wrong(term, "unknown operation", term.items[0].text);
    while (args.size() > op->arity) {  // (str.++ A B C) is (str.++ (str.++ A B) C)
      const uint16_t inner = Hidden(op->result, Rule{.op = op, .args = {args[0], args[1], 0}});
      args.erase(args.begin());
      args[0] = inner;
    }
    Rule rule{.op = op};
    std::copy(args.begin(), args.end(), rule.args);
    return std::pair{op->result, rule};
  }

  // An argument is a nonterminal, or a term of its own that becomes a
  // nonterminal with one rule.
  Result<uint16_t> Argument(const Sexpr& e) {
    if (const auto known = Find(e)) return *known;
    TRY(const auto rule, ReadRule(e));
    return Hidden(rule.first, rule.second);
  }

  uint16_t Hidden(Sort sort, const Rule& rule) {
    for (size_t i = 0; i < grammar_.nonterminals.size(); ++i) {
      const Nonterminal& n = grammar_.nonterminals[i];
      if (n.name.empty() && n.sort == sort && n.rules[0] == rule) return uint16_t(i);
    }
    grammar_.nonterminals.push_back({"", sort, {rule}});
    chains_.emplace_back();
    return uint16_t(grammar_.nonterminals.size() - 1);
  }

  // "Start -> ntString" gives Start all rules that ntString has; then equal
  // nonterminals become one.
  void ResolveChains() {
    auto& all = grammar_.nonterminals;
    for (size_t round = 0; round < all.size(); ++round) {
      for (size_t i = 0; i < all.size(); ++i) {
        for (const uint16_t from : chains_[i]) {
          for (const Rule& rule : std::vector<Rule>(all[from].rules)) all[i].rules.push_back(rule);
        }
        RemoveRepeats(all[i].rules);
      }
    }
    std::vector<uint16_t> same(all.size());
    for (size_t i = 0; i < all.size(); ++i) {
      same[i] = uint16_t(i);
      for (size_t j = 0; j < i; ++j) {
        if (all[i].sort == all[j].sort && SameRules(all[i].rules, all[j].rules)) {
          same[i] = uint16_t(j);
          break;
        }
      }
    }
    for (Nonterminal& n : all) {
      for (Rule& rule : n.rules) {
        for (uint16_t& arg : rule.args) arg = same[arg];
      }
    }
  }

  static void RemoveRepeats(std::vector<Rule>& rules) {
    std::vector<Rule> once;
    for (const Rule& rule : rules) {
      if (std::find(once.begin(), once.end(), rule) == once.end()) once.push_back(rule);
    }
    rules = std::move(once);
  }

  static bool SameRules(const std::vector<Rule>& a, const std::vector<Rule>& b) {
    return a.size() == b.size() && std::is_permutation(a.begin(), a.end(), b.begin());
  }

  SygusProblem& problem_;
  Grammar& grammar_;
  std::vector<std::vector<uint16_t>> chains_;
};

}  // namespace

Status ReadGrammar(const Sexpr& groups, SygusProblem& problem) { return GrammarReader(problem).Read(groups); }

void DefaultGrammar(Sort result, SygusProblem& problem) {
  constexpr Sort kSorts[] = {Sort::kString, Sort::kInt, Sort::kBool};
  for (const Sort sort : kSorts) {
    Nonterminal n{sort == Sort::kString ? "S" : sort == Sort::kInt ? "I" : "B", sort, {}};
    for (size_t i = 0; i < problem.params.size(); ++i) {
      if (problem.params[i].kind == sort) n.rules.push_back({.param = int32_t(i)});
    }
    for (const SliaOp& op : SliaOps()) {
      if (op.result != sort) continue;
      Rule rule{.op = &op};
      for (size_t i = 0; i < op.arity; ++i) rule.args[i] = uint16_t(op.args[i]);
      n.rules.push_back(rule);
    }
    problem.grammar.nonterminals.push_back(std::move(n));
  }
  for (const char* text : {"", " ", ",", ".", "-"}) {
    problem.grammar.nonterminals[0].rules.push_back({.constant = problem.pool.Intern(text)});
  }
  for (const Word value : {0u, 1u, 2u}) problem.grammar.nonterminals[1].rules.push_back({.constant = value});
  for (const Word value : {0u, 1u}) problem.grammar.nonterminals[2].rules.push_back({.constant = value});
  problem.grammar.start = uint16_t(result);
}

}  // namespace hasten::solve
