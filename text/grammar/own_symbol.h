// Expressions that have to stand alone.
#pragma once

#include "text/grammar/grammar.h"

namespace hasten::grammar {

// A symbol of its own for an expression without calls. What has conjunctions or complements in it has to stand so beside
// calls: a rule with calls is followed part by part, and those are none.
inline ReId OwnSymbol(Grammar& grammar, ReId body, const char* name) {
  if (body == kNothing || body == kEmptyText) return body;
  grammar.symbols.push_back({.name = name, .body = body});
  return grammar.pool.Call(uint32_t(grammar.symbols.size() - 1));
}

}  // namespace hasten::grammar
