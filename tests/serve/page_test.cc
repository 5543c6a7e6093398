// The page's files, and what the server answers to the page alone. tests/browser looks at the page itself.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "serve/page_assets.h"
#include "solve/log/run_log.h"
#include "tests/serve/client.h"

namespace hasten {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

HttpAnswer Ask(const TestServer& server, const std::string& method, const std::string& path,
               const std::vector<std::string>& headers = {}) {
  RawClient client(server.port);
  client.Send(RequestText(method, path, "", headers));
  return client.ReadAnswer();
}

TEST(Page, NeedsNoKeyAndWhatItAsksForDoes) {
  const TempDir dir;
  WriteBytes(dir / "keys", "sesame\n");
  const TestServer server({.api_key_file = dir / "keys"});
  const HttpAnswer page = server.Get("/");
  EXPECT_EQ(page.status, 200);
  EXPECT_THAT(page.Header("content-type"), HasSubstr("text/html"));
  EXPECT_THAT(page.Header("content-security-policy"), HasSubstr("default-src 'none'"));
  for (const char* path : {"/hasten/live", "/hasten/runs", "/hasten/runs/1"}) EXPECT_EQ(server.Get(path).status, 401) << path;
  EXPECT_EQ(server.Post("/hasten/measure", Json::object()).status, 401);
  EXPECT_EQ(Ask(server, "GET", "/hasten/live", {"Authorization: Bearer sesame"}).status, 200);
  EXPECT_EQ(Ask(server, "GET", "/", {"Host: evil.example"}).status, 200);  // with keys any name will do
}

TEST(Page, IsRefusedToOtherNamesAndSites) {
  const TestServer server;
  EXPECT_EQ(Ask(server, "GET", "/hasten/runs", {"Origin: https://evil.example"}).status, 403);
  EXPECT_EQ(Ask(server, "GET", "/page/none.js", {}).status, 404);
}

TEST(Page, ItsFilesAreSentAsTheBuildMadeThem) {
  if (PageAssets().empty()) GTEST_SKIP() << "built without its page: npm was not there";
  const TestServer server;
  for (const PageAsset& asset : PageAssets()) {
    const std::string path(asset.path);
    const HttpAnswer plain = Ask(server, "GET", path);
    EXPECT_EQ(plain.body, asset.bytes) << path;
    EXPECT_EQ(plain.Header("content-encoding"), "");
    const HttpAnswer packed = Ask(server, "GET", path, {"Accept-Encoding: br, gzip"});
    EXPECT_EQ(packed.body, asset.gzip) << path;
    EXPECT_EQ(packed.Header("content-encoding"), "gzip");
    const HttpAnswer again = Ask(server, "GET", path, {"If-None-Match: " + std::string(asset.etag)});
    EXPECT_EQ(again.status, 304) << path;
    EXPECT_EQ(again.body, "");
    EXPECT_EQ(Ask(server, "GET", path, {"If-None-Match: \"0\""}).status, 200);
  }
}

TEST(Page, HeadIsTheHeadAlone) {
  const TestServer server;
  RawClient client(server.port);
  client.Send(RequestText("HEAD", "/health", "") + RequestText("GET", "/health", "", {"Connection: close"}));
  std::string got;
  for (std::string piece = client.ReadSome(); !piece.empty(); piece = client.ReadSome()) got += piece;
  const size_t second = got.find("HTTP/1.1 200", 1);
  ASSERT_NE(second, got.npos) << got;
  EXPECT_TRUE(got.substr(0, second).ends_with("\r\n\r\n")) << got;
  EXPECT_THAT(got.substr(second), HasSubstr("{\"status\":\"ok\"}"));
}

TEST(PageLive, TellsOfModelsAndAfterAMeasurementOfTheLimit) {
  const TestServer server({.models = {"one=" + TinyModelPath(), "two=" + TinyModelPath()}});
  server.Post("/v1/completions", Json{{"model", "one"}, {"prompt", "x y z"}, {"max_tokens", 4}, {"ignore_eos", true}});
  server.IdleMetric("jobs_running");  // the answer comes before the step that counts it is over
  const Json live = server.Get("/hasten/live").json();
  ASSERT_EQ(live["models"].size(), 2u);
  const Json& one = live["models"][0];
  EXPECT_EQ(one["id"], "one");
  EXPECT_EQ(one["totals"]["generated_tokens"], 4);
  EXPECT_TRUE(one["limit_tokens_per_s"].is_null());
  EXPECT_EQ(live["models"][1]["loaded"], false);
  const Json measured = server.Post("/hasten/measure", Json::object()).json();
  EXPECT_GT(measured["models"][0]["limit_tokens_per_s"], 0.0);
  EXPECT_GT(measured["machine"]["memory_bytes_per_s"], 0.0);
}

TEST(PageSchema, SaysWhatCannotBeHeld) {
  const TestServer server;
  const auto problem = [&](const Json& schema) {
    return server.Post("/hasten/schema", Json{{"schema", schema}}).json()["problem"];
  };
  EXPECT_TRUE(problem({{"type", "object"}}).is_null());
  EXPECT_THAT(problem({{"type", "no such"}}).dump(), HasSubstr("type"));
  EXPECT_EQ(server.Post("/hasten/schema", Json::object()).status, 400);
}

TEST(PageRuns, ListsTheLogAndShowsReports) {
  const TempDir dir;
  const TestServer none({.run_log = dir / "none.db"});
  EXPECT_EQ(none.Get("/hasten/runs").json()["total"], 0);
  {
    auto log = solve::RunLog::Open(dir / "runs.db");
    ASSERT_TRUE(log);
    ASSERT_TRUE(log->Begin({.kind = "task", .task = "/a/<b>.toml", .status = "solved", .seconds = 2, .trials = 3}));
  }
  const TestServer server({.run_log = dir / "runs.db"});
  const Json runs = server.Get("/hasten/runs").json()["runs"];
  ASSERT_EQ(runs.size(), 1u);
  EXPECT_EQ(runs[0]["task"], "/a/<b>.toml");
  const HttpAnswer report = server.Get("/hasten/runs/1");
  EXPECT_THAT(report.body, HasSubstr("&lt;b&gt;.toml"));
  EXPECT_THAT(report.Header("content-security-policy"), HasSubstr("default-src 'none'"));
  for (const char* path :
       {"/hasten/runs/2", "/hasten/runs/x", "/hasten/runs/1x", "/hasten/runs/-1", "/hasten/runs/99999999999999999999"})
    EXPECT_EQ(server.Get(path).status, 404) << path;
  const TestServer quiet({.run_log = dir / "runs.db", .show_runs = false});
  EXPECT_EQ(quiet.Get("/hasten/runs").status, 404);
  EXPECT_EQ(quiet.Get("/").status, 200);
  const TestServer bare({.run_log = dir / "runs.db", .show_page = false});
  for (const char* path : {"/", "/hasten/runs", "/hasten/runs/1"}) EXPECT_EQ(bare.Get(path).status, 404) << path;
}

TEST(PageRuns, ALogThatIsNoneIsSaid) {
  const TempDir dir;
  WriteBytes(dir / "runs.db", "this is no database, but a text that is long enough to be looked at as one");
  const TestServer server({.run_log = dir / "runs.db"});
  const HttpAnswer answer = server.Get("/hasten/runs");
  EXPECT_GE(answer.status, 400);
  EXPECT_THAT(answer.body, HasSubstr("runs.db"));
}

}  // namespace
}  // namespace hasten
