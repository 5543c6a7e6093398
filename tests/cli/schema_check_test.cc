// `hasten schema-check` as a user sees it, and how `run` refuses what it cannot hold.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/cli/hasten.h"
#include "tests/support/tiny_vocab.h"
#include "text/json.h"

namespace hasten {
namespace {

using testing::HasSubstr;

class SchemaCheckVerb : public testing::Test {
 protected:
  void SetUp() override { WriteBytes(model_, TinyBpe().Bytes()); }
  TempDir folder_;
  const std::string model_ = folder_ / "bpe.gguf", file_ = folder_ / "case.json";
};

TEST_F(SchemaCheckVerb, CountsWhatIsJudgedRightlyAndWrongly) {
  WriteBytes(file_, R"({"schema": {"type": "array", "items": {"type": "integer"}}, "tests": [)"
                    R"({"valid": true, "data": [1, 2]}, {"valid": false, "data": ["x"]}, {"valid": false, "data": [3]}]})");
  const ProcessResult r = Hasten({"schema-check", file_, "--tokenizer", model_, "--json"});
  EXPECT_EQ(r.exit_code, 1);
  const auto line = ParseJson(r.out);
  ASSERT_TRUE(line) << r.out << r.err;
  EXPECT_EQ((*line)["compiled"], true);
  EXPECT_TRUE((*line)["refused"].is_null());
  EXPECT_EQ((*line)["right"], 2);
  EXPECT_EQ((*line)["wrong_accepts"], 1);
  EXPECT_EQ((*line)["wrong_rejects"], 0);
  EXPECT_TRUE((*line)["mask_us_p99"].is_number());
}

TEST_F(SchemaCheckVerb, SaysWhatIsNotSupported) {
  WriteBytes(file_, R"({"schema": {"unevaluatedProperties": false}, "tests": []})");
  const ProcessResult r = Hasten({"schema-check", file_, "--tokenizer", model_, "--json"});
  EXPECT_EQ(r.exit_code, 0);
  EXPECT_THAT(r.out, HasSubstr("\"compiled\":false"));
  EXPECT_THAT(r.out, HasSubstr("#/unevaluatedProperties"));
}

}  // namespace
}  // namespace hasten
