// Chat in the dialects of OpenAI, Anthropic and Ollama, over HTTP. tests/clients asks the same through the real clients.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/serve/client.h"

namespace hasten {
namespace {

using ::testing::HasSubstr;

class Chat : public ::testing::Test {
 protected:
  static void SetUpTestSuite() { server_ = std::make_unique<TestServer>(); }
  static void TearDownTestSuite() { server_.reset(); }
  static std::unique_ptr<TestServer> server_;
};
std::unique_ptr<TestServer> Chat::server_;

const Json kUser = Json::array({{{"role", "user"}, {"content", "hello"}}});
const Json kTool = Json::parse(R"({"type": "function", "function": {"name": "f", "parameters":
    {"type": "object", "properties": {"n": {"enum": [1, 2]}}, "required": ["n"], "additionalProperties": false}}})");

TEST_F(Chat, DialectsGiveTheSameTextForTheSameSeed) {
  const Json openai = server_->Post("/v1/chat/completions", Json{{"messages", kUser}, {"max_tokens", 20}, {"seed", 4}}).json();
  const Json anthropic = server_->Post("/v1/messages", Json{{"messages", kUser}, {"max_tokens", 20}, {"seed", 4}}).json();
  const Json ollama =
      server_->Post("/api/chat", Json{{"messages", kUser}, {"stream", false}, {"options", {{"num_predict", 20}, {"seed", 4}}}})
          .json();
  const std::string text = openai["choices"][0]["message"]["content"];
  EXPECT_NE(text, "");
  EXPECT_EQ(anthropic["content"][0]["text"], text);
  EXPECT_EQ(ollama["message"]["content"], text);
}

TEST_F(Chat, ASchemaHoldsWhateverTheSeed) {
  const Json format = Json::parse(R"({"type": "json_schema", "json_schema": {"name": "x", "schema": {"type": "object",
      "properties": {"a": {"enum": ["p", "q"]}, "b": {"type": "boolean"}}, "required": ["a", "b"], "additionalProperties": false}}})");
  for (int seed = 0; seed < 10; ++seed) {
    const Json answer =
        server_
            ->Post(
                "/v1/chat/completions",
                Json{{"messages", kUser}, {"max_tokens", 200}, {"seed", seed}, {"temperature", 2}, {"response_format", format}})
            .json();
    const Json value = Json::parse(answer["choices"][0]["message"]["content"].get<std::string>(), nullptr, false);
    ASSERT_FALSE(value.is_discarded()) << answer;
    EXPECT_TRUE(value["a"] == "p" || value["a"] == "q");
    EXPECT_TRUE(value["b"].is_boolean());
    EXPECT_EQ(answer["choices"][0]["finish_reason"], "stop");
  }
}

TEST_F(Chat, ARequiredCallIsMadeWithValidArguments) {
  const Json answer = server_
                          ->Post("/v1/chat/completions", Json{{"messages", kUser},
                                                              {"max_tokens", 300},
                                                              {"tools", {kTool}},
                                                              {"tool_choice", "required"},
                                                              {"parallel_tool_calls", false},
                                                              {"n", 3}})
                          .json();
  for (const Json& choice : answer["choices"]) {
    EXPECT_EQ(choice["finish_reason"], "tool_calls");
    const Json& call = choice["message"]["tool_calls"][0];
    EXPECT_EQ(call["function"]["name"], "f");
    const Json arguments = Json::parse(call["function"]["arguments"].get<std::string>(), nullptr, false);
    EXPECT_TRUE(arguments["n"] == 1 || arguments["n"] == 2) << call;
  }
}

TEST_F(Chat, DamagedHistoriesAreAnswered) {
  for (
      const char* messages : {
          R"([{"role": "assistant", "content": null, "tool_calls": [{"function": {"name": "x", "arguments": "{\"a\":"}}]}])",
          R"([{"role": "assistant", "tool_calls": [5, {}, {"function": 3}]}, {"role": "user", "content": "x"}])",
          R"([{"role": "tool", "content": "nobody asked"}, {"role": "user", "content": ""}])",
          R"([{"role": "user", "content": ""}])",
          R"([{"role": "user", "content": []}, {"role": "user", "content": "x"}, {"role": "system", "content": "late"}])",
          R"([{"role": "assistant", "content": "I begin"}])",
          R"([{"role": "tool", "content": [{"type": "image_url", "image_url": {"url": "data:"}}]}, {"role": "user", "content": "x"}])",
          R"([{"role": "tool", "content": {"rows": [1]}}, {"role": "user", "content": [{"text": "x"}]}])",
          R"([{"role": "function", "name": "f", "content": "1"}, {"role": "developer", "content": "d"}])",
      }) {
    const std::string body = std::string("{\"max_tokens\": 2, \"messages\": ") + messages + "}";
    const HttpAnswer answer = server_->Post("/v1/chat/completions", body);
    EXPECT_EQ(answer.status, 200) << messages << answer.body;
    EXPECT_EQ(server_->Post("/api/chat", body).status, 200) << messages;
  }
}

