#include "engine/constraint/distinct.h"

#include <algorithm>
#include <string>

#include "text/schema/scalar.h"

namespace hasten::constraint {

using grammar::ReId;

uint32_t Distinct::After(uint32_t text, uint8_t byte) {
  if (text == kNotKept || text == kUnknown) return text;
  const auto [it, is_new] = next_.try_emplace(uint64_t{text} << 8 | byte, uint32_t(nodes_.size()));
  if (is_new) nodes_.push_back({text, byte});
  return it->second;
}

uint32_t Distinct::With(grammar::RegexPool& pool, uint32_t set, uint32_t text, bool is_string) {
  std::string written;
  for (; text != kNoText; text = nodes_[text].parent) written += char(nodes_[text].byte);
  std::ranges::reverse(written);
  const ReId item = EqualScalar(pool, is_string ? '"' + written + '"' : written);
  Set with = sets_[set];
  std::vector<ReId>& items = is_string ? with.strings : with.scalars;
  const auto at = std::ranges::lower_bound(items, item);
  if (at == items.end() || *at != item) items.insert(at, item);
  const auto [it, is_new] = set_of_.try_emplace(with, uint32_t(sets_.size()));
  if (is_new) sets_.push_back(std::move(with));
  return it->second;
}

ReId Distinct::Without(grammar::RegexPool& pool, uint32_t set, ReId from, bool strings) const {
  const std::vector<ReId>& items = strings ? sets_[set].strings : sets_[set].scalars;
  if (from == grammar::kNothing || items.empty()) return from;
  ReId any = grammar::kNothing;
  for (const ReId item : items) any = pool.Or(any, item);
  return pool.And(from, pool.Not(any));
}

}  // namespace hasten::constraint
