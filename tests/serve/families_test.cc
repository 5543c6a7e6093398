// Chats of every family of tool syntax: choices of tools, histories in any state, thoughts and their budgets. The models are
// random, so what comes out right was held to be right.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/serve/client.h"

namespace hasten {
namespace {

using ::testing::HasSubstr;

// Templates of our own, each with the signs by which its family is known.
const char kBody[] =
    "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}{% for c in m.tool_calls or [] %}{{ c.function.name }}"
    "{{ c.function.arguments | tojson }}{{ c.id }}{% endfor %}<|im_end|>\n{% endfor %}{{ tools or '' }}<|im_start|>assistant\n";

struct Family {
  const char* name;
  std::string sign, tail;
  std::vector<std::string> control;
};
const Family kFamilies[] = {
    {"none", "", "", {}},
    {"hermes", "{# <tool_call> #}", "", {}},
    {"qwen_xml", "{# <tool_call><function=<parameter= #}", "", {}},
    {"llama3", "{# <|python_tag|> #}", "", {}},
    {"mistral", "{# [TOOL_CALLS] #}", "", {"[TOOL_CALLS]"}},
    {"mistral_args", "{# [TOOL_CALLS][ARGS] #}", "", {"[TOOL_CALLS]", "[ARGS]"}},
    {"gemma", "{# <start_function_call> #}", "", {"<start_function_call>", "<end_function_call>", "<escape>"}},
    {"gemma4", "{# <|tool_call> #}", "", {"<|tool_call>", "<tool_call|>", "<|\"|>"}},
    {"lfm2", "{# <|tool_call_start|> #}", "", {"<|tool_call_start|>", "<|tool_call_end|>"}},
    {"harmony", "{# <|channel|> #}", "<|start|>assistant", {"<|channel|>", "<|message|>", "<|constrain|>", "<|start|>"}},
    {"granite", "{# <|tool_call|> #}", "", {"<|tool_call|>"}},
    {"functionary31", "{# <function= #}", "", {}},
    {"functionary32", "{# >>>all #}", ">>>", {}},
};

const Json kUser = Json::array({{{"role", "user"}, {"content", "hello"}}});
const Json kTools = Json::parse(R"([
    {"type": "function", "function": {"name": "f", "parameters": {"type": "object", "properties": {"n": {"enum": [1, 2]},
        "s": {"enum": ["x", "y z"]}}, "required": ["n", "s"], "additionalProperties": false}}},
    {"type": "function", "function": {"name": "g", "parameters": {"type": "object", "properties": {}}}}])");

class Families : public ::testing::TestWithParam<Family> {
 protected:
  Families() : server_({.models = {"m=" + MakeTinyModel(GetParam().control, GetParam().sign + kBody + GetParam().tail)}}) {}
  Json Choice(Json body, bool stream = false) const {
    body["messages"] = kUser;
    if (!body.contains("max_tokens")) body["max_tokens"] = 350;
    body["stream"] = stream;
    const HttpAnswer answer = server_.Post("/v1/chat/completions", body);
    EXPECT_EQ(answer.status, 200) << answer.body;
    return stream ? Joined(answer.events()) : answer.json()["choices"][0];
  }
  // The chunks of a stream as one choice.
  static Json Joined(const std::vector<Json>& events) {
    Json choice = {{"message", {{"content", ""}}}};
    for (const Json& event : events) {
      const Json& part = event["choices"][0];
      if (!part["finish_reason"].is_null()) choice["finish_reason"] = part["finish_reason"];
      const Json& delta = part["delta"];
      if (delta.contains("content"))
        choice["message"]["content"] = choice["message"]["content"].get<std::string>() + delta["content"].get<std::string>();
      for (const Json& call : delta.value("tool_calls", Json::array())) {
        Json& calls = choice["message"]["tool_calls"];
        const size_t index = call["index"];
        if (calls.size() <= index) {
          calls.push_back(call);
          continue;
        }
        Json& arguments = calls[index]["function"]["arguments"];
        arguments = arguments.get<std::string>() + call["function"]["arguments"].get<std::string>();
      }
    }
    return choice;
  }
  static void ExpectValid(const Json& choice, const char* name = nullptr) {
    ASSERT_TRUE(choice["message"].contains("tool_calls")) << choice;
    Json calls = choice["message"]["tool_calls"];
    if (choice["finish_reason"] == "length" && calls.size() > 1) calls.erase(calls.size() - 1);  // the last one is cut off
    for (const Json& call : calls) {
      const std::string called = call["function"]["name"];
      if (name) {
        EXPECT_EQ(called, name);
      }
      const Json arguments = Json::parse(call["function"]["arguments"].get<std::string>(), nullptr, false);
      if (called == "f") {
        EXPECT_TRUE(arguments["n"] == 1 || arguments["n"] == 2) << call;
        EXPECT_TRUE(arguments["s"] == "x" || arguments["s"] == "y z") << call;
      } else {
        EXPECT_EQ(called, "g");
        EXPECT_EQ(arguments, Json::object());
      }
    }
  }
  static void ExpectHeld(const Json& choice) {
    const Json& content = choice["message"]["content"];
    EXPECT_EQ(Json::parse(content.is_string() ? content.get<std::string>() : "", nullptr, false), (Json{{"k", 1}})) << choice;
  }
  const TestServer server_;
};

TEST_P(Families, CallsThatMustBeAreMade) {
  for (const bool stream : {false, true}) {
    const Json one =
        Choice({{"tools", kTools}, {"tool_choice", "required"}, {"parallel_tool_calls", false}, {"seed", 3}}, stream);
    ExpectValid(one);
    EXPECT_EQ(one["message"]["tool_calls"].size(), 1u);
    EXPECT_EQ(one["finish_reason"], "tool_calls") << one;
    ExpectValid(Choice({{"tools", kTools}, {"tool_choice", "required"}, {"seed", 5}}, stream));
    const Json named = {{"type", "function"}, {"function", {{"name", "f"}}}};
    ExpectValid(Choice({{"tools", kTools}, {"tool_choice", named}}, stream), "f");
    const Json allowed = {
        {"type", "allowed_tools"},
        {"allowed_tools", {{"mode", "required"}, {"tools", {{{"type", "function"}, {"function", {{"name", "g"}}}}}}}}};
    ExpectValid(Choice({{"tools", kTools}, {"tool_choice", allowed}, {"parallel_tool_calls", false}}, stream), "g");
  }
}

TEST_P(Families, OtherChoicesAreAnsweredToo) {
  for (const char* choice : {"auto", "none"}) {
    const Json said = Choice({{"tools", kTools}, {"tool_choice", choice}, {"max_tokens", 20}});
    EXPECT_TRUE(said["message"].contains("content"));
    if (std::string(choice) == "none") {
      EXPECT_FALSE(said["message"].contains("tool_calls"));
    }
  }
  const Json anthropic =
      server_
          .Post("/v1/messages", Json{{"messages", kUser},
                                     {"max_tokens", 350},
                                     {"tools", {{{"name", "f"}, {"input_schema", kTools[0]["function"]["parameters"]}}}},
                                     {"tool_choice", {{"type", "any"}, {"disable_parallel_tool_use", true}}}})
          .json();
  EXPECT_EQ(anthropic["stop_reason"], "tool_use") << anthropic;
  EXPECT_TRUE(anthropic["content"].back()["input"].contains("n")) << anthropic;
}

// A schema may be wanted beside tools: then the answer is either.
TEST_P(Families, ASchemaStandsBesideTools) {
  const Json format = Json::parse(R"({"type": "json_schema", "json_schema": {"name": "x", "schema": {"const": {"k": 1}}}})");
  for (int seed = 0; seed < 6; ++seed) {
    const Json choice =
        Choice({{"tools", kTools}, {"response_format", format}, {"seed", seed}, {"parallel_tool_calls", false}});
    if (choice["message"].contains("tool_calls")) {
      ExpectValid(choice);
    } else {
      ExpectHeld(choice);
    }
  }
  ExpectHeld(Choice({{"response_format", format}}));
  ExpectHeld(Choice({{"response_format", format}, {"tools", kTools}, {"tool_choice", "none"}}, true));
}

TEST_P(Families, HistoriesInAnyStateAreAnswered) {
  static constexpr const char* kHistories[] = {
      R"([{"role": "assistant", "content": null, "tool_calls": [{"id": "a", "function": {"name": "f", "arguments": "{\"n\": 1, \"s\": \"cut"}}]}])",
      R"([{"role": "user", "content": "q"}, {"role": "assistant", "tool_calls": [{"function": {"name": "gone", "arguments": "not json"}}]}, {"role": "tool", "content": "r"}])",
      R"([{"role": "user", "content": "q"}, {"role": "assistant", "tool_calls": [{"id": "1", "function": {"name": "f", "arguments": {}}}, {"id": "2", "function": {"name": "g"}}]},
          {"role": "tool", "tool_call_id": "2", "content": "second"}, {"role": "tool", "tool_call_id": "1", "content": [{"type": "text", "text": "first"}]}, {"role": "user", "content": ""}])",
      R"([{"role": "tool", "tool_call_id": "nobody", "content": ""}, {"role": "tool", "content": null}])",
      R"([{"role": "assistant", "content": "", "tool_calls": []}, {"role": "assistant", "content": "a"}, {"role": "assistant", "content": "b"}])",
      R"([{"role": "user", "content": "q"}, {"role": "assistant", "reasoning_content": "hm", "content": "", "tool_calls": [{"id": 5, "type": 7, "function": {"name": null, "arguments": [1]}}, null, "x"]}, {"role": "user", "content": "w"}])",
      R"([{"role": "system", "content": ""}, {"role": "system", "content": "two"}, {"role": "function", "name": "f", "content": "1"}])",
  };
  for (const char* messages : kHistories) {
    for (const bool with_tools : {false, true}) {
      Json body = {{"messages", Json::parse(messages)}, {"max_tokens", 2}};
      if (with_tools) body["tools"] = kTools;
      const HttpAnswer answer = server_.Post("/v1/chat/completions", body);
      EXPECT_EQ(answer.status, 200) << messages << answer.body;
      body.erase("max_tokens");
      body["options"] = {{"num_predict", 2}};
      EXPECT_EQ(server_.Post("/api/chat", body).status, 200) << messages;
    }
  }
  static constexpr const char* kBlocks[] = {
      R"([{"role": "assistant", "content": [{"type": "tool_use", "name": "f"}]}])",
      R"([{"role": "user", "content": [{"type": "tool_result"}, {"type": "text", "text": ""}]}])",
      R"([{"role": "user", "content": "x"}, {"role": "assistant", "content": [{"type": "thinking"}, {"type": "tool_use", "id": "t", "name": "gone", "input": "cut {"}]},
          {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "other", "content": null, "is_error": true}, "bare", 5]}])",
      R"([{"role": "user", "content": []}, {"role": "user", "content": [{"type": "server_tool_use", "id": "s"}]}])",
  };
  for (const char* messages : kBlocks) {
    const HttpAnswer answer = server_.Post("/v1/messages", Json{{"messages", Json::parse(messages)}, {"max_tokens", 2}});
    EXPECT_EQ(answer.status, 200) << messages << answer.body;
  }
}

