#include "engine/prefix_file.h"

#include <bit>
#include <cstring>

namespace hasten {

static_assert(std::endian::native == std::endian::little);

namespace {

struct Head {
  char magic[8];
  Fingerprint sum, key;
  uint64_t tokens, kv_bytes, state_bytes;
};
constexpr char kMagic[] = "hastenkv";
constexpr size_t kSummed = offsetof(Head, key);  // what stands behind it is under the sum

}  // namespace

std::string EncodePrefixBlock(const Fingerprint& key, const PrefixBlock& block) {
  Head head = {.magic = {},
               .sum = {},
               .key = key,
               .tokens = block.tokens.size(),
               .kv_bytes = block.kv.size(),
               .state_bytes = block.state.size()};
  std::memcpy(head.magic, kMagic, sizeof head.magic);
  std::string bytes(sizeof head + block.tokens.size_bytes() + block.kv.size() + block.state.size(), '\0');
  char* at = bytes.data() + sizeof head;
  for (const auto part : {std::as_bytes(block.tokens), block.kv, block.state}) {
    if (!part.empty()) std::memcpy(at, part.data(), part.size());
    at += part.size();
  }
  std::memcpy(bytes.data(), &head, sizeof head);
  head.sum = FingerprintOf(std::as_bytes(std::span(bytes)).subspan(kSummed));
  std::memcpy(bytes.data(), &head, sizeof head);
  return bytes;
}

Result<PrefixBlock> DecodePrefixBlock(std::span<const std::byte> bytes, const Fingerprint& key, const PrefixBlockShape& shape) {
  Head head;
  if (bytes.size() < sizeof head) return Error{Code::kCorrupt, Fmt("it has %zu bytes, less than a head", bytes.size())};
  std::memcpy(&head, bytes.data(), sizeof head);
  if (std::memcmp(head.magic, kMagic, sizeof head.magic) != 0) return Error{Code::kCorrupt, "it does not begin with hastenkv"};
  const bool has_state = head.state_bytes != 0;
  if (head.tokens != shape.tokens || head.kv_bytes != shape.kv_bytes || (has_state && head.state_bytes != shape.state_bytes))
    return Error{Code::kCorrupt, "its counts are those of another model"};
  const size_t size = sizeof head + 4 * shape.tokens + shape.kv_bytes + (has_state ? shape.state_bytes : 0);
  if (bytes.size() != size) return Error{Code::kCorrupt, Fmt("it has %zu bytes and should have %zu", bytes.size(), size)};
  if (head.key != key) return Error{Code::kCorrupt, "it holds another text"};
  if (FingerprintOf(bytes.subspan(kSummed)) != head.sum) return Error{Code::kCorrupt, "its bytes have changed"};
  const std::span<const std::byte> rest = bytes.subspan(sizeof head);
  return PrefixBlock{.tokens = {reinterpret_cast<const int32_t*>(rest.data()), shape.tokens},
                     .kv = rest.subspan(4 * shape.tokens, shape.kv_bytes),
                     .state = rest.subspan(4 * shape.tokens + shape.kv_bytes)};
}

}  // namespace hasten
