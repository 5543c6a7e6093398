// What a call's grammar allows, the parser of answers turns into arguments that are valid: random walks through the grammar of
// each family, with and without the family's control tokens in the vocabulary.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/random.h"
#include "chat/call_grammar.h"
#include "chat/output_parser.h"
#include "engine/constraint/constraint.h"
#include "tests/serve/client.h"

namespace hasten {
namespace {

const Json kTools = Json::parse(R"json([
  {"type": "function", "function": {"name": "weather", "parameters": {"type": "object", "properties": {
      "city": {"type": "string", "maxLength": 6}, "days": {"type": "integer", "minimum": 1, "maximum": 20},
      "units": {"enum": ["C", "F"]}, "exact": {"type": "boolean"}}, "required": ["city", "exact"]}}},
  {"type": "function", "function": {"name": "set", "parameters": {"type": "object", "properties": {
      "point": {"type": "object", "properties": {"x": {"type": "number", "enum": [1.5, 2]}, "tags": {"type": "array",
          "items": {"enum": ["a", "b \"c\"", "1"]}, "minItems": 1, "maxItems": 3}}, "required": ["x", "tags"],
          "additionalProperties": false},
      "maybe": {"anyOf": [{"type": "string", "maxLength": 3}, {"type": "null"}]},
      "either": {"anyOf": [{"const": 7}, {"const": false}, {"const": "seven"}]},
      "pair": {"type": "array", "prefixItems": [{"const": 1}, {"type": "boolean"}], "items": false, "minItems": 1}},
      "required": ["maybe", "either"], "additionalProperties": false}}},
  {"type": "function", "function": {"name": "now"}}
])json");

// With one whose parameter has a name that most families cannot write bare: calls are JSON within their marks then.
Json ToolsWithAName() {
  Json tools = kTools;
  tools.push_back(Json::parse(R"json({"type": "function", "function": {"name": "point-3d", "parameters": {
      "$defs": {"n": {"enum": [1, 2]}}, "type": "object", "properties": {"a b": {"$ref": "#/$defs/n"}}, "required": ["a b"],
      "additionalProperties": false}}})json"));
  return tools;
}
const Json kMoreTools = ToolsWithAName();

const std::vector<std::string> kControl = {
    "<|tool_call_start|>",   "<|tool_call_end|>",   "[TOOL_CALLS]", "[ARGS]",      "<escape>",
    "<start_function_call>", "<end_function_call>", "<|\"|>",       "<|channel|>", "<|constrain|>",
    "<|message|>",           "<|start|>",           "<tool_call|>", "<|tool_call>"};

struct Vocabulary {
  explicit Vocabulary(const std::vector<std::string>& control)
      : file(*Gguf::Open(MakeTinyModel(control, ""))),
        tokenizer(*Tokenizer::Load(file)),
        vocab(ConstraintVocab::Create(tokenizer)) {}
  Gguf file;
  Tokenizer tokenizer;
  std::shared_ptr<const ConstraintVocab> vocab;
};

// Whether `json` is a value of the tool's schema.
bool IsValid(const Vocabulary& v, const Json& tool, const std::string& json) {
  ConstraintSpec spec;
  const Json& function = tool["function"];
  const Json schema = function.contains("parameters") ? function["parameters"] : Json{{"type", "object"}, {"maxProperties", 0}};
  spec.parts.push_back({.kind = ConstraintKind::kSchema, .text = schema.dump()});
  spec.schema = {.style = SchemaStyle::kAny, .spaces = grammar::Spaces::kFlexible};
  ConstraintState state(*Constraint::Compile(v.vocab, spec));
  return state.AcceptText(json) && state.CanEnd();
}

// A random text of the grammar; empty where it did not come to an end.
std::string Walk(const Vocabulary& v, const std::shared_ptr<Constraint>& constraint, uint64_t seed) {
  ConstraintState state(constraint);
  StreamDecoder decoder(v.tokenizer, true);
  std::string text;
  for (uint64_t i = 0; i < 2000; ++i) {
    if (state.MustEnd() || (state.CanEnd() && RandomBits(seed, 2 * i) % 2 == 0)) return text + decoder.Finish();
    std::vector<Token> allowed;
    const auto mask = state.Mask();
    for (size_t t = 0; t < v.tokenizer.size(); ++t)
      if ((mask[t / 64] >> (t % 64) & 1) && !v.tokenizer.EndsGeneration(Token(t))) allowed.push_back(Token(t));
    EXPECT_FALSE(allowed.empty()) << text;
    if (allowed.empty()) return {};
    const Token token = allowed[RandomBits(seed, 2 * i + 1) % allowed.size()];
    EXPECT_TRUE(state.Accept(token));
    text += decoder.Push(token);
  }
  return {};
}

