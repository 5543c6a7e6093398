// The algorithm of a weight product, written once. Each ISA's file includes this inside its own namespace and target,
// after defining `struct Simd` with:
//
//   F, I, B, Q     16 floats, 16 int32 sums, one line of 16 rows x 4 unsigned bytes, four activations for each of its rows
//   Dot<kWide>     adds to each row's sum its four bytes times the four activations
//   kSignedWide    Dot<true> takes the bias of 128 off by itself (no unsigned x signed product without overflow)
//   kUnpacks       whether unpacked.inl is included behind this, with StoreLine to write a line
//   Tiles          the numbers of rows of x that one tile takes, best first
//   PanelsBeside   how many panels a tile of so many rows takes: twice their product of sums, and a line each, fill the
//   registers
//
// Panels of 16 rows times C rows of x. A line of weights is unpacked once and multiplied with all C rows before the next:
// independent chains of dot products hide their latency (one chain after the other reached 40 % of the peak). Panels side by
// side also share what is read of x: with one, a dot product costs a read, and a core that does two of either a cycle has no
// read left for scales (Zen 5, Q4_0: 8 rows of one panel 290 giga-multiply-adds/s, 6 rows of two 360).

using F = Simd::F;
using I = Simd::I;
using B = Simd::B;
using Q = Simd::Q;

struct Group {
  const uint8_t* bytes;
  GroupLayout at;
  size_t first, panels;  // of the matrix
};

// Where a panel of a group begins: pointers that do not move, so that an offset is all that changes from block to block.
struct Panel {
  const uint8_t *quants, *scales, *minimums, *d, *dmin;
  size_t record, head;
  HASTEN_INLINE Panel(const Group& g, const StreamBytes& size, size_t panel)
      : quants(g.bytes + g.at.head + panel * size.quants),
        scales(g.bytes + g.at.head + g.at.scales + panel * size.scales),
        minimums(g.bytes + g.at.head + g.at.minimums + panel * size.minimums),
        d(g.bytes + panel * size.d),
        dmin(g.bytes + g.at.dmin + panel * size.dmin),
        record(g.at.record),
        head(g.at.head) {}
};

// One block of the panel that stands kNext after `panel`.
template <size_t kNext>
struct Place {
  const Panel& panel;
  size_t record, head;  // offsets
  HASTEN_INLINE Place(const Panel& p, size_t block)
      : panel(p), record(block * p.record + block / 8 * p.head), head(block / 8 * (p.head + 8 * p.record)) {}
  HASTEN_INLINE const uint8_t* Quants(size_t size) const { return panel.quants + record + kNext * size; }
  HASTEN_INLINE const uint8_t* Scales(size_t size) const { return panel.scales + record + kNext * size; }
  HASTEN_INLINE const uint8_t* Minimums(size_t size) const { return panel.minimums + record + kNext * size; }
  HASTEN_INLINE const uint8_t* D() const { return panel.d + head + kNext * 32; }
  HASTEN_INLINE const uint8_t* Dmin() const { return panel.dmin + head + kNext * 32; }
};

// f(integral_constant 0) … f(integral_constant kCount - 1): indices that may stand in immediate operands.
template <int kCount, class Body>
HASTEN_INLINE void Unrolled(Body&& body) {
  [&]<int... i>(std::integer_sequence<int, i...>) __attribute__((always_inline)) {
    (body(std::integral_constant<int, i>{}), ...);
  }(std::make_integer_sequence<int, kCount>{});
}

// Formats. Each says the bias of its bytes (value = byte - kBias), whether bytes exceed 127 (kWide: those have bias 128),
// whether scales change every 16 columns (kHalves: h says which), whether there are minimums, whether many rows are better
// served by unpacked.inl, how many rows it takes until asking for what follows pays; and loads group 4 * kHalf + j of a block.

template <int kHalf>
HASTEN_INLINE B NibbleGroup(const uint8_t* quants, int j) {
  const B line = Simd::Line(quants + j * 64);
  return kHalf == 0 ? Simd::LowNibbles(line) : Simd::HighNibbles(line);
}

