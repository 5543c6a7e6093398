// 16 rows as two 256-bit registers: what avx2.cc and avxvnni.cc share. Included inside their namespaces and targets.

struct Simd256 {
  struct F {
    __m256 lo, hi;
  };
  struct I {
    __m256i lo, hi;
  };
  using B = I;
  using Q = __m256i;
  static constexpr bool kSignedWide = true, kUnpacks = false;
  using Tiles = std::integer_sequence<int, 2, 1>;
  static constexpr int PanelsBeside(int rows) { return rows == 1 ? 4 : 1; }
  static constexpr int kFloatTile = 1;  // two rows of four partial sums would need all 16 registers

  static const __m256i* At(const void* p, int i) { return static_cast<const __m256i*>(p) + i; }
  static const __m128i* Half(const void* p, int i) { return static_cast<const __m128i*>(p) + i; }

  static F Zeros() { return {_mm256_setzero_ps(), _mm256_setzero_ps()}; }
  static F Floats(const void* p) {
    return {_mm256_loadu_ps(static_cast<const float*>(p)), _mm256_loadu_ps(static_cast<const float*>(p) + 8)};
  }
  static F Halves(const void* p) {
    return {_mm256_cvtph_ps(_mm_loadu_si128(Half(p, 0))), _mm256_cvtph_ps(_mm_loadu_si128(Half(p, 1)))};
  }
  static __m256 Bf16(__m128i bits) { return _mm256_castsi256_ps(_mm256_slli_epi32(_mm256_cvtepu16_epi32(bits), 16)); }
  static F Bf16s(const void* p) { return {Bf16(_mm_loadu_si128(Half(p, 0))), Bf16(_mm_loadu_si128(Half(p, 1)))}; }
  static __m128i Eight(const void* p, int i) {
    return _mm_loadl_epi64(reinterpret_cast<const __m128i*>(static_cast<const char*>(p) + 8 * i));
  }
  static F Unsigned(const void* p) {
    return {_mm256_cvtepi32_ps(_mm256_cvtepu8_epi32(Eight(p, 0))), _mm256_cvtepi32_ps(_mm256_cvtepu8_epi32(Eight(p, 1)))};
  }
  static F Signed(const void* p) {
    return {_mm256_cvtepi32_ps(_mm256_cvtepi8_epi32(Eight(p, 0))), _mm256_cvtepi32_ps(_mm256_cvtepi8_epi32(Eight(p, 1)))};
  }
  static __m256 PowerHalved(__m128i exponents) {
    return _mm256_mul_ps(_mm256_castsi256_ps(_mm256_slli_epi32(_mm256_cvtepu8_epi32(exponents), 23)), _mm256_set1_ps(0.5f));
  }
  static F E8m0Halved(const void* p) { return {PowerHalved(Eight(p, 0)), PowerHalved(Eight(p, 1))}; }
  static F Neg(F a) { return {_mm256_xor_ps(a.lo, _mm256_set1_ps(-0.0f)), _mm256_xor_ps(a.hi, _mm256_set1_ps(-0.0f))}; }
  static F Add(F a, F b) { return {_mm256_add_ps(a.lo, b.lo), _mm256_add_ps(a.hi, b.hi)}; }
  static F Mul(F a, F b) { return {_mm256_mul_ps(a.lo, b.lo), _mm256_mul_ps(a.hi, b.hi)}; }
  static F Fma(F a, F b, F c) { return {_mm256_fmadd_ps(a.lo, b.lo, c.lo), _mm256_fmadd_ps(a.hi, b.hi, c.hi)}; }
  static F FmaScalar(F a, const float* b, F c) {
    const __m256 s = _mm256_set1_ps(*b);
    return {_mm256_fmadd_ps(a.lo, s, c.lo), _mm256_fmadd_ps(a.hi, s, c.hi)};
  }
  static F FmaMinus(F a, const float* b, F c) {
    const __m256 s = _mm256_set1_ps(*b);
    return {_mm256_fnmadd_ps(a.lo, s, c.lo), _mm256_fnmadd_ps(a.hi, s, c.hi)};
  }
  static F Same(const float* p) { return {_mm256_set1_ps(*p), _mm256_set1_ps(*p)}; }
  static F Scaled(I sum, F scale, F minus_magic) {
    return Fma({_mm256_castsi256_ps(sum.lo), _mm256_castsi256_ps(sum.hi)}, scale, minus_magic);
  }

