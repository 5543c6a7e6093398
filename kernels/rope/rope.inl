// Rotary embedding over the vector operations of kernels/simd/. Sines and cosines are computed once for all heads of a row.
inline void RopeHalves(const RopeArgs& a) {
  const F scale = Set(a.scale);
  for (size_t i = 0; i < a.pairs; i += kWidth) {
    const size_t n = std::min(a.pairs - i, kWidth);
    F sine, cosine;
    SinCos(a.position, LoadUpTo(a.inverse_frequency + i, n), sine, cosine);
    sine = Mul(sine, scale);
    cosine = Mul(cosine, scale);
    for (size_t h = 0; h < a.heads; ++h) {
      float* x = a.x + h * a.head_width + i;
      const F u = LoadUpTo(x, n), v = LoadUpTo(x + a.pairs, n);
      StoreUpTo(x, n, Fnma(v, sine, Mul(u, cosine)));
      StoreUpTo(x + a.pairs, n, Fma(u, sine, Mul(v, cosine)));
    }
  }
}

// Each number's own frequency and sign stand beside it, so that the rotation is x cos + swapped(x) (-sin, sin, -sin, …).
inline void RopeNeighbours(const RopeArgs& a) {
  for (size_t i = 0; i < 2 * a.pairs; i += kWidth) {
    const size_t n = std::min(2 * a.pairs - i, kWidth);
    float frequency[kWidth] = {}, sign[kWidth];
    for (size_t j = 0; j < kWidth; ++j) {
      if (j < n) frequency[j] = a.inverse_frequency[(i + j) / 2];
      sign[j] = j % 2 ? a.scale : -a.scale;
    }
    F sine, cosine;
    SinCos(a.position, Load(frequency), sine, cosine);
    sine = Mul(sine, Load(sign));
    cosine = Mul(cosine, Set(a.scale));
    for (size_t h = 0; h < a.heads; ++h) {
      float* x = a.x + h * a.head_width + i;
      const F u = LoadUpTo(x, n);
      StoreUpTo(x, n, Fma(SwapPairs(u), sine, Mul(u, cosine)));
    }
  }
}

inline void Rope(const RopeArgs& a) { a.halves ? RopeHalves(a) : RopeNeighbours(a); }
