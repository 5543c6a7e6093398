#include "engine/floor.h"

#include <algorithm>
#include <cmath>

namespace hasten {

// `all` in layers that see everything, `in_window` in those that see a window: the sum over layers.
static double OverLayers(const ModelInfo& m, double all, double in_window) {
  return all * double(m.kv_layers - m.window_layers) + in_window * double(m.window_layers);
}

static double KvBytes(const ModelInfo& m, const PassWork& w) {
  return OverLayers(m, w.kv_positions, w.window_kv_positions) * double(m.kv_heads * KvHeadBytes(m.head_width, w.kv_type)) /
         double(kKvBlock);
}

// Weights of the layers that a pass reads. A row uses u of E experts, so that one expert stays unused by all rows with
// probability (1 - u/E)^rows.
static double BodyBytes(const ModelInfo& m, const PassWork& w) {
  const double all = double(m.bytes_per_token - m.head_bytes);
  if (m.experts_used == 0 || m.experts == 0) return all;
  const double share = double(m.experts_used) / double(m.experts);
  const double expected = (1 - std::pow(1 - share, std::max(w.rows, 1.0))) * double(m.experts);
  const double touched = (w.experts > 0 ? w.experts : expected) / double(m.experts_used);  // in units of those of one row
  return all - double(m.expert_bytes) + double(m.expert_bytes) * touched;
}

double AttentionPeak(const MachineLimits& machine, KvType kv_type) {
  const double in_float = std::max(machine.float_multiply_adds, machine.bf16_multiply_adds);
  return KvIsFixed(kv_type) ? std::max(in_float, machine.int8_multiply_adds / 2) : in_float;
}

double FloorSeconds(const ModelInfo& m, const MachineLimits& machine, double read_bytes, const PassWork& w) {
  const auto products = [&](double bytes, double rows, double int8_mults, double float_mults) {
    if (rows == 0) return 0.0;
    const double multiply = int8_mults / machine.int8_multiply_adds + float_mults / machine.float_multiply_adds;
    return std::max(bytes / read_bytes, rows * multiply);
  };
  const double head_float = m.head_is_float ? double(m.head_mults) : 0, head_int8 = double(m.head_mults) - head_float;
  const double body_float = double(m.float_mults_per_token) - head_float;
  const double body_int8 = double(m.mults_per_token) - double(m.head_mults) - body_float;
  const double body = products(BodyBytes(m, w), w.rows, body_int8, body_float);
  const double head = products(double(m.head_bytes), w.logit_rows, head_int8, head_float);
  // A product with the keys and one with the values.
  const double attended = OverLayers(m, w.attended, w.window_attended) * double(2 * m.heads * m.head_width);
  const double attention = attended / AttentionPeak(machine, w.kv_type);
  return body + head + attention + KvBytes(m, w) / read_bytes;
}

size_t WorkingSetBytes(const ModelInfo& m, const PassWork& w) {
  return size_t(BodyBytes(m, w)) + (w.logit_rows == 0 ? 0 : m.head_bytes) + size_t(KvBytes(m, w));
}

PassWork DecodeWork(size_t branches, size_t prefix, double own, size_t window) {
  const double n = double(branches), shared = double(prefix), mine = own + 1;
  PassWork w = {.rows = n, .logit_rows = n, .attended = n * (shared + mine), .kv_positions = shared + n * mine};
  const double seen = window == 0 ? shared + mine : std::min(shared + mine, double(window)), seen_own = std::min(mine, seen);
  w.window_attended = n * seen;
  w.window_kv_positions = (seen - seen_own) + n * seen_own;
  return w;
}

// The sum of min(p, window) over p = 1 … last.
static double SumOfSeen(double last, double window) {
  const double rising = std::min(last, window);
  return rising * (rising + 1) / 2 + (last - rising) * window;
}

PassWork PrefillWork(size_t begin, size_t end, size_t total, size_t window) {
  const double first = double(begin), last = double(end), most = window == 0 ? last : double(window);
  return {.rows = last - first,
          .logit_rows = end == total ? 1.0 : 0.0,
          .attended = (last * (last + 1) - first * (first + 1)) / 2,
          .kv_positions = last,
          .window_attended = SumOfSeen(last, most) - SumOfSeen(first, most),
          .window_kv_positions = last - std::max(0.0, first + 1 - most)};
}

}  // namespace hasten
