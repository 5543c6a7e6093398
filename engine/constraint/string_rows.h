// What may follow inside of a JSON string, byte by byte as it is written: an automaton over the content, with escapes on top.
//
// A row is a state: of the content's automaton, and how far an escape has come. Where any content is allowed, every \uXXXX
// is, surrogates in pairs; elsewhere the short escapes and \u00XX of control characters, which is how JSON writers write.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <unordered_map>
#include <vector>

#include "engine/constraint/plain_text.h"
#include "text/grammar/dfa.h"

namespace hasten::constraint {

using RowId = uint32_t;

class StringRows {
 public:
  static constexpr uint32_t kDead = UINT32_MAX, kClosed = UINT32_MAX - 1;
  static constexpr size_t kMostRows = 60'000;

  explicit StringRows(grammar::RegexPool& pool) : pool_(pool) {}

  // The row at the begin of a string with this content; kDead where there is no such string.
  RowId Start(grammar::ReId content);
  // The row after `byte`, or kClosed, or kDead.
  uint32_t Next(RowId row, uint8_t byte) {
    const uint32_t next = rows_[row].next[byte];
    return next != kUnknown ? next : Fill(row, byte);
  }
  // Whether `byte` begins a character of the content.
  bool Counts(RowId row, uint8_t byte) const { return rows_[row].escape == 0 && (byte & 0xC0) != 0x80; }
  // Characters that are needed from here to the closing quote.
  uint32_t Shortest(RowId row) { return rows_[row].shortest; }
  // What texts of a kind do from here, the first byte at `at` within a character.
  struct Ahead {
    uint16_t live = 0;  // of up to so many bytes none leaves the content
    uint16_t even = 0;  // and of up to so many all need `most` characters more
    uint32_t most = 0;  // characters that any of the live ones needs to the closing quote
  };
  const Ahead& LookAhead(RowId row, TextKind kind, Utf8 at);
  bool InEscape(RowId row) const { return rows_[row].escape != 0; }
  // Any content may follow: such rows are alike in all constraints.
  bool AnyContent(RowId row) const { return rows_[row].any && rows_[row].escape == 0; }
  // Where everything but finitely many strings may follow: those strings; else kNothing.
  grammar::ReId Exceptions(RowId row) const { return rows_[row].exceptions; }
  bool exhausted() const { return rows_.size() >= kMostRows || pool_.full(); }

 private:
  static constexpr uint32_t kUnknown = UINT32_MAX - 2;
  struct Row {
    uint32_t dfa, state, shortest;
    uint8_t escape;
    bool any;
    grammar::ReId exceptions;
    std::array<uint32_t, 256> next;
  };
  // A byte for each class of bytes that `kind` allows at `at`.
  const std::vector<uint8_t>& BytesOf(uint32_t dfa, TextKind kind, Utf8 at);
  Ahead Search(RowId row, TextKind kind, Utf8 at);
  uint32_t Fill(RowId row, uint8_t byte);
  uint32_t Compute(const Row& row, uint8_t byte);
  uint32_t Plain(const Row& row, uint8_t byte);
  uint32_t Escaped(const Row& row, uint8_t byte);
  uint32_t AnyEscaped(const Row& row, uint8_t byte);
  uint32_t Content(const Row& row, uint8_t byte);
  uint32_t RowOf(uint32_t dfa, uint32_t state, uint8_t escape);
  bool SomeByte(const Row& row, uint8_t first, uint8_t last);

  grammar::RegexPool& pool_;
  std::deque<grammar::Dfa> dfas_;
  std::unordered_map<grammar::ReId, uint32_t> dfa_of_;
  std::deque<Row> rows_;
  std::unordered_map<uint64_t, Ahead> ahead_;
  std::unordered_map<uint64_t, std::vector<uint8_t>> bytes_of_;
  std::unordered_map<uint64_t, RowId> row_of_;
};

}  // namespace hasten::constraint
