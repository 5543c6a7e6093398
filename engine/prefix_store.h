// Prefixes on disk: blocks of keys and values that outlive the process, so that a prompt that was read yesterday need not be
// read again today. docs/serve.md, "A cache on disk".
//
//   FOLDER/<maker>/<key>.kv      engine/prefix_file.h; <key>+.kv where a recurrent state is kept, too
//
// A block's key is a fingerprint of the maker and of all tokens from the text's beginning to the block's end; the maker one of
// the model's file, the number format, this program and the instruction set: whatever the bytes depend on. So a file is either
// exactly what computing would give, or it is not found. Files are written whole or not at all, by a thread that does nothing
// else; where it cannot keep up, blocks are left out. The folder is bounded: what was used longest ago goes first. Damaged
// files are removed with a warning.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <unordered_map>
#include <vector>

#include "base/fingerprint.h"
#include "engine/prefix_file.h"
#include "formats/gguf.h"

namespace hasten {

struct PrefixStoreOptions {
  std::string folder;
  size_t most_bytes = size_t{8} << 30;                // of all files in the folder, whoever made them
  size_t most_queued_bytes = size_t{128} << 20;       // that wait to be written
  std::function<void(const std::string&)> warn = {};  // of damaged files; from any thread
};

// A fingerprint of all that a model file says.
Fingerprint FingerprintOfModel(const Gguf& file);
// Of that, this program, the instruction set that runs and `more`, such as the number format.
Result<Fingerprint> FingerprintOfMaker(const Fingerprint& model, const std::string& more);

class PrefixStore {
 public:
  // Makes the folder where there is none. kBadInput where that cannot be.
  static Result<std::unique_ptr<PrefixStore>> Open(const PrefixStoreOptions& options, const Fingerprint& maker,
                                                   const PrefixBlockShape& shape);
  ~PrefixStore();  // writes what waits

  // Of a block that holds `tokens` and follows the one of key `before`; `root` comes before first blocks.
  static Fingerprint KeyOf(const Fingerprint& before, std::span<const int32_t> tokens);
  const Fingerprint& root() const { return maker_; }

  // From the thread that owns the engine.
  bool Has(const Fingerprint& key, bool with_state) const;
  // Views stay valid until the next call. Nothing where it is not there or damaged.
  std::optional<PrefixBlock> Read(const Fingerprint& key, std::span<const int32_t> tokens);
  bool Write(const Fingerprint& key, const PrefixBlock& block);  // false: too much waits
  void Flush();                                                  // waits until all is written

 private:
  struct Waiting {
    Fingerprint key;
    bool state;
    std::string bytes;
  };
  PrefixStore(const PrefixStoreOptions& options, const Fingerprint& maker, const PrefixBlockShape& shape);
  Status List();
  std::string PathOf(const Fingerprint& key, bool state) const;
  void Warn(const std::string& path, const std::string& what) const;
  void Run();
  void Trim();

  const PrefixStoreOptions options_;
  const Fingerprint maker_;
  const PrefixBlockShape shape_;
  const std::string folder_;                                      // of this maker
  std::unordered_map<Fingerprint, bool, FingerprintHash> known_;  // whether with a state; the engine's thread alone
  std::vector<std::byte> read_;
  size_t written_ = 0;  // since the folder was last measured; the writing thread alone
  std::mutex mutex_;    // guards what follows
  std::condition_variable changed_;
  std::deque<Waiting> waiting_;
  size_t waiting_bytes_ = 0;
  bool busy_ = false, stop_ = false;
  std::jthread thread_;
};

}  // namespace hasten
