// What a file of packed weights says of itself, and how that is written and read: the panels of all matrices one after the
// other, then an index, then a footer of fixed size.
//
//   panels     each matrix 64-byte aligned, in the order in which the model's family asks for them
//   index      key, model, matrices, a checksum for every slice of the panels
//   footer     magic and format, size and checksum of the index
//
// All numbers are of this machine's byte order: such a file never leaves the machine.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"

namespace hasten {

inline constexpr size_t kPackSlice = 256 << 10;  // bytes under one checksum: read and checked while near the core
inline constexpr size_t kPackAlign = 64;
inline constexpr size_t kPackFooter = 32;

// What packed weights must have been made from: a model file, and a packing.
struct PackKey {
  uint64_t model = 0, packing = 0;
  bool operator==(const PackKey&) const = default;
};

struct PackEntry {
  uint64_t identity = 0;  // of the matrix: tensor, type, shape, choice and order of rows
  uint64_t offset = 0, bytes = 0;
};

struct PackIndex {
  PackKey key;
  // The model's (first) file: a pack whose model has gone or changed is of no use any more.
  std::string model_path;
  uint64_t model_bytes = 0;
  int64_t model_modified_ns = 0;
  uint64_t data_bytes = 0;  // of the panels, padding included
  std::vector<PackEntry> entries;
  std::vector<uint64_t> slices;  // checksums

  std::string Encode() const;  // index and footer
};

// An index's bytes and the footer that goes with them; for fuzzing, too, which would never guess a checksum.
std::string SealPack(std::string index);

// The size of the index, from the last kPackFooter bytes of a file. kCorrupt where it is no such file or of another format.
Result<uint64_t> ReadPackFooter(std::span<const std::byte> footer, uint64_t file_bytes);
// `tail`: index and footer. Every offset lies within the panels, whose slices are all there.
Result<PackIndex> ReadPackIndex(std::span<const std::byte> tail, uint64_t file_bytes);

}  // namespace hasten
