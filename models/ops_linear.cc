// Weight products: activations are quantised once for all parts, panels of 16 weight rows are split over the lanes.
#include <algorithm>

#include "kernels/dequant/dequant.h"
#include "models/embedding.h"
#include "models/ops.h"
#include "models/products.h"
#include "models/profile.h"
#include "models/workspace.h"

namespace hasten {

size_t Linear::rows() const {
  size_t sum = 0;
  for (const PackedMatrix& part : parts) sum += part.rows();
  return sum;
}
size_t Linear::cols() const { return parts.empty() ? 0 : parts.front().cols(); }

static size_t Panels(const Linear& w) {
  size_t sum = 0;
  for (const PackedMatrix& part : w.parts) sum += part.panels();
  return sum;
}

bool WantsInt8(const Linear& w) {
  return std::any_of(w.parts.begin(), w.parts.end(), [](const PackedMatrix& part) { return part.wants_int8(); });
}

static QuantRows Quantise(const Exec& e, const Linear& w, Mat x) {
  if (!WantsInt8(w)) return {};
  if (x.rows <= FewRows(e.lane.count())) {  // each lane for itself, as for Mat::own
    const QuantRows q = QuantRowsIn(e.work.QuantisedOfLane(e.lane.index()), x.rows, x.width);
    QuantizeRows({x.data, x.stride, {0, x.rows}, q});
    return q;
  }
  const QuantRows q = QuantRowsIn(e.work.quantised(), x.rows, x.width);
  if (x.rows <= kRowTile) {
    const Range blocks = e.lane.Share(q.blocks());
    QuantizeRows({x.data + blocks.begin * kQuantBlock, x.stride, {0, x.rows}, OfBlocks(q, blocks)});
  } else {
    QuantizeRows({x.data, x.stride, e.lane.Share(x.rows, kRowTile), q});
  }
  e.lane.Sync();
  return q;
}

static void AddBias(const float* bias, Range columns, Range rows, Mat y) {
  for (size_t i = rows.begin; i < rows.end; ++i)
    for (size_t c = columns.begin; c < columns.end; ++c) y.row(i)[c] += bias[c];
}

// y = x part + bias in the columns of some panels; y's first column is the part's.
static void PartProduct(const PackedMatrix& part, const float* bias, Range panels, Range rows, Mat x, const QuantRows& q,
                        Store store, Mat y) {
  const MatMulOut out{y.data, y.stride, store};
  if (part.wants_int8())
    MatMulInt({part, panels, q, rows, out});
  else
    MatMulFloat({part, panels, x.data, x.stride, rows, out});
  if (bias) AddBias(bias, {panels.begin * kPanelRows, std::min(panels.end * kPanelRows, part.rows())}, rows, y);
}

// From so many rows on each lane takes its share of them and all panels: they stay in its own cache from product to product,
// which is worth more than what is read of the weights twice (smollm2-135m, prompt of 512, two Zen 5 cores: 3,240 to 3,430
// tokens/s; 64 rows: no difference).
constexpr size_t kRowsToShare = 64;  // a lane

void Product(const Exec& e, const Linear& w, Mat x, const QuantRows& q, Store store, Mat y) {
  const bool by_rows = x.rows >= kRowsToShare * e.lane.count();
  const Range rows = by_rows ? e.lane.Share(x.rows, kRowTile) : Range{0, x.rows};
  // A row reads whole groups as they lie; many rows multiply two panels at once, and half a group less is a fairer share.
  const Range mine = by_rows ? Range{0, Panels(w)} : e.lane.Share(Panels(w), x.rows == 1 ? kGroupPanels : 2);
  size_t first_panel = 0, first_row = 0;
  for (const PackedMatrix& part : w.parts) {
    const size_t begin = std::clamp(mine.begin, first_panel, first_panel + part.panels()) - first_panel;
    const size_t end = std::clamp(mine.end, first_panel, first_panel + part.panels()) - first_panel;
    if (begin < end) {
      const float* bias = w.bias.empty() ? nullptr : w.bias.data() + first_row;
      PartProduct(part, bias, {begin, end}, rows, x, q, store, y.Cols(first_row, part.rows()));
    }
    first_panel += part.panels();
    first_row += part.rows();
  }
}

static_assert(kHeadPanel == kPanelRows);

void MatMulPanels(const Exec& e, Mat x, const Linear& w, std::span<const int32_t> panels, Mat y) {
  const ProfileScope watch(e, "product of some rows");
  const QuantRows q = Quantise(e, w, x);
  const Range mine = e.lane.Share(panels.size());
  for (size_t i = mine.begin; i < mine.end;) {
    size_t next = i + 1;  // neighbours go together
    while (next < mine.end && panels[next] == panels[next - 1] + 1) ++next;
    PartProduct(w.parts[0], w.bias.empty() ? nullptr : w.bias.data(), {size_t(panels[i]), size_t(panels[next - 1]) + 1},
                {0, x.rows}, x, q, Store::kSet, y);
    i = next;
  }
  e.lane.Sync();
}

void MatMul(const Exec& e, Mat x, const Linear& w, Mat y) {
  const ProfileScope watch(e, "product", w, x.rows);
  const QuantRows q = Quantise(e, w, x);
  Product(e, w, x, q, Store::kSet, y);
  e.lane.Sync();
}

void MatMulAdd(const Exec& e, Mat x, const Linear& w, Mat y) {
  const ProfileScope watch(e, "product", w, x.rows);
  const QuantRows q = Quantise(e, w, x);
  Product(e, w, x, q, Store::kAdd, y);
  e.lane.Sync();
}

void Embed(const Exec& e, const Embedding& table, std::span<const int32_t> tokens, float scale, Mat y) {
  const ProfileScope watch(e, "embed");
  const Range rows = e.lane.Share(tokens.size());
  for (size_t i = rows.begin; i < rows.end; ++i) {
    Dequantize(table.type, table.rows + size_t(tokens[i]) * table.row_bytes, table.width, y.row(i));
    if (scale != 1)
      for (size_t c = 0; c < table.width; ++c) y.row(i)[c] *= scale;
  }
  e.lane.Sync();
}

}  // namespace hasten
