// POSIX sh: a script around awk, for programs on texts. What awk has no words for is refused by name.
#include <optional>

#include "base/result.h"
#include "solve/lang/emit_languages.h"
#include "solve/lang/ops.h"
#include "solve/lang/tokens.h"

namespace hasten::solve {

namespace {

// Texts are awk strings; what is none is NONE, which no cell holds. Positions count characters from 0.
constexpr Definition kLibrary[] = {
    {"tokens", "", R"~(function tokens(t, re,   n, at) {
  n = 0; at = 0
  while (match(t, re)) {
    n++; B[n] = at + RSTART - 1; E[n] = B[n] + RLENGTH
    at += RSTART + RLENGTH - 1; t = substr(t, RSTART + RLENGTH)
  }
  return n
}
function occurrences(t, what,   n, at, i) {
  n = 0; at = 0
  while (what != "" && (i = index(t, what))) {
    n++; B[n] = at + i - 1; E[n] = B[n] + length(what)
    at += i + length(what) - 1; t = substr(t, i + length(what))
  }
  return n
}
function kth(n, k) { if (k < 0) k = n + 1 + k; return k >= 1 && k <= n ? k : 0 }
)~"},
    {"slice", "",
     "function slice(t, p, q) { return t == NONE || p == NONE || q == NONE || p < 0 || q < p || q > length(t) ? NONE : "
     "substr(t, p + 1, q - p) }\n"},
    {"characters", "", R"~(function tail(c) { return c >= "\200" && c <= "\277" }
function characters(t) { gsub(/[\200-\277]/, "", t); return length(t) }
function step(t, p, n) {
  while (n > 0) { if (p >= length(t)) return NONE; p++; while (tail(substr(t, p + 1, 1))) p++; n-- }
  while (n < 0) { if (p <= 0) return NONE; p--; while (p > 0 && tail(substr(t, p + 1, 1))) p--; n++ }
  return p
}
)~"},
    {"at", "characters", "function at(t, k) { return t == NONE ? NONE : k < 0 ? step(t, length(t), k + 1) : step(t, 0, k) }\n"},
    {"skip", "characters", "function skip(t, p, n) { return t == NONE || p == NONE ? NONE : step(t, p, n) }\n"},
    {"find", "tokens",
     "function find(t, what, k, side) { if (t == NONE) return NONE; k = kth(occurrences(t, what), k); return k ? (side ? E[k] "
     ": B[k]) : NONE }\n"},
    {"token", "tokens",
     "function token(t, re, k, side) { if (t == NONE) return NONE; k = kth(tokens(t, re), k); return k ? (side ? E[k] : B[k]) "
     ": NONE }\n"},
    {"match", "tokens",
     "function match_(t, re, k) { if (t == NONE) return NONE; k = kth(tokens(t, re), k); return k ? substr(t, B[k] + 1, E[k] - "
     "B[k]) : NONE }\n"},
    {"field", "tokens", R"~(function field(t, sep, k,   n) {
  if (t == NONE) return NONE
  n = occurrences(t, sep); k = kth(n + 1, k)
  if (!k) return NONE
  E[0] = 0; B[n + 1] = length(t)
  return substr(t, E[k - 1] + 1, B[k] - E[k - 1])
}
)~"},
    {"cases", "", R"~(function recase(t, up,   i, c, n, out) {
  t = up ? toupper(t) : tolower(t)
  if (!index(t, "\303")) return t
  if (!FROM[0]) for (i = 128; i < 159; i++) if (i != 151) { FROM[0] = FROM[0] sprintf("%c", i); FROM[1] = FROM[1] sprintf("%c", i + 32) }
  out = ""
  for (i = 1; i <= length(t); i++) {
    c = substr(t, i, 1)
    if (i > 1 && substr(t, i - 1, 1) == "\303" && (n = index(FROM[up ? 1 : 0], c))) c = substr(FROM[up ? 0 : 1], n, 1)
    out = out c
  }
  return out
}
)~"},
    {"lower", "cases", "function lower(t) { return t == NONE ? NONE : recase(t, 0) }\n"},
    {"upper", "cases", "function upper(t) { return t == NONE ? NONE : recase(t, 1) }\n"},
    {"capital", "cases characters",
     "function capital(t,   n) { if (t == NONE) return NONE; n = step(t, 0, t == \"\" ? 0 : 1); return recase(substr(t, 1, n), "
     "1) recase(substr(t, n + 1), 0) }\n"},
    {"title", "cases characters", R"~(function title(t,   p, q, c, out, inside) {
  if (t == NONE) return NONE
  t = recase(t, 0); out = ""; inside = 0
  for (p = 0; p < length(t); p = q) {
    q = step(t, p, 1); c = substr(t, p + 1, q - p); out = out (inside ? c : recase(c, 1))
    inside = c ~ /^[A-Za-z0-9]/ || c > "~" || (inside && c == "\047")
  }
  return out
}
)~"},
    {"trim", "",
     "function trim(t) { if (t == NONE) return NONE; gsub(/^[ \\t\\n\\v\\f\\r]+|[ \\t\\n\\v\\f\\r]+$/, \"\", t); return t }\n"},
    {"squeeze", "",
     "function squeeze(t) { if (t == NONE) return NONE; gsub(/[ \\t\\n\\v\\f\\r]+/, \" \", t); gsub(/^ | $/, \"\", t); return "
     "t }\n"},
    {"keep", "tokens",
     "function keep(t, re,   n, i, out) { if (t == NONE) return NONE; n = tokens(t, re); out = \"\"; for (i = 1; i <= n; i++) "
     "out = out substr(t, B[i] + 1, E[i] - B[i]); return out }\n"},
    {"initials", "tokens characters", R"~(function initials(t, re, glue,   n, i, out) {
  if (t == NONE) return NONE
  n = tokens(t, re); out = ""
  for (i = 1; i <= n; i++) out = out (i > 1 ? glue : "") substr(t, B[i] + 1, step(t, B[i], 1) - B[i])
  return n ? out : NONE
}
)~"},
    {"replace", "tokens", R"~(function replace(t, a, b,   n, i, out, from) {
  if (t == NONE) return NONE
  n = occurrences(t, a); out = ""; from = 0
  for (i = 1; i <= n; i++) { out = out substr(t, from + 1, B[i] - from) b; from = E[i] }
  return out substr(t, from + 1)
}
)~"},
    {"reverse", "characters", R"~(function reverse(t,   p, q, out) {
  if (t == NONE) return NONE
  out = ""
  for (p = 0; p < length(t); p = q) { q = step(t, p, 1); out = substr(t, p + 1, q - p) out }
  return out
}
)~"},
    {"pad_left", "characters",
     "function pad_left(t, width, c) { if (t == NONE) return NONE; while (characters(t) < width) t = c t; return t }\n"},
    {"pad_right", "characters",
     "function pad_right(t, width, c) { if (t == NONE) return NONE; while (characters(t) < width) t = t c; return t }\n"},
    {"if", "", ""},
    {"first", "", "function first(a, b) { return a == NONE ? b : a }\n"},
    {"nothing", "", "function nothing() { return NONE }\n"},
    {"is_nothing", "", "function is_nothing(a) { return a == NONE }\n"},
    {"not", "", "function not(a) { return !a }\n"},
    {"contains", "", "function contains(t, what) { return t != NONE && index(t, what) > 0 }\n"},
    {"starts", "", "function starts(t, what) { return t != NONE && substr(t, 1, length(what)) == what }\n"},
    {"ends", "",
     "function ends(t, what) { return t != NONE && length(t) >= length(what) && substr(t, length(t) - length(what) + 1) == "
     "what }\n"},
    {"equals", "", "function equals(a, b) { return a != NONE && a \"\" == b \"\" }\n"},
    {"empty", "", "function empty(t) { return t == NONE || t ~ /^[ \\t\\n\\v\\f\\r]*$/ }\n"},
    {"concat", "", "function join(a, b) { return a == NONE || b == NONE ? NONE : a b }\n"},
};

