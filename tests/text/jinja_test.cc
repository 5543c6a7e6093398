// Templates render as Jinja2 renders them, refuse with a sentence that has a line, and end.
#include "text/jinja/jinja.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <thread>

#include "tests/support/support.h"
#include "text/json.h"

namespace hasten {
namespace {

using nlohmann::ordered_json;
using ::testing::HasSubstr;
using ::testing::StartsWith;

jinja::RenderOptions At(const char* iso) {
  jinja::RenderOptions options;
  options.now = *jinja::ParseMoment(iso);
  return options;
}

// What a template renders; "refused: …" or "error: …" where it does not.
std::string Rendered(const std::string& source, const ordered_json& variables = ordered_json::object(),
                     const jinja::RenderOptions& options = At("2026-01-02T03:04:05")) {
  const auto parsed = jinja::Template::Parse(source);
  if (!parsed) return "error: " + parsed.error().what;
  const auto rendering = parsed->Render(variables, options);
  if (!rendering) return "error: " + rendering.error().what;
  return rendering->refusal ? "refused: " + *rendering->refusal : rendering->text;
}

TEST(Jinja, RendersAsJinja2Does) {
  const auto table = ParseJson(ReadBytes(SourcePath("tests/text/jinja_cases.json")));
  ASSERT_TRUE(table) << table.error().what;
  size_t cases = 0;
  for (const auto& [group, rows] : table->at("groups").items())
    for (const auto& row : rows) {
      EXPECT_EQ(Rendered(row[0], table->at("variables")), row[1].get<std::string>()) << group << ": " << row[0];
      ++cases;
    }
  EXPECT_GT(cases, 200u);
}

TEST(Jinja, PublishedTemplatesRenderByteForByte) {
  HASTEN_SHARED_OR_SKIP(folder, "reference/chat_templates");
  const auto reference = ParseJson(ReadBytes(folder + "/expected.json"));
  ASSERT_TRUE(reference) << reference.error().what;
  for (const auto& [name, rendered] : reference->at("expected").items()) {
    const std::string source = ReadBytes(folder + "/" + name);
    for (const auto& [conversation, given] : reference->at("conversations").items()) {
      ordered_json variables = {{"bos_token", "<s>"}, {"eos_token", "</s>"}, {"add_generation_prompt", true}};
      variables.update(given);
      const std::string text = Rendered(source, variables);
      if (rendered.contains(conversation)) {
        EXPECT_EQ(text, rendered.at(conversation).get<std::string>()) << name << ", " << conversation;
      } else {
        EXPECT_THAT(text, testing::AnyOf(StartsWith("refused: "), StartsWith("error: "))) << name << ", " << conversation;
      }
    }
  }
}

TEST(Jinja, MistakesNameTheLineAndTheReason) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"a\nb{{ x.y }}", "error: line 2: 'x' is undefined"},
      {"{{ d.q.r }}", "error: line 1: 'dict object' has no attribute 'q'"},
      {"\n\n{% for a in 5 %}{% endfor %}", "error: line 3: 'int' object is not iterable"},
      {"{{ 'a' + 1 }}", "error: line 1: can only concatenate str (not \"int\") to str"},
      {"{{ 1 + 'a' }}", "error: line 1: unsupported operand type(s) for +: 'int' and 'str'"},
      {"{{ 1 < 'a' }}", "error: line 1: '<' not supported between 'int' and 'str'"},
      {"{{ 1 // 0 }}", "error: line 1: integer division or modulo by zero"},
      {"{{ 'a'|nope }}", "error: line 1: no filter named 'nope'"},
      {"{{ 1 is nope }}", "error: line 1: no test named 'nope'"},
      {"{{ 'a'|replace('b') }}", "error: line 1: filter 'replace' misses its argument 'new'"},
      {"{{ 'a'|upper(1) }}", "error: line 1: filter 'upper' takes 0 arguments, 1 were given"},
      {"{{ 'a'|trim(x=1) }}", "error: line 1: filter 'trim' does not take the argument 'x'"},
      {"{% macro m(a) %}{% endmacro %}{{ m(1, 2) }}",
       "error: line 1: macro 'm' takes not more than 1 argument(s), 2 were given"},
      {"{% include 'etc/passwd' %}", "error: line 1: a chat template cannot read other files: 'include'"},
      {"{{ 9223372036854775807 + 1 }}", "error: line 1: an integer has more than 64 bits"},
      {"{{ '99999999999999999999'|int }}", "error: line 1: an integer has more than 64 bits"},
      {"{{ 1e30|int }}", "error: line 1: an integer has more than 64 bits"},
      {"{{ range(3)|tojson }}", "error: line 1: tojson: object of type range is not JSON serializable"},
      {"{% set x.y = 1 %}", "error: line 1: cannot assign to an attribute of 'x': it is no namespace()"},
      {"{% if true %}\n", "error: line 1: the block is never closed: 'endif' is missing"},
      {"a\n{% endif %}", "error: line 2: unknown tag 'endif'"},
      {"{{ 1 +", "error: line 1: '{{' is never closed"},
      {"{{ (1] }}", "error: line 1: unexpected ']', expected ')'"},
      {"{# a", "error: line 1: a comment that is never closed: '#}' is missing"},
      {"{{ 'a }}", "error: line 1: a string that is never closed"},
      {"{{ a b }}", "error: line 1: expected '}}', found 'b'"},
      {"{% break %}", "error: line 1: 'break' outside of a loop"},
  };
  for (const auto& [source, message] : cases) EXPECT_EQ(Rendered(source, {{"d", {{"a", 1}}}}), message) << source;
}

