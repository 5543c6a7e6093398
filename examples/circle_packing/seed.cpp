// 26 circles inside of a unit square, the sum of their radii as large as possible: the best of several random starts, each pressed
// together harder and harder while the circles grow.
#include <cmath>
#include <cstdio>

static unsigned long long state = 1;
static double Random() {
  state = state * 6364136223846793005ull + 1442695040888963407ull;
  return double(state >> 11) / 9007199254740992.0;
}

int main() {
  const int n = 26;
  double best = 0, best_x[26] = {}, best_y[26] = {}, best_r[26] = {};
  for (int start = 0; start < 3; ++start) {
    double x[26], y[26], r[26], vx[26] = {}, vy[26] = {}, vr[26] = {};
    for (int i = 0; i < n; ++i) {
      x[i] = 0.1 + 0.2 * (i % 5) + 0.1 * Random();
      y[i] = 0.1 + 0.16 * (i / 5) + 0.1 * Random();
      r[i] = 0.05;
    }
    double press = 10.0, step = 0.002;
    for (int t = 0; t < 20000; ++t) {
      double gx[26] = {}, gy[26] = {}, gr[26];
      for (int i = 0; i < n; ++i) {
        gr[i] = 1.0;
        const double left = r[i] - x[i], right = x[i] + r[i] - 1.0, low = r[i] - y[i], high = y[i] + r[i] - 1.0;
        if (left > 0) gx[i] += press * left, gr[i] -= press * left;
        if (right > 0) gx[i] -= press * right, gr[i] -= press * right;
        if (low > 0) gy[i] += press * low, gr[i] -= press * low;
        if (high > 0) gy[i] -= press * high, gr[i] -= press * high;
        for (int j = 0; j < i; ++j) {
          const double dx = x[i] - x[j], dy = y[i] - y[j], d = std::sqrt(dx * dx + dy * dy) + 1e-9;
          const double over = r[i] + r[j] - d;
          if (over <= 0) continue;
          gx[i] += press * over * dx / d, gy[i] += press * over * dy / d;
          gx[j] -= press * over * dx / d, gy[j] -= press * over * dy / d;
          gr[i] -= press * over, gr[j] -= press * over;
        }
      }
      for (int i = 0; i < n; ++i) {
        vx[i] = 0.9 * vx[i] + step * gx[i], vy[i] = 0.9 * vy[i] + step * gy[i], vr[i] = 0.9 * vr[i] + step * gr[i];
        x[i] += vx[i], y[i] += vy[i], r[i] += vr[i];
      }
      press = press * 1.0005;
      step = 0.02 / press;
    }
    double sum = 0;
    for (int i = 0; i < n; ++i) sum += r[i];
    if (sum <= best) continue;
    best = sum;
    for (int i = 0; i < n; ++i) best_x[i] = x[i], best_y[i] = y[i], best_r[i] = r[i];
  }
  for (int i = 0; i < n; ++i) std::printf("%.12f %.12f %.12f\n", best_x[i], best_y[i], best_r[i]);
}
