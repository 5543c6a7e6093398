// `hasten quantize IN OUT TYPE`: a smaller copy of a model.
#include <cstdio>

#include "base/quote.h"
#include "cli/format.h"
#include "cli/interrupt.h"
#include "cli/progress.h"
#include "cli/verb.h"
#include "convert/quantize_file.h"

namespace hasten {
namespace {

struct Options {
  std::string model, type;
  OutputFlags output;
  bool pure = false, verbose = false;
};

Result<const Mix*> MixOf(const std::string& type) {
  if (const Mix* mix = FindMix(type)) return mix;
  std::string names;
  for (const Mix& m : Mixes()) names += (names.empty() ? "" : ", ") + std::string(m.name);
  return Error{Code::kBadInput, Fmt("TYPE '%s' is not known; there are %s", Printable(type).c_str(), names.c_str())};
}

std::string NameOf(TensorType type) { return std::string(InfoOf(type).name); }

void PrintTable(const std::vector<TensorChange>& plan) {
  size_t width = 6;
  for (const TensorChange& t : plan) width = std::max(width, Printable(t.name).size());
  for (const TensorChange& t : plan) {
    std::string shape;
    for (const uint64_t d : t.dims) shape += (shape.empty() ? "" : " x ") + std::to_string(d);
    std::printf("%-*s  %-20s  %6s -> %-6s  %10s -> %s\n", int(width), Printable(t.name).c_str(), shape.c_str(),
                NameOf(t.from).c_str(), NameOf(t.to).c_str(), HumanBytes(double(t.from_bytes)).c_str(),
                HumanBytes(double(t.to_bytes)).c_str());
  }
}

// "out.gguf: 1.24 B weights, 2.31 GiB -> 771 MiB, 16.0 -> 5.2 bits a weight", of the tensors' bytes.
void PrintSummary(const std::string& path, const Mix& mix, const std::vector<TensorChange>& plan) {
  double weights = 0, before = 0, after = 0;
  bool lossy_source = false;
  size_t unfit = 0;
  for (const TensorChange& t : plan) {
    weights += double(t.elements);
    before += double(t.from_bytes);
    after += double(t.to_bytes);
    lossy_source |= t.from != t.to && InfoOf(t.from).block_elements > 1;
    unfit += t.from != t.to && t.dims[0] % InfoOf(mix.base).block_elements != 0;
  }
  const double each = weights > 0 ? 8 / weights : 0;
  std::printf("%s: %s weights, %s -> %s, %.2f -> %.2f bits a weight\n", path.c_str(), HumanCount(weights).c_str(),
              HumanBytes(before).c_str(), HumanBytes(after).c_str(), before * each, after * each);
  if (unfit > 0)
    std::printf("%zu matrices have rows that are not whole blocks of %s; they got a type with smaller blocks.\n", unfit,
                NameOf(mix.base).c_str());
  if (lossy_source) std::printf("The source was quantised already: its errors are in the copy too.\n");
}

Result<Exit> QuantizeModel(const Options& o, const Common& common) {
  TRY(const Mix* mix, MixOf(o.type));
  TRY(const Gguf model, Gguf::Open(o.model));
  TRY(const std::vector<TensorChange> plan, PlanQuantization(model, *mix, o.pure));
  TRY(FileWriter file, o.output.Open());
  {
    const Interrupt interrupt;
    Progress progress("quantising to " + std::string(mix->name));
    const auto show = [&](double done) {
      progress.Set(done);
      return !Interrupt::Requested();
    };
    Team team(common.threads);
    TRY_OK(QuantizeFile(model, plan, {.mix = *mix, .pure = o.pure, .progress = show}, team, std::move(file)));
  }
  if (o.verbose) PrintTable(plan);
  PrintSummary(o.output.path, *mix, plan);
  return Exit::kOk;
}

const char* Details() {
  static const std::string details = [] {
    std::string text =
        "TYPE is one of these mixes, the same as llama-quantize's: which tensors get more bits depends on their role.\n"
        "Q3_K, Q4_K and Q5_K mean their _M.\n\n";
    for (const Mix& mix : Mixes()) text += Fmt("  %-10s %s\n", std::string(mix.name).c_str(), std::string(mix.summary).c_str());
    return text +
           "\nMatrices whose columns are not a multiple of 256 get a type with blocks of 32. Vectors stay as they are.\n"
           "Scales are searched for the least squared error. The same model and TYPE give the same bytes on every machine.\n"
           "`hasten perplexity` judges the result.\n\n"
           "Examples:\n"
           "  hasten quantize model-f16.gguf model-q4_k_m.gguf Q4_K_M\n"
           "  hasten quantize model-f16.gguf model-q4_0.gguf Q4_0 --pure --verbose\n";
  }();
  return details.c_str();
}

}  // namespace

extern const Verb kQuantizeVerb;
const Verb kQuantizeVerb = {"quantize", "write a smaller copy of a model", Details(), [](CLI::App& app) -> VerbBody {
                              const auto o = std::make_shared<Options>();
                              app.add_option("IN", o->model, "the model file (GGUF; of a split one, any part)")->required();
                              app.add_option("OUT", o->output.path, "write the copy to this file")->required();
                              app.add_option("TYPE", o->type, "tensor types of the copy, e.g. Q4_K_M")->required();
                              app.add_flag("--pure", o->pure, "one tensor type for all matrices");
                              app.add_flag("--verbose", o->verbose, "list every tensor with its types and sizes");
                              app.add_flag("--force", o->output.force, "replace OUT where it exists");
                              return [o](const Common& common) { return QuantizeModel(*o, common); };
                            }};

}  // namespace hasten
