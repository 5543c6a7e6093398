// `hasten inspect` and `hasten synth`, from outside.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <nlohmann/json.hpp>

#include "formats/gguf_writer.h"
#include "tests/cli/hasten.h"

namespace hasten {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

std::string Synth(const TempDir& folder, const std::vector<std::string>& flags) {
  const std::string path = folder / "model.gguf";
  std::vector<std::string> command = {"synth", "--force", "-o", path};
  command.insert(command.end(), flags.begin(), flags.end());
  const auto r = Hasten(command);
  EXPECT_EQ(r.exit_code, 0) << r.err;
  EXPECT_EQ(r.out, "");
  EXPECT_EQ(r.err, "") << "no progress where standard error is not a terminal";
  return path;
}

TEST(Inspect, ShowsTheShapeOfARandomModel) {
  TempDir folder;
  const std::string path =
      Synth(folder, {"--layers", "3", "--width", "128", "--kv-heads", "1", "--vocab", "600", "--quant", "F16"});
  const auto r = Hasten({"inspect", path});
  EXPECT_EQ(r.exit_code, 0) << r.err;
  for (const char* line :
       {"family        llama\n", "layers        3 of width 128\n", "attention     2 query and 1 key/value heads of width 64\n",
        "vocabulary    600\n", "gpt2, pre-tokenizer gpt-2, 600 tokens", "eos 256 '<|endoftext|>'", "chat template none\n",
        "\nF16 "})
    EXPECT_THAT(r.out, HasSubstr(line));
  EXPECT_THAT(r.out, Not(HasSubstr("not supported")));
  EXPECT_THAT(r.out, Not(HasSubstr("blk.0")));
  const auto all = Hasten({"inspect", path, "--tensors", "--metadata"});
  for (const char* text : {"blk.2.ffn_down.weight", "512 x 128", "llama.block_count", "… 600 elements"})
    EXPECT_THAT(all.out, HasSubstr(text));
}

TEST(Inspect, JsonIsOneObjectWithTheSameFacts) {
  TempDir folder;
  const std::string path = Synth(folder, {"--family", "lfm2", "--layers", "4", "--width", "64", "--quant", "F32"});
  const auto r = Hasten({"inspect", path, "--json", "--tensors", "--metadata"});
  EXPECT_EQ(r.exit_code, 0) << r.err;
  const auto json = nlohmann::json::parse(r.out);
  EXPECT_EQ(json["family"], "lfm2");
  EXPECT_EQ(json["kv_heads"], nlohmann::json({0, 0, 1, 0}));
  EXPECT_EQ(json["types"][0]["type"], "F32");
  EXPECT_EQ(json["parameters"].get<uint64_t>() * 4, json["tensor_bytes"].get<uint64_t>());
  EXPECT_EQ(json["not_supported"], nlohmann::json::array());
  EXPECT_EQ(json["metadata"]["tokenizer.ggml.tokens"].size(), 512u);
  EXPECT_EQ(json["tensors"][0]["name"], "token_embd.weight");
}

TEST(Inspect, ShowsWhatItCannotRunAndSaysWhy) {
  TempDir folder;
  GgufHeader header;
  header.Set<std::string_view>("general.architecture", "mamba\x1b[2J");
  header.Set<std::string_view>("general.name", "bad \xff bytes");
  header.Set<std::string_view>("mamba.block_count", "three");
  WriteBytes(folder / "m.gguf", header.Encode());
  const auto r = Hasten({"inspect", folder / "m.gguf"});
  EXPECT_EQ(r.exit_code, 0) << r.err;
  EXPECT_THAT(r.out, HasSubstr("not supported: the model's architecture is 'mamba\\x1b[2J'; supported are llama"));
  EXPECT_THAT(r.out, HasSubstr("bad \\xff bytes"));
  EXPECT_THAT(r.out, HasSubstr("no tensors"));
  EXPECT_THAT(r.out, Not(HasSubstr("\x1b")));
  EXPECT_TRUE(nlohmann::json::accept(Hasten({"inspect", folder / "m.gguf", "--json", "--metadata"}).out));
}

TEST(Inspect, ShowsTensorsOfTypesItDoesNotRead) {
  TempDir folder;
  GgufHeader header;
  header.Set<std::string_view>("general.architecture", "llama");
  header.Set<std::string_view>("llama.block_count", "three");
  ASSERT_TRUE(header.AddTensor("token_embd.weight", TensorType::kF16, {256, 2}));
  std::string bytes = header.Encode();
  bytes[bytes.find("token_embd.weight") + 17 + 4 + 16] = 16;  // IQ2_XXS
  WriteBytes(folder / "m.gguf", bytes);
  const auto r = Hasten({"inspect", folder / "m.gguf", "--tensors"});
  EXPECT_EQ(r.exit_code, 0) << r.err;
  EXPECT_THAT(r.out, HasSubstr("not supported: 1 tensors are of type IQ2_XXS (number 16); hasten reads F32"));
  EXPECT_THAT(r.out, HasSubstr("damaged: "));
  EXPECT_THAT(r.out, HasSubstr("'llama.block_count' is of type string"));
}

TEST(Synth, RefusesWhatItCannotMakeInOneSentence) {
  TempDir folder;
  const struct {
    std::vector<std::string> flags;
    const char* says;
  } cases[] = {{{"nonesuch"}, "no shape is called 'nonesuch'"},
               {{}, "name a shape"},
               {{"student-10m", "--quant", "Q9"}, "--quant 'Q9' is not known"},
               {{"student-10m", "--heads", "7"}, "cannot share 2 key/value heads"},
               {{"--layers", "2", "--width", "64", "--family", "rnn"}, "the family is 'rnn'"}};
  for (const auto& c : cases) {
    std::vector<std::string> command = {"synth", "-o", folder / "m.gguf"};
    command.insert(command.end(), c.flags.begin(), c.flags.end());
    const auto r = Hasten(command);
    EXPECT_EQ(r.exit_code, 2) << r.err;
    EXPECT_THAT(r.err, HasSubstr(c.says));
  }
  EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
}

TEST(Synth, NeverOverwritesUnlessForced) {
  TempDir folder;
  WriteBytes(folder / "m.gguf", "mine");
  const auto r = Hasten({"synth", "student-10m", "--quant", "F16", "-o", folder / "m.gguf"});
  EXPECT_EQ(r.exit_code, 2);
  EXPECT_EQ(ReadBytes(folder / "m.gguf"), "mine");
}

}  // namespace
}  // namespace hasten