TEST(Jinja, ARefusalIsTheTemplatesOwnMessage) {
  EXPECT_EQ(Rendered("x{{ raise_exception('Roles must alternate: ' ~ n) }}y", {{"n", 3}}), "refused: Roles must alternate: 3");
  EXPECT_EQ(Rendered("{{ raise_exception('no') if false }}ok"), "ok");
}

TEST(Jinja, ChangingListsNeedsLeave) {
  const std::string source = "{% set l = [] %}{% for x in [1, 2] %}{{ l.append(x) or '' }}{% endfor %}{{ l }}";
  EXPECT_EQ(Rendered(source), "error: line 1: access to attribute 'append' of 'list' object is unsafe");
  jinja::RenderOptions options;
  options.mutation = true;
  EXPECT_EQ(Rendered(source, {}, options), "[1, 2]");
  EXPECT_EQ(Rendered("{% set d = {'a': 1} %}{% set _ = d.update(b=2) %}{{ d.pop('a') }}{{ d }}", {}, options), "1{'b': 2}");
  EXPECT_EQ(Rendered("{% set l = [1] %}{% set _ = l.append(l) %}{{ 'over' if l == [1] }}", {}, options), "");
}

// Each would run for ever, or fill the memory or the stack, if nothing stopped it.
TEST(Jinja, NothingRunsForEver) {
  std::string nested_lists = "{% set ns = namespace(x=[]) %}{% for i in range(1000) %}{% set ns.x = [ns.x] %}{% endfor %}";
  std::string doubled = "{% set ns = namespace(x=[1]) %}{% for i in range(60) %}{% set ns.x = [ns.x, ns.x] %}{% endfor %}";
  const std::vector<std::string> cases = {
      "{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}",
      "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
      "{% set ns = namespace(s='x') %}{% for i in range(99) %}{% set ns.s = ns.s ~ ns.s %}{% endfor %}",
      "{{ 'x' * 9000000000 }}",
      "{{ [1] * 9000000000 }}",
      "{{ 'x'.center(9000000000) }}",
      "{{ 'x'|indent(9000000000) }}",
      "{{ '%9000000000d' % 1 }}",
      "{{ '{:9000000000}'.format(1) }}",
      "{% set s = 'ab' * 100000 %}{{ s.replace('', s) }}",
      "{% set s = 'a' * 1000000 %}{% for i in range(99999) %}{% set t = s ~ i %}{% endfor %}",
      "{% set s = 'a' * 1000000 %}{% for i in range(99999) %}{{ s[1:]|length }}{% endfor %}",
      "{{ 7 ** 7 ** 7 ** 7 }}",
      "{% for i in [1] recursive %}{{ loop([1]) }}{% endfor %}",
      nested_lists + "{{ ns.x }}",
      nested_lists + "{{ ns.x|tojson }}",
      nested_lists + "{% set a = ns.x %}" + nested_lists + "{{ a == ns.x }}",
      doubled + "{{ ns.x }}",
      doubled + "{{ ns.x|tojson }}",
      doubled + "{% set a = ns.x %}" + doubled + "{{ a == ns.x }}",
      "{% for i in range(99999) %}{{ 'x' * 10000 }}{% endfor %}",
      std::string(100000, '(') + "{{",
      "{{ " + std::string(100000, '[') + std::string(100000, ']') + " }}",
      "{{ " + std::string(100000, '-') + "1 }}",
  };
  jinja::RenderOptions options;
  options.limits = {.steps = 1'000'000, .memory_bytes = 16 << 20};
  for (const std::string& source : cases) {
    const std::string text = Rendered(source, {}, options);
    EXPECT_TRUE(text.starts_with("error: ") || text.size() < 200000)
        << source.substr(0, 100) << " gives " << text.substr(0, 100);
  }
  std::string tags;
  for (int i = 0; i < 100000; ++i) tags += "{% if 1 %}";
  EXPECT_THAT(Rendered(tags), HasSubstr("nested deeper than"));
  std::string sum = "{{ 1";
  for (int i = 0; i < 100000; ++i) sum += " + 1";
  EXPECT_THAT(Rendered(sum + " }}"), HasSubstr("nested deeper than"));
}

