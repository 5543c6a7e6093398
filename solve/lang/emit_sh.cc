// POSIX sh: a script around awk, for whatever awk is installed.
#include "base/result.h"
#include "solve/lang/emit_sh_library.h"
#include "solve/lang/latin.h"
#include "solve/lang/ops.h"

namespace hasten::solve {

namespace {

std::string Quoted(std::string_view text) { return QuotedWith("\\%03o", text, "'"); }

std::string Say(const Expr& e, char wanted);

// A place or a count as awk counts; none where it is no whole number up to a million (Whole in runs.h).
std::string Whole(const Expr& e) {
  if (e.kind == Expr::Kind::kNumber) return e.number <= 1000000 && e.number >= -1000000 ? std::to_string(e.number) : "NONE";
  return NeedsWhole(e) ? "whole(" + Say(e, 'n') + ")" : Say(e, 'n');
}

std::string SayCall(const Expr& e) {
  const std::string_view op = e.op->name, types = e.op->types;
  std::string args;
  size_t type = 0;
  for (size_t i = 0; i < e.args.size(); ++i) {
    const char wanted = op == "empty" ? 'x' : types[type];  // it asks, as first does, and takes what is no text for full
    args += (i == 0 ? "" : op == "concat" ? " " : ", ") + (Counts(*e.op, i) ? Whole(e.args[i]) : Say(e.args[i], wanted));
    if (types[type + 1] != '*') ++type;
  }
  const bool of_awk = op == "match" || op == "length";
  return std::string(op) + (of_awk ? "_(" : "(") + args + ")";
}

// The expression as one of awk's; none where it gives another type than is wanted (x: any).
std::string Say(const Expr& e, char wanted) {
  const char type = TypeOf(e);
  if (type != 'x' && wanted != 'x' && type != wanted) return "NONE";
  switch (e.kind) {
    case Expr::Kind::kInput:
      return Fmt("C[%d]", int(e.number));
    case Expr::Kind::kText:
      return Quoted(e.text);
    case Expr::Kind::kNumber:
      return "\"" + std::to_string(e.number) + "\"";
    case Expr::Kind::kOp:
      break;
  }
  if (e.op->name == "nothing") return "NONE";
  if (e.op->name == "if")
    return "(" + Say(e.args[0], 'b') + " == 1 ? " + Say(e.args[1], wanted) + " : " + Say(e.args[2], wanted) + ")";
  if (e.op->name == "first") {
    const std::string any = Say(e.args[0], 'x'), first = Say(e.args[0], wanted), second = Say(e.args[1], wanted);
    return any == first ? "first(" + first + ", " + second + ")" : "(" + any + " == NONE ? " + second + " : " + first + ")";
  }
  return SayCall(e);
}

std::vector<Definition> Library() {
  std::vector<Definition> all;
  for (const auto part : {ShTexts(), ShNumbers(), ShDates()}) all.insert(all.end(), part.begin(), part.end());
  return all;
}

// One text a row, its fields between tabs.
std::string Facts(const FactTable& table) {
  std::string columns, code;
  for (const auto column : table.columns) columns += (columns.empty() ? "" : "\t") + std::string(column);
  code = "  COLUMNS[" + Quoted(table.name) + "] = " + Quoted(columns) + "\n";
  for (size_t r = 0; r < table.rows(); ++r) {
    std::string row;
    for (size_t c = 0; c < table.columns.size(); ++c) row += (c ? "\t" : "") + std::string(table.at(r, c));
    code += Fmt("  FACT[\"%s\", %zu] = ", std::string(table.name).c_str(), r + 1) + Quoted(row) + "\n";
  }
  return code;
}

}  // namespace

std::string EmitSh(const SavedProgram& program) {
  const std::string body = Say(program.program, 't');
  std::string code =
      "#!/bin/sh\n# Reads CSV with a header from standard input, writes it with the column that is computed.\nLC_ALL=C exec "
      "awk '\n";
  code += LibraryFor(program.program, Library(), "none");
  code += "function program() { return " + body + " }\n";
  code += "BEGIN {\n  NONE = \"\\001none\\001\"; OUTPUT = " + Quoted(program.output) +
          "; INPUTS = " + std::to_string(program.inputs.size()) + "\n";
  for (size_t i = 0; i < program.inputs.size(); ++i) code += Fmt("  NAME[%zu] = ", i) + Quoted(program.inputs[i]) + "\n";
  if (code.find("LATIN") != std::string::npos) code += "  LATIN = " + Quoted(kLatinBases) + "\n";
  for (const FactTable* table : TablesOf(program.program)) code += Facts(*table);
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
