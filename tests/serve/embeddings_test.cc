// Embeddings: the same bytes alone and in company, of length 1, in both dialects and both formats.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>

#include "tests/serve/client.h"

namespace hasten {
namespace {

using ::testing::HasSubstr;

class EmbeddingsApi : public ::testing::Test {
 protected:
  static void SetUpTestSuite() { server_ = std::make_unique<TestServer>(); }
  static void TearDownTestSuite() { server_.reset(); }
  static std::unique_ptr<TestServer> server_;
};
std::unique_ptr<TestServer> EmbeddingsApi::server_;

double Length(const Json& vector) {
  double squares = 0;
  for (const Json& x : vector) squares += x.get<double>() * x.get<double>();
  return std::sqrt(squares);
}

TEST_F(EmbeddingsApi, AreTheSameAloneAndInCompany) {
  Json inputs = Json::array();
  for (int i = 0; i < 40; ++i) inputs.push_back(std::string(size_t(1 + 7 * i), char('a' + i % 26)) + " end");
  const Json together = server_->Post("/v1/embeddings", Json{{"input", inputs}}).json();
  ASSERT_EQ(together["data"].size(), 40u) << together;
  size_t tokens = 0;
  for (size_t i = 0; i < inputs.size(); ++i) {
    const Json alone = server_->Post("/v1/embeddings", Json{{"input", inputs[i]}}).json();
    EXPECT_EQ(alone["data"][0]["embedding"], together["data"][i]["embedding"]) << i;
    EXPECT_EQ(together["data"][i]["index"], i);
    EXPECT_NEAR(Length(together["data"][i]["embedding"]), 1, 1e-5);
    tokens += alone["usage"]["prompt_tokens"].get<size_t>();
  }
  EXPECT_EQ(together["usage"]["total_tokens"], tokens);
  EXPECT_NE(together["data"][0]["embedding"], together["data"][1]["embedding"]);
}

TEST_F(EmbeddingsApi, ComeInBothFormatsAndDialects) {
  const Json numbers = server_->Post("/v1/embeddings", Json{{"input", "text"}}).json()["data"][0]["embedding"];
  const std::string base64 =
      server_->Post("/v1/embeddings", Json{{"input", "text"}, {"encoding_format", "base64"}}).json()["data"][0]["embedding"];
  static const std::string kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string bytes;
  for (size_t i = 0; i + 4 <= base64.size(); i += 4) {
    uint32_t three = 0;
    for (size_t j = 0; j < 4; ++j) three = three << 6 | uint32_t(base64[i + j] == '=' ? 0 : kDigits.find(base64[i + j]));
    for (const int shift : {16, 8, 0}) bytes += char(three >> shift);
  }
  ASSERT_GE(bytes.size(), 4 * numbers.size());
  for (size_t i = 0; i < numbers.size(); ++i) {
    float value = 0;
    std::memcpy(&value, bytes.data() + 4 * i, 4);
    EXPECT_EQ(value, numbers[i].get<float>());
  }
  const Json ollama = server_->Post("/api/embed", Json{{"model", "tiny"}, {"input", {"text", "more"}}}).json();
  EXPECT_EQ(ollama["embeddings"][0], numbers);
  EXPECT_EQ(server_->Post("/api/embeddings", Json{{"model", "tiny"}, {"prompt", "text"}}).json()["embedding"], numbers);
  const Json few = server_->Post("/v1/embeddings", Json{{"input", "text"}, {"dimensions", 5}}).json()["data"][0]["embedding"];
  ASSERT_EQ(few.size(), 5u);
  EXPECT_NEAR(Length(few), 1, 1e-6);
  EXPECT_NEAR(few[1].get<double>() * numbers[0].get<double>(), few[0].get<double>() * numbers[1].get<double>(), 1e-6);
}

TEST_F(EmbeddingsApi, LimitsAreToldWithTheirNumbers) {
  const std::string text(3000, 'z');
  const struct {
    const char* path;
    Json body;
    int status;
    const char* says;
  } kCases[] = {
      {"/v1/embeddings", {{"input", {"a", text}}}, 400, "input[1] is too long: it has 3000 tokens"},
      {"/v1/embeddings", {{"input", text}}, 400, "maximum context length is 512 tokens"},
      {"/v1/embeddings", {{"input", Json::array()}}, 400, "input has to be"},
      {"/v1/embeddings", {{"input", ""}}, 400, "is empty"},
      {"/v1/embeddings", {{"input", {1, 2, 100000}}}, 400, "whole numbers from 0 to 299"},
      {"/v1/embeddings", {{"input", "a"}, {"dimensions", 65}}, 400, "dimensions is 65 and has to be from 1 to 64"},
      {"/v1/embeddings", {{"input", "a"}, {"encoding_format", "int8"}}, 400, "encoding_format"},
      {"/api/embed", {{"input", text}, {"truncate", false}}, 400, "maximum context length is 512"},
      {"/api/embed", {{"input", text}}, 200, "embeddings"},
  };
  for (const auto& c : kCases) {
    const HttpAnswer answer = server_->Post(c.path, c.body);
    EXPECT_EQ(answer.status, c.status) << answer.body;
    EXPECT_THAT(answer.body, HasSubstr(c.says));
    if (c.status == 200) {
      EXPECT_THAT(answer.Header("Warning"), HasSubstr("was cut to the context of 512"));
    }
  }
}

}  // namespace
}  // namespace hasten
