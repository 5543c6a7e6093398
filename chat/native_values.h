// JSON values in the spelling of families whose calls are not JSON, as grammars: what they allow, chat/foreign_calls.h turns
// into a value of the schema.
#pragma once

#include <functional>
#include <string>
#include <unordered_map>
#include <vector>

#include "text/grammar/grammar.h"

namespace hasten {

enum class Spelling : uint8_t {
  kPython,  // True, None, "text", {"key": value}
  kGemma,   // true, null, <escape>text<escape>, {key:value}
};

// Whether `name` is read back as it is where it stands bare.
bool IsBareName(std::string_view name);

// Members in the shape's order, each as `member` writes it, with `separator` between them. kNothing where the shape asks for
// what cannot be said in one pass over the members (numbers of them, one that needs another).
grammar::ReId MembersInOrder(grammar::Grammar& g, const grammar::ObjectShape& shape, grammar::ReId separator,
                             const std::function<grammar::ReId(const grammar::Member&)>& member);

// Texts of `content` in which none of `marks` occurs.
grammar::ReId TextWithout(grammar::Grammar& g, const grammar::StringShape& shape, const std::vector<std::string>& marks);

class NativeValues {
 public:
  // `quote` stands around texts of kGemma; `marks`: what no text may hold, for it would end the call.
  NativeValues(grammar::Grammar& g, Spelling spelling, grammar::ReId quote, std::vector<std::string> marks)
      : g_(g), spelling_(spelling), quote_(quote), marks_(std::move(marks)) {}
  grammar::ReId Of(grammar::ValueId id);

 private:
  grammar::ReId Body(grammar::ValueId id);
  grammar::ReId Array(const grammar::ArrayShape& shape);
  grammar::ReId Object(const grammar::ObjectShape& shape);
  grammar::ReId AsJson(grammar::Value value);

  grammar::Grammar& g_;
  const Spelling spelling_;
  const grammar::ReId quote_;
  const std::vector<std::string> marks_;
  std::unordered_map<grammar::ValueId, uint32_t> symbols_;
};

}  // namespace hasten
