// The GGUF reader, and the writer behind it: what was read can be copied, and reads the same again.
#include <algorithm>
#include <array>

#include "formats/gguf.h"
#include "formats/gguf_writer.h"
#include "tests/fuzz/fuzz_target.h"

namespace hasten {
namespace {

// A sum that depends on every byte, so that none goes unread.
uint64_t Touch(std::span<const std::byte> bytes) {
  uint64_t sum = 0;
  for (const std::byte b : bytes) sum = sum * 31 + uint64_t(b);
  return sum;
}

uint64_t TouchAll(const GgufArray& array) {
  uint64_t sum = 0;
  for (const std::string_view text : array.strings) sum += Touch(std::as_bytes(std::span(text)));
  for (size_t i = 0; array.strings.empty() && i < array.count; ++i) sum += array.Number(i).index();
  return sum;
}

// Every value has a look-up that gives it; all are called, to see none of them fall.
size_t LookUpsThatWork(const Gguf& file, std::string_view key) {
  return size_t(bool(file.GetUint(key))) + bool(file.GetFloat(key, 0)) + bool(file.GetBool(key, false)) +
         bool(file.GetString(key)) + bool(file.GetUints(key)) + bool(file.GetInts(key)) + bool(file.GetFloats(key)) +
         bool(file.GetStrings(key));
}

bool IsBools(const GgufValue& value) { return value.array() && value.array()->type == GgufType::kBool; }

void Examine(const Gguf& file, std::span<const std::byte> input) {
  GgufHeader copy(uint32_t(std::min<size_t>(file.alignment(), 4096)));
  copy.CopyMetadata(file);
  uint64_t sum = 0;
  for (const GgufEntry& entry : file.metadata()) {
    FUZZ_CHECK(file.Find(entry.key) == &entry.value);
    FUZZ_CHECK(LookUpsThatWork(file, entry.key) > 0 || IsBools(entry.value));
    if (const GgufArray* array = entry.value.array()) sum += TouchAll(*array);
  }
  uint64_t data_bytes = 0;
  for (const GgufTensor& tensor : file.tensors()) {
    FUZZ_CHECK(file.FindTensor(tensor.name) == &tensor);
    FUZZ_CHECK(tensor.rows() * tensor.columns() == tensor.elements());
    sum += Touch(tensor.data);
    data_bytes += tensor.data.size();
    if (FindTensorType(uint32_t(tensor.type))) FUZZ_CHECK(copy.AddTensor(tensor.name, tensor.type, tensor.dims));
  }
  FUZZ_CHECK(data_bytes <= input.size() && sum + 1 != 0);
  const std::string encoded = copy.Encode() + std::string(copy.DataBytes(), '\0');
  const auto again = Gguf::Parse(std::as_bytes(std::span(encoded)), "copy");
  FUZZ_CHECK(again);
  FUZZ_CHECK(again->metadata().size() <= file.metadata().size());
}

template <class T>
void SetAll(GgufHeader& header, std::string_view key, std::array<T, 2> values) {
  header.Set<T>(key, values[0]);
  header.SetArray<T>(std::string(key) + "s", values);
}

GgufHeader EveryMetadataType() {
  GgufHeader header;
  SetAll<uint8_t>(header, "u8", {1, 2});
  SetAll<int8_t>(header, "i8", {-1, 2});
  SetAll<uint16_t>(header, "u16", {1, 2});
  SetAll<int16_t>(header, "i16", {-1, 2});
  SetAll<uint32_t>(header, "u32", {1, 2});
  SetAll<int32_t>(header, "i32", {-1, 2});
  SetAll<uint64_t>(header, "u64", {1, 2});
  SetAll<int64_t>(header, "i64", {-1, 2});
  SetAll<float>(header, "f32", {1, 2});
  SetAll<double>(header, "f64", {1, 2});
  SetAll<bool>(header, "b", {true, false});
  SetAll<std::string_view>(header, "s", {"one", "\xff"});
  return header;
}

std::string WithData(const GgufHeader& header) { return header.Encode() + std::string(header.DataBytes(), '\1'); }

}  // namespace

void FuzzOne(std::span<const std::byte> input) {
  for (const bool keep : {false, true})
    if (const auto file = Gguf::Parse(input, "input", {.keep_unknown_types = keep})) Examine(*file, input);
}

std::vector<std::string> FuzzSeeds() {
  std::vector<std::string> seeds = {GgufHeader().Encode(), EveryMetadataType().Encode()};
  GgufHeader types, shapes(8);
  for (const TensorTypeInfo& type : TensorTypes())
    FUZZ_CHECK(types.AddTensor(type.name, type.type, {uint64_t(type.block_elements), 2}));
  seeds.push_back(WithData(types));
  shapes.Set<std::string_view>("general.architecture", "llama");
  shapes.SetArray<std::string_view>("tokenizer.ggml.tokens", std::array<std::string_view, 3>{"a", "b", ""});
  shapes.Set<uint16_t>("x", 1);
  FUZZ_CHECK(shapes.AddTensor("a", TensorType::kF32, {1}));
  FUZZ_CHECK(shapes.AddTensor("b", TensorType::kF16, {3, 1, 2, 1}));
  FUZZ_CHECK(shapes.AddTensor("c", TensorType::kQ8_0, {32, 2, 1}));
  seeds.push_back(WithData(shapes));
  seeds.push_back(seeds.back());
  seeds.back()[4] = 2;  // the older version, of the same layout
  return seeds;
}

}  // namespace hasten
