// The verbs give the same bytes whatever the number of lanes and whichever rows share a step; what they compute is checked
// where the kernels' own tests do not: weight products over several parts, mixtures of experts, attention through Step.
#include "models/ops.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <functional>

#include "base/half.h"
#include "models/workspace.h"
#include "tests/kernels/matmul/blocks.h"
#include "tests/kernels/variants.h"

namespace hasten {
namespace {

using Bytes = std::vector<float>;

constexpr WorkspaceLimits kLimits = {
    .rows = 80, .lanes = 5, .columns = 256, .head_width = 64, .experts = 7, .experts_used = 3, .width = 64, .expert_ff = 96};

struct Rows {
  Bytes data;
  Mat mat;
  Rows(uint64_t seed, size_t rows, size_t width)
      : data(RandomFloats(seed, rows * width)), mat{data.data(), rows, width, width} {}
  Rows(const Rows&) = delete;
};

bool Same(const Bytes& a, const Bytes& b) { return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size() * 4) == 0; }

// Runs `verb` on every variant with 1, 2, 3 and 5 lanes; each run starts from what `verb` makes itself.
void ExpectSameOnAllLanes(const std::function<Bytes(Team&, Workspace&)>& verb) {
  const Isa& active = ActiveIsa();
  for (const Isa& isa : Isas()) {
    if (!RunsHere(isa)) continue;
    ForceIsa(isa);
    Bytes first;
    for (size_t lanes : {1, 2, 3, 5}) {
      Team team(lanes);
      Workspace work(kLimits);
      const Bytes bytes = verb(team, work);
      for (float f : bytes) ASSERT_TRUE(std::isfinite(f)) << isa.name;
      if (lanes == 1) first = bytes;
      EXPECT_TRUE(Same(first, bytes)) << isa.name << " with " << lanes << " lanes";
    }
  }
  ForceIsa(active);
}

struct Part {
  TensorType type;
  size_t rows;
};

// Weights of the given parts and, in `dense`, the same as float.
struct Weights {
  Linear linear;
  Bytes dense;
  size_t cols;
  Weights(const std::vector<Part>& parts, size_t columns, uint64_t seed, bool bias = false) : cols(columns) {
    for (const Part& part : parts) {
      const auto blocks = RandomBlocks(part.type, part.rows * cols, seed++);
      linear.parts.push_back(*PackedMatrix::Make(part.type, part.rows, cols));
      PackedMatrix& packed = linear.parts.back();
      packed.Pack(blocks.data(), {0, packed.panels()});
      for (size_t r = 0; r < part.rows; ++r) {
        Bytes row(cols);
        packed.UnpackRow(r, row.data());
        dense.insert(dense.end(), row.begin(), row.end());
      }
    }
    if (bias) linear.bias = RandomFloats(seed + 100, linear.rows());
  }
  double Dot(const float* x, size_t row) const {
    double sum = linear.bias.empty() ? 0 : linear.bias[row];
    for (size_t c = 0; c < cols; ++c) sum += double(dense[row * cols + c]) * x[c];
    return sum;
  }
};

Bytes OnLanes(Team& team, Workspace& work, Bytes& out, const std::function<void(const Exec&)>& body) {
  team.Run([&](const Lane& lane) { body({lane, work}); });
  return out;
}

const std::vector<Part> kMixedParts = {{TensorType::kQ8_0, 33}, {TensorType::kF16, 17}, {TensorType::kQ4_0, 16}};

TEST(MatMul, PartsOfSeveralTypesStandSideBySide) {
  const Weights w(kMixedParts, 96, 1, true);
  ExpectSameOnAllLanes([&](Team& team, Workspace& work) {
    Rows x(2, 5, 96), y(3, 5, 66);
    const Bytes before = y.data;
    OnLanes(team, work, y.data, [&](const Exec& e) { MatMulAdd(e, x.mat, w.linear, y.mat); });
    for (size_t i = 0; i < 5; ++i)
      for (size_t r = 0; r < 66; ++r) {
        // int8 activations: half a step of 1/127 in each of 96 columns, weights below 1 in size
        EXPECT_NEAR(y.mat.row(i)[r], before[i * 66 + r] + w.Dot(x.mat.row(i), r), 0.15) << "row " << i << " output " << r;
      }
    return y.data;
  });
}

TEST(MatMul, ARowAloneHasTheBytesItHasAmongOthers) {
  const Weights w(kMixedParts, 96, 1, true);
  Team team(2);
  Workspace work(kLimits);
  Rows x(2, 37, 96), together(3, 37, 66), alone(3, 37, 66);
  team.Run([&](const Lane& lane) { MatMul({lane, work}, x.mat, w.linear, together.mat); });
  for (size_t i = 0; i < 37; ++i)
    team.Run([&](const Lane& lane) { MatMul({lane, work}, x.mat.Rows(i, 1), w.linear, alone.mat.Rows(i, 1)); });
  EXPECT_TRUE(Same(together.data, alone.data));
}

TEST(RowVerbs, SameOnAllLanes) {
  const Bytes weight = RandomFloats(9, 64), head_weight = RandomFloats(10, 16);
  Rope rope;
  for (int i = 0; i < 8; ++i) rope.inverse_frequency.push_back(std::pow(10000.0f, -float(i) / 8));
  const std::vector<int32_t> positions = {0, 1, 2, 70, 71, 5, 6, 1000}, picks = {7, 0, 3};
  for (size_t rows : {1, 2, 8})
    ExpectSameOnAllLanes([&](Team& team, Workspace& work) {
      Rows x(1, rows, 64), y(2, rows, 64), wide(3, rows, 128), gate(4, rows, 1);
      return OnLanes(team, work, y.data, [&](const Exec& e) {
        RmsNorm(e, x.mat, weight, 1e-5f, x.mat);
        RmsNormHeads(e, x.mat, 4, head_weight, 1e-5f);
        ApplyRope(e, rope, std::span(positions).first(rows), 4, 16, x.mat);
        Add(e, x.mat, y.mat);
        SwiGlu(e, wide.mat, x.mat);
        Multiply(e, x.mat, y.mat);
        GeGlu(e, wide.mat, x.mat);
        Add(e, x.mat, y.mat);
        SwiGluOai(e, wide.mat, x.mat);
        Add(e, x.mat, y.mat);
        Silu(e, x.mat);
        SiluGate(e, x.mat, y.mat);
        SigmoidGate(e, gate.mat, y.mat);
        SigmoidGate(e, x.mat, y.mat);
        Scale(e, 3, y.mat);
        SoftCap(e, 2, y.mat);
        DeltaGates(e, weight, weight, x.mat, wide.mat.Cols(0, 64));
        Add(e, x.mat, y.mat);
        if (rows == 8) GatherRows(e, x.mat, picks, y.mat.Rows(0, 3));
      });
    });
}

struct MoeCase {
  std::vector<Weights> dense_gate_up, dense_down;
  Experts experts;
  Router router{.gate = Router::Gate::kSoftmax, .used = 3, .normalise = true, .selection_bias = {}};
  explicit MoeCase(TensorType type) {
    for (uint64_t id = 0; id < 7; ++id) {
      Weights in({{type, 96}, {type, 96}}, 64, 100 + 7 * id, true), out({{type, 64}}, 96, 200 + 7 * id, true);
      experts.gate_up.push_back(std::move(in.linear));
      experts.down.push_back(std::move(out.linear));
      in.linear.bias = experts.gate_up.back().bias;
      out.linear.bias = experts.down.back().bias;
      dense_gate_up.push_back(std::move(in));
      dense_down.push_back(std::move(out));
    }
  }
};

// One row, in double, experts chosen by sorting.
std::vector<double> ExactMoe(const MoeCase& c, const float* logits, const float* x) {
  std::vector<size_t> order = {0, 1, 2, 3, 4, 5, 6};
  std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) { return logits[a] > logits[b]; });
  double total = 0;
  for (size_t i = 0; i < 3; ++i) total += std::exp(double(logits[order[i]]));
  std::vector<double> y(64);
  for (size_t i = 0; i < 3; ++i) {
    const size_t id = order[i];
    Bytes act(96);
    for (size_t f = 0; f < 96; ++f) {
      const double gate = c.dense_gate_up[id].Dot(x, f), up = c.dense_gate_up[id].Dot(x, 96 + f);
      act[f] = float(gate / (1 + std::exp(-gate)) * up);
    }
    for (size_t d = 0; d < 64; ++d) y[d] += std::exp(double(logits[id])) / total * c.dense_down[id].Dot(act.data(), d);
  }
  return y;
}

