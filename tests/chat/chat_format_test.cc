// Prompts from conversations, also from those that make little sense.
#include "chat/chat_format.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/support.h"
#include "text/json.h"

namespace hasten {
namespace {

using nlohmann::ordered_json;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;

ChatFormat Format(std::string source, std::string bos = "<s>") {
  auto format = ChatFormat::Create({.chat = std::move(source), .tool_use = {}, .bos = std::move(bos), .eos = "</s>"});
  EXPECT_TRUE(format) << format.error().what;
  return *std::move(format);
}

ChatRequest Request(const char* messages, const char* tools = "null") {
  ChatRequest request;
  request.messages = ordered_json::parse(messages);
  request.tools = ordered_json::parse(tools);
  return request;
}

constexpr char kShow[] =
    "{% for m in messages %}[{{ m.role }}|{{ m.content }}|{{ m.tool_calls|default([])|tojson }}|{{ m.tool_call_id }}|{{ m.name "
    "}}]"
    "{% endfor %}";

std::string Shown(const char* messages) {
  const auto prompt = Format(kShow).Render(Request(messages));
  return prompt ? prompt->text : prompt.error().what;
}

TEST(ChatFormat, HistoryIsNormalised) {
  EXPECT_EQ(Shown(R"([{"role": "user", "content": [{"type": "text", "text": "a"}, {"type": "image_url"}, {"text": "b"}]}])"),
            "[user|a\nb|[]||]");
  EXPECT_EQ(Shown(R"([{"role": "developer", "content": null}, {"content": 5}, "hi", 7])"),
            "[system||[]||][user|5|[]||][user|hi|[]||]");
  EXPECT_EQ(Shown(R"("just text")"), "[user|just text|[]||]");
  EXPECT_EQ(Shown("null"), "");
  // Arguments in strings become objects; an id is made where there is none; results find their calls and come in their order.
  EXPECT_EQ(Shown(R"([{"role": "assistant", "tool_calls": [{"id": "x", "function": {"name": "f", "arguments": "{\"a\": 1}"}},
                     {"function": {"name": "g", "arguments": "broken"}}]},
                     {"role": "tool", "content": "of g"}, {"role": "tool", "tool_call_id": "x", "content": "of f"},
                     {"role": "tool", "tool_call_id": "stranger", "content": "?"}])"),
            "[assistant||[{\"id\": \"x\", \"type\": \"function\", \"function\": {\"name\": \"f\", \"arguments\": {\"a\": 1}}}, "
            "{\"id\": \"call10001\", \"type\": \"function\", \"function\": {\"name\": \"g\", \"arguments\": {\"input\": "
            "\"broken\"}}}]||][tool|of f|[]|x|f][tool|of g|[]|call10001|g][tool|?|[]|stranger|unknown]");
}

TEST(ChatFormat, TheTokenizersOwnBosIsNotWrittenTwice) {
  EXPECT_EQ(Format("{{ bos_token }}x").Render(Request("[]"))->text, "x");
  EXPECT_EQ(Format("{{ bos_token }}x", "").Render(Request("[]"))->text, "x");
}

TEST(ChatFormat, WhatThePromptOpensBelongsToTheAnswer) {
  EXPECT_EQ(Format("a<think>\n").Render(Request("[]"))->start, "<think>");
  EXPECT_EQ(Format("a<think>\n\n</think>\n\n").Render(Request("[]"))->start, "");
  EXPECT_EQ(Format("<|start|>user<|message|>x<|end|><|start|>assistant").Render(Request("[]"))->start, "<|start|>assistant");
  EXPECT_EQ(Format("").Render(Request(R"([{"role": "user", "content": "x"}])"))->text,
            "<|im_start|>user\nx<|im_end|>\n<|im_start|>assistant\n");
}

TEST(ChatFormat, RefusalsAreRepaired) {
  const std::string strict =
      "{% for m in messages %}{% if (m.role == 'user') != (loop.index0 % 2 == 0) %}{{ raise_exception('alternate!') }}{% endif "
      "%}"
      "{{ m.role }}: {{ m.content }};{% endfor %}";
  const auto merged = Format(strict).Render(
      Request(R"([{"role": "system", "content": "S"}, {"role": "user", "content": "a"}, {"role": "user", "content": "b"}])"));
  ASSERT_TRUE(merged);
  EXPECT_EQ(merged->text, "user: S\n\na\n\nb;");
  EXPECT_THAT(merged->repair, HasSubstr("system message"));
  const auto plain = Format("{{ raise_exception('never') }}").Render(Request(R"([{"role": "user", "content": "x"}])"));
  ASSERT_TRUE(plain);
  EXPECT_THAT(plain->text, HasSubstr("<|im_start|>user\nx<|im_end|>"));
  const auto strings =
      Format("{% for m in messages %}{% for c in m.tool_calls %}{{ '>' + c.function.arguments }}{% endfor %}{% endfor %}")
          .Render(Request(R"([{"role": "assistant", "tool_calls": [{"function": {"name": "f", "arguments": {"a": 1}}}]}])"));
  EXPECT_EQ(strings->text, ">{\"a\":1}");
  const auto endless =
      Format("{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}").Render(Request("[]"));
  ASSERT_FALSE(endless);
  EXPECT_EQ(endless.error().code, Code::kExhausted);
}

