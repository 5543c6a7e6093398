#include "solve/task/task.h"

#include <algorithm>

#include "base/quote.h"
#include "solve/log/digest.h"
#include "solve/task/languages.h"

namespace hasten::solve {

const TaskCheck* Task::Score() const {
  for (const TaskCheck& check : checks)
    if (check.kind == TaskCheckKind::kScore && !check.held_out) return &check;
  return nullptr;
}

// "def add(a, b):", "int add(int a, int b)", "function add(a, b)", "local function add(…)": the name before the bracket.
static std::string NameIn(const std::string& signature) {
  const auto word = [](char c) {
    return c == '_' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
  };
  size_t line = signature.rfind("def ");
  const size_t bracket = signature.find('(', line == std::string::npos ? 0 : line);
  if (bracket == std::string::npos) return {};
  size_t end = bracket;
  while (end > 0 && signature[end - 1] == ' ') --end;
  size_t begin = end;
  while (begin > 0 && word(signature[begin - 1])) --begin;
  return signature.substr(begin, end - begin);
}

static uint64_t DigestOf(const Task& task) {
  uint64_t digest = Digest(task.text);
  const auto add = [&digest](std::string_view more) { digest = Digest(more, digest); };
  for (const TaskCheck& check : task.checks) {
    for (const std::string& part : {check.arguments, check.expected, check.code, check.input, check.judge}) add(part);
    for (const std::string& word : check.command) add(word);
  }
  for (const auto* files : {&task.files, &task.judge_files})
    for (const sandbox::File& file : *files) {
      add(file.path);
      add(file.bytes);
    }
  const ProposerSettings& p = task.proposers;
  for (const std::string& part : {task.template_before, task.template_after, task.seed_program, task.signature}) add(part);
  for (const std::string* part : {&p.schema, &p.grammar, &p.regex})
    if (!part->empty()) add(*part);
  return digest;
}

Status FinishTask(Task& task) {
  if (task.entry.empty()) task.entry = NameIn(task.signature);
  if (const LanguageNames* const names = FindLanguage(task.language); names && task.source_name.empty())
    task.source_name = names->file;
  const auto order = [](const TaskCheck& check) { return std::pair(check.held_out, check.kind); };
  std::stable_sort(task.checks.begin(), task.checks.end(),
                   [&](const TaskCheck& a, const TaskCheck& b) { return order(a) < order(b); });
  size_t open = 0, scores = 0;
  for (const TaskCheck& check : task.checks) {
    open += !check.held_out;
    scores += check.kind == TaskCheckKind::kScore && !check.held_out;
    if (check.kind == TaskCheckKind::kCall && task.entry.empty())
      return Error{Code::kBadInput,
                   Fmt("line %zu: an example calls a function, and the task names none; write entry = \"NAME\" or a signature",
                       check.line)};
    if (task.language == "text" && check.kind != TaskCheckKind::kScore && check.kind != TaskCheckKind::kCommand)
      return Error{Code::kBadInput, Fmt("line %zu: a candidate in text cannot be run; judge it by a command", check.line)};
  }
  if (open == 0) return Error{Code::kBadInput, "the task has no check that the search may see; add a [[check]]"};
  if (scores > 1) return Error{Code::kBadInput, "the task has more than one check that scores; one number is to be improved"};
  task.digest = DigestText(DigestOf(task));
  return {};
}

}  // namespace hasten::solve