TEST(MoeAdd, MatchesTheOracleOnFloatWeights) {
  const MoeCase c(TensorType::kF32);
  for (size_t rows : {1, 6})
    ExpectSameOnAllLanes([&](Team& team, Workspace& work) {
      Rows x(1, rows, 64), logits(2, rows, 7), y(3, rows, 64);
      const Bytes before = y.data;
      OnLanes(team, work, y.data, [&](const Exec& e) { MoeAdd(e, c.router, c.experts, logits.mat, x.mat, y.mat); });
      for (size_t i = 0; i < rows; ++i) {
        const std::vector<double> exact = ExactMoe(c, logits.mat.row(i), x.mat.row(i));
        for (size_t d = 0; d < 64; ++d) EXPECT_NEAR(y.mat.row(i)[d], before[i * 64 + d] + exact[d], 1e-3) << i << " " << d;
      }
      return y.data;
    });
}

TEST(MoeAdd, ARowAloneHasTheBytesItHasAmongOthers) {
  for (TensorType type : {TensorType::kF32, TensorType::kQ8_0, TensorType::kQ4_0}) {
    const MoeCase c(type);
    Team team(3);
    Workspace work(kLimits);
    Rows x(1, 70, 64), logits(2, 70, 7), together(3, 70, 64), alone(3, 70, 64);
    team.Run([&](const Lane& lane) { MoeAdd({lane, work}, c.router, c.experts, logits.mat, x.mat, together.mat); });
    for (size_t i = 0; i < 70; ++i)
      team.Run([&](const Lane& lane) {
        MoeAdd({lane, work}, c.router, c.experts, logits.mat.Rows(i, 1), x.mat.Rows(i, 1), alone.mat.Rows(i, 1));
      });
    EXPECT_TRUE(Same(together.data, alone.data)) << InfoOf(type).name;
  }
}

