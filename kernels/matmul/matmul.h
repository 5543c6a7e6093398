// y = x W^T for a weight matrix packed once at load and activations quantised to int8 per block of 32 (integer weight
// formats) or kept in float (F32, F16, BF16 weights).
//
// Shapes   W [rows, cols] as in the file, packed in panels of 16 rows; x [n, cols]; y [n, rows].
// Units    x and y in activation units. Integer formats: x is rounded to int8 steps of amax/127 per 32 columns.
// Errors   Pack checks shapes and types; products have none.
// Threads  pure; the caller splits panels (or rows of x) over lanes.
// Bytes    each y is summed over blocks of columns in ascending order, whatever n, the panel range or the tiling:
//          one variant gives the same bytes for one row of x alone and for that row among others.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "base/aligned.h"
#include "base/result.h"
#include "base/tensor_type.h"
#include "base/threads.h"

namespace hasten {

inline constexpr size_t kPanelRows = 16;   // one 512-bit register of int32 sums
inline constexpr size_t kQuantBlock = 32;  // columns that share one activation scale

// Rows of x, quantised: q [n, cols], scale and sum [n, cols/32]; `sum` is the sum of the block's q.
struct QuantRows {
  int8_t* q;
  float* scale;
  int32_t* sum;
  size_t n, cols;
};
size_t QuantRowsBytes(size_t n, size_t cols);                // memory that QuantRowsIn needs
QuantRows QuantRowsIn(void* memory, size_t n, size_t cols);  // lays the arrays out in `memory` (64-byte aligned)
void QuantizeRows(const float* x, size_t stride, Range rows, const QuantRows& out);

// How panels are laid out; one file each under kernels/matmul/formats/.
enum class PackedFormat : uint8_t { kF32, kF16, kBF16, kQ4_0, kQ8_0, kQ4_K, kQ5_K, kQ6_K, kMXFP4, kGeneric };

class PackedMatrix {
 public:
  // Packs row-major blocks of `type`, W [rows, cols]; lanes share the work and meet at the end. Memory is taken here.
  static Result<PackedMatrix> Make(TensorType type, size_t rows, size_t cols);
  void Pack(const void* weights, Range panels);  // writes the panels [begin, end) from the whole matrix's bytes

  TensorType type() const { return type_; }
  PackedFormat format() const { return format_; }
  size_t rows() const { return rows_; }
  size_t cols() const { return cols_; }
  size_t panels() const { return (rows_ + kPanelRows - 1) / kPanelRows; }
  size_t panel_bytes() const { return panel_bytes_; }
  const std::byte* panel(size_t p) const { return bytes_.data() + p * panel_bytes_; }
  bool integer() const { return format_ > PackedFormat::kBF16; }  // wants QuantRows
  size_t bytes() const { return panels() * panel_bytes_; }

 private:
  TensorType type_{};
  PackedFormat format_{};
  size_t rows_ = 0, cols_ = 0, panel_bytes_ = 0;
  AlignedBuffer<std::byte> bytes_;
};

enum class Store : uint8_t { kSet, kAdd };  // y = product, or y += product

struct MatMulOut {
  float* y;  // y[i * stride + r] for row i of x and row r of W
  size_t stride;
  Store store = Store::kSet;
};

// The rows of x in [rows.begin, rows.end) times the panels in [panels.begin, panels.end).
void MatMulInt(const PackedMatrix& w, Range panels, const QuantRows& x, Range rows, const MatMulOut& out);
void MatMulFloat(const PackedMatrix& w, Range panels, const float* x, size_t x_stride, Range rows, const MatMulOut& out);

}  // namespace hasten
