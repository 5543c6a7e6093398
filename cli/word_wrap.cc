#include "cli/word_wrap.h"

#include <sys/ioctl.h>
#include <unistd.h>

namespace hasten {

static bool BeginsCharacter(char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }

// Ideographs, kana, Hangul and full-width forms take two columns; a first byte is enough to tell most of them.
static size_t WidthOf(char first) {
  const auto byte = static_cast<unsigned char>(first);
  return byte >= 0xE3 && byte <= 0xED ? 2 : byte >= 0xF0 ? 2 : 1;
}

// The spaces and the word behind them: on this line where they fit, else on the next without the spaces.
void WordWrap::EndWord(std::string& out) {
  if (word_.empty()) return;
  if (column_ > 0 && column_ + spaces_ + width_ > columns_) {
    out += '\n';
    column_ = 0;
  } else {
    out.append(spaces_, ' ');
    column_ += spaces_;
  }
  out += word_;
  column_ += width_;
  if (column_ > columns_) column_ = width_ % columns_;  // longer than a line: the terminal broke it
  word_.clear();
  width_ = spaces_ = 0;
}

std::string WordWrap::Push(std::string_view text) {
  if (columns_ == 0) return std::string(text);
  std::string out;
  for (const char c : text) {
    if (c == '\n') {
      EndWord(out);
      const size_t mark = line_.find_first_not_of(' ');
      if (mark != line_.npos && (line_.compare(mark, 3, "```") == 0 || line_.compare(mark, 3, "~~~") == 0)) code_ = !code_;
      line_.clear();
      out += '\n';
      column_ = spaces_ = 0;
      continue;
    }
    if (line_.size() < 64) line_ += c;
    if (code_) {
      out += c;
    } else if (c == ' ') {
      EndWord(out);
      ++spaces_;
    } else {
      // Between characters of two columns a line may break anywhere.
      const bool starts = BeginsCharacter(c), wide = starts && WidthOf(c) == 2;
      if (wide) EndWord(out);
      word_ += c;
      if (starts) width_ += WidthOf(c);
    }
  }
  return out;
}

std::string WithoutControls(std::string_view text) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string shown;
  for (size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    // U+0080 to U+009F are controls, too: some terminals take U+009B for ESC [.
    const bool high = byte == 0xC2 && i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) < 0xA0;
    if (high || (byte < 0x20 && byte != '\n' && byte != '\t') || byte == 0x7F) {
      const auto code = high ? static_cast<unsigned char>(text[++i]) : byte;
      shown += {'\\', 'x', kDigits[code >> 4], kDigits[code & 15]};
    } else {
      shown += text[i];
    }
  }
  return shown;
}

std::string WordWrap::Finish() {
  std::string out;
  EndWord(out);
  return out;
}

size_t TerminalColumns() {
  winsize size{};
  if (!isatty(STDOUT_FILENO) || ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0) return 0;
  return size.ws_col;
}

}  // namespace hasten
