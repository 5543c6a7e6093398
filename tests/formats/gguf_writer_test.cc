#include "formats/gguf_writer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <limits>
#include <type_traits>

#include "tests/support/support.h"

namespace hasten {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

Result<Gguf> Parse(const std::string& bytes) { return Gguf::Parse(std::as_bytes(std::span(bytes)), "test.gguf"); }

std::span<const std::byte> AsBytes(const std::string& text) { return std::as_bytes(std::span(text)); }

Result<GgufWriter> Begin(const GgufHeader& header, const std::string& path) {
  TRY(FileWriter file, FileWriter::Create(path));
  return GgufWriter::Create(header, std::move(file));
}

// What a T of the file is widened to.
template <class T>
using Wide = std::conditional_t<
    std::is_same_v<T, bool>, bool,
    std::conditional_t<std::is_floating_point_v<T>, double, std::conditional_t<std::is_signed_v<T>, int64_t, uint64_t>>>;

template <class T>
void ExpectRoundTrip(GgufType type, const std::array<T, 3>& values) {
  GgufHeader header;
  header.Set<T>("one", values[1]);
  header.SetArray<T>("many", values);
  header.SetArray<T>("none", {});
  const std::string bytes = header.Encode();
  const auto file = Parse(bytes);
  ASSERT_TRUE(file) << file.error().what;
  EXPECT_EQ(file->Find("one")->type, type);
  EXPECT_EQ(std::get<Wide<T>>(*file->Find("one")->number()), Wide<T>(values[1]));
  const GgufArray* many = file->Find("many")->array();
  ASSERT_NE(many, nullptr);
  EXPECT_EQ(many->type, type);
  ASSERT_EQ(many->count, values.size());
  for (size_t i = 0; i < values.size(); ++i) EXPECT_EQ(std::get<Wide<T>>(many->Number(i)), Wide<T>(values[i])) << i;
  EXPECT_EQ(file->Find("none")->array()->count, 0u);
}

template <class T>
void ExpectExtremesRoundTrip(GgufType type) {
  ExpectRoundTrip<T>(type, {std::numeric_limits<T>::lowest(), std::numeric_limits<T>::max(), T(1)});
}

TEST(GgufWriter, NumbersOfEveryTypeRoundTrip) {
  ExpectExtremesRoundTrip<uint8_t>(GgufType::kUint8);
  ExpectExtremesRoundTrip<int8_t>(GgufType::kInt8);
  ExpectExtremesRoundTrip<uint16_t>(GgufType::kUint16);
  ExpectExtremesRoundTrip<int16_t>(GgufType::kInt16);
  ExpectExtremesRoundTrip<uint32_t>(GgufType::kUint32);
  ExpectExtremesRoundTrip<int32_t>(GgufType::kInt32);
  ExpectExtremesRoundTrip<uint64_t>(GgufType::kUint64);
  ExpectExtremesRoundTrip<int64_t>(GgufType::kInt64);
  ExpectExtremesRoundTrip<float>(GgufType::kFloat32);
  ExpectExtremesRoundTrip<double>(GgufType::kFloat64);
  ExpectExtremesRoundTrip<bool>(GgufType::kBool);
}

TEST(GgufWriter, StringsRoundTripWhateverTheirBytes) {
  const std::string odd("\0\xff\n", 3);
  const std::array<std::string_view, 4> many = {"", "a", odd, "ü"};
  GgufHeader header;
  header.Set<std::string_view>("empty", "");
  header.Set<std::string_view>("odd", odd);
  header.SetArray<std::string_view>("many", many);
  const std::string bytes = header.Encode();
  const auto file = Parse(bytes);
  ASSERT_TRUE(file) << file.error().what;
  EXPECT_EQ(*file->GetString("empty"), "");
  EXPECT_EQ(*file->GetString("odd"), odd);
  const auto strings = file->GetStrings("many");
  ASSERT_TRUE(strings);
  EXPECT_THAT(*strings, ElementsAre("", "a", odd, "ü"));
}

TEST(GgufWriter, CopiedMetadataIsTheSameBytes) {
  GgufHeader header;
  header.Set<int16_t>("a", -5);
  header.Set<std::string_view>("b", "text");
  header.SetArray<double>("c", std::array{1.5, -2.5});
  header.SetArray<std::string_view>("d", std::array<std::string_view, 2>{"x", ""});
  const std::string bytes = header.Encode();
  const auto file = Parse(bytes);
  ASSERT_TRUE(file) << file.error().what;
  GgufHeader copy;
  copy.CopyMetadata(*file);
  EXPECT_EQ(copy.Encode(), bytes);
}

TEST(GgufWriter, LaterValuesReplaceEarlierOnesInPlace) {
  GgufHeader header;
  header.Set<uint32_t>("a", 1);
  header.Set<uint32_t>("b", 2);
  header.Set<uint32_t>("c", 3);
  header.Set<std::string_view>("a", "now text");
  header.Remove("b");
  header.Set<uint32_t>("c", 4);
  const std::string bytes = header.Encode();
  const auto file = Parse(bytes);
  ASSERT_TRUE(file) << file.error().what;
  ASSERT_EQ(file->metadata().size(), 2u);
  EXPECT_EQ(file->metadata()[0].key, "a");
  EXPECT_EQ(*file->GetString("a"), "now text");
  EXPECT_EQ(*file->GetUint("c"), 4u);
}

TEST(GgufWriter, LayoutOfACopiedFileIsTheNewFilesOwn) {
  GgufHeader odd(256);
  odd.Set<uint32_t>("a", 1);
  const std::string bytes = odd.Encode();
  const auto file = Parse(bytes);
  ASSERT_TRUE(file) << file.error().what;
  EXPECT_EQ(file->alignment(), 256u);
  GgufHeader copy;
  copy.CopyMetadata(*file);
  copy.Set<uint16_t>("split.count", 3);
  const std::string copied = copy.Encode();
  const auto again = Parse(copied);
  ASSERT_TRUE(again) << again.error().what;
  EXPECT_EQ(again->alignment(), 32u);
  EXPECT_EQ(again->metadata().size(), 1u);
}

TEST(GgufWriter, StreamsTensorsInPiecesOfAnySize) {
  struct Shape {
    const char* name;
    TensorType type;
    std::vector<uint64_t> dims;
  };
  const Shape shapes[] = {{"one", TensorType::kF32, {1}},
                          {"odd", TensorType::kF16, {3, 5}},
                          {"blocks", TensorType::kQ4_0, {64, 3}},
                          {"cube", TensorType::kQ6_K, {256, 2, 2, 2}}};
  for (const uint32_t alignment : {1u, 32u, 4096u})
    for (const size_t piece : {1u, 7u, 64u, 100000u}) {
      GgufHeader header(alignment);
      for (const Shape& shape : shapes) ASSERT_TRUE(header.AddTensor(shape.name, shape.type, shape.dims));
      std::string data;
      for (size_t i = 0; i < header.tensors(); ++i) data += std::string(header.TensorBytes(i), char('a' + i));
      TempDir folder;
      auto writer = Begin(header, folder / "model.gguf");
      ASSERT_TRUE(writer) << writer.error().what;
      for (size_t at = 0; at < data.size(); at += piece) ASSERT_TRUE(writer->Write(AsBytes(data.substr(at, piece))));
      EXPECT_FALSE(std::filesystem::exists(folder / "model.gguf"));
      ASSERT_TRUE(writer->Commit());

      const auto file = Gguf::Open(folder / "model.gguf");
      ASSERT_TRUE(file) << file.error().what;
      EXPECT_EQ(file->alignment(), alignment);
      for (size_t i = 0; i < std::size(shapes); ++i) {
        const GgufTensor* tensor = file->FindTensor(shapes[i].name);
        ASSERT_NE(tensor, nullptr);
        EXPECT_EQ(tensor->type, shapes[i].type);
        EXPECT_EQ(tensor->dims, shapes[i].dims);
        const std::string expected(header.TensorBytes(i), char('a' + i));
        EXPECT_EQ(std::string(reinterpret_cast<const char*>(tensor->data.data()), tensor->data.size()), expected);
      }
    }
}

TEST(GgufWriter, RefusesTensorsThatNoFileCanHold) {
  GgufHeader header;
  const struct {
    std::vector<uint64_t> dims;
    TensorType type;
    const char* says;
  } cases[] = {{{}, TensorType::kF32, "0 dimensions"},
               {{1, 1, 1, 1, 1}, TensorType::kF32, "5 dimensions"},
               {{4, 0}, TensorType::kF32, "dimension of 0"},
               {{33}, TensorType::kQ8_0, "multiple of 32"},
               {{uint64_t{1} << 40, uint64_t{1} << 40}, TensorType::kF32, "2^63"},
               {{uint64_t{1} << 62}, TensorType::kF32, "does not fit"},
               {{32}, TensorType{999}, "type number 999"}};
  for (const auto& c : cases) {
    const Status status = header.AddTensor("t", c.type, c.dims);
    ASSERT_FALSE(status) << c.says;
    EXPECT_THAT(status.error().what, HasSubstr(c.says));
  }
  EXPECT_TRUE(header.AddTensor("t", TensorType::kF32, {1}));
  EXPECT_FALSE(header.AddTensor("t", TensorType::kF32, {1}));
}

TEST(GgufWriter, UnfinishedOrOverfullFilesNeverAppear) {
  TempDir folder;
  GgufHeader header;
  ASSERT_TRUE(header.AddTensor("t", TensorType::kF32, {2}));
  {
    auto writer = Begin(header, folder / "a.gguf");
    ASSERT_TRUE(writer);
    EXPECT_TRUE(writer->Write(AsBytes("1234567")));
    EXPECT_FALSE(writer->Commit());
  }
  {
    auto writer = Begin(header, folder / "a.gguf");
    ASSERT_TRUE(writer);
    EXPECT_FALSE(writer->Write(AsBytes("123456789")));
  }
  EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
}

}  // namespace
}  // namespace hasten