// Agents send what their tools took pictures of; the model is told that there was one.
TEST_F(Chat, PartsOfToolResultsThatAreNoTextAreToldInTheirPlace) {
  const Json parts = {
      {{"type", "text"}, {"text", "seen:"}}, {{"type", "image"}, {"source", {{"type", "base64"}}}}, {{"text", "end"}}};
  const Json last = {{"role", "user"}, {"content", "go on"}};
  const char* kTold = "seen:[image omitted: this model reads text only]end";
  const Json openai = Json::array({{{"role", "tool"}, {"tool_call_id", "1"}, {"content", parts}}, last});
  EXPECT_THAT(server_->Post("/apply-template", Json{{"messages", openai}}).json()["prompt"].get<std::string>(),
              HasSubstr(kTold));
  const auto count = [&](const Json& content) {
    const Json messages =
        Json::array({{{"role", "user"}, {"content", Json::array({{{"type", "tool_result"}, {"content", content}}})}}});
    return server_->Post("/v1/messages/count_tokens", Json{{"messages", messages}}).json()["input_tokens"].get<int>();
  };
  EXPECT_EQ(count(parts), count(kTold));
  const Json items = Json::array({{{"type", "function_call_output"}, {"call_id", "1"}, {"output", {{{"type", "input_image"}}}}},
                                  {{"role", "user"}, {"content", "go on"}}});
  const HttpAnswer responses = server_->Post("/v1/responses", Json{{"input", items}, {"max_output_tokens", 16}});
  EXPECT_EQ(responses.status, 200) << responses.body;
}

