#include "solve/task/languages.h"

#include <string>

namespace hasten::solve {

static constexpr LanguageNames kLanguages[] = {
    {"python", "python", "python", "candidate.py", " py python3 "},
    {"lua", "lua", "lua", "candidate.lua", " luajit "},
    {"sh", "sh", "sh", "candidate.sh", " shell "},
    {"node", "javascript", "javascript", "candidate.js", " js javascript nodejs node.js "},
    {"c", "c", "c", "candidate.c", " "},
    {"c++", "cpp", "c++", "candidate.cc", " cpp cxx cc "},
    {"sql", "sql", "sql", "candidate.sql", " sqlite sqlite3 "},
    {"native", "", "native", "candidate", " "},
    {"command", "", "", "candidate", " "},
    {"text", "text", "text", "candidate", " "},
};

const LanguageNames* FindLanguage(std::string_view name) {
  const std::string alias = " " + std::string(name) + " ";
  for (const LanguageNames& l : kLanguages)
    if (l.runner == name || (!name.empty() && l.aliases.find(alias) != std::string_view::npos)) return &l;
  return nullptr;
}

}  // namespace hasten::solve