TEST_P(Families, ACallFromBeforeThereWereToolsIsReadAsOne) {
  const auto prompt = [this](const char* call) {
    return server_
        .Post("/apply-template", std::string(R"({"messages": [{"role": "user", "content": "x"}, {"role": "assistant", )") +
                                     call + R"(}, {"role": "tool", "content": "7"}]})")
        .json()["prompt"]
        .get<std::string>();
  };
  const std::string old = prompt(R"("function_call": {"name": "get", "arguments": "{\"a\": 1}"})");
  EXPECT_EQ(old, prompt(R"("tool_calls": [{"function": {"name": "get", "arguments": "{\"a\": 1}"}}])"));
  EXPECT_NE(old, prompt(R"("content": "")"));
}

INSTANTIATE_TEST_SUITE_P(Syntaxes, Families, ::testing::ValuesIn(kFamilies),
                         [](const auto& given) { return std::string(given.param.name); });

// ------------------------------------------------------------------------------------------------------ thoughts

class Thoughts : public ::testing::Test {
 protected:
  static Json Ask(const TestServer& server, Json body) {
    body["messages"] = kUser;
    body["ignore_eos"] = true;
    const HttpAnswer answer = server.Post("/v1/chat/completions", body);
    EXPECT_EQ(answer.status, 200) << answer.body;
    return answer.json();
  }
  static size_t Thought(const Json& answer) { return answer["usage"]["completion_tokens_details"]["reasoning_tokens"]; }
};

