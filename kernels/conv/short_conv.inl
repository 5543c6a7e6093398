// Short convolution over the vector operations of kernels/simd/: a vector of channels at a time, its taps in registers.
inline void ConvolveChannels(const ShortConvArgs& a, size_t channel, size_t n) {
  const size_t past = a.taps - 1;
  F taps[kMaxConvTaps], window[kMaxConvTaps];
  for (size_t j = 0; j < a.taps; ++j) {
    float tap[kWidth] = {};
    for (size_t c = 0; c < n; ++c) tap[c] = a.kernel[(channel + c) * a.taps + j];
    taps[j] = Load(tap);
  }
  for (size_t j = 0; j < past; ++j) window[j] = LoadUpTo(a.state + j * a.state_stride + channel, n);
  for (size_t t = 0; t < a.rows; ++t) {
    window[past] = LoadUpTo(a.x + t * a.x_stride + channel, n);
    F sum = Mul(taps[0], window[0]);
    for (size_t j = 1; j < a.taps; ++j) sum = Fma(taps[j], window[j], sum);
    StoreUpTo(a.y + t * a.y_stride + channel, n, sum);
    for (size_t j = 0; j < past; ++j) window[j] = window[j + 1];
  }
  for (size_t j = 0; j < past; ++j) StoreUpTo(a.state + j * a.state_stride + channel, n, window[j]);
}

inline void ShortConv(const ShortConvArgs& a) {
  for (size_t c = 0; c < a.channels; c += kWidth) ConvolveChannels(a, c, std::min(a.channels - c, kWidth));
}
