// Attention of a stack of queries, block after block. `Blocks` (float_blocks.inl, amx.cc) knows where a query's state lies and
// how a block meets the queries that look at it.
inline void Finish(const AttendArgs& a, const AttendQuery& query, QueryState& s, size_t width) {
  float extra = 0;
  if (a.sinks) {
    const float sink = query.sink * kLog2E;
    if (sink > s.peak) Rescale(s, sink, width);
    extra = LaneZero(Exp2OfNegative(Set(sink - s.peak)));
  }
  const float share = 1 / (Sum(Load(s.sums)) + extra);
  for (size_t d = 0; d < a.width; d += kWidth) {
    const F mean = Fma(Load(s.out + d), Set(share), Set(0));  // + 0: whether a zero is -0 may depend on slots not seen
    a.width - d < kWidth ? StorePart(query.out + d, a.width - d, mean) : Store(query.out + d, mean);
  }
}

template <class Blocks>
inline void AttendStack(const AttendArgs& a) {
  const Blocks blocks(a);
  QueryState states[kMaxStack];
  size_t first = std::numeric_limits<size_t>::max(), last = 0;
  for (size_t i = 0; i < a.queries.size(); ++i) {
    states[i] = blocks.State(i);
    std::fill_n(states[i].sums, kWidth, 0.0f);
    std::fill_n(states[i].out, blocks.width_stride(), 0.0f);
    first = std::min(first, a.queries[i].first / kKvBlock);
    last = std::max(last, a.queries[i].last / kKvBlock);
  }
  for (size_t block = first; block <= last; ++block) {
    uint8_t members[kMaxStack];
    BlockRun run{block, 0, 0, members};
    for (size_t i = 0; i < a.queries.size(); ++i) {
      const AttendQuery& query = a.queries[i];
      if (block < query.first / kKvBlock || block > query.last / kKvBlock) continue;
      if (run.count > 0 && query.blocks[block] != run.id) {
        blocks.Attend(run, states);
        run.count = 0;
      }
      run.id = query.blocks[block];
      members[run.count++] = uint8_t(i);
    }
    if (run.count > 0) blocks.Attend(run, states);
  }
  for (size_t i = 0; i < a.queries.size(); ++i) Finish(a, a.queries[i], states[i], blocks.width_stride());
}

template <template <class> class Blocks>
inline void AttendAny(const AttendArgs& a) {
  switch (a.type) {
    case KvType::kF32:
      return AttendStack<Blocks<float>>(a);
    case KvType::kF16:
      return AttendStack<Blocks<Half>>(a);
    case KvType::kBF16:
      return AttendStack<Blocks<Bf16>>(a);
  }
}
