// The grammar of a synth-fun, in either version's syntax, flattened to rules
// over nonterminals.
#pragma once

#include "solve/sygus/problem.h"
#include "solve/sygus/sexpr.h"

namespace hasten::solve {

std::optional<Sort> SortNamed(const Sexpr& e);

// An integer, boolean or string literal ("-3", "(- 3)", "true", "\"a\"");
// nothing where `e` is none.
struct Literal {
  Sort sort;
  Word value;
};
std::optional<Literal> ReadLiteral(const Sexpr& e, StringPool& pool);

// `groups` is the list of ((NAME SORT (RULE…))…). Fills problem.grammar; params
// must be known already.
Status ReadGrammar(const Sexpr& groups, SygusProblem& problem);

// What a file without a grammar may use: every operation, the parameters, and a
// few constants.
void DefaultGrammar(Sort result, SygusProblem& problem);

}  // namespace hasten::solve
