// /v1/responses: what is kept, continued, cancelled and forgotten; the order of the events.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <thread>

#include "serve/response_store.h"
#include "tests/serve/client.h"

namespace hasten {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class ResponsesApi : public ::testing::Test {
 protected:
  static void SetUpTestSuite() { server_ = std::make_unique<TestServer>(); }
  static void TearDownTestSuite() { server_.reset(); }
  static HttpAnswer Ask(Json body) {
    if (!body.contains("max_output_tokens")) body["max_output_tokens"] = 8;
    return server_->Post("/v1/responses", body);
  }
  static HttpAnswer Delete(const std::string& path) {
    RawClient client(server_->port);
    client.Send(RequestText("DELETE", path, ""));
    return client.ReadAnswer();
  }
  static Json Ended(const std::string& id) {
    Json shown;
    for (int i = 0; i < 1500; ++i) {
      shown = server_->Get("/v1/responses/" + id).json();
      if (shown["status"] != "queued" && shown["status"] != "in_progress") return shown;
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    ADD_FAILURE() << shown << " does not end";
    return shown;
  }
  static std::unique_ptr<TestServer> server_;
};
std::unique_ptr<TestServer> ResponsesApi::server_;

TEST_F(ResponsesApi, ContinuesWhatItKeeps) {
  const Json first = Ask({{"input", "hello"}, {"seed", 3}, {"instructions", "be brief"}}).json();
  ASSERT_EQ(first["object"], "response") << first;
  const std::string id = first["id"], text = first["output"][0]["content"][0]["text"];
  EXPECT_EQ(server_->Get("/v1/responses/" + id).json(), first);
  // The same conversation in one request: instructions hold for their own request alone.
  const Json next = Ask({{"input", "and?"}, {"previous_response_id", id}, {"seed", 4}}).json();
  const Json whole = Ask({{"input",
                           {{{"role", "user"}, {"content", "hello"}},
                            {{"role", "assistant"}, {"content", text}},
                            {{"role", "user"}, {"content", "and?"}}}},
                          {"seed", 4}})
                         .json();
  EXPECT_EQ(next["usage"]["input_tokens"], whole["usage"]["input_tokens"]);
  EXPECT_EQ(next["output"][0]["content"], whole["output"][0]["content"]);
  // What was answered before can also be referred to by its items.
  const Json referred = Ask({{"input",
                              {{{"role", "user"}, {"content", "hello"}},
                               {{"type", "item_reference"}, {"id", first["output"][0]["id"]}},
                               {{"role", "user"}, {"content", "and?"}}}},
                             {"seed", 4}})
                            .json();
  EXPECT_EQ(referred["output"][0]["content"], whole["output"][0]["content"]);
}

TEST_F(ResponsesApi, DeletesAndKeepsNothingThatWasNotToBeStored) {
  const std::string id = Ask({{"input", "x"}}).json()["id"];
  EXPECT_EQ(Delete("/v1/responses/" + id).json()["deleted"], true);
  EXPECT_EQ(server_->Get("/v1/responses/" + id).status, 404);
  EXPECT_EQ(Delete("/v1/responses/" + id).status, 404);
  const HttpAnswer next = Ask({{"input", "x"}, {"previous_response_id", id}});
  EXPECT_EQ(next.status, 404);
  EXPECT_EQ(next.json()["error"]["param"], "previous_response_id");
  const std::string forgotten = Ask({{"input", "x"}, {"store", false}}).json()["id"];
  EXPECT_EQ(server_->Get("/v1/responses/" + forgotten).status, 404);
}

TEST_F(ResponsesApi, ListsItsInput) {
  Json input = Json::array();
  for (int i = 0; i < 5; ++i) input.push_back({{"role", "user"}, {"content", "text " + std::to_string(i)}});
  const std::string id = Ask({{"input", input}}).json()["id"];
  const std::string path = "/v1/responses/" + id + "/input_items";
  const Json newest = server_->Get(path + "?limit=2").json();
  EXPECT_EQ(newest["data"][0]["content"], "text 4");
  EXPECT_EQ(newest["has_more"], true);
  const Json rest = server_->Get(path + "?limit=9&after=" + newest["last_id"].get<std::string>()).json();
  EXPECT_EQ(rest["data"].size(), 3u);
  EXPECT_EQ(rest["has_more"], false);
  EXPECT_EQ(server_->Get(path + "?order=asc").json()["data"][0]["content"], "text 0");
  EXPECT_EQ(server_->Get(path + "?limit=0").status, 400);
  EXPECT_EQ(server_->Get(path + "?after=gone").status, 400);
}

TEST_F(ResponsesApi, StreamsItsEventsInOrder) {
  const HttpAnswer answer = Ask({{"input", "x"}, {"stream", true}, {"ignore_eos", true}});
  std::vector<std::string> types;
  std::string text;
  size_t sequence = 0;
  for (const Json& event : answer.events()) {
    EXPECT_EQ(event["sequence_number"], sequence++);
    EXPECT_THAT(answer.body, HasSubstr("event: " + event["type"].get<std::string>() + "\n"));
    if (event["type"] == "response.output_text.delta") text += event["delta"].get<std::string>();
    if (types.empty() || types.back() != event["type"]) types.push_back(event["type"]);
  }
  EXPECT_THAT(types, ElementsAre("response.created", "response.in_progress", "response.output_item.added",
                                 "response.content_part.added", "response.output_text.delta", "response.output_text.done",
                                 "response.content_part.done", "response.output_item.done", "response.incomplete"));
  const Json last = answer.events().back()["response"];
  EXPECT_EQ(last["output"][0]["content"][0]["text"], text);
  EXPECT_EQ(last["incomplete_details"]["reason"], "max_output_tokens");
  EXPECT_EQ(server_->Get("/v1/responses/" + last["id"].get<std::string>()).json(), last);
}

TEST_F(ResponsesApi, CallsAreItemsAndTheirResultsAreRead) {
  const Json tool = Json::parse(R"({"type": "function", "name": "f", "parameters": {"type": "object",
      "properties": {"n": {"enum": [1, 2]}}, "required": ["n"], "additionalProperties": false}})");
  for (const bool stream : {false, true}) {
    const HttpAnswer answer = Ask({{"input", "x"},
                                   {"tools", {tool, {{"type", "web_search"}}}},
                                   {"tool_choice", "required"},
                                   {"parallel_tool_calls", false},
                                   {"stream", stream},
                                   {"max_output_tokens", 300}});
    EXPECT_THAT(answer.Header("Warning"), HasSubstr("tools[1] of type web_search"));
    const Json response = stream ? answer.events().back()["response"] : answer.json();
    ASSERT_EQ(response["status"], "completed") << response;
    ASSERT_EQ(response["output"].size(), 1u);
    const Json call = response["output"][0];
    EXPECT_EQ(call["type"], "function_call");
    const Json arguments = Json::parse(call["arguments"].get<std::string>());
    EXPECT_TRUE(arguments["n"] == 1 || arguments["n"] == 2);
    const Json next = Ask({{"previous_response_id", response["id"]},
                           {"tools", {tool}},
                           {"input", {{{"type", "function_call_output"}, {"call_id", call["call_id"]}, {"output", "3"}}}}})
                          .json();
    EXPECT_EQ(next["object"], "response") << next;
  }
}

