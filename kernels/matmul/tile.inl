// The algorithm of a weight product, written once. Each ISA's file includes this inside its own namespace and target,
// after defining `struct Simd` with:
//
//   F, I, B        16 floats, 16 int32 sums, one line of 16 rows x 4 unsigned bytes
//   Dot<kWide>     adds to each row's sum its four bytes times the four activations at q
//   kSignedWide    Dot<true> takes the bias of 128 off by itself (no unsigned x signed product without overflow)
//   Tiles          the numbers of rows of x that one tile takes, best first; twice as many sums and a line fill the registers
//
// One panel of 16 rows times C rows of x. A line of weights is unpacked once and multiplied with all C rows before the
// next: C independent chains of dot products hide their latency (one chain after the other reached 40 % of the peak).

using F = Simd::F;
using I = Simd::I;
using B = Simd::B;

// Chains of dot products side by side: those of the largest tile. With few rows, panels make them up.
template <int kMost, int... kSmaller>
constexpr int MostOf(std::integer_sequence<int, kMost, kSmaller...>) {
  return kMost;
}
constexpr int kChains = MostOf(Simd::Tiles{});
constexpr int kGroup = kChains < 4 ? kChains : 4;  // panels

struct Panel {
  const uint8_t* bytes;
  PanelLayout at;
};

// f(integral_constant 0) … f(integral_constant kCount - 1): indices that may stand in immediate operands.
template <int kCount, class Body>
HASTEN_INLINE void Unrolled(Body&& body) {
  [&]<int... i>(std::integer_sequence<int, i...>) __attribute__((always_inline)) {
    (body(std::integral_constant<int, i>{}), ...);
  }(std::make_integer_sequence<int, kCount>{});
}

// Formats. Each says the bias of its bytes (value = byte - kBias), whether bytes exceed 127 (kWide: those have bias 128),
// whether scales change every 16 columns (kHalves), whether there are minimums; and loads group 4 * kHalf + j of a block.

template <int kHalf>
HASTEN_INLINE B NibbleGroup(const Panel& p, size_t block, int j) {
  const B line = Simd::Line(p.bytes + block * 256 + j * 64);
  return kHalf == 0 ? Simd::LowNibbles(line) : Simd::HighNibbles(line);
}

struct FormatQ4_0 {
  static constexpr int kBias = 8;
  static constexpr bool kWide = false, kHalves = false, kMinimums = false;
  template <int kHalf, int j>
  HASTEN_INLINE static B Group(const Panel& p, size_t b) {
    return NibbleGroup<kHalf>(p, b, j);
  }
  HASTEN_INLINE static F Scale(const Panel& p, size_t b) { return Simd::Halves(p.bytes + p.at.scales + b * 32); }
};

struct FormatQ4_1 : FormatQ4_0 {
  static constexpr int kBias = 0;
  static constexpr bool kMinimums = true;
  HASTEN_INLINE static F Minimum(const Panel& p, size_t b) { return Simd::Neg(Simd::Halves(p.bytes + p.at.minimums + b * 32)); }
};

struct FormatIQ4_NL : FormatQ4_0 {
  static constexpr int kBias = 128;
  static constexpr bool kWide = true;
  template <int kHalf, int j>
  HASTEN_INLINE static B Group(const Panel& p, size_t b) {
    return Simd::LookUp(kIQ4_NLValues, NibbleGroup<kHalf>(p, b, j));
  }
};

struct FormatMXFP4 : FormatQ4_0 {
  static constexpr int kBias = 128;
  static constexpr bool kWide = true;
  template <int kHalf, int j>
  HASTEN_INLINE static B Group(const Panel& p, size_t b) {
    return Simd::LookUp(kMXFP4Values, NibbleGroup<kHalf>(p, b, j));
  }
  HASTEN_INLINE static F Scale(const Panel& p, size_t b) { return Simd::E8m0Halved(p.bytes + p.at.scales + b * 16); }
};

struct FormatQ8_0 : FormatQ4_0 {
  static constexpr int kBias = 128;
  static constexpr bool kWide = true;
  template <int kHalf, int j>
  HASTEN_INLINE static B Group(const Panel& p, size_t b) {
    return Simd::Line(p.bytes + b * 512 + kHalf * 256 + j * 64);
  }
};

struct FormatQ4_K : FormatQ4_0 {
  static constexpr int kBias = 0;
  static constexpr bool kMinimums = true;
  HASTEN_INLINE static F Scale(const Panel& p, size_t b) {
    return Simd::Mul(Simd::Halves(p.bytes + p.at.d + b / 8 * 32), Simd::Unsigned(p.bytes + p.at.scales + b * 16));
  }
  HASTEN_INLINE static F Minimum(const Panel& p, size_t b) {
    return Simd::Mul(Simd::Halves(p.bytes + p.at.dmin + b / 8 * 32), Simd::Unsigned(p.bytes + p.at.minimums + b * 16));
  }
};

