// Storing keys and values over the vector operations of kernels/simd/: converted a vector at a time; keys, whose neighbours
// lie a block's length apart, then go one by one, or in fixed point two by two.
inline F Saturated(F v) { return Max(Set(-65504.0f), Min(Set(65504.0f), v)); }  // NaN stays: it is the second

inline void ConvertTo(KvType type, const float* from, size_t n, uint16_t* to) {
  const size_t whole = n / kWidth * kWidth;
  const bool half = type == KvType::kF16;
  for (size_t i = 0; i < whole; i += kWidth)
    half ? StoreF16(to + i, Saturated(Load(from + i))) : StoreBf16(to + i, Load(from + i));
  for (size_t i = whole; i < n; ++i) to[i] = half ? SaturatedHalf(from[i]) : Bf16FromFloat(from[i]);
}

template <class T>
inline void Scatter(const T* from, size_t n, size_t slot, T* keys) {
  for (size_t i = 0; i < n; ++i) keys[i * kKvBlock + slot] = from[i];
}

// Within ±kBeyond; NaN, as the first of Min, is kBeyond.
inline F Bounded(F v) { return Max(Min(v, Set(FixedPoint::kBeyond)), Set(-FixedPoint::kBeyond)); }

inline F BoundedPart(const float* x, size_t n) { return Bounded(n < kWidth ? LoadPart(x, n) : Load(x)); }

inline float PeakOf(const float* x, size_t n) {
  F peak = Set(0);
  for (size_t i = 0; i < n; i += kWidth) {
    const F v = BoundedPart(x + i, n - i);
    peak = Max(peak, Max(v, Sub(Set(0), v)));
  }
  return Peak(peak);
}

// Of a vector, in units of its largest number.
inline float LengthOf(const float* x, size_t n, float peak) {
  if (peak < FixedPoint::kBelow) return 1;
  const F inverse = Set(1 / peak);
  F sum = Set(0);
  for (size_t i = 0; i < n; i += kWidth) {
    const F v = Mul(BoundedPart(x + i, n - i), inverse);
    sum = Fma(v, v, sum);
  }
  return std::sqrt(Sum(sum));
}

// Rounded to whole numbers; `to` has room for whole vectors.
inline void ToFixed(const float* from, size_t n, FixedPoint point, int16_t* to) {
  for (size_t i = 0; i < n; i += kWidth) {
    StoreI16(to + i, Mul(BoundedPart(from + i, n - i), Set(point.inverse)));
  }
}

template <class T>
inline void StoreFixed(const StoreKvArgs& a) {
  float* scales = reinterpret_cast<float*>(a.head);
  T* keys = reinterpret_cast<T*>(a.head + kKvScaleBytes);
  T* values = keys + (a.width + 1) / 2 * 2 * kKvBlock + a.slot / 2 * 2 * a.width + a.slot % 2;
  const FixedPoint key(PeakOf(a.k, a.width), KvLargest(a.type)), value(PeakOf(a.v, a.width), KvLargest(a.type));
  scales[a.slot] = key.scale;
  scales[kKvBlock + a.slot] = value.scale;
  constexpr size_t kPiece = 64;
  int16_t piece[kPiece];
  for (size_t i = 0; i < a.width; i += kPiece) {
    const size_t n = std::min(kPiece, a.width - i);
    ToFixed(a.k + i, n, key, piece);
    for (size_t j = 0; j < n; ++j) keys[(i + j) / 2 * 2 * kKvBlock + a.slot * 2 + j % 2] = T(piece[j]);
    ToFixed(a.v + i, n, value, piece);
    for (size_t j = 0; j < n; ++j) values[2 * (i + j)] = T(piece[j]);
  }
}

template <class T>
inline void StoreAs(const StoreKvArgs& a) {
  T* keys = reinterpret_cast<T*>(a.head);
  constexpr size_t kPiece = 64;
  T piece[kPiece];
  for (size_t i = 0; i < a.width; i += kPiece) {
    const size_t n = std::min(kPiece, a.width - i);
    ConvertTo(a.type, a.k + i, n, piece);
    Scatter(piece, n, a.slot, keys + i * kKvBlock);
  }
  ConvertTo(a.type, a.v, a.width, keys + (kKvBlock + a.slot) * a.width);
}

inline void StoreKv(const StoreKvArgs& a) {
  switch (a.type) {
    case KvType::kF32: {
      float* keys = reinterpret_cast<float*>(a.head);
      Scatter(a.k, a.width, a.slot, keys);
      std::memcpy(keys + (kKvBlock + a.slot) * a.width, a.v, a.width * sizeof(float));
      return;
    }
    case KvType::kF16:
    case KvType::kBF16:
      return StoreAs<uint16_t>(a);
    case KvType::kI16:
      return StoreFixed<int16_t>(a);
    case KvType::kI8:
      return StoreFixed<int8_t>(a);
  }
}