TEST_F(ResponsesApi, ASchemaHolds) {
  const Json format = Json::parse(R"({"type": "json_schema", "name": "x", "strict": true, "schema": {"type": "object",
      "properties": {"a": {"enum": ["p", "q"]}}, "required": ["a"], "additionalProperties": false}})");
  const Json answer = Ask({{"input", "x"}, {"text", {{"format", format}}}, {"max_output_tokens", 100}}).json();
  const Json value = Json::parse(answer["output"][0]["content"][0]["text"].get<std::string>(), nullptr, false);
  EXPECT_TRUE(value["a"] == "p" || value["a"] == "q") << answer;
}

TEST_F(ResponsesApi, GoesOnInTheBackgroundAndIsCancelled) {
  const Json queued = Ask({{"input", "x"}, {"background", true}, {"ignore_eos", true}}).json();
  EXPECT_EQ(queued["background"], true);
  const Json ended = Ended(queued["id"]);
  EXPECT_EQ(ended["status"], "incomplete");
  EXPECT_EQ(ended["output"][0]["type"], "message");
  const Json endless = Ask({{"input", "x"}, {"background", true}, {"max_output_tokens", 100000}, {"ignore_eos", true}}).json();
  const std::string id = endless["id"];
  const HttpAnswer early = Ask({{"input", "y"}, {"previous_response_id", id}});
  const bool still = server_->Get("/v1/responses/" + id).json()["status"] != "incomplete";
  if (still) {
    EXPECT_EQ(early.status, 400) << early.body;
  }
  const HttpAnswer cancelled = server_->Post("/v1/responses/" + id + "/cancel", Json::object());
  EXPECT_EQ(cancelled.status, 200);
  const Json status = cancelled.json()["status"];
  EXPECT_TRUE(status == "cancelled" || status == "incomplete") << status;  // it may have met the end of the context first
  EXPECT_EQ(server_->Get("/v1/responses/" + id).json()["status"], status);
  EXPECT_EQ(Ended(id)["status"], status);
  EXPECT_EQ(Delete("/v1/responses/" + id).status, 200);
}

