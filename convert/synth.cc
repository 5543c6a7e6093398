#include "convert/synth.h"

#include <algorithm>
#include <cmath>
#include <initializer_list>
#include <numbers>
#include <span>
#include <string>
#include <vector>

#include "base/random.h"
#include "convert/random_weights.h"
#include "convert/synth_vocab.h"
#include "formats/gguf_writer.h"

namespace hasten {
namespace {

struct Plan {
  enum class Kind : uint8_t { kMatrix, kNorm, kRopeFactors };
  std::string name;
  std::vector<uint64_t> dims;
  Kind kind = Kind::kMatrix;
  bool quantised = true;  // false: F32 whatever the mix
};

class Planner {
 public:
  explicit Planner(const Shape& shape) : s_(shape) {}

  std::vector<Plan> Tensors() {
    Matrix("token_embd", {s_.width, s_.vocab});
    Norm(s_.family == "lfm2" ? "token_embd_norm" : "output_norm", s_.width);
    if (!s_.tied) Matrix("output", {s_.width, s_.vocab});
    if (s_.rope_factor != 0) plan_.push_back({"rope_freqs.weight", {s_.head_width / 2}, Plan::Kind::kRopeFactors, false});
    for (size_t l = 0; l < s_.layers; ++l) Layer(l);
    return std::move(plan_);
  }

 private:
  void Matrix(const std::string& name, std::initializer_list<uint64_t> dims, bool quantised = true) {
    plan_.push_back({prefix_ + name + ".weight", dims, Plan::Kind::kMatrix, quantised});
  }
  void Norm(const std::string& name, uint64_t width) {
    plan_.push_back({prefix_ + name + ".weight", {width}, Plan::Kind::kNorm, false});
  }

  void Layer(size_t l) {
    prefix_ = Fmt("blk.%zu.", l);
    Norm("attn_norm", s_.width);
    if (s_.HasAttention(l)) {
      Attention();
    } else {
      Matrix("shortconv.in_proj", {s_.width, 3 * s_.width});
      Matrix("shortconv.conv", {s_.conv_width, s_.width}, false);
      Matrix("shortconv.out_proj", {s_.width, s_.width});
    }
    Norm("ffn_norm", s_.width);
    if (s_.experts != 0) {
      Matrix("ffn_gate_inp", {s_.width, s_.experts}, false);
      Matrix("ffn_gate_exps", {s_.width, s_.expert_ffn, s_.experts});
      Matrix("ffn_up_exps", {s_.width, s_.expert_ffn, s_.experts});
      Matrix("ffn_down_exps", {s_.expert_ffn, s_.width, s_.experts});
    } else {
      Matrix("ffn_gate", {s_.width, s_.ffn});
      Matrix("ffn_up", {s_.width, s_.ffn});
      Matrix("ffn_down", {s_.ffn, s_.width});
    }
  }

  void Attention() {
    const size_t q = s_.heads * s_.head_width, kv = s_.kv_heads * s_.head_width;
    Matrix("attn_q", {s_.width, q});
    Matrix("attn_k", {s_.width, kv});
    Matrix("attn_v", {s_.width, kv});
    Matrix("attn_output", {q, s_.width});
    if (s_.family == "llama") return;
    Norm("attn_q_norm", s_.head_width);
    Norm("attn_k_norm", s_.head_width);
  }

