// Keep of sampling.inl for instruction sets that cannot compress a vector: lane by lane.
// The including file gives Bits(M): bit i is lane i.
inline bool Any(M m) { return Bits(m) != 0; }
inline size_t Keep(M m, F v, float* to) {
  float lanes[kWidth];
  Store(lanes, v);
  size_t kept = 0;
  for (unsigned bits = Bits(m); bits != 0; bits &= bits - 1) to[kept++] = lanes[__builtin_ctz(bits)];
  return kept;
}
inline size_t KeepIds(M m, const int32_t* from, int32_t* to) {
  size_t kept = 0;
  for (unsigned bits = Bits(m); bits != 0; bits &= bits - 1) to[kept++] = from[__builtin_ctz(bits)];
  return kept;
}
inline size_t KeepCount(M m, int32_t first, int32_t* to) {
  size_t kept = 0;
  for (unsigned bits = Bits(m); bits != 0; bits &= bits - 1) to[kept++] = first + __builtin_ctz(bits);
  return kept;
}
inline F LoadSome(const float* p, size_t n, float rest) {
  float lanes[kWidth];
  for (size_t i = 0; i < kWidth; ++i) lanes[i] = i < n ? p[i] : rest;
  return Load(lanes);
}
