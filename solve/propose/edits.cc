#include "solve/propose/edits.h"

#include <algorithm>
#include <array>
#include <unordered_set>

#include "solve/log/digest.h"

namespace hasten::solve {
namespace {

using Kind = CodeToken::Kind;
using Words = std::vector<std::string_view>;

const std::unordered_set<std::string_view> kKeywords = {
    "False",   "None",     "True",     "and",    "as",     "assert",   "async",  "await",    "break",   "case",      "char",
    "class",   "const",    "auto",     "def",    "del",    "do",       "double", "elif",     "else",    "end",       "except",
    "false",   "finally",  "float",    "for",    "from",   "function", "global", "if",       "import",  "in",        "int",
    "is",      "lambda",   "let",      "local",  "long",   "new",      "nil",    "nonlocal", "not",     "null",      "or",
    "pass",    "raise",    "return",   "size_t", "static", "struct",   "switch", "then",     "true",    "try",       "typedef",
    "until",   "using",    "var",      "void",   "while",  "with",     "yield",  "continue", "include", "namespace", "repeat",
    "default", "template", "typename", "public", "private"};

// What may stand in each other's place, the likelier first.
const std::vector<Words> kExchanges = {{"<", "<=", ">", ">=", "==", "!="},
                                       {"+", "-", "*", "/", "//", "%", "**"},
                                       {"&", "|", "^", "<<", ">>"},
                                       {"=", "+=", "-=", "*="},
                                       {"&=", "|=", "^=", "<<=", ">>="},
                                       {"&&", "||"},
                                       {"and", "or"},
                                       {"True", "False"},
                                       {"true", "false"},
                                       {"min", "max"},
                                       {"any", "all"},
                                       {"break", "continue"},
                                       {"append", "extend"},
                                       {"add", "update"},
                                       {"floor", "ceil"},
                                       {"pop", "popleft"},
                                       {"union", "intersection", "difference"},
                                       {"if", "while"},
                                       {"return", "yield"},
                                       {"sin", "cos"},
                                       {"startswith", "endswith"}};

bool IsOpening(std::string_view text) { return text == "(" || text == "[" || text == "{"; }
bool IsClosing(std::string_view text) { return text == ")" || text == "]" || text == "}"; }
bool IsComparison(std::string_view text) {
  return std::find(kExchanges[0].begin(), kExchanges[0].end(), text) != kExchanges[0].end();
}
bool IsSmallInteger(std::string_view text) {
  return text.size() < 10 && text.find_first_not_of("0123456789") == std::string_view::npos;
}

void Exchange(EditList& list, size_t at) {
  for (const Words& words : kExchanges) {
    if (std::find(words.begin(), words.end(), list.Text(at)) == words.end()) continue;
    for (const std::string_view other : words)
      if (other != list.Text(at)) list.Add(list.Begin(at), list.End(at), std::string(other), 1);
    return;
  }
}

// `x < 1` as every comparison with 0, 1 and 2: one defect, two tokens.
void ComparisonEdits(EditList& list, size_t at) {
  const size_t number = list.Next(at);
  if (!IsComparison(list.Text(at)) || number >= list.size() || !IsSmallInteger(list.Text(number))) return;
  const long long value = std::stoll(std::string(list.Text(number)));
  for (const std::string_view op : kExchanges[0])
    for (const long long other : {value + 1, value - 1})
      if (other >= 0) list.Add(list.Begin(at), list.End(number), std::string(op) + " " + std::to_string(other), 2);
}

void NumberEdits(EditList& list, size_t at) {
  const std::string_view text = list.Text(at);
  if (!IsSmallInteger(text)) return;
  const long long value = std::stoll(std::string(text));
  for (const long long other : {value + 1, value - 1, 0LL, 1LL, 2LL})
    if (other != value && other >= -1)
      list.Add(list.Begin(at), list.End(at), other < 0 ? "(-1)" : std::to_string(other), other == 2 ? 2 : 1);
  for (const std::string& name : list.variables()) list.Add(list.Begin(at), list.End(at), name, 3);
}

// Another variable, another attribute.
void NameEdits(EditList& list, size_t at) {
  if (list.IsVariable(at)) {
    for (const std::string& name : list.variables()) list.Add(list.Begin(at), list.End(at), name, 2);
    return;
  }
  const size_t before = list.Previous(at);
  if (before >= list.size() || list.Text(before) != ".") return;
  const bool called = list.Is(list.Next(at), "(");
  for (size_t i = 0; i < list.size(); ++i)
    if (i != at && list.tokens()[i].kind == Kind::kName && list.Is(list.Previous(i), ".") &&
        called == list.Is(list.Next(i), "("))
      list.Add(list.Begin(at), list.End(at), std::string(list.Text(i)), 2);
}

// Behind an operand: off by one, off by a variable, squared, a part of it.
void OperandEdits(EditList& list, size_t at, bool python) {
  if (!list.IsOperand(at)) return;
  const size_t end = list.End(at);
  const bool number = list.tokens()[at].kind == Kind::kNumber;
  if (!number)
    for (const char* more : {" + 1", " - 1"}) list.Add(end, end, more, 2);
  for (const std::string& name : list.variables())
    for (const char* op : {" - ", " + "}) list.Add(end, end, op + name, 4);
  const bool name = list.IsVariable(at);
  if (!name && !IsClosing(list.Text(at))) return;
  const std::string self(list.Text(at));
  if (name) list.Add(end, end, python ? " ** 2" : " * " + self, 4);
  if (!python) return;
  for (const char* part : {"[1:]", "[:-1]", "[0]", "[-1]"}) list.Add(end, end, part, 3);
  for (const std::string& other : list.variables()) {
    list.Add(end, end, "[" + other + ":]", 4);
    list.Add(end, end, "[:" + other + "]", 4);
    list.Add(end, end, "[" + other + "]", 5);
  }
  if (!name) return;
  for (const char* function : {"list", "len", "set", "sorted", "abs", "int", "str", "reversed"})
    list.Add(list.Begin(at), end, function + ("(" + self + ")"), 5);
  list.Add(list.Begin(at), end, "not " + self, 4);
}

// Operators: exchanged, dropped with what is behind or before them, their operands swapped.
void OperatorEdits(EditList& list, size_t at) {
  const size_t left = list.Previous(at), right = list.Next(at);
  if (left >= list.size() || right >= list.size() || !list.IsOperand(left)) return;
  const size_t begin = list.OperandBegin(left), end = list.OperandEnd(right);
  list.Add(list.End(left), list.End(end), "", 1);
  list.Add(list.Begin(begin), list.Begin(right), "", 1);
  list.Add(list.Begin(begin), list.End(end),
           list.Between(right, end) + list.Between(left + 1, right - 1) + list.Between(begin, left), 2);
}

// The arguments of one pair of brackets, as ranges of tokens.
std::vector<std::pair<size_t, size_t>> ArgumentsOf(const EditList& list, size_t open) {
  std::vector<std::pair<size_t, size_t>> parts;
  const size_t end = list.Closed(open);
  if (end == open) return parts;
  size_t begin = open + 1, depth = 0;
  for (size_t i = open + 1; i < end; ++i) {
    depth += IsOpening(list.Text(i));
    const bool last = i + 1 == end;
    if (depth == 0 && (last || list.Text(i) == ",")) {
      while (begin < i && list.tokens()[begin].kind == Kind::kSpace) ++begin;
      if (begin < i) parts.emplace_back(begin, i - 1);
      begin = i + 1;
    }
    depth -= !last && IsClosing(list.Text(i));
  }
  return parts;
}

void BracketEdits(EditList& list, size_t open) {
  const auto parts = ArgumentsOf(list, open);
  const size_t close = list.Closed(open);
  if (close == open) return;
  for (size_t a = 0; a < parts.size(); ++a)
    for (size_t b = a + 1; b < parts.size(); ++b)
      list.Add(list.Begin(parts[a].first), list.End(parts[b].second),
               list.Between(parts[b].first, parts[b].second) + list.Between(parts[a].second + 1, parts[b].first - 1) +
                   list.Between(parts[a].first, parts[a].second),
               a + 1 == b ? 1 : 2);
  if (parts.size() > 1)
    for (size_t a = 0; a < parts.size(); ++a)
      list.Add(a ? list.End(parts[a - 1].second) : list.Begin(parts[0].first),
               a ? list.End(parts[a].second) : list.Begin(parts[1].first), "", 3);
  if (list.Text(open) == "[" && parts.empty()) {
    list.Add(list.Begin(open), list.End(close - 1), "[[]]", 2);
    for (const std::string& name : list.variables()) list.Add(list.Begin(open), list.End(close - 1), "[" + name + "]", 2);
  }
  const size_t callee = list.Previous(open);
  const bool call = list.Text(open) == "(" && callee < list.size() && list.tokens()[callee].kind == Kind::kName &&
                    !kKeywords.contains(list.Text(callee)) && !list.Is(list.Previous(callee), "def");
  if (!call) return;
  const size_t begin = list.OperandBegin(close - 1);
  for (const auto& [first, last] : parts) list.Add(list.Begin(begin), list.End(close - 1), list.Between(first, last), 2);
  for (const std::string& name : list.variables()) list.Add(list.Begin(begin), list.End(close - 1), name, 4);
}

}  // namespace

EditList::EditList(std::string_view program) : program_(program), tokens_(CodeTokens(program)) {
  size_t at = 0;
  for (const CodeToken& token : tokens_) {
    begins_.push_back(at);
    at += token.text.size();
  }
  begins_.push_back(at);
  for (size_t i = 0; i < size(); ++i)
    if (IsVariable(i) && std::find(variables_.begin(), variables_.end(), Text(i)) == variables_.end())
      variables_.emplace_back(Text(i));
}

void EditList::Add(size_t begin, size_t end, std::string text, int cost) {
  if (program_.substr(begin, end - begin) != text) edits_.push_back({begin, end, std::move(text), cost});
}

std::vector<Edit> EditList::Sorted() {
  std::stable_sort(edits_.begin(), edits_.end(), [](const Edit& a, const Edit& b) { return a.cost < b.cost; });
  std::unordered_set<uint64_t> seen = {Digest(program_)};
  std::vector<Edit> kept;
  for (Edit& edit : edits_)
    if (seen.insert(Digest(Applied(program_, edit))).second) kept.push_back(std::move(edit));
  return kept;
}

size_t EditList::Next(size_t token) const {
  for (size_t i = token + 1; i < size(); ++i) {
    if (tokens_[i].kind != Kind::kSpace) return i;
    if (Text(i).find('\n') != std::string_view::npos) break;
  }
  return size();
}

size_t EditList::Previous(size_t token) const {
  for (size_t i = token; i-- > 0;) {
    if (tokens_[i].kind != Kind::kSpace) return i;
    if (Text(i).find('\n') != std::string_view::npos) break;
  }
  return size();
}

size_t EditList::Closed(size_t open) const {
  size_t depth = 0;
  for (size_t i = open; i < size(); ++i) {
    depth += IsOpening(Text(i));
    if (IsClosing(Text(i)) && depth-- == 1) return i + 1;
  }
  return open;
}

size_t EditList::OperandBegin(size_t last) const {
  size_t at = last;
  for (;;) {
    if (IsClosing(Text(at))) {
      size_t depth = 0;
      for (size_t i = at + 1; i-- > 0;) {
        depth += IsClosing(Text(i));
        if (IsOpening(Text(i)) && --depth == 0) {
          at = i;
          break;
        }
      }
    }
    if (at == 0) return at;
    const bool name_before = tokens_[at - 1].kind == Kind::kName && !kKeywords.contains(Text(at - 1));
    if (IsOpening(Text(at)) && (name_before || IsClosing(Text(at - 1)))) {
      --at;
    } else if (at >= 2 && Is(at - 1, ".")) {
      at -= 2;
    } else {
      return at;
    }
  }
}

size_t EditList::OperandEnd(size_t first) const {
  size_t at = first;
  if (IsOpening(Text(at)) && Closed(at) != at) at = Closed(at) - 1;
  for (;;) {
    if (at + 1 < size() && (Text(at + 1) == "(" || Text(at + 1) == "[") && Closed(at + 1) != at + 1) {
      at = Closed(at + 1) - 1;
    } else if (at + 2 < size() && Text(at + 1) == "." && tokens_[at + 2].kind == Kind::kName) {
      at += 2;
    } else {
      return at;
    }
  }
}

std::string EditList::Between(size_t first, size_t last) const {
  std::string text;
  for (size_t i = first; i <= last && i < size(); ++i) text += tokens_[i].text;
  return text;
}

bool EditList::IsVariable(size_t token) const {
  if (tokens_[token].kind != Kind::kName || kKeywords.contains(Text(token)) || Is(Next(token), "(")) return false;
  const size_t before = Previous(token);
  return before >= size() || (Text(before) != "." && Text(before) != "def" && Text(before) != "import" &&
                              Text(before) != "from" && Text(before) != "class");
}

bool EditList::IsOperand(size_t token) const {
  const CodeToken& t = tokens_[token];
  if (t.kind == Kind::kNumber || IsVariable(token) || t.text == ")" || t.text == "]") return true;
  return t.kind == Kind::kName && Is(Previous(token), ".") && !Is(Next(token), "(");
}

std::string Applied(std::string_view program, const Edit& edit) {
  std::string text(program.substr(0, edit.begin));
  text += edit.text;
  text += program.substr(edit.end);
  return text;
}

void AddTokenEdits(EditList& list, bool python) {
  for (size_t i = 0; i < list.size(); ++i) {
    const Kind kind = list.tokens()[i].kind;
    if (kind == Kind::kOperator || kind == Kind::kName) Exchange(list, i);
    if (kind == Kind::kOperator) {
      ComparisonEdits(list, i);
      OperatorEdits(list, i);
    }
    if (kind == Kind::kNumber) NumberEdits(list, i);
    if (kind == Kind::kName) NameEdits(list, i);
    if (IsOpening(list.Text(i))) BracketEdits(list, i);
    OperandEdits(list, i, python);
  }
}

std::vector<Edit> SmallEdits(std::string_view program, std::string_view language) {
  // What a person would call one function; beyond it, the list costs more than it finds.
  constexpr size_t kMost = 20000;
  if (program.size() > kMost) return {};
  EditList list(program);
  AddTokenEdits(list, language == "python");
  if (language == "python") AddStatementEdits(list);
  return list.Sorted();
}

}  // namespace hasten::solve
