// 16 rows as four 128-bit registers: what neon.cc and neon_dot.cc share. Included inside their namespaces and targets.

struct Simd128 {
  struct F {
    float32x4_t v[4];
  };
  struct I {
    int32x4_t v[4];
  };
  struct B {
    uint8x16_t v[4];
  };
  using Q = int8x16_t;
  static constexpr bool kSignedWide = true;  // wide bytes are multiplied as signed ones
  static constexpr bool kUnpacks = false;
  using Tiles = std::integer_sequence<int, 2, 1>;
  static constexpr int PanelsBeside(int rows) { return rows == 1 ? 4 : 1; }
  static constexpr int kFloatTile = 1;

  template <class T, class Op>
  static T Each(Op&& op) {
    T out;
#pragma GCC unroll 4
    for (int i = 0; i < 4; ++i) out.v[i] = op(i);
    return out;
  }
  static F Zeros() {
    return Each<F>([](int) { return vdupq_n_f32(0); });
  }
  static F Floats(const void* p) {
    return Each<F>([=](int i) { return vld1q_f32(static_cast<const float*>(p) + 4 * i); });
  }
  static uint16x4_t Shorts(const void* p, int i) { return vld1_u16(static_cast<const uint16_t*>(p) + 4 * i); }
  static F Halves(const void* p) {
    return Each<F>([=](int i) { return vcvt_f32_f16(vreinterpret_f16_u16(Shorts(p, i))); });
  }
  static F Bf16s(const void* p) {
    return Each<F>([=](int i) { return vreinterpretq_f32_u32(vshll_n_u16(Shorts(p, i), 16)); });
  }
  static uint32x4_t Bytes(const void* p, int i) {
    uint32_t four;
    std::memcpy(&four, static_cast<const char*>(p) + 4 * i, 4);
    return vmovl_u16(vget_low_u16(vmovl_u8(vreinterpret_u8_u32(vdup_n_u32(four)))));
  }
  static F Unsigned(const void* p) {
    return Each<F>([=](int i) { return vcvtq_f32_u32(Bytes(p, i)); });
  }
  static F Signed(const void* p) {
    return Each<F>([=](int i) { return vcvtq_f32_s32(vshrq_n_s32(vreinterpretq_s32_u32(vshlq_n_u32(Bytes(p, i), 24)), 24)); });
  }
  static F E8m0Halved(const void* p) {
    return Each<F>([=](int i) { return vmulq_n_f32(vreinterpretq_f32_u32(vshlq_n_u32(Bytes(p, i), 23)), 0.5f); });
  }
  static F Neg(F a) {
    return Each<F>([&](int i) { return vnegq_f32(a.v[i]); });
  }
  static F Add(F a, F b) {
    return Each<F>([&](int i) { return vaddq_f32(a.v[i], b.v[i]); });
  }
  static F Mul(F a, F b) {
    return Each<F>([&](int i) { return vmulq_f32(a.v[i], b.v[i]); });
  }
  static F Fma(F a, F b, F c) {
    return Each<F>([&](int i) { return vfmaq_f32(c.v[i], a.v[i], b.v[i]); });
  }
  static F FmaScalar(F a, const float* b, F c) {
    return Each<F>([&](int i) { return vfmaq_n_f32(c.v[i], a.v[i], *b); });
  }
  static F FmaMinus(F a, const float* b, F c) {
    return Each<F>([&](int i) { return vfmsq_f32(c.v[i], a.v[i], vdupq_n_f32(*b)); });
  }
  static F Same(const float* p) {
    return Each<F>([=](int) { return vdupq_n_f32(*p); });
  }
  static F Scaled(I sum, F scale, F minus_magic) {
    return Each<F>([&](int i) { return vfmaq_f32(minus_magic.v[i], vreinterpretq_f32_s32(sum.v[i]), scale.v[i]); });
  }

  static B Line(const void* p) {
    return Each<B>([=](int i) { return vld1q_u8(static_cast<const uint8_t*>(p) + 16 * i); });
  }
  static B LowNibbles(B line) {
    return Each<B>([&](int i) { return vandq_u8(line.v[i], vdupq_n_u8(15)); });
  }
  static B HighNibbles(B line) {
    return Each<B>([&](int i) { return vshrq_n_u8(line.v[i], 4); });
  }
  static B LookUp(const unsigned char table[16], B index) {
    const uint8x16_t t = vld1q_u8(table);
    return Each<B>([&](int i) { return vqtbl1q_u8(t, index.v[i]); });
  }
  // 16 bits: bit i becomes bit 4 of byte i.
  static B AddBit4(B line, const void* bits) {
    static const uint8_t own_bits[16] = {1, 2, 4, 8, 16, 32, 64, 128, 1, 2, 4, 8, 16, 32, 64, 128};
    const uint8x16_t own = vld1q_u8(own_bits);
    const uint8_t* byte = static_cast<const uint8_t*>(bits);
    return Each<B>([&](int i) {
      const uint8x16_t spread = vcombine_u8(vdup_n_u8(byte[2 * i]), vdup_n_u8(byte[2 * i + 1]));
      return vorrq_u8(line.v[i], vandq_u8(vtstq_u8(spread, own), vdupq_n_u8(16)));
    });
  }
  template <int kPair>
  static uint8x16_t Moved(uint8x16_t bits) {
    if constexpr (kPair == 3) return vshrq_n_u8(bits, 2);
    if constexpr (kPair == 2) return bits;
    if constexpr (kPair < 2) return vshlq_n_u8(bits, 4 - 2 * kPair);
  }
  template <int kPair>
  static B AddBits45(B line, B bits) {
    return Each<B>([&](int i) { return vorrq_u8(line.v[i], vandq_u8(Moved<kPair>(bits.v[i]), vdupq_n_u8(0x30))); });
  }
  static I Start(const int32_t* start) {
    return Each<I>([=](int) { return vdupq_n_s32(*start); });
  }
  template <bool kWide>
  static int8x16_t SignedBytes(uint8x16_t line) {
    return vreinterpretq_s8_u8(kWide ? veorq_u8(line, vdupq_n_u8(0x80)) : line);
  }
  static Q Four(const int8_t* q) {
    int32_t four;
    std::memcpy(&four, q, 4);
    return vreinterpretq_s8_s32(vdupq_n_s32(four));
  }

  static F LoadSome(const float* p, size_t count) {
    float all[16] = {};
    std::memcpy(all, p, count * sizeof(float));
    return Floats(all);
  }
  static void Store(float* p, F a, size_t count) {
    float all[16];
    for (int i = 0; i < 4; ++i) vst1q_f32(all + 4 * i, a.v[i]);
    std::memcpy(p, all, count * sizeof(float));
  }
};
