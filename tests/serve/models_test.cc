// Several models in one process: names, aliases, a budget of memory, unloading.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

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

TEST(SeveralModels, AnIdleOneIsUnloadedAndComesBack) {
  const TestServer server({.idle_unload_s = 0.2});
  for (int i = 0; i < 500 && Loaded(server, "tiny"); ++i) std::this_thread::sleep_for(std::chrono::milliseconds(20));
  EXPECT_FALSE(Loaded(server, "tiny"));
  EXPECT_EQ(Ask(server, "tiny"), 200);
}

}  // namespace
}  // namespace hasten
