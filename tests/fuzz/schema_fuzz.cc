// JSON Schemas: compiled in both styles; what compiles is followed along a text, and never ends in a dead end.
#include "text/schema/schema.h"

#include <algorithm>

#include "engine/constraint/automaton.h"
#include "tests/fuzz/fuzz_target.h"

namespace hasten {
namespace {

// Goes on by the first byte that is allowed, from `from` up, a few hundred times: there always is one, or the text may end.
void Follow(std::unique_ptr<grammar::Grammar> g, grammar::ValueId value) {
  g->symbols.push_back({.name = "value", .value = value});
  g->start = g->pool.Call(uint32_t(g->symbols.size() - 1));
  constraint::Automaton automaton(std::move(g));
  constraint::Arena arena;
  constraint::Configs configs = {automaton.Begin(arena)};
  for (unsigned i = 0; i < 200; ++i) {
    constraint::Configs next;
    for (unsigned b = 0; b < 256 && next.empty(); ++b) {
      next = configs;
      automaton.StepAll(arena, next, uint8_t(b + '"' + 37 * i));
    }
    if (next.empty()) {
      const bool ends = std::ranges::any_of(configs, [&](auto top) { return automaton.CanEnd(arena, top); });
      FUZZ_CHECK(ends || automaton.exhausted());
      return;
    }
    configs = next;
  }
}

}  // namespace

void FuzzOne(std::span<const std::byte> input) {
  const std::string_view text(reinterpret_cast<const char*>(input.data()), input.size());
  for (const SchemaStyle style : {SchemaStyle::kAny, SchemaStyle::kStrict}) {
    auto g = std::make_unique<grammar::Grammar>();
    const auto value = CompileSchema(*g, text, {.style = style});
    if (value) {
      Follow(std::move(g), *value);
    } else {
      FUZZ_CHECK(!value.error().what.empty());
    }
  }
}

std::vector<std::string> FuzzSeeds() {
  return {
      R"({"type":"object","properties":{"a":{"type":"integer","minimum":-5,"exclusiveMaximum":7.5},"b":{"enum":["x",1,null,[2],{"c":3}]}},"required":["a"],"additionalProperties":false})",
      R"({"$defs":{"n":{"type":["array","null"],"items":{"$ref":"#/$defs/n"},"maxItems":3}},"$ref":"#/$defs/n"})",
      R"({"oneOf":[{"type":"string","pattern":"^a+$","minLength":2},{"type":"string","maxLength":1},{"multipleOf":0.5,"type":"number"}]})",
      R"({"patternProperties":{"^x-":{"const":true},"y$":{"type":"string","format":"date"}},"minProperties":1,"propertyNames":{"maxLength":4}})",
      R"({"$schema":"http://json-schema.org/draft-04/schema#","id":"http://x/y","definitions":{"a":{"id":"#z","type":"boolean"}},"items":[{"$ref":"#z"}],"additionalItems":false,"not":{"minItems":2}})",
      R"({"if":{"required":["a"]},"then":{"required":["b"]},"else":{"properties":{"b":false}},"dependentRequired":{"c":["d"]},"dependentSchemas":{"e":{"minProperties":2}}})",
      R"({"prefixItems":[true,{"type":"string"}],"contains":{"type":"number"},"minContains":1,"maxContains":2,"uniqueItems":false})",
      R"({"type":"object","properties":{"a":{"$ref":"#"}},"required":["a"]})",
  };
}

}  // namespace hasten
