// Packed weights kept on disk (`--pack-cache`), so that the next start reads them as they lie instead of packing again.
//
// A model has one file in the folder, named after its key: what of the model file tells it from others (sizes, times of change,
// metadata, the tensors' first bytes), and what packing makes of a fixed matrix of every type, so that another layout is
// another key without anybody having to think of it.
//
// Nothing in such a file is trusted: it must belong to this user, be writable for nobody else and be no link; its index and
// its size are checked, and its panels against their checksums while they are read. A new one is written beside the old
// and renamed. What cannot be read is packed, what cannot be written is left; `notice` hears why.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>

#include "base/file.h"
#include "base/pages.h"
#include "base/threads.h"
#include "formats/gguf.h"
#include "models/pack_file.h"

namespace hasten {

struct PackCacheOptions {
  std::string folder;  // made where it is missing; empty: no cache
  // kAuto reads panels into huge pages, which a single stream reads a good deal faster, unless they are more than half of the
  // memory that is free: those are mapped, so that what is never asked for (experts) never comes from disk. Mapped panels are
  // not read before they are used, so their checksums are not compared.
  enum class Place : uint8_t { kAuto, kMemory, kMapped };
  Place place = Place::kAuto;
  std::function<void(const std::string&)> notice = [](const std::string&) {};  // one sentence; may be called while loading
};

class PackCache {
 public:
  enum class State : uint8_t { kOff, kRead, kMapped, kWriting };

  PackCache(const Gguf& file, Team& team, const PackCacheOptions& options);
  PackCache(const PackCache&) = delete;
  State state() const { return state_; }
  std::string_view from() const { return state_ == State::kRead ? "read" : state_ == State::kMapped ? "mapped" : "packed"; }
  // The panels of a matrix that was packed before, as long as memory() is held; empty where it has to be packed.
  std::span<const std::byte> Find(uint64_t identity);
  void Refuse() { ++missing_; }  // what Find gave is not what is needed
  // A matrix that was packed now.
  void Add(uint64_t identity, std::span<const std::byte> panels);
  // All matrices have been asked for: a new file takes its place, and files that are of no use any more go.
  void Finish();
  std::shared_ptr<const void> memory() const { return memory_; }

 private:
  std::string PathOf(const PackKey& key) const;
  void StartReading(Team& team);
  Status Read(const std::string& path, Team& team);
  Status ReadPanels(int fd, Team& team);
  void StartWriting(size_t expected_bytes);
  void Write(std::span<const std::byte> bytes);
  void Fail(const Error& why);
  Status Close();
  void RemoveStale() const;

  const PackCacheOptions options_;
  State state_ = State::kOff;
  PackIndex index_;
  std::unordered_map<uint64_t, PackEntry> entries_;  // by identity, of the file that is read
  size_t missing_ = 0;                               // matrices that it should have held
  std::shared_ptr<const void> memory_;
  const std::byte* panels_ = nullptr;
  std::optional<FileWriter> writer_;
  std::string slice_;  // bytes that wait for their slice to be full
};

// Identifies a matrix [rows, cols] that begins at row `first` of a tensor; `order`: its rows, where they are not as they come.
uint64_t MatrixIdentity(const GgufTensor& tensor, size_t first, size_t rows, size_t cols, std::span<const size_t> order = {});

}  // namespace hasten
