// What a model file says about its shape, read from the metadata and checked once. Files are hostile: every number has limits,
// and whatever is allocated from these numbers is also the shape of a tensor that lies in the file.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "formats/gguf.h"
#include "models/ops.h"

namespace hasten {

// The metadata of one family: Size("block_count", …) reads "llama.block_count".
class Keys {
 public:
  Keys(const Gguf& file, std::string family) : file_(file), family_(std::move(family)) {}

  struct Limits {
    size_t least = 1, most = size_t{1} << 24;
  };
  // Without `otherwise` an absent key is kCorrupt; outside of the limits: kCorrupt with the key, its value and the limits.
  Result<size_t> Size(std::string_view key, Limits limits, std::optional<size_t> otherwise = {}) const;
  // Finite, and within [least, most]. An absent key is `otherwise`.
  Result<float> Number(std::string_view key, float otherwise, float least, float most) const;
  Result<bool> Flag(std::string_view key, bool otherwise) const;
  Result<std::string> Word(std::string_view key, std::string_view otherwise) const;
  // Numbers or flags; a single one is a list of one. Empty where absent.
  Result<std::vector<uint64_t>> List(std::string_view key) const;
  bool Has(std::string_view key) const;
  std::string Full(std::string_view key) const { return family_ + "." + std::string(key); }

 private:
  const Gguf& file_;
  std::string family_;
};

struct RopeConfig {
  enum class Scaling : uint8_t { kNone, kLinear, kYarn, kLongRope };
  float base = 10000;
  size_t width = 0;  // the first `width` of each head's K are rotated
  Scaling scaling = Scaling::kNone;
  float factor = 1;             // positions are divided by it (linear; YaRN: its low frequencies)
  size_t original_context = 0;  // trained before scaling
  float attention_factor = 1;   // multiplies cos and sin
  float beta_fast = 32, beta_slow = 1, extrapolation = 1, log_multiplier = 0;  // YaRN
};

struct MoeConfig {
  size_t experts = 0, used = 0;  // 0: dense
  size_t width = 0;              // F of one expert
  size_t shared_width = 0;       // F of the expert that always works, 0: none
  size_t dense_layers = 0;       // leading layers without experts
  std::optional<Router::Gate> gate;
  float scale = 1;
};

struct Config {
  std::string family, name;
  size_t layers = 0, width = 0, vocab = 0, context = 0;
  size_t heads = 0, kv_heads = 0, head_width = 0;
  std::vector<size_t> layer_kv_heads;  // [layers] 0 where a layer has no attention
  size_t ffn = 0;                      // F of a dense layer, 0 where none is given
  float eps = 0;
  float attention_scale = 0;  // of q k^T; 1/sqrt(K) unless the file says otherwise
  float embedding_scale = 1, residual_scale = 1, logit_scale = 1;
  float attention_softcap = 0, logit_softcap = 0;  // 0: none
  size_t window = 0;                               // of those layers that slide, 0: none
  bool bidirectional = false;
  RopeConfig rope;
  MoeConfig moe;

  size_t q_width() const { return heads * head_width; }
  size_t kv_width() const { return kv_heads * head_width; }
  size_t qkv_width() const { return q_width() + 2 * kv_width(); }
  Attention attention() const { return {heads, kv_heads, head_width, attention_scale, attention_softcap}; }
};

// Reads the keys that families share. `family` has been found supported.
Result<Config> ReadConfig(const Gguf& file, const std::string& family);

// Which layers slide: the file's attention.sliding_window_pattern (a period, or a flag for each layer), else `period`. Of a
// period's layers all slide but the last. No window: none does.
Result<std::vector<bool>> SlidingLayers(const Keys& keys, const Config& config, size_t period);

}  // namespace hasten
