// exp, tanh, sine and the like for single floats, on every machine the same bytes: math.inl over a vector of one.
#pragma once

namespace hasten {

float ScalarExp(float x);
float ScalarExp2(float x);
float ScalarSigmoid(float x);
float ScalarTanh(float x);
float ScalarSoftplus(float x);
struct SineCosine {
  float sine, cosine;
};
SineCosine ScalarSinCos(double position, float frequency);  // of the angle position * frequency

}  // namespace hasten
