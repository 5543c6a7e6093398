#include "convert/mix.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <string>
#include <tuple>

namespace hasten {

static constexpr Mix kMixes[] = {
    {"F32", FileType::kF32, TensorType::kF32, "4 bytes a weight"},
    {"F16", FileType::kF16, TensorType::kF16, "2 bytes a weight"},
    {"BF16", FileType::kBF16, TensorType::kBF16, "2 bytes a weight, float32's range"},
    {"Q8_0", FileType::kQ8_0, TensorType::kQ8_0, "8.5 bits a weight; hardly distinguishable from F16"},
    {"Q6_K", FileType::kQ6_K, TensorType::kQ6_K, "6.6 bits; close to Q8_0"},
    {"Q5_K_M", FileType::kQ5_K_M, TensorType::kQ5_K, "5.5 bits, half of attn_v and ffn_down in Q6_K"},
    {"Q5_K_S", FileType::kQ5_K_S, TensorType::kQ5_K, "5.5 bits"},
    {"Q5_1", FileType::kQ5_1, TensorType::kQ5_1, "6 bits, older"},
    {"Q5_0", FileType::kQ5_0, TensorType::kQ5_0, "5.5 bits, older"},
    {"Q4_K_M", FileType::kQ4_K_M, TensorType::kQ4_K, "4.5 bits, half of attn_v and ffn_down in Q6_K: the usual choice"},
    {"Q4_K_S", FileType::kQ4_K_S, TensorType::kQ4_K, "4.5 bits, a few tensors in Q5_K"},
    {"Q4_1", FileType::kQ4_1, TensorType::kQ4_1, "5 bits, older"},
    {"Q4_0", FileType::kQ4_0, TensorType::kQ4_0, "4.5 bits; the fastest to compute with"},
    {"IQ4_NL", FileType::kIQ4_NL, TensorType::kIQ4_NL, "4.5 bits, uneven steps"},
    {"IQ4_XS", FileType::kIQ4_XS, TensorType::kIQ4_XS, "4.25 bits, uneven steps"},
    {"MXFP4_MOE", FileType::kMXFP4_MOE, TensorType::kMXFP4, "experts at 4.25 bits, the rest in Q8_0"},
    {"Q3_K_L", FileType::kQ3_K_L, TensorType::kQ3_K, "3.4 bits, much of it in Q5_K"},
    {"Q3_K_M", FileType::kQ3_K_M, TensorType::kQ3_K, "3.4 bits, much of it in Q4_K"},
    {"Q3_K_S", FileType::kQ3_K_S, TensorType::kQ3_K, "3.4 bits"},
    {"Q2_K", FileType::kQ2_K, TensorType::kQ2_K, "2.6 bits, much of it in Q3_K; a marked loss"},
    {"TQ2_0", FileType::kTQ2_0, TensorType::kTQ2_0, "2.1 bits, for models trained to have weights of -1, 0 and 1"},
    {"TQ1_0", FileType::kTQ1_0, TensorType::kTQ1_0, "1.7 bits, for the same models"},
};

std::span<const Mix> Mixes() { return kMixes; }

const Mix* FindMix(std::string_view name) {
  std::string upper(name);
  for (char& c : upper) c = char(std::toupper(static_cast<unsigned char>(c)));
  if (upper == "Q3_K" || upper == "Q4_K" || upper == "Q5_K") upper += "_M";
  const auto* it = std::ranges::find(kMixes, upper, &Mix::name);
  return it == std::end(kMixes) ? nullptr : it;
}

namespace {

enum class Role : uint8_t { kOutput, kTokens, kValue, kKey, kAttentionOutput, kDown, kOther };

bool Has(std::string_view name, std::string_view part) { return name.find(part) != name.npos; }

Role RoleOf(std::string_view name) {
  if (name == "output.weight") return Role::kOutput;
  if (name == "token_embd.weight" || name == "per_layer_token_embd.weight") return Role::kTokens;
  // Fused query-key-value counts as value: the most sensitive of the three decides.
  for (const char* value : {"attn_qkv.weight", "attn_kv_b.weight", "attn_v.weight"})
    if (Has(name, value)) return Role::kValue;
  if (Has(name, "attn_k.weight")) return Role::kKey;
  if (Has(name, "attn_output.weight")) return Role::kAttentionOutput;
  if (Has(name, "ffn_down")) return Role::kDown;
  return Role::kOther;
}

// Matrices, except those that are small and decide much.
bool IsQuantized(const MixTensor& t) {
  const auto wide = std::ranges::count_if(t.dims.subspan(std::min<size_t>(1, t.dims.size())), [](uint64_t d) { return d > 1; });
  if (wide == 0 || !t.name.ends_with("weight")) return false;
  constexpr std::string_view kKept[] = {"_norm.weight",          "ffn_gate_inp.weight", "ssm_conv1d",
                                        "shortconv.conv.weight", "position_embd",       "token_types"};
  return std::ranges::none_of(kKept, [&](std::string_view kept) { return Has(t.name, kept); });
}

int LayerOf(std::string_view name) {
  int layer = -1;
  if (name.starts_with("blk.")) std::from_chars(name.data() + 4, name.data() + name.size(), layer);
  return layer;
}

struct Rules {
  const Mix& mix;
  const MixModel& model;
  bool tied;      // the output matrix is the table of token embeddings
  size_t values;  // tensors of Role::kValue
  bool one_of(std::initializer_list<FileType> types) const { return std::ranges::find(types, mix.file_type) != types.end(); }
  bool is(FileType type) const { return mix.file_type == type; }
  // Query heads that share a key head: their value matrix is small, and each of its errors counts as often.
  uint64_t sharing() const { return model.kv_heads == 0 ? 0 : model.heads / model.kv_heads; }
};

// The first and the last eighth of the layers and every third between.
bool MoreBits(size_t i, size_t n) { return i < n / 8 || i >= 7 * n / 8 || (i - n / 8) % 3 == 2; }

TensorType OutputType(const Rules& r, const MixTensor& t) {
  if (r.is(FileType::kMXFP4_MOE) || t.dims[0] % InfoOf(r.mix.base).block_elements != 0) return TensorType::kQ8_0;
  return r.mix.base == TensorType::kQ8_0 ? TensorType::kQ8_0 : TensorType::kQ6_K;
}

// `i`: which of the model's value matrices this is.
TensorType ValueType(const Rules& r, size_t i) {
  TensorType type = r.mix.base;
  if (r.is(FileType::kQ2_K)) type = r.sharing() >= 4 ? TensorType::kQ4_K : TensorType::kQ3_K;
  if (r.is(FileType::kQ3_K_M)) type = i < 2 ? TensorType::kQ5_K : TensorType::kQ4_K;
  if (r.is(FileType::kQ3_K_L)) type = TensorType::kQ5_K;
  if (r.one_of({FileType::kIQ4_NL, FileType::kIQ4_XS}) && r.sharing() >= 4) type = TensorType::kQ5_K;
  if (r.one_of({FileType::kQ4_K_M, FileType::kQ5_K_M}) && MoreBits(i, r.values)) type = TensorType::kQ6_K;
  if (r.is(FileType::kQ4_K_S) && i < 4) type = TensorType::kQ5_K;
  const bool seventy_billion = r.model.architecture == "llama" && r.model.layers == 80 && r.model.heads != r.model.kv_heads;
  if (seventy_billion && (type == TensorType::kQ3_K || type == TensorType::kQ4_K)) type = TensorType::kQ5_K;
  return r.model.experts == 8 ? TensorType::kQ8_0 : type;  // Mixtral: a hundred megabytes of 26 gigabytes
}

// `i` of `n`: which layer's.
TensorType DownType(const Rules& r, size_t i, size_t n) {
  switch (r.mix.file_type) {
    case FileType::kQ2_K:
      return TensorType::kQ3_K;
    case FileType::kQ3_K_M:
      return i < n / 16 ? TensorType::kQ5_K : TensorType::kQ4_K;
    case FileType::kQ3_K_L:
      return TensorType::kQ5_K;
    case FileType::kQ4_K_M:
    case FileType::kQ5_K_M:
      return MoreBits(i, n) ? TensorType::kQ6_K : r.mix.base;
    case FileType::kQ4_K_S:
    case FileType::kIQ4_NL:
    case FileType::kIQ4_XS:
      return i < n / 8 ? TensorType::kQ5_K : r.mix.base;
    default:
      return r.mix.base;
  }
}

TensorType AttentionOutputType(const Rules& r) {
  if (r.model.experts == 8)
    return r.one_of({FileType::kQ2_K, FileType::kQ3_K_S, FileType::kQ3_K_M, FileType::kQ4_K_S, FileType::kQ4_K_M,
                     FileType::kIQ4_NL, FileType::kIQ4_XS})
               ? TensorType::kQ5_K
               : r.mix.base;
  switch (r.mix.file_type) {
    case FileType::kQ2_K:
      return TensorType::kQ3_K;
    case FileType::kQ3_K_M:
      return TensorType::kQ4_K;
    case FileType::kQ3_K_L:
      return TensorType::kQ5_K;
    default:
      return r.mix.base;
  }
}

// `i`: which of the tensors of its role this is, by layer.
TensorType MixedType(const Rules& r, const MixTensor& t, size_t i) {
  const Role role = RoleOf(t.name);
  if (role == Role::kOutput || (role == Role::kTokens && r.tied)) return OutputType(r, t);
  if (r.is(FileType::kMXFP4_MOE)) return t.dims.size() > 2 && t.dims[2] > 1 ? TensorType::kMXFP4 : TensorType::kQ8_0;
  switch (role) {
    case Role::kTokens:
      return r.one_of({FileType::kTQ1_0, FileType::kTQ2_0}) ? TensorType::kQ4_K : r.mix.base;
    case Role::kValue:
      return ValueType(r, i);
    case Role::kKey:
      return r.model.experts == 8 ? TensorType::kQ8_0 : r.mix.base;
    case Role::kAttentionOutput:
      return AttentionOutputType(r);
    case Role::kDown:
      // Models of experts may have several such tensors in a layer, and layers without: their number is in the name.
      return DownType(r, r.model.experts > 1 ? size_t(std::max(LayerOf(t.name), 0)) : i, r.model.layers);
    default:
      return r.mix.base;
  }
}

// What stands in for `type` where the columns are not a multiple of its block.
TensorType Fitting(TensorType type, uint64_t columns) {
  if (columns % InfoOf(type).block_elements == 0) return type;
  switch (type) {
    case TensorType::kIQ4_XS:
      type = TensorType::kIQ4_NL;
      break;
    case TensorType::kQ2_K:
    case TensorType::kQ3_K:
    case TensorType::kTQ1_0:
    case TensorType::kTQ2_0:
      type = TensorType::kQ4_0;
      break;
    case TensorType::kQ4_K:
      type = TensorType::kQ5_0;
      break;
    case TensorType::kQ5_K:
      type = TensorType::kQ5_1;
      break;
    case TensorType::kQ6_K:
      type = TensorType::kQ8_0;
      break;
    default:
      break;
  }
  return columns % InfoOf(type).block_elements == 0 ? type : TensorType::kF16;
}

bool IsFloat(TensorType type) { return InfoOf(type).block_elements == 1; }

}  // namespace

std::vector<TensorType> ChooseTypes(const Mix& mix, bool pure, const MixModel& model, std::span<const MixTensor> tensors) {
  Rules rules{mix, model, true, 0};
  for (const MixTensor& t : tensors) {
    if (RoleOf(t.name) == Role::kOutput) rules.tied = false;
    if (RoleOf(t.name) == Role::kValue) ++rules.values;
  }
  // Tensors are counted by layer, then by name, whatever their order in the file.
  std::vector<size_t> order(tensors.size());
  for (size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::ranges::sort(order, {}, [&](size_t i) { return std::make_tuple(LayerOf(tensors[i].name), tensors[i].name, i); });
  std::vector<TensorType> types(tensors.size());
  size_t seen[size_t(Role::kOther) + 1] = {};
  for (const size_t i : order) {
    const MixTensor& t = tensors[i];
    types[i] = t.type;
    if (!IsQuantized(t)) continue;
    const TensorType wanted = pure || IsFloat(mix.base) ? mix.base : MixedType(rules, t, seen[size_t(RoleOf(t.name))]++);
    types[i] = Fitting(wanted, t.dims[0]);
  }
  return types;
}

}  // namespace hasten
