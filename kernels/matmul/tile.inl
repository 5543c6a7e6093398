// The algorithm of a weight product, written once. Each ISA's file includes this inside its own namespace and target,
// after defining `struct Simd` with:
//
//   F, I, B                 16 floats, 16 int32 sums, one line of 16 rows x 4 unsigned bytes
//   Line, And, Shr4 …       loads and nibble work on lines
//   Dot<kWide>(I, B, q)     adds to each row's sum its four bytes times the four activations at q
//   kSignedWide             Dot<true> takes the bias of 128 off by itself (no unsigned x signed product without overflow)
//
// One panel of 16 rows times C rows of x; C is a template argument so that sums stay in registers.

#define HASTEN_INLINE [[gnu::always_inline]] inline

using F = Simd::F;
using I = Simd::I;
using B = Simd::B;

struct Panel {
  const uint8_t* bytes;
  PanelLayout at;
};

// Formats. Each says how far the bias is (kShift: bias 2^kShift, 0 for none), whether bytes exceed 127 (kWide), whether
// scales change every 16 columns (kHalves), whether there are minimums; and loads a block's 8 lines and its scales.
HASTEN_INLINE void NibbleLines(const Panel& p, size_t block, B g[8]) {
#pragma GCC unroll 8
  for (size_t j = 0; j < 4; ++j) {
    const B line = Simd::Line(p.bytes + block * 256 + j * 64);
    g[j] = Simd::LowNibbles(line);
    g[j + 4] = Simd::HighNibbles(line);
  }
}

HASTEN_INLINE void WholeLines(const Panel& p, size_t block, B g[8]) {
#pragma GCC unroll 8
  for (size_t j = 0; j < 8; ++j) g[j] = Simd::Line(p.bytes + block * 512 + j * 64);
}

struct FormatQ4_0 {
  static constexpr int kShift = 3;
  static constexpr bool kWide = false, kHalves = false, kMinimums = false;
  HASTEN_INLINE static void Lines(const Panel& p, size_t b, B g[8]) { NibbleLines(p, b, g); }
  HASTEN_INLINE static F Scale(const Panel& p, size_t b) { return Simd::Halves(p.bytes + p.at.scales + b * 32); }
};

struct FormatQ4_1 : FormatQ4_0 {
  static constexpr int kShift = 0;
  static constexpr bool kMinimums = true;
  HASTEN_INLINE static F Minimum(const Panel& p, size_t b) { return Simd::Neg(Simd::Halves(p.bytes + p.at.minimums + b * 32)); }
};

struct FormatIQ4_NL : FormatQ4_0 {
  static constexpr int kShift = 7;
  static constexpr bool kWide = true;
  HASTEN_INLINE static void Lines(const Panel& p, size_t b, B g[8]) {
    NibbleLines(p, b, g);
#pragma GCC unroll 8
    for (size_t j = 0; j < 8; ++j) g[j] = Simd::LookUp(kIQ4_NLValues, g[j]);
  }
};

struct FormatMXFP4 : FormatQ4_0 {
  static constexpr int kShift = 4;
  HASTEN_INLINE static void Lines(const Panel& p, size_t b, B g[8]) {
    NibbleLines(p, b, g);
#pragma GCC unroll 8
    for (size_t j = 0; j < 8; ++j) g[j] = Simd::LookUp(kMXFP4Values, g[j]);
  }
  HASTEN_INLINE static F Scale(const Panel& p, size_t b) { return Simd::E8m0Halved(p.bytes + p.at.scales + b * 16); }
};

struct FormatQ8_0 : FormatQ4_0 {
  static constexpr int kShift = 7;
  static constexpr bool kWide = true;
  HASTEN_INLINE static void Lines(const Panel& p, size_t b, B g[8]) { WholeLines(p, b, g); }
};

