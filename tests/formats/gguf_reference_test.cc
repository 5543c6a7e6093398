#include <gtest/gtest.h>

#include <filesystem>

#include "formats/gguf.h"
#include "tests/support/support.h"

namespace hasten {
namespace {

TEST(GgufReference, OpensEveryFile) {
  HASTEN_SHARED_OR_SKIP(reference, "reference");
  size_t files = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(reference)) {
    if (entry.path().extension() != ".gguf") continue;
    ++files;
    const auto file = Gguf::Open(entry.path().string());
    ASSERT_TRUE(file) << file.error().what;
    EXPECT_EQ(file->file_bytes(), entry.file_size());
    const auto family = file->GetString("general.architecture");
    ASSERT_TRUE(family) << family.error().what;
    for (const GgufTensor& tensor : file->tensors()) EXPECT_EQ(file->FindTensor(tensor.name), &tensor);
  }
  EXPECT_GT(files, 0u);
}

TEST(GgufReference, LookUpsGiveWhatTheModelIsKnownToHave) {
  HASTEN_SHARED_OR_SKIP(path, "reference/weights/stories260K.gguf");
  const auto file = Gguf::Open(path);
  ASSERT_TRUE(file) << file.error().what;
  EXPECT_EQ(*file->GetString("general.architecture"), "llama");
  EXPECT_EQ(*file->GetUint("llama.block_count"), 5u);
  EXPECT_EQ(*file->GetUint("llama.embedding_length"), 64u);
  EXPECT_EQ(file->GetStrings("tokenizer.ggml.tokens")->size(), 512u);
  EXPECT_EQ(file->GetFloats("tokenizer.ggml.scores")->size(), 512u);
  const GgufTensor* embedding = file->FindTensor("token_embd.weight");
  ASSERT_NE(embedding, nullptr);
  EXPECT_EQ(embedding->columns(), 64u);
  EXPECT_EQ(embedding->rows(), 512u);
}

}  // namespace
}  // namespace hasten
