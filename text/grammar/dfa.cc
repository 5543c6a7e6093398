#include "text/grammar/dfa.h"

#include <algorithm>

namespace hasten::grammar {

Dfa::Dfa(RegexPool& pool, ReId root)
    : pool_(&pool), classes_(pool.Classes(root, class_of_)), byte_of_(classes_), alike_(classes_) {
  for (size_t b = 0; b < 256; ++b) alike_[class_of_[b]].push_back(uint8_t(b));
  for (size_t b = 256; b-- > 0;) byte_of_[class_of_[b]] = uint8_t(b);
  start_ = StateOf(root);
  if (start_ != kDead && ShortestChars(start_) == kNoLimit) start_ = kDead;
}

uint32_t Dfa::StateOf(ReId id) {
  if (id == kNothing) return kDead;
  if (const auto it = state_of_.find(id); it != state_of_.end()) return it->second;
  if (states_.size() >= kMostStates) return kDead;
  const auto state = uint32_t(states_.size());
  states_.push_back({id});
  next_.resize(next_.size() + classes_, kUnknown);
  state_of_.emplace(id, state);
  return state;
}

uint32_t Dfa::Raw(uint32_t state, uint8_t byte) {
  const uint8_t byte_class = class_of_[byte];
  const size_t slot = size_t{state} * classes_ + byte_class;
  if (next_[slot] == kUnknown) {
    // Always the same byte of a class: what states have in common is then derived once.
    const uint32_t next = StateOf(pool_->Derivative(states_[state].id, byte_of_[byte_class]));
    next_[slot] = next;
  }
  return next_[slot];
}

uint32_t Dfa::Next(uint32_t state, uint8_t byte) {
  const uint32_t next = Raw(state, byte);
  return next == kDead || ShortestChars(next) == kNoLimit ? kDead : next;
}

uint32_t Dfa::ShortestChars(uint32_t state) {
  if (states_[state].shortest == kUnknown) {
    const ReId id = states_[state].id;
    const uint32_t shortest = (*pool_)[id].pure ? pool_->ShortestChars(id) : Search(state);
    states_[state].shortest = shortest;
  }
  return states_[state].shortest;
}

// Breadth first by characters: bytes that continue a character cost nothing, others one.
uint32_t Dfa::Search(uint32_t state) {
  std::unordered_map<uint32_t, bool> seen = {{state, true}};
  std::vector<uint32_t> level = {state}, next_level;
  for (uint32_t chars = 0; !level.empty(); ++chars) {
    for (size_t i = 0; i < level.size(); ++i) {  // grows while it runs: states within a character
      const uint32_t at = level[i];
      if (Accepts(at)) return chars;
      // What is known of a state on the way need not be searched again; only a match at once ends the search here.
      if (states_[at].shortest == 0) return chars;
      if (seen.size() > kMostSearched) {
        unsure_ = true;
        return chars;
      }
      for (uint32_t c = 0; c < classes_; ++c) {
        const uint32_t next = Raw(at, byte_of_[c]);
        if (next == kDead || states_[next].shortest == kNoLimit || !seen.emplace(next, true).second) continue;
        ((byte_of_[c] & 0xC0) == 0x80 ? level : next_level).push_back(next);
      }
    }
    level.swap(next_level);
    next_level.clear();
  }
  return kNoLimit;
}

}  // namespace hasten::grammar