struct FormatQ4_K {
  static constexpr int kShift = 0;
  static constexpr bool kWide = false, kHalves = false, kMinimums = true;
  HASTEN_INLINE static void Lines(const Panel& p, size_t b, B g[8]) { NibbleLines(p, b, g); }
  HASTEN_INLINE static F Scale(const Panel& p, size_t b) {
    return Simd::Mul(Simd::Halves(p.bytes + p.at.d + b / 8 * 32), Simd::Unsigned(p.bytes + p.at.scales + b * 16));
  }
  HASTEN_INLINE static F Minimum(const Panel& p, size_t b) {
    return Simd::Mul(Simd::Halves(p.bytes + p.at.dmin + b / 8 * 32), Simd::Unsigned(p.bytes + p.at.minimums + b * 16));
  }
};

struct FormatQ5_K : FormatQ4_K {
  HASTEN_INLINE static void Lines(const Panel& p, size_t b, B g[8]) {
    NibbleLines(p, b, g);
#pragma GCC unroll 8
    for (size_t j = 0; j < 8; ++j) g[j] = Simd::AddBit4(g[j], p.bytes + p.at.high + b * 64 + j * 8);
  }
};

struct FormatQ6_K {
  static constexpr int kShift = 5;
  static constexpr bool kWide = false, kHalves = true, kMinimums = false;
  HASTEN_INLINE static void Lines(const Panel& p, size_t b, B g[8]) {
    NibbleLines(p, b, g);
#pragma GCC unroll 2
    for (size_t h = 0; h < 2; ++h) {
      const B bits = Simd::Line(p.bytes + p.at.high + b * 128 + h * 64);
      g[4 * h] = Simd::AddBits45<0>(g[4 * h], bits);
      g[4 * h + 1] = Simd::AddBits45<1>(g[4 * h + 1], bits);
      g[4 * h + 2] = Simd::AddBits45<2>(g[4 * h + 2], bits);
      g[4 * h + 3] = Simd::AddBits45<3>(g[4 * h + 3], bits);
    }
  }
  HASTEN_INLINE static F Scale(const Panel& p, size_t half) {
    return Simd::Mul(Simd::Halves(p.bytes + p.at.d + half / 16 * 32), Simd::Signed(p.bytes + p.at.scales + half * 16));
  }
};

struct FormatGeneric {
  static constexpr int kShift = 7;
  static constexpr bool kWide = true, kHalves = true, kMinimums = true;
  HASTEN_INLINE static void Lines(const Panel& p, size_t b, B g[8]) { WholeLines(p, b, g); }
  HASTEN_INLINE static F Scale(const Panel& p, size_t half) { return Simd::Floats(p.bytes + p.at.scales + half * 64); }
  HASTEN_INLINE static F Minimum(const Panel& p, size_t half) {
    return Simd::Neg(Simd::Floats(p.bytes + p.at.minimums + half * 64));
  }
};

// acc += (lines [first, first + count) . activations at q) * scale of x * scale of w, the bias undone.
template <class Format, int kCount>
HASTEN_INLINE F AddDot(F acc, const B* g, const int8_t* q, const int32_t* minus_sum, const float* x_scale, F scale) {
  constexpr bool biased = Format::kShift != 0 && !(Format::kWide && Simd::kSignedWide);
  I sum = biased ? Simd::template Bias<Format::kShift>(minus_sum) : Simd::Zero();
#pragma GCC unroll 8
  for (int j = 0; j < kCount; ++j) sum = Simd::template Dot<Format::kWide>(sum, g[j], q + 4 * j);
  return Simd::Fma(Simd::Scaled(sum, x_scale), scale, acc);
}

