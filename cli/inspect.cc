// `hasten inspect MODEL`: what a model file holds, for people and, with --json, for programs.
#include <algorithm>
#include <cstdio>

#include "base/quote.h"
#include "cli/format.h"
#include "cli/model_facts.h"
#include "cli/verb.h"

namespace hasten {
namespace {

using Json = nlohmann::ordered_json;
using Numbers = ModelFacts::Numbers;

struct Options {
  std::string model;
  bool json = false, tensors = false, metadata = false;
};

// "8", or "0 to 8" where layers differ; "?" where the file does not say.
std::string Shown(const Numbers& numbers) {
  if (numbers.empty()) return "?";
  const auto [least, most] = std::ranges::minmax(numbers);
  return least == most ? Fmt("%zu", least) : Fmt("%zu to %zu", least, most);
}

void Line(const char* label, const std::string& text) {
  if (!text.empty()) std::printf("%-14s%s\n", label, text.c_str());
}

// Layers without key/value heads attend to nothing: convolutions and the like.
std::string AttentionLine(const ModelFacts& f) {
  if (f.heads.empty()) return {};
  Numbers attending = f.kv_heads;
  std::erase(attending, 0);
  std::string line = Fmt("%s query and %s key/value heads of width %s", Shown(f.heads).c_str(), Shown(attending).c_str(),
                         Shown(f.head_width).c_str());
  if (attending.size() < f.kv_heads.size()) line += Fmt(", in %zu of %zu layers", attending.size(), f.kv_heads.size());
  return line;
}

std::string RopeLine(const ModelFacts& f) {
  std::string line = f.rope_base != 0 ? Fmt("base %.10g", f.rope_base) : "";
  const auto add = [&](const std::string& text) { line += (line.empty() ? "" : ", ") + text; };
  if (!f.rope_scaling.empty() && f.rope_scaling != "none") add(Printable(f.rope_scaling) + " scaling");
  if (f.rope_factor != 0) add(Fmt("factor %.6g", f.rope_factor));
  if (!f.rope_original_context.empty()) add(Shown(f.rope_original_context) + " tokens before scaling");
  if (f.rope_factors) add("a factor for each frequency");
  return line;
}

std::string TokenizerLine(const ModelFacts& f) {
  if (f.tokenizer.empty() && f.tokens == 0) return "none in the file";
  std::string line = Printable(f.tokenizer);
  if (!f.pre_tokenizer.empty()) line += ", pre-tokenizer " + Printable(f.pre_tokenizer);
  line += Fmt(", %zu tokens", f.tokens);
  if (f.merges != 0) line += Fmt(", %zu merges", f.merges);
  return line;
}

std::string SpecialLine(const ModelFacts& f) {
  std::string line;
  for (const SpecialToken& token : f.special)
    line += Fmt("%s%s %zu '%s'", line.empty() ? "" : ", ", Printable(token.role).c_str(), token.id,
                Printable(token.text, 40).c_str());
  return line;
}

void PrintTypes(const ModelFacts& f) {
  if (f.types.empty()) return;
  std::printf("\n%-20s %9s %12s %12s %7s\n", "type", "tensors", "weights", "size", "share");
  for (const TypeShare& t : f.types)
    std::printf("%-20s %9zu %12s %12s %6.1f%%\n", TensorTypeName(uint32_t(t.type)).c_str(), t.tensors,
                HumanCount(double(t.weights)).c_str(), HumanBytes(double(t.bytes)).c_str(),
                100 * double(t.bytes) / std::max(1.0, double(f.tensor_bytes)));
}

void PrintFacts(const Gguf& file, const ModelFacts& f) {
  std::string parts = file.parts() > 1 ? Fmt(", %zu parts", file.parts()) : "";
  Line("file", Fmt("%s (%s, GGUF version %u%s)", Printable(file.path(), 4096).c_str(),
                   HumanBytes(double(file.file_bytes())).c_str(), file.version(), parts.c_str()));
  Line("name", Printable(f.name));
  Line("family", f.family.empty() ? "?" : Printable(f.family));
  if (f.parameters != 0) {
    std::string line = HumanCount(double(f.parameters));
    if (f.active_parameters != f.parameters)
      line += Fmt(", of which %s work for one token", HumanCount(double(f.active_parameters)).c_str());
    line += Fmt("; %.2f bits each", 8 * double(f.tensor_bytes) / double(f.parameters));
    if (!f.mix.empty()) line += " (" + f.mix + ")";
    Line("parameters", line);
  }
  if (!f.layers.empty()) Line("layers", Fmt("%s of width %s", Shown(f.layers).c_str(), Shown(f.width).c_str()));
  Line("attention", AttentionLine(f));
  if (!f.window.empty()) Line("window", Shown(f.window) + " tokens");
  if (!f.ffn.empty()) Line("feed-forward", Shown(f.ffn));
  if (!f.experts.empty())
    Line("experts", Fmt("%s of width %s, %s work for one token", Shown(f.experts).c_str(), Shown(f.expert_ffn).c_str(),
                        Shown(f.experts_used).c_str()));
  if (!f.context.empty()) Line("context", Shown(f.context) + " tokens");
  Line("rope", RopeLine(f));
  if (!f.vocab.empty()) Line("vocabulary", Shown(f.vocab));
  Line("tokenizer", TokenizerLine(f));
  Line("special", SpecialLine(f));
  Line("chat template", f.chat_template_bytes != 0 ? Fmt("%zu bytes", f.chat_template_bytes) : "none");
  PrintTypes(f);
  for (const std::string& what : f.not_supported) std::printf("\nnot supported: %s\n", what.c_str());
  for (const std::string& what : f.damaged) std::printf("\ndamaged: %s\n", what.c_str());
}

std::string ShownDims(const GgufTensor& tensor) {
  std::string dims;
  for (const uint64_t d : tensor.dims) dims += Fmt("%s%zu", dims.empty() ? "" : " x ", d);
  return dims;
}

void PrintTensors(const Gguf& file) {
  size_t widest = 6;
  for (const GgufTensor& t : file.tensors()) widest = std::max(widest, Printable(t.name).size());
  std::printf("\n%-*s  %-8s %12s  %s\n", int(widest), "tensor", "type", "size", "shape");
  for (const GgufTensor& t : file.tensors())
    std::printf("%-*s  %-8s %12s  %s\n", int(widest), Printable(t.name).c_str(), TensorTypeName(uint32_t(t.type)).c_str(),
                HumanBytes(double(t.data.size())).c_str(), ShownDims(t).c_str());
}

Json ToJson(const GgufNumber& number) {
  return std::visit([](auto v) { return Json(v); }, number);
}

// Long arrays keep their first `limit` elements.
Json ToJson(const GgufValue& value, size_t limit) {
  if (const GgufNumber* number = value.number()) return ToJson(*number);
  if (const std::string_view* text = value.string()) return *text;
  Json list = Json::array();
  const GgufArray& array = *value.array();
  for (size_t i = 0; i < std::min(limit, array.count); ++i)
    list.push_back(array.type == GgufType::kString ? Json(array.strings[i]) : ToJson(array.Number(i)));
  return list;
}

std::string ShownValue(const GgufValue& value) {
  constexpr size_t kShown = 5;
  if (const std::string_view* text = value.string()) return Printable(*text, 200);
  std::string text = Printable(ToJson(value, kShown).dump(-1, ' ', false, Json::error_handler_t::replace), 200);
  if (const GgufArray* array = value.array(); array && array->count > kShown) text += Fmt(" … %zu elements", array->count);
  return text;
}

void PrintMetadata(const Gguf& file) {
  size_t widest = 3;
  for (const GgufEntry& e : file.metadata()) widest = std::max(widest, Printable(e.key).size());
  std::printf("\n%-*s  %-8s  %s\n", int(widest), "key", "type", "value");
  for (const GgufEntry& e : file.metadata())
    std::printf("%-*s  %-8s  %s\n", int(widest), Printable(e.key).c_str(), std::string(NameOf(e.value.type)).c_str(),
                ShownValue(e.value).c_str());
}

// null where the file does not say, one number where all layers are alike, else a list.
Json ToJson(const Numbers& numbers) {
  return numbers.empty() ? Json() : numbers.size() == 1 ? Json(numbers[0]) : Json(numbers);
}

Json TensorsJson(const Gguf& file) {
  Json list = Json::array();
  for (const GgufTensor& t : file.tensors())
    list.push_back({{"name", t.name}, {"type", TensorTypeName(uint32_t(t.type))}, {"shape", t.dims}, {"bytes", t.data.size()}});
  return list;
}

Json FactsJson(const Gguf& file, const ModelFacts& f) {
  Json types = Json::array(), special = Json::object();
  for (const TypeShare& t : f.types)
    types.push_back(
        {{"type", TensorTypeName(uint32_t(t.type))}, {"tensors", t.tensors}, {"weights", t.weights}, {"bytes", t.bytes}});
  for (const SpecialToken& t : f.special) special[t.role] = {{"id", t.id}, {"text", t.text}};
  return {{"file", file.path()},
          {"bytes", file.file_bytes()},
          {"parts", file.parts()},
          {"gguf_version", file.version()},
          {"name", f.name},
          {"family", f.family},
          {"parameters", f.parameters},
          {"active_parameters", f.active_parameters},
          {"tensor_bytes", f.tensor_bytes},
          {"mix", f.mix},
          {"types", types},
          {"layers", ToJson(f.layers)},
          {"width", ToJson(f.width)},
          {"heads", ToJson(f.heads)},
          {"kv_heads", ToJson(f.kv_heads)},
          {"head_width", ToJson(f.head_width)},
          {"window", ToJson(f.window)},
          {"feed_forward", ToJson(f.ffn)},
          {"experts", ToJson(f.experts)},
          {"experts_used", ToJson(f.experts_used)},
          {"expert_feed_forward", ToJson(f.expert_ffn)},
          {"context", ToJson(f.context)},
          {"rope",
           {{"base", f.rope_base != 0 ? Json(f.rope_base) : Json()},
            {"scaling", f.rope_scaling},
            {"factor", f.rope_factor != 0 ? Json(f.rope_factor) : Json()},
            {"original_context", ToJson(f.rope_original_context)},
            {"frequency_factors", f.rope_factors}}},
          {"vocabulary", ToJson(f.vocab)},
          {"tokenizer",
           {{"kind", f.tokenizer}, {"pre", f.pre_tokenizer}, {"tokens", f.tokens}, {"merges", f.merges}, {"special", special}}},
          {"chat_template_bytes", f.chat_template_bytes},
          {"not_supported", f.not_supported},
          {"damaged", f.damaged}};
}

Result<Exit> Inspect(const Options& o) {
  TRY(const Gguf file, Gguf::Open(o.model, {.keep_unknown_types = true}));
  const ModelFacts facts = FactsOf(file);
  if (o.json) {
    Json json = FactsJson(file, facts);
    if (o.tensors) json["tensors"] = TensorsJson(file);
    if (o.metadata)
      for (const GgufEntry& e : file.metadata()) json["metadata"][std::string(e.key)] = ToJson(e.value, SIZE_MAX);
    PrintJson(json);
    return Exit::kOk;
  }
  PrintFacts(file, facts);
  if (o.tensors) PrintTensors(file);
  if (o.metadata) PrintMetadata(file);
  return Exit::kOk;
}

}  // namespace

extern const Verb kInspectVerb;
const Verb kInspectVerb = {
    "inspect", "show what a model file holds",
    "Reads the head of the file only: family, shape, tensor types, tokenizer, chat template. A file that hasten cannot run is\n"
    "shown all the same, with the reason. Any part of a split file stands for all of it.\n\n"
    "Examples:\n"
    "  hasten inspect model.gguf\n"
    "  hasten inspect model.gguf --tensors --metadata\n"
    "  hasten inspect model.gguf --json | jq .parameters\n",
    [](CLI::App& app) -> VerbBody {
      const auto o = std::make_shared<Options>();
      app.add_option("MODEL", o->model, "the model file (GGUF)")->required();
      app.add_flag("--json", o->json, "one JSON object");
      app.add_flag("--tensors", o->tensors, "list all tensors");
      app.add_flag("--metadata", o->metadata, "list all metadata (with --json, whole arrays)");
      return [o](const Common&) { return Inspect(*o); };
    }};

}  // namespace hasten
