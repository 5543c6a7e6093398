// The gated delta rule over the vector operations of kernels/simd/. Lanes are columns of the state, so that sums over the key
// width are chains without horizontal additions; a strip of columns stays in the first-level cache for both of its passes.
inline float LengthSquared(const float* x, size_t n) {
  F sum = Set(0);
  size_t i = 0;
  for (; i + kWidth <= n; i += kWidth) sum = Fma(Load(x + i), Load(x + i), sum);
  if (i < n) sum = Fma(LoadPart(x + i, n - i), LoadPart(x + i, n - i), sum);
  return Sum(sum);
}

inline void ScaledCopy(const float* x, size_t n, float scale, float* y) {
  for (size_t i = 0; i < n; ++i) y[i] = x[i] * scale;
}

struct DeltaToken {
  const float* q;
  const float* k;
  const float* v;
  float* y;
  float keep, beta;
};

// One vector of columns. Where a strip has several they are whole; a single one may hold n < kWidth.
template <size_t kVectors>
inline F LoadColumns(const float* p, size_t n) {
  return kVectors == 1 ? LoadUpTo(p, n) : Load(p);
}
template <size_t kVectors>
inline void StoreColumns(float* p, size_t n, F v) {
  kVectors == 1 ? StoreUpTo(p, n, v) : Store(p, v);
}

// kVectors vectors of columns from `column` on: what the state knows of k, what is new in v, then the update and its answer.
template <size_t kVectors>
inline void DeltaStrip(const GatedDeltaArgs& a, const DeltaToken& token, size_t column, size_t n) {
  const F keep = Set(token.keep);
  F delta[kVectors], y[kVectors];
  for (size_t j = 0; j < kVectors; ++j) delta[j] = y[j] = Set(0);
  float* state = a.state + column;
  for (size_t i = 0; i < a.key_width; ++i) {
    const F k = Set(token.k[i]);
#pragma GCC unroll 4
    for (size_t j = 0; j < kVectors; ++j)
      delta[j] = Fma(k, LoadColumns<kVectors>(state + i * a.value_width + j * kWidth, n), delta[j]);
  }
  for (size_t j = 0; j < kVectors; ++j) {
    const F v = LoadColumns<kVectors>(token.v + column + j * kWidth, n);
    delta[j] = Mul(Set(token.beta), Fnma(keep, delta[j], v));
  }
  for (size_t i = 0; i < a.key_width; ++i) {
    const F k = Set(token.k[i]), q = Set(token.q[i]);
#pragma GCC unroll 4
    for (size_t j = 0; j < kVectors; ++j) {
      float* cell = state + i * a.value_width + j * kWidth;
      const F updated = Fma(k, delta[j], Mul(keep, LoadColumns<kVectors>(cell, n)));
      StoreColumns<kVectors>(cell, n, updated);
      y[j] = Fma(q, updated, y[j]);
    }
  }
  for (size_t j = 0; j < kVectors; ++j) StoreColumns<kVectors>(token.y + column + j * kWidth, n, y[j]);
}

inline void GatedDelta(const GatedDeltaArgs& a) {
  float* q = a.scratch;
  float* k = a.scratch + a.key_width;
  const float q_extra = 1 / std::sqrt(float(a.key_width));
  for (size_t t = 0; t < a.rows; ++t) {
    const float* raw_q = a.q + t * a.q_stride;
    const float* raw_k = a.k + t * a.k_stride;
    ScaledCopy(raw_q, a.key_width, q_extra / std::max(std::sqrt(LengthSquared(raw_q, a.key_width)), a.eps), q);
    ScaledCopy(raw_k, a.key_width, 1 / std::max(std::sqrt(LengthSquared(raw_k, a.key_width)), a.eps), k);
    const DeltaToken token{q,
                           k,
                           a.v + t * a.v_stride,
                           a.y + t * a.y_stride,
                           LaneZero(Exp(Set(a.decay[t * a.decay_stride]))),
                           a.beta[t * a.beta_stride]};
    size_t column = 0;
    for (; column + 4 * kWidth <= a.value_width; column += 4 * kWidth) DeltaStrip<4>(a, token, column, kWidth);
    for (; column < a.value_width; column += kWidth) DeltaStrip<1>(a, token, column, std::min(a.value_width - column, kWidth));
  }
}
