// exp, tanh, sigmoid, softplus, sine and cosine, written once over the vector operations of kernels/simd/.
// Included inside an ISA's namespace, after its vector operations.
//
// libm is not used for what enters a model: it differs between machines, and the same bytes are promised.
// Accuracy  against double (tests/kernels/math_test.cc): Exp, Exp2 2 ulp; Sigmoid, Tanh 4 ulp; SinCos 2^-23 absolute for
//           angles up to 10^7; Softplus 4 ulp.
// Source    argument reduction after Cody and Waite (1980); polynomials fitted here by Remez exchange.

// 2^r for r in [-1/2, 1/2], relative error 2e-9 before rounding.
inline F Exp2Polynomial(F r) {
  F p = Fma(r, Set(1.54762795e-4f), Set(1.34002352e-3f));
  p = Fma(p, r, Set(9.61800398e-3f));
  p = Fma(p, r, Set(5.55032791e-2f));
  p = Fma(p, r, Set(2.40226513e-1f));
  p = Fma(p, r, Set(6.93147206e-1f));
  return Fma(p, r, Set(1.0f));
}

// 2^n * p; 0 where x < -126 (no subnormals), infinity where x >= 127.5. NaN stays.
inline F ScaleByPow2(F p, F n, F x) {
  const F y = Mul(p, Pow2(Max(Min(n, Set(127.0f)), Set(-126.0f))));
  const F bounded = Select(Less(x, Set(-126.0f)), Set(0.0f), y);
  return Select(Less(x, Set(127.5f)), bounded, Add(x, Set(std::numeric_limits<float>::infinity())));
}

inline F Exp2(F x) {
  const F n = Round(x);
  return ScaleByPow2(Exp2Polynomial(Sub(x, n)), n, x);
}

// 2^x for x <= 0, cheaper: the exponent -127 has the bits of zero, so what rounds to it or lies below vanishes by itself.
inline F Exp2OfNegative(F x) {
  const F bounded = Max(Set(-127.0f), x);  // NaN stays: it is the second
  const F n = Round(bounded);
  return Mul(Exp2Polynomial(Sub(bounded, n)), Pow2(n));
}

inline F Exp(F x) {
  const F t = Mul(x, Set(1.44269504f));
  const F n = Round(t);
  // ln 2 in two parts; the first has 9 bits, so that n times it is exact.
  const F r = Fnma(n, Set(-2.12194440e-4f), Fnma(n, Set(0.693359375f), x));
  return ScaleByPow2(Exp2Polynomial(Mul(r, Set(1.44269504f))), n, t);
}

inline F Sigmoid(F x) { return Div(Set(1.0f), Add(Set(1.0f), Exp(Sub(Set(0.0f), x)))); }

// Near zero an odd polynomial, because 1 - 2/(e^2x + 1) cancels there.
inline F Tanh(F x) {
  const F z = Mul(x, x);
  F p = Fma(z, Set(2.06487017e-3f), Set(-8.09223785e-3f));
  p = Fma(p, z, Set(2.16664808e-2f));
  p = Fma(p, z, Set(-5.39405941e-2f));
  p = Fma(p, z, Set(1.33331582e-1f));
  p = Fma(p, z, Set(-3.33333296e-1f));
  const F small = Fma(Mul(p, z), x, x);
  const F large = Sub(Set(1.0f), Div(Set(2.0f), Add(Exp(Add(x, x)), Set(1.0f))));
  return Select(Less(z, Set(0.4f)), small, large);
}

// log(1 + e^x) = max(x, 0) + log1p(t), t = e^-|x|; log1p(t) = 2 atanh(s) with s = t / (2 + t) at most 1/3.
inline F Softplus(F x) {
  const F t = Exp(Min(x, Sub(Set(0.0f), x)));
  const F s = Div(t, Add(Set(2.0f), t));
  const F z = Mul(s, s);
  F p = Set(1.0f / 15);
  for (float odd : {13.0f, 11.0f, 9.0f, 7.0f, 5.0f, 3.0f, 1.0f}) p = Fma(p, z, Set(1.0f / odd));
  return Add(Max(x, Set(0.0f)), Mul(Add(s, s), p));
}

// Sine and cosine of position * frequency. The product and its reduction are in double: a position has at most 24 bits and a
// frequency 24, so the product is exact and the angle is good to 1e-9 even at positions of 10^7.
inline void SinCos(double position, F frequency, F& sine, F& cosine) {
  const D angle = MulD(Widen(frequency), SetD(position));
  const D n = RoundD(MulD(angle, SetD(0.63661977236758134)));  // 2/pi
  const F r = Narrow(FnmaD(n, SetD(6.123233995736766e-17), FnmaD(n, SetD(1.5707963267948966), angle)));
  const F q = Narrow(FnmaD(RoundD(MulD(n, SetD(0.25))), SetD(4), n));  // quadrant, -2 to 2
  const F z = Mul(r, r);
  F s = Fma(z, Set(-1.95141143e-4f), Set(8.33215533e-3f));
  s = Fma(s, z, Set(-1.66666546e-1f));
  s = Fma(Mul(s, z), r, r);
  F c = Fma(z, Set(2.44349467e-5f), Set(-1.38873381e-3f));
  c = Fma(c, z, Set(4.16666463e-2f));
  c = Fma(Mul(c, z), z, Fma(z, Set(-0.5f), Set(1.0f)));
  const F minus_s = Sub(Set(0.0f), s), minus_c = Sub(Set(0.0f), c);
  const M far_down = Less(q, Set(-1.5f)), down = Less(q, Set(-0.5f)), here = Less(q, Set(0.5f)), up = Less(q, Set(1.5f));
  sine = Select(far_down, minus_s, Select(down, minus_c, Select(here, s, Select(up, c, minus_s))));
  cosine = Select(far_down, minus_c, Select(down, s, Select(here, c, Select(up, minus_s, minus_c))));
}
