// The index of a file of packed weights: what is accepted encodes to the same bytes again, and points nowhere outside.
#include <algorithm>

#include "models/pack_file.h"
#include "tests/fuzz/fuzz_target.h"

namespace hasten {

static void Examine(std::span<const std::byte> tail) {
  // The panels before the index are not in the input; a few sizes of them stand for all.
  for (const uint64_t panels : {uint64_t{0}, uint64_t{4096}, uint64_t{kPackSlice + 64}}) {
    const auto index = ReadPackIndex(tail, panels + tail.size());
    if (!index) continue;
    for (const PackEntry& e : index->entries) FUZZ_CHECK(e.offset <= panels && e.bytes <= panels - e.offset);
    FUZZ_CHECK(index->slices.size() * kPackSlice >= panels);
    const std::string again = index->Encode();
    FUZZ_CHECK(std::ranges::equal(std::as_bytes(std::span(again)), tail));
  }
}

void FuzzOne(std::span<const std::byte> input) {
  Examine(input);
  if (input.size() < kPackFooter) return;
  if (const auto size = ReadPackFooter(input.last(kPackFooter), input.size())) FUZZ_CHECK(*size <= input.size() - kPackFooter);
  // The same with checksums that fit.
  const auto index = input.first(input.size() - kPackFooter);
  const std::string sealed = SealPack({reinterpret_cast<const char*>(index.data()), index.size()});
  Examine(std::as_bytes(std::span(sealed)));
}

std::vector<std::string> FuzzSeeds() {
  const PackIndex empty;
  const PackIndex full = {.key = {1, 2},
                          .model_path = "/models/m.gguf",
                          .model_bytes = 99,
                          .model_modified_ns = 5,
                          .data_bytes = kPackSlice + 64,
                          .entries = {{3, 0, kPackSlice}, {4, kPackSlice, 64}},
                          .slices = {6, 7}};
  PackIndex outside = full;  // whole, with a checksum that fits, and still to be refused
  outside.entries[1].bytes = 65;
  return {empty.Encode(), full.Encode(), outside.Encode()};
}

}  // namespace hasten
