// The scanners against the regular expressions that they stand for, run by PCRE2 over random texts.
#include "tokenizer/pretokenize/pretokenizer.h"

#include <gtest/gtest.h>

#include <memory>

#include "base/random.h"
#include "tokenizer/pretokenize/stages.h"
#include "tokenizer/utf8.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

namespace hasten {
namespace {

using Words = std::vector<std::string>;

class Regex {
 public:
  // `pattern` with \s as White_Space: PCRE2's own also matches U+180E.
  explicit Regex(std::string pattern) {
    for (const auto& [from, to] :
         std::initializer_list<std::pair<std::string, std::string>>{{"[^\\s", "[^\\p{Z}\\x{9}-\\x{d}\\x{85}"},
                                                                    {"\\S", "[^\\p{Z}\\x{9}-\\x{d}\\x{85}]"},
                                                                    {"\\s", "[\\p{Z}\\x{9}-\\x{d}\\x{85}]"}})
      for (size_t at; (at = pattern.find(from)) != pattern.npos;) pattern.replace(at, from.size(), to);
    int error = 0;
    size_t where = 0;
    code_.reset(pcre2_compile(reinterpret_cast<PCRE2_SPTR>(pattern.data()), pattern.size(),
                              PCRE2_UTF | PCRE2_UCP | PCRE2_DOLLAR_ENDONLY, &error, &where, nullptr));
    EXPECT_TRUE(code_) << pattern << " at " << where;
    match_.reset(pcre2_match_data_create_from_pattern(code_.get(), nullptr));
  }
  // Matches, and what lies between them.
  Words Split(const std::string& text) const {
    Words words;
    size_t gap = 0, at = 0;
    while (pcre2_match(code_.get(), reinterpret_cast<PCRE2_SPTR>(text.data()), text.size(), at, 0, match_.get(), nullptr) > 0) {
      const size_t* range = pcre2_get_ovector_pointer(match_.get());
      if (range[0] > gap) words.push_back(text.substr(gap, range[0] - gap));
      words.push_back(text.substr(range[0], range[1] - range[0]));
      gap = at = range[1];
    }
    if (gap < text.size()) words.push_back(text.substr(gap));
    return words;
  }