TEST(ChatFormat, ToolsAreToldInWordsWhereTheTemplateHasNoPlaceForThem) {
  const auto prompt =
      Format("{% for m in messages %}{{ m.role }}: {{ m.content }};{% endfor %}")
          .Render(Request(R"([{"role": "user", "content": "x"}])", R"([{"name": "f", "input_schema": {"type": "object"}}])"));
  EXPECT_THAT(prompt->text, HasSubstr("\"name\":\"f\""));
  EXPECT_THAT(prompt->text, EndsWith("user: x;"));
}

TEST(ChatFormat, SyntaxIsThatOfTheTemplate) {
  HASTEN_SHARED_OR_SKIP(folder, "reference/chat_templates");
  for (const auto& [file, syntax] : std::vector<std::pair<std::string, ToolSyntax>>{
           {"Qwen-Qwen2.5-7B-Instruct", ToolSyntax::kHermes},
           {"Qwen3-Coder", ToolSyntax::kQwenXml},
           {"mistralai-Mistral-Nemo-Instruct-2407", ToolSyntax::kMistral},
           {"LFM2-8B-A1B", ToolSyntax::kLfm2},
           {"LFM2.5-Instruct", ToolSyntax::kLfm2},
           {"ibm-granite-granite-3.3-2B-Instruct", ToolSyntax::kGranite},
           {"meetkai-functionary-medium-v3.1", ToolSyntax::kFunctionary31},
           {"meetkai-functionary-medium-v3.2", ToolSyntax::kFunctionary32},
           {"microsoft-Phi-3.5-mini-instruct", ToolSyntax::kGeneric},
       })
    EXPECT_STREQ(NameOf(Format(ReadBytes(folder + "/" + file + ".jinja")).syntax()), NameOf(syntax)) << file;
}

// No published template leaves a client without an answer, whatever the history.
TEST(ChatFormat, EveryPublishedTemplateTakesEveryHistory) {
  HASTEN_SHARED_OR_SKIP(folder, "reference/chat_templates");
  const auto reference = ParseJson(ReadBytes(folder + "/expected.json"));
  ASSERT_TRUE(reference);
  const char* tools =
      R"([{"type": "function", "function": {"name": "f", "description": "d", "parameters": {"type": "object", "properties": {"a": {"type": "integer"}}}}}])";
  for (const auto& [name, unused] : reference->at("expected").items()) {
    const ChatFormat format = Format(ReadBytes(folder + "/" + name));
    for (
        const char* messages : {
            "[]",
            R"([{"role": "assistant", "content": "a"}])",
            R"([{"role": "user", "content": "q"}, {"role": "assistant", "content": null, "tool_calls": [{"function": {"name": "f", "arguments": "{\"a\": "}}]},
                 {"role": "tool", "content": "r", "tool_call_id": "zzz"}])",
            R"([{"role": "tool", "content": "orphan"}, {"role": "user", "content": ""}, {"role": "user", "content": "x"}])",
            R"([{"role": "user", "content": "q"}, {"role": "assistant", "tool_calls": []}, {"role": "weird", "content": {"a": 1}}])",
        }) {
      const auto prompt = format.Render(Request(messages, tools));
      EXPECT_TRUE(prompt) << name << ": " << prompt.error().what;
    }
  }
}

TEST(ThoughtMarks, AreThoseOfThePromptOrTheTemplate) {
  EXPECT_EQ(OpenThought("user: x<think>\n")->close, "</think>");
  EXPECT_EQ(OpenThought("user: x<think>\n\n</think>\n"), nullptr);
  EXPECT_EQ(Format("{{ messages }}").thoughts(), nullptr);
  EXPECT_EQ(Format("{{ '[THINK]' }}x{{ '[/THINK]' }}").thoughts()->open, "[THINK]");
  EXPECT_EQ(Format("<|channel|>analysis<|message|>").thoughts()->close, "<|end|>");
}

}  // namespace
}  // namespace hasten
