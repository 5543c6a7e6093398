// From a model file's row-major blocks to panels (layout.h). A panel is written row by row; four columns at a time are one
// 32-bit word, so that packing runs at memory speed.
#include <algorithm>
#include <cstring>
#include <new>

#include "base/half.h"
#include "kernels/dequant/dequant.h"
#include "kernels/matmul/layout.h"
#include "kernels/matmul/packed_matrix.h"

namespace hasten {
namespace {

uint32_t Word(const uint8_t* p) {
  uint32_t w;
  std::memcpy(&w, p, 4);
  return w;
}

// The place of one row inside of a group of panels, and writers into it.
struct RowOut {
  uint8_t* group;
  const GroupLayout& at;
  StreamBytes size;
  size_t panel, row;  // in the group, in the panel

  uint8_t* Quants(size_t block) const { return group + at.Record(block) + panel * size.quants; }
  uint8_t* High(size_t block) const { return Quants(block) + kNibbleBytes; }
  uint8_t* Scales(size_t block) const { return group + at.Record(block) + at.scales + panel * size.scales; }
  uint8_t* Minimums(size_t block) const { return group + at.Record(block) + at.minimums + panel * size.minimums; }
  uint8_t* D(size_t super) const { return group + at.Head(super * 8) + panel * size.d; }
  uint8_t* Dmin(size_t super) const { return group + at.Head(super * 8) + at.dmin + panel * size.dmin; }

