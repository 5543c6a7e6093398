// `hasten logits` from outside: the file it writes, and how it refuses.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "tests/cli/hasten.h"

namespace hasten {
namespace {

using ::testing::HasSubstr;

std::string Listed(const std::vector<int32_t>& tokens, const char* separator) {
  std::string text;
  for (const int32_t t : tokens) text += (text.empty() ? "" : separator) + std::to_string(t);
  return text;
}

TEST(Logits, EqualTheReferenceHoweverTokensAreGiven) {
  HASTEN_SHARED_OR_SKIP(folder, "reference/logits");
  const TempDir dir;
  for (const char* name : {"llama", "qwen35", "llada"}) {
    const std::string base = folder + "/" + name;
    const std::vector<int32_t> tokens = nlohmann::json::parse(ReadBytes(base + ".json"))["tokens"];
    const std::vector<float> expected = ReadFloats(base + ".f32");
    const std::string out = dir / "out.f32", ids = dir / "ids.txt";
    WriteBytes(ids, Listed(tokens, "\n") + "\n");
    ASSERT_EQ(Hasten({"logits", base + ".gguf", "--tokens", "@" + ids, "--out", out, "--force"}).err, "");
    const std::string bytes = ReadBytes(out);
    EXPECT_LE(NormalisedError(ReadFloats(out), expected), 1e-5) << name;
    ASSERT_EQ(Hasten({"logits", base + ".gguf", "--tokens", Listed(tokens, ","), "-o", out, "--force", "--threads", "1"}).err,
              "");
    EXPECT_EQ(ReadBytes(out), bytes) << name;
    for (const char* kv : {"f16", "bf16", "int16", "int8"}) {
      ASSERT_EQ(Hasten({"logits", base + ".gguf", "--tokens", Listed(tokens, ","), "-o", out, "--force", "--kv", kv}).err, "");
      EXPECT_NE(ReadBytes(out), bytes) << name << " " << kv;
      EXPECT_LE(NormalisedError(ReadFloats(out), expected), 2e-2) << name << " " << kv;
    }
  }
}

TEST(Logits, BidirectionalIsAnotherReading) {
  HASTEN_SHARED_OR_SKIP(model, "reference/logits/llama.gguf");
  const TempDir dir;
  ASSERT_EQ(Hasten({"logits", model, "--tokens", "1,2,3", "--out", dir / "a"}).exit_code, 0);
  ASSERT_EQ(Hasten({"logits", model, "--tokens", "1,2,3", "--out", dir / "b", "--bidirectional"}).exit_code, 0);
  const std::vector<float> one = ReadFloats(dir / "a"), two = ReadFloats(dir / "b");
  ASSERT_EQ(one.size(), 3u * 320);
  ASSERT_EQ(two.size(), one.size());
  EXPECT_GT(NormalisedError(two, one), 1e-3);
}

TEST(Logits, RefusesInOneSentence) {
  HASTEN_SHARED_OR_SKIP(folder, "reference/logits");
  const std::string model = folder + "/llama.gguf";
  const TempDir dir;
  const std::string out = dir / "out", taken = dir / "taken";
  WriteBytes(taken, "precious");
  struct Case {
    std::vector<std::string> arguments;
    int code;
    const char* expected;
  };
  std::string many = "1";
  for (int i = 0; i < 512; ++i) many += ",1";
  for (const Case& c : std::initializer_list<Case>{
           {{"logits", model, "--tokens", "", "--out", out}, 2, "no token ids"},
           {{"logits", model, "--tokens", " , ", "--out", out}, 2, "no token ids"},
           {{"logits", model, "--tokens", "1,320", "--out", out}, 2, "number 2 is 320, and this model's ids go from 0 to 319"},
           {{"logits", model, "--tokens=-1", "--out", out}, 2, "number 1 is -1"},
           {{"logits", model, "--tokens", "1,x", "--out", out}, 2, "'x' is not a token id"},
           {{"logits", model, "--tokens", "99999999999999999999", "--out", out}, 2, "is not a token id"},
           {{"logits", model, "--tokens", "@" + (dir / "none"), "--out", out}, 2, "none"},
           {{"logits", model, "--tokens", many, "--out", out}, 2, "512"},
           {{"logits", model, "--tokens", "1", "--out", taken}, 2, "--force"},
           {{"logits", dir / "none.gguf", "--tokens", "1", "--out", out}, 2, "none.gguf"},
           {{"logits", taken, "--tokens", "1", "--out", out}, 3, "taken"},
           {{"logits", folder + "/lfm2.gguf", "--tokens", "1", "--out", out, "--bidirectional"}, 4, "earlier tokens only"},
           {{"logits", model, "--tokens", "1"}, 2, "--out"},
           {{"logits", model, "--tokens", "1", "--out", out, "--kv", "f8"}, 2, "--kv"}}) {
    const ProcessResult r = Hasten(c.arguments);
    EXPECT_EQ(r.exit_code, c.code) << r.err;
    EXPECT_THAT(r.err, HasSubstr(c.expected));
    EXPECT_FALSE(std::filesystem::exists(out));
  }
  EXPECT_EQ(ReadBytes(taken), "precious");
}

}  // namespace
}  // namespace hasten