struct FormatQ4_0 {
  static constexpr StreamBytes kSize = StreamsOf(PackedFormat::kQ4_0);
  static constexpr int kBias = 8;
  static constexpr bool kWide = false, kHalves = false, kMinimums = false, kUnpackOnce = false;
  static constexpr size_t kAsksFrom = 2;
  template <int kHalf, int j>
  HASTEN_INLINE static B Line(const auto& p) {
    return NibbleGroup<kHalf>(p.Quants(kSize.quants), j);
  }
  HASTEN_INLINE static F Scale(const auto& p, size_t) { return Simd::Halves(p.Scales(32)); }
};

struct FormatQ4_1 : FormatQ4_0 {
  static constexpr StreamBytes kSize = StreamsOf(PackedFormat::kQ4_1);
  static constexpr int kBias = 0;
  static constexpr bool kMinimums = true;
  HASTEN_INLINE static F Minimum(const auto& p, size_t) { return Simd::Neg(Simd::Halves(p.Minimums(32))); }
};

struct FormatIQ4_NL : FormatQ4_0 {
  static constexpr StreamBytes kSize = StreamsOf(PackedFormat::kIQ4_NL);
  static constexpr int kBias = 128;
  static constexpr bool kWide = true;
  template <int kHalf, int j>
  HASTEN_INLINE static B Line(const auto& p) {
    return Simd::LookUp(kIQ4_NLValues, NibbleGroup<kHalf>(p.Quants(kSize.quants), j));
  }
};

struct FormatMXFP4 : FormatQ4_0 {
  static constexpr StreamBytes kSize = StreamsOf(PackedFormat::kMXFP4);
  static constexpr int kBias = 128;
  static constexpr bool kWide = true;
  template <int kHalf, int j>
  HASTEN_INLINE static B Line(const auto& p) {
    return Simd::LookUp(kMXFP4Values, NibbleGroup<kHalf>(p.Quants(kSize.quants), j));
  }
  HASTEN_INLINE static F Scale(const auto& p, size_t) { return Simd::E8m0Halved(p.Scales(16)); }
};

struct FormatQ8_0 : FormatQ4_0 {
  static constexpr StreamBytes kSize = StreamsOf(PackedFormat::kQ8_0);
  static constexpr int kBias = 128;
  static constexpr bool kWide = true;
  template <int kHalf, int j>
  HASTEN_INLINE static B Line(const auto& p) {
    return Simd::Line(p.Quants(kSize.quants) + kHalf * 256 + j * 64);
  }
};

struct FormatQ4_K : FormatQ4_0 {
  static constexpr StreamBytes kSize = StreamsOf(PackedFormat::kQ4_K);
  static constexpr int kBias = 0;
  static constexpr bool kMinimums = true, kUnpackOnce = true;
  HASTEN_INLINE static F Scale(const auto& p, size_t) { return Simd::Mul(Simd::Halves(p.D()), Simd::Unsigned(p.Scales(16))); }
  HASTEN_INLINE static F Minimum(const auto& p, size_t) {
    return Simd::Mul(Simd::Halves(p.Dmin()), Simd::Unsigned(p.Minimums(16)));
  }
};

struct FormatQ5_K : FormatQ4_K {
  static constexpr StreamBytes kSize = StreamsOf(PackedFormat::kQ5_K);
  static constexpr size_t kAsksFrom = 1;
  template <int kHalf, int j>
  HASTEN_INLINE static B Line(const auto& p) {
    return Simd::AddBit4(NibbleGroup<kHalf>(p.Quants(kSize.quants), j),
                         p.Quants(kSize.quants) + kNibbleBytes + kHalf * 32 + j * 8);
  }
};

struct FormatQ6_K {
  static constexpr StreamBytes kSize = StreamsOf(PackedFormat::kQ6_K);
  static constexpr int kBias = 32;
  static constexpr bool kWide = false, kHalves = true, kMinimums = false, kUnpackOnce = true;
  static constexpr size_t kAsksFrom = 1;
  template <int kHalf, int j>
  HASTEN_INLINE static B Line(const auto& p) {
    const B bits = Simd::Line(p.Quants(kSize.quants) + kNibbleBytes + kHalf * 64);
    return Simd::template AddBits45<j>(NibbleGroup<kHalf>(p.Quants(kSize.quants), j), bits);
  }
  HASTEN_INLINE static F Scale(const auto& p, size_t h) {
    return Simd::Mul(Simd::Halves(p.D()), Simd::Signed(p.Scales(32) + h * 16));
  }
};

