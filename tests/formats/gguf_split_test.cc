// Model files in parts: PREFIX-00001-of-00003.gguf and its siblings.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "formats/gguf.h"
#include "formats/gguf_writer.h"
#include "tests/support/support.h"

namespace hasten {
namespace {

using testing::HasSubstr;

struct Part {
  uint16_t number = 0, count = 3;
  int32_t all_tensors = 3;
  std::string tensor;
};

template <class T>
std::string Entry(const std::string& key, uint32_t type, T value) {
  const uint64_t length = key.size();
  std::string out(reinterpret_cast<const char*>(&length), 8);
  out += key;
  out.append(reinterpret_cast<const char*>(&type), 4);
  return out.append(reinterpret_cast<const char*>(&value), sizeof value);
}

// The writer makes whole files only, so the keys of a split are put between its header and its entries.
std::string Encode(const Part& part) {
  GgufHeader header;
  const float value = part.number;
  EXPECT_TRUE(header.AddTensor(part.tensor, TensorType::kF32, {8}));
  const std::string keys = Entry("split.no", 2, part.number) + Entry("split.count", 2, part.count) +
                           Entry("split.tensors.count", 5, part.all_tensors);
  std::string bytes = header.Encode();
  bytes.resize(24 + 8 + part.tensor.size() + 4 + 8 + 4 + 8);  // without padding
  bytes[16] = 3;
  bytes.insert(24, keys);
  bytes.resize((bytes.size() + 31) / 32 * 32);
  for (int i = 0; i < 8; ++i) bytes.append(reinterpret_cast<const char*>(&value), 4);
  return bytes;
}

std::string NameOfPart(int number, int count = 3) { return Fmt("m-%05d-of-%05d.gguf", number + 1, count); }

void WriteParts(const TempDir& folder, const std::vector<Part>& parts) {
  for (size_t i = 0; i < parts.size(); ++i) WriteBytes(folder / NameOfPart(int(i)), Encode(parts[i]));
}

void ExpectRefused(const TempDir& folder, Code code, const std::string& says) {
  const auto file = Gguf::Open(folder / NameOfPart(0));
  ASSERT_FALSE(file) << says;
  EXPECT_EQ(file.error().code, code);
  EXPECT_THAT(file.error().what, HasSubstr(says));
}

TEST(GgufSplit, AnyPartOpensAllOfThem) {
  TempDir folder;
  WriteParts(folder, {{.number = 0, .tensor = "a"}, {.number = 1, .tensor = "b"}, {.number = 2, .tensor = "c"}});
  for (int named = 0; named < 3; ++named) {
    const auto file = Gguf::Open(folder / NameOfPart(named));
    ASSERT_TRUE(file) << file.error().what;
    EXPECT_EQ(file->path(), folder / NameOfPart(0));
    EXPECT_EQ(file->parts(), 3u);
    ASSERT_EQ(file->tensors().size(), 3u);
    for (size_t i = 0; i < 3; ++i) {
      const GgufTensor& tensor = file->tensors()[i];
      EXPECT_EQ(tensor.part, i);
      float value;
      memcpy(&value, tensor.data.data(), sizeof value);
      EXPECT_EQ(value, float(i));
      file->Release(tensor);
    }
  }
}

TEST(GgufSplit, RefusesPartsThatDoNotBelongTogether) {
  const Part a{.number = 0, .tensor = "a"}, b{.number = 1, .tensor = "b"}, c{.number = 2, .tensor = "c"};
  TempDir missing, repeated, swapped, wrong_count, too_few;
  WriteParts(missing, {a, b});
  ExpectRefused(missing, Code::kNotFound, "m-00003-of-00003.gguf");
  WriteParts(repeated, {a, b, {.number = 2, .tensor = "a"}});
  ExpectRefused(repeated, Code::kCorrupt, "tensor 'a' is there twice");
  WriteParts(swapped, {a, c, b});
  ExpectRefused(swapped, Code::kCorrupt, "calls itself part 3 of 3; expected part 2 of 3");
  WriteParts(wrong_count, {a, b, {.number = 2, .count = 4, .tensor = "c"}});
  ExpectRefused(wrong_count, Code::kCorrupt, "calls itself part 3 of 4");
  WriteParts(too_few, {{.number = 0, .all_tensors = 4, .tensor = "a"}, b, c});
  ExpectRefused(too_few, Code::kCorrupt, "'split.tensors.count' is 4, but its parts hold 3");
}

TEST(GgufSplit, RefusesNamesAndNumbersThatLeadNowhere) {
  TempDir folder;
  WriteBytes(folder / "renamed.gguf", Encode({.number = 1, .tensor = "a"}));
  const auto renamed = Gguf::Open(folder / "renamed.gguf");
  ASSERT_FALSE(renamed);
  EXPECT_EQ(renamed.error().code, Code::kBadInput);
  EXPECT_THAT(renamed.error().what, HasSubstr("'-00002-of-00003.gguf'"));
  WriteBytes(folder / NameOfPart(0), Encode({.number = 3, .tensor = "a"}));
  ExpectRefused(folder, Code::kCorrupt, "'split.no' is 3, but 'split.count' is 3");
}

}  // namespace
}  // namespace hasten
