// A copy of a model file with other tensor types.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "base/file.h"
#include "base/result.h"
#include "base/threads.h"
#include "convert/mix.h"
#include "formats/gguf.h"

namespace hasten {

struct TensorChange {
  std::string name;
  std::vector<uint64_t> dims;
  TensorType from, to;
  uint64_t elements, from_bytes, to_bytes;
};

// What quantising `model` to `mix` does to each tensor, in file order. kCorrupt where metadata that the mix asks for is not of
// its type.
Result<std::vector<TensorChange>> PlanQuantization(const Gguf& model, const Mix& mix, bool pure);

struct QuantizeFileOptions {
  Mix mix;
  bool pure = false;
  std::function<bool(double done)> progress = {};  // 0 to 1; false ends the work with kCancelled
};

// Carries out PlanQuantization's `plan` and commits `out`: metadata is copied, but for general.file_type and
// general.quantization_version. The team shares the work; the bytes do not depend on its size. Memory: some megabytes a lane.
// Types of the original are dequantised first, so their errors stay. kCorrupt, naming tensor and element, where a weight is
// not finite and its new type has no way to say so; kUnsupported where one is beyond float16's range (scales are float16).
Status QuantizeFile(const Gguf& model, const std::vector<TensorChange>& plan, const QuantizeFileOptions& options, Team& team,
                    FileWriter out);

}  // namespace hasten
