// Random weights as the bytes of any tensor type that can be quantised to.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/tensor_type.h"
#include "base/threads.h"

namespace hasten {

// Number `position` of a stream of independent numbers of mean 0 and variance 1, nearly normal: the sum of eight uniform
// ones. Exact arithmetic but for one division, so the same on every machine.
float RandomNormal(uint64_t stream, uint64_t position);

// Large tensors are put together from pieces that are drawn from a pool, as quantising each weight of a model of 30 billion
// would take an hour: a piece is 256 weights, the pool of a type and width has 4096 of them.
class RandomWeights {
 public:
  explicit RandomWeights(uint64_t seed) : seed_(seed) {}

  struct Tensor {
    TensorType type;
    size_t columns;     // the variance is 1 / columns
    uint64_t elements;  // whole blocks of the type
    uint64_t stream;
  };
  using Sink = FunctionRef<Status(std::span<const std::byte>)>;
  Status Fill(const Tensor& tensor, Sink sink);  // calls `sink` with the tensor's bytes in order, about a megabyte each

 private:
  const std::vector<std::byte>& Pool(const Tensor& tensor);
  const uint64_t seed_;
  std::map<std::pair<TensorType, size_t>, std::vector<std::byte>> pools_;  // by type and columns
};

}  // namespace hasten
