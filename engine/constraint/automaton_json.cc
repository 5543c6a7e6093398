// Objects and arrays of an Automaton.
#include <algorithm>
#include <bit>
#include <cstdio>
#include <utility>

#include "engine/constraint/automaton.h"

namespace hasten::constraint {

using grammar::ArrayShape;
using grammar::kNoLimit;
using grammar::kNoValue;

// A name as JSON writers write it: escapes only where they have to be.
static std::string Written(const std::string& name) {
  std::string out;
  for (const char c : name) {
    switch (c) {
      case '"':
        out += "\\\"";
        break;
      case '\\':
        out += "\\\\";
        break;
      case '\b':
        out += "\\b";
        break;
      case '\f':
        out += "\\f";
        break;
      case '\n':
        out += "\\n";
        break;
      case '\r':
        out += "\\r";
        break;
      case '\t':
        out += "\\t";
        break;
      default:
        if (uint8_t(c) < 0x20) {
          char hex[8];
          std::snprintf(hex, sizeof hex, "\\u%04x", unsigned(c));
          out += hex;
        } else {
          out += c;
        }
    }
  }
  return out;
}

void Automaton::AddObject(const grammar::ObjectShape& shape) {
  Object o;
  o.shape = &shape;
  const size_t n = shape.members.size();
  std::vector<std::pair<std::string, uint32_t>> names;
  for (uint32_t i = 0; i < n; ++i) names.emplace_back(Written(shape.members[i].name), i);
  std::ranges::sort(names);
  o.place.resize(n);
  o.by_place.resize(n);
  o.required.resize(n);
  for (uint32_t i = 0; i < n; ++i) {
    o.names.push_back(names[i].first);
    o.member_of.push_back(names[i].second);
    o.required[i] = std::ranges::binary_search(shape.required, names[i].second);
    o.place[i] = shape.order.empty() ? i : shape.order[names[i].second];
    o.by_place[o.place[i]] = i;
  }
  for (const grammar::MemberClass& c : shape.classes) o.classes.push_back(rows_.Start(c.names));
  o.counts = shape.least > 0 || shape.most != kNoLimit;
  objects_.push_back(std::move(o));
}

// ----------------------------------------------------------------------------------------------------- names so far

bool Automaton::Seen(uint32_t seen, uint32_t name) const {
  const auto& words = seen_sets_[seen];
  return name / 64 < words.size() && ((words[name / 64] >> (name % 64)) & 1);
}

uint32_t Automaton::AddSeen(uint32_t seen, uint32_t name) {
  const auto [it, is_new] = seen_after_.try_emplace(uint64_t{seen} << 32 | name);
  if (is_new) {
    auto words = seen_sets_[seen];
    words.resize(std::max<size_t>(words.size(), name / 64 + 1));
    words[name / 64] |= uint64_t{1} << (name % 64);
    const auto [known, is_new_set] = seen_of_.try_emplace(words, uint32_t(seen_sets_.size()));
    if (is_new_set) seen_sets_.push_back(words);
    it->second = known->second;
  }
  return it->second;
}

// How many required names are still to come.
uint32_t Automaton::Missing(const Object& o, uint32_t seen) const {
  uint32_t missing = 0;
  for (uint32_t i = 0; i < o.names.size(); ++i) {
    if (o.required[i]) missing += o.shape->in_order ? o.place[i] >= seen : !Seen(seen, i);
  }
  return missing;
}

bool Automaton::RoomForOne(const Object& o, const Frame& f, bool required) const {
  if (o.shape->most == kNoLimit) return true;
  return f.count + Missing(o, f.seen) + !required <= o.shape->most;
}

bool Automaton::Allowed(const Object& o, const Frame& f, uint32_t name) const {
  if (!RoomForOne(o, f, o.required[name])) return false;
  if (!o.shape->in_order) return !Seen(f.seen, name);
  const uint32_t place = o.place[name];
  if (place < f.seen) return false;
  for (uint32_t p = f.seen; p < place; ++p)
    if (o.required[o.by_place[p]]) return false;
  // What is passed over cannot come any more; enough has to be left.
  return !o.classes.empty() || f.count + (o.names.size() - place) >= o.shape->least;
}

bool Automaton::AnyAllowed(const Object& o, const Frame& f, uint32_t lo, uint32_t hi) const {
  for (uint32_t i = lo; i < hi; ++i)
    if (Allowed(o, f, i)) return true;
  return false;
}

bool Automaton::MayClose(const Object& o, const Frame& f) const {
  if (f.count < o.shape->least || Missing(o, f.seen) > 0) return false;
  for (const grammar::Implication& i : o.shape->implications) {
    const auto seen = [&](uint32_t member) {
      const auto name = uint32_t(std::ranges::find(o.member_of, member) - o.member_of.begin());
      return Seen(f.seen, name);
    };
    if (seen(i.member) && !std::ranges::all_of(i.requires_, seen)) return false;
  }
  return true;
}

// ----------------------------------------------------------------------------------------------------------- objects

void Automaton::StartNames(Arena& arena, Frame f, Configs& out) {
  const Object& o = objects_[f.def];
  f.space = 0;
  f.state = 0;
  f.lo = 0;
  f.hi = uint32_t(o.names.size());
  f.phase = Phase::kName;
  if (AnyAllowed(o, f, f.lo, f.hi)) out.push_back(arena.Push(f));
  if (o.classes.empty() || !RoomForOne(o, f, false) || (o.shape->in_order && Missing(o, f.seen) > 0)) return;
  f.phase = Phase::kFree;
  f.hi = 0;
  for (uint32_t c = 0; c < o.classes.size(); ++c) {
    if (o.classes[c] == StringRows::kDead) continue;
    f.lo = c;
    f.state = o.classes[c];
    out.push_back(arena.Push(f));
  }
}

void Automaton::StepNames(Arena& arena, Frame f, uint8_t byte, Configs& out) {
  const Object& o = objects_[f.def];
  // Behind an odd number of backslashes a quote belongs to the name.
  bool escaped = false;
  for (uint32_t i = f.state; i > 0 && o.names[f.lo][i - 1] == '\\'; --i) escaped = !escaped;
  if (byte == '"' && !escaped) {  // the whole name, which sorts before those that it begins
    if (o.names[f.lo].size() != f.state || !Allowed(o, f, f.lo)) return;
    f.phase = Phase::kColon;
    f.seen = o.shape->in_order ? o.place[f.lo] + 1 : AddSeen(f.seen, f.lo);
    f.state = o.shape->members[o.member_of[f.lo]].value;
    f.lo = f.hi = 0;
    out.push_back(arena.Push(f));
    return;
  }
  while (f.lo < f.hi && (o.names[f.lo].size() <= f.state || uint8_t(o.names[f.lo][f.state]) < byte)) ++f.lo;
  uint32_t end = f.lo;
  while (end < f.hi && uint8_t(o.names[end][f.state]) == byte) ++end;
  f.hi = end;
  ++f.state;
  if (AnyAllowed(o, f, f.lo, f.hi)) out.push_back(arena.Push(f));
}

void Automaton::StepObject(Arena& arena, FrameId top, uint8_t byte, Configs& out) {
  Frame f = arena[top];
  const Object& o = objects_[f.def];
  const auto become = [&](Phase phase) {
    f.phase = phase;
    f.space = 0;
    out.push_back(arena.Push(f));
  };
  switch (f.phase) {
    case Phase::kName:
      return StepNames(arena, f, byte, out);
    case Phase::kFree:
      return StepString(arena, top, byte, out);
    case Phase::kOpen:
    case Phase::kNext:
      if (byte == '"' && (f.phase == Phase::kOpen || MayFollow(f))) return StartNames(arena, f, out);
      if (byte == '}' && f.phase == Phase::kOpen && MayClose(o, f)) return out.push_back(f.parent);
      Space(arena, f, byte, f.phase == Phase::kNext, out);
      return;
    case Phase::kColon:
      if (byte == ':') return become(Phase::kValue);
      Space(arena, f, byte, false, out);
      return;
    case Phase::kValue: {
      if (Space(arena, f, byte, true, out) || !MayFollow(f)) return;
      const grammar::ValueId value = f.state;
      f.phase = Phase::kAfter;
      f.state = 0;
      f.space = 0;
      // Counting further than the limits changes nothing.
      if (o.counts) f.count = std::min(f.count + 1, o.shape->most == kNoLimit ? o.shape->least : o.shape->most);
      return StartValue(arena, value, arena.Push(f), byte, out);
    }
    case Phase::kAfter:
      if (byte == '}' && MayClose(o, f)) return out.push_back(f.parent);
      if (byte == ',') {
        Configs names;
        const size_t size = arena.size();
        StartNames(arena, f, names);
        arena.Shrink(size);
        if (!names.empty()) become(Phase::kNext);
        return;
      }
      Space(arena, f, byte, false, out);
      return;
  }
}

// ------------------------------------------------------------------------------------------------------------ arrays

bool Automaton::MayClose(const ArrayShape& a, const Frame& f) const {
  return f.count >= a.least && (!a.contains || f.lo >= a.matched.least);
}

bool Automaton::MayContinue(const ArrayShape& a, const Frame& f) const {
  if (f.count >= a.most) return false;
  return a.contains || f.count < a.first.size() || a.rest != kNoValue;
}

void Automaton::StartItem(Arena& arena, Frame f, uint8_t byte, Configs& out) {
  const ArrayShape& a = *arrays_[f.def];
  const uint32_t index = f.count;
  uint32_t enough = std::max<uint32_t>(a.least, uint32_t(a.first.size()));  // counting further changes nothing
  if (a.most != kNoLimit) enough = a.most;
  f.count = std::min(f.count + 1, enough);
  f.phase = Phase::kAfter;
  f.space = 0;
  if (!a.contains) {
    return StartValue(arena, index < a.first.size() ? a.first[index] : a.rest, arena.Push(f), byte, out);
  }
  const uint32_t left = a.most == kNoLimit ? kNoLimit : a.most - index - 1;  // items that may still come
  const auto lacks = [&](uint32_t matched) { return matched < a.matched.least ? a.matched.least - matched : 0; };
  if (a.matched.mismatch != kNoValue && lacks(f.lo) <= left) StartValue(arena, a.matched.mismatch, arena.Push(f), byte, out);
  if (a.matched.match == kNoValue || f.lo >= a.matched.most || lacks(f.lo + 1) > left) return;
  f.lo = std::min(f.lo + 1, a.matched.most == kNoLimit ? a.matched.least : a.matched.most);
  StartValue(arena, a.matched.match, arena.Push(f), byte, out);
}

void Automaton::StepArray(Arena& arena, const Frame& f, uint8_t byte, Configs& out) {
  const ArrayShape& a = *arrays_[f.def];
  switch (f.phase) {
    case Phase::kOpen:
    case Phase::kNext:
      if (byte == ']') {
        if (f.phase == Phase::kOpen && MayClose(a, f)) out.push_back(f.parent);
        return;
      }
      if (Space(arena, f, byte, f.phase == Phase::kNext, out)) return;
      if (MayContinue(a, f) && (f.phase == Phase::kOpen || MayFollow(f))) StartItem(arena, f, byte, out);
      return;
    default:
      if (byte == ']' && MayClose(a, f)) return out.push_back(f.parent);
      if (byte == ',' && MayContinue(a, f)) {
        Frame next = f;
        next.phase = Phase::kNext;
        next.space = 0;
        out.push_back(arena.Push(next));
        return;
      }
      Space(arena, f, byte, false, out);
      return;
  }
}

}  // namespace hasten::constraint
