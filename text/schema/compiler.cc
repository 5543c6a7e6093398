#include "text/schema/compiler.h"

#include <algorithm>

#include "base/quote.h"
#include "text/grammar/dfa.h"

namespace hasten::schema {

// What keeps a hostile schema from exploding: alternatives of one value and of all, literals applied, values, nested expansion.
static constexpr size_t kMostAlternatives = 1'000, kMostInAll = 60'000, kMostApplied = 2'000'000, kMostValues = 100'000,
                        kDeepest = 150;

Error Compiler::Refuse(NodeId n, const std::string& keyword, const std::string& why, Code code) const {
  return {code, Fmt("#%s/%s: %s", Printable(d_[n].path, 300).c_str(), Printable(keyword).c_str(), why.c_str())};
}

// A subschema that is nothing but a reference is its target: a schema that refers to itself from many places is one value.
Lit Compiler::Target(Lit lit) {
  constexpr int kMostHops = 50;
  for (int i = 0; i < kMostHops; ++i) {
    const Json& json = *d_[lit >> 1].json;
    if (!json.is_object() || json.size() != 1 || !json.contains("$ref") || !json["$ref"].is_string()) break;
    const auto target = d_.Resolve(lit >> 1, json["$ref"].get<std::string>(), false);
    if (!target) break;  // said when it is applied
    lit = *target << 1 | (lit & 1);
  }
  return lit;
}

ValueId Compiler::ValueOf(Lits lits) {
  for (Lit& l : lits) l = Target(l);
  std::ranges::sort(lits);
  lits.erase(std::ranges::unique(lits).begin(), lits.end());
  const auto [it, is_new] = slot_of_.try_emplace(lits, ValueId(slots_.size()));
  if (is_new) {
    slots_.push_back(std::make_unique<Slot>());
    slots_.back()->lits = std::move(lits);
  }
  return it->second;
}

void Compiler::Expand(ValueId id) {
  Slot& slot = *slots_[id];
  if (slot.state != Slot::State::kNew) return;
  slot.state = Slot::State::kBusy;
  ++running_;
  const auto run = [&]() -> Status {
    std::vector<Partial> alternatives;
    if (slots_.size() > kMostValues || running_ > kDeepest)
      return Error{Code::kUnsupported, "the schema needs too many values: make it simpler"};
    TRY_OK(Run({.p = {}, .todo = slot.lits, .choices = {}}, alternatives, 0));
    for (const Partial& p : alternatives) TRY_OK(Emit(p, slot.value));
    return {};
  };
  if (const Status status = run(); !status) {
    slot.error = status.error();
    slot.state = Slot::State::kFailed;
  } else {
    slot.state = Slot::State::kReady;
  }
  --running_;
}

// Whether it is certain that nothing satisfies the value: looks `depth` levels of required members and items down.
bool Compiler::IsEmpty(ValueId id, size_t depth) {
  Expand(id);
  const Slot& slot = *slots_[id];
  if (slot.state != Slot::State::kReady) return false;
  const grammar::Value& v = slot.value;
  if (v.scalars != grammar::kNothing || !v.strings.empty()) return false;
  if (depth == 0) return v.objects.empty() && v.arrays.empty();
  for (const grammar::ObjectShape& o : v.objects) {
    if (std::ranges::none_of(o.required, [&](uint32_t i) { return IsEmpty(o.members[i].value, depth - 1); })) return false;
  }
  for (const grammar::ArrayShape& a : v.arrays) {
    bool empty = false;
    for (uint32_t i = 0; i < std::min<size_t>(a.least, a.first.size() + 1); ++i) {
      const ValueId item = a.contains ? a.matched.mismatch : i < a.first.size() ? a.first[i] : a.rest;
      empty = empty || item == grammar::kNoValue || (!a.contains && IsEmpty(item, depth - 1));
    }
    if (!empty) return false;
  }
  return true;
}

bool Compiler::MayHold(const Work& w, const Lits& lits) {
  return std::ranges::none_of(lits, [&](Lit l) { return w.p.done.contains(l ^ 1); });
}

// All alternatives of what `w` asks for.
Status Compiler::Run(Work w, std::vector<Partial>& out, size_t depth) {
  if (depth > 200) return Error{Code::kUnsupported, "the schema's combinators nest too deep: make it simpler"};
  for (;;) {
    while (!w.todo.empty()) {
      const Lit lit = w.todo.back();
      w.todo.pop_back();
      if (w.p.done.contains(lit ^ 1)) return {};
      if (!w.p.done.insert(lit).second) continue;
      if (++applied_ > kMostApplied) return Error{Code::kUnsupported, "the schema has too many combinations: make it simpler"};
      TRY_OK(Apply(w, lit));
      if (w.p.types == 0) return {};
    }
    if (w.choices.empty()) break;
    const Choice choice = std::move(w.choices.back());
    w.choices.pop_back();
    // Satisfied already?
    if (std::ranges::any_of(
            choice, [&](const Lits& lits) { return std::ranges::all_of(lits, [&](Lit l) { return w.p.done.contains(l); }); }))
      continue;
    for (const Lits& lits : choice) {
      if (!MayHold(w, lits)) continue;
      Work next = w;
      next.todo = lits;
      TRY_OK(Run(std::move(next), out, depth + 1));
    }
    return {};
  }
  if (out.size() >= kMostAlternatives || ++alternatives_ > kMostInAll) {
    return Error{Code::kUnsupported,
                 Fmt("#%s: more than %zu alternatives: make the schema simpler",
                     w.p.done.empty() ? "" : Printable(d_[*w.p.done.begin() >> 1].path, 200).c_str(), kMostAlternatives)};
  }
  out.push_back(std::move(w.p));
  return {};
}

bool Compiler::Impossible(ReId id) {
  if (g_.pool[id].pure) return id == grammar::kNothing;
  const auto [it, is_new] = impossible_.try_emplace(id, false);
  if (is_new) it->second = grammar::Dfa(g_.pool, id).start() == grammar::Dfa::kDead;
  return it->second;
}

bool Compiler::Matches(ReId id, std::string_view text) {
  for (const char c : text) id = g_.pool.Derivative(id, uint8_t(c));
  return g_.pool[id].nullable;
}

Result<ValueId> Compiler::Compile() {
  const ValueId root = ValueOf({Holds(d_.root())});
  std::vector<ValueId> reachable = {root};
  std::vector<bool> seen(1, true);
  const auto reach = [&](ValueId id) {
    if (id == grammar::kNoValue) return;
    if (seen.size() <= id) seen.resize(id + 1);
    if (!seen[id]) reachable.push_back(id);
    seen[id] = true;
  };
  for (size_t i = 0; i < reachable.size(); ++i) {
    Expand(reachable[i]);
    const Slot& slot = *slots_[reachable[i]];
    if (slot.error) return *slot.error;
    for (const grammar::ObjectShape& o : slot.value.objects) {
      for (const grammar::Member& m : o.members) reach(m.value);
      for (const grammar::MemberClass& c : o.classes) reach(c.value);
    }
    for (const grammar::ArrayShape& a : slot.value.arrays) {
      for (const ValueId v : a.first) reach(v);
      reach(a.rest);
      if (a.contains) reach(a.matched.match);
      if (a.contains) reach(a.matched.mismatch);
    }
  }
  if (g_.pool.full()) return Error{Code::kUnsupported, "the schema's patterns need too many states: make them simpler"};
  Prune(reachable);
  // Numbered anew in the grammar: only what can be reached.
  const auto base = ValueId(g_.json.values.size());
  std::unordered_map<ValueId, ValueId> number = {{grammar::kNoValue, grammar::kNoValue}};
  for (size_t i = 0; i < reachable.size(); ++i) number[reachable[i]] = base + ValueId(i);
  for (const ValueId id : reachable) {
    grammar::Value v = std::move(slots_[id]->value);
    for (grammar::ObjectShape& o : v.objects) {
      for (grammar::Member& m : o.members) m.value = number.at(m.value);
      for (grammar::MemberClass& c : o.classes) c.value = number.at(c.value);
    }
    for (grammar::ArrayShape& a : v.arrays) {
      for (ValueId& f : a.first) f = number.at(f);
      a.rest = number.at(a.rest);
      if (a.contains) a.matched.match = number.at(a.matched.match);
      if (a.contains) a.matched.mismatch = number.at(a.matched.mismatch);
    }
    g_.json.values.push_back(std::move(v));
  }
  const grammar::Value& v = g_.json.values[base];
  if (v.scalars == grammar::kNothing && v.strings.empty() && v.objects.empty() && v.arrays.empty()) {
    return Error{Code::kBadInput, "the schema contradicts itself: nothing is valid under it"};
  }
  return base;
}

}  // namespace hasten::schema
