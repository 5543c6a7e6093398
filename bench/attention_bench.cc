// Attention, one thread: the shapes that matter, each variant in turn, in multiply-adds per second of processor time.
//
//   attention_bench
//
// branches   64 continuations of a prefix of 512 positions, 3 query heads to a key/value head of 64
// prefill    rows of a prompt of 512, causal
// decode     one row after 2048 positions: keys and values come from memory
#include <algorithm>
#include <cstdio>
#include <ctime>
#include <vector>

#include "base/aligned.h"
#include "kernels/attention/append.h"
#include "kernels/attention/attention.h"
#include "tests/kernels/variants.h"

using namespace hasten;

namespace {

// Processor time of this thread: a neighbour that takes the core for a while does not count.
double Now() {
  timespec t{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return double(t.tv_sec) + 1e-9 * double(t.tv_nsec);
}

struct Work {
  const char* name;
  size_t sequences, shared_blocks, past, rows, group, width, heads;
  KvType type;
};

struct Setup {
  AlignedBuffer<std::byte> memory;
  AlignedBuffer<float> q, out, scratch;
  std::vector<std::vector<int32_t>> blocks;
  std::vector<AttendQuery> queries;
  double multiply_adds = 0;
};

Setup Prepare(const Work& w) {
  const size_t each = (w.past + w.rows) / kKvBlock + 1, own = each - std::min(each, w.shared_blocks);
  Setup s;
  s.memory = AlignedBuffer<std::byte>((w.shared_blocks + w.sequences * own) * KvBlockBytes(w.heads, w.width, w.type));
  const size_t queries = w.sequences * w.rows * w.group;
  s.q = AlignedBuffer<float>(queries * w.width);
  s.out = AlignedBuffer<float>(queries * w.width);
  s.scratch = AlignedBuffer<float>(AttendScratchFloats(w.width));
  for (size_t i = 0; i < s.q.size(); ++i) s.q[i] = float(RandomUnit(1, i)) - 0.5f;
  std::vector<float> row(w.width);
  for (size_t position = 0; position < s.memory.size() / KvBlockBytes(w.heads, w.width, w.type) * kKvBlock; ++position)
    for (size_t head = 0; head < w.heads; ++head) {
      for (size_t d = 0; d < w.width; ++d) row[d] = float(RandomUnit(position, d)) - 0.5f;
      StoreKvVariants().back().fn({row.data(), row.data(), w.width, w.type, position % kKvBlock,
                                   s.memory.data() + position / kKvBlock * KvBlockBytes(w.heads, w.width, w.type) +
                                       head * KvHeadBytes(w.width, w.type)});
    }
  for (size_t i = 0; i < w.sequences; ++i) {
    s.blocks.emplace_back();
    for (size_t b = 0; b < each; ++b)
      s.blocks[i].push_back(int32_t(b < w.shared_blocks ? b : w.shared_blocks + i * own + b - w.shared_blocks));
  }
  for (size_t i = 0; i < w.sequences * w.rows; ++i)
    for (size_t g = 0; g < w.group; ++g) {
      const size_t at = (i * w.group + g) * w.width, last = w.past + i % w.rows;
      s.queries.push_back({&s.q[at], &s.out[at], s.blocks[i / w.rows].data(), 0, last, 0});
      s.multiply_adds += double(2 * w.width * (last + 1) * w.heads);
    }
  return s;
}

void RunOnce(AttendFn* fn, const Work& w, Setup& s) {
  for (size_t head = 0; head < w.heads; ++head)
    for (size_t i = 0; i < s.queries.size(); i += kMaxStack)
      fn({.queries = std::span(s.queries).subspan(i, std::min(kMaxStack, s.queries.size() - i)),
          .base = s.memory.data() + head * KvHeadBytes(w.width, w.type),
          .block_bytes = KvBlockBytes(w.heads, w.width, w.type),
          .width = w.width,
          .type = w.type,
          .scale = 0.125f,
          .softcap = 0,
          .sinks = false,
          .scratch = s.scratch.data()});
}

}  // namespace

int main() {
  constexpr Work kWorks[] = {{"branches", 64, 512 / kKvBlock, 540, 1, 3, 64, 3, KvType::kF16},
                             {"branches", 64, 512 / kKvBlock, 540, 1, 3, 64, 3, KvType::kI16},
                             {"branches", 64, 512 / kKvBlock, 540, 1, 3, 64, 3, KvType::kI8},
                             {"branches", 64, 512 / kKvBlock, 540, 1, 4, 128, 2, KvType::kBF16},
                             {"branches", 64, 512 / kKvBlock, 540, 1, 4, 128, 2, KvType::kI16},
                             {"branches", 64, 512 / kKvBlock, 540, 1, 4, 128, 2, KvType::kI8},
                             {"prefill", 1, 0, 0, 512, 3, 64, 1, KvType::kF16},
                             {"prefill", 1, 0, 0, 512, 3, 64, 1, KvType::kI16},
                             {"prefill", 1, 0, 0, 512, 3, 64, 1, KvType::kI8},
                             {"prefill", 1, 0, 0, 512, 2, 128, 1, KvType::kF16},
                             {"prefill", 1, 0, 0, 512, 2, 128, 1, KvType::kI16},
                             {"decode", 1, 0, 2048, 1, 1, 64, 32, KvType::kF16},
                             {"decode", 1, 0, 2048, 1, 3, 64, 32, KvType::kF16},
                             {"decode", 1, 0, 2048, 1, 3, 64, 32, KvType::kI16},
                             {"decode", 1, 0, 2048, 1, 3, 64, 32, KvType::kI8},
                             {"decode", 1, 0, 2048, 1, 4, 128, 32, KvType::kF16}};
  const auto variants = RunnableHere(AttendVariants());
  for (const Work& w : kWorks) {
    Setup s = Prepare(w);
    std::vector<std::vector<double>> times(variants.size());
    for (int turn = 0; turn < 7; ++turn)
      for (size_t v = 0; v < variants.size(); ++v) {
        if (variants[v].needs == 0 && turn > 0) continue;  // the reference is slow, and once tells enough
        const double start = Now();
        RunOnce(variants[v].fn, w, s);
        times[v].push_back(Now() - start);
      }
    const double bytes = double(w.heads * KvHeadBytes(w.width, w.type)) / kKvBlock * double(w.past + w.rows);
    for (size_t v = 0; v < variants.size(); ++v) {
      std::sort(times[v].begin(), times[v].end());
      const double t = times[v][times[v].size() / 2];
      std::printf("%-8s width %3zu group %zu  %-4s %-7s %7.1f GMAC/s  %6.1f GB/s of one sequence's keys and values\n", w.name,
                  w.width, w.group, KvTypeName(w.type).data(), variants[v].name.data(), 1e-9 * s.multiply_adds / t,
                  1e-9 * bytes / t);
    }
  }
}
