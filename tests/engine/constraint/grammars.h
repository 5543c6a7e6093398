// A vocabulary in whose tokens JSON, words and spaces meet, and ways to ask a constraint.
#pragma once

#include <gtest/gtest.h>

#include "engine/constraint/constraint.h"
#include "tests/support/tiny_vocab.h"

namespace hasten {

struct Judge {
  // `more`: further tokens, by their bytes.
  explicit Judge(const std::vector<std::string>& more = {}) {
    TinyVocab v = TinyBpe();
    for (const char* text : {"\",",  "\":",  "\"}", "{\"", "[]",  "{}",  ",\"",   "a\"", "\",\"", "ab",  "na", "name", "me\"",
                             "true", "null", "12",  "},{", "\\n", "\\u", "\\u00", "]}",  "xy",    "abc", "}}", "],["}) {
      v.Add(text);
    }
    space = v.Add(std::string(CharOfByte(' ')) + "\"");
    for (const std::string& token : more) {
      std::string text;
      for (const char byte : token) text += CharOfByte(uint8_t(byte));
      v.Add(text);
    }
    end = v.Add("<end>", kTinyControl);
    v.more = [this](GgufHeader& h) { h.Set<uint32_t>("tokenizer.ggml.eos_token_id", uint32_t(end)); };
    const std::string bytes = v.Bytes();
    tokenizer = std::make_unique<Tokenizer>(*Tokenizer::Load(*Gguf::Parse(std::as_bytes(std::span(bytes)), "tiny")));
    vocab = ConstraintVocab::Create(*tokenizer);
  }

  Result<std::shared_ptr<Constraint>> Compile(ConstraintKind kind, const std::string& text, SchemaOptions options = {}) {
    return Constraint::Compile(vocab, {.parts = {{kind, text}}, .schema = options});
  }

  // Whether the text is accepted, byte by byte. At each byte the mask has to allow exactly the tokens that could be read.
  static bool Accepts(const std::shared_ptr<Constraint>& c, std::string_view text, bool check_masks = true) {
    ConstraintState state(c);
    for (const char byte : text) {
      if (check_masks) CheckMask(state);
      if (!state.AcceptText({&byte, 1})) return false;
    }
    if (check_masks) CheckMask(state);
    return state.CanEnd();
  }

  static void CheckMask(const ConstraintState& state) {
    ConstraintState asked = state;
    const auto mask = asked.Mask();
    const Tokenizer& tokenizer = state.constraint().vocab().tokenizer();
    bool any = false;
    for (Token t = 0; t < Token(tokenizer.size()); ++t) {
      ConstraintState next = state;
      const bool allowed = bool(next.Accept(t));
      EXPECT_EQ(constraint::HasBit(mask, t), allowed) << tokenizer.Text(t);
      any = any || allowed;
    }
    EXPECT_TRUE(any) << "a dead end";
  }

  Token space, end;
  std::unique_ptr<Tokenizer> tokenizer;
  std::shared_ptr<const ConstraintVocab> vocab;
};

}  // namespace hasten