  void PutWord(uint8_t* lines, size_t line, uint32_t word) const { std::memcpy(lines + line * 64 + row * 4, &word, 4); }
  void Put(uint8_t* of_rows, const void* bytes, size_t count) const { std::memcpy(of_rows + row * count, bytes, count); }
};

constexpr uint32_t kLow = 0x0f0f0f0f;

// 32 nibbles stored as in Q4_0: byte j holds columns j and j + 16, which is the packed order already.
void PutNibbles(const RowOut& out, size_t block, const uint8_t* qs) {
  uint8_t* const lines = out.Quants(block);
  for (size_t j = 0; j < 4; ++j) out.PutWord(lines, j, Word(qs + 4 * j));
}

void PackQ4_0(const uint8_t* in, size_t blocks, const RowOut& out) {  // also IQ4_NL: the same block with other values
  for (size_t b = 0; b < blocks; ++b, in += 18) {
    out.Put(out.Scales(b), in, 2);
    PutNibbles(out, b, in + 2);
  }
}

void PackQ4_1(const uint8_t* in, size_t blocks, const RowOut& out) {
  for (size_t b = 0; b < blocks; ++b, in += 20) {
    out.Put(out.Scales(b), in, 2);
    out.Put(out.Minimums(b), in + 2, 2);
    PutNibbles(out, b, in + 4);
  }
}

void PackMXFP4(const uint8_t* in, size_t blocks, const RowOut& out) {
  for (size_t b = 0; b < blocks; ++b, in += 17) {
    out.Put(out.Scales(b), in, 1);
    PutNibbles(out, b, in + 1);
  }
}

void PackQ8_0(const uint8_t* in, size_t blocks, const RowOut& out) {
  for (size_t b = 0; b < blocks; ++b, in += 34) {
    out.Put(out.Scales(b), in, 2);
    for (size_t g = 0; g < 8; ++g) out.PutWord(out.Quants(b), g, Word(in + 2 + 4 * g) ^ 0x80808080);  // + 128
  }
}

// Q5_0's values, -16 to 15, are exact as Q8_0: the same scale, whole bytes.
void PackQ5_0(const uint8_t* in, size_t blocks, const RowOut& out) {
  for (size_t b = 0; b < blocks; ++b, in += 22) {
    out.Put(out.Scales(b), in, 2);
    const uint32_t high = Word(in + 2);
    uint8_t q[32];
    for (size_t i = 0; i < 32; ++i) {
      const uint32_t low = i < 16 ? in[6 + i] & 15 : in[6 + i - 16] >> 4;
      q[i] = uint8_t((low | (high >> i & 1) << 4) + 112);  // - 16 + 128
    }
    for (size_t g = 0; g < 8; ++g) out.PutWord(out.Quants(b), g, Word(q + 4 * g));
  }
}

// The eight 6-bit scales and minimums of a K block in 12 bytes (ggml, block_q4_K).
void PutKScales(const uint8_t* s, size_t super, const RowOut& out) {
  for (size_t j = 0; j < 8; ++j) {
    const uint8_t scale = j < 4 ? s[j] & 63 : uint8_t((s[j + 4] & 15) | (s[j - 4] >> 6) << 4);
    const uint8_t minimum = j < 4 ? s[j + 4] & 63 : uint8_t(s[j + 4] >> 4 | (s[j] >> 6) << 4);
    out.Put(out.Scales(super * 8 + j), &scale, 1);
    out.Put(out.Minimums(super * 8 + j), &minimum, 1);
  }
}

// Each 32 bytes hold two blocks: the first in the low nibbles, the second in the high ones.
void PutKNibbles(const uint8_t* qs, size_t super, const RowOut& out) {
  for (size_t b = 0; b < 8; ++b) {
    const uint8_t* in = qs + b / 2 * 32;
    const int shift = b % 2 ? 4 : 0;
    uint8_t* const lines = out.Quants(super * 8 + b);
    for (size_t j = 0; j < 4; ++j)
      out.PutWord(lines, j, (Word(in + 4 * j) >> shift & kLow) | (Word(in + 16 + 4 * j) >> shift & kLow) << 4);
  }
}

void PackQ4_K(const uint8_t* in, size_t blocks, const RowOut& out) {
  for (size_t s = 0; s < blocks; ++s, in += 144) {
    out.Put(out.D(s), in, 2);
    out.Put(out.Dmin(s), in + 2, 2);
    PutKScales(in + 4, s, out);
    PutKNibbles(in + 16, s, out);
  }
}

void PackQ5_K(const uint8_t* in, size_t blocks, const RowOut& out) {
  for (size_t s = 0; s < blocks; ++s, in += 176) {
    out.Put(out.D(s), in, 2);
    out.Put(out.Dmin(s), in + 2, 2);
    PutKScales(in + 4, s, out);
    PutKNibbles(in + 48, s, out);
    const uint8_t* qh = in + 16;  // bit b of byte l: block b, column l
    for (size_t b = 0; b < 8; ++b)
      for (size_t g = 0; g < 8; ++g) {
        // One bit of each of four bytes becomes four neighbouring bits: multiply gathers bits 0, 8, 16, 24 at 24 to 27.
        const uint32_t bits = Word(qh + 4 * g) >> b & 0x01010101;
        const uint8_t four = uint8_t((bits * 0x01020408u) >> 24 & 15);
        uint8_t& byte = out.High(s * 8 + b)[g * 8 + out.row / 2];
        byte = uint8_t(out.row % 2 ? (byte & 0x0f) | four << 4 : (byte & 0xf0) | four);
      }
  }
}

void PackQ6_K(const uint8_t* in, size_t blocks, const RowOut& out) {
  for (size_t s = 0; s < blocks; ++s, in += 210) {
    out.Put(out.D(s), in + 208, 2);
    for (size_t j = 0; j < 16; ++j) out.Put(out.Scales(s * 8 + j / 2) + j % 2 * kPanelRows, in + 192 + j, 1);
    for (size_t b = 0; b < 8; ++b) {
      const uint8_t* low = in + b / 4 * 64 + b % 2 * 32;
      const uint8_t* high = in + 128 + b / 4 * 32;
      const int low_shift = int(b % 4 / 2 * 4), high_shift = int(b % 4) * 2;
      const size_t block = s * 8 + b;
      for (size_t j = 0; j < 4; ++j)
        out.PutWord(out.Quants(block), j,
                    (Word(low + 4 * j) >> low_shift & kLow) | (Word(low + 16 + 4 * j) >> low_shift & kLow) << 4);
      for (size_t h = 0; h < 2; ++h) {
        uint32_t word = 0;
        for (size_t g = 0; g < 4; ++g) word |= (Word(high + 16 * h + 4 * g) >> high_shift & 0x03030303) << 2 * g;
        out.PutWord(out.High(block), h, word);
      }
    }
  }
}

void PackGeneric(TensorType type, const uint8_t* in, size_t cols, const RowOut& out) {
  const TensorTypeInfo& info = InfoOf(type);
  int8_t q[256];
  float scale[16], offset[16];
  for (size_t c = 0; c < cols; c += info.block_elements, in += info.block_bytes) {
    DecodeIntegers(type, in, info.block_elements, {q, scale, offset});
    for (size_t i = 0; i < info.block_elements; i += 16) {
      const size_t block = (c + i) / 32, half = (c + i) / 16 % 2;
      out.Put(out.Scales(block) + half * 64, &scale[i / 16], 4);
      out.Put(out.Minimums(block) + half * 64, &offset[i / 16], 4);
      for (size_t g = 0; g < 4; ++g)
        out.PutWord(out.Quants(block), half * 4 + g,
                    Word(reinterpret_cast<const uint8_t*>(q) + i + 4 * g) ^ 0x80808080);  // + 128
    }
  }
}

template <class T>
void PackFloat(const uint8_t* in, size_t cols, const RowOut& out) {
  for (size_t c = 0; c < cols; ++c)
    std::memcpy(out.group + (c * kPanelRows + out.row) * sizeof(T), in + c * sizeof(T), sizeof(T));
}

void PackRow(const PackedMatrix& w, const uint8_t* in, const RowOut& out) {
  const size_t blocks = w.cols() / InfoOf(w.type()).block_elements;
  switch (w.type()) {
    case TensorType::kF32:
      return PackFloat<uint32_t>(in, w.cols(), out);
    case TensorType::kF16:
    case TensorType::kBF16:
      return PackFloat<uint16_t>(in, w.cols(), out);
    case TensorType::kQ4_0:
    case TensorType::kIQ4_NL:
      return PackQ4_0(in, blocks, out);
    case TensorType::kQ4_1:
      return PackQ4_1(in, blocks, out);
    case TensorType::kQ5_0:
      return PackQ5_0(in, blocks, out);
    case TensorType::kQ8_0:
      return PackQ8_0(in, blocks, out);
    case TensorType::kQ4_K:
      return PackQ4_K(in, blocks, out);
    case TensorType::kQ5_K:
      return PackQ5_K(in, blocks, out);
    case TensorType::kQ6_K:
      return PackQ6_K(in, blocks, out);
    case TensorType::kMXFP4:
      return PackMXFP4(in, blocks, out);
    default:
      return PackGeneric(w.type(), in, w.cols(), out);
  }
}

PackedFormat FormatFor(TensorType type) {
  switch (type) {
    case TensorType::kF32:
      return PackedFormat::kF32;
    case TensorType::kF16:
      return PackedFormat::kF16;
    case TensorType::kBF16:
      return PackedFormat::kBF16;
    case TensorType::kQ4_0:
      return PackedFormat::kQ4_0;
    case TensorType::kQ4_1:
      return PackedFormat::kQ4_1;
    case TensorType::kQ5_0:
    case TensorType::kQ8_0:
      return PackedFormat::kQ8_0;
    case TensorType::kQ4_K:
      return PackedFormat::kQ4_K;
    case TensorType::kQ5_K:
      return PackedFormat::kQ5_K;
    case TensorType::kQ6_K:
      return PackedFormat::kQ6_K;
    case TensorType::kIQ4_NL:
      return PackedFormat::kIQ4_NL;
    case TensorType::kMXFP4:
      return PackedFormat::kMXFP4;
    default:
      return PackedFormat::kGeneric;
  }
}

}  // namespace

Result<PackedMatrix> PackedMatrix::Shape(TensorType type, size_t rows, size_t cols) {
  const TensorTypeInfo& info = InfoOf(type);
  if (rows == 0 || cols == 0 || cols % info.block_elements != 0)
    return Error{Code::kCorrupt, Fmt("a %s matrix of %zu rows by %zu columns: columns must come in blocks of %zu",
                                     info.name.data(), rows, cols, info.block_elements)};
  PackedMatrix w;
  w.type_ = type;
  w.format_ = FormatFor(type);
  w.rows_ = rows;
  w.cols_ = cols;
  w.group_bytes_ = LayoutOf(w.format_, cols, w.group_panels()).bytes;
  w.bytes_ = w.panels() / w.group_panels() * w.group_bytes_ + LayoutOf(w.format_, cols, w.panels() % w.group_panels()).bytes;
  return w;
}

Result<PackedMatrix> PackedMatrix::Over(TensorType type, size_t rows, size_t cols, std::span<const std::byte> packed) {
  TRY(PackedMatrix w, Shape(type, rows, cols));
  if (packed.size() != w.bytes())
    return Error{Code::kCorrupt, Fmt("%zu bytes of a packed matrix that has %zu", packed.size(), w.bytes())};
  w.data_ = packed.data();
  return w;
}

Result<PackedMatrix> PackedMatrix::Make(TensorType type, size_t rows, size_t cols, PageArena& arena) {
  TRY(PackedMatrix w, Shape(type, rows, cols));
  try {
    w.memory_ = arena.Take(w.bytes_);
  } catch (const std::bad_alloc&) {
    return Error{Code::kExhausted, Fmt("no memory for the %zu MB of a packed weight matrix", w.bytes_ >> 20)};
  }
  w.data_ = w.memory_.data;
  return w;
}

Result<PackedMatrix> PackedMatrix::Make(TensorType type, size_t rows, size_t cols) {
  PageArena own;
  return Make(type, rows, cols, own);
}

void PackedMatrix::Pack(const void* weights, Range panels) {
  const TensorTypeInfo& info = InfoOf(type_);
  const size_t row_bytes = cols_ / info.block_elements * info.block_bytes, together = group_panels();
  for (size_t p = panels.begin; p < panels.end; ++p) {
    const size_t first_of_group = p / together * together;
    const GroupLayout layout = LayoutOf(format_, cols_, std::min(together, this->panels() - first_of_group));
    uint8_t* const group = reinterpret_cast<uint8_t*>(memory_.data) + p / together * group_bytes_;
    for (size_t r = 0; r < kPanelRows && p * kPanelRows + r < rows_; ++r)
      PackRow(*this, static_cast<const uint8_t*>(weights) + (p * kPanelRows + r) * row_bytes,
              {group, layout, StreamsOf(format_), p - first_of_group, r});
  }
}

}  // namespace hasten
