// One encoder a type: sixteen runs of weights (fewer at the end) to the bytes of whole blocks.
#pragma once

#include <cstddef>
#include <cstdint>

namespace hasten::encode {

using Fn = void(const float* values, size_t runs, uint8_t* blocks);

Fn Q4_0, Q4_1, Q5_0, Q5_1, Q8_0;  // runs of 32 (scalar.cc)
Fn Q2_K, Q3_K, Q6_K;              // runs of 16 (k_quants.cc)
Fn Q4_K, Q5_K;                    // runs of 32
Fn IQ4_NL, IQ4_XS, MXFP4;         // runs of 32 (codebook.cc)
Fn TQ1_0, TQ2_0;                  // runs of 256 (ternary.cc)

}  // namespace hasten::encode