// Sequences with a cache and a recurrent state of their own, fed in steps.
constexpr size_t kKvHeads = 2, kHeads = 6, kWidth = 64, kChannels = 48, kTaps = 4, kKeyHeads = 2, kValueHeads = 4;
constexpr size_t kDeltaState = kValueHeads * 8 * 12, kConvState = (kTaps - 1) * kChannels;

struct Sequences {
  std::vector<std::vector<int32_t>> blocks;
  std::vector<Bytes> states;
  std::vector<size_t> past;
  size_t block_bytes = KvBlockBytes(kKvHeads, kWidth, KvType::kF16);
  AlignedBuffer<std::byte> memory;
  explicit Sequences(size_t count)
      : states(count, Bytes(kConvState + kDeltaState)), past(count), memory(count * BlocksEach() * block_bytes) {
    for (size_t s = 0; s < count; ++s) {
      blocks.emplace_back();
      for (size_t i = 0; i < BlocksEach(); ++i) blocks[s].push_back(int32_t(i * count + s));
    }
  }
  static size_t BlocksEach() { return 80 / kKvBlock + 1; }
  KvView View() { return {memory.data(), 0, block_bytes, kKvHeads, kWidth, KvType::kF16}; }
};

struct Fed {
  size_t sequence, rows;
};

// The inputs of position p of sequence s are the same in whichever step they come.
Bytes Inputs(const Sequences& all, const std::vector<Fed>& feeds, size_t width, uint64_t seed) {
  Bytes rows;
  for (const Fed& feed : feeds)
    for (size_t i = 0; i < feed.rows; ++i) {
      const Bytes row = RandomFloats(seed * 100000 + feed.sequence * 1000 + all.past[feed.sequence] + i, width);
      rows.insert(rows.end(), row.begin(), row.end());
    }
  return rows;
}

