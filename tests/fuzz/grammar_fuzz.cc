// Grammars (GBNF) and regular expressions: what is accepted is followed along a text.
#include "engine/constraint/automaton.h"
#include "tests/fuzz/fuzz_target.h"
#include "text/grammar/dfa.h"
#include "text/grammar/gbnf.h"
#include "text/grammar/regex_parser.h"

namespace hasten {
namespace {

void FollowGrammar(std::string_view text) {
  auto g = std::make_unique<grammar::Grammar>();
  const auto start = grammar::ParseGbnf(*g, text, [](std::string_view) { return std::optional(7); });
  if (!start) return;
  g->start = *start;
  if (!grammar::CheckGrammar(*g)) return;
  constraint::Automaton automaton(std::move(g));
  constraint::Arena arena;
  constraint::Configs configs = {automaton.Begin(arena)};
  for (unsigned i = 0; i < 100 && !configs.empty(); ++i) {
    constraint::Configs next;
    for (unsigned b = 0; b < 256 && next.empty(); ++b) {
      next = configs;
      automaton.StepAll(arena, next, uint8_t(b + 'a' + 37 * i));
    }
    if (next.empty()) {
      bool goes_on = automaton.exhausted();
      for (const auto top : configs) {
        std::vector<constraint::TokenEdge> edges;
        automaton.TokenEdges(arena, top, edges);
        goes_on = goes_on || !edges.empty() || automaton.CanEnd(arena, top);
      }
      FUZZ_CHECK(goes_on || automaton.exhausted());
    }
    configs = next;
  }
}

void FollowRegex(std::string_view text) {
  for (const auto match : {grammar::RegexMatch::kAnywhere, grammar::RegexMatch::kWhole}) {
    grammar::RegexPool pool;
    const auto id = grammar::ParseRegex(pool, text, match);
    if (!id) continue;
    grammar::Dfa dfa(pool, *id);
    uint32_t state = dfa.start();
    for (unsigned i = 0; i < 200 && state != grammar::Dfa::kDead && !dfa.Accepts(state); ++i) {
      uint32_t next = grammar::Dfa::kDead;
      for (unsigned b = 0; b < 256 && next == grammar::Dfa::kDead; ++b) next = dfa.Next(state, uint8_t(b + 'a'));
      FUZZ_CHECK(next != grammar::Dfa::kDead || dfa.exhausted());
      state = next;
    }
  }
}

}  // namespace

void FuzzOne(std::span<const std::byte> input) {
  const std::string_view text(reinterpret_cast<const char*>(input.data()), input.size());
  FollowGrammar(text);
  FollowRegex(text);
}

std::vector<std::string> FuzzSeeds() {
  return {
      "root ::= expr # a comment\nexpr ::= term (\"+\" term)*\nterm ::= [0-9]+ | \"(\" expr \")\" | <[12]> (!<tag>)* . "
      "\"\\x41\\u00e9\"{2,3}\n",
      "root ::= a? b{0,4}\na ::= [^a-z\\]\\n] |\n \"x\"\nb ::= a a | \"\"\n",
      "^(?:[\\w.-]+|\\d{2,5}?)@(a|b)*\\.[^\\s\\u0400-\\u04ff]{1,}$|\\u{1F600}x+y*z?",
      "^$|(^(\\S+\\s+){0,9}\\S+$)",
  };
}

}  // namespace hasten
