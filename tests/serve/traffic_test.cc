// Random traffic: the same bytes whoever else asks, and nothing that is left behind. HASTEN_SOAK_SECONDS (2) says for how long
// the soak goes on; CI takes minutes, `HASTEN_SOAK_SECONDS=3600 build/asan/tests/serve_test --gtest_filter='Traffic.*'` an
// hour.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <thread>

#include "base/random.h"
#include "tests/serve/client.h"

namespace hasten {
namespace {

using Clock = std::chrono::steady_clock;

// Request number i: one of a few beginnings, so that some find others' prefixes, and sampling of many kinds.
Json RequestOf(uint64_t i) {
  auto pick = [i, n = uint64_t(0)](uint64_t most) mutable { return RandomBits(i, n++) % most; };
  std::string prompt(40 + 60 * pick(3), char('a' + pick(3)));
  for (size_t k = pick(30); k > 0; --k) prompt += char(' ' + pick(90));
  Json body = {{"prompt", prompt}, {"max_tokens", 1 + pick(40)}, {"seed", i}, {"ignore_eos", pick(2) == 0}};
  if (pick(3) == 0) body["temperature"] = 0;
  if (pick(3) == 0) body["n"] = 1 + pick(3);
  if (pick(4) == 0) body["logprobs"] = pick(3);
  if (pick(4) == 0) body["stop"] = {"e", "qu"};
  if (pick(5) == 0) body["frequency_penalty"] = 0.5;
  if (pick(6) == 0) body["regex"] = pick(2) ? "[a-f]{2,9}" : "(yes|no), because of [a-f]{2,4} and nothing else";
  if (pick(5) == 0) body["logit_bias"] = {{"97", 40}, {"98", 40}, {"99", 39}};  // repeats itself: guesses come true
  return body;
}

// The texts of all choices, and their log-probabilities where they were asked for.
std::string Answered(const TestServer& server, Json body, bool stream) {
  body["stream"] = stream;
  const HttpAnswer answer = server.Post("/v1/completions", body);
  if (answer.status != 200) return "status " + std::to_string(answer.status) + " " + answer.body;
  std::vector<std::string> texts(8), logprobs(8);
  const auto add = [&](const Json& choice) {
    const size_t index = choice["index"];
    texts[index] += choice["text"];
    if (choice["logprobs"].is_object())
      for (const Json& p : choice["logprobs"]["token_logprobs"]) logprobs[index] += p.dump() + ",";
  };
  if (stream) {
    for (const Json& event : answer.events())
      for (const Json& choice : event["choices"]) add(choice);
  } else {
    const Json json = answer.json();
    for (const Json& choice : json["choices"]) add(choice);
  }
  std::string all;
  for (size_t i = 0; i < 8; ++i) all += texts[i] + "\n" + logprobs[i] + "\n";
  return all;
}

// One model of the same vocabulary as the tiny one, and with recurrent layers where they are asked for.
std::string MakeFamily(const char* family) {
  Shape shape = TinyShape();
  shape.family = family;
  shape.layers = 4;
  if (shape.family == "lfm2") {
    shape.attention_layers = {1, 3};
    shape.conv_width = 3;
  }
  return MakeTinyModel(shape);
}

class TrafficOf : public ::testing::TestWithParam<const char*> {};
INSTANTIATE_TEST_SUITE_P(Families, TrafficOf, ::testing::Values("llama", "lfm2"),
                         [](const auto& p) { return std::string(p.param); });

TEST_P(TrafficOf, GivesTheSameBytesHoweverItIsServed) {
  constexpr size_t kRequests = 64, kClients = 16;
  const std::vector<std::string> model = {MakeFamily(GetParam())};
  const TempDir cache;
  std::vector<std::string> alone(kRequests);
  {
    const TestServer server({.models = model, .most_drafted = 0});
    for (size_t i = 0; i < kRequests; ++i) alone[i] = Answered(server, RequestOf(i), false);
    for (size_t i = 0; i < kRequests; i += 7) EXPECT_EQ(Answered(server, RequestOf(i), true), alone[i]) << RequestOf(i);
    EXPECT_EQ(server.IdleMetric("drafted_tokens_total"), 0);
  }
  const struct {
    const char* what;
    ServerOptions options;
  } kServers[] = {
      {"with guesses that pay", {.models = model}},
      {"with all guesses", {.models = model, .weigh_guesses = false}},
      {"without", {.models = model, .most_drafted = 0}},
      {"evictions and preemptions", {.models = model, .memory_bytes = 400 << 10}},
      {"a draft model", {.models = model, .ngram = false, .weigh_guesses = false, .draft = TinyModelPath()}},
      {"a cache on disk", {.models = model, .cache_folder = cache.path()}},
      {"after a restart", {.models = model, .cache_folder = cache.path()}},
  };
  for (const auto& [what, options] : kServers) {
    SCOPED_TRACE(what);
    const TestServer traffic(options), *server = &traffic;
    std::atomic<size_t> next = 0, wrong = 0;
    std::vector<std::thread> clients;
    for (size_t c = 0; c < kClients; ++c) {
      clients.emplace_back([&] {
        for (size_t i; (i = next++) < 2 * kRequests;) {
          const size_t which = RandomBits(77, i) % kRequests;
          const std::string got = Answered(*server, RequestOf(which), i % 2 == 0);
          if (got != alone[which] && ++wrong < 3)
            ADD_FAILURE() << RequestOf(which) << "\n" << got << "alone:\n" << alone[which];
        }
      });
    }
    for (std::thread& client : clients) client.join();
    EXPECT_EQ(wrong, 0u);
    EXPECT_EQ(traffic.IdleMetric("jobs_failed_total"), 0);
    // Where guesses are weighed, it depends on what passes cost whether one is made.
    const double accepted = traffic.IdleMetric("accepted_tokens_total");
    EXPECT_TRUE(options.most_drafted > 0 || accepted == 0) << accepted;
    EXPECT_TRUE(options.weigh_guesses || accepted > 0) << accepted;
    EXPECT_EQ(traffic.IdleMetric("recalled_tokens_total") > 0, std::string(what) == "after a restart");
    EXPECT_GT(traffic.IdleMetric("forced_tokens_total"), 0);
  }
}

size_t ResidentBytes() {
  std::ifstream file("/proc/self/statm");
  size_t total = 0, resident = 0;
  file >> total >> resident;
  return resident * 4096;
}

// One client's bad day.
void Misbehave(const TestServer& server, uint64_t i) {
  auto pick = [i, n = uint64_t(100)](uint64_t most) mutable { return RandomBits(i, n++) % most; };
  RawClient client(server.port);
  Json body = RequestOf(i);
  std::string text = RequestText("POST", pick(2) ? "/v1/completions" : "/v1/chat/completions", body.dump());
  switch (pick(8)) {
    case 0:  // leaves in the middle of a request
      client.Send(text.substr(0, pick(text.size())));
      return;
    case 1:  // leaves in the middle of an answer
      body["stream"] = true;
      body["max_tokens"] = 400;
      body["ignore_eos"] = true;
      client.Send(RequestText("POST", "/v1/completions", body.dump()));
      client.ReadSome();
      return;
    case 2:  // damages it
      for (int k = 0; k < 5; ++k) text[pick(text.size())] = char(pick(256));
      client.Send(text);
      return;
    case 3:
      client.Send(RequestText("POST", "/v1/chat/completions", "{\"messages\":" + std::string(pick(100000), '[')));
      client.ReadAnswer();
      return;
    case 4:
      client.Send(RequestText("POST", "/v1/completions", Json{{"prompt", std::string(1 << 20, 'x')}}.dump()));
      client.ReadAnswer();
      return;
    case 5:
      client.Send(RequestText("POST", "/v1/messages", "{\"max_tokens\":1,\"messages\":\"\xff\xfe\"}"));
      client.ReadAnswer();
      return;
    case 6:  // does not read
      body["stream"] = true;
      client.Send(RequestText("POST", "/v1/completions", body.dump()));
      std::this_thread::sleep_for(std::chrono::milliseconds(pick(30)));
      return;
    default:
      client.Send(text);
      client.ReadAnswer();
  }
}

TEST(Traffic, LeavesNothingBehind) {
  const char* const set = std::getenv("HASTEN_SOAK_SECONDS");
  const double seconds = set ? std::atof(set) : 2;
  const TestServer server({.memory_bytes = 1 << 20});
  const double blocks = server.IdleMetric("kv_blocks_available");
  const auto start = Clock::now();
  const auto passed = [&] { return std::chrono::duration<double>(Clock::now() - start).count() / seconds; };
  std::atomic<uint64_t> next = 0;
  std::atomic<size_t> settled = 0;
  std::vector<std::thread> clients;
  for (size_t c = 0; c < 8; ++c) {
    clients.emplace_back([&] {
      while (passed() < 1) {
        Misbehave(server, next++);
        if (passed() > 0.4 && settled == 0) settled = ResidentBytes();
      }
    });
  }
  for (std::thread& client : clients) client.join();
  EXPECT_EQ(server.IdleMetric("kv_blocks_available"), blocks);
  EXPECT_EQ(server.IdleMetric("jobs_failed_total"), 0);
  EXPECT_EQ(server.Get("/health").status, 200);
  if (seconds >= 60) {
    EXPECT_LT(double(ResidentBytes()), 1.03 * double(settled));
  }
}

}  // namespace
}  // namespace hasten