// Appends, attends, convolves and runs the delta rule; one output row for each fed row.
Bytes Feed(Team& team, Workspace& work, Sequences& all, const std::vector<Fed>& feeds, size_t window) {
  std::vector<SeqView> views;
  size_t rows = 0;
  for (const Fed& feed : feeds) {
    const size_t s = feed.sequence;
    views.push_back({all.blocks[s].data(), all.past[s], rows, feed.rows, all.states[s].data()});
    rows += feed.rows;
  }
  const auto mat = [&](Bytes& data) { return Mat{data.data(), rows, data.size() / rows, data.size() / rows}; };
  Bytes q = Inputs(all, feeds, kHeads * kWidth, 1), k = Inputs(all, feeds, kKvHeads * kWidth, 2),
        v = Inputs(all, feeds, kKvHeads * kWidth, 3), x = Inputs(all, feeds, kChannels, 4),
        dq = Inputs(all, feeds, kKeyHeads * 8, 5), dk = Inputs(all, feeds, kKeyHeads * 8, 6),
        dv = Inputs(all, feeds, kValueHeads * 12, 7), decay = Inputs(all, feeds, kValueHeads, 8), beta = decay;
  for (float& d : decay) d -= 1;
  constexpr size_t kOut = kHeads * kWidth + kChannels + kValueHeads * 12;
  Bytes out(rows * kOut, NAN);
  const Bytes kernel = RandomFloats(11, kChannels * kTaps), sinks = RandomFloats(12, kHeads);
  const Attention attention{kHeads, kKvHeads, kWidth, 0.3f, 0, window, sinks};
  const DeltaRule rule{kKeyHeads, kValueHeads, 8, 12, 1e-6f};
  const Step step{.tokens = {}, .positions = {}, .seqs = views, .logit_rows = {}};
  team.Run([&](const Lane& lane) {
    const Exec e{lane, work};
    const Mat y = mat(out);
    AppendKv(e, step, all.View(), 0, mat(k), mat(v));
    Attend(e, attention, step, all.View(), 0, mat(q), y.Cols(0, kHeads * kWidth));
    ShortConv(e, step, 0, kernel, kTaps, mat(x), y.Cols(kHeads * kWidth, kChannels));
    GatedDelta(e, rule, step, kConvState, mat(dq), mat(dk), mat(dv), mat(decay), mat(beta),
               y.Cols(kHeads * kWidth + kChannels, kValueHeads * 12));
  });
  for (const Fed& feed : feeds) all.past[feed.sequence] += feed.rows;
  return out;
}

TEST(SequenceVerbs, SameOnAllLanes) {
  for (size_t window : {0, 9})
    ExpectSameOnAllLanes([&](Team& team, Workspace& work) {
      Sequences all(3);
      Bytes out = Feed(team, work, all, {{0, 37}, {1, 1}, {2, 33}}, window);
      const Bytes more = Feed(team, work, all, {{2, 1}, {0, 2}}, window);
      out.insert(out.end(), more.begin(), more.end());
      return out;
    });
}

TEST(SequenceVerbs, ChunksAndTokensOneByOneGiveTheBytesOfTheWhole) {
  Team team(2);
  Workspace work(kLimits);
  for (size_t window : {0, 9}) {
    Sequences whole(2), pieces(2);
    const Bytes expected = Feed(team, work, whole, {{1, 41}}, window);
    for (size_t chunk : {1, 3, 16}) {
      Bytes got;
      pieces = Sequences(2);
      for (size_t at = 0; at < 41; at += chunk) {
        const Bytes some = Feed(team, work, pieces, {{1, std::min<size_t>(chunk, 41 - at)}}, window);
        got.insert(got.end(), some.begin(), some.end());
      }
      EXPECT_TRUE(Same(expected, got)) << "chunks of " << chunk;
      EXPECT_TRUE(Same(whole.states[1], pieces.states[1])) << "chunks of " << chunk;
    }
  }
}

TEST(SequenceVerbs, ByteCheckCatchesAnotherWindow) {
  Team team(1);
  Workspace work(kLimits);
  Sequences a(1), b(1);
  EXPECT_FALSE(Same(Feed(team, work, a, {{0, 41}}, 9), Feed(team, work, b, {{0, 41}}, 10)));
}

}  // namespace
}  // namespace hasten
