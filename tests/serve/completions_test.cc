// /v1/completions and llama-server's own paths, over HTTP.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "tests/serve/client.h"

namespace hasten {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class Completions : public ::testing::Test {
 protected:
  static void SetUpTestSuite() { server_ = std::make_unique<TestServer>(); }
  static void TearDownTestSuite() { server_.reset(); }
  static HttpAnswer Complete(const Json& body) { return server_->Post("/v1/completions", body); }
  static std::string Text(const Json& body) {
    const HttpAnswer answer = Complete(body);
    EXPECT_EQ(answer.status, 200) << answer.body;
    return answer.status == 200 ? answer.json()["choices"][0]["text"].get<std::string>() : "";
  }
  static std::unique_ptr<TestServer> server_;
};
std::unique_ptr<TestServer> Completions::server_;

TEST_F(Completions, AnswerInTheShapeOfTheApi) {
  const Json answer =
      Complete({{"model", "tiny"}, {"prompt", "Once upon a time"}, {"max_tokens", 8}, {"seed", 1}, {"ignore_eos", true}})
          .json();
  EXPECT_EQ(answer["object"], "text_completion");
  EXPECT_EQ(answer["model"], "tiny");
  EXPECT_THAT(answer["id"].get<std::string>(), HasSubstr("cmpl-"));
  EXPECT_EQ(answer["choices"].size(), 1u);
  EXPECT_EQ(answer["choices"][0]["finish_reason"], "length");
  EXPECT_EQ(answer["choices"][0]["index"], 0);
  EXPECT_TRUE(answer["choices"][0]["logprobs"].is_null());
  EXPECT_EQ(answer["usage"]["completion_tokens"], 8);
  EXPECT_EQ(answer["usage"]["total_tokens"], answer["usage"]["prompt_tokens"].get<int>() + 8);
}

TEST_F(Completions, TheSameSeedGivesTheSameTextStreamedOrNotColdOrCached) {
  const std::string prompt =
      "a prompt of more than one block of tokens, so that some of it is found in the cache: " + std::string(80, 'z');
  Json body = {{"prompt", prompt}, {"max_tokens", 20}, {"seed", 7}, {"ignore_eos", true}};
  const HttpAnswer cold = Complete(body), warm = Complete(body);
  EXPECT_EQ(cold.json()["usage"]["prompt_tokens_details"]["cached_tokens"], 0);
  EXPECT_GE(warm.json()["usage"]["prompt_tokens_details"]["cached_tokens"], 32);
  const std::string text = cold.json()["choices"][0]["text"];
  EXPECT_EQ(warm.json()["choices"][0]["text"], text);
  body["stream"] = true;
  std::string streamed;
  const HttpAnswer stream = Complete(body);
  EXPECT_EQ(stream.Header("Content-Type"), "text/event-stream");
  EXPECT_THAT(stream.body, HasSubstr("data: [DONE]\n\n"));
  for (const Json& event : stream.events()) streamed += event["choices"][0]["text"];
  EXPECT_EQ(streamed, text);
  body["seed"] = 8;
  body["stream"] = false;
  EXPECT_NE(Text(body), text);
}

TEST_F(Completions, SeveralPromptsAndTextsHaveIndicesInOrder) {
  const Json answer =
      Complete({{"prompt", {"first", "second"}}, {"n", 2}, {"max_tokens", 6}, {"seed", 3}, {"ignore_eos", true}}).json();
  ASSERT_EQ(answer["choices"].size(), 4u);
  for (int i = 0; i < 4; ++i) EXPECT_EQ(answer["choices"][i]["index"], i);
  EXPECT_NE(answer["choices"][0]["text"], answer["choices"][1]["text"]);
  EXPECT_EQ(answer["choices"][2]["text"], Text({{"prompt", "second"}, {"max_tokens", 6}, {"seed", 3}, {"ignore_eos", true}}));
}

TEST_F(Completions, BestOfGivesTheLikeliest) {
  const Json request = {{"prompt", "x"}, {"max_tokens", 5}, {"seed", 3}, {"ignore_eos", true}, {"logprobs", 0}};
  const auto mean = [](const Json& choice) {
    double sum = 0;
    for (const Json& p : choice["logprobs"]["token_logprobs"]) sum += p.get<double>();
    return sum / 5;
  };
  Json all = request, best = request;
  all["n"] = 4;
  best["best_of"] = 4;
  double highest = -1e9;
  const Json four = Complete(all).json(), one = Complete(best).json();
  for (const Json& choice : four["choices"]) highest = std::max(highest, mean(choice));
  ASSERT_EQ(one["choices"].size(), 1u);
  EXPECT_DOUBLE_EQ(mean(one["choices"][0]), highest);
}

TEST_F(Completions, AStopStringEndsTheTextBeforeIt) {
  const std::string text = Text({{"prompt", "abc"}, {"max_tokens", 30}, {"seed", 5}, {"ignore_eos", true}, {"top_k", 20}});
  size_t at = 3;  // a place where a character begins
  while (at < text.size() && (text[at] & 0xc0) == 0x80) ++at;
  const std::string stop = text.substr(at, 1 + size_t((text[at] & 0x80) != 0));
  if ((text[at] & 0x80) != 0) GTEST_SKIP() << "the random text has no plain character there";
  const HttpAnswer answer = Complete(
      {{"prompt", "abc"}, {"max_tokens", 30}, {"seed", 5}, {"ignore_eos", true}, {"top_k", 20}, {"stop", {"never", stop}}});
  EXPECT_EQ(answer.json()["choices"][0]["text"], text.substr(0, text.find(stop)));
  EXPECT_EQ(answer.json()["choices"][0]["finish_reason"], "stop");
}

TEST_F(Completions, EchoAndLogprobsCoverThePrompt) {
  const Json answer = Complete({{"prompt", "hello"}, {"max_tokens", 0}, {"echo", true}, {"logprobs", 3}}).json();
  const Json& choice = answer["choices"][0];
  EXPECT_EQ(choice["text"], "hello");
  const Json& lists = choice["logprobs"];
  EXPECT_TRUE(lists["token_logprobs"][0].is_null());
  EXPECT_EQ(lists["tokens"].size(), lists["token_logprobs"].size());
  EXPECT_EQ(lists["tokens"].size(), answer["usage"]["prompt_tokens"]);
  for (size_t i = 1; i < lists["tokens"].size(); ++i) {
    EXPECT_LT(lists["token_logprobs"][i].get<double>(), 0);
    EXPECT_EQ(lists["top_logprobs"][i].size(), 3u);
  }
  EXPECT_EQ(answer["usage"]["completion_tokens"], 0);
}

TEST_F(Completions, OffsetsCountTheCharactersThatAreShown) {
  // é in two tokens, half of one, a byte that begins nothing, and a letter behind each.
  const Json answer =
      Complete({{"prompt", {0xc3, 0xa9, 'a', 0xc3, 'b', 0x80, 'c'}}, {"max_tokens", 0}, {"echo", true}, {"logprobs", 0}})
          .json();
  EXPECT_EQ(answer["choices"][0]["text"],
            "\xc3\xa9"
            "a\xef\xbf\xbd"
            "b\xef\xbf\xbd"
            "c");
  EXPECT_EQ(answer["choices"][0]["logprobs"]["text_offset"], Json({0, 0, 1, 2, 3, 4, 5}));
}

TEST_F(Completions, SeedsHaveAllSixtyFourBits) {
  for (const char* seed : {"-5", "9223372036854775808", "18446744073709551615", "-9223372036854775808", "7.0"}) {
    const std::string body = std::string(R"({"prompt": "x", "max_tokens": 6, "ignore_eos": true, "seed": )") + seed + "}";
    const HttpAnswer first = server_->Post("/v1/completions", body);
    ASSERT_EQ(first.status, 200) << first.body;
    Json again = Json::parse(body);
    again["seed"] = first.json()["seed"];  // what it says is what it was
    EXPECT_EQ(Text(again), first.json()["choices"][0]["text"]) << seed;
  }
  EXPECT_EQ(server_->Post("/v1/completions", std::string(R"({"prompt": "x", "seed": 1.5})")).status, 400);
}

TEST_F(Completions, MinusOneTokenIsNoLimit) {
  const Json answer = Complete({{"prompt", "x"}, {"max_tokens", -1}, {"ignore_eos", true}}).json();
  EXPECT_GT(answer["usage"]["completion_tokens"], 16) << answer;
  const std::string chat = R"({"messages": [{"role": "user", "content": "x"}], "max_tokens": )";
  EXPECT_EQ(server_->Post("/v1/chat/completions", chat + "-1}").status, 200);
  EXPECT_THAT(server_->Post("/v1/chat/completions", chat + "0}").body, HasSubstr("max_tokens is 0"));
  EXPECT_THAT(server_->Post("/v1/chat/completions", chat + "-2}").body, HasSubstr("max_tokens is -2"));
}

TEST_F(Completions, BodiesAreReadAsProgramsReallySendThem) {
  const std::string half = R"({"prompt": "a\ud83d", "max_tokens": 0, "echo": true})";
  const HttpAnswer answer = server_->Post("/v1//completions", half);  // and addresses that end with a slash
  ASSERT_EQ(answer.status, 200) << answer.body;
  EXPECT_EQ(answer.json()["choices"][0]["text"], "a\xef\xbf\xbd");
  const HttpAnswer packed = server_->Post("/v1/completions", std::string("\x1f\x8b"), {"Content-Encoding: gzip"});
  EXPECT_EQ(packed.status, 415);
  EXPECT_THAT(packed.body, HasSubstr("gzip"));
}

TEST_F(Completions, ABiasForcesAndForbids) {
  EXPECT_EQ(Text({{"prompt", "x"}, {"max_tokens", 3}, {"logit_bias", {{"65", 100}}}, {"temperature", 0}}), "AAA");
  const std::string text = Text({{"prompt", "x"}, {"max_tokens", 1}, {"temperature", 0}, {"ignore_eos", true}});
  EXPECT_EQ(Text({{"prompt", "x"}, {"max_tokens", 3}, {"logit_bias", {{"A", 100}}}, {"temperature", 0}}), "AAA");
}

TEST_F(Completions, UsageComesLastInAStreamThatAsksForIt) {
  const auto events = Complete({{"prompt", "x"},
                                {"max_tokens", 3},
                                {"stream", true},
                                {"ignore_eos", true},
                                {"stream_options", {{"include_usage", true}}}})
                          .events();
  ASSERT_GE(events.size(), 2u);
  EXPECT_TRUE(events[0]["usage"].is_null());
  EXPECT_EQ(events.back()["choices"].size(), 0u);
  EXPECT_EQ(events.back()["usage"]["completion_tokens"], 3);
}

TEST_F(Completions, ATimeLimitEndsAText) {
  const Json answer = Complete({{"prompt", "x"}, {"max_tokens", 100000}, {"ignore_eos", true}, {"time_limit_s", 0.001}}).json();
  EXPECT_EQ(answer["choices"][0]["finish_reason"], "length");
  EXPECT_LT(answer["usage"]["completion_tokens"], 500);
}

TEST_F(Completions, WrongFieldsAreNamedByTheirPath) {
  const struct {
    const char *body, *param, *says;
  } kCases[] = {
      {R"({"prompt": 5})", "prompt", "text"},
      {R"({"prompt": ["a", 5]})", "prompt[1]", "text or a list of tokens"},
      {R"({"prompt": [1, 99999]})", "prompt", "0 to 299"},
      {R"({"prompt": [1, 1.5]})", "prompt", "whole numbers"},
      {R"({"prompt": "x", "temperature": "hot"})", "temperature", "number and is string"},
      {R"({"prompt": "x", "temperature": -1})", "temperature", "from 0 to 100"},
      {R"({"prompt": "x", "max_tokens": 1.5})", "max_tokens", "whole number"},
      {R"({"prompt": "x", "max_tokens": 1e300})", "max_tokens", "from -1 to"},
      {R"({"prompt": "x", "n": 0})", "n", "from 1 to 16"},
      {R"({"prompt": "x", "n": 3, "best_of": 2})", "best_of", "at least n"},
      {R"({"prompt": "x", "stop": [1]})", "stop[0]", "text"},
      {R"({"prompt": "x", "stop": {}})", "stop", "list of texts"},
      {R"({"prompt": "x", "stream_options": {"include_usage": 1}})", "stream_options.include_usage", "true or false"},
      {R"({"prompt": "x", "logit_bias": {"999": 1}})", "logit_bias.999", "vocabulary has 300"},
      {R"({"prompt": "x", "logit_bias": {"5": "x"}})", "logit_bias.5", "number"},
      {R"({"prompt": "x", "model": 5})", "model", "text"},
  };
  for (const auto& c : kCases) {
    const HttpAnswer answer = server_->Post("/v1/completions", std::string(c.body));
    EXPECT_EQ(answer.status, 400) << c.body;
    EXPECT_EQ(answer.json()["error"]["param"], c.param) << answer.body;
    EXPECT_THAT(answer.json()["error"]["message"].get<std::string>(), HasSubstr(c.says)) << c.body;
  }
}

TEST_F(Completions, UnknownFieldsAreIgnoredAndNamed) {
  const HttpAnswer answer =
      Complete({{"prompt", "x"}, {"max_tokens", 1}, {"frobnicate", 1}, {"stream_options", {{"zap", true}}}, {"user", "u"}});
  EXPECT_EQ(answer.status, 200);
  EXPECT_THAT(answer.Header("Warning"), HasSubstr("stream_options.zap, frobnicate"));
  EXPECT_THAT(answer.Header("Warning"), Not(HasSubstr("user")));
  EXPECT_EQ(Complete({{"prompt", "x"}, {"max_tokens", 1}}).Header("Warning"), "");
}

TEST_F(Completions, APromptBeyondTheContextIsRefusedWithBothNumbers) {
  const HttpAnswer answer = Complete({{"prompt", std::vector<int>(513, 65)}});
  EXPECT_EQ(answer.status, 400);
  EXPECT_THAT(answer.body, HasSubstr("the prompt is too long: it has 513 tokens and the maximum context length is 512"));
  EXPECT_EQ(answer.json()["error"]["code"], "context_length_exceeded");
  EXPECT_EQ(answer.json()["error"]["param"], "prompt");
  EXPECT_EQ(Complete({{"prompt", std::vector<int>(512, 65)}, {"max_tokens", 5}}).json()["choices"][0]["finish_reason"],
            "length");
}

TEST_F(Completions, TokensGoThereAndBack) {
  const Json tokens = server_->Post("/tokenize", Json{{"content", "h\xc3\xa9llo"}, {"with_pieces", true}}).json()["tokens"];
  ASSERT_GE(tokens.size(), 2u);
  Json ids = Json::array();
  for (const Json& t : tokens) ids.push_back(t["id"]);
  EXPECT_EQ(server_->Post("/detokenize", Json{{"tokens", ids}}).json()["content"], "h\xc3\xa9llo");
  EXPECT_EQ(server_->Post("/detokenize", Json{{"tokens", {1, "x"}}}).json()["error"]["param"], "tokens[1]");
  EXPECT_EQ(server_->Post("/tokenize", Json::object()).status, 400);
}

TEST_F(Completions, TheServerTellsAboutItself) {
  EXPECT_EQ(server_->Get("/health").json()["status"], "ok");
  EXPECT_EQ(server_->Get("/v1/models").json()["data"][0]["id"], "tiny");
  EXPECT_EQ(server_->Get("/v1/models/tiny").json()["meta"]["context"], 512);
  EXPECT_EQ(server_->Get("/v1/models/other").status, 404);
  EXPECT_EQ(server_->Get("/props").json()["total_slots"], 16);
  EXPECT_TRUE(server_->Get("/slots").json().is_array());
  EXPECT_THAT(server_->Get("/metrics").body, HasSubstr("# TYPE hasten_generated_tokens_total counter"));
  EXPECT_EQ(server_->Get("/nowhere").status, 404);
  const HttpAnswer wrong = server_->Get("/v1/completions");
  EXPECT_EQ(wrong.status, 405);
  EXPECT_EQ(wrong.Header("Allow"), "POST");
}

}  // namespace
}  // namespace hasten
