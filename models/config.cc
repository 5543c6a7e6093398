#include "models/config.h"

#include <cmath>

namespace hasten {

// Far above any published model; low enough that products of two or three of them stay within 64 bits.
static constexpr size_t kMostLayers = 4096;
static constexpr size_t kMostHeads = 4096;
static constexpr size_t kMostHeadWidth = 4096;
static constexpr size_t kMostContext = size_t{1} << 30;

Result<size_t> Keys::Size(std::string_view key, Limits limits, std::optional<size_t> otherwise) const {
  const std::string full = Full(key);
  if (!file_.Has(full) && otherwise) return *otherwise;
  TRY(const uint64_t value, file_.GetUint(full));
  if (value < limits.least || value > limits.most)
    return Error{Code::kCorrupt, Fmt("%s is %llu, expected %zu to %zu", full.c_str(), static_cast<unsigned long long>(value),
                                     limits.least, limits.most)};
  return size_t(value);
}

Result<float> Keys::Number(std::string_view key, float otherwise, float least, float most) const {
  const std::string full = Full(key);
  TRY(const double value, file_.GetFloat(full, otherwise));
  if (!std::isfinite(value) || value < least || value > most)
    return Error{Code::kCorrupt, Fmt("%s is %g, expected %g to %g", full.c_str(), value, least, most)};
  return float(value);
}

Result<bool> Keys::Flag(std::string_view key, bool otherwise) const { return file_.GetBool(Full(key), otherwise); }

Result<std::string> Keys::Word(std::string_view key, std::string_view otherwise) const {
  TRY(const std::string_view word, file_.GetString(Full(key), otherwise));
  return std::string(word);
}

Result<std::vector<uint64_t>> Keys::List(std::string_view key) const {
  const GgufValue* value = file_.Find(Full(key));
  if (value == nullptr) return std::vector<uint64_t>{};
  const GgufArray* array = value->array();
  if (array == nullptr || array->type != GgufType::kBool) return file_.GetUints(Full(key));
  std::vector<uint64_t> flags(array->count);
  for (size_t i = 0; i < flags.size(); ++i) flags[i] = std::get<bool>(array->Number(i));
  return flags;
}

bool Keys::Has(std::string_view key) const { return file_.Has(Full(key)); }

static Result<RopeConfig> ReadRope(const Keys& keys, size_t head_width, size_t context) {
  RopeConfig rope;
  TRY(rope.base, keys.Number("rope.freq_base", 10000, 1.001f, 1e15f));
  TRY(rope.width, keys.Size("rope.dimension_count", {2, head_width}, head_width));
  if (rope.width % 2)
    return Error{Code::kCorrupt, Fmt("%s is %zu, must be even", keys.Full("rope.dimension_count").c_str(), rope.width)};
  TRY(rope.original_context, keys.Size("rope.scaling.original_context_length", {1, kMostContext}, context));
  TRY(rope.attention_factor, keys.Number("rope.scaling.attn_factor", 1, 0, 1000));
  // "scale_linear" is what files from before scaling types call the factor. 0 means none.
  TRY(const float old_factor, keys.Number("rope.scale_linear", 0, 0, 1e6f));
  TRY(const float factor, keys.Number("rope.scaling.factor", old_factor, 0, 1e6f));
  TRY(const std::string type, keys.Word("rope.scaling.type", "linear"));
  if (type == "longrope") {
    rope.scaling = RopeConfig::Scaling::kLongRope;
  } else if (type == "yarn") {
    rope.scaling = RopeConfig::Scaling::kYarn;
  } else if (type == "linear" && factor != 0) {
    rope.scaling = RopeConfig::Scaling::kLinear;
  } else if (type != "linear" && type != "none") {
    return Error{Code::kUnsupported, Fmt("%s is \"%s\"; supported are none, linear, yarn, longrope",
                                         keys.Full("rope.scaling.type").c_str(), type.c_str())};
  }
  if (factor != 0) rope.factor = factor;
  TRY(rope.beta_fast, keys.Number("rope.scaling.yarn_beta_fast", 32, 1e-3f, 1e6f));
  TRY(rope.beta_slow, keys.Number("rope.scaling.yarn_beta_slow", 1, 1e-3f, 1e6f));
  TRY(rope.extrapolation, keys.Number("rope.scaling.yarn_ext_factor", 1, 0, 1));
  TRY(rope.log_multiplier, keys.Number("rope.scaling.yarn_log_multiplier", 0, 0, 1000));
  return rope;
}

static Result<MoeConfig> ReadMoe(const Keys& keys, size_t layers, size_t ffn) {
  MoeConfig moe;
  TRY(moe.experts, keys.Size("expert_count", {0, 4096}, 0));
  if (moe.experts == 0) return moe;
  TRY(moe.used, keys.Size("expert_used_count", {1, moe.experts}));
  TRY(moe.width, keys.Size("expert_feed_forward_length", {1, size_t{1} << 24}, ffn));
  TRY(moe.shared_width, keys.Size("expert_shared_feed_forward_length", {0, size_t{1} << 24}, 0));
  TRY(moe.dense_layers, keys.Size("leading_dense_block_count", {0, layers}, 0));
  TRY(const float scale, keys.Number("expert_weights_scale", 0, 0, 1000));
  if (scale != 0) moe.scale = scale;
  TRY(const size_t gate, keys.Size("expert_gating_func", {0, 3}, 0));
  if (gate == 1) moe.gate = Router::Gate::kSoftmax;
  if (gate == 2) moe.gate = Router::Gate::kSigmoid;
  if (gate == 3) moe.gate = Router::Gate::kSoftmaxOfChosen;
  return moe;
}

// Key/value heads may be one number or one a layer, where 0 marks a layer without attention; the others must agree, because
// the cache has one shape.
static Status ReadHeads(const Keys& keys, Config& c) {
  TRY(c.heads, keys.Size("attention.head_count", {1, kMostHeads}));
  TRY(std::vector<uint64_t> given, keys.List("attention.head_count_kv"));
  if (given.empty()) given.assign(1, c.heads);
  if (given.size() != 1 && given.size() < c.layers)
    return Error{Code::kCorrupt, Fmt("%s holds %zu numbers for %zu layers", keys.Full("attention.head_count_kv").c_str(),
                                     given.size(), c.layers)};
  for (size_t l = 0; l < c.layers; ++l) {
    const uint64_t heads = given.size() == 1 ? given[0] : given[l];
    if (heads > c.heads || (heads != 0 && c.heads % heads != 0) || (heads == 0 && given.size() == 1))
      return Error{Code::kCorrupt,
                   Fmt("%s is %llu in layer %zu, which does not divide %zu query heads",
                       keys.Full("attention.head_count_kv").c_str(), static_cast<unsigned long long>(heads), l, c.heads)};
    if (heads != 0 && c.kv_heads != 0 && heads != c.kv_heads)
      return Error{Code::kUnsupported, Fmt("layers with %zu and with %llu key/value heads in one model are not supported",
                                           c.kv_heads, static_cast<unsigned long long>(heads))};
    if (heads != 0) c.kv_heads = size_t(heads);
    c.layer_kv_heads.push_back(size_t(heads));
  }
  if (c.kv_heads == 0) return Error{Code::kUnsupported, "no layer has attention; such models are not supported"};
  if (!keys.Has("attention.key_length") && c.width % c.heads != 0)
    return Error{Code::kCorrupt, Fmt("width %zu is not a multiple of %zu heads and %s is absent", c.width, c.heads,
                                     keys.Full("attention.key_length").c_str())};
  TRY(c.head_width, keys.Size("attention.key_length", {1, kMostHeadWidth}, c.width / c.heads));
  TRY(const size_t value_width, keys.Size("attention.value_length", {1, kMostHeadWidth}, c.head_width));
  if (value_width != c.head_width)
    return Error{Code::kUnsupported,
                 Fmt("keys of width %zu with values of width %zu are not supported", c.head_width, value_width)};
  return {};
}

static Status ReadScales(const Keys& keys, Config& c) {
  TRY(c.eps, keys.Number("attention.layer_norm_rms_epsilon", -1, -1, 1));
  if (c.eps < 0) return Error{Code::kCorrupt, keys.Full("attention.layer_norm_rms_epsilon") + " is absent or negative"};
  TRY(c.attention_scale, keys.Number("attention.scale", 0, 0, 1e4f));
  if (c.attention_scale == 0) c.attention_scale = 1 / std::sqrt(float(c.head_width));
  TRY(c.attention_softcap, keys.Number("attn_logit_softcapping", 0, 0, 1e6f));
  TRY(c.logit_softcap, keys.Number("final_logit_softcapping", 0, 0, 1e6f));
  TRY(c.window, keys.Size("attention.sliding_window", {0, kMostContext}, 0));
  return {};
}

static Result<size_t> VocabularyOf(const Gguf& file) {
  const GgufTensor* embedding = file.FindTensor("token_embd.weight");
  if (embedding == nullptr)
    return Error{Code::kCorrupt, "tensor token_embd.weight is absent: there are no weights in this file"};
  if (embedding->dims.size() < 2 || embedding->dims[1] == 0 || embedding->dims[1] > size_t{1} << 28)
    return Error{Code::kCorrupt, "tensor token_embd.weight is not a matrix of one row a token"};
  return size_t(embedding->dims[1]);
}

Result<Config> ReadConfig(const Gguf& file, const std::string& family) {
  const Keys keys(file, family);
  Config c;
  c.family = family;
  TRY(const std::string_view name, file.GetString("general.name", ""));
  c.name = name;
  TRY(c.layers, keys.Size("block_count", {1, kMostLayers}));
  TRY(c.width, keys.Size("embedding_length", {1, size_t{1} << 20}));
  TRY(c.context, keys.Size("context_length", {1, kMostContext}));
  TRY(c.vocab, VocabularyOf(file));
  TRY_OK(ReadHeads(keys, c));
  TRY_OK(ReadScales(keys, c));
  TRY(const std::vector<uint64_t> ffn, keys.List("feed_forward_length"));
  for (const uint64_t f : ffn)
    if (f > size_t{1} << 24 || f != ffn[0])
      return Error{Code::kUnsupported, keys.Full("feed_forward_length") + " differs between layers or is out of range"};
  if (!ffn.empty()) c.ffn = size_t(ffn[0]);
  TRY(c.rope, ReadRope(keys, c.head_width, c.context));
  TRY(c.moe, ReadMoe(keys, c.layers, c.ffn));
  TRY(const bool causal, keys.Flag("attention.causal", true));
  c.bidirectional = !causal;
  return c;
}

Result<std::vector<bool>> SlidingLayers(const Keys& keys, const Config& config, size_t period) {
  std::vector<bool> slides(config.layers, false);
  if (config.window == 0) return slides;
  TRY(const std::vector<uint64_t> given, keys.List("attention.sliding_window_pattern"));
  if (given.size() > 1 && given.size() < config.layers)
    return Error{Code::kCorrupt, Fmt("%s holds %zu flags for %zu layers", keys.Full("attention.sliding_window_pattern").c_str(),
                                     given.size(), config.layers)};
  if (given.size() == 1) period = size_t(given[0]);
  for (size_t l = 0; l < config.layers; ++l)
    slides[l] = given.size() > 1 ? given[l] != 0 : period == 0 || l % period < period - 1;
  return slides;
}

}  // namespace hasten
