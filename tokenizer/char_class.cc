#include "tokenizer/char_class.h"

#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "tokenizer/utf8.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

namespace hasten {

// Alternatives in the order of the bits; the ninth takes runs of the rest, so that matches follow each other without a gap.
static constexpr std::string_view kPattern =
    R"(([\p{Lu}\p{Lt}]+)|(\p{Ll}+)|([\p{Lm}\p{Lo}]+)|(\p{M}+)|(\p{N}+)|([\p{Z}\x{09}-\x{0d}\x{85}]+)|(\p{P}+)|(\p{S}+))"
    R"(|([^\p{L}\p{M}\p{N}\p{Z}\p{P}\p{S}\x{09}-\x{0d}\x{85}]+))";
static constexpr int kGroups = 9;

// Letters, marks, numbers and punctuation that Unicode 15 and 15.1 added, for libraries that know 14: reference ids are made
// with 15.1. Source: the Unicode Character Database, DerivedAge and UnicodeData.
struct Added {
  uint32_t first, last;
  uint8_t bits;
};
// clang-format off
static constexpr Added kSinceUnicode14[] = {
    {0x00cf3, 0x00cf3, kMark},     {0x00ece, 0x00ece, kMark},     {0x10efd, 0x10eff, kMark},     {0x1123f, 0x11240, kCaseless},
    {0x11241, 0x11241, kMark},     {0x11b00, 0x11b09, kPunctuation}, {0x11f00, 0x11f01, kMark},  {0x11f02, 0x11f02, kCaseless},
    {0x11f03, 0x11f03, kMark},     {0x11f04, 0x11f10, kCaseless}, {0x11f12, 0x11f33, kCaseless}, {0x11f34, 0x11f3a, kMark},
    {0x11f3e, 0x11f42, kMark},     {0x11f43, 0x11f4f, kPunctuation}, {0x11f50, 0x11f59, kNumber}, {0x1342f, 0x1342f, kCaseless},
    {0x13440, 0x13440, kMark},     {0x13441, 0x13446, kCaseless}, {0x13447, 0x13455, kMark},     {0x1b132, 0x1b132, kCaseless},
    {0x1b155, 0x1b155, kCaseless}, {0x1d2c0, 0x1d2d3, kNumber},   {0x1df25, 0x1df2a, kLower},    {0x1e030, 0x1e06d, kCaseless},
    {0x1e08f, 0x1e08f, kMark},     {0x1e4d0, 0x1e4eb, kCaseless}, {0x1e4ec, 0x1e4ef, kMark},     {0x1e4f0, 0x1e4f9, kNumber},
    {0x2b739, 0x2b739, kCaseless}, {0x2ebf0, 0x2ee5d, kCaseless}, {0x31350, 0x323af, kCaseless}};
// clang-format on

// The planes that hold assigned characters other than private use: 0 to 3 and 14.
static std::string AssignedPlanes() {
  std::string text;
  for (const uint32_t plane : {0, 1, 2, 3, 14})
    for (uint32_t low = 0; low < 0x10000; ++low)
      if (plane != 0 || low < 0xd800 || low > 0xdfff) AppendUtf8(plane << 16 | low, text);
  return text;
}

Result<CharClasses> CharClasses::Make() {
  int error = 0;
  size_t where = 0;
  const std::unique_ptr<pcre2_code, decltype(&pcre2_code_free)> code(
      pcre2_compile(reinterpret_cast<PCRE2_SPTR>(kPattern.data()), kPattern.size(), PCRE2_UTF | PCRE2_UCP, &error, &where,
                    nullptr),
      pcre2_code_free);
  if (!code)
    return Error{Code::kUnsupported, Fmt("PCRE2 was built without Unicode properties (its error %d); install Debian's", error)};
  pcre2_jit_compile(code.get(), PCRE2_JIT_COMPLETE);  // where there is no JIT, the interpreter matches the same
  const std::unique_ptr<pcre2_match_data, decltype(&pcre2_match_data_free)> match(pcre2_match_data_create(kGroups + 1, nullptr),
                                                                                  pcre2_match_data_free);
  const std::string text = AssignedPlanes();
  std::vector<Block> planes(0x1100);
  for (size_t at = 0; at < text.size();) {
    const int group = pcre2_match(code.get(), reinterpret_cast<PCRE2_SPTR>(text.data()), text.size(), at,
                                  PCRE2_NO_UTF_CHECK | PCRE2_ANCHORED, match.get(), nullptr);
    if (group < 2) return Error{Code::kBug, Fmt("reading Unicode properties failed with PCRE2's error %d", group)};
    const uint8_t bits = group - 1 == kGroups ? 0 : uint8_t(1 << (group - 2));  // the match returns its last group plus one
    const size_t end = pcre2_get_ovector_pointer(match.get())[1];
    while (at < end) {
      const Utf8Char c = DecodeUtf8(text.data() + at);
      planes[c.code >> 8][c.code & 255] = bits;
      at += c.bytes;
    }
  }
  for (const Added& a : kSinceUnicode14)
    for (uint32_t c = a.first; c <= a.last; ++c)
      if (uint8_t& bits = planes[c >> 8][c & 255]; bits == 0) bits = a.bits;
  CharClasses classes;
  std::map<Block, uint16_t> known;  // most blocks are alike
  for (size_t i = 0; i < planes.size(); ++i) {
    const auto [entry, is_new] = known.try_emplace(planes[i], uint16_t(classes.blocks_.size()));
    if (is_new) classes.blocks_.push_back(planes[i]);
    classes.index_[i] = entry->second;
  }
  return classes;
}

Result<const CharClasses*> CharClasses::Get() {
  static const Result<CharClasses> table = Make();
  if (!table) return table.error();
  return &*table;
}

}  // namespace hasten
