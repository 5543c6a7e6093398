// A vocabulary's tokens as a trie of their bytes, laid out depth first: the descendants of node n are n+1 to skip(n)-1.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "engine/constraint/plain_text.h"
#include "tokenizer/tokenizer.h"

namespace hasten::constraint {

class VocabTrie {
 public:
  static constexpr uint32_t kRoot = 0;

  explicit VocabTrie(const Tokenizer& tokenizer);
  size_t vocab() const { return vocab_; }
  size_t size() const { return bytes_.size(); }
  uint8_t Byte(uint32_t n) const { return bytes_[n]; }
  uint32_t Skip(uint32_t n) const { return skips_[n]; }
  uint16_t Depth(uint32_t n) const { return depths_[n]; }
  // Tokens whose bytes end at this node: of several with equal bytes all.
  std::span<const int32_t> Tokens(uint32_t n) const {
    return {tokens_.data() + token_begin_[n], token_begin_[n + 1] - token_begin_[n]};
  }
  bool HasTokens(uint32_t n) const { return token_begin_[n + 1] > token_begin_[n]; }
  std::span<const int32_t> ends() const { return ends_; }  // tokens that end the text; they are not in the trie
  size_t longest() const { return longest_; }              // bytes of the longest token

  // What stands below a node, where it is worth a question: of small subtrees `kind` is kNone.
  struct Below {
    TextKind kind = TextKind::kNone;
    Utf8 at = Utf8::kInvalid;  // how far the node's bytes have come in a character
    uint16_t height = 0;       // bytes to the end of the longest token
    uint16_t chars = 0;        // that begin on the way to the node
  };
  const Below& BelowOf(uint32_t n) const { return below_[n]; }
  // Tokens below the node, and of each the characters that begin in it.
  std::span<const int32_t> TokensBelow(uint32_t n) const { return Between(tokens_, n); }
  std::span<const uint16_t> CharsBelow(uint32_t n) const { return Between(chars_, n); }

 private:
  template <class T>
  std::span<const T> Between(const std::vector<T>& all, uint32_t n) const {
    return {all.data() + token_begin_[n + 1], token_begin_[skips_[n]] - token_begin_[n + 1]};
  }
  void DescribeSubtrees();

  size_t vocab_, longest_ = 0;
  std::vector<uint8_t> bytes_;
  std::vector<uint32_t> skips_;
  std::vector<uint16_t> depths_;
  std::vector<uint32_t> token_begin_;
  std::vector<int32_t> tokens_, ends_;
  std::vector<uint16_t> chars_;
  std::vector<Below> below_;
};

}  // namespace hasten::constraint
