// One small model in every tensor type, against the exact meaning of its weights: within 1.25 times llama.cpp's own error.
#include <gtest/gtest.h>

#include <cstdio>
#include <nlohmann/json.hpp>

#include "base/cpu.h"
#include "tests/models/runner.h"
#include "tests/support/support.h"

namespace hasten {
namespace {

// The types that have a reference file, and those bars that are not relative to llama.cpp's error.
struct Type {
  const char* name;
  double bar = 0;
};
constexpr Type kTypes[] = {{"F16", 1e-6}, {"BF16", 1e-4}, {"Q4_0"},   {"Q4_1"},   {"Q5_0"},   {"Q5_1"},
                           {"Q8_0"},      {"Q2_K"},       {"Q3_K_S"}, {"Q4_K_S"}, {"Q5_K_S"}, {"Q6_K"},
                           {"IQ4_NL"},    {"IQ4_XS"},     {"IQ3_S"},  {"TQ1_0"},  {"TQ2_0"},  {"MXFP4_MOE"}};
constexpr double kRatio = 1.25;

TEST(ReferenceQuantisation, EveryTypeOnEveryIsa) {
  HASTEN_SHARED_OR_SKIP(folder, "reference/quant");
  const std::vector<int32_t> tokens = nlohmann::json::parse(ReadBytes(folder + "/tokens.json"))["tokens"];
  const Isa& before = ActiveIsa();
  std::printf("%-10s %-8s %12s %12s %8s\n", "file", "isa", "error", "bar", "of llama.cpp's");
  for (const Type& type : kTypes) {
    const std::string base = folder + "/" + type.name;
    const std::vector<float> exact = ReadFloats(base + ".exact.f32");
    const double theirs = NormalisedError(ReadFloats(base + ".llamacpp.f32"), exact);
    const double bar = type.bar != 0 ? type.bar : kRatio * theirs;
    const Gguf file = MustOpen(base + ".gguf");
    for (const Isa& isa : Isas()) {
      if (!RunsHere(isa)) continue;
      ForceIsa(isa);
      const auto model = MustLoad(file);
      Runner runner(*model, {});
      const double error = NormalisedError(runner.Whole(tokens), exact);
      std::printf("%-10s %-8s %12.4g %12.4g %8.3f\n", type.name, std::string(isa.name).c_str(), error, bar, error / theirs);
      EXPECT_LE(error, bar) << type.name << " on " << isa.name;
    }
  }
  ForceIsa(before);
}

}  // namespace
}  // namespace hasten
