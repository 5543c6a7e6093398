// A grammar as a pushdown automaton over bytes. A configuration is a stack of frames; a text so far has a set of them.
//
// Frames lie in an arena and point to the frame below, so that configurations share what they have in common. Every
// configuration can be completed: what cannot go on is dropped at once.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <span>
#include <unordered_map>
#include <vector>

#include "engine/constraint/string_rows.h"
#include "text/grammar/dfa.h"
#include "text/grammar/grammar.h"

namespace hasten::constraint {

enum class FrameKind : uint8_t {
  kBottom,  // what lies below is not known: for parts of a mask that do not depend on it
  kEnd,     // below the whole text
  kRule,    // def: the expression that is left of a rule
  kScalar,  // def: automaton, state
  kString,  // state: row; lo, hi: characters that have to and may come
  kObject,
  kArray,
};

enum class Phase : uint8_t {
  kOpen,   // behind { or [
  kNext,   // behind a comma
  kName,   // in a listed name: lo, hi: those possible; state: bytes read
  kFree,   // in another name: state: row; lo: class
  kColon,  // behind a name; state: its value
  kValue,  // behind the colon
  kAfter,  // behind a value
};

struct Frame {
  FrameKind kind;
  Phase phase = Phase::kOpen;
  uint8_t space = 0;  // how far white space has come
  uint32_t def = 0, state = 0, lo = 0, hi = 0;
  uint32_t seen = 0;   // names so far, in order: the place behind the last one
  uint32_t count = 0;  // members or items so far, as far as it matters
  uint32_t parent = 0;
  bool operator==(const Frame&) const = default;
};

using FrameId = uint32_t;
inline constexpr FrameId kBottomFrame = 0, kEndFrame = 1;

class Arena {
 public:
  Arena() { Reset(); }
  void Reset() { frames_ = {{.kind = FrameKind::kBottom}, {.kind = FrameKind::kEnd}}; }
  const Frame& operator[](FrameId id) const { return frames_[id]; }
  FrameId Push(const Frame& f) {
    frames_.push_back(f);
    return FrameId(frames_.size() - 1);
  }
  size_t size() const { return frames_.size(); }
  void Shrink(size_t size) { frames_.resize(size, {.kind = FrameKind::kEnd}); }
  bool Same(FrameId a, FrameId b) const;

 private:
  std::vector<Frame> frames_;
};

using Configs = std::vector<FrameId>;

// A token that a rule asks for by its number.
struct TokenEdge {
  int32_t token;
  bool negated;  // any other
  FrameId then;
};

class Automaton {
 public:
  explicit Automaton(std::unique_ptr<grammar::Grammar> grammar);

  FrameId Begin(Arena& arena);
  // Appends the configurations after `byte` to `out`.
  void Step(Arena& arena, FrameId top, uint8_t byte, Configs& out);
  // Replaces the configurations by those after `byte`, without repetitions.
  void StepAll(Arena& arena, Configs& configs, uint8_t byte);
  bool CanEnd(const Arena& arena, FrameId top) { return Completes(arena, top); }
  void TokenEdges(Arena& arena, FrameId top, std::vector<TokenEdge>& out);
  // Whether a step asked what lies below kBottom since the last call.
  bool TakeHitBottom() { return std::exchange(hit_bottom_, false); }

  // Strings and free names: what a mask needs to go over them quickly.
  bool IsString(const Frame& f) const {
    return f.kind == FrameKind::kString || (f.kind == FrameKind::kObject && f.phase == Phase::kFree);
  }
  FrameId Closed(Arena& arena, FrameId string);  // after its closing quote
  StringRows& rows() { return rows_; }
  bool has_token_edges() const { return has_token_edges_; }
  // More states than there is room for were asked for: texts were refused that the grammar allows.
  bool exhausted() const { return exhausted_ || rows_.exhausted(); }
  const grammar::Grammar& grammar() const { return *grammar_; }

