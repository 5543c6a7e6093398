#include "tokenizer/utf8.h"

#include <cstring>

namespace hasten {

void AppendUtf8(uint32_t code, std::string& out) {
  const auto put = [&out](uint32_t byte) { out.push_back(char(byte)); };
  if (code < 0x80) return put(code);
  if (code < 0x800) {
    put(0xc0 | code >> 6);
  } else {
    if (code < 0x10000) {
      put(0xe0 | code >> 12);
    } else {
      put(0xf0 | code >> 18);
      put(0x80 | (code >> 12 & 0x3f));
    }
    put(0x80 | (code >> 6 & 0x3f));
  }
  put(0x80 | (code & 0x3f));
}

Utf8Step StepUtf8(std::string_view text) {
  using Kind = Utf8Step::Kind;
  const uint8_t lead = uint8_t(text[0]);
  if (lead < 0x80) return {1, Kind::kCharacter};
  if (lead < 0xc2 || lead > 0xf4) return {1, Kind::kInvalid};
  const size_t length = lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
  // The second byte's range excludes overlong forms, surrogates and what lies above U+10FFFF.
  const uint8_t low = lead == 0xe0 ? 0xa0 : lead == 0xf0 ? 0x90 : 0x80;
  const uint8_t high = lead == 0xed ? 0x9f : lead == 0xf4 ? 0x8f : 0xbf;
  for (size_t i = 1; i < length; ++i) {
    if (i == text.size()) return {i, Kind::kCutShort};
    const uint8_t byte = uint8_t(text[i]);
    if (byte < (i == 1 ? low : 0x80) || byte > (i == 1 ? high : 0xbf)) return {i, Kind::kInvalid};
  }
  return {length, Kind::kCharacter};
}

// Length of the longest prefix that is well-formed.
static size_t ValidPrefix(std::string_view text) {
  size_t i = 0;
  while (i < text.size()) {
    uint64_t eight;
    if (text.size() - i >= sizeof eight &&
        (std::memcpy(&eight, text.data() + i, sizeof eight), (eight & 0x8080808080808080) == 0)) {
      i += sizeof eight;
      continue;
    }
    const Utf8Step step = StepUtf8(text.substr(i));
    if (step.kind != Utf8Step::Kind::kCharacter) break;
    i += step.bytes;
  }
  return i;
}

bool IsUtf8(std::string_view text) { return ValidPrefix(text) == text.size(); }

std::string ReplaceInvalidUtf8(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (;;) {
    const size_t valid = ValidPrefix(text);
    out += text.substr(0, valid);
    text.remove_prefix(valid);
    if (text.empty()) return out;
    out += kReplacement;
    text.remove_prefix(StepUtf8(text).bytes);
  }
}

std::string TakeCompleteUtf8(std::string& pending) {
  size_t end = pending.size();  // of what is complete: all but a character cut short in the last three bytes
  for (size_t back = 1; back <= 3 && back <= pending.size(); ++back) {
    const std::string_view tail = std::string_view(pending).substr(pending.size() - back);
    if (const Utf8Step step = StepUtf8(tail); step.kind == Utf8Step::Kind::kCutShort && step.bytes == back) end -= back;
    if ((uint8_t(tail[0]) & 0xc0) != 0x80) break;
  }
  std::string complete = ReplaceInvalidUtf8(std::string_view(pending).substr(0, end));
  pending.erase(0, end);
  return complete;
}

}  // namespace hasten
