// Attention over the vector operations of kernels/simd/: a block is two products, scores = q K^T and out += weights V, and a
// softmax between them; a stack of queries goes from block to block. Needs tile.inl, fixed.inl and softmax.inl.

// One block as the products read it.
template <class T>
struct FloatBlock {
  Operand<T> keys, values;
};
template <class T>
struct FixedBlock {
  float largest_weight;
  const float *key_scales, *value_scales;
  PairedOperand<T> keys, values;
};

// One register tile of queries. A weight of 0 leaves a sum as it is, so slots that only others of the tile see do no harm.
template <class T>
inline void AttendTile(const AttendArgs& a, const BlockRun& tile, Stack& s, const FloatBlock<T>& block, size_t width) {
  const size_t begin = tile.queries.begin, rows = tile.queries.size();
  Product(rows, s.in + begin, a.width, block.keys, s.weights + begin, kKvBlock, false);
  ScoreRun<false>(a, tile, s, width);
  WeighRun(tile.queries, s);
  Product(rows, s.weights + begin, tile.Slots(s), block.values, s.out + begin, a.width, true);
}

template <class T>
inline void AttendTile(const AttendArgs& a, const BlockRun& tile, Stack& s, const FixedBlock<T>& block, size_t width) {
  const size_t begin = tile.queries.begin, rows = tile.queries.size();
  FixedProduct(rows, s.fixed_in + begin, (a.width + 1) / 2, block.keys, s.factor + begin, s.weights + begin, kKvBlock, false);
  ScoreRun<true>(a, tile, s, width, block.key_scales);
  WeighRun(tile.queries, s);
  PackWeights(tile.queries, s, block.value_scales, block.largest_weight);
  FixedProduct(rows, s.fixed_weights + begin, (tile.Slots(s) + 1) / 2, block.values, s.weight_scale + begin, s.out + begin,
               a.width, true);
}

template <class Block>
inline void AttendTiles(const AttendArgs& a, const BlockRun& run, Stack& s, const Block& block, size_t width) {
  for (size_t begin = run.queries.begin; begin < run.queries.end; begin += kTileRows)
    AttendTile(a, {run.start, {begin, std::min(run.queries.end, begin + kTileRows)}, run.whole}, s, block, width);
}

// Blocks that lie as a tile wants them; others are converted, which many queries also gain from.
inline bool WholeTiles(const AttendArgs& a) { return kKvBlock % kTileColumns == 0 && a.width % kTileColumns == 0; }

template <class T>
  requires(!std::is_integral_v<T>)
inline void AttendBlock(const AttendArgs& a, const BlockRun& run, const std::byte* head, ptrdiff_t ahead, Stack& s,
                        const AttendLayout& layout) {
  const T* keys = reinterpret_cast<const T*>(head);
  const T* values = keys + kKvBlock * a.width;
  if (WholeTiles(a) && (run.queries.size() <= kTileRows || std::is_same_v<T, float>))
    return AttendTiles(a, run, s, FloatBlock<T>{{keys, kKvBlock, ahead}, {values, a.width, ahead}}, layout.width_stride);
  float* const wide_keys = a.scratch + layout.keys;
  float* const wide_values = a.scratch + layout.values;
  Convert(keys, a.width, kKvBlock, wide_keys, layout.block_stride, ahead);
  Convert(values, run.Slots(s), a.width, wide_values, layout.width_stride, ahead);
  AttendTiles(a, run, s, FloatBlock<float>{{wide_keys, layout.block_stride}, {wide_values, layout.width_stride}},
              layout.width_stride);
}

template <class T>
  requires std::is_integral_v<T>
