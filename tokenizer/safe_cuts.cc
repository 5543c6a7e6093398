#include "tokenizer/safe_cuts.h"

#include "tokenizer/utf8.h"

namespace hasten {

static Utf8Char CharAt(const char* p) {
  const Utf8Char c = DecodeUtf8(p);
  return c.code == 0x2581 ? Utf8Char{' ', c.bytes} : c;
}

void SafeCuts::JoinAll(std::string_view text) {
  if (text.empty()) return;
  const char* const end = text.data() + text.size();
  Utf8Char left = CharAt(text.data());
  for (const char* p = text.data() + left.bytes; p != end; p += left.bytes) {
    const Utf8Char right = CharAt(p);
    Join(left.code, right.code);
    left = right;
  }
}

void SafeCuts::Join(uint32_t left, uint32_t right) {
  if (left < 128 && right < 128)
    ascii_[left * 128 + right] = true;
  else if (right == ' ')
    before_space_.insert(left);
}

bool SafeCuts::Joins(uint32_t left, uint32_t right) const {
  if (left < 128 && right < 128) return ascii_[left * 128 + right];
  return right != ' ' || before_space_.contains(left);
}

size_t SafeCuts::FirstWord(std::string_view text) const {
  const char* const end = text.data() + text.size();
  Utf8Char left = CharAt(text.data());
  const char* p = text.data() + left.bytes;
  while (p != end) {
    const Utf8Char right = CharAt(p);
    if (!Joins(left.code, right.code)) break;
    left = right;
    p += left.bytes;
  }
  return size_t(p - text.data());
}

}  // namespace hasten