TEST_F(Thoughts, EndWhenTheirBudgetIsSpent) {
  // With the mark as a control token, and as text.
  for (const std::vector<std::string>& control :
       {std::vector<std::string>{"<think>", "</think>"}, std::vector<std::string>()}) {
    const TestServer server({.models = {"m=" + MakeTinyModel(control, std::string(kBody) + "<think>\n")}});
    const Json free = Ask(server, {{"max_tokens", 60}, {"seed", 1}});
    EXPECT_EQ(Thought(free), 60u) << free;
    for (const size_t budget : {0, 1, 7}) {
      const Json held = Ask(server, {{"max_tokens", 60}, {"seed", 1}, {"reasoning_budget", budget}});
      EXPECT_GE(Thought(held), budget);
      EXPECT_LE(Thought(held), budget + 12) << held;  // the mark that ends it may be several tokens
      EXPECT_NE(held["choices"][0]["message"]["content"], "") << held;
      EXPECT_EQ(held["usage"]["completion_tokens"], 60);
    }
    EXPECT_LE(Thought(Ask(server, {{"max_tokens", 60}, {"reasoning_effort", "none"}})), 12u);
    const Json anthropic = server
                               .Post("/v1/messages", Json{{"messages", kUser},
                                                          {"max_tokens", 60},
                                                          {"ignore_eos", true},
                                                          {"thinking", {{"type", "enabled"}, {"budget_tokens", 5}}}})
                               .json();
    EXPECT_EQ(anthropic["content"][0]["type"], "thinking") << anthropic;
    EXPECT_EQ(anthropic["content"][1]["type"], "text");
    const Json responses =
        server
            .Post("/v1/responses",
                  Json{{"input", "x"}, {"max_output_tokens", 60}, {"ignore_eos", true}, {"reasoning", {{"max_tokens", 5}}}})
            .json();
    EXPECT_EQ(responses["output"][0]["type"], "reasoning") << responses;
    EXPECT_EQ(responses["output"][1]["type"], "message");
  }
}

