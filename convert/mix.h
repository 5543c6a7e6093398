// Which tensor type each tensor of a model gets: llama-quantize's mixes, so that a Q4_K_M of ours is a Q4_K_M.
// Source: llama.cpp's src/llama-quant.cpp (MIT), read for the rules. Left out: what depends on an importance matrix, on
// Falcon, and on types that hasten does not write.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "base/tensor_type.h"

namespace hasten {

// Values of general.file_type (llama.cpp's enum llama_ftype).
enum class FileType : uint32_t {
  kF32 = 0,
  kF16 = 1,
  kQ4_0 = 2,
  kQ4_1 = 3,
  kQ8_0 = 7,
  kQ5_0 = 8,
  kQ5_1 = 9,
  kQ2_K = 10,
  kQ3_K_S = 11,
  kQ3_K_M = 12,
  kQ3_K_L = 13,
  kQ4_K_S = 14,
  kQ4_K_M = 15,
  kQ5_K_S = 16,
  kQ5_K_M = 17,
  kQ6_K = 18,
  kIQ4_NL = 25,
  kIQ4_XS = 30,
  kBF16 = 32,
  kTQ1_0 = 36,
  kTQ2_0 = 37,
  kMXFP4_MOE = 38,
};

struct Mix {
  std::string_view name;  // "Q4_K_M"
  FileType file_type;
  TensorType base;           // what most tensors get
  std::string_view summary;  // for a table in the help
};

std::span<const Mix> Mixes();
const Mix* FindMix(std::string_view name);  // upper or lower case; Q3_K, Q4_K and Q5_K mean their _M; nullptr where unknown

// What the rules ask about the model.
struct MixModel {
  std::string_view architecture;  // "llama"
  uint64_t layers = 0;
  uint64_t heads = 0, kv_heads = 0;  // of the first layer; kv_heads may be 0 (a convolution)
  uint64_t experts = 0;              // 0 for dense models
};

struct MixTensor {
  std::string_view name;           // "blk.0.attn_v.weight"
  std::span<const uint64_t> dims;  // dims[0]: columns
  TensorType type;                 // before; kept where the tensor is not to be quantised (vectors, norms, routers, …)
};

// The type of each tensor, in the order given. All of the model's tensors must be there: the rules count them.
// `pure`: every matrix gets mix.base, or what replaces it where the columns are not a multiple of its block.
std::vector<TensorType> ChooseTypes(const Mix& mix, bool pure, const MixModel& model, std::span<const MixTensor> tensors);

}  // namespace hasten
