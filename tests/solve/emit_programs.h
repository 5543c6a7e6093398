// Programs and cells that every language of `--emit` is tried on.
#pragma once

#include <string>
#include <vector>

#include "solve/lang/program.h"
#include "tests/support/process.h"

namespace hasten::solve {

inline Expr Slice(Expr from, Expr to) { return Apply("slice", {Input(0), std::move(from), std::move(to)}); }
inline Expr Find(const char* what, int k, int side) { return Apply("find", {Input(0), Text(what), Number(k), Number(side)}); }
inline Expr At(int k) { return Apply("at", {Input(0), Number(k)}); }
inline Expr Number1() { return Apply("number", {Input(0), Number(1)}); }
inline Expr Date() { return Apply("moment", {Input(0), Number(1), Text("month first")}); }
inline Expr Format(Expr n, int least, const char* grouping) {
  return Apply("format", {std::move(n), Number(least), Number(30), Number(1), Text(grouping)});
}
inline Expr Part(Expr m, const char* name) { return Apply("part", {std::move(m), Text(name)}); }

std::vector<Expr> Programs();         // between them they use every kind of operation
std::vector<Expr> DatePrograms();     // what tables do to dates: in every order, in every part, moved about
std::vector<Expr> FormulaPrograms();  // what a formula can say, and Programs()

std::vector<std::string> OddCells();  // of whatever comes
extern const std::vector<std::string> kCells, kDates;

inline bool Installed(const char* command) {
  return RunProcess({"sh", "-c", std::string("command -v ") + command}).exit_code == 0;
}

}  // namespace hasten::solve