TEST(Jinja, ListsThatHoldThemselvesGoAway) {
  jinja::RenderOptions options;
  options.mutation = true;
  options.limits.memory_bytes = 16 << 20;
  EXPECT_EQ(Rendered("{% set ns = namespace() %}{% set ns.me = ns %}{% set l = [1] %}{% set _ = l.append(l) %}ok", {}, options),
            "ok");
  EXPECT_THAT(Rendered("{% set l = [1] %}{% set _ = l.append(l) %}{{ l }}", {}, options), HasSubstr("nested deeper"));
  EXPECT_THAT(Rendered("{% set l = [1] %}{% for x in l %}{% set _ = l.append(x) %}{% endfor %}", {}, options),
              StartsWith("error: "));
}

TEST(Jinja, ManyThreadsShareOneTemplate) {
  const auto shared = jinja::Template::Parse("{% set x = 'a' ~ n %}{% for i in range(50) %}{{ x }}{{ 'é' }}{% endfor %}");
  ASSERT_TRUE(shared);
  std::vector<std::string> texts(4);
  {
    std::vector<std::jthread> threads;
    for (std::string& text : texts)
      threads.emplace_back([&] {
        for (int i = 0; i < 50; ++i) text = shared->Render({{"n", 7}})->text;
      });
  }
  for (const std::string& text : texts) EXPECT_EQ(text, texts[0]);
  EXPECT_EQ(texts[0].size(), 200u);
}

TEST(Jinja, MomentsAreReadStrictly) {
  EXPECT_EQ(Rendered("{{ strftime_now('%a %d %b %Y %H:%M:%S.%f %j') }}", {}, At("2024-02-29 23:59:58.5")),
            "Thu 29 Feb 2024 23:59:58.500000 060");
  EXPECT_EQ(Rendered("{{ strftime_now('%Y-%m-%d %H') }}", {}, At("1970-01-01")), "1970-01-01 00");
  for (const char* wrong : {"", "2026", "2026-13-01", "2026-02-30", "2026-01-02T25:00", "2026-01-02T03:04:05Z", "2026-01-02x"})
    EXPECT_FALSE(jinja::ParseMoment(wrong)) << wrong;
}

TEST(Jinja, BrokenBytesBecomeReplacementCharacters) {
  EXPECT_EQ(Rendered("a\xff\xc3{{ 'b\xf0\x9f' }}"), "a\ufffd\ufffdb\ufffd\ufffd");
}

}  // namespace
}  // namespace hasten
