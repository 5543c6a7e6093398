// Takes out what can never be completed, so that whoever follows the shapes never enters a dead end.
#include <algorithm>

#include "text/schema/compiler.h"

namespace hasten::schema {
namespace {

using grammar::ArrayShape;
using grammar::kNoLimit;
using grammar::kNothing;
using grammar::kNoValue;
using grammar::ObjectShape;
using grammar::Value;

class Pruner {
 public:
  explicit Pruner(size_t values) : possible_(values) {}
  bool Possible(ValueId id) const { return id != kNoValue && possible_[id]; }
  void SetPossible(ValueId id) { possible_[id] = true; }

  bool Possible(const ObjectShape& o) const {
    size_t members = 0;
    for (uint32_t i = 0; i < o.members.size(); ++i) {
      const bool possible = Possible(o.members[i].value);
      if (!possible && std::ranges::binary_search(o.required, i)) return false;
      members += possible;
    }
    const bool free = std::ranges::any_of(o.classes, [&](const auto& c) { return Possible(c.value); });
    return o.required.size() <= o.most && o.least <= o.most && (free || members >= o.least);
  }
  bool Possible(const ArrayShape& a) const {
    if (a.least > a.most) return false;
    if (a.contains) {
      const bool match = Possible(a.matched.match), mismatch = Possible(a.matched.mismatch);
      const uint32_t others = mismatch ? kNoLimit : 0;
      if (a.matched.least > 0 && (!match || a.matched.least > a.most)) return false;
      return a.least <= (match ? a.matched.most : 0) || others > 0;
    }
    for (uint32_t i = 0; i < std::min<size_t>(a.least, a.first.size()); ++i)
      if (!Possible(a.first[i])) return false;
    return a.least <= a.first.size() || Possible(a.rest);
  }
  bool Possible(const Value& v) const {
    return v.scalars != kNothing || !v.strings.empty() ||
           std::ranges::any_of(v.objects, [&](const auto& o) { return Possible(o); }) ||
           std::ranges::any_of(v.arrays, [&](const auto& a) { return Possible(a); });
  }

  // Takes the impossible parts out of possible shapes.
  void Clean(ObjectShape& o) const {
    std::vector<uint32_t> kept(o.members.size(), kNoLimit);
    ObjectShape clean = o;
    clean.members.clear();
    clean.order.clear();
    clean.required.clear();
    clean.implications.clear();
    for (uint32_t i = 0; i < o.members.size(); ++i) {
      if (!Possible(o.members[i].value)) continue;
      kept[i] = uint32_t(clean.members.size());
      clean.members.push_back(o.members[i]);
      clean.order.push_back(o.order[i]);
    }
    for (const uint32_t i : o.required) clean.required.push_back(kept[i]);
    std::vector<uint32_t> places = clean.order;  // without gaps
    std::ranges::sort(places);
    for (uint32_t& place : clean.order) place = uint32_t(std::ranges::lower_bound(places, place) - places.begin());
    for (const grammar::Implication& i : o.implications) {
      if (kept[i.member] == kNoLimit) continue;
      grammar::Implication kept_one = {kept[i.member], {}};
      for (const uint32_t r : i.requires_) kept_one.requires_.push_back(kept[r]);
      clean.implications.push_back(kept_one);
    }
    std::erase_if(clean.classes, [&](const auto& c) { return !Possible(c.value); });
    o = std::move(clean);
  }
  void Clean(ArrayShape& a) const {
    if (a.contains) {
      if (!Possible(a.matched.match)) a.matched.match = kNoValue;
      if (!Possible(a.matched.mismatch)) a.matched.mismatch = kNoValue;
      if (a.matched.mismatch == kNoValue) a.most = std::min(a.most, a.matched.most);
      return;
    }
    for (size_t i = 0; i < a.first.size(); ++i) {
      if (Possible(a.first[i])) continue;
      a.first.resize(i);
      a.rest = kNoValue;
    }
    if (!Possible(a.rest)) a.rest = kNoValue;
    if (a.rest == kNoValue) a.most = std::min(a.most, uint32_t(a.first.size()));
  }

 private:
  std::vector<bool> possible_;
};

}  // namespace

void Compiler::Prune(std::vector<ValueId>& reachable) {
  Pruner pruner(slots_.size());
  for (bool changed = true; changed;) {
    changed = false;
    for (size_t i = reachable.size(); i-- > 0;) {  // children come behind their parents
      if (pruner.Possible(reachable[i]) || !pruner.Possible(slots_[reachable[i]]->value)) continue;
      pruner.SetPossible(reachable[i]);
      changed = true;
    }
  }
  // A member that is required where another one stands and can never be there takes that one away too.
  for (bool changed = true; changed;) {
    changed = false;
    for (const ValueId id : reachable) {
      for (ObjectShape& o : slots_[id]->value.objects) {
        for (const grammar::Implication& i : o.implications) {
          const bool dead = std::ranges::any_of(i.requires_, [&](uint32_t r) { return !pruner.Possible(o.members[r].value); });
          if (!dead || o.members[i.member].value == kNoValue) continue;
          o.members[i.member].value = kNoValue;
          changed = true;
        }
      }
    }
  }
  for (const ValueId id : reachable) {
    Value& v = slots_[id]->value;
    std::erase_if(v.objects, [&](const ObjectShape& o) { return !pruner.Possible(o); });
    std::erase_if(v.arrays, [&](const ArrayShape& a) { return !pruner.Possible(a); });
    for (ObjectShape& o : v.objects) pruner.Clean(o);
    for (ArrayShape& a : v.arrays) pruner.Clean(a);
  }
}

}  // namespace hasten::schema
