// Regular expressions over bytes, as shared nodes: two expressions that are written alike are the same node. Conjunction and
// complement are ordinary operators, because taking a derivative (what may follow after one byte) treats them all alike.
// Source of the method: J. Brzozowski, Derivatives of Regular Expressions, 1964; S. Owens et al., Regular-expression
// derivatives re-examined, 2009.
//
// Besides bytes an expression may name a symbol of a grammar (Call) or a single token (Token); those have no derivative by
// a byte: engine/constraint/ walks them with a stack.
//
// Errors   a pool that has grown to kMostNodes answers every request with Nothing and says so in full(): callers check it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "text/grammar/byte_set.h"

namespace hasten::grammar {

using ReId = uint32_t;
inline constexpr ReId kNothing = 0;    // no text at all
inline constexpr ReId kEmptyText = 1;  // the empty text
inline constexpr ReId kAnyBytes = 2;   // every sequence of bytes
inline constexpr ReId kAnyText = 3;    // every sequence of valid UTF-8 characters
inline constexpr ReId kAnyChar = 4;    // one valid UTF-8 character
inline constexpr uint32_t kNoLimit = UINT32_MAX;

enum class ReKind : uint8_t { kNone, kEmpty, kBytes, kConcat, kOr, kAnd, kNot, kRepeat, kCall, kToken, kTable };

// A small automaton given by its table, for what is awkward as an expression (remainders of numbers). State 0 is dead.
struct Table {
  std::vector<uint8_t> classes;  // 256: byte to column
  uint32_t columns = 0;
  std::vector<uint32_t> next;  // state * columns + column
  std::vector<bool> accepts;
};

struct ReNode {
  ReKind kind;
  bool nullable;            // accepts the empty text; of a Call false: see Rules
  bool pure;                // neither And, Not nor Table below: anything but Nothing has a member
  bool calls;               // a Call or Token below
  bool star;                // something below repeats without limit, or is a Table
  uint32_t a = 0, b = 0;    // children; first and count in `lists` of Or and And; the set; the symbol; the table and its state
  uint32_t lo = 0, hi = 0;  // of Repeat
};

class RegexPool {
 public:
  static constexpr size_t kMostNodes = 400'000;
  RegexPool();

  ReId Bytes(const ByteSet& set);
  ReId Literal(std::string_view bytes);
  ReId Concat(ReId a, ReId b);
  ReId Or(ReId a, ReId b);
  ReId Or(std::vector<ReId> parts);
  ReId And(ReId a, ReId b);
  ReId And(std::vector<ReId> parts);
  ReId Not(ReId a);  // of all byte sequences
  ReId Repeat(ReId a, uint32_t lo, uint32_t hi);
  ReId Star(ReId a) { return Repeat(a, 0, kNoLimit); }
  ReId Optional(ReId a) { return Or(a, kEmptyText); }
  ReId Call(uint32_t symbol);
  ReId Token(int32_t token, bool negated);
  ReId FromTable(Table table, uint32_t start);

  // What may follow once `byte` was read.
  ReId Derivative(ReId id, uint8_t byte);
  // The expression for what may stand before `byte` at the end of a text. Of pure expressions without calls.
  ReId RightDerivative(ReId id, uint8_t byte);
  // The same expression where `bytes` may not occur. Of pure expressions without calls.
  ReId Without(ReId id, const ByteSet& bytes);
  // The length in characters of the shortest member. Of pure expressions: exact.
  uint32_t ShortestChars(ReId id);

  const ReNode& operator[](ReId id) const { return nodes_[id]; }
  std::span<const ReId> Parts(const ReNode& n) const { return {&lists_[n.a], n.b}; }
  const ByteSet& Set(uint32_t i) const { return sets_[i]; }
  const Table& table(uint32_t i) const { return tables_[i]; }
  // Bytes that no expression below `id` tells apart get the same class. Returns the number of classes.
  uint32_t Classes(ReId id, std::vector<uint8_t>& class_of) const;
  bool full() const { return full_; }
  size_t size() const { return nodes_.size(); }

 private:
  struct Key {
    ReKind kind;
    uint32_t a, b, lo, hi;
    bool operator==(const Key&) const = default;
  };
  struct KeyHash {
    size_t operator()(const Key& k) const;
  };
  ReId Intern(const Key& key, const ReNode& node);
  ReId InternList(ReKind kind, std::vector<ReId> parts);
  ReId Derive(ReId id, uint8_t byte, size_t depth);
  void Flatten(ReKind kind, std::vector<ReId>& parts) const;
  void MergeSets(std::vector<ReId>& parts);

  std::vector<ReNode> nodes_;
  std::vector<ReId> lists_;
  std::vector<ByteSet> sets_;
  std::vector<Table> tables_;
  std::unordered_map<Key, ReId, KeyHash> known_;
  std::unordered_multimap<uint64_t, ReId> known_lists_;
  std::unordered_multimap<uint64_t, uint32_t> known_sets_;
  std::unordered_map<uint64_t, ReId> derivatives_;
  std::unordered_map<ReId, uint32_t> shortest_;
  bool full_ = false;
};

// The token of a Token node, and whether it stands for all others.
inline int32_t TokenOf(const ReNode& n) { return int32_t(n.a); }
inline bool IsNegated(const ReNode& n) { return n.b != 0; }

}  // namespace hasten::grammar
