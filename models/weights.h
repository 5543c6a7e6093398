// From named tensors of a file to packed matrices: shapes checked once, here; the packing shared by all lanes.
#pragma once

#include <cstddef>
#include <initializer_list>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/threads.h"
#include "formats/gguf.h"
#include "models/config.h"
#include "models/embedding.h"
#include "models/model.h"
#include "models/ops.h"
#include "models/pack_cache.h"

namespace hasten {

// What has been loaded so far; becomes part of ModelInfo.
struct WeightTotals {
  size_t parameters = 0, packed_bytes = 0;
  // Of the experts, as many as work for a token.
  size_t bytes_per_token = 0, mults_per_token = 0, float_mults_per_token = 0;
  size_t expert_bytes = 0;  // of bytes_per_token
  size_t expert_layers = 0;
};

class WeightReader {
 public:
  WeightReader(const Gguf& file, Team& team, const LoadOptions& options, PackCache& cache, WeightTotals& totals);
  WeightReader Layer(size_t l) const;  // reads "blk.<l>.<name>"

  struct Part {
    std::string_view name;
    size_t rows;
  };
  bool Has(std::string_view name) const;  // the whole name below the layer, "attn_q.weight"
  // "<name>.weight" [n] in any tensor type.
  Result<std::vector<float>> Vector(std::string_view name, size_t n) const;
  // A tensor named in full, its shape as in the file: the contiguous dimension first.
  Result<std::vector<float>> Values(std::string_view full_name, std::initializer_list<size_t> shape) const;
  // Matrices "<name>.weight" [rows, cols] over one input, stacked; "<name>.bias" [rows] where the file has it.
  Result<Linear> Stack(std::initializer_list<Part> parts, size_t cols) const;
  Result<Linear> Matrix(std::string_view name, size_t rows, size_t cols) const { return Stack({{name, rows}}, cols); }
  // One matrix with its rows in another order: row r of the result is row order[r] of the file.
  Result<Linear> Reordered(std::string_view name, const std::vector<size_t>& order, size_t cols) const;
  // E expert networks of width `ffn` over rows of `width`: ffn_gate_exps and ffn_up_exps (or ffn_gate_up_exps), ffn_down_exps.
  Result<Experts> MakeExperts(const MoeConfig& moe, size_t width, Experts::Act act) const;
  // The rows of token_embd.weight, left in the file.
  Result<Embedding> Table(size_t vocab, size_t width) const;
  // The output head: output.weight, or token_embd.weight where that is absent ("tied").
  Result<Linear> Head(size_t vocab, size_t width) const;

 private:
  Result<const GgufTensor*> Find(const std::string& full, std::initializer_list<size_t> shape) const;
  // `count` rows of a tensor from `first` on, or those of `order` (counted from `first`).
  struct Rows {
    size_t first = 0, count = 0;
    std::span<const size_t> order = {};
  };
  Result<PackedMatrix> Pack(const GgufTensor& tensor, const Rows& rows, size_t cols) const;
  Result<PackedMatrix> PackBytes(const GgufTensor& tensor, const std::byte* bytes, size_t rows, size_t cols) const;
  Status AddBias(std::string_view name, size_t offset, size_t rows, Linear& to) const;
  Status AddExpertBias(std::string_view name, size_t offset, size_t rows, size_t stacked_rows, std::vector<Linear>& to) const;
  Status AddExperts(std::string_view name, size_t rows, size_t cols, const MoeConfig& moe, std::vector<Linear>& to) const;
  void Count(const PackedMatrix& m, bool works) const;  // whether every token needs it
  void Done(const GgufTensor& tensor) const;            // progress and pages

  const Gguf& file_;
  Team& team_;
  const LoadOptions& options_;
  PackCache& cache_;
  WeightTotals& totals_;
  std::string prefix_;
  std::shared_ptr<PageArena> arena_ = std::make_shared<PageArena>();  // shared by the readers of all layers
};

}  // namespace hasten
