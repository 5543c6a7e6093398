// What short words became the last time: most of a text is words that were there before.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "tokenizer/hash.h"
#include "tokenizer/vocab.h"

namespace hasten {

// A table of fixed size: a word goes into one of two places that its hash names, over the one that came first. Words of up to
// 16 bytes and 3 tokens.
class WordCache {
  static constexpr size_t kMaxTokens = 3;
  struct Entry {
    ShortKey key{""};
    uint8_t bytes = 0;  // 0: nothing is kept here
    uint8_t count = 0;
    std::array<Token, kMaxTokens> tokens{};
  };
  struct alignas(64) Pair {
    Entry newer, older;
  };
  static_assert(sizeof(Pair) == 64);

 public:
  WordCache() : pairs_(kPairs) {}

  // Where `word` (not empty) is or could be kept.
  class Place {
   public:
    bool known() const { return entry_ != nullptr; }
    std::span<const Token> tokens() const { return {entry_->tokens.data(), entry_->count}; }  // of a known word
    void Set(std::span<const Token> tokens) const {                                           // of one that is not known
      if (!pair_ || tokens.size() > kMaxTokens) return;
      pair_->older = pair_->newer;
      pair_->newer = {key_, uint8_t(bytes_), uint8_t(tokens.size()), {}};
      std::copy(tokens.begin(), tokens.end(), pair_->newer.tokens.begin());
    }

   private:
    friend class WordCache;
    bool Is(const Entry& e) const { return e.bytes == bytes_ && e.key.a == key_.a && e.key.b == key_.b; }
    Pair* pair_ = nullptr;  // null where the word is too long
    const Entry* entry_ = nullptr;
    ShortKey key_{""};
    size_t bytes_ = 0;
  };
  Place Find(std::string_view word) {
    Place place;
    if (word.size() > ShortKey::kMaxBytes) return place;
    place.key_ = ShortKey(word);
    place.bytes_ = word.size();
    place.pair_ = &pairs_[Hash(place.key_, word.size()) & (kPairs - 1)];
    if (place.Is(place.pair_->newer))
      place.entry_ = &place.pair_->newer;
    else if (place.Is(place.pair_->older))
      place.entry_ = &place.pair_->older;
    return place;
  }

 private:
  static constexpr size_t kPairs = 1 << 14;  // 1 MiB: about what a core's second-level cache holds
  std::vector<Pair> pairs_;
};

}  // namespace hasten
