#include <algorithm>
#include <set>
#include <string>

#include "base/result.h"
#include "solve/lang/emit_languages.h"
#include "solve/lang/ops.h"

namespace hasten::solve {

static void Need(const std::string& name, std::span<const Definition> library, std::set<std::string>& needed) {
  if (!needed.insert(name).second) return;
  for (const Definition& d : library) {
    if (d.name != name) continue;
    std::string word;
    for (const char c : std::string(d.needs) + " ") {
      if (c != ' ') {
        word += c;
      } else if (!word.empty()) {
        Need(word, library, needed);
        word.clear();
      }
    }
  }
}

static void NeedAll(const Expr& e, std::span<const Definition> library, std::set<std::string>& needed) {
  if (e.kind == Expr::Kind::kOp) Need(std::string(e.op->name), library, needed);
  for (const Expr& arg : e.args) NeedAll(arg, library, needed);
}

std::string LibraryFor(const Expr& program, std::span<const Definition> library, std::string_view always) {
  std::set<std::string> needed;
  NeedAll(program, library, needed);
  Need(std::string(always), library, needed);
  std::string code;
  for (const Definition& d : library) {
    if (needed.contains(std::string(d.name))) code += std::string(d.code) + "\n";
  }
  return code;
}

std::string QuotedWith(const char* escape, std::string_view text, std::string_view also) {
  std::string out = "\"";
  for (const char c : text) {
    const auto u = static_cast<unsigned char>(c);
    if (u < 32 || also.find(c) != std::string_view::npos) {
      out += Fmt(escape, unsigned(u));
    } else {
      out += (c == '"' || c == '\\' ? "\\" : "") + std::string(1, c);
    }
  }
  return out + "\"";
}

char TypeOf(const Expr& e) {
  switch (e.kind) {
    case Expr::Kind::kInput:
    case Expr::Kind::kText:
      return 't';
    case Expr::Kind::kNumber:
      return 'n';
    case Expr::Kind::kOp:
      break;
  }
  return e.op->types.back();
}

static void Collect(const Expr& e, std::vector<const FactTable*>& tables) {
  if (e.kind == Expr::Kind::kOp && e.op->name == "look_up") {
    const FactTable* const table = FindFactTable(e.args[1].text);
    if (table && std::find(tables.begin(), tables.end(), table) == tables.end()) tables.push_back(table);
  }
  for (const Expr& arg : e.args) Collect(arg, tables);
}

std::vector<const FactTable*> TablesOf(const Expr& program) {
  std::vector<const FactTable*> tables;
  Collect(program, tables);
  return tables;
}

}  // namespace hasten::solve
