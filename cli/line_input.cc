#include "cli/line_input.h"

#include <histedit.h>
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
  el_source(impl_->line, nullptr);  // the user's own ~/.editrc
}

LineInput::~LineInput() {
  if (!impl_) return;
  if (!impl_->path.empty()) history(impl_->history, &impl_->event, H_SAVE, impl_->path.c_str());
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
  const char* typed = el_gets(impl_->line, &size);
  if (!typed || size <= 0) return {};
  std::string line(typed, size_t(size));
  while (line.ends_with('\n') || line.ends_with('\r')) line.pop_back();
  if (!line.empty()) history(impl_->history, &impl_->event, H_ENTER, line.c_str());
  return line;
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