struct FormatQ5_K : FormatQ4_K {
  template <int kHalf, int j>
  HASTEN_INLINE static B Group(const Panel& p, size_t b) {
    return Simd::AddBit4(NibbleGroup<kHalf>(p, b, j), p.bytes + p.at.high + b * 64 + kHalf * 32 + j * 8);
  }
};

struct FormatQ6_K {
  static constexpr int kBias = 32;
  static constexpr bool kWide = false, kHalves = true, kMinimums = false;
  template <int kHalf, int j>
  HASTEN_INLINE static B Group(const Panel& p, size_t b) {
    const B bits = Simd::Line(p.bytes + p.at.high + b * 128 + kHalf * 64);
    return Simd::template AddBits45<j>(NibbleGroup<kHalf>(p, b, j), bits);
  }
  HASTEN_INLINE static F Scale(const Panel& p, size_t half) {
    return Simd::Mul(Simd::Halves(p.bytes + p.at.d + half / 16 * 32), Simd::Signed(p.bytes + p.at.scales + half * 16));
  }
};

struct FormatGeneric : FormatQ8_0 {
  static constexpr int kBias = 128;
  static constexpr bool kHalves = true, kMinimums = true;
  HASTEN_INLINE static F Scale(const Panel& p, size_t half) { return Simd::Floats(p.bytes + p.at.scales + half * 64); }
  HASTEN_INLINE static F Minimum(const Panel& p, size_t half) {
    return Simd::Neg(Simd::Floats(p.bytes + p.at.minimums + half * 64));
  }
};

// Where sums start, so that the bias of the bytes is taken off.
template <class Format>
HASTEN_INLINE const int32_t* StartOf(const QuantRows& x) {
  static_assert(Format::kBias == 128 || Format::kBias == (Format::kHalves ? 32 : 8));
  if constexpr (Format::kHalves) return Format::kBias == 128 ? x.start128_halves : x.start32_halves;
  return Format::kBias == 128 ? x.start128 : x.start8;
}

// Sums of half block h (kHalves; else h is 0) of the rows from entry e on.
template <class Format, int C>
HASTEN_INLINE void StartSums(const QuantRows& x, size_t e, size_t h, I sum[C]) {
  static constexpr int32_t kUnbiased = kMagicBits;
  constexpr bool biased = Format::kBias != 0 && !(Format::kWide && Simd::kSignedWide);
  constexpr size_t stride = Format::kHalves ? 2 : 1;
#pragma GCC unroll 16
  for (size_t c = 0; c < C; ++c) {
    if constexpr (biased) {
      sum[c] = Simd::Start(StartOf<Format>(x) + (e + c) * stride + h);
    } else {
      sum[c] = Simd::Start(&kUnbiased);
    }
  }
}

// sum[c] += the four groups of one half block times the activations of row c.
template <class Format, int kHalf, int C>
HASTEN_INLINE void AddHalf(const Panel& p, size_t block, const int8_t* q, I sum[C]) {
  Unrolled<4>([&](auto j) __attribute__((always_inline)) {
    const B line = Format::template Group<kHalf, j>(p, block);
#pragma GCC unroll 16
    for (int c = 0; c < C; ++c) sum[c] = Simd::template Dot<Format::kWide>(sum[c], line, q + c * 32 + 16 * kHalf + 4 * j);
  });
}

template <int C>
HASTEN_INLINE void AddScaled(const I sum[C], const QuantRows& x, size_t e, F scale, F acc[C]) {
#pragma GCC unroll 16
  for (size_t c = 0; c < C; ++c)
    acc[c] = Simd::Fma(Simd::Scaled(sum[c], x.scale + e + c, x.minus_magic + e + c), scale, acc[c]);
}

template <int C>
HASTEN_INLINE void SubtractMinimum(F minimum, const float* scaled_sum, size_t stride, F acc[C]) {
#pragma GCC unroll 16
  for (int c = 0; c < C; ++c) acc[c] = Simd::FmaMinus(minimum, scaled_sum + c * stride, acc[c]);
}

// acc[c] += one block's products, e being the entry of its first row of x.
template <class Format, int C>
HASTEN_INLINE void AddBlock(const Panel& p, size_t b, const QuantRows& x, size_t e, F acc[C]) {
  const int8_t* q = x.q + e * kQuantBlock;
  I sum[C];
  if constexpr (!Format::kHalves) {
    StartSums<Format, C>(x, e, 0, sum);
    AddHalf<Format, 0, C>(p, b, q, sum);
    AddHalf<Format, 1, C>(p, b, q, sum);
    AddScaled<C>(sum, x, e, Format::Scale(p, b), acc);
    if constexpr (Format::kMinimums) SubtractMinimum<C>(Format::Minimum(p, b), x.scaled_sum + e, 1, acc);
  } else {
    Unrolled<2>([&](auto h) __attribute__((always_inline)) {
      StartSums<Format, C>(x, e, h, sum);
      AddHalf<Format, h, C>(p, b, q, sum);
      AddScaled<C>(sum, x, e, Format::Scale(p, 2 * b + h), acc);
      if constexpr (Format::kMinimums) SubtractMinimum<C>(Format::Minimum(p, 2 * b + h), x.scaled_halves + 2 * e + h, 2, acc);
    });
  }
}

