// What verbs share: sizes, numbers for people, output files, exit codes.
#include <gtest/gtest.h>
#include <poll.h>
#include <pty.h>
#include <unistd.h>

#include <chrono>
#include <functional>
#include <thread>

#include "cli/exit.h"
#include "cli/format.h"
#include "cli/live_display.h"
#include "cli/progress.h"
#include "cli/verb.h"
#include "cli/word_wrap.h"
#include "tests/support/support.h"

namespace hasten {
namespace {

TEST(ParseSize, ReadsPowersOf1024) {
  const struct {
    const char* text;
    size_t bytes;
  } cases[] = {{"1", 1},          {"512", 512},           {"4K", 4096}, {"4k", 4096}, {"4KB", 4096}, {"1.5G", size_t(3) << 29},
               {"2MiB", 2 << 20}, {"1T", size_t(1) << 40}};
  for (const auto& c : cases) {
    const auto size = ParseSize(c.text);
    ASSERT_TRUE(size) << c.text;
    EXPECT_EQ(*size, c.bytes) << c.text;
  }
}

TEST(ParseSize, RefusesWhatIsNoSize) {
  for (const char* text : {"", "K", "0", "-1", "4X", "4KK", "4 K", "nan", "inf", "1e30", "4GiBs"})
    EXPECT_FALSE(ParseSize(text)) << text;
}

TEST(Human, ThreeSignificantDigits) {
  EXPECT_EQ(HumanBytes(0), "0 B");
  EXPECT_EQ(HumanBytes(1023), "1023 B");
  EXPECT_EQ(HumanBytes(1024), "1.00 KiB");
  EXPECT_EQ(HumanBytes(1536.0 * 1024 * 1024), "1.50 GiB");
  EXPECT_EQ(HumanBytes(1023.9 * 1024), "1.00 MiB");
  EXPECT_EQ(HumanCount(7), "7");
  EXPECT_EQ(HumanCount(134515008), "135 M");
  EXPECT_EQ(HumanCount(1.2356e9), "1.24 B");
  EXPECT_EQ(HumanSeconds(0.0351), "35.1 ms");
  EXPECT_EQ(HumanSeconds(125), "2 min 5 s");
}

TEST(WordWrap, BreaksBetweenWordsAndNotInCode) {
  struct {
    size_t columns;
    const char *text, *shown;
  } const cases[] = {
      {0, "aaa bbb ccc", "aaa bbb ccc"},
      {7, "aaa bbb ccc", "aaa bbb\nccc"},
      {7, "aaa bbbb", "aaa\nbbbb"},
      {4, "aaaaaaaa b", "aaaaaaaa b"},  // a word longer than a line stays whole
      {6, "ab\ncd ef gh", "ab\ncd ef\ngh"},
      {6, "  ab cd", "  ab\ncd"},
      {8, "```\nint main(int argc)\n```\nand then on", "```\nint main(int argc)\n```\nand then\non"},
      {4, "\u00e4\u00f6 \u00fc", "\u00e4\u00f6 \u00fc"},  // two bytes, one column
      {4, "\u65e5\u672c\u8a9e", "\u65e5\u672c\n\u8a9e"},  // three bytes, two columns
  };
  for (const auto& c : cases) {
    const std::string text = c.text;
    for (size_t piece = 1; piece <= text.size(); ++piece) {
      WordWrap wrap(c.columns);
      std::string shown;
      for (size_t at = 0; at < text.size(); at += piece) shown += wrap.Push(text.substr(at, piece));
      EXPECT_EQ(shown + wrap.Finish(), c.shown) << c.columns << " columns, pieces of " << piece;
    }
  }
}

TEST(WithoutControls, NothingThatAModelWritesSteersTheTerminal) {
  const struct {
    std::string text, shown;
  } kCases[] = {
      {"plain\ttext\n", "plain\ttext\n"},
      {"\x1b[2J\x1b]52;c;cm0=\x07", "\\x1b[2J\\x1b]52;c;cm0=\\x07"},
      {"over\rwritten\b\x7f", "over\\x0dwritten\\x08\\x7f"},
      {std::string("\0", 1), "\\x00"},
      {"\xc2\x9b"
       "31m \xc2\xa0\xc3\x9b",
       "\\x9b"
       "31m \xc2\xa0\xc3\x9b"},  // U+009B is ESC [ for some; U+00DB is a letter
      {"\xc2", "\xc2"},
  };
  for (const auto& c : kCases) EXPECT_EQ(WithoutControls(c.text), c.shown);
}

TEST(OutputFlags, RefuseAnExistingFileUnlessForced) {
  const TempDir dir;
  WriteBytes(dir / "there", "old");
  OutputFlags output = {.path = dir / "there", .force = false};
  const auto refused = output.Open();
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().what.find("--force"), std::string::npos) << refused.error().what;
  EXPECT_EQ(ReadBytes(dir / "there"), "old");
  output.force = true;
  {
    auto writer = output.Open();
    ASSERT_TRUE(writer);
    ASSERT_TRUE(writer->Write("new"));
    EXPECT_EQ(ReadBytes(dir / "there"), "old");  // until it is whole
    ASSERT_TRUE(writer->Commit());
  }
  EXPECT_EQ(ReadBytes(dir / "there"), "new");
}

// What a progress bar writes to `descriptor` standing in for standard error: at once, and after its second of patience.
std::pair<std::string, std::string> ProgressOn(int descriptor, const std::function<std::string()>& read) {
  const int saved = ::dup(STDERR_FILENO);
  ::dup2(descriptor, STDERR_FILENO);
  std::pair<std::string, std::string> said;
  {
    Progress progress("packing");
    progress.Set(0.5, "half");
    said.first = read();
    std::this_thread::sleep_for(std::chrono::milliseconds(1010));
    progress.Set(0.75, "more");
  }
  said.second = read();
  ::dup2(saved, STDERR_FILENO);
  ::close(saved);
  return said;
}

std::string ReadAvailable(int descriptor) {
  std::string text;
  char buffer[4096];
  while (true) {
    pollfd ready = {descriptor, POLLIN, 0};
    if (::poll(&ready, 1, 100) <= 0) return text;
    const ssize_t got = ::read(descriptor, buffer, sizeof buffer);
    if (got <= 0) return text;
    text.append(buffer, size_t(got));
  }
}

TEST(Progress, ShowsOnATerminalAfterASecondAndClearsItsLine) {
  int terminal = -1, screen = -1;
  ASSERT_EQ(::openpty(&screen, &terminal, nullptr, nullptr, nullptr), 0);
  ::setenv("TERM", "xterm", 1);
  const auto [first, later] = ProgressOn(terminal, [&] { return ReadAvailable(screen); });
  EXPECT_EQ(first, "");
  EXPECT_NE(later.find("packing ["), std::string::npos) << later;
  EXPECT_NE(later.find("75 %  more"), std::string::npos) << later;
  EXPECT_TRUE(later.ends_with("\r\033[K")) << later;
  ::close(terminal);
  ::close(screen);
}

TEST(Progress, SaysNothingInAPipe) {
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  const auto [first, later] = ProgressOn(ends[1], [&] { return ReadAvailable(ends[0]); });
  EXPECT_EQ(first + later, "");
  ::close(ends[0]);
  ::close(ends[1]);
}

TEST(ExitOf, EveryCodeHasOne) {
  EXPECT_EQ(ExitOf(Code::kBadInput), Exit::kUsage);
  EXPECT_EQ(ExitOf(Code::kNotFound), Exit::kUsage);
  EXPECT_EQ(ExitOf(Code::kCorrupt), Exit::kCorrupt);
  EXPECT_EQ(ExitOf(Code::kUnsupported), Exit::kUnsupported);
  EXPECT_EQ(ExitOf(Code::kExhausted), Exit::kExhausted);
  EXPECT_EQ(ExitOf(Code::kCancelled), Exit::kCancelled);
  EXPECT_EQ(ExitOf(Code::kBug), Exit::kBug);
}

TEST(Clipped, CountsCharactersAndNotBytes) {
  EXPECT_EQ(Clipped("best · 3", 8), "best · 3");
  EXPECT_EQ(Clipped("best · 3", 7), "best ·…");
  EXPECT_EQ(Clipped("best · 3", 6), "best …");
  EXPECT_EQ(Clipped("··", 1), "…");
  EXPECT_EQ(Clipped("", 1), "");
}

}  // namespace
}  // namespace hasten
