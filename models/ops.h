// The verbs of a forward pass. Every lane calls each of them with the same arguments; each splits its work over the lanes
// and ends with the lanes met, so that a family's file reads like its paper.
//
// Letters: T new tokens, D model width, H query heads, G key/value heads, K head width, F feed-forward width, V vocabulary.
// None allocates. Bytes do not depend on the number of lanes nor on which rows share a step.
//
// Where a step has few rows, a verb that works row by row and writes to a lane's own copy (Mat::own) is done by every lane for
// itself: doing a norm twice costs less than meeting once (decode of one row: 7 meetings a layer, not 14).
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "base/threads.h"
#include "kernels/matmul/matmul.h"
#include "models/kv.h"
#include "models/step.h"

namespace hasten {

// Up to how many rows that is (two Zen 4 cores, tokens/s in turns: smollm2-135m 2 rows 1.12, 3 rows 1.12, 4 rows 1.04 times
// those of lanes that share rows; llama3.2-1b 2 rows 1.11, 4 rows the same).
constexpr size_t FewRows(size_t lanes) { return lanes == 1 ? 0 : std::max(lanes - 1, size_t{4}); }

// Rows of float activations: row i is data[i * stride, i * stride + width).
struct Mat {
  float* data = nullptr;
  size_t rows = 0, width = 0, stride = 0;
  bool own = false;  // this lane's copy: every lane holds all of it, so that what it writes here nobody waits for
  float* row(size_t i) const { return data + i * stride; }
  Mat Cols(size_t begin, size_t count) const { return {data + begin, rows, count, stride, own}; }
  Mat Rows(size_t begin, size_t count) const { return {data + begin * stride, count, width, stride, own}; }
};

// What every verb needs besides its operands: the lane, and memory for quantised activations shared by all lanes.
struct Exec {
  const Lane& lane;
  class Workspace& work;
  class Profile* profile = nullptr;  // models/profile.h
};

// One or more weight matrices over the same input, stacked by rows: y = x [A; B; C]^T (+ bias). q, k and v, or gate and
// up, in one product, each part in its own tensor type.
struct Linear {
  std::vector<PackedMatrix> parts;
  std::vector<float> bias;  // [rows()] or empty
  size_t rows() const;
  size_t cols() const;
};

struct Embedding;  // token table, dequantised a row at a time

void Embed(const Exec&, const Embedding& table, std::span<const int32_t> tokens, float scale, Mat y);
void MatMul(const Exec&, Mat x, const Linear& w, Mat y);  // y = x w
// The same in some of y's columns: those of these panels of kHeadPanel weight rows, ascending. w has one part.
void MatMulPanels(const Exec&, Mat x, const Linear& w, std::span<const int32_t> panels, Mat y);
void MatMulAdd(const Exec&, Mat x, const Linear& w, Mat y);  // y += x w (and its bias)
void GatherRows(const Exec&, Mat x, std::span<const int32_t> rows, Mat y);

// y = x / sqrt(mean(x^2) + eps) * weight, each row. x and y may be the same.
void RmsNorm(const Exec&, Mat x, std::span<const float> weight, float eps, Mat y);
// The same within each of `heads` heads of width K = weight.size() of a row, in place.
void RmsNormHeads(const Exec&, Mat x, size_t heads, std::span<const float> weight, float eps);

void Add(const Exec&, Mat x, Mat y);                // y += x
void Scale(const Exec&, float s, Mat y);            // y *= s
void SoftCap(const Exec&, float cap, Mat y);        // y = cap tanh(y / cap)
void SwiGlu(const Exec&, Mat gate_up, Mat act);     // act = silu(gate) * up, gate_up [T, 2F] = [gate | up]
void GeGlu(const Exec&, Mat gate_up, Mat act);      // act = gelu_tanh(gate) * up
void SwiGluOai(const Exec&, Mat gate_up, Mat act);  // gpt-oss: clamped at 7, x sigmoid(1.702 x) (up + 1)
void SigmoidGate(const Exec&, Mat gate, Mat y);     // y *= sigmoid(gate); a gate of width 1 gates the whole row
void SiluGate(const Exec&, Mat gate, Mat y);        // y *= silu(gate)
void Silu(const Exec&, Mat y);                      // y = silu(y)
void Multiply(const Exec&, Mat x, Mat y);           // y *= x

// Rotary position embedding: angle of pair i at position p is p * inverse_frequency[i]; cos and sin are scaled by `scale`.
struct Rope {
  enum class Pairing : uint8_t { kNeighbours, kHalves };  // (0,1)(2,3)… as in llama, or (0,n/2)(1,n/2+1)… as in NeoX
  Pairing pairing = Pairing::kNeighbours;
  std::vector<float> inverse_frequency;  // [rotated width / 2], frequency factors and scaling folded in
  float scale = 1;                       // YaRN's attention factor
};
void ApplyRope(const Exec&, const Rope& rope, std::span<const int32_t> positions, size_t heads, size_t head_width, Mat x);

struct Attention {
  size_t heads, kv_heads, head_width;  // H, G, K
  float scale;                         // applied to q k^T
  float softcap = 0;                   // 0: none
  size_t window = 0;                   // 0: all earlier positions; else the last `window`, this one included
  std::span<const float> sinks = {};   // [H] logit of a position that holds nothing (gpt-oss), or empty
};
// Appends this step's k and v [T, G*K] to layer `kv_layer` of the cache; the only write to it.
void AppendKv(const Exec&, const Step&, KvView kv, size_t kv_layer, Mat k, Mat v);
// att [T, H*K]: softmax attention of q [T, H*K] over what the cache holds of each row's sequence.
void Attend(const Exec&, const Attention&, const Step&, KvView kv, size_t kv_layer, Mat q, Mat att);

// Mixture of experts: for each row, the n_used best of E experts; their outputs are added in expert order.
struct Router {
  enum class Gate : uint8_t { kSoftmax, kSigmoid, kSoftmaxOfChosen };
  Gate gate = Gate::kSoftmax;
  size_t used = 0;
  bool normalise = false;  // divide the chosen weights by their sum (at least 2^-14)
  float scale = 1;
  std::span<const float> selection_bias = {};  // [E] added for choosing only (LFM2-MoE, DeepSeek), or empty
};
struct Experts {
  enum class Act : uint8_t { kSwiGlu, kGeGlu, kSwiGluOai };
  std::vector<Linear> gate_up;  // [E] each [2F, D], bias folded into the Linear
  std::vector<Linear> down;     // [E] each [D, F]
  Act act = Act::kSwiGlu;
};
// y += sum over the chosen experts of weight * expert(x); router_logits [T, E]. Rows are grouped by expert.
void MoeAdd(const Exec&, const Router&, const Experts&, Mat router_logits, Mat x, Mat y);

// Short convolution over time (LFM2): y[t] = sum_j kernel[c][j] * x[t - (L-1) + j], causal, depthwise, L = kernel width.
// `state` of a sequence holds the last L-1 inputs [L-1, width], newest last; read and updated.
void ShortConv(const Exec&, const Step&, size_t state_offset, std::span<const float> kernel, size_t kernel_width, Mat x, Mat y);
// The gates of the delta rule, [T, value heads] each: decay = a * softplus(decay + bias), so that exp(decay) is in (0, 1) for
// a < 0, and beta = sigmoid(beta).
void DeltaGates(const Exec&, std::span<const float> a, std::span<const float> bias, Mat decay, Mat beta);
// The gated delta rule (Qwen3.5): one token after the other, so that a chunk gives the same bytes as its tokens alone.
// q and k are first scaled to length 1 (divided by max(length, eps)), q also by 1/sqrt(key_width); value head j uses key head
// j % key_heads. For each value head, state S [value_width, key_width]: S *= exp(decay); S += beta (v - S k) k^T; y = S q.
// q, k [T, key_heads * key_width], v and y [T, value_heads * value_width], decay and beta [T, value_heads].
struct DeltaRule {
  size_t key_heads, value_heads, key_width, value_width;
  float eps;  // of the L2 norms of q and k
};
void GatedDelta(const Exec&, const DeltaRule&, const Step&, size_t state_offset, Mat q, Mat k, Mat v, Mat decay, Mat beta,
                Mat y);

}  // namespace hasten
