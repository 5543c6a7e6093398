// JSON Schemas as masks: what is valid is accepted in any order, what is not is refused as soon as it cannot be mended.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "base/file.h"
#include "tests/engine/constraint/grammars.h"
#include "tests/support/support.h"
#include "text/json.h"

namespace hasten {
namespace {

using testing::HasSubstr;

constexpr SchemaOptions kAny = {.style = SchemaStyle::kAny, .spaces = grammar::Spaces::kFlexible};

struct Case {
  const char* schema;
  std::vector<const char*> yes, no;
};

void Check(std::initializer_list<Case> cases, SchemaOptions options = kAny, bool masks = true) {
  Judge judge;
  for (const Case& c : cases) {
    const auto constraint = judge.Compile(ConstraintKind::kSchema, c.schema, options);
    ASSERT_TRUE(constraint) << c.schema << ": " << constraint.error().what;
    for (const char* text : c.yes) EXPECT_TRUE(Judge::Accepts(*constraint, text, masks)) << c.schema << " on " << text;
    for (const char* text : c.no) EXPECT_FALSE(Judge::Accepts(*constraint, text, masks)) << c.schema << " on " << text;
  }
}

TEST(Schema, ObjectsInAnyOrder) {
  Check({
      {R"({"type":"object","properties":{"name":{"type":"string"},"na":{"type":"null"}},"required":["name"]})",
       {R"({"name": "x"})", R"({"na": null, "name": ""})", R"({"other": [1], "name": "x"})", "{\n  \"name\": \"x\"\n}"},
       {"{}", R"({"na": null})", R"({"name": 1})", R"({"na": 1, "name": "x"})", R"({"name": "x", "name": "y"})",
        R"({"name": "x",})"}},
      {R"({"properties":{"a":true,"ab":{"type":"integer"}},"additionalProperties":false,"type":"object"})",
       {"{}", R"({"a": [], "ab": 12})", R"({"ab": 1, "a": 1})"},
       {R"({"b": 1})", R"({"ab": "x"})", R"({"abc": 1})"}},
      {R"({"type":"object","patternProperties":{"^x":{"type":"null"}},"additionalProperties":{"type":"boolean"}})",
       {R"({"xy": null, "y": true})"},
       {R"({"xy": true})", R"({"y": null})"}},
      {R"({"type":"object","minProperties":1,"maxProperties":2,"required":["a"]})",
       {R"({"a": 1})", R"({"b": 1, "a": 1})"},
       {"{}", R"({"b": 1, "c": 1})", R"({"a": 1, "b": 1, "c": 1})"}},
      {R"({"type":"object","propertyNames":{"pattern":"^[ab]+$","maxLength":2}})",
       {R"({"ab": 1, "b": 2})"},
       {R"({"c": 1})", R"({"aba": 1})"}},
      {R"({"dependentRequired":{"a":["b"]},"type":"object"})", {R"({"b": 1})", R"({"a": 1, "b": 1})"}, {R"({"a": 1})"}},
      {R"({"dependentSchemas":{"a":{"required":["b"]}},"type":"object"})", {"{}", R"({"b": 1, "a": 2})"}, {R"({"a": 1})"}},
      {R"({"type":"object","properties":{"a\"b\\c":{"const":1}},"required":["a\"b\\c"]})",
       {R"({"a\"b\\c": 1})"},
       {R"({"a": 1})"}},
  });
}

TEST(Schema, CombinatorsAreExact) {
  Check({
      {R"({"allOf":[{"required":["a"]},{"properties":{"a":{"minimum":3}}}],"type":"object","properties":{"a":{"maximum":5,"type":"integer"}}})",
       {R"({"a": 3})", R"({"a": 5})"},
       {"{}", R"({"a": 2})", R"({"a": 6})"}},
      {R"({"anyOf":[{"type":"string","maxLength":2},{"type":"string","pattern":"^ab"}]})",
       {R"("xy")", R"("abxyx")"},
       {R"("xyx")", "1"}},
      {R"({"oneOf":[{"type":"integer","multipleOf":2},{"type":"integer","minimum":10}]})", {"4", "11"}, {"3"}},
      {R"({"oneOf":[{"required":["a"]},{"required":["b"]}],"type":"object"})",
       {R"({"a": 1})", R"({"b": 1})"},
       {"{}", R"({"a": 1, "b": 1})"}},
      {R"({"not":{"type":["object","string"]}})", {"1", "[]", "null"}, {"{}", "\"\""}},
      {R"({"type":"string","not":{"enum":["a","ab"]}})", {R"("")", R"("abc")", R"("b")"}, {R"("a")", R"("ab")"}},
      {R"({"type":"object","not":{"properties":{"a":{"type":"null"}},"required":["a"]}})",
       {"{}", R"({"a": 1})"},
       {R"({"a": null})"}},
      {R"({"if":{"properties":{"a":{"const":1}},"required":["a"]},"then":{"required":["b"]},"else":{"required":["c"]},"type":"object"})",
       {R"({"a": 1, "b": 2})", R"({"c": 1})", R"({"a": 2, "c": 1})"},
       {R"({"a": 1})", R"({"a": 2})", "{}"}},
      {R"({"$defs":{"tree":{"type":"object","properties":{"kids":{"type":"array","items":{"$ref":"#/$defs/tree"}}},"additionalProperties":false}},"$ref":"#/$defs/tree"})",
       {"{}", R"({"kids": [{}, {"kids": []}]})"},
       {R"({"kids": [1]})", R"({"kids": {}})"}},
      {R"({"$id":"http://x/root","$defs":{"a":{"$anchor":"here","type":"null"},"b":{"$id":"other","type":"boolean"}},"properties":{"p":{"$ref":"#here"},"q":{"$ref":"http://x/other"}},"type":"object"})",
       {R"({"p": null, "q": true})"},
       {R"({"p": 1})", R"({"q": null})"}},
  });
}