  static B Line(const void* p) { return {_mm256_loadu_si256(At(p, 0)), _mm256_loadu_si256(At(p, 1))}; }
  static B And(B a, __m256i mask) { return {_mm256_and_si256(a.lo, mask), _mm256_and_si256(a.hi, mask)}; }
  static B LowNibbles(B line) { return And(line, _mm256_set1_epi8(15)); }
  static B HighNibbles(B line) {
    return And({_mm256_srli_epi16(line.lo, 4), _mm256_srli_epi16(line.hi, 4)}, _mm256_set1_epi8(15));
  }
  static B LookUp(const unsigned char table[16], B index) {
    const __m256i t = _mm256_broadcastsi128_si256(_mm_loadu_si128(reinterpret_cast<const __m128i*>(table)));
    return {_mm256_shuffle_epi8(t, index.lo), _mm256_shuffle_epi8(t, index.hi)};
  }
  // Bit i of 32 becomes bit 4 of byte i: each byte gets its eight bits, keeps its own, and turns it into a mask.
  static __m256i SpreadBits4(uint32_t bits) {
    const __m256i of_byte =
        _mm256_setr_epi8(0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2, 2, 2, 3, 3, 3, 3, 3, 3, 3, 3);
    const __m256i own = _mm256_set1_epi64x(int64_t(0x8040201008040201));
    const __m256i spread = _mm256_and_si256(_mm256_shuffle_epi8(_mm256_set1_epi32(int32_t(bits)), of_byte), own);
    return _mm256_and_si256(_mm256_cmpeq_epi8(spread, own), _mm256_set1_epi8(16));
  }
  static B AddBit4(B line, const void* bits) {
    uint32_t words[2];
    std::memcpy(words, bits, 8);
    return {_mm256_or_si256(line.lo, SpreadBits4(words[0])), _mm256_or_si256(line.hi, SpreadBits4(words[1]))};
  }
  template <int kPair>
  static __m256i Moved(__m256i bits) {
    return kPair == 0   ? _mm256_slli_epi16(bits, 4)
           : kPair == 1 ? _mm256_slli_epi16(bits, 2)
           : kPair == 2 ? bits
                        : _mm256_srli_epi16(bits, 2);
  }
  template <int kPair>
  static B AddBits45(B line, B bits) {
    const B high = And({Moved<kPair>(bits.lo), Moved<kPair>(bits.hi)}, _mm256_set1_epi8(0x30));
    return {_mm256_or_si256(line.lo, high.lo), _mm256_or_si256(line.hi, high.hi)};
  }
  static I Start(const int32_t* start) { return {_mm256_set1_epi32(*start), _mm256_set1_epi32(*start)}; }
  static Q Four(const int8_t* q) {
    int32_t four;
    std::memcpy(&four, q, 4);
    return _mm256_set1_epi32(four);
  }

  static F LoadSome(const float* p, size_t count) {
    if (count == 16) return Floats(p);
    float all[16] = {};
    std::memcpy(all, p, count * sizeof(float));
    return Floats(all);
  }
  static void Store(float* p, F a, size_t count) {
    float all[16];
    float* to = count == 16 ? p : all;
    _mm256_storeu_ps(to, a.lo);
    _mm256_storeu_ps(to + 8, a.hi);
    if (count != 16) std::memcpy(p, all, count * sizeof(float));
  }
};
