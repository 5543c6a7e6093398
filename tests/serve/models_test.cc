// Several models in one process: names, aliases, a budget of memory, unloading.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <cmath>
#include <thread>

#include "serve/keep_alive.h"
#include "tests/serve/client.h"

namespace hasten {
namespace {

using ::testing::HasSubstr;

bool Loaded(const TestServer& server, const std::string& id) {
  return server.Get("/v1/models/" + id).json()["meta"]["loaded"].get<bool>();
}
int Ask(const TestServer& server, const std::string& model) {
  return server.Post("/v1/completions", Json{{"model", model}, {"prompt", "x"}, {"max_tokens", 2}}).status;
}

// Weights of more than 1 MiB.
Shape BigShape() {
  Shape shape = TinyShape();
  shape.name = "big";
  shape.width = 256;
  shape.head_width = 64;
  shape.ffn = 1024;
  return shape;
}

TEST(SeveralModels, AreLoadedWhenAskedForAndFoundByEveryName) {
  const TestServer server({.models = {"one=" + TinyModelPath(), "two=" + TinyModelPath()}, .aliases = {"gpt-4o=two"}});
  EXPECT_TRUE(Loaded(server, "one"));
  EXPECT_FALSE(Loaded(server, "two"));
  EXPECT_EQ(Ask(server, "gpt-4o"), 200);
  EXPECT_TRUE(Loaded(server, "two"));
  const HttpAnswer answer = server.Post("/v1/completions", Json{{"model", "three"}, {"prompt", "x"}});
  EXPECT_EQ(answer.status, 404);
  EXPECT_THAT(answer.body, HasSubstr("there are one, two, gpt-4o"));
}

TEST(SeveralModels, TheLeastRecentlyUsedMakesRoom) {
  const TestServer server({.models = {"one=" + TinyModelPath(), "two=" + TinyModelPath(), "three=" + TinyModelPath()},
                           .memory_bytes = 4 << 20,
                           .models_memory_bytes = 7 << 20});
  EXPECT_EQ(Ask(server, "two"), 200);
  EXPECT_EQ(Ask(server, "one"), 200);
  EXPECT_EQ(Ask(server, "three"), 200);
  EXPECT_TRUE(Loaded(server, "one"));
  EXPECT_FALSE(Loaded(server, "two"));
  EXPECT_EQ(Ask(server, "two"), 200);
  EXPECT_FALSE(Loaded(server, "one"));
}

TEST(SeveralModels, OneThatIsAskedForWaitsUntilABusyOneIsDone) {
  const TestServer server({.models = {"one=" + TinyModelPath(), "two=" + TinyModelPath()},
                           .memory_bytes = 4 << 20,
                           .models_memory_bytes = 5 << 20});
  RawClient busy(server.port);
  busy.Send(RequestText(
      "POST", "/v1/completions",
      Json{{"model", "one"}, {"prompt", "x"}, {"max_tokens", 400}, {"ignore_eos", true}, {"n", 8}, {"stream", true}}.dump()));
  EXPECT_NE(busy.ReadSome(), "");
  std::vector<std::jthread> clients;
  std::atomic<int> answered = 0;
  for (const char* model : {"two", "one", "two"}) clients.emplace_back([&, model] { answered += Ask(server, model) == 200; });
  clients.clear();
  EXPECT_EQ(answered, 3);
}

TEST(SeveralModels, OneBeyondTheBudgetIsRefusedAtOnce) {
  const TestServer server({.models = {"one=" + TinyModelPath(), "two=" + MakeTinyModel(BigShape())},
                           .memory_bytes = 4 << 20,
                           .models_memory_bytes = 5 << 20});
  EXPECT_EQ(Ask(server, "two"), 503);
  EXPECT_EQ(Ask(server, "one"), 200);
}

TEST(SeveralModels, AreKeptForAsLongAsARequestSays) {
  const TestServer server({.idle_unload_s = 600});
  const auto generate = [&](const Json& keep_alive) {
    return server
        .Post("/api/generate",
              Json{{"prompt", "x"}, {"stream", false}, {"options", {{"num_predict", 2}}}, {"keep_alive", keep_alive}})
        .status;
  };
  const auto goes = [&] {
    for (int i = 0; i < 500 && Loaded(server, "tiny"); ++i) std::this_thread::sleep_for(std::chrono::milliseconds(20));
    return !Loaded(server, "tiny");
  };
  EXPECT_EQ(generate("1h"), 200);
  EXPECT_TRUE(Loaded(server, "tiny"));
  const std::string expires = server.Get("/api/ps").json()["models"][0]["expires_at"];
  EXPECT_NE(expires.substr(0, 4), "9999");
  EXPECT_EQ(generate(-1), 200);
  EXPECT_EQ(server.Get("/api/ps").json()["models"][0]["expires_at"].get<std::string>().substr(0, 4), "9999");
  EXPECT_EQ(generate(0), 200);  // until it has answered
  EXPECT_TRUE(goes());
  EXPECT_EQ(Ask(server, "tiny"), 200);  // what was said of one that is gone holds no longer
  std::this_thread::sleep_for(std::chrono::milliseconds(1200));
  EXPECT_TRUE(Loaded(server, "tiny"));
  EXPECT_EQ(generate("100ms"), 200);
  EXPECT_TRUE(goes());
  for (const Json& wrong : {Json("soon"), Json(""), Json("5 m"), Json("1m-5s"), Json(true), Json::array()})
    EXPECT_EQ(generate(wrong), 400) << wrong;
}

TEST(KeepAlive, IsSecondsOrATextOfParts) {
  const struct {
    Json value;
    double seconds;
  } kCases[] = {{5, 5},   {2.5, 2.5}, {"5m", 300},   {"1h30m", 5400}, {"300ms", 0.3},   {"10", 10},
                {"0", 0}, {0, 0},     {"1.5s", 1.5}, {-1, INFINITY},  {"-1", INFINITY}, {"-5m", INFINITY}};
  for (const auto& c : kCases) EXPECT_DOUBLE_EQ(*KeepAliveSeconds(c.value), c.seconds) << c.value;
}

TEST(SeveralModels, AnIdleOneIsUnloadedAndComesBack) {
  const TestServer server({.idle_unload_s = 0.2});
  for (int i = 0; i < 500 && Loaded(server, "tiny"); ++i) std::this_thread::sleep_for(std::chrono::milliseconds(20));
  EXPECT_FALSE(Loaded(server, "tiny"));
  EXPECT_EQ(Ask(server, "tiny"), 200);
}

}  // namespace
}  // namespace hasten
