// Float weight products, written once; included like tile.inl, with the same `Simd`. Column c goes into partial sum c mod 4:
// four chains hide the latency of the multiply-add, and the four are added in one order at the end.

struct WeightF32 {
  static constexpr size_t kBytes = 64;  // of one column of a panel
  HASTEN_INLINE static Simd::F Load(const uint8_t* p) { return Simd::Floats(p); }
};
struct WeightF16 {
  static constexpr size_t kBytes = 32;
  HASTEN_INLINE static Simd::F Load(const uint8_t* p) { return Simd::Halves(p); }
};
struct WeightBF16 {
  static constexpr size_t kBytes = 32;
  HASTEN_INLINE static Simd::F Load(const uint8_t* p) { return Simd::Bf16s(p); }
};

template <class Weight, int C>
void FloatTile(const MatMulFloatArgs& a, const uint8_t* p, size_t panel, size_t first) {
  using F = Simd::F;
  const size_t cols = a.w.cols();
  const float* x = a.x + first * a.x_stride;
  F sums[4][C];
#pragma GCC unroll 4
  for (auto& sum : sums)
#pragma GCC unroll 8
    for (F& s : sum) s = Simd::Zeros();
  size_t k = 0;
  for (; k + 4 <= cols; k += 4)
#pragma GCC unroll 4
    for (size_t j = 0; j < 4; ++j) {
      const F w = Weight::Load(p + (k + j) * Weight::kBytes);
#pragma GCC unroll 8
      for (int c = 0; c < C; ++c) sums[j][c] = Simd::FmaScalar(w, x + c * a.x_stride + k + j, sums[j][c]);
    }
  for (; k < cols; ++k) {
    const F w = Weight::Load(p + k * Weight::kBytes);
    for (int c = 0; c < C; ++c) sums[k % 4][c] = Simd::FmaScalar(w, x + c * a.x_stride + k, sums[k % 4][c]);
  }
  const size_t row = panel * kPanelRows, valid = std::min(kPanelRows, a.w.rows() - row);
  for (int c = 0; c < C; ++c) {
    float* y = a.out.y + (first + c) * a.out.stride + row;
    const F sum = Simd::Add(Simd::Add(sums[0][c], sums[1][c]), Simd::Add(sums[2][c], sums[3][c]));
    Simd::Store(y, a.out.store == Store::kAdd ? Simd::Add(Simd::LoadSome(y, valid), sum) : sum, valid);
  }
}

template <class Weight>
void FloatPanels(const MatMulFloatArgs& a) {
  for (size_t panel = a.panels.begin; panel < a.panels.end; ++panel) {
    const uint8_t* p = reinterpret_cast<const uint8_t*>(a.w.group(panel));
    size_t i = a.rows.begin;
    for (; i + Simd::kFloatTile <= a.rows.end; i += Simd::kFloatTile) FloatTile<Weight, Simd::kFloatTile>(a, p, panel, i);
    for (; i < a.rows.end; ++i) FloatTile<Weight, 1>(a, p, panel, i);
  }
}

void MatMulFloat(const MatMulFloatArgs& a) {
  switch (a.w.format()) {
    case PackedFormat::kF32:
      return FloatPanels<WeightF32>(a);
    case PackedFormat::kF16:
      return FloatPanels<WeightF16>(a);
    case PackedFormat::kBF16:
      return FloatPanels<WeightBF16>(a);
    default:
      return;  // MatMulInt's
  }
}
