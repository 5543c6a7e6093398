#include <set>
#include <string>

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

}  // namespace hasten::solve