std::string Quoted(std::string_view text) { return QuotedWith("\\%03o", text, "'"); }

// Kinds of tokens as awk's regular expressions; the bytes beyond ASCII count as letters.
std::optional<std::string> Regex(std::string_view kind) {
  const std::string letters = "\\200-\\377";
  if (kind == "digits") return "[0-9]+";
  if (kind == "number") return "[0-9]+(,[0-9][0-9][0-9])*(\\\\.[0-9]+)?";
  if (kind == "letters") return "[A-Za-z" + letters + "]+";
  if (kind == "upper") return "[A-Z]+";
  if (kind == "lower") return "[a-z" + letters + "]+";
  if (kind == "capitalised") return "[A-Z][a-z" + letters + "]+";
  if (kind == "word") return "[0-9A-Za-z" + letters + "]+";
  if (kind == "space") return "[ \\t\\n\\v\\f\\r]+";
  if (kind == "nonspace") return "[^ \\t\\n\\v\\f\\r]+";
  if (kind == "marks") return "[^0-9A-Za-z" + letters + " \\t\\n\\v\\f\\r]+";
  return std::nullopt;
}

Result<std::string> Say(const Expr& e) {
  switch (e.kind) {
    case Expr::Kind::kInput:
      return Fmt("C[%d]", int(e.number));
    case Expr::Kind::kText:
      return Quoted(e.text);
    case Expr::Kind::kNumber:
      return std::to_string(e.number);
    case Expr::Kind::kOp:
      break;
  }
  const std::string name(e.op->name);
  bool known = false;
  for (const Definition& d : kLibrary) known = known || d.name == name;
  if (!known) return Error{Code::kUnsupported, "sh has no words for '" + name + "'; try --emit python or js"};
  std::vector<std::string> args;
  for (size_t i = 0; i < e.args.size(); ++i) {
    const bool kind = i == 1 && (name == "token" || name == "match" || name == "keep" || name == "initials");
    if (kind) {
      args.push_back("\"" + Regex(e.args[1].text).value_or("") + "\"");
      continue;
    }
    TRY(std::string code, Say(e.args[i]));
    args.push_back(std::move(code));
  }
  if (name == "if") return "(" + args[0] + " ? " + args[1] + " : " + args[2] + ")";
  if (name == "concat") {
    std::string out = args[0];
    for (size_t i = 1; i < args.size(); ++i) out = "join(" + out + ", " + args[i] + ")";
    return out;
  }
  std::string out = (name == "match" ? "match_" : name) + "(";
  for (size_t i = 0; i < args.size(); ++i) out += (i ? ", " : "") + args[i];
  return out + ")";
}

}  // namespace

