// Small vocabularies made by hand, as the files that hold them: for tests of tokenizers and for their fuzz target.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "formats/gguf_writer.h"
#include "tokenizer/byte_chars.h"

namespace hasten {

// Numbers of tokenizer.ggml.token_type.
enum TinyType : int32_t { kTinyNormal = 1, kTinyUnknown = 2, kTinyControl = 3, kTinyUserDefined = 4, kTinyByte = 6 };

struct TinyVocab {
  std::string model{}, pre{};
  std::vector<std::string> tokens{}, merges{};
  std::vector<int32_t> types{};
  std::vector<float> scores{};
  std::function<void(GgufHeader&)> more{};  // further keys

  int32_t Add(std::string text, int32_t type = kTinyNormal, float score = 0) {
    tokens.push_back(std::move(text));
    types.push_back(type);
    scores.push_back(score);
    return int32_t(tokens.size() - 1);
  }
  void AddMerge(const std::string& left, const std::string& right) {
    merges.push_back(left + " " + right);
    Add(left + right);
  }
  // The file. Empty arrays are left out.
  std::string Bytes() const {
    GgufHeader header;
    header.Set<std::string_view>("tokenizer.ggml.model", model);
    if (!pre.empty()) header.Set<std::string_view>("tokenizer.ggml.pre", pre);
    const auto set_texts = [&header](const char* key, const std::vector<std::string>& texts) {
      const std::vector<std::string_view> views(texts.begin(), texts.end());
      if (!views.empty()) header.SetArray<std::string_view>(key, views);
    };
    set_texts("tokenizer.ggml.tokens", tokens);
    set_texts("tokenizer.ggml.merges", merges);
    if (!types.empty()) header.SetArray<int32_t>("tokenizer.ggml.token_type", types);
    if (!scores.empty()) header.SetArray<float>("tokenizer.ggml.scores", scores);
    if (more) more(header);
    return header.Encode();
  }
};

// 256 bytes, ids 0 to 255, then merges that make "hello", " world" and runs of a; special tokens behind them.
inline TinyVocab TinyBpe(std::string pre = "gpt-2") {
  TinyVocab v{.model = "gpt2", .pre = std::move(pre)};
  for (int byte = 0; byte < 256; ++byte) v.Add(std::string(CharOfByte(uint8_t(byte))));
  for (const auto& [left, right] : std::initializer_list<std::pair<const char*, const char*>>{{"h", "e"},
                                                                                              {"l", "l"},
                                                                                              {"he", "ll"},
                                                                                              {"hell", "o"},
                                                                                              {"Ġ", "w"},
                                                                                              {"o", "r"},
                                                                                              {"Ġw", "or"},
                                                                                              {"l", "d"},
                                                                                              {"Ġwor", "ld"},
                                                                                              {"a", "a"},
                                                                                              {"aa", "aa"},
                                                                                              {"1", "2"},
                                                                                              {"Ġ", "Ġ"},
                                                                                              {"Ċ", "Ċ"},
                                                                                              {"Ã", "©"}})
    v.AddMerge(left, right);
  v.Add("<|endoftext|>", kTinyControl);
  v.Add("<tag>", kTinyUserDefined);
  v.Add("<tag><tag>", kTinyUserDefined);
  return v;
}

// SentencePiece-style: <unk>, <s>, </s>, 256 byte tokens, then characters and what they merge to.
inline TinyVocab TinySpm() {
  TinyVocab v{.model = "llama", .pre = "default"};
  v.Add("<unk>", kTinyUnknown);
  v.Add("<s>", kTinyControl);
  v.Add("</s>", kTinyControl);
  for (int byte = 0; byte < 256; ++byte) v.Add(NameOfByte(uint8_t(byte)), kTinyByte);
  float score = 0;
  for (const char* text :
       {"he", "ll", "hell", "hello", "▁w", "or", "ld", "▁wor", "▁world", "▁hello", "aa", "aaaa", "▁▁", "▁▁▁▁",
        "b)", "▁",  "e",    "h",     "l",  "o",  "w",  "r",    "d",      "a",      "b",  ")",    "é"})
    v.Add(text, kTinyNormal, score -= 1);
  v.Add("<tag>", kTinyUserDefined);
  return v;
}

// Gemma 4's kind: merges over characters, ▁ for spaces, byte tokens, a token for two newlines that no merge makes.
inline TinyVocab TinyGemma() {
  TinyVocab v{.model = "gemma4", .pre = ""};
  v.Add("<bos>", kTinyControl);
  for (int byte = 0; byte < 256; ++byte) v.Add(NameOfByte(uint8_t(byte)), kTinyByte);
  for (const char* text : {"▁", "h", "e", "l", "o", "w", "\n", "\n\n"}) v.Add(text);
  for (const auto& [left, right] : std::initializer_list<std::pair<const char*, const char*>>{
           {"h", "e"}, {"l", "l"}, {"he", "ll"}, {"hell", "o"}, {"▁", "▁"}, {"▁", "w"}, {"▁", "hello"}})
    v.AddMerge(left, right);
  v.more = [](GgufHeader& header) { header.Set<uint32_t>("tokenizer.ggml.bos_token_id", 0); };
  return v;
}

}  // namespace hasten
