// What makes encoding n log n, each part against the plain way of doing it.
#include "tokenizer/merge.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "base/random.h"
#include "tests/support/tiny_vocab.h"
#include "tokenizer/safe_cuts.h"
#include "tokenizer/special_tokens.h"
#include "tokenizer/tokenizer.h"

namespace hasten {
namespace {

// Runs of one letter merge while both sides are equally long, up to `longest`; ranks by length.
struct DoublingMerges {
  uint32_t longest = 64;
  mutable size_t asked = 0;
  Merge operator()(const Symbol& left, const Symbol& right) const {
    ++asked;
    if (left.id != right.id || left.bytes != right.bytes || left.bytes * 2 > longest) return {};
    return {left.bytes, left.id};
  }
};

// Merges of random pairs at random ranks: symbols' ids stand for their histories.
Merge RandomMerge(uint64_t seed, const Symbol& left, const Symbol& right) {
  const uint64_t bits = RandomBits(seed, uint64_t(uint32_t(left.id)) << 32 | uint32_t(right.id));
  if (bits % 3 == 0) return {};
  return {uint32_t(bits >> 8) % 50, int32_t(bits >> 40) % 1000};
}

std::vector<Symbol> Letters(size_t count, uint64_t seed, uint64_t letters) {
  std::vector<Symbol> symbols;
  for (uint32_t i = 0; i < count; ++i) symbols.push_back({i, 1, int32_t(RandomBits(seed, i) % letters)});
  return symbols;
}

std::vector<std::pair<uint32_t, int32_t>> Shape(const std::vector<Symbol>& symbols) {
  std::vector<std::pair<uint32_t, int32_t>> shape;
  for (const Symbol& s : symbols) shape.emplace_back(s.bytes, s.id);
  return shape;
}

TEST(Merger, HeapAndPlainSearchAgree) {
  Merger merger;
  for (uint64_t seed = 0; seed < 2000; ++seed) {
    const auto merge_of = [seed](const Symbol& l, const Symbol& r) { return RandomMerge(seed, l, r); };
    std::vector<Symbol> few = Letters(2 + seed % 40, seed, 1 + seed % 7), many = few;
    merger.RunFew(few, merge_of);
    merger.RunMany(many, merge_of);
    EXPECT_EQ(Shape(few), Shape(many)) << seed;
  }
}

TEST(Merger, AsksInProportionToTheLength) {
  for (const size_t n : {1000u, 10000u, 100000u}) {
    std::vector<Symbol> symbols = Letters(n, 1, 1);
    const DoublingMerges merges;
    Merger().Run(symbols, [&merges](const Symbol& l, const Symbol& r) { return merges(l, r); });
    EXPECT_LE(merges.asked, 4 * n) << n;  // each merge asks about two new pairs, and there are fewer than n merges
    EXPECT_GE(symbols.size(), n / 64);
  }
}

std::string Repeated(std::string_view unit, size_t bytes) {
  std::string s;
  while (s.size() < bytes) s += unit;
  return s;
}

std::vector<Token> EncodeWith(const TinyVocab& vocab, const std::string& text) {
  const std::string bytes = vocab.Bytes();
  const auto file = Gguf::Parse(std::as_bytes(std::span(bytes)), "tiny");
  const auto tokenizer = Tokenizer::Load(*file);
  EXPECT_TRUE(tokenizer) << tokenizer.error().what;
  return tokenizer->Encode(text, {.parse_special = true});
}

// A quadratic step would be busy for an hour.
TEST(Tokenizer, AMegabyteOfOneLetterEndsSoon) {
  for (const TinyVocab& v : {TinyBpe("qwen2"), TinySpm(), TinyGemma()})
    EXPECT_GE(EncodeWith(v, Repeated("a", 1 << 20)).size(), 1u << 18);
}

TEST(Tokenizer, HostileTextsEndSoonForEveryPattern) {
  std::vector<TinyVocab> vocabs = {TinySpm(), TinyGemma()};
  for (const char* pre :
       {"gpt-2", "llama-bpe", "qwen35", "deepseek-llm", "deepseek-coder", "deepseek-v3", "falcon", "default", "gpt-4o"})
    vocabs.push_back(TinyBpe(pre));
  for (const char* unit : {" ", "\n", "a b ", "1", "<|end", "<tag", "<tag>", "é", "'", "\xff", "!", " \n", "aA", "▁", "中",
                           "\u3000", "A", "\xcc\x81"})
    for (const TinyVocab& v : vocabs) EXPECT_GT(EncodeWith(v, Repeated(unit, 1 << 15) + "x").size(), 1000u) << v.pre << unit;
}

// For each token, longest first, every occurrence in what is still text.
std::string PlainSplit(const std::vector<std::string>& tokens, const std::string& text) {
  std::vector<std::string> sorted = tokens;
  std::stable_sort(sorted.begin(), sorted.end(), [](const auto& a, const auto& b) { return a.size() > b.size(); });
  std::vector<std::pair<bool, std::string>> parts = {{false, text}};
  for (const std::string& token : sorted) {
    std::vector<std::pair<bool, std::string>> next;
    for (const auto& [done, part] : parts) {
      size_t at = 0;
      for (size_t found; !done && (found = part.find(token, at)) != part.npos; at = found + token.size()) {
        if (found > at) next.emplace_back(false, part.substr(at, found - at));
        next.emplace_back(true, token);
      }
      if (at < part.size()) next.emplace_back(done, part.substr(at));
    }
    parts = next;
  }
  std::string shown;
  for (const auto& [done, part] : parts) shown += (done ? "[" : "(") + part + (done ? "]" : ")");
  return shown;
}

TEST(SpecialTokens, TheLongestWinsWhereverItStands) {
  size_t found = 0;
  for (uint64_t seed = 0; seed < 1500; ++seed) {
    const auto word = [seed](uint64_t at, uint64_t length) {
      std::string s;
      for (uint64_t i = 0; i < length; ++i) s += char('a' + RandomBits(seed, at * 100 + i) % 2);
      return s;
    };
    TinyVocab v{.model = "gpt2", .pre = "gpt-2", .merges = {"x y"}};
    std::vector<std::string> tokens;
    for (uint64_t i = 0; i < 5; ++i)
      if (const std::string s = word(i, 1 + RandomBits(seed, 9000 + i) % 6);
          std::find(tokens.begin(), tokens.end(), s) == tokens.end()) {
        tokens.push_back(s);
        v.Add(s, kTinyUserDefined);
      }
    const std::string bytes = v.Bytes();
    const auto file = Gguf::Parse(std::as_bytes(std::span(bytes)), "tiny");
    auto vocab = Vocab::Load(*file);
    ASSERT_TRUE(vocab) << vocab.error().what;
    const std::string text = word(77, 40) + "-" + word(78, 20);
    std::string shown;
    SpecialTokens(*vocab, SpecialTokens::Which::kUserDefined)
        .Split(
            text, [&shown](std::string_view s) { shown.append("(").append(s).append(")"); },
            [&](Token t) {
              shown.append("[").append(vocab->Text(t)).append("]");
              ++found;
            });
    EXPECT_EQ(shown, PlainSplit(tokens, text)) << seed;
  }
  EXPECT_GT(found, 10000u);
}

TEST(SpecialTokens, SwallowWhiteSpaceBehindThemInPhi3) {
  TinyVocab v = TinySpm();
  v.Add("<|end|>", kTinyControl);
  v.more = [](GgufHeader& h) { h.Set<std::string_view>("general.name", "Phi-3 mini"); };
  const std::string bytes = v.Bytes();
  const auto file = Gguf::Parse(std::as_bytes(std::span(bytes)), "tiny");
  const auto t = Tokenizer::Load(*file);
  const EncodeOptions special{.parse_special = true};
  EXPECT_EQ(t->Encode("<|end|> \n hello", special), t->Encode("<|end|>hello", special));
  EXPECT_NE(t->Encode("<s> hello", special), t->Encode("<s>hello", special));
}

TEST(SafeCuts, NeverSeparateWhatAMergeJoins) {
  SafeCuts cuts;
  for (const char* text : {"▁hello", "o)", "▁▁", "é▁"}) cuts.JoinAll(text);
  struct Case {
    const char *text, *first;
  };
  for (const Case& c : std::initializer_list<Case>{{"hello world", "hello"},
                                                   {"  hello", "  hello"},
                                                   {"o)(", "o)"},
                                                   {"é h", "é h"},
                                                   {"中 x", "中"},
                                                   {"中中x", "中中x"},
                                                   {"x", "x"}})
    EXPECT_EQ(std::string(c.text).substr(0, cuts.FirstWord(c.text)), c.first);
}

}  // namespace
}  // namespace hasten