 private:
  std::unique_ptr<pcre2_code, decltype(&pcre2_code_free)> code_{nullptr, pcre2_code_free};
  std::unique_ptr<pcre2_match_data, decltype(&pcre2_match_data_free)> match_{nullptr, pcre2_match_data_free};
};

// Characters that patterns treat differently, and some of every kind of script.
std::string RandomText(uint64_t seed) {
  static const std::vector<std::string> kParts = {
      "a",      "b",      "Q",      "S",      "s",      "t",      "re",     "VE",     "ll",   "d",    "'",   "'s",     "'S",
      "'Re",    " ",      " ",      "  ",     "\n",     "\r",     "\t",     "\v",     "\f",   "1",    "2",   "345",    ".",
      ",",      "!",      "/",      "(",      "`",      "~",      "$",      "^",      "_",    "<",    "é",   "É",      "ß",
      "ǅ",      "ª",      "ʰ",      "ж",      "Ж",      "中",     "あ",     "カ",     "한",   "א",    "ع",   "ह",      "ि",
      "́",       "⃝",       "½",      "Ⅷ",      "٣",      "，",     "。",     "’",      "“",    "🚀",   "€",   "\u0085", "\u00a0",
      "\u180e", "\u2003", "\u2028", "\u3000", "\u200b", "\ufeff", "\ufffd", "\u0378", "\x01", "\x1c", "\x7f"};
  std::string text;
  const uint64_t parts = 1 + RandomBits(seed, 0) % 12;
  for (uint64_t i = 1; i <= parts; ++i) text += kParts[RandomBits(seed, i) % kParts.size()];
  return text;
}

Words WordsOf(SplitStage* stage, const std::string& text) {
  Words words;
  stage(text, **CharClasses::Get(), [&words](std::string_view w) { words.emplace_back(w); });
  return words;
}

struct StageCase {
  const char* name;
  SplitStage* stage;
  const char* pattern;
};

#define HASTEN_CI "(?:'[sS]|'[tT]|'[rR][eE]|'[vV][eE]|'[mM]|'[lL][lL]|'[dD])"
#define HASTEN_U "[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]"
#define HASTEN_L "[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]"
const StageCase kStages[] = {
    {"gpt2", SplitGpt2, R"('s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+)"},
    {"llama3", SplitLlama3,
     HASTEN_CI R"(|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)"},
    {"qwen2", SplitQwen2, HASTEN_CI R"(|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)"},
    {"bailing", SplitQwen2, HASTEN_CI R"(|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]|\s+(?!\S)|\s+)"},
    {"qwen35", SplitQwen35,
     HASTEN_CI R"(|[^\r\n\p{L}\p{N}]?[\p{L}\p{M}]+|\p{N}| ?[^\s\p{L}\p{M}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)"},
    {"seed_coder", SplitSeedCoder, HASTEN_CI R"(|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+|\s*[\r\n]+|\s+(?!\S)|\s+)"},
    {"no_contractions", SplitNoContractions,
     R"([^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)"},
    {"o200k", SplitO200k,
     "[^\\r\\n\\p{L}\\p{N}]?" HASTEN_U "*" HASTEN_L "+" HASTEN_CI "?|[^\\r\\n\\p{L}\\p{N}]?" HASTEN_U "+" HASTEN_L "*" HASTEN_CI
     "?|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+"},
    {"tekken", SplitTekken,
     "[^\\r\\n\\p{L}\\p{N}]?" HASTEN_U "*" HASTEN_L "+|[^\\r\\n\\p{L}\\p{N}]?" HASTEN_U "+" HASTEN_L
     "*|\\p{N}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+"},
    {"deepseek_v3", SplitDeepseekV3Words,
     R"([!"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+)"
     R"(| ?[\p{P}\p{S}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)"},
    {"number", CutNumber, R"(\p{N})"},
    {"number_runs", CutNumberRuns, R"(\p{N}+)"},
    {"number_triples", CutNumberTriples, R"(\p{N}{1,3})"},
    {"three_digits", CutThreeDigits, R"([0-9][0-9][0-9])"},
    {"line_ends", CutLineEnds, R"([\r\n])"},
    {"lines", CutLines, R"([^\n]+|\n+)"},
    {"punctuation", CutPunctuation, R"([\p{P}$+<=>^~|]+)"},
    {"punctuation_or_tick", CutPunctuationOrTick, R"([\p{P}$+<=>^~|`]+)"},
    {"spaced_letters", CutSpacedLetters, R"(\s?\p{L}+)"},
    {"spaced_punctuation", CutSpacedPunctuation, R"(\s?\p{P}+)"},
    {"trailing_space", CutTrailingSpace, R"(\s+$)"},
    {"cjk", CutCjkRuns, R"([\x{4e00}-\x{9fa5}\x{3040}-\x{30ff}]+)"},
    {"asian", CutAsianRuns, R"((?:(?!\s)[\x{800}-\x{9fa5}\x{ac00}-\x{d7ff}])+)"},
    {"deepseek_marks", CutDeepseekMarks,
     R"(\s?(?:(?!\s)[!-/:-~\x{ff01}-\x{ff0f}\x{ff1a}-\x{ff5e}\x{2018}-\x{201f}\x{3000}-\x{3002}])+)"},
};

size_t TextsThatDiffer(SplitStage* stage, const Regex& regex) {
  size_t differ = 0;
  for (uint64_t seed = 0; seed < 4000; ++seed) {
    const std::string text = RandomText(seed);
    differ += WordsOf(stage, text) != regex.Split(text);
  }
  return differ;
}

TEST(PreTokenize, EveryStageEqualsItsRegularExpression) {
  for (const StageCase& c : kStages) EXPECT_EQ(TextsThatDiffer(c.stage, Regex(c.pattern)), 0u) << c.name;
}

TEST(PreTokenize, ComparisonNoticesAnotherPattern) {
  EXPECT_GT(TextsThatDiffer(SplitGpt2, Regex(kStages[1].pattern)), 0u);
  EXPECT_GT(TextsThatDiffer(SplitQwen2, Regex(kStages[4].pattern)), 0u);
  EXPECT_GT(TextsThatDiffer(SplitTekken, Regex(kStages[7].pattern)), 0u);
}

TEST(PreTokenize, EveryPatternTilesEveryText) {
  for (const PreTokenizer& pre : PreTokenizers())
    for (uint64_t seed = 0; seed < 300; ++seed) {
      const std::string text = RandomText(seed);
      std::string joined;
      pre.Split(text, **CharClasses::Get(), [&](std::string_view word) {
        EXPECT_FALSE(word.empty());
        EXPECT_TRUE(IsUtf8(word));
        joined += word;
      });
      EXPECT_EQ(joined, text) << pre.name;
    }
}

TEST(PreTokenize, CasedLettersOfDeepseekLeaveOutCaselessOnes) {
  EXPECT_EQ(WordsOf(CutDeepseekLetters, "  héllo中ж1Ж"), (Words{" ", " héllo", "中", "ж", "1", "Ж"}));
}

}  // namespace
}  // namespace hasten
