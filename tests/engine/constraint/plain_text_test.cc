// Masks of strings over a vocabulary that is dense enough for whole subtrees of it to be allowed at once.
#include <gtest/gtest.h>

#include "engine/constraint/plain_text.h"
#include "tests/engine/constraint/grammars.h"

namespace hasten {
namespace {

// All texts of up to `longest` of these characters.
void AddAll(const std::vector<std::string>& characters, size_t longest, std::vector<std::string>& texts) {
  std::vector<std::string> last = {""};
  for (size_t length = 1; length <= longest; ++length) {
    std::vector<std::string> next;
    for (const std::string& text : last)
      for (const std::string& c : characters) next.push_back(text + c);
    texts.insert(texts.end(), next.begin(), next.end());
    last = std::move(next);
  }
}

std::vector<std::string> DenseTokens() {
  std::vector<std::string> texts;
  AddAll({"a", "b", "Z", "7"}, 4, texts);
  AddAll({"a", "-", " ", "@"}, 3, texts);
  AddAll({"a", "\xc3\xa9", "\xe4\xb8\x96", "\xc2\xa0"}, 3, texts);  // é, 世, a blank that does not break
  AddAll({"a", " ", "\"", "\\n"}, 3, texts);
  return texts;
}

TEST(PlainText, SubtreesThatAreAllowedAtOnceAreWhatTheirTokensAre) {
  const Judge judge(DenseTokens());
  for (const auto& [schema, text] : std::initializer_list<std::pair<const char*, const char*>>{
           {R"({"type": "string"})", R"("aé")"},
           {R"({"type": "string", "maxLength": 3})", R"("a世")"},
           {R"({"type": "string", "minLength": 3, "maxLength": 6})", R"("a b7")"},
           {R"({"type": "string", "pattern": "^\\S+@\\S+$"})", R"("aé@7")"},
           {R"({"type": "string", "pattern": "^\\S+@\\S+$", "maxLength": 5})", R"("aé@7")"},
           {R"({"type": "string", "pattern": "^[\\w-]{2,5}$", "minLength": 3})", R"("a-b7")"},
           {R"({"type": "string", "pattern": "^[ab]{3}[ab]{0,2}Z$"})", R"("abaZ")"},
           {R"x({"type": "string", "pattern": "^$|(^(?:\\S+\\s+){0,2}\\S+$)", "minLength": 1, "maxLength": 7})x",
            R"("a 世 aZ")"},
           {R"({"type": "string", "pattern": "ab7"})", R"("Zab7é")"},
           {R"({"type": "string", "pattern": "^[^7]*$", "maxLength": 4})", R"("aé-")"},
           {R"({"type": "string", "pattern": "^(?:[^a]|a[^a])*$"})", R"("abZ")"},
           {R"({"type": "string", "format": "email"})", R"("a@b.ab")"},
           {R"({"type": "object", "patternProperties": {"^a.*7$": {"const": "aa"}}, "additionalProperties": false})",
            R"({"ab7": "aa"})"},
           {R"({"not": {"enum": ["aab", "aé"]}, "type": "string"})", R"("aab7")"},
       }) {
    const auto constraint = Constraint::Compile(judge.vocab, {.parts = {{ConstraintKind::kSchema, schema}}});
    ASSERT_TRUE(constraint) << constraint.error().what;
    EXPECT_TRUE(Judge::Accepts(*constraint, text)) << schema;
  }
}

TEST(PlainText, TheNarrowestKindIsTold) {
  using namespace constraint;
  const auto kind_of = [](std::string_view text) {
    uint8_t sorts = 0;
    Utf8 at = Utf8::kBegin;
    for (const char byte : text) {
      sorts |= SortOf(at, uint8_t(byte));
      at = Utf8After(at, uint8_t(byte));
    }
    return NarrowestKind(sorts);
  };
  for (const auto& [text, kind] : std::initializer_list<std::pair<const char*, TextKind>>{
           {"word", TextKind::kLower},
           {"Word", TextKind::kLetters},
           {"Word_7", TextKind::kWord},
           {"a+b", TextKind::kGraphic},
           {"a b", TextKind::kPrintable},
           {"\xe4\xb8\x96\xf0\x9f\x98\x80", TextKind::kGraphicAndMost},
           {"\xe3\x80\x82", TextKind::kGraphicAndAll},
           {"a \xc3\xa9", TextKind::kPrintableAndAll},
           {"a\"", TextKind::kNone},
           {"a\\", TextKind::kNone},
           {"a\n", TextKind::kNone},
           {"\xc3z", TextKind::kNone},
           {"\xed\xa0\x80", TextKind::kNone},
       }) {
    EXPECT_EQ(kind_of(text), kind) << text;
  }
}

}  // namespace
}  // namespace hasten
