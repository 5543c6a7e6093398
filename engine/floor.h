// The least time that a forward pass can take on a machine: the sum of what each kind of work costs at its own limit.
//
//   layers' weight products   the larger of reading the weights once and multiplying them with every row; of experts those
//                             that rows chose, or may be expected to choose
//   output head               the same, for the rows whose logits are wanted
//   attention                 its multiply-adds at the float peak (BF16 where that is faster; of keys and values in fixed point
//                             half of the int8 peak where that is more), and reading each key and value once; layers with a
//                             window look at that much only
//
// Norms, activations, routing and recurrences count as nothing, so the floor is a little lower than any engine can reach.
#pragma once

#include <cstddef>

#include "engine/machine.h"
#include "models/model.h"

namespace hasten {

struct PassWork {
  double rows = 0;  // new tokens
  double logit_rows = 0;
  double attended = 0;      // sum over rows of the positions that each attends to
  double kv_positions = 0;  // positions whose keys and values are read; those that sequences share count once
  double experts = 0;       // that a layer reads; 0: as many as may be expected, were each as likely as the others
  // The same in layers that see a window only.
  double window_attended = 0, window_kv_positions = 0;
  KvType kv_type = KvType::kF16;
};

// `read_bytes`: bytes per second from wherever the model's working set lies (MeasureRead of WorkingSetBytes).
double FloorSeconds(const ModelInfo& model, const MachineLimits& machine, double read_bytes, const PassWork& work);
// Multiply-adds a second of attention over such keys and values.
double AttentionPeak(const MachineLimits& machine, KvType kv_type);
size_t WorkingSetBytes(const ModelInfo& model, const PassWork& work);  // weights, keys and values that a pass reads

// One step of `branches` sequences that share `prefix` tokens and have `own` more each; a row of logits for each. `window`: of
// the layers that have one (ModelInfo::window), 0: none has.
PassWork DecodeWork(size_t branches, size_t prefix, double own, size_t window = 0);
// The pass over tokens [begin, end) of a prompt; logits of the last token of a prompt of `total`.
PassWork PrefillWork(size_t begin, size_t end, size_t total, size_t window = 0);

}  // namespace hasten
