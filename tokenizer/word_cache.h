// What short words became the last time: most of a text is words that were there before.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "tokenizer/hash.h"
#include "tokenizer/vocab.h"

namespace hasten {

// A table of fixed size: a word goes where its hash says, over what was there. Words of up to 16 bytes, 3 tokens.
class WordCache {
  static constexpr size_t kMaxTokens = 3;
  struct Entry {
    ShortKey key{""};
    uint8_t bytes = 0;  // 0: nothing is kept here
    uint8_t count = 0;
    std::array<Token, kMaxTokens> tokens{};
  };

 public:
  WordCache() : entries_(kEntries) {}

  // A place for `word`: where it is known, tokens() are its tokens; otherwise Set() keeps them.
  class Place {
   public:
    bool known() const { return known_; }
    std::span<const Token> tokens() const { return {entry_->tokens.data(), entry_->count}; }
    void Set(std::span<const Token> tokens) const {
      if (!entry_ || tokens.size() > kMaxTokens) return;
      *entry_ = {key_, uint8_t(bytes_), uint8_t(tokens.size()), {}};
      std::copy(tokens.begin(), tokens.end(), entry_->tokens.begin());
    }

   private:
    friend class WordCache;
    Entry* entry_ = nullptr;  // null where the word is too long
    ShortKey key_{""};
    size_t bytes_ = 0;
    bool known_ = false;
  };
  Place Find(std::string_view word) {  // not empty
    Place place;
    if (word.size() > ShortKey::kMaxBytes) return place;
    place.key_ = ShortKey(word);
    place.bytes_ = word.size();
    place.entry_ = &entries_[Hash(place.key_, word.size()) & (kEntries - 1)];
    const Entry& e = *place.entry_;
    place.known_ = e.bytes == word.size() && e.key.a == place.key_.a && e.key.b == place.key_.b;
    return place;
  }

 private:
  static constexpr size_t kEntries = 1 << 14;  // 512 KiB: what a core's second-level cache holds
  std::vector<Entry> entries_;
};

}  // namespace hasten