struct FormatGeneric : FormatQ8_0 {
  static constexpr StreamBytes kSize = StreamsOf(PackedFormat::kGeneric);
  static constexpr int kBias = 128;
  static constexpr bool kHalves = true, kMinimums = true;
  HASTEN_INLINE static F Scale(const auto& p, size_t h) { return Simd::Floats(p.Scales(128) + h * 64); }
  HASTEN_INLINE static F Minimum(const auto& p, size_t h) { return Simd::Neg(Simd::Floats(p.Minimums(128) + h * 64)); }
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

// sum[p][c] += the four groups of one half block of panel p times the activations of row c.
template <class Format, int kHalf, size_t kFirst, int kPanels, int C>
HASTEN_INLINE void AddHalf(const Panel& panel, size_t block, const int8_t* q, I sum[kPanels][C]) {
  Unrolled<4>([&](auto j) __attribute__((always_inline)) {
    B line[kPanels];
    Unrolled<kPanels>([&](auto p) __attribute__((always_inline)) {
      line[p] = Format::template Line<kHalf, j>(Place<kFirst + p>(panel, block));
    });
#pragma GCC unroll 16
    for (int c = 0; c < C; ++c) {
      const Q four = Simd::Four(q + c * 32 + 16 * kHalf + 4 * j);
#pragma GCC unroll 4
      for (int p = 0; p < kPanels; ++p) sum[p][c] = Simd::template Dot<Format::kWide>(sum[p][c], line[p], four);
    }
  });
}

template <int kPanels, int C>
HASTEN_INLINE void AddScaled(const I sum[kPanels][C], const QuantRows& x, size_t e, const F scale[kPanels], F acc[kPanels][C]) {
#pragma GCC unroll 16
  for (size_t c = 0; c < C; ++c) {
    const F unit = Simd::Same(x.scale + e + c), minus_magic = Simd::Same(x.minus_magic + e + c);
#pragma GCC unroll 4
    for (int p = 0; p < kPanels; ++p) acc[p][c] = Simd::Fma(Simd::Scaled(sum[p][c], unit, minus_magic), scale[p], acc[p][c]);
  }
}

template <int C>
HASTEN_INLINE void SubtractMinimum(F minimum, const float* scaled_sum, size_t stride, F acc[C]) {
#pragma GCC unroll 16
  for (int c = 0; c < C; ++c) acc[c] = Simd::FmaMinus(minimum, scaled_sum + c * stride, acc[c]);
}

// acc[p][c] += the products of one block of panels kFirst and up, e being the entry of its first row of x.
template <class Format, size_t kFirst, int kPanels, int C>
HASTEN_INLINE void AddBlock(const Panel& panel, size_t block, const QuantRows& x, size_t e, F acc[kPanels][C]) {
  const int8_t* q = x.q + e * kQuantBlock;
  constexpr int kParts = Format::kHalves ? 2 : 1;  // with scales of their own
  Unrolled<kParts>([&](auto h) __attribute__((always_inline)) {
    I sum[kPanels][C];
    StartSums<Format, C>(x, e, h, sum[0]);
#pragma GCC unroll 4
    for (int p = 1; p < kPanels; ++p)
#pragma GCC unroll 16
      for (int c = 0; c < C; ++c) sum[p][c] = sum[0][c];
    AddHalf<Format, h, kFirst, kPanels, C>(panel, block, q, sum);
    if constexpr (!Format::kHalves) AddHalf<Format, 1, kFirst, kPanels, C>(panel, block, q, sum);
    F scale[kPanels];
    Unrolled<kPanels>([&](auto p)
                          __attribute__((always_inline)) { scale[p] = Format::Scale(Place<kFirst + p>(panel, block), h); });
    AddScaled<kPanels, C>(sum, x, e, scale, acc);
    if constexpr (Format::kMinimums)
      Unrolled<kPanels>([&](auto p) __attribute__((always_inline)) {
        SubtractMinimum<C>(Format::Minimum(Place<kFirst + p>(panel, block), h),
                           Format::kHalves ? x.scaled_halves + 2 * e + h : x.scaled_sum + e, kParts, acc[p]);
      });
  });
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

// Asks for where sums will be stored, while they are being made.
HASTEN_INLINE void AskFor(const MatMulIntArgs& a, size_t panel, size_t row) {
  __builtin_prefetch(a.out.y + row * a.out.stride + panel * kPanelRows, 1, 3);
}

// How the next group is asked for while some rows are multiplied with this one: a few lines with every block of a tile. More at
// once fill the queue of what is asked for, and the tile waits behind them (Zen 5, weights from memory, giga-multiply-adds/s:
// Q4_0 6 rows 138 and 187, 32 rows 258 and 288; Q6_K 8 rows 88 and 122). Two rows read four panels line by line, which the
// processor does not follow by itself (Zen 4: Q4_0 66 and 145, Q6_K 37 and 78).
struct BlockByBlock {
  const uint8_t* next;
  size_t lines;
  HASTEN_INLINE void Ask() {
    for (size_t i = 0; i < lines; ++i) __builtin_prefetch(next + i * 64, 0, 2);
    next += lines * 64;
  }
};
// Many rows leave time for it between tiles, and no read to spare within them (256 rows: 3 % slower with two prefetches a
// block). A single row reads in the order of memory, and the processor ahead of it by itself (Zen 4, Q4_0: 51, asked for 39),
// unless high bits lie behind the nibbles (Q5_K 26 and 36, 24 and 47; Q6_K 29 and 42 from the last-level cache).
struct BetweenTiles {
  HASTEN_INLINE void Ask() {}
};

// Panels [panel, panel + kPanels) of a group times C rows. A single row reads each panel's block to its end before the next, in
// the order in which the group lies: nothing is shared, and memory follows.
template <class Format, int C, int kPanels, class Ahead>
void Tile(const MatMulIntArgs& a, const Group& group, size_t panel, size_t first, Ahead& ahead) {
  const size_t rows = a.x.tile_rows(first), blocks = a.x.blocks();
  const Panel start(group, Format::kSize, panel);
  size_t e = a.x.entry(0, first);
  F acc[kPanels][C];
#pragma GCC unroll 8
  for (int p = 0; p < kPanels; ++p)
#pragma GCC unroll 16
    for (int c = 0; c < C; ++c) {
      acc[p][c] = Simd::Zeros();
      if constexpr (C > 1) AskFor(a, group.first + panel + size_t(p), first + c);
    }
  for (size_t b = 0; b < blocks; ++b, e += rows) {
    ahead.Ask();
    if constexpr (C == 1) {
      Unrolled<kPanels>([&](auto p) __attribute__((always_inline)) { AddBlock<Format, p, 1, C>(start, b, a.x, e, acc + p); });
    } else {
      AddBlock<Format, 0, kPanels, C>(start, b, a.x, e, acc);
    }
  }
#pragma GCC unroll 8
  for (int p = 0; p < kPanels; ++p) StoreSums<C>(a, group.first + panel + size_t(p), first, acc[p]);
}

// Rows [first, end), all of one tile of QuantRows, in the largest of Simd's tiles that fit, then in smaller ones; kPanels from
// `panel` on.
template <class Format, int kPanels, class Ahead, int C, int... kSmaller>
HASTEN_INLINE void TileRows(const MatMulIntArgs& a, const Group& group, size_t panel, size_t first, size_t end, Ahead& ahead,
                            std::integer_sequence<int, C, kSmaller...>) {
  constexpr int kBeside = std::min(kPanels, Simd::PanelsBeside(C));
  for (; first + C <= end; first += C)
    for (size_t p = 0; p < kPanels; p += kBeside) Tile<Format, C, kBeside>(a, group, panel + p, first, ahead);
  if constexpr (sizeof...(kSmaller) > 0)
    if (first < end) TileRows<Format, kPanels>(a, group, panel, first, end, ahead, std::integer_sequence<int, kSmaller...>{});
}

// The group that holds panel `panel` of the matrix.
inline Group GroupOf(const PackedMatrix& w, size_t panel) {
  const size_t g = panel / kGroupPanels, first = g * kGroupPanels, panels = std::min(kGroupPanels, w.panels() - first);
  return {reinterpret_cast<const uint8_t*>(w.group(g)), LayoutOf(w.format(), w.cols(), panels), first, panels};
}

// The bytes of the group behind `group`, where that is to be multiplied, too.
inline std::span<const uint8_t> NextGroup(const MatMulIntArgs& a, const Group& group) {
  if (group.first + group.panels >= a.panels.end) return {};
  const Group next = GroupOf(a.w, group.first + group.panels);
  return {next.bytes, next.at.bytes};
}

// Part i of `parts` of some bytes, in whole lines.
inline void AskForPart(std::span<const uint8_t> bytes, size_t i, size_t parts) {
  for (size_t at = bytes.size() * i / parts / 64 * 64; at < bytes.size() * (i + 1) / parts; at += 64)
    __builtin_prefetch(bytes.data() + at, 0, 2);
}

// How often tiles of kPanels panels and so many rows read a block, the first row being the first of a tile of QuantRows.
template <int kPanels, int... C>
constexpr size_t PassesOf(size_t rows, std::integer_sequence<int, C...>) {
  size_t passes = 0;
  for (size_t left = 0; rows > 0;) {
    rows -= left = std::min(rows, kRowTile);
    ((passes += left / C * size_t(kPanels / std::min(kPanels, Simd::PanelsBeside(C))), left %= C), ...);
  }
  return passes;
}

// In unpacked.inl: from so many rows on, two panels of a group times all rows.
inline constexpr size_t kUnpackFrom = 96;
template <class Format>
void UnpackedRows(const MatMulIntArgs& a, const Group& group, size_t panel);

// kPanels panels of a group times all rows.
template <class Format, int kPanels>
void GroupRows(const MatMulIntArgs& a, const Group& group, size_t panel) {
  constexpr size_t kMost = 64;  // rows that ask block by block
  const size_t rows = a.rows.size();
  if constexpr (Format::kUnpackOnce && Simd::kUnpacks && kPanels % 2 == 0) {
    if (rows >= kUnpackFrom) {
      for (size_t p = 0; p < kPanels; p += 2) UnpackedRows<Format>(a, group, panel + p);
      return;
    }
  }
  const auto each_row_tile = [&](auto ahead, auto&& before) {
    for (size_t i = a.rows.begin; i < a.rows.end; i += kRowTile) {
      before(i - a.rows.begin);
      TileRows<Format, kPanels>(a, group, panel, i, std::min(i + kRowTile, a.rows.end), ahead, Simd::Tiles{});
    }
  };
  if (rows < Format::kAsksFrom) return each_row_tile(BetweenTiles{}, [](size_t) {});
  const std::span<const uint8_t> next = NextGroup(a, group);
  if (rows > kMost) {
    const size_t row_tiles = (rows + kRowTile - 1) / kRowTile;
    each_row_tile(BetweenTiles{}, [&](size_t row) { AskForPart(next, row / kRowTile, row_tiles); });
  } else {
    const size_t share = next.size() * kPanels / group.panels;
    const size_t asks = PassesOf<kPanels>(rows, Simd::Tiles{}) * a.x.blocks();
    const size_t lines = next.empty() ? 0 : share / (64 * asks) + 1;
    each_row_tile(BlockByBlock{next.data() + panel / kPanels * share, lines}, [](size_t) {});
  }
}

template <class Format>
void Panels(const MatMulIntArgs& a) {
  for (size_t panel = a.panels.begin; panel < a.panels.end;) {
    const Group group = GroupOf(a.w, panel);
    const size_t first = panel - group.first, count = std::min(a.panels.end - panel, group.panels - first);
    if (count == kGroupPanels) {
      GroupRows<Format, kGroupPanels>(a, group, 0);
    } else {
      size_t p = first;
      for (; p + 2 <= first + count; p += 2) GroupRows<Format, 2>(a, group, p);
      if (p < first + count) GroupRows<Format, 1>(a, group, p);
    }
    panel += count;
  }
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
