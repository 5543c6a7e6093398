#include "convert/shapes.h"

#include <algorithm>

namespace hasten {
namespace {

// Sources: each model's published config.json, except for student-10m, the shape of hasten's own student.
const std::vector<Shape>& Table() {
  // clang-format off
  static const std::vector<Shape> kShapes = {
      {.name = "student-10m", .family = "llama", .layers = 6, .width = 384, .heads = 6, .kv_heads = 2, .head_width = 64,
       .ffn = 1024, .vocab = 512, .context = 2048},
      {.name = "stories-15m", .family = "llama", .layers = 6, .width = 288, .heads = 6, .kv_heads = 6, .head_width = 48,
       .ffn = 768, .vocab = 32000, .context = 256},
      {.name = "smollm2-135m", .family = "llama", .layers = 30, .width = 576, .heads = 9, .kv_heads = 3, .head_width = 64,
       .ffn = 1536, .vocab = 49152, .context = 8192, .rope_base = 100000},
      {.name = "qwen3-0.6b", .family = "qwen3", .layers = 28, .width = 1024, .heads = 16, .kv_heads = 8, .head_width = 128,
       .ffn = 3072, .vocab = 151936, .context = 40960, .rope_base = 1000000, .eps = 1e-6},
      {.name = "llama3.2-1b", .family = "llama", .layers = 16, .width = 2048, .heads = 32, .kv_heads = 8, .head_width = 64,
       .ffn = 8192, .vocab = 128256, .context = 131072, .rope_base = 500000, .rope_factor = 32},
      {.name = "lfm2-1.2b", .family = "lfm2", .layers = 16, .width = 2048, .heads = 32, .kv_heads = 8, .head_width = 64,
       .ffn = 8192, .vocab = 65536, .context = 128000, .rope_base = 1000000,
       .attention_layers = {2, 5, 8, 10, 12, 14}, .conv_width = 3},
      {.name = "qwen3-30b-a3b", .family = "qwen3moe", .layers = 48, .width = 2048, .heads = 32, .kv_heads = 4, .head_width = 128,
       .ffn = 6144, .vocab = 151936, .context = 40960, .tied = false, .rope_base = 1000000, .eps = 1e-6,
       .experts = 128, .experts_used = 8, .expert_ffn = 768},
      {.name = "llama3.1-8b", .family = "llama", .layers = 32, .width = 4096, .heads = 32, .kv_heads = 8, .head_width = 128,
       .ffn = 14336, .vocab = 128256, .context = 131072, .tied = false, .rope_base = 500000, .rope_factor = 8},
  };
  // clang-format on
  return kShapes;
}

constexpr std::string_view kFamilies[] = {"llama", "qwen3", "qwen3moe", "lfm2"};

struct Limit {
  const char* what;
  size_t value, least, most;
};

Status CheckLimits(std::span<const Limit> limits) {
  for (const Limit& l : limits)
    if (l.value < l.least || l.value > l.most)
      return Error{Code::kBadInput, Fmt("%s is %zu; expected %zu to %zu", l.what, l.value, l.least, l.most)};
  return {};
}

}  // namespace

bool Shape::HasAttention(size_t layer) const { return family != "lfm2" || std::ranges::count(attention_layers, layer) > 0; }

std::span<const Shape> Shapes() { return Table(); }

const Shape* FindShape(std::string_view name) {
  const auto found = std::ranges::find(Table(), name, &Shape::name);
  return found == Table().end() ? nullptr : &*found;
}

std::span<const std::string_view> SynthFamilies() { return kFamilies; }

void CompleteShape(Shape& s) {
  const auto otherwise = [](size_t& number, size_t value) { number = number != 0 ? number : value; };
  if (s.name.empty()) s.name = Fmt("%zu layers of width %zu", s.layers, s.width);
  if (s.family.empty()) s.family = s.experts != 0 ? "qwen3moe" : "llama";
  otherwise(s.heads, std::max<size_t>(s.width / 64, 1));
  otherwise(s.kv_heads, s.heads);
  otherwise(s.head_width, s.width / s.heads);
  otherwise(s.ffn, (s.width * 8 / 3 + 255) / 256 * 256);
  otherwise(s.vocab, 512);
  otherwise(s.context, 2048);
  if (s.family == "qwen3moe") {
    otherwise(s.experts, 8);
    otherwise(s.experts_used, std::max<size_t>(s.experts / 8, 1));
    otherwise(s.expert_ffn, s.ffn);
  }
  if (s.family != "lfm2") return;
  otherwise(s.conv_width, 3);
  if (!s.attention_layers.empty() || s.layers == 0) return;
  for (size_t l = 2; l < s.layers; l += 3) s.attention_layers.push_back(l);
  if (s.attention_layers.empty()) s.attention_layers = {s.layers - 1};
}

Status CheckShape(const Shape& s) {
  if (std::ranges::find(kFamilies, s.family) == std::end(kFamilies)) {
    std::string known;
    for (const std::string_view family : kFamilies) known += (known.empty() ? "" : ", ") + std::string(family);
    return Error{Code::kBadInput, Fmt("the family is '%s'; expected one of %s", s.family.c_str(), known.c_str())};
  }
  const Limit limits[] = {
      {"the number of layers", s.layers, 1, 1024},       {"the width", s.width, 32, size_t{1} << 17},
      {"the number of query heads", s.heads, 1, 4096},   {"the number of key/value heads", s.kv_heads, 1, s.heads},
      {"the width of a head", s.head_width, 2, 1024},    {"the feed-forward width", s.ffn, 32, size_t{1} << 20},
      {"the vocabulary", s.vocab, 258, size_t{1} << 20}, {"the context", s.context, 1, size_t{1} << 24}};
  TRY_OK(CheckLimits(limits));
  if (s.heads % s.kv_heads != 0)
    return Error{Code::kBadInput, Fmt("%zu query heads cannot share %zu key/value heads evenly", s.heads, s.kv_heads)};
  if (s.head_width % 2 != 0)
    return Error{Code::kBadInput, Fmt("the width of a head is %zu; expected an even number", s.head_width)};
  if (s.family == "qwen3moe") {
    const Limit experts[] = {{"the number of experts", s.experts, 1, 1024},
                             {"the number of experts used", s.experts_used, 1, s.experts},
                             {"the feed-forward width of an expert", s.expert_ffn, 32, size_t{1} << 17}};
    TRY_OK(CheckLimits(experts));
  } else if (s.experts != 0) {
    return Error{Code::kBadInput, Fmt("family %s has no experts; qwen3moe has", s.family.c_str())};
  }
  if (s.family != "lfm2") return {};
  const Limit conv[] = {{"the width of the convolution", s.conv_width, 2, 16},
                        {"the number of attention layers", s.attention_layers.size(), 1, s.layers}};
  TRY_OK(CheckLimits(conv));
  for (const size_t layer : s.attention_layers)
    if (layer >= s.layers) return Error{Code::kBadInput, Fmt("layer %zu cannot attend: there are %zu layers", layer, s.layers)};
  return {};
}

}  // namespace hasten
