// Arrays no two of whose items are equal.
#include <algorithm>

#include "text/grammar/dfa.h"
#include "text/schema/compiler.h"

namespace hasten::schema {

// An array cannot have more items than there are values for them.
void Compiler::LimitUnique(const std::vector<ValueId>& reachable) {
  constexpr size_t kMostCounted = 1'000;
  for (const ValueId id : reachable) {
    for (grammar::ArrayShape& a : slots_[id]->value.arrays) {
      if (!a.unique || a.least < 2 || a.rest == grammar::kNoValue) continue;
      const grammar::Value& item = slots_[a.rest]->value;
      if (!item.objects.empty() || !item.arrays.empty()) continue;
      const size_t limit = std::min<size_t>(a.least, kMostCounted);
      size_t count = grammar::CountTexts(g_.pool, item.scalars, limit);
      for (const grammar::StringShape& s : item.strings)
        if (count < limit) count += s.least > 0 ? limit : grammar::CountTexts(g_.pool, s.content, limit - count);
      if (count < limit) a.most = std::min(a.most, uint32_t(count));
    }
  }
}

Status Compiler::CheckUnique(const std::vector<ValueId>& reachable) const {
  for (const ValueId id : reachable) {
    for (const grammar::ArrayShape& a : slots_[id]->value.arrays) {
      if (!a.unique || a.rest == grammar::kNoValue) continue;
      const grammar::Value& item = slots_[a.rest]->value;
      if (item.objects.empty() && item.arrays.empty()) continue;
      return Refuse(
          unique_at_.at(a.rest), "uniqueItems",
          "is supported for strings, numbers, true, false and null: of other items leave it out or limit maxItems to 1");
    }
  }
  return {};
}

}  // namespace hasten::schema
