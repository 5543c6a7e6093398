#include <algorithm>
#include <set>
#include <string>
#include <utility>

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

bool Counts(const Op& op, size_t argument) {
  constexpr std::pair<std::string_view, size_t> kDecimals[] = {
      // How many arguments, from the first, are numbers to compute with.
      {"times_ten", 1}, {"round", 3},   {"plus", 2},    {"minus", 2},  {"times", 2}, {"over", 2}, {"remainder", 2},
      {"larger", 2},    {"smaller", 2}, {"ordinal", 1}, {"format", 1}, {"clock", 1}, {"less", 2},
  };
  for (const auto& [name, decimals] : kDecimals) {
    if (name == op.name && argument < decimals) return false;
  }
  return argument < op.types.find(':') && op.types[argument] == 'n';
}

bool NeedsWhole(const Expr& e) {
  if (e.kind != Expr::Kind::kOp) return false;
  constexpr std::string_view kPlaces[] = {"at", "skip", "find", "token", "between"};
  return std::find(std::begin(kPlaces), std::end(kPlaces), e.op->name) == std::end(kPlaces);
}

static void NeedAll(const Expr& e, std::span<const Definition> library, std::set<std::string>& needed) {
  if (e.kind == Expr::Kind::kOp) Need(std::string(e.op->name), library, needed);
  for (size_t i = 0; i < e.args.size(); ++i) {
    if (Counts(*e.op, i) && NeedsWhole(e.args[i])) Need("whole", library, needed);
    NeedAll(e.args[i], library, needed);
  }
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
