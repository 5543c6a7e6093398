// What the 256-bit variants share. Included inside the namespace and target of an ISA file.

struct Int8Factors {
  using Sum = __m256i;
  using Element = int32_t;
  static constexpr size_t kSums = 10, kMultiplyAdds = 32;
  static Sum Zero() { return _mm256_setzero_si256(); }
  static __m256i A() { return _mm256_set1_epi8(3); }
  static __m256i B() { return _mm256_set1_epi8(2); }
  template <class T>
  static T Hidden(T v) {
    asm volatile("" : "+x"(v));
    return v;
  }
};
