// The tables that IQ4_NL, IQ4_XS, MXFP4 and IQ3_S look their weights up in. Facts of the formats.
#pragma once

#include <array>
#include <cstdint>

namespace hasten {

// IQ4_NL and IQ4_XS: steps that grow with the distance from zero, as a bell-shaped distribution wants them.
inline constexpr std::array<int8_t, 16> kIq4Values = {-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113};

// MXFP4: twice the values of the 4-bit float E2M1 (OCP Microscaling Formats v1.0), so that they are integers.
inline constexpr std::array<int8_t, 16> kFp4Doubled = {0, 1, 2, 3, 4, 6, 8, 12, 0, -1, -2, -3, -4, -6, -8, -12};

// IQ3_S: 512 quadruples of odd magnitudes from 1 to 15.
using Iq3Point = std::array<int8_t, 4>;
extern const std::array<Iq3Point, 512> kIq3Points;

}  // namespace hasten
