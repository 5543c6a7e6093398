// Chat templates: any text either says what is wrong with it or renders, within its limits and the same way twice.
#include <nlohmann/json.hpp>

#include "tests/fuzz/fuzz_target.h"
#include "text/jinja/jinja.h"

namespace hasten {

void FuzzOne(std::span<const std::byte> input) {
  const std::string_view source(reinterpret_cast<const char*>(input.data()), input.size());
  const auto parsed = jinja::Template::Parse(source);
  if (!parsed) {
    FUZZ_CHECK(!parsed.error().what.empty());
    return;
  }
  static const nlohmann::ordered_json variables = {
      {"messages",
       {{{"role", "user"}, {"content", "Grüße & <b>"}},
        {{"role", "assistant"},
         {"content", nullptr},
         {"tool_calls", {{{"function", {{"name", "f"}, {"arguments", {{"a", 1.5}}}}}}}}}}},
      {"tools", nlohmann::ordered_json::array()},
      {"add_generation_prompt", true}};
  jinja::RenderOptions options;
  options.limits = {.steps = 100'000, .memory_bytes = 4 << 20, .depth = 1500};
  options.now = jinja::Moment{};
  options.mutation = source.size() % 2 == 1;
  const auto first = parsed->Render(variables, options), again = parsed->Render(variables, options);
  FUZZ_CHECK(bool(first) == bool(again));
  if (first) FUZZ_CHECK(first->text == again->text && first->text.size() <= options.limits.memory_bytes);
}

std::vector<std::string> FuzzSeeds() {
  return {
      "{%- for m in messages -%}\n{{ '<|' ~ m.role|upper ~ '|>' }}{{ m['content'] | trim }}{% if not loop.last %}\n{% endif "
      "%}{% endfor %}",
      "{% macro f(a, b=2) %}{{ a }}{{ caller() if caller }}{{ varargs }}{{ kwargs|tojson(indent=2) }}{% endmacro %}{% call(x) "
      "f(1, q=3) %}{{ x }}{% endcall %}",
      "{% set ns = namespace(n=0) %}{% for x in [[1, [2]], 3] recursive %}{% set ns.n = ns.n + 1 %}{{ loop(x) if x is iterable "
      "else x }}{% endfor %}{{ ns.n }}",
      "{{ 'a,b'.split(',')[::-1]|join('-') }}{{ '%05.2f|%-5s' % (3.14159, 'x') }}{{ '{:>8,}'.format(12345) }}{{ 7 // -2 ** 3 % "
      "5 }}",
      "{% set x %}{% raw %}{{ y }}{% endraw %}{% endset %}{{ x|replace('y', 'z')|indent(2, true) }}{# c #}{{ strftime_now('%d "
      "%b %Y %f') }}",
      "{{ messages|selectattr('role', 'equalto', 'user')|map(attribute='content')|list|tojson(ensure_ascii=true) }}{{ "
      "raise_exception('no') }}",
      "{{ [3,1,2]|sort(reverse=true)|batch(2, 0)|list }}{{ {'b': 1, 'A': 2}|dictsort }}{{ messages|groupby('role') }}{{ 'x "
      "y-z'|title|wordwrap(2)|truncate(9) }}",
      "{% with a = 1, b = [1,2,3][1:] %}{{ a if b else c }}{% endwith %}{% filter upper %}x{% endfilter %}{% autoescape true "
      "%}{{ '<' }}{% endautoescape %}",
      "{% set l = [1] %}{% set _ = l.append(2) %}{% for k, v in {'a': l}.items() %}{% if k == 'b' %}{% break %}{% else %}{% "
      "continue %}{% endif %}{% endfor %}{{ l }}",
      "{{ 1.5e3|round(1) ~ '42'|int + 0x1F - 1_000 }}{{ 'ß'.upper().lower().title() }}{{ 'x'.center(9, '*') }}{{ 'a' in 'abc' "
      "and not 1 > 2 < 3 }}",
  };
}

}  // namespace hasten