TEST_F(ResponsesApi, WrongFieldsAreNamedByTheirPath) {
  const struct {
    const char *body, *says;
  } kCases[] = {
      {R"({})", "input is missing"},
      {R"({"input": 5})", "input has to be a text or a list of items"},
      {R"({"input": [5]})", "input[0] has to be an object"},
      {R"({"input": [{"role": "king", "content": "x"}]})", "input[0].role is 'king'"},
      {R"({"input": [{"role": "user", "content": [{"type": "input_image"}]}]})", "input[0].content[0].type"},
      {R"({"input": [{"type": "item_reference", "id": "msg_gone"}]})", "input[0].id: no item"},
      {R"({"input": "x", "text": {"format": {"type": "xml"}}})", "text.format.type"},
      {R"({"input": "x", "text": {"format": {"type": "json_schema", "name": "a", "schema": {"type": 5}}}})",
       "text.format.schema"},
      {R"({"input": "x", "reasoning": {"effort": "some"}})", "reasoning.effort"},
      {R"({"input": "x", "background": true, "store": false})", "background"},
      {R"({"input": "x", "conversation": "c"})", "conversation"},
      {R"({"input": "x", "max_output_tokens": 0})", "max_output_tokens"},
      {R"({"input": "x", "tool_choice": {"type": "function", "name": "g"}})", "tool_choice"},
  };
  for (const auto& c : kCases) {
    const HttpAnswer answer = server_->Post("/v1/responses", std::string(c.body));
    EXPECT_EQ(answer.status, 400) << c.body << answer.body;
    EXPECT_THAT(answer.body, HasSubstr(c.says)) << c.body;
  }
  const HttpAnswer long_input = server_->Post("/v1/responses", Json{{"input", std::string(3000, 'x')}, {"background", true}});
  EXPECT_EQ(long_input.status, 400);
  EXPECT_THAT(long_input.body, HasSubstr("512"));
}

TEST_F(ResponsesApi, ARefusalNamesNoFieldsThatWereNotReached) {
  const HttpAnswer answer = server_->Post("/v1/responses", Json{{"input", "x"}, {"previous_response_id", "resp_gone"}});
  EXPECT_EQ(answer.status, 404);
  EXPECT_EQ(answer.Header("Warning"), "");
}

TEST_F(ResponsesApi, DamagedHistoriesAreAnswered) {
  for (const char* input : {
           R"([{"type": "function_call", "name": "f", "arguments": "{\"a\":"}])",
           R"([{"type": "function_call"}, {"type": "function_call_output", "output": null}, {"role": "user", "content": "x"}])",
           R"([{"type": "function_call_output", "call_id": "gone", "output": "1"}])",
           R"([{"type": "reasoning", "summary": []}, {"type": "web_search_call", "id": 5}, {"role": "user", "content": ""}])",
           R"([{"type": "reasoning", "content": [{"text": "hm"}]}, {"role": "assistant", "content": []}])",
       }) {
    const HttpAnswer answer =
        server_->Post("/v1/responses", std::string(R"({"max_output_tokens": 2, "input": )") + input + "}");
    EXPECT_EQ(answer.status, 200) << input << answer.body;
  }
}

TEST(ResponseStore, IsBoundedInNumberAndBytes) {
  ResponseStore few(3);
  for (int i = 0; i < 10; ++i) few.Put("r" + std::to_string(i), {.response = {{"n", i}}, .input = {}, .all = {}});
  EXPECT_EQ(few.size(), 3u);
  EXPECT_FALSE(few.Get("r6"));
  EXPECT_EQ(few.Get("r9")->response["n"], 9);

  // A chain that shares its items: what is forgotten stays while a later answer continues it, and counts.
  ResponseStore store(1000, 100'000);
  ResponseItems all;
  for (int i = 0; i < 200; ++i) {
    all.push_back(store.Item({{"id", "m" + std::to_string(i)}, {"text", std::string(1000, 'x')}}));
    store.Put("r" + std::to_string(i), {.response = {}, .input = {all.back()}, .all = all});
    if (i % 20 == 19) all.clear();
    EXPECT_LE(store.size(), 1000u);
  }
  all.clear();
  EXPECT_LE(store.bytes(), 100'000u);
  EXPECT_EQ(store.FindItem("m0"), nullptr);
  while (store.size() > 0)
    for (int i = 0; i < 200; ++i) store.Delete("r" + std::to_string(i));
  EXPECT_EQ(store.bytes(), 0u);
}

}  // namespace
}  // namespace hasten