TEST_F(Chat, WrongFieldsAreNamedByTheirPath) {
  const struct {
    const char *path, *body, *says;
  } kCases[] = {
      {"/v1/chat/completions", R"({})", "messages has to be a list"},
      {"/v1/chat/completions", R"({"messages": []})", "at least one"},
      {"/v1/chat/completions", R"({"messages": [5]})", "messages[0] has to be an object"},
      {"/v1/chat/completions", R"({"messages": [{"role": "king"}]})", "messages[0].role is 'king'"},
      {"/v1/chat/completions", R"({"messages": [{"role": "user", "content": [{"type": "image_url"}]}]})",
       "messages[0].content[0].type"},
      {"/v1/chat/completions", R"({"messages": [{"role": "user", "content": 7}]})", "messages[0].content"},
      {"/v1/chat/completions", R"({"messages": [{"role": "user"}], "tools": [{}]})", "tools[0].name is missing"},
      {"/v1/chat/completions", R"({"messages": [{"role": "user"}], "tool_choice": "sometimes"})", "tool_choice can be"},
      {"/v1/chat/completions", R"({"messages": [{"role": "user"}], "tool_choice": "required"})", "not among the tools"},
      {"/v1/chat/completions", R"({"messages": [{"role": "user"}], "response_format": {"type": "xml"}})",
       "response_format.type"},
      {"/v1/chat/completions",
       R"({"messages": [{"role": "user"}], "response_format": {"type": "json_schema", "json_schema": {"schema": {"type": 5}}}})",
       "response_format.json_schema.schema"},
      {"/v1/chat/completions", R"({"messages": [{"role": "user"}], "regex": "("})", "regex"},
      {"/v1/chat/completions", R"({"messages": [{"role": "user"}], "grammar": "root ::= ("})", "grammar"},
      {"/v1/messages", R"({"messages": [{"role": "user", "content": "x"}]})", "max_tokens is missing"},
      {"/v1/messages", R"({"messages": [{"role": "user", "content": [{"type": "image"}]}], "max_tokens": 1})",
       "the model reads text only"},
      {"/api/chat", R"({"messages": [{"role": "user", "content": "x", "images": ["a"]}]})", "images"},
      {"/api/chat", R"({"messages": [{"role": "user", "content": "x"}], "options": {"temperature": "x"}})",
       "options.temperature"},
      {"/api/generate", R"({"prompt": 5})", "prompt has to be a text"},
  };
  for (const auto& c : kCases) {
    const HttpAnswer answer = server_->Post(c.path, std::string(c.body));
    EXPECT_EQ(answer.status, 400) << c.body << answer.body;
    EXPECT_THAT(answer.body, HasSubstr(c.says)) << c.body;
    EXPECT_EQ(answer.json()["type"] == "error", std::string(c.path) == "/v1/messages") << answer.body;
  }
}

TEST_F(Chat, AnthropicStreamsHaveTheirEventsInOrder) {
  const HttpAnswer answer = server_->Post(
      "/v1/messages", Json{{"messages", kUser}, {"max_tokens", 6}, {"seed", 1}, {"stream", true}, {"ignore_eos", true}});
  std::vector<std::string> types;
  for (const Json& event : answer.events())
    if (types.empty() || types.back() != event["type"]) types.push_back(event["type"]);
  EXPECT_THAT(types, ::testing::ElementsAre("message_start", "ping", "content_block_start", "content_block_delta",
                                            "content_block_stop", "message_delta", "message_stop"));
}

TEST_F(Chat, ATemplateIsAppliedAndCounted) {
  const Json applied = server_->Post("/apply-template", Json{{"messages", kUser}}).json();
  EXPECT_THAT(applied["prompt"].get<std::string>(), HasSubstr("hello"));
  const Json counted = server_->Post("/v1/messages/count_tokens", Json{{"messages", kUser}}).json();
  EXPECT_GT(counted["input_tokens"].get<int>(), 5);
}

TEST(ServedConstraint, HoldsWhereARequestSaysNothingOfIt) {
  const TestServer server({.otherwise = {{.kind = ConstraintKind::kRegex, .text = "(ab|cd){3}"}}});
  const Json prompt = {{"prompt", "x"}, {"messages", kUser}, {"max_tokens", 50}};
  const auto text = [](const Json& answer) {
    const Json& choice = answer["choices"][0];
    return choice.contains("text") ? choice["text"].get<std::string>() : choice["message"]["content"].get<std::string>();
  };
  for (const char* path : {"/v1/completions", "/v1/chat/completions"}) {
    Json body = prompt;
    body.erase(path == std::string_view("/v1/completions") ? "messages" : "prompt");
    EXPECT_THAT(text(server.Post(path, body).json()), ::testing::MatchesRegex("(ab|cd)(ab|cd)(ab|cd)"));
    body["regex"] = "[0-9]{4}";
    EXPECT_THAT(text(server.Post(path, body).json()), ::testing::MatchesRegex("[0-9][0-9][0-9][0-9]"));
  }
}

TEST(ServedConstraint, ThatIsNoneIsSaidAtTheStart) {
  EXPECT_FALSE(Server::Start({.models = {TinyModelPath()}, .port = 0, .otherwise = {{ConstraintKind::kRegex, "("}}}));
}

TEST_F(Chat, TheSeedThatWasDrawnIsTold) {
  Json body = {{"messages", kUser}, {"max_tokens", 12}};
  const Json drawn = server_->Post("/v1/chat/completions", body).json();
  body["seed"] = drawn["seed"];
  EXPECT_EQ(server_->Post("/v1/chat/completions", body).json()["choices"], drawn["choices"]);
  body["seed"] = drawn["seed"].get<uint64_t>() + 1;
  EXPECT_NE(server_->Post("/v1/chat/completions", body).json()["choices"], drawn["choices"]);
}

TEST_F(Chat, AConversationTooLongIsToldInTheWordsThatClientsLookFor) {
  const Json messages = Json::array({{{"role", "user"}, {"content", std::string(3000, 'x')}}});
  for (const bool stream : {false, true}) {
    const HttpAnswer openai = server_->Post("/v1/chat/completions", Json{{"messages", messages}, {"stream", stream}});
    EXPECT_EQ(openai.status, 400);
    EXPECT_EQ(openai.json()["error"]["code"], "context_length_exceeded");
    EXPECT_EQ(openai.json()["error"]["param"], "messages");
    EXPECT_THAT(openai.body, HasSubstr("maximum context length is 512 tokens"));
    const HttpAnswer anthropic =
        server_->Post("/v1/messages", Json{{"messages", messages}, {"max_tokens", 5}, {"stream", stream}});
    EXPECT_EQ(anthropic.status, 400);
    EXPECT_THAT(anthropic.json()["error"]["message"].get<std::string>(), HasSubstr("prompt is too long"));
    EXPECT_EQ(server_->Post("/api/chat", Json{{"messages", messages}, {"stream", stream}}).status, 400);
  }
}

TEST_F(Chat, OllamaTellsOfItsModels) {
  EXPECT_EQ(server_->Get("/api/tags").json()["models"][0]["name"], "tiny");
  EXPECT_EQ(server_->Get("/api/ps").json()["models"].size(), 1u);
  EXPECT_EQ(server_->Post("/api/show", Json{{"model", "tiny:latest"}}).json()["model_info"]["general.architecture"], "llama");
  EXPECT_TRUE(server_->Get("/api/version").json()["version"].is_string());
  const HttpAnswer pull = server_->Post("/api/pull", Json{{"model", "tiny"}});
  EXPECT_EQ(pull.status, 404);
  EXPECT_THAT(pull.body, HasSubstr("started with"));
}

}  // namespace
}  // namespace hasten
