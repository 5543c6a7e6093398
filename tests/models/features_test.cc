// The twins: a model that lacks a feature is told from one that has it.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "tests/models/features.h"
#include "tests/models/runner.h"
#include "tests/support/support.h"
#include "tests/tiny/tiny.h"

namespace hasten {
namespace {

constexpr double kBar = 1e-5;

std::vector<float> LogitsOf(const Gguf& file, const std::vector<int32_t>& tokens) {
  const auto model = MustLoad(file);
  Runner runner(*model, {.bidirectional = model->info().bidirectional});
  return runner.Whole(tokens);
}

TEST(Features, OfRandomModelsAreNoticedWhenLeftOut) {
  const std::vector<int32_t> tokens = TinyTokens(48);
  for (const Feature& feature : Features()) {
    ModelEdit edit = TinyModel(feature.model);
    const std::vector<float> expected = LogitsOf(edit.Build().file, tokens);
    feature.leave_out(edit);
    const double error = NormalisedError(LogitsOf(edit.Build().file, tokens), expected);
    EXPECT_GT(error, 10 * kBar) << feature.model << " without " << feature.what;
    EXPECT_TRUE(std::isfinite(error)) << feature.model << " without " << feature.what;
  }
}

TEST(Features, OfReferenceModelsAreNoticedWhenLeftOut) {
  HASTEN_SHARED_OR_SKIP(folder, "reference/logits");
  std::printf("%-14s %-28s %10s\n", "file", "left out", "error");
  for (const Feature& feature : Features()) {
    if (!feature.in_reference) continue;
    const std::string base = folder + "/" + feature.model;
    const std::vector<int32_t> tokens = nlohmann::json::parse(ReadBytes(base + ".json"))["tokens"];
    ModelEdit edit(MustOpen(base + ".gguf"));
    feature.leave_out(edit);
    const double error = NormalisedError(LogitsOf(edit.Build().file, tokens), ReadFloats(base + ".f32"));
    std::printf("%-14s %-28s %10.3g\n", feature.model, feature.what, error);
    EXPECT_GT(error, kBar) << feature.model << " without " << feature.what;
    EXPECT_TRUE(std::isfinite(error)) << feature.model << " without " << feature.what;
  }
}

TEST(Features, EveryFamilyHasSome) {
  for (const char* name : TinyNames())
    EXPECT_TRUE(std::ranges::any_of(Features(), [&](const Feature& f) { return std::string(f.model) == name; })) << name;
}

TEST(Features, AnUneditedFileIsStillTheReference) {
  HASTEN_SHARED_OR_SKIP(folder, "reference/logits");
  for (const char* name : TinyNames()) {
    const std::string base = folder + "/" + name;
    const std::vector<int32_t> tokens = nlohmann::json::parse(ReadBytes(base + ".json"))["tokens"];
    EXPECT_LE(NormalisedError(LogitsOf(ModelEdit(MustOpen(base + ".gguf")).Build().file, tokens), ReadFloats(base + ".f32")),
              kBar);
  }
}

}  // namespace
}  // namespace hasten
