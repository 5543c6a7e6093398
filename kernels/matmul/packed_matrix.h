// A weight matrix repacked once, at load, into panels of 16 rows: the layout that the machine's dot products want.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "base/page_arena.h"
#include "base/result.h"
#include "base/tensor_type.h"
#include "base/threads.h"

namespace hasten {

inline constexpr size_t kPanelRows = 16;   // one 512-bit register of int32 or float sums
inline constexpr size_t kGroupPanels = 4;  // integer panels that lie together (kernels/matmul/layout.h)

// How a panel is laid out (kernels/matmul/layout.h). Types without a layout of their own go into kGeneric, which holds
// any type exactly but spends 12 bits a weight.
enum class PackedFormat : uint8_t { kF32, kF16, kBF16, kQ4_0, kQ4_1, kQ8_0, kQ4_K, kQ5_K, kQ6_K, kIQ4_NL, kMXFP4, kGeneric };

class PackedMatrix {
 public:
  PackedMatrix() = default;
  // Takes the memory for W [rows, cols], beside the arena's other matrices. kCorrupt where cols is not a whole number of
  // blocks; kExhausted without memory.
  static Result<PackedMatrix> Make(TensorType type, size_t rows, size_t cols, PageArena& arena);
  static Result<PackedMatrix> Make(TensorType type, size_t rows, size_t cols);
  // A matrix that was packed before: `packed` are its bytes, borrowed and aligned to a cache line. kCorrupt also where they
  // are not as many as this packing makes.
  static Result<PackedMatrix> Over(TensorType type, size_t rows, size_t cols, std::span<const std::byte> packed);
  // Writes panels [begin, end); `weights` is the whole matrix, row-major blocks as in a model file. Lanes split panels.
  void Pack(const void* weights, Range panels);
  // The weights of one row, dequantised exactly: out [cols].
  void UnpackRow(size_t row, float* out) const;

  TensorType type() const { return type_; }
  PackedFormat format() const { return format_; }
  bool wants_int8() const { return format_ > PackedFormat::kBF16; }  // its products take QuantRows, not floats
  size_t rows() const { return rows_; }
  size_t cols() const { return cols_; }
  size_t panels() const { return (rows_ + kPanelRows - 1) / kPanelRows; }
  size_t group_panels() const { return wants_int8() ? kGroupPanels : 1; }  // of each group but the last, which has the rest
  size_t group_bytes() const { return group_bytes_; }
  size_t bytes() const { return bytes_; }
  const std::byte* group(size_t g) const { return data_ + g * group_bytes_; }
  std::span<const std::byte> packed() const { return {data_, bytes_}; }

 private:
  static Result<PackedMatrix> Shape(TensorType type, size_t rows, size_t cols);  // without memory

  TensorType type_ = TensorType::kF32;
  PackedFormat format_ = PackedFormat::kF32;
  size_t rows_ = 0, cols_ = 0, group_bytes_ = 0, bytes_ = 0;
  const std::byte* data_ = nullptr;  // of memory_, or borrowed
  PageArena::Piece memory_;
};

}  // namespace hasten
