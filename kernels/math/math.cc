#include "kernels/math/math.h"

#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <limits>

namespace hasten {
namespace scalar {
namespace {
#include "kernels/simd/scalar.inl"
// after the operations it is written in
#include "kernels/math/math.inl"
}  // namespace
}  // namespace scalar

float ScalarExp(float x) { return scalar::Exp(x); }
float ScalarExp2(float x) { return scalar::Exp2(x); }
float ScalarSigmoid(float x) { return scalar::Sigmoid(x); }
float ScalarTanh(float x) { return scalar::Tanh(x); }
float ScalarSoftplus(float x) { return scalar::Softplus(x); }

SineCosine ScalarSinCos(double position, float frequency) {
  SineCosine r;
  scalar::SinCos(position, frequency, r.sine, r.cosine);
  return r;
}

}  // namespace hasten
