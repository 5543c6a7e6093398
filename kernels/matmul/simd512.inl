// 16 rows as one 512-bit register: what avx512.cc and amx.cc share. Included inside their namespaces and targets.

struct Simd {
  using F = __m512;
  using I = __m512i;
  using B = __m512i;
  using Q = __m512i;
  static constexpr bool kSignedWide = false, kUnpacks = true;
  using Tiles = std::integer_sequence<int, 6, 4, 2, 1>;
  static constexpr int PanelsBeside(int rows) { return rows <= 2 ? 4 : 2; }
  static constexpr int kFloatTile = 4;

  static F Zeros() { return _mm512_setzero_ps(); }
  static F Floats(const void* p) { return _mm512_loadu_ps(p); }
  static F Halves(const void* p) { return _mm512_cvtph_ps(_mm256_loadu_si256(static_cast<const __m256i*>(p))); }
  static F Bf16s(const void* p) {
    return _mm512_castsi512_ps(
        _mm512_slli_epi32(_mm512_cvtepu16_epi32(_mm256_loadu_si256(static_cast<const __m256i*>(p))), 16));
  }
  static F Unsigned(const void* p) {
    return _mm512_cvtepi32_ps(_mm512_cvtepu8_epi32(_mm_loadu_si128(static_cast<const __m128i*>(p))));
  }
  static F Signed(const void* p) {
    return _mm512_cvtepi32_ps(_mm512_cvtepi8_epi32(_mm_loadu_si128(static_cast<const __m128i*>(p))));
  }
  static F E8m0Halved(const void* p) {
    const I exponents = _mm512_slli_epi32(_mm512_cvtepu8_epi32(_mm_loadu_si128(static_cast<const __m128i*>(p))), 23);
    return _mm512_mul_ps(_mm512_castsi512_ps(exponents), _mm512_set1_ps(0.5f));
  }
  static F Neg(F a) { return _mm512_xor_ps(a, _mm512_set1_ps(-0.0f)); }
  static F Add(F a, F b) { return _mm512_add_ps(a, b); }
  static F Mul(F a, F b) { return _mm512_mul_ps(a, b); }
  static F Fma(F a, F b, F c) { return _mm512_fmadd_ps(a, b, c); }
  static F FmaScalar(F a, const float* b, F c) { return _mm512_fmadd_ps(a, _mm512_set1_ps(*b), c); }
  static F FmaMinus(F a, const float* b, F c) { return _mm512_fnmadd_ps(a, _mm512_set1_ps(*b), c); }
  static F Same(const float* p) { return _mm512_set1_ps(*p); }
  static F Scaled(I sum, F scale, F minus_magic) { return _mm512_fmadd_ps(_mm512_castsi512_ps(sum), scale, minus_magic); }

  static B Line(const void* p) { return _mm512_loadu_si512(p); }
  static void StoreLine(void* p, B line) { _mm512_storeu_si512(p, line); }
  static B LowNibbles(B line) { return _mm512_and_si512(line, _mm512_set1_epi8(15)); }
  static B HighNibbles(B line) { return _mm512_and_si512(_mm512_srli_epi16(line, 4), _mm512_set1_epi8(15)); }
  static B LookUp(const unsigned char table[16], B index) {
    return _mm512_shuffle_epi8(_mm512_broadcast_i32x4(_mm_loadu_si128(reinterpret_cast<const __m128i*>(table))), index);
  }
  static B AddBit4(B line, const void* bits) {
    uint64_t mask;
    std::memcpy(&mask, bits, 8);
    return _mm512_mask_add_epi8(line, mask, line, _mm512_set1_epi8(16));
  }
  template <int kPair>  // bits 2 * kPair and up of each byte become bits 4 and 5
  static B AddBits45(B line, B bits) {
    const B moved = kPair == 0   ? _mm512_slli_epi16(bits, 4)
                    : kPair == 1 ? _mm512_slli_epi16(bits, 2)
                    : kPair == 2 ? bits
                                 : _mm512_srli_epi16(bits, 2);
    return _mm512_ternarylogic_epi32(line, moved, _mm512_set1_epi8(0x30), 0xf8);  // line | (moved & 0x30)
  }
  static I Start(const int32_t* start) { return _mm512_set1_epi32(*start); }
  static Q Four(const int8_t* q) {
    int32_t four;
    std::memcpy(&four, q, 4);
    return _mm512_set1_epi32(four);
  }
  template <bool kWide>
  static I Dot(I sum, B line, Q four) {
    return _mm512_dpbusd_epi32(sum, line, four);
  }

  static __mmask16 First(size_t count) { return __mmask16((1u << count) - 1); }
  static F LoadSome(const float* p, size_t count) { return _mm512_maskz_loadu_ps(First(count), p); }
  static void Store(float* p, F a, size_t count) { _mm512_mask_storeu_ps(p, First(count), a); }
};