Result<std::string> EmitSh(const SavedProgram& program) {
  TRY(const std::string body, Say(program.program));
  std::string code =
      "#!/bin/sh\n# Reads CSV with a header from standard input, writes it with the column that is computed.\nLC_ALL=C exec "
      "awk '\n";
  code += LibraryFor(program.program, kLibrary, "");
  code += "function program() { return " + body + " }\n";
  code += "BEGIN {\n  NONE = \"\\001\"; OUTPUT = " + Quoted(program.output) +
          "; INPUTS = " + std::to_string(program.inputs.size()) + "\n";
  for (size_t i = 0; i < program.inputs.size(); ++i) code += Fmt("  NAME[%zu] = ", i) + Quoted(program.inputs[i]) + "\n";
  code += R"~(}
# One row a record, quotes undone: F[1] to F[n]. A record goes on while a quote is open.
function row(line,   n, cell, more) {
  n = 0
  for (;;) {
    n++
    if (substr(line, 1, 1) == "\"") {
      cell = ""; line = substr(line, 2)
      for (;;) {
        while (!index(line, "\"") && (getline more) > 0) line = line "\n" more
        if (!index(line, "\"")) { cell = cell line; line = ""; break }
        cell = cell substr(line, 1, index(line, "\"") - 1); line = substr(line, index(line, "\"") + 1)
        if (substr(line, 1, 1) != "\"") break
        cell = cell "\""; line = substr(line, 2)
      }
      F[n] = cell; line = substr(line, 1, 1) == "," ? line : ""
    } else if (index(line, ",")) { F[n] = substr(line, 1, index(line, ",") - 1); line = substr(line, index(line, ",")) }
    else { F[n] = line; return n }
    if (line == "") return n
    line = substr(line, 2)
  }
}
function quote(c) { if (c ~ /[",\n]/) { gsub(/"/, "\"\"", c); c = "\"" c "\"" } return c }
{
  if (gsub(/"/, "\"") % 2 == 0) sub(/\r$/, "")
  n = row($0)
  if (NR == 1 && !width) {
    width = n
    for (i = 1; i <= n; i++) AT[F[i]] = i
    if (!(OUTPUT in AT)) { F[++width] = OUTPUT; AT[OUTPUT] = width }
    out = AT[OUTPUT]
  } else {
    for (i = n + 1; i <= width; i++) F[i] = ""
    for (i = 0; i < INPUTS; i++) C[i] = F[AT[NAME[i]]]
    if (F[out] == "") { answer = program(); F[out] = answer == NONE ? "" : answer }
  }
  line = quote(F[1])
  for (i = 2; i <= width; i++) line = line "," quote(F[i])
  print line
}
')~";
  return code + "\n";
}

}  // namespace hasten::solve
