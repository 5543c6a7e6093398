#include "cli/model_facts.h"

#include <algorithm>

#include "convert/mix.h"
#include "models/model.h"
#include "tokenizer/tokenizer.h"

namespace hasten {
namespace {

class Gatherer {
 public:
  explicit Gatherer(const Gguf& file) : file_(file) {}

  ModelFacts Gather() {
    f_.family = Text("general.architecture");
    f_.name = Text("general.name");
    const ModelFacts::Numbers type = Numbers("general.file_type");
    for (const Mix& mix : Mixes())
      if (!type.empty() && uint64_t(mix.file_type) == type[0]) f_.mix = mix.name;
    Shape();
    Rope();
    Tensors();
    Tokenizer();
    Support();
    return std::move(f_);
  }

 private:
  // A value of another type than expected is told once, and then counts as absent.
  template <class T>
  T Or(Result<T> value, T otherwise) {
    if (value) return *std::move(value);
    f_.damaged.push_back(value.error().what);
    return otherwise;
  }
  std::string Text(const std::string& key) { return std::string(Or<std::string_view>(file_.GetString(key, ""), "")); }
  ModelFacts::Numbers Numbers(const std::string& key) {
    if (!file_.Has(key)) return {};
    ModelFacts::Numbers numbers = Or<ModelFacts::Numbers>(file_.GetUints(key), {});
    if (std::ranges::adjacent_find(numbers, std::ranges::not_equal_to()) == numbers.end() && numbers.size() > 1)
      numbers.resize(1);
    return numbers;
  }
  ModelFacts::Numbers Own(const char* key) { return Numbers(f_.family + "." + key); }

  void Shape() {
    f_.layers = Own("block_count");
    f_.width = Own("embedding_length");
    f_.heads = Own("attention.head_count");
    f_.kv_heads = Own("attention.head_count_kv");
    f_.head_width = Own("attention.key_length");
    f_.ffn = Own("feed_forward_length");
    f_.context = Own("context_length");
    f_.vocab = Own("vocab_size");
    f_.window = Own("attention.sliding_window");
    f_.experts = Own("expert_count");
    f_.experts_used = Own("expert_used_count");
    f_.expert_ffn = Own("expert_feed_forward_length");
    if (f_.kv_heads.empty()) f_.kv_heads = f_.heads;
    const bool one_width = f_.width.size() == 1 && f_.heads.size() == 1 && f_.heads[0] != 0;
    if (f_.head_width.empty() && one_width) f_.head_width = {f_.width[0] / f_.heads[0]};
    if (const GgufTensor* table = file_.FindTensor("token_embd.weight"); table && f_.vocab.empty()) f_.vocab = {table->rows()};
  }

  void Rope() {
    f_.rope_base = Or<double>(file_.GetFloat(f_.family + ".rope.freq_base", 0), 0);
    f_.rope_scaling = Text(f_.family + ".rope.scaling.type");
    f_.rope_factor = Or<double>(file_.GetFloat(f_.family + ".rope.scaling.factor", 0), 0);
    f_.rope_original_context = Own("rope.scaling.original_context_length");
    f_.rope_factors = file_.FindTensor("rope_freqs.weight") != nullptr;
  }

  void Tensors() {
    uint64_t of_experts = 0;
    for (const GgufTensor& tensor : file_.tensors()) {
      auto share = std::ranges::find(f_.types, tensor.type, &TypeShare::type);
      if (share == f_.types.end()) share = f_.types.insert(share, TypeShare{tensor.type});
      ++share->tensors;
      share->weights += tensor.elements();
      share->bytes += tensor.data.size();
      f_.parameters += tensor.elements();
      f_.tensor_bytes += tensor.data.size();
      if (tensor.name.find("_exps.") != tensor.name.npos) of_experts += tensor.elements();
    }
    std::ranges::stable_sort(f_.types, std::ranges::greater(), &TypeShare::weights);
    f_.active_parameters = f_.parameters;
    if (f_.experts.size() == 1 && f_.experts_used.size() == 1 && f_.experts_used[0] < f_.experts[0])
      f_.active_parameters -= uint64_t(double(of_experts) * (1 - double(f_.experts_used[0]) / double(f_.experts[0])));
  }

  void Tokenizer() {
    f_.tokenizer = Text("tokenizer.ggml.model");
    f_.pre_tokenizer = Text("tokenizer.ggml.pre");
    const auto strings = [&](const char* key) {
      if (!file_.Has(key)) return std::span<const std::string_view>();
      return Or<std::span<const std::string_view>>(file_.GetStrings(key), {});
    };
    const auto tokens = strings("tokenizer.ggml.tokens");
    f_.tokens = tokens.size();
    f_.merges = strings("tokenizer.ggml.merges").size();
    f_.chat_template_bytes = Text("tokenizer.chat_template").size();
    for (const GgufEntry& entry : file_.metadata()) {
      constexpr std::string_view kPrefix = "tokenizer.ggml.", kSuffix = "_token_id";
      if (!entry.key.starts_with(kPrefix) || !entry.key.ends_with(kSuffix)) continue;
      const std::string_view role = entry.key.substr(kPrefix.size(), entry.key.size() - kPrefix.size() - kSuffix.size());
      const ModelFacts::Numbers id = Numbers(std::string(entry.key));
      if (id.empty()) continue;
      f_.special.push_back({std::string(role), id[0], id[0] < tokens.size() ? std::string(tokens[id[0]]) : ""});
    }
  }

  void Support() {
    if (const Status family = CheckFamily(f_.family); !family) f_.not_supported.push_back(family.error().what);
    for (const TypeShare& share : f_.types)
      if (!FindTensorType(uint32_t(share.type)))
        f_.not_supported.push_back(Fmt("%zu tensors are of type %s; hasten reads %s", share.tensors,
                                       TensorTypeName(uint32_t(share.type)).c_str(), TensorTypeList().c_str()));
    if (!f_.tokenizer.empty())
      if (const auto tokenizer = hasten::Tokenizer::Load(file_); !tokenizer) f_.not_supported.push_back(tokenizer.error().what);
    if (file_.tensors().empty()) f_.not_supported.push_back("the file has a vocabulary but no tensors: it cannot be run");
  }

  const Gguf& file_;
  ModelFacts f_;
};

}  // namespace

ModelFacts FactsOf(const Gguf& file) { return Gatherer(file).Gather(); }

}  // namespace hasten
