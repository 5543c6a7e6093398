// RMS norm over the vector operations of kernels/simd/. Four sums hide the latency of the additions.
inline float SumOfSquares(const float* x, size_t n) {
  F s0 = Set(0), s1 = Set(0), s2 = Set(0), s3 = Set(0);
  size_t i = 0;
  for (; i + 4 * kWidth <= n; i += 4 * kWidth) {
    const F a = Load(x + i), b = Load(x + i + kWidth), c = Load(x + i + 2 * kWidth), d = Load(x + i + 3 * kWidth);
    s0 = Fma(a, a, s0);
    s1 = Fma(b, b, s1);
    s2 = Fma(c, c, s2);
    s3 = Fma(d, d, s3);
  }
  for (; i < n; i += kWidth) {
    const F a = LoadPart(x + i, std::min(n - i, kWidth));
    s0 = Fma(a, a, s0);
  }
  return Sum(Add(Add(s0, s1), Add(s2, s3)));
}

inline void RmsNorm(const RmsNormArgs& a) {
  for (size_t r = 0; r < a.rows; ++r) {
    const float* x = a.x + r * a.x_stride;
    float* y = a.y + r * a.y_stride;
    const F scale = Set(1 / std::sqrt(SumOfSquares(x, a.width) / float(a.width) + a.eps));
    size_t i = 0;
    for (; i + kWidth <= a.width; i += kWidth) Store(y + i, Mul(Mul(Load(x + i), scale), Load(a.weight + i)));
    const size_t left = a.width - i;
    if (left) StorePart(y + i, left, Mul(Mul(LoadPart(x + i, left), scale), LoadPart(a.weight + i, left)));
  }
}
