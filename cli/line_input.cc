#include "cli/line_input.h"

#include <histedit.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include <clocale>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <iostream>

namespace hasten {

struct LineInput::Impl {
  EditLine* line = nullptr;
  History* history = nullptr;
  HistEvent event{};
  std::string path, prompt;
};

static char* ShowPrompt(EditLine* line) {
  std::string* prompt = nullptr;
  el_get(line, EL_CLIENTDATA, &prompt);
  return prompt->data();
}

// Terminals that were asked to put pasted text between two marks; without them every line of it would be a message.
static constexpr char kMarkPastes[] = "\033[?2004h", kMarkNoPastes[] = "\033[?2004l";

static unsigned char Paste(EditLine* line, int) {
  static constexpr std::string_view kEnd = "\033[201~";
  constexpr size_t kMost = 1 << 20;
  std::string text;
  for (char c = 0; !text.ends_with(kEnd) && text.size() < kMost && el_getc(line, &c) == 1;) text += c == '\r' ? '\n' : c;
  if (text.ends_with(kEnd)) text.resize(text.size() - kEnd.size());
  while (text.ends_with('\n')) text.pop_back();
  return text.empty() || el_insertstr(line, text.c_str()) != 0 ? CC_ERROR : CC_REFRESH;
}

LineInput::LineInput(std::string history_file) {
  if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO)) return;
  // The editor counts columns by the locale; "C" knows no characters beyond ASCII.
  const char* locale = std::setlocale(LC_CTYPE, "");
  if (!locale || std::string(locale) == "C" || std::string(locale) == "POSIX") std::setlocale(LC_CTYPE, "C.UTF-8");
  impl_ = std::make_unique<Impl>();
  impl_->path = std::move(history_file);
  impl_->line = el_init("hasten", stdin, stdout, stderr);
  impl_->history = history_init();
  history(impl_->history, &impl_->event, H_SETSIZE, 1000);
  history(impl_->history, &impl_->event, H_SETUNIQUE, 1);
  if (!impl_->path.empty()) history(impl_->history, &impl_->event, H_LOAD, impl_->path.c_str());
  el_set(impl_->line, EL_CLIENTDATA, &impl_->prompt);
  el_set(impl_->line, EL_PROMPT, ShowPrompt);
  el_set(impl_->line, EL_EDITOR, "emacs");
  el_set(impl_->line, EL_HIST, ::history, impl_->history);
  el_set(impl_->line, EL_SETTY, "-d", "-isig", nullptr);  // Ctrl-C reaches the editor as a key
  el_set(impl_->line, EL_BIND, "^C", "em-kill-line", nullptr);
  el_set(impl_->line, EL_BIND, "^R", "em-inc-search-prev", nullptr);
  el_set(impl_->line, EL_ADDFN, "paste", "insert pasted text", Paste);
  el_set(impl_->line, EL_BIND, "\\e[200~", "paste", nullptr);
  el_source(impl_->line, nullptr);  // the user's own ~/.editrc
}

LineInput::~LineInput() {
  if (!impl_) return;
  history_end(impl_->history);
  el_end(impl_->line);
}

std::optional<std::string> LineInput::Line(const std::string& prompt) {
  if (!impl_) {
    std::string line;
    if (!std::getline(std::cin, line)) return {};
    return line;
  }
  impl_->prompt = prompt;
  int size = 0;
  std::fputs(kMarkPastes, stdout);
  const char* typed = el_gets(impl_->line, &size);
  std::fputs(kMarkNoPastes, stdout);
  std::fflush(stdout);
  if (!typed || size <= 0) return {};
  std::string line(typed, size_t(size));
  while (line.ends_with('\n') || line.ends_with('\r')) line.pop_back();
  if (line.empty()) return line;
  history(impl_->history, &impl_->event, H_ENTER, line.c_str());
  // At once: a terminal that is closed ends the process without a word.
  if (!impl_->path.empty() && history(impl_->history, &impl_->event, H_SAVE, impl_->path.c_str()) >= 0)
    chmod(impl_->path.c_str(), S_IRUSR | S_IWUSR);
  return line;
}

struct QuietKeys::Saved {
  termios mode;
};

QuietKeys::QuietKeys() {
  termios mode{};
  if (!isatty(STDIN_FILENO) || tcgetattr(STDIN_FILENO, &mode) != 0) return;
  saved_ = std::make_unique<Saved>(Saved{mode});
  mode.c_lflag &= ~tcflag_t(ECHO);
  tcsetattr(STDIN_FILENO, TCSANOW, &mode);
}

QuietKeys::~QuietKeys() {
  if (saved_) tcsetattr(STDIN_FILENO, TCSANOW, &saved_->mode);
}

std::string StateFile(const std::string& name) {
  const char* state = std::getenv("XDG_STATE_HOME");
  const char* home = std::getenv("HOME");
  std::filesystem::path folder;
  if (state && *state) {
    folder = state;
  } else if (home && *home) {
    folder = std::filesystem::path(home) / ".local" / "state";
  } else {
    return {};
  }
  std::error_code error;
  std::filesystem::create_directories(folder / "hasten", error);
  return error ? std::string() : (folder / "hasten" / name).string();
}

}  // namespace hasten
