// Ids of published vocabularies: reference/tokenizers holds texts and what llama.cpp makes of them.
#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>

#include "tests/support/support.h"
#include "tokenizer/tokenizer.h"

namespace hasten {
namespace {

std::vector<std::string> SplitTexts(const std::string& file) {
  constexpr std::string_view kEnd = "\n__ggml_vocab_test__\n";
  std::vector<std::string> texts;
  for (size_t at = 0; at < file.size();) {
    const size_t end = file.find(kEnd, at);
    texts.push_back(file.substr(at, end - at));
    if (end == file.npos) break;
    at = end + kEnd.size();
  }
  return texts;
}

std::string Ids(const std::vector<Token>& tokens) {
  std::string line;
  for (const Token t : tokens) line.append(line.empty() ? "" : " ").append(std::to_string(t));
  return line;
}

class ReferenceTokenizer : public testing::TestWithParam<const char*> {};

TEST_P(ReferenceTokenizer, GivesTheSameIdsAndTheTextBack) {
  HASTEN_SHARED_OR_SKIP(path, "reference/tokenizers/" + std::string(GetParam()) + ".gguf");
  const auto file = Gguf::Open(path);
  ASSERT_TRUE(file) << file.error().what;
  const auto tokenizer = Tokenizer::Load(*file);
  ASSERT_TRUE(tokenizer) << tokenizer.error().what;
  std::istringstream expected(ReadBytes(path + ".out"));
  size_t texts = 0;
  for (const std::string& text : SplitTexts(ReadBytes(path + ".inp"))) {
    std::string line;
    ASSERT_TRUE(std::getline(expected, line)) << "fewer lines than texts";
    if (line.starts_with(' ')) line.erase(0, 1);  // most of the files begin lines with a space, one does not
    const std::vector<Token> ids = tokenizer->Encode(text);
    EXPECT_EQ(Ids(ids), line) << "text " << texts << ": " << text;
    EXPECT_EQ(tokenizer->Decode(ids), text) << "text " << texts;
    ++texts;
  }
  EXPECT_GE(texts, 46u);
}

INSTANTIATE_TEST_SUITE_P(Published, ReferenceTokenizer,
                         testing::Values("deepseek-llm", "gpt-2", "llama-bpe", "llama-spm", "phi-3", "qwen2", "qwen35",
                                         "starcoder"),
                         [](const auto& i) {
                           std::string name = i.param;
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });

}  // namespace
}  // namespace hasten
