// `hasten synth SHAPE`: a model file of random weights.
#include "convert/synth.h"
#include "cli/format.h"
#include "cli/progress.h"
#include "cli/verb.h"

namespace hasten {
namespace {

struct Options {
  std::string shape, quant = "Q4_0", chat_template;
  std::vector<std::string> control_tokens;
  bool pure = false;
  uint64_t seed = 1;
  OutputFlags output;
  Shape custom;  // what flags set, 0 where absent
  bool untied = false;
};

// A flag for each number of a shape. 0 is what a flag that is absent leaves, and no number may be.
struct NumberFlag {
  const char* flag;
  size_t Shape::* number;
  const char* help;
};
constexpr NumberFlag kNumbers[] = {
    {"--layers", &Shape::layers, "layers"},
    {"--width", &Shape::width, "width of the residual stream"},
    {"--heads", &Shape::heads, "query heads (default: width / 64)"},
    {"--kv-heads", &Shape::kv_heads, "key/value heads (default: as many as query heads)"},
    {"--head-width", &Shape::head_width, "width of a head (default: width / heads)"},
    {"--ff", &Shape::ffn, "feed-forward width (default: 8/3 of the width, rounded up to 256)"},
    {"--vocab", &Shape::vocab, "tokens in the vocabulary (default: 512)"},
    {"--context", &Shape::context, "tokens the model claims to be trained on (default: 2048)"},
    {"--experts", &Shape::experts, "experts of each layer (family qwen3moe)"},
    {"--experts-used", &Shape::experts_used, "experts that work for one token"},
    {"--expert-ff", &Shape::expert_ffn, "feed-forward width of an expert"},
};

std::string ShapeNames() {
  std::string names;
  for (const Shape& shape : Shapes()) names += (names.empty() ? "" : ", ") + shape.name;
  return names;
}

// The named shape with the flags' numbers in place of its own, or one of flags alone.
Result<Shape> ShapeOf(const Options& o) {
  Shape shape;
  if (!o.shape.empty()) {
    const Shape* named = FindShape(o.shape);
    if (!named)
      return Error{Code::kBadInput, Fmt("no shape is called '%s'; there are %s, or --layers N --width N", o.shape.c_str(),
                                        ShapeNames().c_str())};
    shape = *named;
    if (o.custom.layers != 0) std::erase_if(shape.attention_layers, [&](size_t l) { return l >= o.custom.layers; });
  } else if (o.custom.layers == 0 || o.custom.width == 0) {
    return Error{Code::kBadInput, Fmt("name a shape (%s) or give --layers and --width", ShapeNames().c_str())};
  }
  for (const NumberFlag& n : kNumbers)
    if (o.custom.*n.number) shape.*n.number = o.custom.*n.number;
  if (!o.custom.family.empty()) shape.family = o.custom.family;
  if (o.untied) shape.tied = false;
  CompleteShape(shape);
  TRY_OK(CheckShape(shape));
  return shape;
}

Result<Exit> Synth(const Options& o) {
  const Mix* mix = FindMix(o.quant);
  if (!mix) {
    std::string names;
    for (const Mix& m : Mixes()) names += (names.empty() ? "" : ", ") + std::string(m.name);
    return Error{Code::kBadInput, Fmt("--quant '%s' is not known; there are %s", o.quant.c_str(), names.c_str())};
  }
  TRY(const Shape shape, ShapeOf(o));
  std::string chat_template;
  if (!o.chat_template.empty()) {
    TRY(chat_template, ReadFile(o.chat_template));
  }
  TRY(FileWriter file, o.output.Open());
  {
    Progress progress("writing " + o.output.path);
    const auto show = [&](double done) { progress.Set(done); };
    TRY_OK(Synthesise({.shape = shape,
                       .mix = *mix,
                       .pure = o.pure,
                       .control_tokens = o.control_tokens,
                       .chat_template = chat_template,
                       .seed = o.seed,
                       .progress = show},
                      std::move(file)));
  }
  return Exit::kOk;
}

}  // namespace

extern const Verb kSynthVerb;
const Verb kSynthVerb = {
    "synth", "write a random model of a named or given shape",
    "The file has random weights and a vocabulary of its own making: a model to measure, test and fuzz with, at the\n"
    "speed and size of the real one. The same shape, types and seed give the same bytes.\n\n"
    "Shapes: student-10m, stories-15m, smollm2-135m, qwen3-0.6b, llama3.2-1b, lfm2-1.2b, qwen3-30b-a3b, llama3.1-8b.\n"
    "Flags replace numbers of a named shape; --layers and --width alone make a new one.\n\n"
    "Examples:\n"
    "  hasten synth smollm2-135m --quant Q4_0 -o smollm2.gguf\n"
    "  hasten synth llama3.2-1b --quant Q4_K_M -o llama.gguf\n"
    "  hasten synth --layers 4 --width 256 --vocab 1024 --quant F16 --pure -o tiny.gguf\n",
    [](CLI::App& app) -> VerbBody {
      const auto o = std::make_shared<Options>();
      app.add_option("SHAPE", o->shape, "a named shape");
      app.add_option("--quant", o->quant, "tensor types, mixed as quantising a real model would (default: Q4_0)")
          ->type_name("TYPE");
      app.add_flag("--pure", o->pure, "one tensor type for all matrices");
      app.add_option("--seed", o->seed, "of the random weights (default: 1)")->type_name("N");
      app.add_option("--family", o->custom.family, "llama, qwen3, qwen3moe or lfm2 (default: llama)")->type_name("NAME");
      for (const NumberFlag& n : kNumbers)
        app.add_option(n.flag, o->custom.*n.number, n.help)->check(CLI::Range(size_t{1}, size_t{1} << 24))->type_name("N");
      app.add_option("--control-token", o->control_tokens,
                     "a control token of the vocabulary, such as '<|fim_prefix|>'; repeatable")
          ->type_name("TEXT")
          ->allow_extra_args(false);
      app.add_option("--template", o->chat_template, "the model's chat template")->type_name("FILE");
      app.add_flag("--untied", o->untied, "an output head of its own instead of the token table");
      o->output.Declare(app, "write the model to this file")->required();
      return [o](const Common&) { return Synth(*o); };
    }};

}  // namespace hasten
