// A deterministic automaton over bytes for one expression without calls, made state by state as texts visit it.
//
// Every state it returns can still reach a match; what cannot is kDead. Where conjunctions or complements stand below, that
// takes a search; a search that visits kMostSearched states without an answer counts as reachable and sets unsure().
#pragma once

#include <cstdint>
#include <unordered_map>
#include <vector>

#include "text/grammar/regex.h"

namespace hasten::grammar {

class Dfa {
 public:
  static constexpr uint32_t kDead = UINT32_MAX;
  static constexpr size_t kMostStates = 60'000, kMostSearched = 20'000;

  Dfa(RegexPool& pool, ReId root);
  uint32_t start() const { return start_; }  // kDead where nothing matches
  uint32_t Next(uint32_t state, uint8_t byte);
  bool Accepts(uint32_t state) const { return (*pool_)[states_[state].id].nullable; }
  ReId Expression(uint32_t state) const { return states_[state].id; }
  // Characters that a match needs from here at the least. Exact unless unsure().
  uint32_t ShortestChars(uint32_t state);
  // The bytes that no state tells from `byte`, itself included.
  const std::vector<uint8_t>& Alike(uint8_t byte) const { return alike_[class_of_[byte]]; }
  bool unsure() const { return unsure_; }
  bool exhausted() const { return states_.size() >= kMostStates || pool_->full(); }

 private:
  static constexpr uint32_t kUnknown = UINT32_MAX - 1;
  struct State {
    ReId id;
    uint32_t shortest = kUnknown;
  };
  uint32_t StateOf(ReId id);
  uint32_t Raw(uint32_t state, uint8_t byte);  // without asking whether a match is reachable
  uint32_t Search(uint32_t state);

  RegexPool* pool_;
  std::vector<uint8_t> class_of_;
  uint32_t classes_;
  std::vector<uint8_t> byte_of_;             // some byte of each class
  std::vector<std::vector<uint8_t>> alike_;  // all of them
  std::vector<State> states_;
  std::vector<uint32_t> next_;  // state * classes_ + class, raw
  std::unordered_map<ReId, uint32_t> state_of_;
  uint32_t start_;
  bool unsure_ = false;
};

}  // namespace hasten::grammar
