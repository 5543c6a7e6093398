#include "engine/prefix_store.h"

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <utility>

#include "base/cpu.h"
#include "base/file.h"

namespace hasten {

namespace fs = std::filesystem;

static std::span<const std::byte> BytesOf(std::string_view text) { return std::as_bytes(std::span(text)); }

Fingerprint FingerprintOfModel(const Gguf& file) {
  Fingerprint f;
  for (const GgufEntry& entry : file.metadata()) {
    f = FingerprintOf(BytesOf(entry.key), f);
    f = FingerprintOf(entry.value.raw, f);
  }
  for (const GgufTensor& tensor : file.tensors()) {
    f = FingerprintOf(BytesOf(tensor.name), f);
    f = FingerprintOf(std::as_bytes(std::span(tensor.dims)), f);
    f = FingerprintOf(std::as_bytes(std::span(&tensor.type, 1)), f);
    f = FingerprintOf(tensor.data, f);
    file.Release(tensor);  // most weights lie packed in memory, too
  }
  return f;
}

// The program stands for the kernels in it, which may round differently from one version to the next.
Result<Fingerprint> FingerprintOfMaker(const Fingerprint& model, const std::string& more) {
  TRY(const MappedFile program, MappedFile::Open("/proc/self/exe"));
  Fingerprint f = FingerprintOf(program.bytes(), model);
  f = FingerprintOf(BytesOf(ActiveIsa().name), f);
  return FingerprintOf(BytesOf(more), f);
}

Result<std::unique_ptr<PrefixStore>> PrefixStore::Open(const PrefixStoreOptions& options, const Fingerprint& maker,
                                                       const PrefixBlockShape& shape) {
  auto store = std::unique_ptr<PrefixStore>(new PrefixStore(options, maker, shape));
  std::error_code error;
  fs::create_directories(store->folder_, error);
  if (error) {
    return Error{Code::kBadInput, Fmt("the folder '%s' for cached prefixes cannot be made: %s; choose another (--cache-dir)",
                                      store->folder_.c_str(), error.message().c_str())};
  }
  TRY_OK(store->List());
  store->thread_ = std::jthread([s = store.get()] { s->Run(); });
  return store;
}

PrefixStore::PrefixStore(const PrefixStoreOptions& options, const Fingerprint& maker, const PrefixBlockShape& shape)
    : options_(options), maker_(maker), shape_(shape), folder_((fs::path(options.folder) / maker.Hex()).string()) {}

PrefixStore::~PrefixStore() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
}

Fingerprint PrefixStore::KeyOf(const Fingerprint& before, std::span<const int32_t> tokens) {
  return FingerprintOf(std::as_bytes(tokens), before);
}

std::string PrefixStore::PathOf(const Fingerprint& key, bool state) const {
  return folder_ + "/" + key.Hex() + (state ? "+.kv" : ".kv");
}

void PrefixStore::Warn(const std::string& path, const std::string& what) const {
  if (options_.warn) options_.warn("the cached prefix '" + path + "' is not used: " + what);
}

Status PrefixStore::List() {
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder_, error)) {
    const std::string name = entry.path().filename().string();
    Fingerprint key;
    if (!Fingerprint::FromHex(name.substr(0, std::min<size_t>(32, name.size())), key)) continue;
    if (name.substr(32) == "+.kv") known_[key] = true;
    if (name.substr(32) == ".kv") known_.try_emplace(key, false);
  }
  if (error) return Error{Code::kBadInput, Fmt("the folder '%s' cannot be read: %s", folder_.c_str(), error.message().c_str())};
  return {};
}

bool PrefixStore::Has(const Fingerprint& key, bool with_state) const {
  const auto at = known_.find(key);
  return at != known_.end() && (at->second || !with_state);
}

