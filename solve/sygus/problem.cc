#include "solve/sygus/problem.h"

#include <map>

#include "base/quote.h"
#include "solve/sygus/grammar_reader.h"
#include "solve/sygus/sexpr.h"

namespace hasten::solve {

namespace {

Error Unsupported(const Sexpr& e, const std::string& what) {
  return {Code::kUnsupported, Fmt("line %zu: %s", e.line, what.c_str())};
}

// (synth-fun NAME ((PARAM SORT)…) SORT [((NAME SORT)…)] [((NAME SORT
// (RULE…))…)])
Status ReadFunction(const Sexpr& e, SygusProblem& problem) {
  if (!problem.function.empty()) return Unsupported(e, "a second synth-fun; hasten finds one function a file");
  if (e.items.size() < 4 || e.items.size() > 6 || !e.items[2].IsList()) {
    return Error{Code::kCorrupt, Fmt("line %zu: a synth-fun is (synth-fun NAME "
                                     "((PARAM SORT) …) SORT GRAMMAR)",
                                     e.line)};
  }
  problem.function = e.items[1].text;
  for (const Sexpr& param : e.items[2].items) {
    const auto sort = param.items.size() == 2 ? SortNamed(param.items[1]) : std::nullopt;
    if (!sort) return Unsupported(param, "a parameter that is not a String, an Int or a Bool");
    problem.params.push_back({param.items[0].text, param.items[1].text, *sort});
  }
  const auto result = SortNamed(e.items[3]);
  if (!result) return Unsupported(e, "a result that is not a String, an Int or a Bool");
  problem.sort = e.items[3].text;
  if (e.items.size() == 4) {
    DefaultGrammar(*result, problem);
  } else {
    TRY_OK(ReadGrammar(e.items.back(), problem));
  }
  if (problem.grammar.nonterminals[problem.grammar.start].sort != *result) {
    return Error{Code::kCorrupt, Fmt("line %zu: the grammar begins with "
                                     "another sort than the function's",
                                     e.line)};
  }
  return {};
}

// (constraint (= (f INPUT…) OUTPUT)), in either order.
Status ReadExample(const Sexpr& e, SygusProblem& problem) {
  const bool equation = e.items.size() == 2 && e.items[1].IsCall("=") && e.items[1].items.size() == 3;
  const Error not_an_example = Unsupported(e, "a constraint that is not an example, (= (f INPUT …) OUTPUT)");
  if (!equation) return not_an_example;
  const Sexpr* call = &e.items[1].items[1];
  const Sexpr* output = &e.items[1].items[2];
  if (!call->IsCall(problem.function)) std::swap(call, output);
  if (!call->IsCall(problem.function) || call->items.size() != problem.params.size() + 1) return not_an_example;
  Example example{.inputs = {}, .output = 0, .line = e.line};
  for (size_t i = 0; i < problem.params.size(); ++i) {
    const auto value = ReadLiteral(call->items[i + 1], problem.pool);
    if (!value || value->sort != problem.params[i].kind) return not_an_example;
    example.inputs.push_back(value->value);
  }
  const auto value = ReadLiteral(*output, problem.pool);
  if (!value || value->sort != problem.grammar.nonterminals[problem.grammar.start].sort) return not_an_example;
  example.output = value->value;
  problem.examples.push_back(std::move(example));
  return {};
}

void FindContradiction(SygusProblem& problem) {
  std::map<std::vector<Word>, const Example*> seen;
  for (const Example& e : problem.examples) {
    const auto [first, is_new] = seen.emplace(e.inputs, &e);
    if (is_new || first->second->output == e.output) continue;
    problem.contradiction = {first->second->line, e.line};
    return;
  }
}

}  // namespace

Result<SygusProblem> ParseSygus(std::string_view text) {
  TRY(const std::vector<Sexpr> commands, ParseSexprs(text));
  SygusProblem problem;
  for (const Sexpr& e : commands) {
    if (e.IsCall("synth-fun")) {
      TRY_OK(ReadFunction(e, problem));
    } else if (e.IsCall("constraint")) {
      if (problem.function.empty()) return Error{Code::kCorrupt, Fmt("line %zu: a constraint before the synth-fun", e.line)};
      TRY_OK(ReadExample(e, problem));
    } else if (e.IsCall("define-fun") || e.IsCall("synth-inv") || e.IsCall("inv-constraint")) {
      return Unsupported(e, "the command '" + e.items[0].text + "'; hasten reads synth-fun and constraint");
    }
  }
  if (problem.function.empty()) return Error{Code::kCorrupt, "no synth-fun: nothing to find"};
  if (problem.examples.empty()) return Error{Code::kBadInput, "no constraint: without an example every function would do"};
  FindContradiction(problem);
  return problem;
}

}  // namespace hasten::solve
