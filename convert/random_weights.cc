#include "convert/random_weights.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "base/random.h"
#include "kernels/quantize/quantize.h"

namespace hasten {
namespace {

constexpr size_t kPiece = 256;               // weights; whole blocks of every type
constexpr size_t kPoolPieces = 4096;         // 2^20 weights
constexpr size_t kChunk = size_t{1} << 16;   // weights quantised at a time
constexpr size_t kBuffer = size_t{1} << 20;  // bytes handed on at a time

size_t BytesFor(TensorType type, uint64_t elements) {
  const TensorTypeInfo& info = InfoOf(type);
  return size_t(elements / info.block_elements * info.block_bytes);
}

// Weights [begin, begin + elements) of a stream, appended to `out`.
void Append(const RandomWeights::Tensor& t, uint64_t stream, uint64_t begin, size_t elements, std::vector<std::byte>& out) {
  const float scale = float(1 / std::sqrt(double(t.columns)));
  std::vector<float> values(elements);
  for (size_t i = 0; i < elements; ++i) values[i] = scale * RandomNormal(stream, begin + i);
  const size_t at = out.size();
  out.resize(at + BytesFor(t.type, elements));
  Quantize(t.type, values.data(), elements, out.data() + at);
}

}  // namespace

float RandomNormal(uint64_t stream, uint64_t position) {
  constexpr int64_t kTwiceMean = 8 * 65535;
  constexpr double kTwiceDeviation = 2 * 53509.8;  // sqrt(8 (65536^2 - 1) / 12)
  int64_t sum = 0;
  for (uint64_t word = 0; word < 2; ++word) {
    const uint64_t bits = RandomBits(stream, 2 * position + word);
    for (int shift = 0; shift < 64; shift += 16) sum += int64_t(bits >> shift & 0xffff);
  }
  return float(double(2 * sum - kTwiceMean) / kTwiceDeviation);
}

const std::vector<std::byte>& RandomWeights::Pool(const Tensor& t) {
  std::vector<std::byte>& pool = pools_[{t.type, t.columns}];
  const uint64_t stream = RandomBits(~seed_, t.columns);  // apart from those of tensors; the same for every type
  for (size_t begin = 0; pool.size() < BytesFor(t.type, kPiece * kPoolPieces); begin += kChunk)
    Append(t, stream, begin, kChunk, pool);
  return pool;
}

Status RandomWeights::Fill(const Tensor& t, Sink sink) {
  if (!CanQuantize(t.type))
    return Error{Code::kUnsupported, Fmt("cannot make random weights of type %s", TensorTypeName(uint32_t(t.type)).c_str())};
  std::vector<std::byte> buffer;
  if (t.elements <= kPiece * kPoolPieces) {
    for (uint64_t begin = 0; begin < t.elements; begin += kChunk) {
      buffer.clear();
      Append(t, t.stream, begin, size_t(std::min<uint64_t>(kChunk, t.elements - begin)), buffer);
      TRY_OK(sink(buffer));
    }
    return {};
  }
  const std::vector<std::byte>& pool = Pool(t);
  const size_t piece = BytesFor(t.type, kPiece), pieces = kBuffer / piece;
  buffer.resize(pieces * piece);
  for (uint64_t left = BytesFor(t.type, t.elements), drawn = 0; left > 0;) {
    for (size_t i = 0; i < pieces; ++i, ++drawn)
      std::memcpy(buffer.data() + i * piece, pool.data() + RandomBits(t.stream, drawn) % kPoolPieces * piece, piece);
    const size_t now = size_t(std::min<uint64_t>(left, buffer.size()));
    TRY_OK(sink(std::span(buffer).first(now)));
    left -= now;
  }
  return {};
}

}  // namespace hasten