std::optional<PrefixBlock> PrefixStore::Read(const Fingerprint& key, std::span<const int32_t> tokens) {
  const auto at = known_.find(key);
  if (at == known_.end()) return std::nullopt;
  const std::string path = PathOf(key, at->second);
  std::ifstream file(path, std::ios::binary);
  const size_t most = 1024 + 4 * shape_.tokens + shape_.kv_bytes + shape_.state_bytes;
  read_.resize(most);
  file.read(reinterpret_cast<char*>(read_.data()), std::streamsize(most));
  const auto size = size_t(file.gcount());
  std::error_code ignored;
  if (size == 0 && !fs::exists(path, ignored)) {  // not written yet, or its time had come
    known_.erase(at);
    return std::nullopt;
  }
  auto block = DecodePrefixBlock({read_.data(), size}, key, shape_);
  if (block && !std::ranges::equal(block->tokens, tokens)) block = Error{Code::kCorrupt, "it holds another text"};
  if (!block) {
    Warn(path, block.error().what + "; it is removed");
    fs::remove(path, ignored);
    known_.erase(at);
    return std::nullopt;
  }
  fs::last_write_time(path, fs::file_time_type::clock::now(), ignored);  // what was used longest ago goes first
  return *block;
}

bool PrefixStore::Write(const Fingerprint& key, const PrefixBlock& block) {
  const bool state = !block.state.empty();
  const size_t bytes = block.kv.size() + block.state.size();
  {
    const std::lock_guard lock(mutex_);
    if (waiting_bytes_ + bytes > options_.most_queued_bytes) return false;
    waiting_bytes_ += bytes;
  }
  Waiting waiting = {.key = key, .state = state, .bytes = EncodePrefixBlock(key, block)};
  known_[key] = state;
  {
    const std::lock_guard lock(mutex_);
    waiting_bytes_ += waiting.bytes.size() - bytes;
    waiting_.push_back(std::move(waiting));
  }
  changed_.notify_all();
  return true;
}

void PrefixStore::Flush() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return waiting_.empty() && !busy_; });
}

void PrefixStore::Run() {
  Trim();
  bool failed = false;  // a full disk is said once
  for (;;) {
    Waiting next;
    {
      std::unique_lock lock(mutex_);
      busy_ = false;
      changed_.notify_all();
      changed_.wait(lock, [&] { return stop_ || !waiting_.empty(); });
      if (waiting_.empty()) return;
      next = std::move(waiting_.front());
      waiting_.pop_front();
      waiting_bytes_ -= next.bytes.size();
      busy_ = true;
    }
    const std::string path = PathOf(next.key, next.state);
    auto file = FileWriter::Create(path, FileWriter::IfExists::kReplace);
    Status done = file ? file->Write(next.bytes) : Status(file.error());
    if (done) done = file->Commit();
    if (!done && !std::exchange(failed, true)) Warn(path, done.error().what);
    std::error_code ignored;
    if (next.state) fs::remove(PathOf(next.key, false), ignored);  // this one says more
    written_ += next.bytes.size();
    if (written_ > options_.most_bytes / 16) Trim();
  }
}

// Removes what was used longest ago until a sixteenth of the folder is free, so that this is seldom done.
void PrefixStore::Trim() {
  struct Entry {
    fs::file_time_type used;
    size_t bytes;
    fs::path path;
  };
  std::vector<Entry> entries;
  size_t total = 0;
  std::error_code error;
  for (fs::recursive_directory_iterator at(options_.folder, error), end; !error && at != end; at.increment(error)) {
    std::error_code ignored;
    Fingerprint maker;  // what else lies there is not ours
    if (at->path().extension() != ".kv" || !Fingerprint::FromHex(at->path().parent_path().filename().string(), maker)) continue;
    if (!at->is_regular_file(ignored)) continue;
    entries.push_back({at->last_write_time(ignored), size_t(at->file_size(ignored)), at->path()});
    total += entries.back().bytes;
  }
  written_ = 0;
  if (total <= options_.most_bytes) return;
  std::ranges::sort(entries, {}, &Entry::used);
  for (const Entry& entry : entries) {
    if (total <= options_.most_bytes - options_.most_bytes / 16) return;
    std::error_code ignored;
    if (fs::remove(entry.path, ignored)) total -= entry.bytes;
  }
}

}  // namespace hasten
