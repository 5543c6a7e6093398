#include "sandbox/warden/symbols.h"

namespace hasten::sandbox {

bool Same(std::string_view a, std::string_view b) {
  bool same = a.size() == b.size();
  for (size_t i = 0; same && i < a.size(); ++i) same = a[i] == b[i];
  return same;
}

static uint32_t Hash(std::string_view name) {
  uint32_t h = 5381;
  for (const char c : name) h = h * 33 + uint8_t(c);
  return h;
}

bool Symbols::Read(const char* begin, const char* end, const char* hash, const char* symbols, const char* strings,
                   uint64_t string_bytes) {
  begin_ = begin;
  end_ = end;
  symbols_ = symbols;
  strings_ = Items<char>(strings, string_bytes);
  string_bytes_ = string_bytes;
  const auto* head = Items<uint32_t>(hash, 4);
  if (!head || !strings_) return false;
  buckets_n_ = head[0];
  first_ = head[1];
  filter_n_ = head[2];
  shift_ = head[3];
  if (buckets_n_ == 0 || filter_n_ == 0 || (filter_n_ & (filter_n_ - 1)) || shift_ > 31) return false;
  filter_ = Items<uint64_t>(hash + 16, filter_n_);
  if (!filter_) return false;
  const char* after = hash + 16 + uint64_t(filter_n_) * sizeof *filter_;
  buckets_ = Items<uint32_t>(after, buckets_n_);
  chains_ = after + uint64_t(buckets_n_) * sizeof *buckets_;
  return buckets_ != nullptr;
}

const Elf64_Sym* Symbols::At(uint64_t index) const {
  if (index > uint32_t(-1)) return nullptr;
  return Items<Elf64_Sym>(symbols_ + index * sizeof(Elf64_Sym), 1);
}

std::string_view Symbols::Name(uint64_t offset) const {
  if (offset >= string_bytes_) return {};
  for (uint64_t end = offset; end < string_bytes_; ++end)
    if (!strings_[end]) return {strings_ + offset, end - offset};
  return {};
}

uint32_t Symbols::Find(std::string_view name, uint32_t after) const {
  const uint32_t hash = Hash(name);
  const uint64_t word = filter_[(hash / 64) & (filter_n_ - 1)];
  if (!(word >> hash % 64 & word >> (hash >> shift_) % 64 & 1)) return 0;
  uint64_t index = buckets_[hash % buckets_n_];
  if (index < first_) return 0;  // an empty bucket
  for (;; ++index) {
    const auto* chain = Items<uint32_t>(chains_ + (index - first_) * sizeof(uint32_t), 1);
    const Elf64_Sym* symbol = At(index);
    if (!chain || !symbol) return 0;
    const bool same = (*chain | 1) == (hash | 1) && symbol->st_shndx != SHN_UNDEF && Same(Name(symbol->st_name), name);
    if (same && index > after) return uint32_t(index);
    if (*chain & 1) return 0;  // the bucket's last
  }
}

// The table does not say how many there are: the last bucket's chain ends them.
bool Symbols::Defines(unsigned type) const {
  uint64_t last = 0;
  for (uint32_t i = 0; i < buckets_n_; ++i)
    if (buckets_[i] > last) last = buckets_[i];
  for (uint64_t index = first_; index <= last; ++index) {
    const auto* chain = Items<uint32_t>(chains_ + (index - first_) * sizeof(uint32_t), 1);
    const Elf64_Sym* symbol = At(index);
    if (!chain || !symbol) return false;
    if (ELF64_ST_TYPE(symbol->st_info) == type) return true;
    if (index == last && !(*chain & 1)) ++last;
  }
  return false;
}

}  // namespace hasten::sandbox
