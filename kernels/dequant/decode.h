// One decoder a type: the bytes of one block to integers with a scale and an offset for each run of 16.
//
// Why scale * q is exact in float32 (24 bits): a float16 scale has 11 significant bits. It is multiplied by an integer scale
// of at most 7 bits (Q6_K's int8), 6 (Q4_K, Q5_K), 5 (Q3_K, IQ4_XS, IQ3_S) or 4 (Q2_K), and then by q of 7 bits without
// its sign (Q8_0 and IQ4_NL, which have no integer scale, and IQ4_XS), 5 (Q6_K, Q5_K) or fewer: 11 + 7 + 5 = 23 for Q6_K
// and 11 + 5 + 7 = 23 for IQ4_XS are the most; magnitudes of 32, 64 and 128 need one bit only. The least float16 is 2^-24, so
// nothing comes near float32's subnormals; MXFP4's scale is a power of two (and overflows to infinity in its top codes).
#pragma once

#include <cstdint>
#include <cstring>

#include "base/half.h"
#include "kernels/dequant/dequant.h"

namespace hasten::decode {

inline uint16_t LoadU16(const uint8_t* p) { return uint16_t(p[0] | p[1] << 8); }
inline float LoadHalf(const uint8_t* p) { return FloatFromHalf(LoadU16(p)); }

using Block = const uint8_t* __restrict;
using Fn = void(Block block, const IntegerWeights& out);

// blocks of 32 with one float16 scale (scalar.cc)
Fn Q4_0, Q4_1, Q5_0, Q5_1, Q8_0;
// blocks of 256 with integer scales within (k_quants.cc)
Fn Q2_K, Q3_K, Q4_K, Q5_K, Q6_K;
// three values a weight (ternary.cc)
Fn TQ1_0, TQ2_0;
// values looked up in a table (codebook.cc)
Fn IQ4_NL, IQ4_XS, IQ3_S, MXFP4;

}  // namespace hasten::decode