inline void AttendBlock(const AttendArgs& a, const BlockRun& run, const std::byte* head, ptrdiff_t ahead, Stack& s,
                        const AttendLayout& layout) {
  const float* const scales = reinterpret_cast<const float*>(head);
  const T* const keys = reinterpret_cast<const T*>(head + kKvScaleBytes);
  const size_t key_pairs = (a.width + 1) / 2;
  const T* const values = keys + key_pairs * 2 * kKvBlock;
  if (WholeTiles(a) && (run.queries.size() <= kTileRows || std::is_same_v<T, int16_t>)) {
    return AttendTiles(
        a, run, s,
        FixedBlock<T>{kLargestWeight<T>, scales, scales + kKvBlock, {keys, kKvBlock, ahead}, {values, a.width, ahead}},
        layout.width_stride);
  }
  int16_t* const wide_keys = reinterpret_cast<int16_t*>(a.scratch + layout.keys);
  int16_t* const wide_values = reinterpret_cast<int16_t*>(a.scratch + layout.values);
  float* const wide_scales = a.scratch + layout.scales;
  Spread(keys, key_pairs, kKvBlock, wide_keys, layout.block_stride);
  Spread(values, (run.Slots(s) + 1) / 2, a.width, wide_values, layout.width_stride);
  std::copy_n(scales, kKvBlock, wide_scales);
  std::copy_n(scales + kKvBlock, kKvBlock, wide_scales + layout.block_stride);
  AttendTiles(a, run, s,
              FixedBlock<int16_t>{kLargestWeight<T>,
                                  wide_scales,
                                  wide_scales + layout.block_stride,
                                  {wide_keys, layout.block_stride},
                                  {wide_values, layout.width_stride}},
              layout.width_stride);
}

template <class T>
inline void RoundQuery(const AttendArgs& a, size_t i, Stack& s, const AttendLayout& layout) {
  s.fixed_in[i] = reinterpret_cast<int16_t*>(a.scratch + layout.fixed_queries + i * layout.width_stride / 2);
  s.fixed_weights[i] = reinterpret_cast<int16_t*>(a.scratch + layout.fixed_weights + i * layout.block_stride / 2);
  const float peak = PeakOf(s.in[i], a.width);
  const FixedPoint point(peak, LargestOfQuery<T>(a.width, LengthOf(s.in[i], a.width, peak)));
  ToFixed(s.in[i], a.width, point, s.fixed_in[i]);
  s.factor[i] = point.scale * ScoreFactor(a);
}

inline Range BlocksOfAll(std::span<const AttendQuery> queries) {
  size_t begin = 0, end = std::numeric_limits<size_t>::max();
  for (const AttendQuery& query : queries) {
    begin = std::max(begin, (query.first + kKvBlock - 1) / kKvBlock);
    end = std::min(end, (query.last + 1) / kKvBlock);
  }
  const int32_t* one = queries.front().blocks;
  for (size_t i = 1; i < queries.size() && begin < end; ++i) {
    const int32_t* const next = queries[i].blocks;
    if (one != next) end = size_t(std::mismatch(one + begin, one + end, next + begin).first - one);
    one = next;
  }
  return {begin, std::max(begin, end)};
}

template <class T>
inline void Start(const AttendArgs& a, Stack& s, const AttendLayout& layout) {
  s.sums = a.scratch + layout.sums;
  s.blocks = {std::numeric_limits<size_t>::max(), 0};
  for (size_t i = 0; i < a.queries.size(); ++i) {
    s.in[i] = a.queries[i].q;
    s.weights[i] = a.scratch + layout.weights + i * layout.block_stride;
    s.out[i] = a.scratch + layout.outs + i * layout.width_stride;
    s.peak[i] = std::numeric_limits<float>::lowest();
    s.first[i] = a.queries[i].first;
    s.last[i] = a.queries[i].last;
    s.blocks = {std::min(s.blocks.begin, s.first[i] / kKvBlock), std::max(s.blocks.end, s.last[i] / kKvBlock + 1)};
    std::fill_n(s.sums + i * AttendLayout::kSums, kWidth, 0.0f);
    std::fill_n(s.out[i], layout.width_stride, 0.0f);
    if constexpr (std::is_integral_v<T>) RoundQuery<T>(a, i, s, layout);
  }
  s.together = BlocksOfAll(a.queries);
}

