// Clients that send garbage, half requests, too much, or leave.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "tests/serve/client.h"

namespace hasten {
namespace {

using ::testing::AnyOf;
using ::testing::HasSubstr;

TEST(Hostile, WhatIsNoRequestIsRefusedAndTheServerGoesOn) {
  const TestServer server({.max_body_bytes = 1 << 20});
  const std::string kCases[] = {
      "garbage\r\n\r\n",
      std::string("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 11) + "\r\n\r\n",  // TLS
      "GET / HTTP/9.9\r\n\r\n",
      "POST /v1/completions HTTP/1.1\r\nContent-Length: -5\r\n\r\n",
      "POST /v1/completions HTTP/1.1\r\nContent-Length: 99999999999999999999\r\n\r\n",
      "POST /v1/completions HTTP/1.1\r\nContent-Length: 3000000\r\n\r\n",
      "POST /v1/completions HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
      "GET /" + std::string(100000, 'a') + " HTTP/1.1\r\n\r\n",
      "GET / HTTP/1.1\r\nA: " + std::string(100000, 'a') + "\r\n\r\n",
      "GET / HTTP/1.1\r\n : \r\n\r\n",
      std::string(1000, '\0'),
  };
  for (const std::string& bytes : kCases) {
    RawClient client(server.port);
    client.Send(bytes);
    EXPECT_THAT(client.ReadAnswer().status, AnyOf(400, 413, 431)) << bytes.substr(0, 60);
  }
  EXPECT_EQ(server.Get("/health").status, 200);
}

TEST(Hostile, BodiesThatAreNoGoodJsonAreRefused) {
  const TestServer server;
  std::string names;
  for (int i = 0; i < 200000; ++i) names += "\"k" + std::to_string(i) + "\":1,";
  const struct {
    std::string body;
    int status;
    const char* says;
  } kCases[] = {
      {"{", 400, "not JSON"},
      {"", 400, "prompt"},
      {"[]", 400, "has to be an object and is array"},
      {"5", 400, "object"},
      {"{\"prompt\": \"\xff\xfe\"}", 400, "not JSON"},
      {std::string(1000000, '['), 400, "nested deeper"},
      {"{\"prompt\":" + std::string(100000, '{'), 400, "not JSON"},
      {"{\"a\":1e999}", 400, "not JSON"},
      {"{" + names + "\"prompt\":\"\"}", 400, "prompt"},  // linear: a quadratic reader would take minutes
      {"{\"prompt\":\"" + std::string(3 << 20, 'x') + "\"}", 400, "maximum context length is 512"},
      {"{\"prompt\":\"x\",\"stop\":\"" + std::string(3 << 20, 'x') + "\"}", 400, "may have 4096"},
  };
  for (const auto& c : kCases) {
    const HttpAnswer answer = server.Post("/v1/completions", c.body);
    EXPECT_EQ(answer.status, c.status) << c.body.substr(0, 60);
    EXPECT_THAT(answer.body, HasSubstr(c.says)) << c.body.substr(0, 60);
  }
  EXPECT_EQ(server.IdleMetric("jobs_failed_total"), 0);
}

TEST(Hostile, PathsAreFoundInEveryFormTheyMayBeSentIn) {
  const TestServer server({.models = {"org/tiny=" + TinyModelPath()}});
  const struct {
    const char* path;
    int status;
    const char* says;
  } kCases[] = {
      {"/v1/models/org/tiny", 200, "org/tiny"},
      {"/v1/models/org%2Ftiny", 200, "org/tiny"},
      {"/v1/models/org%2", 404, "org%2"},
      {"/v1/models/org%zztiny", 404, "org%zztiny"},
      {"http://localhost/health", 200, "ok"},
      {"/props?model=org%2Ftiny", 200, "org/tiny"},
      {"/models", 404, "there is /v1/models"},
      {"/v1/health/", 404, "there is /v1/health"},
      {"/v1/v1/models", 404, "there is /v1/models"},
      {"/else", 404, "nothing at /else\""},
  };
  for (const auto& c : kCases) {
    RawClient client(server.port);
    client.Send(RequestText("GET", c.path, ""));
    const HttpAnswer answer = client.ReadAnswer();
    EXPECT_EQ(answer.status, c.status) << c.path;
    EXPECT_THAT(answer.body, HasSubstr(c.says)) << c.path;
  }
}

TEST(Hostile, HalfARequestHoldsNobodyUp) {
  const TestServer server;
  std::vector<std::unique_ptr<RawClient>> stalled;
  for (int i = 0; i < 50; ++i) {
    stalled.push_back(std::make_unique<RawClient>(server.port));
    const std::string text = RequestText("POST", "/v1/completions", "{\"prompt\": \"x\", \"max_tokens\": 2}");
    stalled.back()->Send(text.substr(0, size_t(i) * text.size() / 50));
  }
  EXPECT_EQ(server.Post("/v1/completions", Json{{"prompt", "x"}, {"max_tokens", 2}}).status, 200);
}

TEST(Hostile, BytesThatComeOneByOneAreARequest) {
  const TestServer server;
  RawClient client(server.port);
  for (const char c : RequestText("POST", "/v1/completions", "{\"prompt\": \"x\", \"max_tokens\": 2}")) client.Send({c});
  EXPECT_EQ(client.ReadAnswer().status, 200);
}

TEST(Hostile, RequestsInOnePieceAreAnsweredInOrder) {
  const TestServer server;
  RawClient client(server.port);
  const std::string one = RequestText("POST", "/tokenize", "{\"content\": \"a\"}");
  client.Send(one + RequestText("GET", "/health", "") + one);
  EXPECT_THAT(client.ReadAnswer().body, HasSubstr("tokens"));
  EXPECT_THAT(client.ReadAnswer().body, HasSubstr("ok"));
  EXPECT_THAT(client.ReadAnswer().body, HasSubstr("tokens"));
}

TEST(Hostile, AClientThatLeavesFreesWhatItHeld) {
  const TestServer server;
  const double blocks = server.IdleMetric("kv_blocks_available");
  for (const bool stream : {true, false}) {
    RawClient client(server.port);
    const Json body = {{"prompt", "x"}, {"max_tokens", 100000}, {"ignore_eos", true}, {"n", 8}, {"stream", stream}};
    client.Send(RequestText("POST", "/v1/completions", body.dump()));
    if (stream) {
      EXPECT_NE(client.ReadSome(), "");
    }
    client.Close();
  }
  EXPECT_EQ(server.IdleMetric("kv_blocks_available"), blocks);
}

TEST(Hostile, AFullQueueSaysWhenToComeBack) {
  const TestServer server({.parallel = 1, .queue = 4});
  std::vector<std::unique_ptr<RawClient>> clients;
  const Json body = {{"prompt", "x"}, {"max_tokens", 400}, {"ignore_eos", true}};
  for (int i = 0; i < 60; ++i) {
    clients.push_back(std::make_unique<RawClient>(server.port));
    clients.back()->Send(RequestText("POST", "/v1/completions", body.dump()));
  }
  int done = 0, refused = 0;
  for (const auto& client : clients) {
    const HttpAnswer answer = client->ReadAnswer();
    done += answer.status == 200;
    refused += answer.status == 429;
    if (answer.status == 429) {
      EXPECT_GE(std::stoi(answer.Header("Retry-After")), 1);
    }
  }
  EXPECT_EQ(done + refused, 60);
  EXPECT_GE(done, 5);
  EXPECT_GT(refused, 0);
}

TEST(Hostile, KeysAreAskedForEverywhereButAtTheDoor) {
  const TempDir dir;
  WriteBytes(dir / "keys", "# two\nsecret-one\n\nsecret-two\r\n");
  const TestServer server({.api_key_file = dir / "keys"});
  EXPECT_EQ(server.Get("/health").status, 200);
  EXPECT_EQ(server.Get("/v1/models").status, 401);
  const std::string body = "{\"content\": \"a\"}";
  for (const char* header : {"Authorization: Bearer secret-one", "authorization: bearer secret-two", "X-Api-Key: secret-two"})
    EXPECT_EQ(server.Post("/tokenize", body, {header}).status, 200) << header;
  for (const char* header : {"Authorization: Bearer secret", "Authorization: Bearer ", "Authorization: Basic secret-one",
                             "X-Api-Key: # two", "X-Api-Key: secret-onee", "X-Api-Key: "})
    EXPECT_EQ(server.Post("/tokenize", body, {header}).status, 401) << header;
}

TEST(Hostile, PagesOfOtherSitesAreRefused) {
  const TestServer server;
  const std::string body = "{\"content\": \"a\"}";
  EXPECT_EQ(server.Post("/tokenize", body, {"Origin: http://evil.example"}).status, 403);
  EXPECT_EQ(server.Post("/tokenize", body, {"Origin: http://localhost"}).status, 200);
  RawClient client(server.port);
  client.Send("GET /v1/models HTTP/1.1\r\nHost: evil.example:8080\r\n\r\n");
  EXPECT_EQ(client.ReadAnswer().status, 403);
  const TestServer open({.cors_origin = "http://page.example"});
  const HttpAnswer answer = open.Post("/tokenize", body, {"Origin: http://page.example"});
  EXPECT_EQ(answer.Header("Access-Control-Allow-Origin"), "http://page.example");
}

TEST(Hostile, AStopLetsWhatRunsFinishAndTellsTheRest) {
  for (const double grace_s : {30.0, 0.0}) {
    auto server = std::make_unique<TestServer>(ServerOptions{.grace_s = grace_s});
    RawClient client(server->port);
    const Json body = {{"prompt", "x"}, {"max_tokens", 300}, {"ignore_eos", true}, {"n", 8}, {"stream", true}};
    client.Send(RequestText("POST", "/v1/completions", body.dump()));
    std::thread stopper;
    const std::string first = client.ReadSome();
    EXPECT_NE(first, "");
    stopper = std::thread([&] { server.reset(); });
    std::string rest;
    for (std::string bytes; !(bytes = client.ReadSome()).empty();) rest += bytes;
    stopper.join();
    EXPECT_THAT(rest, AnyOf(HasSubstr("[DONE]"), HasSubstr("the server is stopping")));
    if (grace_s > 0) {
      EXPECT_THAT(rest, HasSubstr("[DONE]"));
    }
  }
}

}  // namespace
}  // namespace hasten
