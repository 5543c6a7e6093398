#include "convert/quantize_file.h"

#include <algorithm>
#include <atomic>
#include <cassert>
#include <cmath>
#include <limits>
#include <span>

#include "base/quote.h"
#include "formats/gguf_writer.h"
#include "kernels/dequant/dequant.h"
#include "kernels/quantize/quantize.h"

namespace hasten {
namespace {

constexpr uint32_t kQuantizationVersion = 2;  // ggml's GGML_QNT_VERSION: the block layouts since May 2023

Result<MixModel> MixModelOf(const Gguf& model) {
  TRY(const std::string_view architecture, model.GetString("general.architecture", ""));
  const auto number = [&](const char* key) -> Result<uint64_t> {
    const std::string full = std::string(architecture) + key;
    if (!model.Has(full)) return uint64_t{0};
    TRY(const std::vector<uint64_t> values, model.GetUints(full));
    return values.empty() ? 0 : values[0];
  };
  MixModel facts{.architecture = architecture};
  TRY(facts.layers, number(".block_count"));
  TRY(facts.heads, number(".attention.head_count"));
  TRY(facts.kv_heads, number(".attention.head_count_kv"));
  TRY(facts.experts, number(".expert_count"));
  return facts;
}

// Weights on their way: a multiple of every block, small enough that a lane's floats stay in its second-level cache.
constexpr size_t kPiece = 16384;
constexpr size_t kPiecesALane = 16;  // between two writes

// The first element that the new type cannot express, or none.
constexpr size_t kNone = std::numeric_limits<size_t>::max();
size_t FirstBeyond(std::span<const float> values, TensorType to) {
  if (to == TensorType::kF32 || to == TensorType::kBF16) return kNone;
  // One pass without branches says whether there is any; most tensors have none.
  bool fits = true;
  for (const float v : values) fits &= std::abs(v) <= 65504.0f;  // false for NaN
  if (fits) return kNone;
  return size_t(std::ranges::find_if(values, [](float v) { return !(std::abs(v) <= 65504.0f); }) - values.begin());
}

class Converter {
 public:
  Converter(const Gguf& model, const QuantizeFileOptions& options, Team& team, GgufWriter& writer)
      : model_(model), options_(options), team_(team), writer_(writer) {}

  Status Run(const std::vector<TensorChange>& plan) {
    for (const TensorChange& change : plan) total_ += change.elements;
    for (size_t i = 0; i < plan.size(); ++i) {
      const GgufTensor& tensor = model_.tensors()[i];
      if (plan[i].from == plan[i].to) {
        TRY_OK(writer_.Write(tensor.data));
        TRY_OK(Advance(plan[i].elements));
      } else {
        TRY_OK(Convert(tensor, plan[i]));
      }
      model_.Release(tensor);
    }
    return {};
  }

 private:
  Status Advance(uint64_t elements) {
    done_ += elements;
    if (options_.progress && !options_.progress(double(done_) / double(std::max<uint64_t>(total_, 1))))
      return Error{Code::kCancelled, "interrupted; nothing was written"};
    return {};
  }

  Status Convert(const GgufTensor& tensor, const TensorChange& change) {
    const TensorTypeInfo& to = InfoOf(change.to);
    const size_t stretch = kPiece * kPiecesALane * team_.size();
    for (size_t begin = 0; begin < change.elements; begin += stretch) {
      const size_t count = std::min<size_t>(stretch, change.elements - begin);
      out_.resize(count / to.block_elements * to.block_bytes);
      const size_t bad = ConvertStretch(tensor, change.to, begin, count);
      if (bad != kNone) return Beyond(tensor, change.to, begin + bad);
      TRY_OK(writer_.Write(out_));
      TRY_OK(Advance(count));
    }
    return {};
  }

  // [begin, begin + count) of the tensor into out_; returns the first element there that does not fit, or kNone.
  size_t ConvertStretch(const GgufTensor& tensor, TensorType type, size_t begin, size_t count) {
    const TensorTypeInfo &from = InfoOf(tensor.type), &to = InfoOf(type);
    std::atomic<size_t> bad = kNone;
    team_.Run([&](const Lane& lane) {
      const Range share = lane.Share(count, kPiece);
      std::vector<float> values(std::min(kPiece, share.size()));
      for (size_t at = share.begin; at < share.end; at += kPiece) {
        const std::span<float> piece = std::span(values).first(std::min(kPiece, share.end - at));
        Dequantize(tensor.type, tensor.data.data() + (begin + at) / from.block_elements * from.block_bytes, piece.size(),
                   piece.data());
        if (const size_t beyond = FirstBeyond(piece, type); beyond != kNone) {
          for (size_t seen = bad; at + beyond < seen && !bad.compare_exchange_weak(seen, at + beyond);) {
          }
          return;
        }
        Quantize(type, piece.data(), piece.size(), out_.data() + at / to.block_elements * to.block_bytes);
      }
    });
    return bad;
  }

  static Error Beyond(const GgufTensor& tensor, TensorType type, size_t element) {
    const TensorTypeInfo& from = InfoOf(tensor.type);
    const size_t block = element / from.block_elements;
    std::vector<float> values(from.block_elements);
    Dequantize(tensor.type, tensor.data.data() + block * from.block_bytes, values.size(), values.data());
    const float value = values[element % from.block_elements];
    const std::string where = Fmt("tensor '%s' holds %g in row %zu, column %zu", Printable(tensor.name).c_str(), double(value),
                                  element / tensor.columns(), element % tensor.columns());
    if (!std::isfinite(value)) return {Code::kCorrupt, where + ", which only F32 and BF16 can express; the model is damaged"};
    return {Code::kUnsupported,
            where + Fmt(", beyond the range of %s (65504); BF16 and F32 can hold it", std::string(InfoOf(type).name).c_str())};
  }

  const Gguf& model_;
  const QuantizeFileOptions& options_;
  Team& team_;
  GgufWriter& writer_;
  std::vector<std::byte> out_;
  uint64_t done_ = 0, total_ = 0;  // elements
};

}  // namespace

Result<std::vector<TensorChange>> PlanQuantization(const Gguf& model, const Mix& mix, bool pure) {
  TRY(const MixModel facts, MixModelOf(model));
  std::vector<MixTensor> tensors;
  for (const GgufTensor& t : model.tensors()) tensors.push_back({t.name, t.dims, t.type});
  const std::vector<TensorType> types = ChooseTypes(mix, pure, facts, tensors);
  std::vector<TensorChange> plan;
  for (size_t i = 0; i < tensors.size(); ++i) {
    const GgufTensor& t = model.tensors()[i];
    const TensorTypeInfo& to = InfoOf(types[i]);
    plan.push_back({std::string(t.name), t.dims, t.type, types[i], t.elements(), t.data.size(),
                    t.elements() / to.block_elements * to.block_bytes});
  }
  return plan;
}

Status QuantizeFile(const Gguf& model, const std::vector<TensorChange>& plan, const QuantizeFileOptions& options, Team& team,
                    FileWriter out) {
  assert(plan.size() == model.tensors().size());
  GgufHeader header;
  header.CopyMetadata(model);
  header.Set<uint32_t>("general.file_type", uint32_t(options.mix.file_type));
  header.Set<uint32_t>("general.quantization_version", kQuantizationVersion);
  for (const TensorChange& change : plan) TRY_OK(header.AddTensor(change.name, change.to, change.dims));
  TRY(GgufWriter writer, GgufWriter::Create(std::move(header), std::move(out)));
  TRY_OK(Converter(model, options, team, writer).Run(plan));
  return writer.Commit();
}

}  // namespace hasten
