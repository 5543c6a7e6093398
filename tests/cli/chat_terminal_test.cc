// `hasten chat` on a terminal, typed at as a person would.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <pty.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "tests/cli/hasten.h"

namespace hasten {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

// A program on a terminal of its own, 60 columns wide.
class Terminal {
 public:
  Terminal(std::vector<std::string> command, const std::string& state) {
    winsize size = {.ws_row = 30, .ws_col = 60, .ws_xpixel = 0, .ws_ypixel = 0};
    child_ = ::forkpty(&screen_, nullptr, nullptr, &size);
    if (child_ != 0) return;
    ::setenv("XDG_STATE_HOME", state.c_str(), 1);
    ::setenv("TERM", "xterm", 1);
    std::vector<char*> argv;
    for (std::string& word : command) argv.push_back(word.data());
    argv.push_back(nullptr);
    ::execvp(argv[0], argv.data());
    ::_exit(127);
  }
  ~Terminal() {
    ::close(screen_);
    ::kill(child_, SIGKILL);
    if (!ended_) ::waitpid(child_, nullptr, 0);
  }
  Terminal(const Terminal&) = delete;
  Terminal& operator=(const Terminal&) = delete;

  // Types a line's keys once the program reads keys: what is typed while it changes the terminal's mode is lost.
  void TypeLine(const std::string& keys) {
    termios mode{};
    for (int tries = 0; tries < 6000; ++tries) {
      ASSERT_EQ(::tcgetattr(screen_, &mode), 0);
      if (!(mode.c_lflag & ICANON)) break;
      pollfd more = {.fd = screen_, .events = POLLIN, .revents = 0};
      if (::poll(&more, 1, 10) > 0 && !Read()) break;
    }
    Type(keys);
  }
  void Type(const std::string& keys) { EXPECT_EQ(::write(screen_, keys.data(), keys.size()), ssize_t(keys.size())); }
  // Reads until `text` has come, and takes all up to it. False: it does not come.
  bool WaitFor(const std::string& text) {
    for (;;) {
      if (const size_t at = unread_.find(text); at != unread_.npos) {
        taken_ = unread_.substr(0, at + text.size());
        unread_.erase(0, at + text.size());
        return true;
      }
      if (!Read()) return false;
    }
  }
  // Reads until some bytes more have come, whatever they are.
  bool WaitForMore(size_t bytes) {
    while (unread_.size() < bytes)
      if (!Read()) return false;
    return true;
  }
  const std::string& taken() const { return taken_; }
  int ExitCode() {
    while (Read()) {
    }
    int status = 0;
    ::waitpid(child_, &status, 0);
    ended_ = true;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
  }

 private:
  bool Read() {
    constexpr int kPatience_ms = 60'000;
    pollfd wait = {.fd = screen_, .events = POLLIN, .revents = 0};
    char bytes[4096];
    if (::poll(&wait, 1, kPatience_ms) <= 0) return false;
    const ssize_t got = ::read(screen_, bytes, sizeof bytes);
    if (got <= 0) return false;
    unread_.append(bytes, size_t(got));
    return true;
  }

  int screen_ = -1;
  pid_t child_ = -1;
  bool ended_ = false;
  std::string unread_, taken_;
};

constexpr char kEnter[] = "\r", kCtrlC[] = "\x03", kCtrlD[] = "\x04", kUp[] = "\033[A";

class ChatTerminal : public testing::Test {
 protected:
  void SetUp() override {
    if (std::string(HASTEN_EMULATOR) != "") GTEST_SKIP() << "not under emulation";
    ASSERT_EQ(Hasten({"synth", "--layers", "1", "--width", "64", "-o", model_}).exit_code, 0);
  }
  std::vector<std::string> Command(std::vector<std::string> flags) const {
    std::vector<std::string> command = {HASTEN_BINARY, "chat", model_, "--greedy"};
    command.insert(command.end(), flags.begin(), flags.end());
    return command;
  }
  TempDir folder_;
  const std::string model_ = folder_ / "model.gguf", state_ = folder_ / "state";
};

TEST_F(ChatTerminal, CtrlCStopsTheAnswerAndNotTheProgram) {
  Terminal terminal(Command({"--ctx", "100000", "--speculate", "off"}), state_);  // guessing right, it would be at its end
  ASSERT_TRUE(terminal.WaitFor("> "));
  terminal.TypeLine(std::string("Hello") + kEnter);
  ASSERT_TRUE(terminal.WaitFor("Hello\r\n"));
  ASSERT_TRUE(terminal.WaitForMore(100));  // of the answer
  terminal.Type(kCtrlC);
  ASSERT_TRUE(terminal.WaitFor("[stopped]"));
  EXPECT_THAT(terminal.taken(), Not(HasSubstr("^C")));
  terminal.TypeLine(std::string("/tokens") + kEnter);
  ASSERT_TRUE(terminal.WaitFor("last answer"));
  ASSERT_TRUE(terminal.WaitFor("> "));
  terminal.TypeLine(std::string("half a line") + kCtrlC);  // empties the line
  terminal.TypeLine(kCtrlD);
  EXPECT_EQ(terminal.ExitCode(), 0);
}

TEST_F(ChatTerminal, APastedTextIsOneMessage) {
  Terminal terminal(Command({"-n", "2", "--ctx", "500"}), state_);
  ASSERT_TRUE(terminal.WaitFor("\033[?2004h"));
  terminal.TypeLine(std::string("\033[200~one\rtwo\rthree\r\033[201~") + kEnter);
  ASSERT_TRUE(terminal.WaitFor("\033[?2004h"));
  const std::string saved = folder_ / "talk.json";
  terminal.TypeLine("/save " + saved + kEnter);
  ASSERT_TRUE(terminal.WaitFor("saved to"));
  EXPECT_THAT(ReadBytes(saved), HasSubstr(R"("content": "one\ntwo\nthree")"));
  terminal.TypeLine(std::string("/quit") + kEnter);
  EXPECT_EQ(terminal.ExitCode(), 0);
}

TEST_F(ChatTerminal, LinesAreRememberedEvenWhereTheTerminalIsClosed) {
  {
    Terminal terminal(Command({"-n", "2", "--ctx", "500"}), state_);
    ASSERT_TRUE(terminal.WaitFor("> "));
    terminal.TypeLine(std::string("/system remember me") + kEnter);
    ASSERT_TRUE(terminal.WaitFor("system: remember me"));
  }
  Terminal terminal(Command({"-n", "2", "--ctx", "500"}), state_);
  ASSERT_TRUE(terminal.WaitFor("> "));
  terminal.TypeLine(std::string(kUp) + kEnter);
  EXPECT_TRUE(terminal.WaitFor("system: remember me"));
}

}  // namespace
}  // namespace hasten
