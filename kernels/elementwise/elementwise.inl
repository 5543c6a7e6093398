// Elementwise operations over the vector operations of kernels/simd/ and kernels/math/math.inl.
//
// Each is a struct of its own: with g++ 12 a lambda loses the target that the file sets.
struct OpAdd {
  static F At(F x, F y, F) { return Add(x, y); }
};
struct OpMultiply {
  static F At(F x, F y, F) { return Mul(x, y); }
};
struct OpScale {
  static F At(F x, F, F s) { return Mul(x, s); }
};
struct OpAddScaled {
  static F At(F x, F y, F s) { return Fma(x, s, y); }
};
struct OpSoftCap {
  static F At(F x, F, F s) { return Mul(s, Tanh(Div(x, s))); }
};
struct OpSilu {
  static F At(F x, F, F) { return Mul(x, Sigmoid(x)); }
};
struct OpSiluGate {
  static F At(F x, F y, F) { return Mul(Mul(x, Sigmoid(x)), y); }
};
struct OpGeluGate {
  static F At(F x, F y, F) {
    const F u = Fma(Mul(Mul(Set(0.044715f), x), x), x, x);
    return Mul(Mul(x, Sigmoid(Mul(Set(1.59576912f), u))), y);
  }
};
struct OpSwiGluOai {
  static F At(F x, F y, F) {
    const F gate = Min(Set(7.0f), x), up = Max(Set(-7.0f), Min(Set(7.0f), y));  // NaN stays: it is the second
    return Mul(Mul(gate, Sigmoid(Mul(Set(1.702f), gate))), Add(up, Set(1.0f)));
  }
};
struct OpSigmoid {
  static F At(F x, F, F) { return Sigmoid(x); }
};
struct OpSigmoidGate {
  static F At(F x, F y, F) { return Mul(Sigmoid(x), y); }
};
struct OpSoftplus {
  static F At(F x, F, F) { return Softplus(x); }
};

template <class Op>
inline void Map(const ElementwiseArgs& a) {
  const F s = Set(a.s);
  const float* b = a.b ? a.b : a.a;
  size_t i = 0;
  for (; i + kWidth <= a.n; i += kWidth) Store(a.y + i, Op::At(Load(a.a + i), Load(b + i), s));
  const size_t left = a.n - i;
  if (left) StorePart(a.y + i, left, Op::At(LoadPart(a.a + i, left), LoadPart(b + i, left), s));
}

inline void ApplyElementwise(const ElementwiseArgs& a) {
  switch (a.op) {
    case Elementwise::kAdd:
      return Map<OpAdd>(a);
    case Elementwise::kMultiply:
      return Map<OpMultiply>(a);
    case Elementwise::kScale:
      return Map<OpScale>(a);
    case Elementwise::kAddScaled:
      return Map<OpAddScaled>(a);
    case Elementwise::kSoftCap:
      return Map<OpSoftCap>(a);
    case Elementwise::kSilu:
      return Map<OpSilu>(a);
    case Elementwise::kSiluGate:
      return Map<OpSiluGate>(a);
    case Elementwise::kGeluGate:
      return Map<OpGeluGate>(a);
    case Elementwise::kSwiGluOai:
      return Map<OpSwiGluOai>(a);
    case Elementwise::kSigmoid:
      return Map<OpSigmoid>(a);
    case Elementwise::kSigmoidGate:
      return Map<OpSigmoidGate>(a);
    case Elementwise::kSoftplus:
      return Map<OpSoftplus>(a);
  }
}
