// The part of a mask that depends on the topmost frame alone, kept for the next time.
//
// Walking the vocabulary's trie from a frame over an unknown stack, every token either stays within the frame (allowed), dies
// (not allowed), or completes the frame somewhere in its middle. What follows there is a suffix to be tried on the real stack;
// the same few hundred suffixes (`",`, `"}`, …) end thousands of tokens, so they are merged into a trie of their own. The
// distinction of tokens that depend on context from those that do not follows XGrammar (Dong et al., 2024, section 3.1).
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "engine/constraint/vocab_trie.h"

namespace hasten::constraint {

// What is left of tokens behind the point where a frame was complete. Depth first, node 0 is the empty suffix.
class SuffixTrie {
 public:
  struct Token {
    int32_t id;
    uint16_t chars;  // of the string's content up to the point
  };
  SuffixTrie() : nodes_(1) {}
  // The tokens at and below node `n` of the vocabulary, which begins the suffix.
  void Add(const VocabTrie& trie, uint32_t n, uint16_t chars);
  void Finish();  // before it is read

  size_t size() const { return bytes_.size(); }
  uint8_t Byte(uint32_t n) const { return bytes_[n]; }
  uint32_t Skip(uint32_t n) const { return skips_[n]; }
  std::span<const Token> Tokens(uint32_t n) const { return {tokens_.data() + begin_[n], begin_[n + 1] - begin_[n]}; }
  void AddToken(uint32_t node, Token t) { nodes_[node].tokens.push_back(t); }
  size_t bytes() const { return tokens_.size() * sizeof(Token) + bytes_.size() * 9; }

 private:
  struct Node {
    uint8_t byte = 0;
    std::vector<uint32_t> children = {};
    std::vector<Token> tokens = {};
  };
  uint32_t Child(uint32_t node, uint8_t byte);
  void Flatten(uint32_t node);

  std::vector<Node> nodes_;  // while it is built
  std::vector<uint8_t> bytes_;
  std::vector<uint32_t> skips_, begin_;
  std::vector<Token> tokens_;
};

struct MaskEntry {
  struct Exit {
    uint32_t node;
    uint16_t chars;
  };
  struct Level {  // tokens[0, end) as bits: those that need at most `need`
    uint32_t need;
    uint32_t end;
    std::vector<uint64_t> bits;
  };
  std::vector<int32_t> tokens;  // allowed whatever lies below; by `needs`. Empty where the levels say it all
  std::vector<uint16_t> needs;  // characters a string's limit has to leave for each; empty where that was not asked
  uint32_t most_needed = 0;     // a limit that is at least this refuses none of them
  std::vector<Level> levels;    // where they are many
  SuffixTrie suffixes;
  std::vector<Exit> exits;  // nodes of the vocabulary where the frame is complete and much may follow
  bool complete_at_start = false;
  const MaskEntry* base = nullptr;  // for strings with exceptions: as this one,
  std::vector<int32_t> without;     // without these

  void Finish(size_t vocab);
  size_t bytes() const {
    const size_t words = levels.empty() ? 0 : levels.size() * levels[0].bits.size();
    return tokens.size() * 4 + needs.size() * 2 + words * 8 + suffixes.bytes() + without.size() * 4;
  }

 private:
  void SortByNeed();
};

}  // namespace hasten::constraint
