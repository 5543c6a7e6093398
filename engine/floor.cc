#include "engine/floor.h"

#include <algorithm>

namespace hasten {

static double KvBytes(const ModelInfo& m, double positions) {
  return positions * double(2 * m.kv_layers * m.kv_heads * m.head_width * KvElementBytes(KvType::kF16));
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
  const double body = products(double(m.bytes_per_token - m.head_bytes), w.rows, body_int8, body_float);
  const double head = products(double(m.head_bytes), w.logit_rows, head_int8, head_float);
  // A product with the keys and one with the values.
  const double attention = w.attended * double(2 * m.kv_layers * m.heads * m.head_width) / machine.float_multiply_adds;
  return body + head + attention + KvBytes(m, w.kv_positions) / read_bytes;
}

size_t WorkingSetBytes(const ModelInfo& m, const PassWork& w) {
  return m.bytes_per_token - (w.logit_rows == 0 ? m.head_bytes : 0) + size_t(KvBytes(m, w.kv_positions));
}

PassWork DecodeWork(size_t branches, size_t prefix, double own) {
  const double n = double(branches), shared = double(prefix);
  return {.rows = n, .logit_rows = n, .attended = n * (shared + own + 1), .kv_positions = shared + n * (own + 1)};
}

PassWork PrefillWork(size_t begin, size_t end, size_t total) {
  const double first = double(begin), last = double(end);
  return {.rows = last - first,
          .logit_rows = end == total ? 1.0 : 0.0,
          .attended = (last * (last + 1) - first * (first + 1)) / 2,
          .kv_positions = last};
}

}  // namespace hasten
