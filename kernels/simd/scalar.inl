// A vector of one float: the operations that shared algorithms are written in, for the scalar reference.
// Included inside `namespace hasten::scalar` after <cmath> and base/half.h. Fma rounds twice here: the baseline x86-64 has
// none.
using F = float;
using M = bool;
using D = double;
inline constexpr size_t kWidth = 1;

inline F Load(const float* p) { return *p; }
inline void Store(float* p, F v) { *p = v; }
inline F Set(float v) { return v; }
inline F Add(F a, F b) { return a + b; }
inline F Sub(F a, F b) { return a - b; }
inline F Mul(F a, F b) { return a * b; }
inline F Div(F a, F b) { return a / b; }
inline F Fma(F a, F b, F c) { return a * b + c; }   // a b + c
inline F Fnma(F a, F b, F c) { return c - a * b; }  // c - a b
inline F Max(F a, F b) { return a > b ? a : b; }    // b where either is NaN
inline F Min(F a, F b) { return a < b ? a : b; }
inline F Round(F a) { return std::nearbyint(a); }
inline F Pow2(F n) { return std::bit_cast<float>(uint32_t(int32_t(n) + 127) << 23); }  // n whole, -126 to 127
inline M Less(F a, F b) { return a < b; }
inline F Select(M m, F a, F b) { return m ? a : b; }  // m ? a : b

// Doubles, as many as a vector holds floats.
inline D Widen(F a) { return a; }
inline F Narrow(D a) { return F(a); }
inline D SetD(double v) { return v; }
inline D MulD(D a, D b) { return a * b; }
inline D FnmaD(D a, D b, D c) { return c - a * b; }
inline D RoundD(D a) { return std::nearbyint(a); }
