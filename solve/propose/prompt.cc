#include "solve/propose/prompt.h"

#include <algorithm>
#include <vector>

#include "base/quote.h"
#include "solve/propose/code_tokens.h"
#include "solve/task/languages.h"

namespace hasten::solve {
namespace {

constexpr size_t kShownExamples = 6;

// Not inside of a character.
size_t CharacterAt(const std::string& text, size_t at) {
  while (at > 0 && at < text.size() && (text[at] & 0xc0) == 0x80) --at;
  return at;
}

// Beginning and end: a program's head says what it takes, the end of an output how it ended.
std::string Shortened(const std::string& text, size_t most) {
  if (text.size() <= most) return text;
  const size_t head = CharacterAt(text, most - most / 3), tail = CharacterAt(text, text.size() - most / 3);
  return text.substr(0, head) + Fmt("\n… (%zu of %zu bytes are left out)\n", tail - head, text.size()) + text.substr(tail);
}

std::string Fenced(const std::string& language, const std::string& text, size_t most) {
  const std::string shown = Shortened(text, most);
  return "```" + language + "\n" + shown + (shown.ends_with('\n') ? "" : "\n") + "```\n";
}

std::string ExamplesOf(const Task& task, size_t most) {
  std::string text;
  size_t shown = 0;
  for (const TaskCheck& check : task.checks) {
    if (check.held_out || check.hidden || shown == kShownExamples) continue;
    if (check.kind == TaskCheckKind::kCall) {
      const std::string inside = check.arguments.size() > 2 ? check.arguments.substr(1, check.arguments.size() - 2) : "";
      text += task.entry + "(" + Shortened(inside, most) + ") == " + Shortened(check.expected, most) + "\n";
    } else if (check.kind == TaskCheckKind::kProcess && !check.any_output) {
      text += "input:\n" + Shortened(check.input, most) + "\noutput:\n" + Shortened(check.expected, most) + "\n";
    } else if (check.kind == TaskCheckKind::kCode) {
      text += Shortened(check.code, most) + "\n";
    } else {
      continue;
    }
    ++shown;
  }
  return text;
}

std::string FailureOf(const Judged& judged, size_t most) {
  std::string text = Fmt("%zu of %zu checks passed. It ", judged.passed, judged.checks) + judged.verdict + ": " +
                     Shortened(judged.feedback, most) + "\n";
  const bool lines = judged.got.find('\n') != std::string::npos || judged.expected.find('\n') != std::string::npos;
  if (lines) {
    text += "Lines that it gave and should not (-), and lines that are missing (+):\n" +
            Fenced("diff", DiffOf(judged.expected, judged.got), most);
  } else if (!judged.got.empty() || !judged.expected.empty()) {
    text += "It gave:  " + Shortened(judged.got, most) + "\nExpected: " + Shortened(judged.expected, most) + "\n";
  }
  return text;
}

}  // namespace

std::string FenceOf(const Task& task) {
  const LanguageNames* const names = FindLanguage(task.language);
  return std::string(names ? names->fence : std::string_view());
}

// "the whole c++ program"
static std::string AnswerIn(const Task& task) {
  const LanguageNames* const names = FindLanguage(task.language);
  const std::string spoken(names ? names->spoken : std::string_view());
  return "the whole " + (task.language == "text" ? "text" : spoken.empty() ? "program" : spoken + " program");
}

std::string PromptFor(const Task& task, const Ask& ask, const PromptClip& clip) {
  std::string text = task.goal + "\n";
  if (!task.signature.empty()) text += "\nWrite this:\n" + Fenced(FenceOf(task), task.signature, clip.context);
  if (!task.template_before.empty() || !task.template_after.empty())
    text += "\nYour code stands where {{candidate}} is; answer with that part alone:\n" +
            Fenced(FenceOf(task), task.template_before + "{{candidate}}" + task.template_after, clip.context);
  for (const sandbox::File& file : task.files) text += "\nThe file " + file.path + ":\n" + Fenced("", file.bytes, clip.context);
  if (const std::string examples = ExamplesOf(task, clip.context); !examples.empty())
    text += "\nIt must hold:\n" + Fenced("", examples, 2 * clip.context);
  if (const TaskCheck* const score = task.Score())
    text += std::string("\nA score is measured; ") + (score->lower ? "smaller" : "larger") + " is better.\n";
  if (ask.kind == Ask::Kind::kRepair && ask.parent) {
    text += "\nThis was tried:\n" + Fenced(FenceOf(task), ask.parent->candidate, clip.candidate) +
            FailureOf(ask.parent->judged, clip.failure);
    text += task.Score() ? "Improve it.\n" : "Correct it.\n";
  } else if (!task.seed_program.empty()) {
    text += "\nBegin with this program:\n" + Fenced(FenceOf(task), task.seed_program, clip.candidate);
  }
  if (task.proposers.Constrained()) return text + "\nAnswer with the text alone.\n";
  return text + "\nAnswer with " + AnswerIn(task) + " in one ``` block, and nothing else.\n";
}

std::string FittingPrompt(const Task& task, const Ask& ask, const std::function<bool(const std::string&)>& fits) {
  static constexpr PromptClip kClips[] = {{8000, 8000, 8000}, {2000, 4000, 8000}, {1000, 1500, 8000}, {500, 800, 4000},
                                          {250, 400, 2000},   {120, 200, 1000},   {60, 100, 500}};
  std::string text;
  for (const PromptClip& clip : kClips) {
    std::string next = PromptFor(task, ask, clip);
    if (next == text) continue;
    text = std::move(next);
    if (fits(text)) break;
  }
  return text;
}

std::string ProgramIn(const Task& task, const std::string& answer) {
  std::string text = answer;
  if (const size_t thought = text.rfind("</think>"); thought != std::string::npos) text.erase(0, thought + 8);
  std::vector<std::string> blocks;
  for (size_t at = 0; (at = text.find("```", at)) != std::string::npos;) {
    const size_t begin = text.find('\n', at);
    if (begin == std::string::npos) break;
    const size_t end = text.find("```", begin);
    blocks.push_back(text.substr(begin + 1, end == std::string::npos ? end : end - begin - 1));
    if (end == std::string::npos) break;  // the answer was cut short
    at = end + 3;
  }
  std::string program = blocks.empty() ? text : blocks.back();
  for (const std::string& block : blocks)
    if (!task.entry.empty() && block.find(task.entry) != std::string::npos) program = block;
  if (program.find_first_not_of(" \t\r\n") == std::string::npos) return {};
  const bool body = task.language == "python" && !task.signature.empty() && !task.entry.empty() &&
                    program.find("def " + task.entry) == std::string::npos;
  if (body) program = task.signature + (task.signature.ends_with('\n') ? "" : "\n") + program;
  if (program.back() != '\n') program += '\n';
  return program;
}

std::string DiffOf(const std::string& expected, const std::string& got) {
  const auto a = CodeLines(got), b = CodeLines(expected);
  // Longest common subsequence of the first lines; a prompt has no room for more anyway.
  constexpr size_t kMost = 400;
  const size_t n = std::min(a.size(), kMost), m = std::min(b.size(), kMost);
  std::vector<std::vector<size_t>> common(n + 1, std::vector<size_t>(m + 1));
  for (size_t i = n; i-- > 0;)
    for (size_t j = m; j-- > 0;)
      common[i][j] = a[i] == b[j] ? common[i + 1][j + 1] + 1 : std::max(common[i + 1][j], common[i][j + 1]);
  std::string diff;
  const auto add = [&diff](const char* mark, const std::string& line) {
    diff += mark + line;
    if (!line.ends_with('\n')) diff += '\n';
  };
  for (size_t i = 0, j = 0; i < n || j < m;) {
    if (i < n && j < m && a[i] == b[j]) {
      add("  ", a[i]);
      ++i, ++j;
    } else if (j == m || (i < n && common[i + 1][j] >= common[i][j + 1])) {
      add("- ", a[i++]);
    } else {
      add("+ ", b[j++]);
    }
  }
  return diff;
}

}  // namespace hasten::solve