TEST(Schema, StringsNumbersAndLists) {
  Check({
      {R"({"enum":["red",12,null,[1],{"a":true}]})",
       {R"("red")", "12", "12.0", "null", "[1]", R"({"a": true})"},
       {R"("re")", "1", "[]", R"({"a": false})", "[1,1]"}},
      {R"({"type":"string","minLength":2,"maxLength":3})",
       {R"("ab")", "\"\xc3\xa9\xc3\xa9\xc3\xa9\"", R"("\n\"")", R"("\u00e9b")"},
       {R"("a")", R"("abcd")"}},
      {R"({"type":"string","pattern":"^[ab]+$","minLength":2,"maxLength":4})",
       {R"("ab")", R"("abab")"},
       {R"("a")", R"("ababa")", R"("ax")"}},
      {R"({"type":"integer","minimum":-12,"exclusiveMaximum":34})", {"-12", "0", "33", "5.0"}, {"-13", "34", "1.5", "01", "-"}},
      {R"({"type":"number","exclusiveMinimum":0.5,"maximum":12.25})", {"0.51", "12.25", "3"}, {"0.5", "12.26", "-1", "0"}},
      {R"({"type":"number","multipleOf":0.25})", {"0.75", "-12", "1.50"}, {"0.3", "1.1"}},
      {R"({"type":"array","items":{"type":"null"},"minItems":1,"maxItems":2})",
       {"[null]", "[null, null]"},
       {"[]", "[null, null, null]", "[1]"}},
      {R"({"type":"array","prefixItems":[{"type":"null"},{"type":"boolean"}],"items":false})",
       {"[]", "[null]", "[null, true]"},
       {"[true]", "[null, true, 1]"}},
      {R"({"type":"array","contains":{"type":"null"},"minContains":1,"maxContains":2})",
       {"[null]", "[1, null, 2, null]"},
       {"[]", "[1]", "[null, null, null]"}},
      {R"({"$schema":"http://json-schema.org/draft-04/schema#","type":"integer","minimum":1,"exclusiveMinimum":true})",
       {"2"},
       {"1", "2.0"}},
      {R"({"type":"string","format":"date"})", {R"("2024-02-29")"}, {R"("2023-02-29")", R"("2024-13-01")"}},
      {"true", {"1", "{\"a\": [true, \"x\"]}", "-1.5e+7", R"("\ud83d\ude00")"}, {"tru", R"("\ud83d")"}},
  });
}

TEST(Schema, WhatIsForbiddenLeavesTheRest) {
  Check({
      {R"({"not":{"enum":[1,"a",null]}})", {"2", "1.5", R"("b")", "{}", "[1]", "true"}, {"1", "1.0", R"("a")", "null"}},
      {R"({"type":"number","not":{"type":"integer"}})", {"2.5", "-0.25"}, {"2", "2.0"}},
      {R"({"type":"number","not":{"multipleOf":0.5}})", {"2.25"}, {"2.5", "3"}},
      {R"({"type":"object","not":{"required":["a","b"]}})", {"{}", R"({"a": 1})"}, {R"({"a": 1, "b": 2})"}},
      {R"({"type":"string","not":{"pattern":"^a"}})", {R"("")", R"("ba")"}, {R"("a")", R"("ab")"}},
  });
}