template <class Format, int C>
HASTEN_INLINE void Tile(const Panel& p, const QuantRows& x, size_t first, F acc[C]) {
  const size_t rows = x.tile_rows(first), blocks = x.blocks();
  size_t e = x.entry(0, first);
#pragma GCC unroll 16
  for (int c = 0; c < C; ++c) acc[c] = Simd::Zeros();
  for (size_t b = 0; b < blocks; ++b, e += rows) {
    B g[8];
    Format::Lines(p, b, g);
    const int8_t* q = x.q + e * kQuantBlock;
    if constexpr (!Format::kHalves) {
      const F scale = Format::Scale(p, b);
#pragma GCC unroll 16
      for (int c = 0; c < C; ++c)
        acc[c] = AddDot<Format, 8>(acc[c], g, q + c * 32, x.minus_sum + e + c, x.scale + e + c, scale);
      if constexpr (Format::kMinimums) {
        const F minimum = Format::Minimum(p, b);
#pragma GCC unroll 16
        for (int c = 0; c < C; ++c) acc[c] = Simd::FmaMinus(minimum, x.scaled_sum + e + c, acc[c]);
      }
    } else {
#pragma GCC unroll 2
      for (size_t h = 0; h < 2; ++h) {
        const F scale = Format::Scale(p, 2 * b + h);
#pragma GCC unroll 16
        for (int c = 0; c < C; ++c)
          acc[c] = AddDot<Format, 4>(acc[c], g + 4 * h, q + c * 32 + 16 * h, x.minus_halves + 2 * (e + c) + h, x.scale + e + c,
                                     scale);
        if constexpr (Format::kMinimums) {
          const F minimum = Format::Minimum(p, 2 * b + h);
#pragma GCC unroll 16
          for (int c = 0; c < C; ++c) acc[c] = Simd::FmaMinus(minimum, x.scaled_halves + 2 * (e + c) + h, acc[c]);
        }
      }
    }
  }
}

template <int C>
HASTEN_INLINE void StoreTile(const MatMulOut& out, size_t first, size_t row, size_t valid, const F acc[C]) {
#pragma GCC unroll 16
  for (int c = 0; c < C; ++c) {
    float* y = out.y + (first + c) * out.stride + row;
    Simd::Store(y, out.store == Store::kAdd ? Simd::Add(Simd::LoadSome(y, valid), acc[c]) : acc[c], valid);
  }
}

template <class Format, int C>
void TileOf(const MatMulIntArgs& a, const Panel& p, size_t panel, size_t first) {
  F acc[C];
  Tile<Format, C>(p, a.x, first, acc);
  StoreTile<C>(a.out, first, panel * kPanelRows, std::min(kPanelRows, a.w.rows() - panel * kPanelRows), acc);
}

template <class Format>
void Panels(const MatMulIntArgs& a) {
  const PanelLayout at = LayoutOf(a.w.format(), a.w.cols());
  for (size_t panel = a.panels.begin; panel < a.panels.end; ++panel) {
    const Panel p{reinterpret_cast<const uint8_t*>(a.w.panel(panel)), at};
    size_t i = a.rows.begin;
    for (; i + 8 <= a.rows.end; i += 8) TileOf<Format, 8>(a, p, panel, i);
    if (i + 4 <= a.rows.end) TileOf<Format, 4>(a, p, panel, i), i += 4;
    if (i + 2 <= a.rows.end) TileOf<Format, 2>(a, p, panel, i), i += 2;
    if (i < a.rows.end) TileOf<Format, 1>(a, p, panel, i);
  }
}

void MatMulInt(const MatMulIntArgs& a) {
  switch (a.w.format()) {
    case PackedFormat::kQ4_0:
      return Panels<FormatQ4_0>(a);
    case PackedFormat::kQ4_1:
      return Panels<FormatQ4_1>(a);
    case PackedFormat::kQ8_0:
      return Panels<FormatQ8_0>(a);
    case PackedFormat::kQ4_K:
      return Panels<FormatQ4_K>(a);
    case PackedFormat::kQ5_K:
      return Panels<FormatQ5_K>(a);
    case PackedFormat::kQ6_K:
      return Panels<FormatQ6_K>(a);
    case PackedFormat::kIQ4_NL:
      return Panels<FormatIQ4_NL>(a);
    case PackedFormat::kMXFP4:
      return Panels<FormatMXFP4>(a);
    case PackedFormat::kGeneric:
      return Panels<FormatGeneric>(a);
    case PackedFormat::kF32:
    case PackedFormat::kF16:
    case PackedFormat::kBF16:
      return;  // MatMulFloat's
  }
}

#undef HASTEN_INLINE
