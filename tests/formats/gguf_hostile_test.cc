// What nobody should put into a GGUF file, and somebody will.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <functional>

#include "formats/gguf.h"
#include "formats/gguf_writer.h"
#include "tests/support/support.h"

namespace hasten {
namespace {

using testing::HasSubstr;

// A GGUF file put together by hand, so that it can be wrong anywhere.
class Raw {
 public:
  explicit Raw(uint64_t tensors = 0, uint64_t entries = 0, uint32_t version = 3) {
    text_ = "GGUF";
    Put(version).Put(tensors).Put(entries);
  }
  template <class T>
  Raw& Put(T value) {
    text_.append(reinterpret_cast<const char*>(&value), sizeof value);
    return *this;
  }
  Raw& Text(const std::string& text) {
    Put<uint64_t>(text.size());
    text_ += text;
    return *this;
  }
  Raw& Key(const std::string& key, GgufType type) { return Text(key).Put(uint32_t(type)); }
  Raw& Tensor(const std::string& name, const std::vector<uint64_t>& dims, uint32_t type, uint64_t offset) {
    Text(name).Put<uint32_t>(uint32_t(dims.size()));
    for (const uint64_t dim : dims) Put(dim);
    return Put(type).Put(offset);
  }
  Raw& Data(size_t bytes) {
    text_.resize((text_.size() + 31) / 32 * 32 + bytes);
    return *this;
  }
  const std::string& text() const { return text_; }

