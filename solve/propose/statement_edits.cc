// Edits of Python's statements: conditions made stricter or wider, results and assignments wrapped, lines moved, left out, put
// in.
#include <algorithm>

#include "solve/propose/edits.h"

namespace hasten::solve {
namespace {

// One line of code: from its first token that is no space up to its end, comments left out.
struct Line {
  size_t first = 0, last = 0;  // tokens
  size_t begin = 0, end = 0;   // bytes of the line, its indentation and line break included
  size_t indent = 0;
};

std::vector<Line> LinesOf(const EditList& list) {
  std::vector<Line> lines;
  const std::string_view text = list.program();
  for (size_t i = 0; i < list.size();) {
    if (list.tokens()[i].kind == CodeToken::Kind::kSpace) {
      ++i;
      continue;
    }
    Line line;
    line.first = i;
    while (list.Next(i) < list.size()) i = list.Next(i);
    line.last = i++;
    const size_t before = line.first == 0 ? std::string_view::npos : text.rfind('\n', list.Begin(line.first) - 1);
    line.begin = list.Begin(line.first) == 0 || before == std::string_view::npos ? 0 : before + 1;
    line.end = std::min(text.find('\n', list.End(line.last) - 1), text.size() - 1) + 1;
    line.indent = list.Begin(line.first) - line.begin;
    lines.push_back(line);
  }
  return lines;
}

// if, elif, while: the condition stands between the word and the colon.
void ConditionEdits(EditList& list, const Line& line) {
  const std::string_view word = list.Text(line.first);
  if ((word != "if" && word != "elif" && word != "while") || !list.Is(line.last, ":") || line.last < line.first + 3) return;
  const size_t begin = list.Begin(list.Next(line.first)), end = list.Begin(line.last);
  const std::string condition(list.program().substr(begin, end - begin));
  const bool joined = condition.find(" or ") != std::string::npos || condition.find(" and ") != std::string::npos;
  const std::string whole = joined ? "(" + condition + ")" : condition;
  list.Add(begin, end, "not (" + condition + ")", 3);
  for (const std::string& name : list.variables()) {
    const bool there = condition.find(name) != std::string::npos;
    if (there) list.Add(begin, end, name + " is None or " + whole, 3);
    list.Add(begin, end, whole + " or not " + name, 4);
    list.Add(begin, end, whole + " and " + name, 4);
    list.Add(begin, end, whole + " or " + name, 5);
    list.Add(begin, end, whole + " and not " + name, 5);
    if (!there) list.Add(begin, end, name + " is None or " + whole, 5);
    list.Add(begin, end, name, 4);
    list.Add(begin, end, "not " + name, 5);
  }
}

void ReturnEdits(EditList& list, const Line& line) {
  const std::string_view word = list.Text(line.first);
  if ((word != "return" && word != "yield") || line.last == line.first) return;
  const size_t begin = list.Begin(list.Next(line.first)), end = list.End(line.last);
  const std::string value(list.program().substr(begin, end - begin));
  const bool truth = value == "True" || value == "False";
  for (const std::string& name : list.variables()) {
    for (const char* test : {" == 0", " > 0"})
      if (truth) list.Add(begin, end, name + test, 2);
    if (truth) list.Add(begin, end, "not " + name, 2);
    list.Add(begin, end, name, 4);
    list.Add(begin, end, name + " + " + value, 4);
    list.Add(begin, end, value + " + " + name, 4);
  }
  for (const char* around : {"list", "sorted", "len", "int", "set", "sum", "abs"})
    list.Add(begin, end, around + ("(" + value + ")"), 5);
  list.Add(begin, end, "[" + value + "]", 5);
}

// x = E: the larger or the smaller of both, never below nothing, a copy.
void AssignmentEdits(EditList& list, const Line& line) {
  size_t equals = line.first;
  while (equals <= line.last && list.Text(equals) != "=") ++equals;
  if (equals > line.last || equals == line.first || list.Next(equals) > line.last) return;
  const size_t begin = list.Begin(list.Next(equals)), end = list.End(line.last);
  const std::string value(list.program().substr(begin, end - begin));
  std::string target(list.program().substr(list.Begin(line.first), list.Begin(equals) - list.Begin(line.first)));
  while (!target.empty() && target.back() == ' ') target.pop_back();
  for (const char* function : {"max(", "min("}) {
    list.Add(begin, end, function + target + ", " + value + ")", 3);
    list.Add(begin, end, function + ("0, " + value) + ")", 3);
  }
  for (const char* around : {"list", "sorted", "len", "int", "set", "abs", "dict"})
    list.Add(begin, end, around + ("(" + value + ")"), 5);
  list.Add(begin, end, target + " + " + value, 4);
}

// x.update(y) as x = y and the other way round.
void CallEdits(EditList& list, const Line& line) {
  const size_t close = line.last;
  if (!list.Is(close, ")")) return;
  size_t open = line.first;
  while (open < close && (list.Text(open) != "(" || list.Closed(open) != close + 1)) ++open;
  if (open >= close || open < line.first + 2 || list.OperandBegin(close) != line.first) return;
  const size_t method = list.Previous(open);
  if (method >= list.size() || !list.Is(list.Previous(method), ".")) return;
  const size_t dot = list.Previous(method);
  const std::string_view arguments = list.program().substr(list.End(open), list.Begin(close) - list.End(open));
  if (!arguments.empty()) list.Add(list.Begin(dot), list.End(close), " = " + std::string(arguments), 4);
}

bool OpensBlock(const EditList& list, const Line& line) { return list.Is(line.last, ":"); }

// Leaves out a line, or all that is indented below it; swaps neighbours; moves a line in or out.
void LineEdits(EditList& list, const std::vector<Line>& lines, size_t at) {
  const Line& line = lines[at];
  const std::string text(list.program().substr(line.begin, line.end - line.begin));
  const std::string code = text.substr(line.indent);
  if (!OpensBlock(list, line)) list.Add(line.begin, line.end, "", 3);
  if (OpensBlock(list, line) && list.Text(line.first) != "def") {
    size_t last = at;
    while (last + 1 < lines.size() && lines[last + 1].indent > line.indent) ++last;
    if (last > at) list.Add(line.begin, lines[last].end, "", 4);
  }
  if (at + 1 < lines.size() && lines[at + 1].indent == line.indent && !OpensBlock(list, line) &&
      !OpensBlock(list, lines[at + 1])) {
    const Line& next = lines[at + 1];
    list.Add(line.begin, next.end,
             std::string(list.program().substr(next.begin, next.end - next.begin)) +
                 std::string(list.program().substr(line.end, next.begin - line.end)) + text,
             3);
  }
  if (OpensBlock(list, line)) return;
  if (at + 1 == lines.size() || lines[at + 1].indent <= line.indent)
    if (line.indent >= 8) list.Add(line.begin, line.end, std::string(line.indent - 4, ' ') + code, 3);
  if (at > 0 && lines[at - 1].indent > line.indent)
    list.Add(line.begin, line.end, std::string(lines[at - 1].indent, ' ') + code, 3);
}

// What may have been forgotten at one place: an assignment, something put into a collection, an early end.
void Insert(EditList& list, size_t where, size_t indent, const std::vector<std::string>& collections) {
  const std::string space(indent, ' ');
  const auto put = [&](const std::string& statement, int cost) { list.Add(where, where, space + statement + "\n", cost); };
  for (const std::string& name : list.variables()) {
    for (const std::string& other : list.variables())
      if (other != name) put(name + " = " + other, 5);
    for (const std::string& collection : collections)
      if (collection.substr(0, collection.find('.')) != name) put(collection + name + ")", 4);
    put("return " + name, 5);
    for (const char* change : {" += 1", " -= 1"}) put(name + change, 5);
    for (const char* value : {"[]", "0", "None", "False", "True", "''"})
      put("if not " + name + ":\n" + space + "    return " + value, 6);
  }
  for (const char* word : {"break", "continue"}) put(word, 5);
}

// "seen.add(", "lines.append(": where a name begins as a collection, or such a call is there.
std::vector<std::string> CollectionsOf(const EditList& list) {
  std::vector<std::string> calls;
  const auto add = [&calls](std::string call) {
    if (std::find(calls.begin(), calls.end(), call) == calls.end()) calls.push_back(std::move(call));
  };
  for (size_t i = 0; i + 2 < list.size(); ++i) {
    if (!list.IsVariable(i)) continue;
    const std::string name(list.Text(i));
    const size_t next = list.Next(i), value = next < list.size() ? list.Next(next) : list.size();
    if (list.Is(next, ".") && (list.Is(value, "append") || list.Is(value, "add")))
      add(name + "." + std::string(list.Text(value)) + "(");
    if (!list.Is(next, "=") || value >= list.size()) continue;
    if (list.Is(value, "[") || list.Is(value, "list")) add(name + ".append(");
    if (list.Is(value, "set")) add(name + ".add(");
  }
  return calls;
}

}  // namespace

void AddStatementEdits(EditList& list) {
  const auto lines = LinesOf(list);
  const auto collections = CollectionsOf(list);
  for (size_t i = 0; i < lines.size(); ++i) {
    ConditionEdits(list, lines[i]);
    ReturnEdits(list, lines[i]);
    AssignmentEdits(list, lines[i]);
    CallEdits(list, lines[i]);
    LineEdits(list, lines, i);
    if (lines[i].indent == 0) continue;
    Insert(list, lines[i].begin, lines[i].indent, collections);
    // Behind a line also at the levels that end there.
    const size_t next = i + 1 < lines.size() ? lines[i + 1].indent : 0;
    if (!OpensBlock(list, lines[i]) && next < lines[i].indent)
      for (size_t indent = lines[i].indent; indent > std::max<size_t>(next, 1); indent -= std::min<size_t>(indent, 4))
        Insert(list, lines[i].end, indent, collections);
  }
}

}  // namespace hasten::solve