template <int C>
HASTEN_INLINE void StoreSums(const MatMulIntArgs& a, size_t panel, size_t first, const F acc[C]) {
  const size_t row = panel * kPanelRows, valid = std::min(kPanelRows, a.w.rows() - row);
#pragma GCC unroll 16
  for (int c = 0; c < C; ++c) {
    float* y = a.out.y + (first + c) * a.out.stride + row;
    Simd::Store(y, a.out.store == Store::kAdd ? Simd::Add(Simd::LoadSome(y, valid), acc[c]) : acc[c], valid);
  }
}

// kPanels neighbouring panels times C rows. Several panels where rows are few: more chains of dot products, and more streams
// for the hardware to read ahead (one row from memory: 28.5 GB/s with one panel at a time, 32.7 with four).
template <class Format, int C, int kPanels>
void Tile(const MatMulIntArgs& a, const Panel* panels, size_t panel, size_t first) {
  const size_t rows = a.x.tile_rows(first), blocks = a.x.blocks();
  size_t e = a.x.entry(0, first);
  F acc[kPanels][C];
#pragma GCC unroll 8
  for (int p = 0; p < kPanels; ++p)
#pragma GCC unroll 16
    for (int c = 0; c < C; ++c) acc[p][c] = Simd::Zeros();
  for (size_t b = 0; b < blocks; ++b, e += rows)
#pragma GCC unroll 8
    for (int p = 0; p < kPanels; ++p) AddBlock<Format, C>(panels[p], b, a.x, e, acc[p]);
#pragma GCC unroll 8
  for (int p = 0; p < kPanels; ++p) StoreSums<C>(a, panel + size_t(p), first, acc[p]);
}

// Rows [first, end), all of one tile of QuantRows, in the largest of Simd's tiles that fit, then in smaller ones.
template <class Format, int kPanels, int C, int... kSmaller>
HASTEN_INLINE void TileRows(const MatMulIntArgs& a, const Panel* panels, size_t panel, size_t first, size_t end,
                            std::integer_sequence<int, C, kSmaller...>) {
  constexpr int kTogether = std::clamp(kChains / C, 1, kPanels);
  for (; first + C <= end; first += C)
    for (size_t p = 0; p < kPanels; p += kTogether) Tile<Format, C, kTogether>(a, panels + p, panel + p, first);
  if constexpr (sizeof...(kSmaller) > 0)
    if (first < end) TileRows<Format, kPanels>(a, panels, panel, first, end, std::integer_sequence<int, kSmaller...>{});
}

inline Panel PanelAt(const MatMulIntArgs& a, const PanelLayout& at, size_t panel) {
  return {reinterpret_cast<const uint8_t*>(a.w.panel(panel)), at};
}

// kPanels panels from `panel` on times all rows.
template <class Format, int kPanels>
void PanelGroup(const MatMulIntArgs& a, const PanelLayout& at, size_t panel) {
  Panel panels[kPanels];
  for (size_t p = 0; p < kPanels; ++p) panels[p] = PanelAt(a, at, panel + p);
  for (size_t i = a.rows.begin; i < a.rows.end; i += kRowTile)
    TileRows<Format, kPanels>(a, panels, panel, i, std::min(i + kRowTile, a.rows.end), Simd::Tiles{});
}

template <class Format>
void Panels(const MatMulIntArgs& a) {
  const PanelLayout at = LayoutOf(a.w.format(), a.w.cols());
  size_t panel = a.panels.begin;
  for (; panel + kGroup <= a.panels.end; panel += kGroup) PanelGroup<Format, kGroup>(a, at, panel);
  for (; panel < a.panels.end; ++panel) PanelGroup<Format, 1>(a, at, panel);
}

// Calls what.operator()<Format>() with the matrix's format.
template <class What>
void WithFormat(PackedFormat format, What&& what) {
  switch (format) {
    case PackedFormat::kQ4_0:
      return what.template operator()<FormatQ4_0>();
    case PackedFormat::kQ4_1:
      return what.template operator()<FormatQ4_1>();
    case PackedFormat::kQ8_0:
      return what.template operator()<FormatQ8_0>();
    case PackedFormat::kQ4_K:
      return what.template operator()<FormatQ4_K>();
    case PackedFormat::kQ5_K:
      return what.template operator()<FormatQ5_K>();
    case PackedFormat::kQ6_K:
      return what.template operator()<FormatQ6_K>();
    case PackedFormat::kIQ4_NL:
      return what.template operator()<FormatIQ4_NL>();
    case PackedFormat::kMXFP4:
      return what.template operator()<FormatMXFP4>();
    case PackedFormat::kGeneric:
      return what.template operator()<FormatGeneric>();
    case PackedFormat::kF32:
    case PackedFormat::kF16:
    case PackedFormat::kBF16:
      return;  // MatMulFloat's
  }
}