  const Shape& s_;
  std::string prefix_;
  std::vector<Plan> plan_;
};

void SetShape(const Shape& s, GgufHeader& header) {
  const auto set = [&](const char* key, size_t value) { header.Set<uint32_t>(s.family + "." + key, uint32_t(value)); };
  const auto set_float = [&](const char* key, double value) { header.Set<float>(s.family + "." + key, float(value)); };
  set("context_length", s.context);
  set("embedding_length", s.width);
  set("block_count", s.layers);
  set("feed_forward_length", s.ffn);
  set("vocab_size", s.vocab);
  set("attention.head_count", s.heads);
  set("attention.key_length", s.head_width);
  set("attention.value_length", s.head_width);
  set_float("attention.layer_norm_rms_epsilon", s.eps);
  set("rope.dimension_count", s.head_width);
  set_float("rope.freq_base", s.rope_base);
  if (s.experts != 0) {
    set("expert_count", s.experts);
    set("expert_used_count", s.experts_used);
    set("expert_feed_forward_length", s.expert_ffn);
  }
  if (s.family != "lfm2") return set("attention.head_count_kv", s.kv_heads);
  set("shortconv.l_cache", s.conv_width);
  std::vector<int32_t> kv_heads;
  for (size_t l = 0; l < s.layers; ++l) kv_heads.push_back(s.HasAttention(l) ? int32_t(s.kv_heads) : 0);
  header.SetArray<int32_t>("lfm2.attention.head_count_kv", kv_heads);
}

Status SetVocab(const SynthOptions& o, GgufHeader& header) {
  const size_t control = o.control_tokens.size();
  if (o.shape.vocab < SynthVocab::kEndOfText + 1 + control) {
    return Error{Code::kBadInput,
                 Fmt("a vocabulary of %zu tokens has no room for %zu control tokens beside the bytes", o.shape.vocab, control)};
  }
  SynthVocab vocab = MakeSynthVocab(o.shape.vocab - control);
  for (const std::string& token : o.control_tokens) {
    constexpr int32_t kControl = 3;
    vocab.tokens.push_back(token);
    vocab.types.push_back(kControl);
  }
  const std::vector<std::string_view> tokens(vocab.tokens.begin(), vocab.tokens.end());
  const std::vector<std::string_view> merges(vocab.merges.begin(), vocab.merges.end());
  header.Set<std::string_view>("tokenizer.ggml.model", "gpt2");
  header.Set<std::string_view>("tokenizer.ggml.pre", "gpt-2");
  header.SetArray<std::string_view>("tokenizer.ggml.tokens", tokens);
  header.SetArray<int32_t>("tokenizer.ggml.token_type", vocab.types);
  header.SetArray<std::string_view>("tokenizer.ggml.merges", merges);
  header.Set<uint32_t>("tokenizer.ggml.bos_token_id", SynthVocab::kEndOfText);
  header.Set<uint32_t>("tokenizer.ggml.eos_token_id", SynthVocab::kEndOfText);
  header.Set<bool>("tokenizer.ggml.add_bos_token", false);
  if (!o.chat_template.empty()) header.Set<std::string_view>("tokenizer.chat_template", o.chat_template);
  return {};
}

Result<GgufHeader> MakeHeader(const SynthOptions& o, const std::vector<Plan>& plan, const std::vector<TensorType>& types) {
  GgufHeader header;
  const std::string name = Fmt("random weights, %s, seed %zu", o.shape.name.c_str(), size_t(o.seed));
  header.Set<std::string_view>("general.architecture", o.shape.family);
  header.Set<std::string_view>("general.name", name);
  header.Set<uint32_t>("general.file_type", uint32_t(o.mix.file_type));
  header.Set<uint32_t>("general.quantization_version", 2);
  SetShape(o.shape, header);
  TRY_OK(SetVocab(o, header));
  for (size_t i = 0; i < plan.size(); ++i) TRY_OK(header.AddTensor(plan[i].name, types[i], plan[i].dims));
  return header;
}

std::vector<TensorType> TypesOf(const SynthOptions& o, const std::vector<Plan>& plan) {
  std::vector<MixTensor> tensors;
  for (const Plan& p : plan) tensors.push_back({p.name, p.dims, TensorType::kF32});
  const MixModel model = {.architecture = o.shape.family,
                          .layers = o.shape.layers,
                          .heads = o.shape.heads,
                          .kv_heads = o.shape.HasAttention(0) ? o.shape.kv_heads : 0,
                          .experts = o.shape.experts};
  std::vector<TensorType> types = ChooseTypes(o.mix, o.pure, model, tensors);
  for (size_t i = 0; i < plan.size(); ++i)
    if (!plan[i].quantised) types[i] = TensorType::kF32;
  return types;
}

// Llama 3's division of low rotary frequencies by `factor`, with a smooth passage between wavelengths of 1/4 of the 8192
// positions trained first and all of them. Source: Llama 3.1's published rope_scaling, "low_freq_factor" 1, "high" 4.
std::vector<float> RopeFactors(const Shape& s) {
  constexpr double kTrained = 8192, kLow = 1, kHigh = 4;
  std::vector<float> factors;
  for (size_t i = 0; i < s.head_width / 2; ++i) {
    const double wavelength = 2 * std::numbers::pi * std::pow(s.rope_base, 2 * double(i) / double(s.head_width));
    const double smooth = std::clamp((kTrained / wavelength - kLow) / (kHigh - kLow), 0.0, 1.0);
    factors.push_back(float(1 / ((1 - smooth) / s.rope_factor + smooth)));
  }
  return factors;
}

std::vector<float> NormWeights(size_t width, uint64_t stream) {
  std::vector<float> weights(width);
  for (size_t i = 0; i < width; ++i) weights[i] = float(0.9 + 0.2 * RandomUnit(stream, i));
  return weights;
}

}  // namespace

Status Synthesise(const SynthOptions& o, FileWriter file) {
  TRY_OK(CheckShape(o.shape));
  const std::vector<Plan> plan = Planner(o.shape).Tensors();
  const std::vector<TensorType> types = TypesOf(o, plan);
  TRY(GgufHeader header, MakeHeader(o, plan, types));
  const double total = double(header.DataBytes());
  TRY(GgufWriter writer, GgufWriter::Create(std::move(header), std::move(file)));
  RandomWeights weights(o.seed);
  for (size_t i = 0; i < plan.size(); ++i) {
    const uint64_t stream = RandomBits(o.seed, i);
    uint64_t elements = 1;
    for (const uint64_t d : plan[i].dims) elements *= d;
    const auto write = [&](std::span<const std::byte> bytes) -> Status {
      TRY_OK(writer.Write(bytes));
      if (o.progress) o.progress(double(writer.written()) / total);
      return {};
    };
    if (plan[i].kind == Plan::Kind::kMatrix) {
      TRY_OK(weights.Fill({types[i], plan[i].dims[0], elements, stream}, write));
    } else {
      const bool norm = plan[i].kind == Plan::Kind::kNorm;
      const std::vector<float> values = norm ? NormWeights(elements, stream) : RopeFactors(o.shape);
      TRY_OK(write(std::as_bytes(std::span(values))));
    }
  }
  return writer.Commit();
}

}  // namespace hasten
