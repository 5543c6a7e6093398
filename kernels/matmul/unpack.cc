#include "kernels/matmul/unpack.h"

#include <algorithm>
#include <cstring>

#include "base/half.h"
#include "kernels/matmul/layout.h"

namespace hasten {
namespace {

struct Place {
  const uint8_t* panel;
  PanelLayout at;
  size_t row, block;  // row within the panel

  float Half(size_t stream, size_t index) const {
    uint16_t bits;
    std::memcpy(&bits, panel + stream + (index * kPanelRows + row) * 2, 2);
    return FloatFromHalf(bits);
  }
  float Float(size_t stream, size_t index) const {
    float f;
    std::memcpy(&f, panel + stream + (index * kPanelRows + row) * 4, 4);
    return f;
  }
  uint8_t Byte(size_t stream, size_t index) const { return panel[stream + index * kPanelRows + row]; }
  uint8_t Nibble(size_t column) const {
    const size_t group = column / 4;
    const uint8_t byte = panel[block * 256 + group % 4 * 64 + row * 4 + column % 4];
    return group < 4 ? byte & 15 : byte >> 4;
  }
  uint8_t Whole(size_t column) const { return panel[block * 512 + column / 4 * 64 + row * 4 + column % 4]; }
  uint8_t HighBit(size_t column) const {
    const uint8_t byte = panel[at.high + block * 64 + column / 4 * 8 + row / 2];
    return byte >> (row % 2 * 4 + column % 4) & 1;
  }
  uint8_t HighTwoBits(size_t column) const {
    const size_t group = column / 4;
    return panel[at.high + block * 128 + group / 4 * 64 + row * 4 + column % 4] >> group % 4 * 2 & 3;
  }
};

template <class Q>
void Fill(WeightBlock& out, Q&& q, float scale, float minimum = 0) {
  for (size_t i = 0; i < 32; ++i) out.q[i] = int16_t(q(i));
  out.scale[0] = out.scale[1] = scale;
  out.minimum[0] = out.minimum[1] = minimum;
}

}  // namespace

WeightBlock UnpackBlock(const PackedMatrix& w, size_t row, size_t block) {
  const Place p{reinterpret_cast<const uint8_t*>(w.panel(row / kPanelRows)), LayoutOf(w.format(), w.cols()), row % kPanelRows,
                block};
  const size_t super = block / 8;
  WeightBlock out{};
  switch (w.format()) {
    case PackedFormat::kQ4_0:
      Fill(out, [&](size_t i) { return p.Nibble(i) - 8; }, p.Half(p.at.scales, block));
      break;
    case PackedFormat::kQ4_1:
      Fill(out, [&](size_t i) { return p.Nibble(i); }, p.Half(p.at.scales, block), -p.Half(p.at.minimums, block));
      break;
    case PackedFormat::kQ8_0:
      Fill(out, [&](size_t i) { return p.Whole(i) - 128; }, p.Half(p.at.scales, block));
      break;
    case PackedFormat::kIQ4_NL:
      Fill(out, [&](size_t i) { return kIQ4_NLValues[p.Nibble(i)] - 128; }, p.Half(p.at.scales, block));
      break;
    case PackedFormat::kMXFP4:
      Fill(out, [&](size_t i) { return kMXFP4Values[p.Nibble(i)] - 128; }, 0.5f * FloatFromE8m0(p.Byte(p.at.scales, block)));
      break;
    case PackedFormat::kQ4_K:
    case PackedFormat::kQ5_K: {
      const bool five = w.format() == PackedFormat::kQ5_K;
      Fill(
          out, [&](size_t i) { return p.Nibble(i) + (five ? p.HighBit(i) << 4 : 0); },
          p.Half(p.at.d, super) * p.Byte(p.at.scales, block), p.Half(p.at.dmin, super) * p.Byte(p.at.minimums, block));
      break;
    }
    case PackedFormat::kQ6_K:
      Fill(out, [&](size_t i) { return (p.Nibble(i) | p.HighTwoBits(i) << 4) - 32; }, 0);
      for (size_t h = 0; h < 2; ++h) out.scale[h] = p.Half(p.at.d, super) * float(int8_t(p.Byte(p.at.scales, block * 2 + h)));
      break;
    case PackedFormat::kGeneric:
      Fill(out, [&](size_t i) { return p.Whole(i) - 128; }, 0);
      for (size_t h = 0; h < 2; ++h) {
        out.scale[h] = p.Float(p.at.scales, block * 2 + h);
        out.minimum[h] = -p.Float(p.at.minimums, block * 2 + h);
      }
      break;
    case PackedFormat::kF32:
    case PackedFormat::kF16:
    case PackedFormat::kBF16:
      break;  // not integer layouts
  }
  return out;
}

void PackedMatrix::UnpackRow(size_t row, float* out) const {
  const std::byte* p = panel(row / kPanelRows);
  const auto element = [&]<class T>(T, size_t column) {
    T value;
    std::memcpy(&value, p + (column * kPanelRows + row % kPanelRows) * sizeof(T), sizeof(T));
    return value;
  };
  if (wants_int8()) {
    for (size_t b = 0; b * 32 < cols_; ++b) {
      const WeightBlock block = UnpackBlock(*this, row, b);
      for (size_t i = 0; i < 32; ++i) out[b * 32 + i] = block.scale[i / 16] * float(block.q[i]) - block.minimum[i / 16];
    }
  } else if (format_ == PackedFormat::kF32) {
    for (size_t c = 0; c < cols_; ++c) out[c] = element(0.0f, c);
  } else if (format_ == PackedFormat::kF16) {
    for (size_t c = 0; c < cols_; ++c) out[c] = FloatFromHalf(element(uint16_t{0}, c));
  } else {
    for (size_t c = 0; c < cols_; ++c) out[c] = FloatFromBf16(element(uint16_t{0}, c));
  }
}

}  // namespace hasten