TEST(Schema, StrictWritesOneSensibleText) {
  Judge judge;
  constexpr SchemaOptions kStrict = {};
  Check({{R"({"properties":{"b":{"type":"string"},"a":{"type":"integer","minimum":0}},"required":["a"]})",
          {R"({"b": "x", "a": 1})", R"({"a": 1})"},
          {R"({"a": 1, "b": "x"})", R"({"a":1})", R"({"b": "x"})", R"({"a": 1.0})", R"({"a": 1, "c": 1})", "1"}}},
        kStrict);
  const auto constraint =
      judge.Compile(ConstraintKind::kSchema,
                    R"({"properties":{"name":{"const":"xy"},"n":{"type":"null"}},"required":["name","n"]})", kStrict);
  ASSERT_TRUE(constraint);
  EXPECT_EQ(ConstraintState(*constraint).Forced(), R"({"name": "xy", "n": null})");
}

TEST(Schema, RefusalsNameTheKeyword) {
  Judge judge;
  struct Refusal {
    const char *schema, *what;
    Code code;
  };
  for (const Refusal& r : std::initializer_list<Refusal>{
           {R"({"properties":{"a":{"type":"array","uniqueItems":true}}})", "#/properties/a/uniqueItems", Code::kUnsupported},
           {R"x({"properties":{"a":{"pattern":"(?=x)"}}})x", "#/properties/a/pattern", Code::kUnsupported},
           {R"({"unevaluatedProperties":false})", "#/unevaluatedProperties", Code::kUnsupported},
           {R"({"items":{"format":"regex"}})", "#/items/format", Code::kUnsupported},
           {R"({"$ref":"http://elsewhere/x"})", "#/$ref", Code::kUnsupported},
           {R"({"$ref":"#/nowhere"})", "#/$ref", Code::kBadInput},
           {R"({"type":"text"})", "#/type", Code::kBadInput},
           {R"({"type":"integer","minimum":3,"maximum":2})", "nothing is valid", Code::kBadInput},
           {R"({"type":"object","properties":{"a":{"$ref":"#"}},"required":["a"]})", "nothing is valid", Code::kBadInput},
           {"[", "not JSON", Code::kBadInput},
           {"[]", "a schema is", Code::kBadInput}}) {
    const auto constraint = judge.Compile(ConstraintKind::kSchema, r.schema, kAny);
    ASSERT_FALSE(constraint) << r.schema;
    EXPECT_EQ(constraint.error().code, r.code) << r.schema;
    EXPECT_THAT(constraint.error().what, HasSubstr(r.what));
  }
}

TEST(Schema, HostileSchemasEndSoon) {
  Judge judge;
  std::string deep = "true", wide = R"({"allOf":[)", names = R"({"type":"object","properties":{)";
  for (int i = 0; i < 190; ++i) deep = R"({"not":)" + deep + "}";
  for (int i = 0; i < 14; ++i)
    wide += std::string(i ? "," : "") + R"({"anyOf":[{"required":["a)" + std::to_string(i) + R"("]},{"required":["b)" +
            std::to_string(i) + R"("]}]})";
  wide += "]}";
  for (int i = 0; i < 3000; ++i) names += std::string(i ? "," : "") + "\"n" + std::to_string(i) + R"(":{"$ref":"#"})";
  names += "}}";
  EXPECT_TRUE(judge.Compile(ConstraintKind::kSchema, deep, kAny));
  EXPECT_FALSE(judge.Compile(ConstraintKind::kSchema, std::string(100000, '['), kAny));
  const auto many = judge.Compile(ConstraintKind::kSchema, wide, kAny);
  ASSERT_FALSE(many);
  EXPECT_EQ(many.error().code, Code::kUnsupported);
  EXPECT_TRUE(judge.Compile(ConstraintKind::kSchema, names, kAny));
  EXPECT_FALSE(judge.Compile(ConstraintKind::kSchema,
                             R"({"allOf":[{"$ref":"#"}],"anyOf":[{"$ref":"#"},{"not":{"$ref":"#"}}],"type":[]})", kAny));
}

// The whole of MaskBench's shared half, by bytes: the masks' own figures are printed by `hasten schema-check`.
TEST(Schema, MaskBenchIsJudgedRightly) {
  HASTEN_SHARED_OR_SKIP(folder, "data/maskbench/data");
  Judge judge;
  size_t files = 0, compiled = 0, wrong = 0;
  for (const auto& file : std::filesystem::directory_iterator(folder)) {
    const auto document = ParseJson(*ReadFile(file.path().string()));
    ASSERT_TRUE(document);
    ++files;
    const auto constraint = judge.Compile(ConstraintKind::kSchema, (*document)["schema"].dump(), kAny);
    if (!constraint) continue;
    ++compiled;
    for (const auto& test : (*document)["tests"]) {
      const bool accepted = Judge::Accepts(*constraint, test["data"].dump(), false);
      wrong += accepted != test["valid"].get<bool>();
      EXPECT_EQ(accepted, test["valid"].get<bool>()) << file.path() << ": " << test["data"].dump();
    }
  }
  EXPECT_EQ(wrong, 0u);
  EXPECT_GE(compiled * 464, files * 420);
}

}  // namespace
}  // namespace hasten