TEST_F(Thoughts, ComeBeforeWhatIsHeldToASchemaOrACall) {
  const TestServer server({.models = {"m=" + MakeTinyModel({"</think>"}, std::string(kBody) + "<think>\n")}});
  const Json format = Json::parse(R"({"type": "json_schema", "json_schema": {"name": "x", "schema": {"const": 5}}})");
  const Json held = Ask(server, {{"max_tokens", 100}, {"reasoning_budget", 6}, {"response_format", format}});
  EXPECT_EQ(held["choices"][0]["message"]["content"], "5") << held;
  EXPECT_GE(Thought(held), 6u);
  const Json call = Ask(server, {{"max_tokens", 300},
                                 {"reasoning_budget", 6},
                                 {"tools", kTools},
                                 {"tool_choice", "required"},
                                 {"parallel_tool_calls", false}});
  EXPECT_EQ(call["choices"][0]["finish_reason"], "tool_calls") << call;
}

// gpt-oss: a thought is a message of its own, and what is held is the next one.
TEST_F(Thoughts, AreMessagesOfTheirOwnForSome) {
  for (const std::vector<std::string>& control :
       {std::vector<std::string>{"<|channel|>", "<|message|>", "<|start|>", "<|end|>", "<|return|>", "<|call|>"}, {}}) {
    const TestServer server(
        {.models = {"m=" + MakeTinyModel(control, std::string(kBody) + "<|start|>assistant<|channel|>analysis<|message|>")}});
    const Json one_tool = Json::array({kTools[1]});
    const Json format = Json::parse(R"({"type": "json_schema", "json_schema": {"name": "x", "schema": {"const": 5}}})");
    for (const Json& tools : {Json::array(), one_tool}) {
      const Json held = Ask(server, {{"max_tokens", 300},
                                     {"reasoning_budget", 6},
                                     {"tools", tools},
                                     {"parallel_tool_calls", false},
                                     {"response_format", format}});
      EXPECT_GE(Thought(held), 6u);
      const Json& message = held["choices"][0]["message"];
      EXPECT_TRUE(message.contains("tool_calls") ? !tools.empty() : message["content"] == "5") << held;
    }
    const Json call = Ask(server, {{"max_tokens", 300},
                                   {"reasoning_budget", 6},
                                   {"tools", one_tool},
                                   {"parallel_tool_calls", false},
                                   {"tool_choice", "required"}});
    EXPECT_EQ(call["choices"][0]["finish_reason"], "tool_calls") << call;
  }
}

TEST_F(Thoughts, WrongBudgetsAreNamed) {
  const TestServer server;
  for (const auto& [field, body] : {std::pair{"reasoning_budget", Json{{"reasoning_budget", "much"}}},
                                    std::pair{"reasoning.max_tokens", Json{{"reasoning", {{"max_tokens", -7}}}}},
                                    std::pair{"reasoning_effort", Json{{"reasoning_effort", "extreme"}}}}) {
    Json asked = body;
    asked["messages"] = kUser;
    const HttpAnswer answer = server.Post("/v1/chat/completions", asked);
    EXPECT_EQ(answer.status, 400);
    EXPECT_EQ(answer.json()["error"]["param"], field) << answer.body;
  }
  const HttpAnswer answer =
      server.Post("/v1/messages", Json{{"messages", kUser}, {"max_tokens", 5}, {"thinking", {{"type", "often"}}}});
  EXPECT_EQ(answer.status, 400);
  EXPECT_THAT(answer.body, HasSubstr("thinking.type"));
}

}  // namespace
}  // namespace hasten