struct Call {
  std::string name, arguments;
};
std::vector<Call> CallsIn(const Json& tools, const std::string& text, const std::string& start, std::string* content) {
  ChatParser parser({.tools = &tools, .start = start});
  std::vector<Call> calls;
  const auto take = [&](const std::vector<ChatEvent>& events) {
    for (const ChatEvent& e : events) {
      if (e.type == ChatEvent::kCallBegin) calls.push_back({e.text, ""});
      if (e.type == ChatEvent::kArguments) calls.back().arguments += e.text;
      if (e.type == ChatEvent::kContent) *content += e.text;
    }
  };
  for (const char c : text) take(parser.Push({&c, 1}));
  take(parser.Finish());
  return calls;
}

class CallGrammars : public ::testing::TestWithParam<ToolSyntax> {
 protected:
  void Examine(const Vocabulary& v, const Json& tools, bool parallel, bool behind_mark) {
    const ToolSyntax syntax = GetParam();
    const CallRules rules = {.syntax = syntax, .tools = tools, .parallel = parallel, .behind_mark = behind_mark};
    ConstraintSpec spec;
    spec.parts.push_back(
        {.kind = ConstraintKind::kBuilt, .build = [&](grammar::Grammar& g) { return CallGrammar(g, rules, v.tokenizer); }});
    const auto constraint = Constraint::Compile(v.vocab, spec);
    ASSERT_TRUE(constraint) << constraint.error().what;
    size_t whole = 0, several = 0;
    for (uint64_t seed = 1; seed <= 60; ++seed) {
      std::string text = Walk(v, *constraint, seed);
      if (text.empty() || text == "all\n") continue;
      if (behind_mark) text.insert(0, CallMark(syntax));
      ++whole;
      std::string content;
      const bool functionary = syntax == ToolSyntax::kFunctionary32;
      const auto calls = CallsIn(tools, text, functionary && !behind_mark ? ">>>" : functionary ? ">>>all\n" : "", &content);
      ASSERT_FALSE(calls.empty()) << text;
      EXPECT_EQ(content, "") << text;
      several += calls.size() > 1;
      if (!parallel) {
        EXPECT_EQ(calls.size(), 1u) << text;
      }
      for (const Call& call : calls) {
        const auto tool =
            std::find_if(tools.begin(), tools.end(), [&](const Json& t) { return t["function"]["name"] == call.name; });
        ASSERT_NE(tool, tools.end()) << text;
        EXPECT_TRUE(IsValid(v, *tool, call.arguments)) << text << "\n" << call.name << call.arguments;
      }
    }
    EXPECT_GT(whole, 20u);
    if (parallel && !behind_mark) {
      EXPECT_GT(several, 0u);
    }
  }
};

TEST_P(CallGrammars, HoldWithoutControlTokens) {
  static const Vocabulary v({});
  Examine(v, kTools, false, false);
  Examine(v, kTools, true, false);
  Examine(v, kTools, false, true);
  Examine(v, kMoreTools, true, false);
}

TEST_P(CallGrammars, HoldWithControlTokens) {
  static const Vocabulary v(kControl);
  Examine(v, kTools, true, false);
  Examine(v, kTools, true, true);
  Examine(v, kMoreTools, false, true);
}

INSTANTIATE_TEST_SUITE_P(Families, CallGrammars,
                         ::testing::Values(ToolSyntax::kGeneric, ToolSyntax::kHermes, ToolSyntax::kQwenXml, ToolSyntax::kLlama3,
                                           ToolSyntax::kMistral, ToolSyntax::kMistralArgs, ToolSyntax::kGemma,
                                           ToolSyntax::kGemma4, ToolSyntax::kLfm2, ToolSyntax::kHarmony, ToolSyntax::kGranite,
                                           ToolSyntax::kFunctionary31, ToolSyntax::kFunctionary32),
                         [](const auto& given) {
                           std::string name = NameOf(given.param);
                           std::erase_if(name, [](char c) { return !std::isalnum(static_cast<unsigned char>(c)); });
                           return name;
                         });

TEST(CallGrammar, TheCheckerSeesWhatIsWrong) {
  const Vocabulary v({});
  EXPECT_TRUE(IsValid(v, kTools[0], R"({"city": "Oslo", "exact": true})"));
  EXPECT_FALSE(IsValid(v, kTools[0], R"({"city": "Oslo"})"));
  EXPECT_FALSE(IsValid(v, kTools[0], R"({"city": "Trondheim", "exact": true})"));
  EXPECT_FALSE(IsValid(v, kTools[1], R"({"maybe": "null", "either": 7})"));
  EXPECT_FALSE(IsValid(v, kTools[2], R"({"a": 1})"));
}

}  // namespace
}  // namespace hasten
