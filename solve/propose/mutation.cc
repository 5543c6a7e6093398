#include "solve/propose/mutation.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <optional>

#include "solve/propose/code_tokens.h"
#include "solve/propose/dice.h"

namespace hasten::solve {
namespace {

using Kind = CodeToken::Kind;
using Tokens = std::vector<CodeToken>;

std::vector<size_t> Of(const Tokens& tokens, Kind kind) {
  std::vector<size_t> found;
  for (size_t i = 0; i < tokens.size(); ++i)
    if (tokens[i].kind == kind) found.push_back(i);
  return found;
}

bool IsInteger(const std::string& text) {
  return text.size() < 18 && text.find_first_not_of("0123456789") == std::string::npos;
}

// A fraction in full; nothing for integers, hexadecimal numbers and those with a suffix.
std::optional<double> RealOf(const std::string& text) {
  char* end = nullptr;
  const double value = std::strtod(text.c_str(), &end);
  if (IsInteger(text) || *end != 0 || !std::isfinite(value)) return {};
  return value;
}

std::string RealText(double value) {
  const std::string text = Fmt("%.12g", value);
  return text[0] == '-' ? "(" + text + ")" : text.find_first_of(".e") == std::string::npos ? text + ".0" : text;
}

// Steps over all sizes: what is far off needs large ones, what is nearly right tiny ones.
double StepSize(Dice& dice) { return std::pow(10.0, -6 * dice.Unit()); }

// A number written as the old one was: an integer stays one, a fraction keeps enough digits to be nudged further.
std::string Nudged(const std::string& text, Dice& dice) {
  if (IsInteger(text)) {
    const long long value = std::strtoll(text.c_str(), nullptr, 10);
    long long next = value;
    switch (dice.Below(value > 9 ? 4 : 2)) {
      case 0:
        next = value + 1;
        break;
      case 1:
        next = value - 1;
        break;
      case 2:
        next = llround(double(value) * std::exp2(dice.Normal()));
        break;
      default:
        next = value + llround(dice.Normal() * double(value) / 10);
    }
    return next < 0 ? "(" + std::to_string(next) + ")" : std::to_string(next);
  }
  const auto value = RealOf(text);
  if (!value) return text;
  return RealText(*value + dice.Normal() * StepSize(dice) * (*value == 0 ? 1 : std::fabs(*value)));
}

// All fractions, or those of one stretch of the program, by one size: what no change of single numbers improves may improve
// together (Rechenberg 1973).
bool NudgeTogether(Tokens& tokens, Dice& dice) {
  std::vector<size_t> reals;
  double mean = 0;
  for (const size_t i : Of(tokens, Kind::kNumber))
    if (const auto value = RealOf(tokens[i].text)) {
      reals.push_back(i);
      mean += std::fabs(*value);
    }
  if (reals.size() < 2) return false;
  mean /= double(reals.size());
  const double size = StepSize(dice) * (mean == 0 ? 1 : mean) / std::sqrt(double(reals.size()));
  const bool all = dice.Chance(0.5);
  const size_t begin = all ? 0 : dice.Below(reals.size() - 1);
  const size_t end = all ? reals.size() : std::min(reals.size(), begin + 2 + dice.Below(6));
  for (size_t i = begin; i < end; ++i) tokens[reals[i]].text = RealText(*RealOf(tokens[reals[i]].text) + dice.Normal() * size);
  return true;
}

bool MutateNumbers(Tokens& tokens, Dice& dice) {
  const auto numbers = Of(tokens, Kind::kNumber);
  if (numbers.empty()) return false;
  if (dice.Chance(0.25) && NudgeTogether(tokens, dice)) return true;
  if (dice.Chance(0.3)) {  // one of the program's own numbers instead
    const size_t at = numbers[dice.Below(numbers.size())], from = numbers[dice.Below(numbers.size())];
    if (tokens[at].text == tokens[from].text) return false;
    tokens[at].text = tokens[from].text;
    return true;
  }
  const size_t count = std::min(numbers.size(), dice.Chance(0.7) ? size_t(1) : 1 + dice.Below(4));
  for (size_t i = 0; i < count; ++i) {
    CodeToken& token = tokens[numbers[dice.Below(numbers.size())]];
    token.text = Nudged(token.text, dice);
  }
  return true;
}

// Operators that may stand in each other's place.
using Families = std::vector<std::vector<std::string_view>>;
const Families kFamilies = {{"+", "-", "*", "/", "%", "//", "**", "&", "|", "^", "<<", ">>"},
                            {"<", "<=", ">", ">=", "==", "!="},
                            {"=", "+=", "-=", "*=", "/=", "//=", "%=", "&=", "|=", "^="},
                            {"&&", "||"}};
const Families kWords = {{"and", "or"},         {"True", "False"}, {"true", "false"},    {"min", "max"}, {"any", "all"},
                         {"break", "continue"}, {"if", "while"},   {"append", "extend"}, {"sin", "cos"}, {"floor", "ceil"}};

std::string Relative(const std::string& text, const Families& families, Dice& dice) {
  for (const auto& family : families) {
    if (std::find(family.begin(), family.end(), text) == family.end()) continue;
    return std::string(family[dice.Below(family.size())]);
  }
  return text;
}

bool ExchangeOperator(Tokens& tokens, Dice& dice) {
  const auto operators = Of(tokens, Kind::kOperator);
  if (operators.empty()) return false;
  CodeToken& token = tokens[operators[dice.Below(operators.size())]];
  token.text = Relative(token.text, kFamilies, dice);
  return true;
}

bool ExchangeName(Tokens& tokens, Dice& dice) {
  const auto names = Of(tokens, Kind::kName);
  if (names.size() < 2) return false;
  CodeToken& token = tokens[names[dice.Below(names.size())]];
  const std::string relative = Relative(token.text, kWords, dice);
  token.text = relative != token.text ? relative : tokens[names[dice.Below(names.size())]].text;
  return true;
}

bool ExchangeTexts(Tokens& tokens, Dice& dice) {
  const auto texts = Of(tokens, Kind::kText);
  if (texts.size() < 2) return false;
  tokens[texts[dice.Below(texts.size())]].text = tokens[texts[dice.Below(texts.size())]].text;
  return true;
}

// A small change behind or around an operand: x + 1, x - 1, not x, x[…] without its end.
bool WrapOperand(Tokens& tokens, Dice& dice) {
  static constexpr std::string_view kBehind[] = {" + 1", " - 1", "[1:]", "[:-1]", "[0]", "()", " * 2", " / 2"};
  static constexpr std::string_view kBefore[] = {"not ", "-", "len(", "1 + ", "abs("};
  std::vector<size_t> operands;
  for (size_t i = 0; i < tokens.size(); ++i)
    if (tokens[i].kind == Kind::kName || tokens[i].kind == Kind::kNumber || tokens[i].text == ")" || tokens[i].text == "]")
      operands.push_back(i);
  if (operands.empty()) return false;
  CodeToken& token = tokens[operands[dice.Below(operands.size())]];
  if (dice.Chance(0.7)) {
    token.text += kBehind[dice.Below(std::size(kBehind))];
  } else {
    const std::string_view before = kBefore[dice.Below(std::size(kBefore))];
    token.text = std::string(before) + token.text + (before.ends_with("(") ? ")" : "");
  }
  return true;
}

// The half-open range of tokens that the bracket at `open` encloses, brackets included; empty where it is never closed.
std::pair<size_t, size_t> Bracketed(const Tokens& tokens, size_t open) {
  size_t depth = 0;
  for (size_t i = open; i < tokens.size(); ++i) {
    const std::string& text = tokens[i].text;
    depth += text == "(" || text == "[" || text == "{";
    if (text == ")" || text == "]" || text == "}") {
      if (depth-- == 1) return {open, i + 1};
    }
  }
  return {open, open};
}

// Arguments of one pair of brackets: split at its commas, spaces kept with what follows.
bool ShuffleArguments(Tokens& tokens, Dice& dice) {
  std::vector<size_t> opens;
  for (size_t i = 0; i < tokens.size(); ++i)
    if (tokens[i].text == "(" || tokens[i].text == "[") opens.push_back(i);
  if (opens.empty()) return false;
  const auto [begin, end] = Bracketed(tokens, opens[dice.Below(opens.size())]);
  if (end < begin + 3) return false;
  std::vector<Tokens> parts(1);
  size_t depth = 0;
  for (size_t i = begin + 1; i + 1 < end; ++i) {
    const std::string& text = tokens[i].text;
    depth += text == "(" || text == "[" || text == "{";
    depth -= text == ")" || text == "]" || text == "}";
    if (depth == 0 && text == ",") {
      parts.emplace_back();
    } else {
      parts.back().push_back(tokens[i]);
    }
  }
  const size_t a = dice.Below(parts.size()), b = dice.Below(parts.size());
  if (dice.Chance(0.6) && parts.size() > 1) {
    std::swap(parts[a], parts[b]);
  } else if (dice.Chance(0.5)) {
    parts.erase(parts.begin() + std::ptrdiff_t(a));
  } else {
    parts[a] = parts[b];
  }
  Tokens next(tokens.begin(), tokens.begin() + std::ptrdiff_t(begin) + 1);
  for (size_t i = 0; i < parts.size(); ++i) {
    if (i) next.push_back({Kind::kOther, ","});
    next.insert(next.end(), parts[i].begin(), parts[i].end());
  }
  next.insert(next.end(), tokens.begin() + std::ptrdiff_t(end) - 1, tokens.end());
  tokens = std::move(next);
  return true;
}

// A term goes, with the operator before it: `a + b` becomes `a`.
bool DropTerm(Tokens& tokens, Dice& dice) {
  const auto operators = Of(tokens, Kind::kOperator);
  if (operators.empty()) return false;
  const size_t at = operators[dice.Below(operators.size())];
  size_t end = at + 1;
  while (end < tokens.size() && tokens[end].kind == Kind::kSpace && tokens[end].text.find('\n') == std::string::npos) ++end;
  while (end < tokens.size() &&
         (tokens[end].kind == Kind::kName || tokens[end].kind == Kind::kNumber || tokens[end].text == "."))
    ++end;
  if (end < tokens.size() && (tokens[end].text == "(" || tokens[end].text == "[")) end = Bracketed(tokens, end).second;
  tokens.erase(tokens.begin() + std::ptrdiff_t(at), tokens.begin() + std::ptrdiff_t(std::max(end, at + 1)));
  return true;
}

bool MutateTokens(Tokens& tokens, Dice& dice) {
  switch (dice.Below(8)) {
    case 0:
    case 1:
      return ExchangeOperator(tokens, dice);
    case 2:
    case 3:
      return ExchangeName(tokens, dice);
    case 4:
      return ExchangeTexts(tokens, dice);
    case 5:
      return WrapOperand(tokens, dice);
    case 6:
      return ShuffleArguments(tokens, dice);
    default:
      return DropTerm(tokens, dice);
  }
}

size_t IndentOf(const std::string& line) { return std::min(line.find_first_not_of(" \t"), line.size()); }

// A line under another's indentation, so that a moved statement still belongs to some block.
std::string Indented(const std::string& line, const std::string& like) {
  return like.substr(0, IndentOf(like)) + line.substr(IndentOf(line));
}

bool MutateLines(std::string& program, const std::string* other, Dice& dice) {
  auto lines = CodeLines(program);
  if (lines.empty()) return false;
  if (lines.back().back() != '\n') lines.back() += '\n';
  const size_t at = dice.Below(lines.size()), to = dice.Below(lines.size());
  const auto begin = lines.begin();
  const auto place = [&](size_t i) { return begin + std::ptrdiff_t(i); };
  switch (dice.Below(6)) {
    case 0:
    case 1:
      if (lines.size() < 2) return false;
      lines.erase(place(at));
      break;
    case 2:  // an exchange
      if (lines[at] == lines[to]) return false;
      std::swap(lines[at], lines[to]);
      break;
    case 3: {  // a copy elsewhere
      const std::string copy = Indented(lines[at], lines[to]);
      lines.insert(place(to), copy);
      break;
    }
    case 4: {  // a move
      const std::string moved = Indented(lines[at], lines[to]);
      lines.erase(place(at));
      lines.insert(lines.begin() + std::ptrdiff_t(std::min(to, lines.size())), moved);
      break;
    }
    default: {  // a stranger's line
      const auto others = other ? CodeLines(*other) : lines;
      std::string line = Indented(others[dice.Below(others.size())], lines[to]);
      if (line.empty() || line.back() != '\n') line += '\n';
      lines[to] = line;
    }
  }
  program.clear();
  for (const std::string& line : lines) program += line;
  return true;
}

// The same program but for its numbers.
bool Alike(const Tokens& a, const Tokens& b) {
  bool alike = a.size() == b.size();
  for (size_t i = 0; alike && i < a.size(); ++i)
    alike = a[i].kind == b[i].kind && (a[i].kind == Kind::kNumber || a[i].text == b[i].text);
  return alike;
}

// Along the line through two programs' fractions: between them, and beyond the first, away from the second. Where the second is
// what the first was made of, that is the direction which has just proved good. False where they differ in no fraction.
bool AlongTheLine(Tokens& tokens, const Tokens& others, Dice& dice) {
  const double t = dice.Chance(0.7) ? -std::exp2(dice.Normal()) : dice.Unit();
  bool moved = false;
  for (size_t i = 0; i < tokens.size(); ++i) {
    if (tokens[i].kind != Kind::kNumber || tokens[i].text == others[i].text) continue;
    const auto a = RealOf(tokens[i].text), b = RealOf(others[i].text);
    if (!a || !b) continue;
    tokens[i].text = RealText(*a + t * (*b - *a));
    moved = true;
  }
  return moved;
}

// Two programs that differ in numbers only: each number from one of them, or all along a line. Else the head of one, the tail
// of the other.
std::string Crossed(const std::string& a, const std::string& b, Dice& dice) {
  Tokens tokens = CodeTokens(a);
  const Tokens others = CodeTokens(b);
  const bool alike = Alike(tokens, others);
  if (alike && dice.Chance(0.6) && AlongTheLine(tokens, others, dice)) return JoinTokens(tokens);
  if (alike && dice.Chance(0.8)) {
    const double share = dice.Unit();
    for (size_t i = 0; i < tokens.size(); ++i)
      if (tokens[i].kind == Kind::kNumber && dice.Chance(share)) tokens[i].text = others[i].text;
    return JoinTokens(tokens);
  }
  const auto first = CodeLines(a), second = CodeLines(b);
  if (first.empty() || second.empty()) return a;
  const double cut = dice.Unit();
  std::string program;
  for (size_t i = 0; i < size_t(cut * double(first.size())); ++i) program += first[i];
  for (size_t i = size_t(cut * double(second.size())); i < second.size(); ++i) program += second[i];
  return program;
}

}  // namespace

std::string Mutation::Edited(const Trial& parent, size_t edit) const {
  constexpr size_t kKept = 64;  // lists of some hundred kilobytes
  const std::lock_guard lock(mutex_);
  auto found = edits_.find(parent.n);
  if (found == edits_.end()) {
    if (edits_.size() >= kKept) edits_.clear();
    found = edits_.emplace(parent.n, SmallEdits(parent.candidate, options_.language)).first;
  }
  return edit < found->second.size() ? Applied(parent.candidate, found->second[edit]) : std::string();
}

std::string Mutation::One(const Ask& ask) const {
  if (ask.kind == Ask::Kind::kSeed || !ask.parent) return options_.seed_program;
  if (ask.kind != Ask::Kind::kEdit) return Changed(ask);
  std::string edited = Edited(*ask.parent, ask.edit);
  return edited.empty() ? Changed(ask) : edited;
}

std::string Mutation::Changed(const Ask& ask) const {
  const std::string& parent = ask.parent->candidate;
  Dice dice(options_.seed ^ 0x6d757461746f72, ask.n);
  std::string program = parent;
  if (ask.kind == Ask::Kind::kFollow && ask.other) {
    Tokens tokens = CodeTokens(parent);
    const Tokens others = CodeTokens(ask.other->candidate);
    if (Alike(tokens, others) && AlongTheLine(tokens, others, dice)) return JoinTokens(tokens);
  }
  const std::string* const stranger = ask.kind == Ask::Kind::kCross && ask.other ? &ask.other->candidate : nullptr;
  for (size_t attempt = 0; attempt < 20; ++attempt) {
    program = stranger ? Crossed(parent, *stranger, dice) : parent;
    // One change mostly; now and then several, for what no single step reaches.
    size_t changes = ask.kind == Ask::Kind::kCross ? dice.Below(2) : 1;
    while (changes < 6 && dice.Chance(0.3)) ++changes;
    for (size_t i = 0; i < changes; ++i) {
      const double pick = dice.Unit() * (options_.numeric + options_.structural);
      if (pick >= options_.numeric && dice.Chance(0.5)) {
        MutateLines(program, stranger, dice);
        continue;
      }
      Tokens tokens = CodeTokens(program);
      if (pick < options_.numeric ? MutateNumbers(tokens, dice) : MutateTokens(tokens, dice)) program = JoinTokens(tokens);
    }
    if (program != parent && program.size() < 2 * parent.size() + 1000) return program;
  }
  return program;
}

Status Mutation::Propose(std::span<const Ask> asks, const Deliver& deliver, const std::atomic<bool>& stop) {
  for (size_t i = 0; i < asks.size() && !stop; ++i) {
    Proposal proposal;
    proposal.ask = i;
    proposal.candidate = One(asks[i]);
    proposal.seed = options_.seed;
    if (proposal.candidate.empty()) proposal.trouble = "nothing is left of the program";
    deliver(std::move(proposal));
  }
  return {};
}

}  // namespace hasten::solve