 private:
  struct Item {  // a way to go on: by a byte or by a symbol, a token, and what is left then
    enum class Kind : uint8_t { kBytes, kCall, kToken } kind;
    grammar::ByteSet bytes;
    uint32_t symbol;
    bool negated;
    grammar::ReId rest;
  };
  struct Residual {
    std::vector<Item> items;
    bool nullable;
  };
  struct Object {
    const grammar::ObjectShape* shape = nullptr;
    std::vector<std::string> names;   // as they are written, sorted
    std::vector<uint32_t> member_of;  // of each written name
    std::vector<uint32_t> place;      // in order: member to its place
    std::vector<uint32_t> by_place;
    std::vector<RowId> classes;  // start rows
    std::vector<bool> required;  // by written name
    bool counts = false;
  };
  struct ValueStart {
    uint32_t scalars;  // automaton
    std::vector<RowId> strings;
    uint32_t first_object, first_array;
  };

  void AddObject(const grammar::ObjectShape& shape);
  uint32_t ScalarOf(grammar::ReId id);
  void Add(Arena& arena, Frame f, Configs& out);
  void StepRule(Arena& arena, const Frame& f, uint8_t byte, Configs& out);
  void StepScalar(Arena& arena, const Frame& f, uint8_t byte, Configs& out);
  void StepString(Arena& arena, FrameId top, uint8_t byte, Configs& out);
  void StepObject(Arena& arena, FrameId top, uint8_t byte, Configs& out);
  void StepNames(Arena& arena, Frame f, uint8_t byte, Configs& out);
  void StepArray(Arena& arena, const Frame& f, uint8_t byte, Configs& out);
  void StartItem(Arena& arena, Frame f, uint8_t byte, Configs& out);
  void StartNames(Arena& arena, Frame f, Configs& out);
  void StartValue(Arena& arena, grammar::ValueId value, FrameId parent, uint8_t byte, Configs& out);
  bool Space(Arena& arena, Frame f, uint8_t byte, bool wanted, Configs& out);
  bool MayFollow(const Frame& f) const { return flexible_ || f.space > 0; }
  bool Completes(const Arena& arena, FrameId top);

  bool Allowed(const Object& o, const Frame& f, uint32_t name) const;
  bool AnyAllowed(const Object& o, const Frame& f, uint32_t lo, uint32_t hi) const;
  bool RoomForOne(const Object& o, const Frame& f, bool required) const;
  bool MayClose(const Object& o, const Frame& f) const;
  bool MayClose(const grammar::ArrayShape& a, const Frame& f) const;
  bool MayContinue(const grammar::ArrayShape& a, const Frame& f) const;
  uint32_t Missing(const Object& o, uint32_t seen) const;
  uint32_t AddSeen(uint32_t seen, uint32_t name);
  bool Seen(uint32_t seen, uint32_t name) const;

  const Residual& ResidualOf(grammar::ReId id);
  void Linear(grammar::ReId id, grammar::ReId rest, std::vector<Item>& out, size_t depth);
  bool Nullable(grammar::ReId id);

  std::unique_ptr<grammar::Grammar> grammar_;
  StringRows rows_;
  std::deque<grammar::Dfa> scalars_;
  std::unordered_map<grammar::ReId, uint32_t> scalar_of_;
  std::vector<Object> objects_;
  std::vector<const grammar::ArrayShape*> arrays_;
  std::vector<ValueStart> values_;
  std::unordered_map<grammar::ReId, std::unique_ptr<Residual>> residuals_;
  std::unordered_map<grammar::ReId, bool> nullable_;
  std::vector<std::vector<uint64_t>> seen_sets_;  // 0: none
  std::map<std::vector<uint64_t>, uint32_t> seen_of_;
  std::unordered_map<uint64_t, uint32_t> seen_after_;
  const bool flexible_;
  bool has_token_edges_ = false, hit_bottom_ = false, exhausted_ = false;
  size_t depth_ = 0, work_ = 0;
};

}  // namespace hasten::constraint
