// The cache's only writer, and attention over it. Queries are ordered by key/value head, then row, so that what shares keys
// and values stands together; a lane takes an unbroken range of them, as long as any other's in positions to look at.
#include <algorithm>
#include <vector>

#include "kernels/attention/append.h"
#include "kernels/attention/attention.h"
#include "models/ops.h"
#include "models/profile.h"
#include "models/workspace.h"

namespace hasten {

void AppendKv(const Exec& e, const Step& step, KvView kv, size_t kv_layer, Mat k, Mat v) {
  const ProfileScope watch(e, "write keys, values");
  const Range heads = e.lane.Share(kv.kv_heads * k.rows);  // head by head, so that lanes seldom share a cache line
  auto* const fn = Pick(StoreKvVariants());
  const size_t head_bytes = KvHeadBytes(kv.head_width, kv.type);
  for (size_t head = heads.begin / std::max<size_t>(k.rows, 1); head * k.rows < heads.end; ++head)
    for (const SeqView& seq : step.seqs)
      for (size_t i = 0; i < seq.rows; ++i) {
        const size_t row = seq.first_row + i, unit = head * k.rows + row, position = seq.past + i;
        if (unit < heads.begin || unit >= heads.end) continue;
        std::byte* block = kv.Block(kv_layer, seq.blocks[position / kKvBlock]);
        const size_t column = head * kv.head_width;
        fn({k.row(row) + column, v.row(row) + column, kv.head_width, kv.type, position % kKvBlock, block + head * head_bytes});
      }
  e.lane.Sync();
}

namespace {

struct Visible {
  size_t first, last;  // positions
};

Visible Sees(const Attention& attention, const Step& step, const SeqView& seq, size_t i) {
  if (step.bidirectional) return {0, seq.past + seq.rows - 1};
  const size_t last = seq.past + i;
  const bool windowed = attention.window != 0 && last >= attention.window;
  return {windowed ? last - attention.window + 1 : 0, last};
}

// Blocks that a query looks at: what its attention costs.
size_t Cost(const Visible& v) { return v.last / kKvBlock - v.first / kKvBlock + 1; }

// Collects queries of one head and runs them when the stack is full.
class Stack {
 public:
  Stack(AttendArgs args, size_t head_bytes) : args_(args), base_(args.base), head_bytes_(head_bytes) {}
  void Add(const AttendQuery& query) {
    queries_[size_++] = query;
    if (size_ == kMaxStack) Run();
  }
  void Run() {
    if (size_ == 0) return;
    args_.queries = {queries_, size_};
    fn_(args_);
    size_ = 0;
  }
  void SetHead(size_t head) {
    Run();
    args_.base = base_ + head * head_bytes_;
  }

 private:
  AttendArgs args_;
  const std::byte* base_;
  size_t head_bytes_, size_ = 0;
  AttendFn* fn_ = Pick(AttendVariants());
  AttendQuery queries_[kMaxStack];
};

// The lane's share of the total cost. Cost is counted a query at a time; a query belongs to the lane in whose share it begins.
struct CostRange {
  size_t begin, end;
  CostRange(const Lane& lane, size_t total)
      : begin(total * lane.index() / lane.count()), end(total * (lane.index() + 1) / lane.count()) {}
  bool Has(size_t at) const { return at >= begin && at < end; }
};

// Each block that some query looks at is read once; a product with the keys and one with the values.
void CountWork(const Attention& attention, const Step& step, KvView kv, ProfileScope& watch) {
  std::vector<int32_t> blocks;
  double attended = 0;
  for (const SeqView& seq : step.seqs)
    for (size_t i = 0; i < seq.rows; ++i) {
      const Visible v = Sees(attention, step, seq, i);
      attended += double(v.last - v.first + 1);
      if (i + 1 == seq.rows || i == 0)
        blocks.insert(blocks.end(), seq.blocks + v.first / kKvBlock, seq.blocks + v.last / kKvBlock + 1);
    }
  std::ranges::sort(blocks);
  const auto repeated = std::ranges::unique(blocks);
  const auto read = size_t(repeated.begin() - blocks.begin());
  watch.Work(double(read * kv.block_bytes), attended * double(2 * attention.heads * attention.head_width));
}

}  // namespace

void Attend(const Exec& e, const Attention& attention, const Step& step, KvView kv, size_t kv_layer, Mat q, Mat att) {
  ProfileScope watch(e, "attention");
  if (watch) CountWork(attention, step, kv, watch);
  if (KvIsFixed(kv.type)) watch.InFixedPoint();
  size_t head_cost = 0;  // of one query head over all rows
  for (const SeqView& seq : step.seqs)
    for (size_t i = 0; i < seq.rows; ++i) head_cost += Cost(Sees(attention, step, seq, i));
  const CostRange mine(e.lane, head_cost * attention.heads);
  const size_t group = attention.heads / attention.kv_heads, width = attention.head_width;
  Stack stack({.queries = {},
               .base = kv.Block(kv_layer, 0),
               .block_bytes = kv.block_bytes,
               .width = width,
               .type = kv.type,
               .scale = attention.scale,
               .softcap = attention.softcap,
               .sinks = !attention.sinks.empty(),
               .scratch = e.work.OfLane(e.lane.index())},
              KvHeadBytes(width, kv.type));
  for (size_t kv_head = 0; kv_head < attention.kv_heads; ++kv_head) {
    size_t at = kv_head * group * head_cost;
    if (at >= mine.end || at + group * head_cost <= mine.begin) continue;
    stack.SetHead(kv_head);
    for (const SeqView& seq : step.seqs)
      for (size_t i = 0; i < seq.rows; ++i) {
        const Visible visible = Sees(attention, step, seq, i);
        for (size_t j = 0; j < group; ++j, at += Cost(visible)) {
          if (!mine.Has(at)) continue;
          const size_t head = kv_head * group + j;
          stack.Add({.q = q.row(seq.first_row + i) + head * width,
                     .out = att.row(seq.first_row + i) + head * width,
                     .blocks = seq.blocks,
                     .first = visible.first,
                     .last = visible.last,
                     .sink = attention.sinks.empty() ? 0 : attention.sinks[head]});
        }
      }
  }
  stack.Run();
  e.lane.Sync();
}

}  // namespace hasten
