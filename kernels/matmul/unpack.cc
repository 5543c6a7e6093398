#include "kernels/matmul/unpack.h"

#include <algorithm>
#include <cstring>

#include "base/half.h"
#include "kernels/matmul/layout.h"

namespace hasten {
namespace {

struct Place {
  const uint8_t *record, *head;
  GroupLayout at;
  StreamBytes size;
  size_t panel, row;  // in the group, in the panel

  float HalfAt(const uint8_t* of_rows) const {
    uint16_t bits;
    std::memcpy(&bits, of_rows + row * 2, 2);
    return FloatFromHalf(bits);
  }
  float FloatAt(const uint8_t* of_rows) const {
    float f;
    std::memcpy(&f, of_rows + row * 4, 4);
    return f;
  }
  const uint8_t* Scales() const { return record + at.scales + panel * size.scales; }
  const uint8_t* Minimums() const { return record + at.minimums + panel * size.minimums; }
  float D() const { return HalfAt(head + panel * size.d); }
  float Dmin() const { return HalfAt(head + at.dmin + panel * size.dmin); }
  uint8_t Nibble(size_t column) const {
    const size_t group = column / 4;
    const uint8_t byte = record[panel * size.quants + group % 4 * 64 + row * 4 + column % 4];
    return group < 4 ? byte & 15 : byte >> 4;
  }
  uint8_t Whole(size_t column) const { return record[panel * size.quants + column / 4 * 64 + row * 4 + column % 4]; }
  uint8_t HighBit(size_t column) const {
    const uint8_t byte = record[panel * size.quants + kNibbleBytes + column / 4 * 8 + row / 2];
    return byte >> (row % 2 * 4 + column % 4) & 1;
  }
  uint8_t HighTwoBits(size_t column) const {
    const size_t group = column / 4;
    return record[panel * size.quants + kNibbleBytes + group / 4 * 64 + row * 4 + column % 4] >> group % 4 * 2 & 3;
  }
};

Place PlaceOf(const PackedMatrix& w, size_t row, size_t block) {
  const size_t panel = row / kPanelRows, together = w.group_panels(), group = panel / together;
  const GroupLayout at = LayoutOf(w.format(), w.cols(), std::min(together, w.panels() - group * together));
  const uint8_t* const bytes = reinterpret_cast<const uint8_t*>(w.group(group));
  return {bytes + at.Record(block), bytes + at.Head(block), at, StreamsOf(w.format()), panel % together, row % kPanelRows};
}

template <class Q>
void Fill(WeightBlock& out, Q&& q, float scale, float minimum = 0) {
  for (size_t i = 0; i < 32; ++i) out.q[i] = int16_t(q(i));
  out.scale[0] = out.scale[1] = scale;
  out.minimum[0] = out.minimum[1] = minimum;
}

}  // namespace

WeightBlock UnpackBlock(const PackedMatrix& w, size_t row, size_t block) {
  const Place p = PlaceOf(w, row, block);
  WeightBlock out{};
  switch (w.format()) {
    case PackedFormat::kQ4_0:
      Fill(out, [&](size_t i) { return p.Nibble(i) - 8; }, p.HalfAt(p.Scales()));
      break;
    case PackedFormat::kQ4_1:
      Fill(out, [&](size_t i) { return p.Nibble(i); }, p.HalfAt(p.Scales()), -p.HalfAt(p.Minimums()));
      break;
    case PackedFormat::kQ8_0:
      Fill(out, [&](size_t i) { return p.Whole(i) - 128; }, p.HalfAt(p.Scales()));
      break;
    case PackedFormat::kIQ4_NL:
      Fill(out, [&](size_t i) { return kIQ4_NLValues[p.Nibble(i)] - 128; }, p.HalfAt(p.Scales()));
      break;
    case PackedFormat::kMXFP4:
      Fill(out, [&](size_t i) { return kMXFP4Values[p.Nibble(i)] - 128; }, 0.5f * FloatFromE8m0(p.Scales()[p.row]));
      break;
    case PackedFormat::kQ4_K:
    case PackedFormat::kQ5_K: {
      const bool five = w.format() == PackedFormat::kQ5_K;
      Fill(
          out, [&](size_t i) { return p.Nibble(i) + (five ? p.HighBit(i) << 4 : 0); }, p.D() * p.Scales()[p.row],
          p.Dmin() * p.Minimums()[p.row]);
      break;
    }
    case PackedFormat::kQ6_K:
      Fill(out, [&](size_t i) { return (p.Nibble(i) | p.HighTwoBits(i) << 4) - 32; }, 0);
      for (size_t h = 0; h < 2; ++h) out.scale[h] = p.D() * float(int8_t(p.Scales()[h * kPanelRows + p.row]));
      break;
    case PackedFormat::kGeneric:
      Fill(out, [&](size_t i) { return p.Whole(i) - 128; }, 0);
      for (size_t h = 0; h < 2; ++h) {
        out.scale[h] = p.FloatAt(p.Scales() + h * 64);
        out.minimum[h] = -p.FloatAt(p.Minimums() + h * 64);
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
  const std::byte* p = group(row / kPanelRows);  // of float panels each is one
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
