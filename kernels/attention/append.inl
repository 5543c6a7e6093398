// Storing keys and values over the vector operations of kernels/simd/: converted a vector at a time; keys, whose neighbours
// lie a block's length apart, then go one by one.
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

inline void StoreKv(const StoreKvArgs& a) {
  if (a.type == KvType::kF32) {
    float* keys = reinterpret_cast<float*>(a.head);
    Scatter(a.k, a.width, a.slot, keys);
    std::memcpy(keys + (kKvBlock + a.slot) * a.width, a.v, a.width * sizeof(float));
    return;
  }
  uint16_t* keys = reinterpret_cast<uint16_t*>(a.head);
  constexpr size_t kPiece = 64;
  uint16_t piece[kPiece];
  for (size_t i = 0; i < a.width; i += kPiece) {
    const size_t n = std::min(kPiece, a.width - i);
    ConvertTo(a.type, a.k + i, n, piece);
    Scatter(piece, n, a.slot, keys + i * kKvBlock);
  }
  ConvertTo(a.type, a.v, a.width, keys + (kKvBlock + a.slot) * a.width);
}