inline void Finish(const AttendArgs& a, size_t i, Stack& s, size_t width) {
  const AttendQuery& query = a.queries[i];
  float extra = 0;
  if (a.sinks) {
    const float sink = query.sink * kLog2E;
    if (sink > s.peak[i]) Rescale(s, i, sink, width);
    extra = LaneZero(Exp2OfNegative(Set(sink - s.peak[i])));
  }
  const float share = 1 / (Sum(Load(s.sums + i * AttendLayout::kSums)) + extra);
  for (size_t d = 0; d < a.width; d += kWidth) {
    const F mean = Fma(Load(s.out[i] + d), Set(share), Set(0));  // + 0: whether a zero is -0 may depend on slots not seen
    a.width - d < kWidth ? StorePart(query.out + d, a.width - d, mean) : Store(query.out + d, mean);
  }
}

// Neighbours from `begin` on that look at `block` and find it under one id; empty where query `begin` does not look at it.
inline BlockRun NextRun(const AttendArgs& a, const Stack& s, size_t block, size_t begin) {
  const size_t start = block * kKvBlock, end = start + kKvBlock;
  if (s.together.begin <= block && block < s.together.end) return {start, {0, a.queries.size()}, true};
  BlockRun run{start, {begin, begin}, true};
  const int32_t* blocks = nullptr;
  for (size_t i = begin; i < a.queries.size() && s.first[i] < end && s.last[i] >= start; ++i) {
    const int32_t* const own = a.queries[i].blocks;
    if (blocks != nullptr && own != blocks && own[block] != a.queries[begin].blocks[block]) break;
    blocks = own;
    run.whole &= s.first[i] <= start && s.last[i] + 1 >= end;
    run.queries.end = i + 1;
  }
  return run;
}

inline bool LooksAt(const Stack& s, size_t query, size_t block) {
  return s.first[query] < (block + 1) * kKvBlock && s.last[query] >= block * kKvBlock;
}

// Bytes from the block of a run to what is read next: the block of the next run, else that of the first query that looks at the
// next; 0: nothing. Branches' own blocks lie apart and are read once each, so that nothing but this asks for them (64 branches
// behind a shared prefix of 512: a quarter of the time).
inline ptrdiff_t ToNext(const AttendArgs& a, const Stack& s, size_t block, const BlockRun& run) {
  const int32_t from = a.queries[run.queries.begin].blocks[block];
  size_t query = run.queries.end, next = block;
  while (query < a.queries.size() && !LooksAt(s, query, next)) ++query;
  if (query == a.queries.size()) {
    ++next;
    for (query = 0; query < a.queries.size() && !LooksAt(s, query, next);) ++query;
    if (query == a.queries.size()) return 0;
  }
  return (ptrdiff_t(a.queries[query].blocks[next]) - from) * ptrdiff_t(a.block_bytes);
}

template <class T>
inline void AttendStack(const AttendArgs& a) {
  const AttendLayout layout(a.width);
  Stack s;
  Start<T>(a, s, layout);
  const size_t count = a.queries.size();
  for (size_t block = s.blocks.begin; block < s.blocks.end; ++block)
    for (size_t i = 0; i < count;) {
      const BlockRun run = NextRun(a, s, block, i);
      i = std::max(run.queries.end, i + 1);
      if (run.queries.size() == 0) continue;
      const auto id = size_t(a.queries[run.queries.begin].blocks[block]);
      AttendBlock<T>(a, run, a.base + id * a.block_bytes, ToNext(a, s, block, run), s, layout);
    }
  for (size_t i = 0; i < count; ++i) Finish(a, i, s, layout.width_stride);
}

inline void Attend(const AttendArgs& a) {
  if (a.queries.empty()) return;
  switch (a.type) {
    case KvType::kF32:
      return AttendStack<float>(a);
    case KvType::kF16:
      return AttendStack<Half>(a);
    case KvType::kBF16:
      return AttendStack<Bf16>(a);
    case KvType::kI16:
      return AttendStack<int16_t>(a);
    case KvType::kI8:
      return AttendStack<int8_t>(a);
  }
}
