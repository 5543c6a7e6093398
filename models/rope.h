// Rotation tables: a family's base, scaling and factors become one inverse frequency a pair.
// Sources: RoFormer (arXiv 2104.09864), YaRN (arXiv 2309.00071), LongRoPE (arXiv 2402.13753); llama.cpp's conventions where
// files leave a choice.
#pragma once

#include <span>

#include "models/config.h"

namespace hasten {

// factors [rope.width / 2] divide the frequencies (llama3's rope_freqs, LongRoPE's), or empty.
Rope MakeRope(const RopeConfig& config, Rope::Pairing pairing, std::span<const float> factors = {});

}  // namespace hasten
