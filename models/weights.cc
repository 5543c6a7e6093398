#include "models/weights.h"

#include <algorithm>
#include <cstring>

#include "kernels/dequant/dequant.h"

namespace hasten {

static std::string ShapeText(std::span<const uint64_t> dims) {
  std::string text = "[";
  for (size_t i = dims.size(); i-- > 0;) text += std::to_string(dims[i]) + (i ? ", " : "");
  return text + "]";
}

static Error UnknownType(const GgufTensor& tensor) {
  std::string known;
  for (const TensorTypeInfo& type : TensorTypes()) known += (known.empty() ? "" : ", ") + std::string(type.name);
  return Error{Code::kUnsupported, Fmt("tensor %s has type %u; supported are %s", std::string(tensor.name).c_str(),
                                       unsigned(tensor.type), known.c_str())};
}

WeightReader::WeightReader(const Gguf& file, Team& team, const LoadOptions& options, PackCache& cache, WeightTotals& totals)
    : file_(file), team_(team), options_(options), cache_(cache), totals_(totals) {}

WeightReader WeightReader::Layer(size_t l) const {
  WeightReader layer = *this;
  layer.prefix_ = Fmt("blk.%zu.", l);
  return layer;
}

bool WeightReader::Has(std::string_view name) const { return file_.FindTensor(prefix_ + std::string(name)) != nullptr; }

// `shape` in the file's order, the contiguous dimension first; trailing dimensions of 1 do not count.
Result<const GgufTensor*> WeightReader::Find(const std::string& full, std::initializer_list<size_t> shape) const {
  const GgufTensor* tensor = file_.FindTensor(full);
  if (tensor == nullptr) return Error{Code::kCorrupt, Fmt("tensor %s is absent from %s", full.c_str(), file_.path().c_str())};
  std::vector<uint64_t> found = tensor->dims, expected(shape.begin(), shape.end());
  while (found.size() > 1 && found.back() == 1) found.pop_back();
  while (expected.size() > 1 && expected.back() == 1) expected.pop_back();
  if (FindTensorType(uint32_t(tensor->type)) == nullptr) return UnknownType(*tensor);
  if (found != expected)
    return Error{Code::kCorrupt, Fmt("tensor %s has shape %s, expected %s from the metadata", full.c_str(),
                                     ShapeText(found).c_str(), ShapeText(expected).c_str())};
  return tensor;
}

Result<std::vector<float>> WeightReader::Values(std::string_view full_name, std::initializer_list<size_t> shape) const {
  TRY(const GgufTensor* tensor, Find(prefix_ + std::string(full_name), shape));
  const size_t n = size_t(tensor->elements());
  std::vector<float> values(n);
  Dequantize(tensor->type, tensor->data.data(), n, values.data());
  totals_.parameters += n;
  totals_.packed_bytes += n * sizeof(float);
  totals_.bytes_per_token += n * sizeof(float);
  Done(*tensor);
  return values;
}

Result<std::vector<float>> WeightReader::Vector(std::string_view name, size_t n) const {
  return Values(std::string(name) + ".weight", {n});
}

// Each lane lets go of what it has packed as it goes: a matrix is in memory once, not as file and packed. A slice is large
// beside what a system call costs, and small beside a matrix.
static constexpr size_t kReleasedBytes = 4 << 20;

// `rows`: as in the file, or a copy of them in another order.
Result<PackedMatrix> WeightReader::PackBytes(const GgufTensor& tensor, const std::byte* bytes, size_t rows, size_t cols) const {
  TRY(PackedMatrix packed, PackedMatrix::Make(tensor.type, rows, cols, *arena_));
  const TensorTypeInfo& type = InfoOf(tensor.type);
  const size_t panel_bytes = kPanelRows * (cols / type.block_elements * type.block_bytes);
  const size_t slice = std::max<size_t>(1, kReleasedBytes / panel_bytes), end_of_matrix = rows * panel_bytes / kPanelRows;
  const std::byte* const data = tensor.data.data();
  const bool release = options_.release_pages && bytes >= data && bytes < data + tensor.data.size();
  team_.Run([&](const Lane& lane) {
    const Range mine = lane.Share(packed.panels());
    for (size_t p = mine.begin; p < mine.end; p += slice) {
      const size_t end = std::min(mine.end, p + slice);
      packed.Pack(bytes, {p, end});
      const size_t last = std::min(end * panel_bytes, end_of_matrix);
      if (release) file_.Release(tensor, {bytes + p * panel_bytes, last - p * panel_bytes});
    }
  });
  return packed;
}

Result<PackedMatrix> WeightReader::Pack(const GgufTensor& tensor, const Rows& rows, size_t cols) const {
  const uint64_t identity = MatrixIdentity(tensor, rows.first, rows.count, cols, rows.order);
  if (const auto known = cache_.Find(identity); !known.empty()) {
    if (auto packed = PackedMatrix::Over(tensor.type, rows.count, cols, known)) return packed;
    cache_.Refuse();
  }
  const TensorTypeInfo& type = InfoOf(tensor.type);
  const size_t row_bytes = cols / type.block_elements * type.block_bytes;
  const std::byte* const first = tensor.data.data() + rows.first * row_bytes;
  std::vector<std::byte> ordered(rows.order.size() * row_bytes);
  for (size_t r = 0; r < rows.order.size(); ++r)
    std::memcpy(ordered.data() + r * row_bytes, first + rows.order[r] * row_bytes, row_bytes);
  TRY(PackedMatrix packed, PackBytes(tensor, ordered.empty() ? first : ordered.data(), rows.count, cols));
  cache_.Add(identity, packed.packed());
  return packed;
}

void WeightReader::Count(const PackedMatrix& m, bool works) const {
  totals_.parameters += m.rows() * m.cols();
  totals_.packed_bytes += m.bytes();
  if (!works) return;
  totals_.bytes_per_token += m.bytes();
  totals_.mults_per_token += m.rows() * m.cols();
  if (!m.wants_int8()) totals_.float_mults_per_token += m.rows() * m.cols();
}

void WeightReader::Done(const GgufTensor& tensor) const {
  if (options_.release_pages) file_.Release(tensor);
  if (!options_.progress) return;
  size_t all = 0;
  for (const GgufTensor& t : file_.tensors()) all += t.data.size();
  // Packed bytes differ from the file's by little; a bar needs no more than that.
  options_.progress(all == 0 ? 1 : std::min(1.0, double(totals_.packed_bytes) / double(all)));
}

Status WeightReader::AddBias(std::string_view name, size_t offset, size_t rows, Linear& to) const {
  const std::string full = std::string(name) + ".bias";
  if (!Has(full)) return {};
  TRY(const std::vector<float> bias, Values(full, {rows}));
  to.bias.resize(to.rows());
  std::copy(bias.begin(), bias.end(), to.bias.begin() + offset);
  return {};
}

Result<Linear> WeightReader::Stack(std::initializer_list<Part> parts, size_t cols) const {
  Linear linear;
  for (const Part& part : parts) {
    TRY(const GgufTensor* tensor, Find(prefix_ + std::string(part.name) + ".weight", {cols, part.rows}));
    TRY(PackedMatrix packed, Pack(*tensor, {.count = part.rows}, cols));
    Count(packed, true);
    linear.parts.push_back(std::move(packed));
    Done(*tensor);
  }
  size_t offset = 0;
  for (const Part& part : parts) {
    TRY_OK(AddBias(part.name, offset, part.rows, linear));
    offset += part.rows;
  }
  return linear;
}

Result<Linear> WeightReader::Reordered(std::string_view name, const std::vector<size_t>& order, size_t cols) const {
  TRY(const GgufTensor* tensor, Find(prefix_ + std::string(name) + ".weight", {cols, order.size()}));
  Linear linear;
  TRY(PackedMatrix packed, Pack(*tensor, {.count = order.size(), .order = order}, cols));
  Count(packed, true);
  linear.parts.push_back(std::move(packed));
  Done(*tensor);
  return linear;
}

// Adds expert e's slab of tensor "<name>.weight" [E, rows, cols] to the Linear `to[e]`.
Status WeightReader::AddExperts(std::string_view name, size_t rows, size_t cols, const MoeConfig& moe,
                                std::vector<Linear>& to) const {
  TRY(const GgufTensor* tensor, Find(prefix_ + std::string(name) + ".weight", {cols, rows, moe.experts}));
  to.resize(moe.experts);
  for (size_t e = 0; e < moe.experts; ++e) {
    TRY(PackedMatrix packed, Pack(*tensor, {.first = e * rows, .count = rows}, cols));
    if (e < moe.used) totals_.expert_bytes += packed.bytes();
    Count(packed, e < moe.used);  // as many as work for a token; which ones does not matter, they have one size
    to[e].parts.push_back(std::move(packed));
  }
  Done(*tensor);
  return {};
}

Status WeightReader::AddExpertBias(std::string_view name, size_t offset, size_t rows, size_t stacked_rows,
                                   std::vector<Linear>& to) const {
  const std::string full = std::string(name) + ".bias";
  if (!Has(full)) return {};
  TRY(const GgufTensor* tensor, Find(prefix_ + full, {rows, to.size()}));
  std::vector<float> bias(rows * to.size());
  Dequantize(tensor->type, tensor->data.data(), bias.size(), bias.data());
  totals_.parameters += bias.size();
  totals_.packed_bytes += bias.size() * sizeof(float);
  for (size_t e = 0; e < to.size(); ++e) {
    to[e].bias.resize(stacked_rows);
    std::copy_n(bias.begin() + e * rows, rows, to[e].bias.begin() + offset);
  }
  return {};
}

Result<Experts> WeightReader::MakeExperts(const MoeConfig& moe, size_t width, Experts::Act act) const {
  Experts experts;
  experts.act = act;
  if (Has("ffn_gate_up_exps.weight")) {
    TRY_OK(AddExperts("ffn_gate_up_exps", 2 * moe.width, width, moe, experts.gate_up));
    TRY_OK(AddExpertBias("ffn_gate_up_exps", 0, 2 * moe.width, 2 * moe.width, experts.gate_up));
  } else {
    TRY_OK(AddExperts("ffn_gate_exps", moe.width, width, moe, experts.gate_up));
    TRY_OK(AddExperts("ffn_up_exps", moe.width, width, moe, experts.gate_up));
    TRY_OK(AddExpertBias("ffn_gate_exps", 0, moe.width, 2 * moe.width, experts.gate_up));
    TRY_OK(AddExpertBias("ffn_up_exps", moe.width, moe.width, 2 * moe.width, experts.gate_up));
  }
  TRY_OK(AddExperts("ffn_down_exps", width, moe.width, moe, experts.down));
  TRY_OK(AddExpertBias("ffn_down_exps", 0, width, width, experts.down));
  ++totals_.expert_layers;
  return experts;
}

Result<Embedding> WeightReader::Table(size_t vocab, size_t width) const {
  TRY(const GgufTensor* tensor, Find("token_embd.weight", {width, vocab}));
  const TensorTypeInfo& type = InfoOf(tensor->type);
  const size_t row_bytes = width / type.block_elements * type.block_bytes;
  totals_.bytes_per_token += row_bytes;
  if (file_.FindTensor("output.weight") != nullptr) totals_.parameters += vocab * width;
  return Embedding{tensor->type, tensor->data.data(), row_bytes, width, vocab};
}

Result<Linear> WeightReader::Head(size_t vocab, size_t width) const {
  return Matrix(Has("output.weight") ? "output" : "token_embd", vocab, width);
}

}  // namespace hasten
