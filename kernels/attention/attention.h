// Softmax attention of a stack of queries that share one key/value head, over KV blocks.
//
// Shapes   each query: q and out [width], the block ids of its sequence, the positions [first, last] it sees (first <= last).
//          Up to kMaxStack queries of one or many sequences; where neighbours name the same block it is read once for all.
// Units    score = scale q.k, then softcap tanh(score / softcap) where softcap > 0; out is the mean of the values weighted by
//          e^score. A sink adds e^sink to the weights' sum and no value.
// Errors   none. Positions outside [first, last] are not looked at: what a block holds there may be anything.
// Threads  pure; the caller splits queries.
// Bytes    per query: blocks in ascending order, within a block one chain of additions per number over head width (scores)
//          or positions (values). Nothing depends on the other queries of a stack.
// Source   online softmax: Milakov and Gimelshein 2018; blocks: Dao et al. 2022, "FlashAttention"; stacking: here.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "kernels/attention/kv_block.h"
#include "kernels/variant.h"

namespace hasten {

inline constexpr size_t kMaxStack = 128;

struct AttendQuery {
  const float* q;
  float* out;
  const int32_t* blocks;
  size_t first, last;
  float sink;  // read where AttendArgs::sinks
};

struct AttendArgs {
  std::span<const AttendQuery> queries;
  const std::byte* base;  // the head within block 0 of the layer
  size_t block_bytes;
  size_t width;
  KvType type;
  float scale, softcap;
  bool sinks;
  float* scratch;  // AttendScratchFloats(width), 64-byte aligned
};
using AttendFn = void(const AttendArgs&);
std::span<const Variant<AttendFn>> AttendVariants();  // best first

size_t AttendScratchFloats(size_t width);

}  // namespace hasten