 private:
  std::string text_;
};

// Whether it parses and what it has; its views have lost their bytes.
Result<Gguf> Parse(const std::string& bytes, GgufOptions options = {}) {
  // Of exactly this size, so that the address sanitiser sees a read of one byte too many.
  const std::vector<char> exact(bytes.begin(), bytes.end());
  return Gguf::Parse(std::as_bytes(std::span(exact)), "f.gguf", options);
}

void ExpectRefused(const std::string& bytes, Code code, const std::vector<std::string>& says) {
  const auto file = Parse(bytes);
  ASSERT_FALSE(file) << says.front();
  EXPECT_EQ(file.error().code, code) << file.error().what;
  EXPECT_THAT(file.error().what, HasSubstr("'f.gguf'"));
  for (const std::string& text : says) EXPECT_THAT(file.error().what, HasSubstr(text));
}

constexpr uint32_t kF32 = 0, kQ8_0 = 8;
constexpr uint64_t kHuge = ~uint64_t{0};

TEST(GgufHostile, WhatIsNoGgufFile) {
  ExpectRefused("", Code::kCorrupt, {"byte 0", "the magic needs 4 bytes but 0 are left"});
  ExpectRefused(
      "\x7f"
      "ELF and more",
      Code::kCorrupt, {"is not a GGUF file", "\\x7fELF"});
  ExpectRefused(Raw(0, 0, 1).text(), Code::kUnsupported, {"version 1", "versions 2 and 3"});
  ExpectRefused(Raw(0, 0, 4).text(), Code::kUnsupported, {"version 4"});
  ExpectRefused(Raw(0, 0, 0x03000000).text(), Code::kUnsupported, {"big-endian"});
}

TEST(GgufHostile, CountsThatTheFileCannotHold) {
  for (const uint64_t count : {uint64_t{2}, uint64_t{1} << 32, uint64_t{1} << 61, kHuge}) {
    ExpectRefused(Raw(0, count).Put<uint64_t>(0).text(), Code::kCorrupt, {"byte 16", "metadata entries cannot lie"});
    ExpectRefused(Raw(count, 0).Put<uint64_t>(0).text(), Code::kCorrupt, {"byte 8", "tensors cannot be described"});
    const Raw strings = Raw(0, 1).Key("k", GgufType::kArray).Put(uint32_t(GgufType::kString)).Put(count).Put<uint64_t>(0);
    ExpectRefused(strings.text(), Code::kCorrupt, {"'k' has", "elements of at least 8 bytes, but 8 bytes are left"});
    const Raw numbers = Raw(0, 1).Key("k", GgufType::kArray).Put(uint32_t(GgufType::kFloat64)).Put(count).Put<uint64_t>(0);
    ExpectRefused(numbers.text(), Code::kCorrupt, {"'k' has", "elements of at least 8 bytes, but 8 bytes are left"});
  }
}

TEST(GgufHostile, LengthsThatWrapAroundTheEnd) {
  for (const uint64_t length : {uint64_t{100}, uint64_t{1} << 63, kHuge, kHuge - 30}) {
    ExpectRefused(Raw(0, 1).Put(length).Put<uint64_t>(0).text(), Code::kCorrupt,
                  {"byte 32", "the key of metadata entry 0 needs " + std::to_string(length)});
    ExpectRefused(Raw(0, 1).Key("k", GgufType::kString).Put(length).text(), Code::kCorrupt,
                  {"'k' needs " + std::to_string(length) + " bytes but 0 are left"});
    const Raw element =
        Raw(0, 1).Key("k", GgufType::kArray).Put(uint32_t(GgufType::kString)).Put<uint64_t>(2).Text("ok").Put(length);
    ExpectRefused(element.text(), Code::kCorrupt, {"element 1 of 'k' needs " + std::to_string(length)});
  }
}

TEST(GgufHostile, TypesThatDoNotExist) {
  for (const uint32_t type : {13u, 100u, ~0u}) {
    ExpectRefused(Raw(0, 1).Key("k", GgufType{type}).Put<uint64_t>(0).text(), Code::kCorrupt,
                  {"byte 33", "type of 'k' is " + std::to_string(type), "types 0 to 12"});
    ExpectRefused(Raw(0, 1).Key("k", GgufType::kArray).Put(type).Put<uint64_t>(0).text(), Code::kCorrupt,
                  {"element type of 'k' is " + std::to_string(type)});
  }
}

TEST(GgufHostile, ArraysOfArraysOfArrays) {
  Raw nested(0, 1);
  nested.Key("k", GgufType::kArray);
  for (int depth = 0; depth < 100000; ++depth) nested.Put(uint32_t(GgufType::kArray)).Put<uint64_t>(1);
  ExpectRefused(nested.text(), Code::kUnsupported, {"'k' is an array of arrays"});
}

TEST(GgufHostile, KeysAndTensorsTwice) {
  const Raw keys = Raw(0, 2).Key("a", GgufType::kBool).Put<uint8_t>(1).Key("a", GgufType::kBool).Put<uint8_t>(1);
  ExpectRefused(keys.text(), Code::kCorrupt, {"metadata key 'a' is there twice"});
  const Raw tensors = Raw(2, 0).Tensor("t", {1}, kF32, 0).Tensor("t", {1}, kF32, 32).Data(64);
  ExpectRefused(tensors.text(), Code::kCorrupt, {"tensor 't' is there twice"});
  ExpectRefused(Raw(0, 1).Key("", GgufType::kBool).Put<uint64_t>(1).text(), Code::kCorrupt, {"empty key"});
}

TEST(GgufHostile, AlignmentsThatAreNone) {
  for (const uint32_t alignment : {0u, 3u, 33u, ~0u})
    ExpectRefused(Raw(0, 1).Key("general.alignment", GgufType::kUint32).Put(alignment).text(), Code::kCorrupt,
                  {"'general.alignment' is " + std::to_string(alignment), "power of two"});
  ExpectRefused(Raw(0, 1).Key("general.alignment", GgufType::kString).Text("32").text(), Code::kCorrupt,
                {"'general.alignment' is of type string"});
  ExpectRefused(Raw(0, 1).Key("general.alignment", GgufType::kInt32).Put<int32_t>(-32).text(), Code::kCorrupt,
                {"expected uint32"});
}

TEST(GgufHostile, ShapesThatOverflow) {
  const auto refused = [](const std::vector<uint64_t>& dims, uint32_t type, const std::string& says) {
    ExpectRefused(Raw(1, 0).Tensor("t", dims, type, 0).Data(64).text(), Code::kCorrupt, {"tensor 't'", says});
  };
  refused({1, 1, 1, 1, 1}, kF32, "5 dimensions; expected at most 4");
  refused({4, 0}, kF32, "dimension of 0");
  refused({kHuge}, kF32, "more than 2^63");
  refused({uint64_t{1} << 32, uint64_t{1} << 32}, kF32, "more than 2^63");
  refused({uint64_t{1} << 33, uint64_t{1} << 33, uint64_t{1} << 33, uint64_t{1} << 33}, kQ8_0, "more than 2^63");
  refused({uint64_t{1} << 62}, kF32, "more than 2^64 bytes");
  refused({33}, kQ8_0, "33 elements; Q8_0 needs a multiple of 32");
  refused({uint64_t{1} << 40}, kF32, "cut short or damaged");
}

TEST(GgufHostile, DataOutsideOfTheFile) {
  const auto bytes = [](uint64_t offset, size_t data) { return Raw(1, 0).Tensor("t", {8}, kF32, offset).Data(data).text(); };
  EXPECT_TRUE(Parse(bytes(0, 32)));
  EXPECT_TRUE(Parse(bytes(32, 64)));
  ExpectRefused(bytes(0, 31), Code::kCorrupt, {"tensor 't' has 32 bytes at offset 0 of the data, which has 31"});
  ExpectRefused(bytes(32, 63), Code::kCorrupt, {"at offset 32 of the data, which has 63"});
  ExpectRefused(bytes(kHuge - 31, 64), Code::kCorrupt, {"cut short or damaged"});
  ExpectRefused(bytes(1, 64), Code::kCorrupt, {"offset of tensor 't' is 1; expected a multiple of the alignment, 32"});
}

TEST(GgufHostile, TensorsOverEachOther) {
  const auto bytes = [](uint64_t first, uint64_t second) {
    return Raw(2, 0).Tensor("a", {16}, kF32, first).Tensor("b", {8}, kF32, second).Data(128).text();
  };
  EXPECT_TRUE(Parse(bytes(0, 64)));
  EXPECT_TRUE(Parse(bytes(32, 0)));
  ExpectRefused(bytes(0, 32), Code::kCorrupt, {"tensor 'b' begins inside that of tensor 'a'"});
  ExpectRefused(bytes(0, 0), Code::kCorrupt, {"begins inside"});
  ExpectRefused(bytes(0, 0), Code::kCorrupt, {"'b'", "'a'"});
}

TEST(GgufHostile, TensorTypesOfOthersAreNamed) {
  const std::string theirs = Raw(1, 0).Tensor("blk.0.ffn_up.weight", {256}, 16, 0).Data(0).text();
  ExpectRefused(theirs, Code::kUnsupported,
                {"tensor 'blk.0.ffn_up.weight' is of type IQ2_XXS (number 16)", "it reads F32, F16"});
  const std::string nobodys = Raw(1, 0).Tensor("t", {256}, 12345, 0).Data(0).text();
  ExpectRefused(nobodys, Code::kUnsupported, {"number 12345"});
  const auto kept = Parse(theirs, {.keep_unknown_types = true});
  ASSERT_TRUE(kept) << kept.error().what;
  EXPECT_TRUE(kept->tensors()[0].data.empty());
}

TEST(GgufHostile, StrangersBytesDoNotReachTheTerminal) {
  const std::string odd = "\x1b[31m\n\xff\xc2\x9b";
  const Raw bytes = Raw(0, 1).Key(odd, GgufType::kArray).Put(uint32_t(99)).Put<uint64_t>(0);
  ExpectRefused(bytes.text(), Code::kCorrupt, {"'\\x1b[31m\\x0a\\xff\\xc2\\x9b'"});
  const Raw whole = Raw(0, 1).Key(odd, GgufType::kString).Text(odd);
  const std::vector<char> exact(whole.text().begin(), whole.text().end());
  const auto file = Gguf::Parse(std::as_bytes(std::span(exact)), "f.gguf");
  ASSERT_TRUE(file) << file.error().what;
  EXPECT_EQ(*file->GetString(odd), odd);
}

TEST(GgufHostile, CutAnywhereIsRefused) {
  GgufHeader header;
  header.Set<std::string_view>("general.architecture", "llama");
  header.SetArray<std::string_view>("words", std::array<std::string_view, 2>{"one", ""});
  header.SetArray<uint16_t>("numbers", std::array<uint16_t, 3>{1, 2, 3});
  header.Set<double>("x", 1.5);
  ASSERT_TRUE(header.AddTensor("t", TensorType::kQ8_0, {32, 2}));
  ASSERT_TRUE(header.AddTensor("u", TensorType::kF32, {3}));
  const std::string whole = header.Encode() + std::string(size_t(header.DataBytes()), '\0');
  const size_t last_tensor_ends = whole.size() - 32 + 3 * 4;
  for (size_t size = 0; size < whole.size(); ++size) {
    const auto file = Parse(whole.substr(0, size));
    EXPECT_EQ(bool(file), size >= last_tensor_ends) << size;
    EXPECT_TRUE(file || file.error().code == Code::kCorrupt) << size;
  }
}

TEST(GgufHostile, WrongTypesAndRangesAreToldByTheLookUps) {
  GgufHeader header;
  header.Set<std::string_view>("text", "7");
  header.Set<int32_t>("negative", -1);
  header.Set<uint64_t>("large", kHuge);
  header.Set<float>("real", 1.5f);
  header.Set<bool>("flag", true);
  header.SetArray<int32_t>("ints", std::array{1, -2});
  header.SetArray<std::string_view>("texts", std::array<std::string_view, 1>{"a"});
  const std::string bytes = header.Encode();
  const auto file = Gguf::Parse(std::as_bytes(std::span(bytes)), "f.gguf");
  ASSERT_TRUE(file) << file.error().what;
  const auto says = [](const auto& result) { return result ? std::string("no error") : result.error().what; };
  EXPECT_THAT(says(file->GetUint("absent")), HasSubstr("'f.gguf' has no metadata key 'absent'"));
  EXPECT_EQ(*file->GetUint("absent", 5), 5u);
  EXPECT_THAT(says(file->GetUint("text", 5)), HasSubstr("'text' is of type string; expected a whole number of 0 or more"));
  EXPECT_THAT(says(file->GetUint("negative")), HasSubstr("is of type int32 -1"));
  EXPECT_THAT(says(file->GetInts("large")), HasSubstr("uint64 18446744073709551615"));
  EXPECT_THAT(says(file->GetUint("real")), HasSubstr("float32"));
  EXPECT_THAT(says(file->GetUint("flag")), HasSubstr("bool"));
  EXPECT_THAT(says(file->GetUints("ints")), HasSubstr("array of int32"));
  EXPECT_THAT(says(file->GetFloats("texts")), HasSubstr("array of string"));
  EXPECT_THAT(says(file->GetStrings("ints")), HasSubstr("expected an array of strings"));
  EXPECT_THAT(says(file->GetString("ints")), HasSubstr("expected a string"));
  EXPECT_THAT(says(file->GetBool("real", true)), HasSubstr("expected a bool"));
  EXPECT_THAT(*file->GetInts("ints"), testing::ElementsAre(1, -2));
  EXPECT_THAT(*file->GetFloats("ints"), testing::ElementsAre(1, -2));
  EXPECT_THAT(*file->GetFloats("real"), testing::ElementsAre(1.5f));
  EXPECT_EQ(*file->GetFloat("large", 0), 0x1p64);
}

}  // namespace
}  // namespace hasten
