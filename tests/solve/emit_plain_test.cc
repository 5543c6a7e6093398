// Arithmetic on plain columns as spreadsheets and databases have it: short, and the same.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

#include "base/result.h"
#include "solve/lang/emit.h"
#include "solve/lang/ops.h"
#include "tests/support/process.h"
#include "tests/support/support.h"

namespace hasten::solve {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using Rows = std::vector<std::vector<Cell>>;

Expr N(size_t column) { return Apply("number", {Input(column), Number(1)}); }
Expr Format(Expr n, int least, int most) {
  return Apply("format", {std::move(n), Number(least), Number(most), Number(1), Text("none")});
}
Expr Rounded(Expr n, int places) {
  return Apply("round", {std::move(n), Number(1), Number(0), Number(places), Text("nearest")});
}

const Rows kRows = {{"3", "2.50"}, {"10", "1.99"},   {"7", "12.00"},   {"12", "3.33"},  {"1", "0.615"}, {"-4", "1.005"},
                    {"0", "99.9"}, {"250", "0.002"}, {"999", "0.045"}, {"33", "81.81"}, {"8", "3"},     {"123456", "1234.565"}};

const struct {
  Expr program;
  const char *sql, *excel;  // how it begins to calculate
} kCases[] = {
    {Format(Apply("times", {N(0), N(1)}), 2, 2), R"(printf('%.2f', (data."n"*data."p"))", "FIXED(ROUND(A2*B2,2),2,TRUE)"},
    {Format(Apply("over", {Apply("times", {N(1), Number(119)}), Number(100)}), 2, 2), R"(data."p"*119*1.0/100)",
     "FIXED(ROUND(B2*119/100,2),2,TRUE)"},
    {Format(Apply("over", {Apply("times", {Apply("minus", {N(0), Number(32)}), Number(5)}), Number(9)}), 1, 1),
     R"((data."n"-32)*5*1.0/9)", "FIXED(ROUND((A2-32)*5/9,1),1,TRUE)"},
    {Format(Apply("minus", {N(0), Apply("minus", {N(1), Number(-2)})}), 0, 30), R"(data."n"-(data."p"-(-2)))", "A2-(B2-(-2))"},
    {Format(Rounded(Apply("times_ten", {N(1), Number(2)}), 0), -1, 30), R"(printf('%.0f', (data."p"*100))",
     "FIXED(ROUND(B2*100,0),0,TRUE)"},
    {Apply("if", {Apply("less", {N(0), Number(10)}), Text("few"), Text("many")}), R"((data."n" + 0)<10)", "(A2+0)<10"},
};

std::string Answers(const Expr& program) {
  std::string all;
  for (const auto& row : kRows) all += Answer(program, row).value_or("") + "\n";
  return all;
}

std::string Select(const std::string& code, const Rows& rows) {
  std::string sql = "CREATE TABLE data(n TEXT, p TEXT);\n";
  for (const auto& row : rows)
    sql += "INSERT INTO data VALUES('" + row[0].value_or("") + "', '" + row[1].value_or("") + "');\n";
  return RunProcess({"sqlite3", ":memory:"},
                    {.input = sql + "SELECT coalesce(answer, '') FROM (" + code.substr(0, code.size() - 2) + ");\n"})
      .out;
}

std::string Said(const SavedProgram& program, Language language, const Rows& rows) {
  const auto code = Emit(program, language, rows);
  return code ? *code : code.error().what;
}

bool Installed(const char* command) { return RunProcess({"sh", "-c", std::string("command -v ") + command}).exit_code == 0; }

TEST(EmitPlain, IsShort) {
  for (const auto& c : kCases) {
    const SavedProgram program = {{"n", "p"}, "answer", c.program};
    const auto sql = Emit(program, Language::kSql, kRows), excel = Emit(program, Language::kExcel, kRows);
    ASSERT_TRUE(sql && excel) << Print(c.program, {});
    EXPECT_THAT(*sql, HasSubstr(c.sql));
    EXPECT_THAT(*excel, HasSubstr(c.excel));
    EXPECT_LT(sql->size(), 400u) << *sql;
    EXPECT_LT(excel->size(), 120u) << *excel;
  }
}

TEST(EmitPlain, SqlCalculatesTheSame) {
  if (!Installed("sqlite3")) GTEST_SKIP() << "sqlite3 is not installed: not run";
  for (const auto& c : kCases) {
    const auto code = Emit({{"n", "p"}, "answer", c.program}, Language::kSql, kRows);
    EXPECT_EQ(Select(*code, kRows), Answers(c.program)) << *code;
  }
}

// A table as a spreadsheet opens it, its cells numbers.
std::string Sheet(const std::string& formula, const Rows& rows) {
  TempDir dir;
  std::string csv;
  for (size_t r = 0; r < rows.size(); ++r) {
    std::string here = formula.substr(0, formula.size() - 1);
    for (const char* column : {"A", "B"}) {
      const std::string cell = column + std::string("2"), own = column + std::to_string(r + 1);
      for (size_t at = 0; (at = here.find(cell, at)) != std::string::npos; at += own.size()) here.replace(at, cell.size(), own);
    }
    std::string quoted;
    for (const char c : here) quoted += c == '"' ? "\"\"" : std::string(1, c);
    csv += rows[r][0].value_or("") + "," + rows[r][1].value_or("") + ",\"" + quoted + "\"\n";
  }
  WriteBytes(dir / "in.csv", csv);
  const auto run = RunProcess({"ssconvert", "--recalc", dir / "in.csv", dir / "out.csv"});
  EXPECT_EQ(run.exit_code, 0) << run.err;
  std::string answers;
  std::istringstream lines(ReadBytes(dir / "out.csv"));
  for (std::string line; std::getline(lines, line);) answers += line.substr(line.rfind(',') + 1) + "\n";
  return answers;
}

TEST(EmitPlain, ASpreadsheetCalculatesTheSame) {
  if (!Installed("ssconvert")) GTEST_SKIP() << "Gnumeric's ssconvert is not installed: no formula was computed";
  for (const auto& c : kCases) {
    const auto code = Emit({{"n", "p"}, "answer", c.program}, Language::kExcel, kRows);
    if (code->find("&\"\"") != std::string::npos) continue;  // Gnumeric shows twenty digits, Excel fifteen
    EXPECT_EQ(Sheet(*code, kRows), Answers(c.program)) << *code;
  }
  const auto code = Emit({{"n", "p"}, "answer", kCases[0].program}, Language::kExcel, kRows);
  EXPECT_EQ(Sheet(*code, {{"3", ""}, {"x3", "4"}, {"2", "2.25"}}), "\n\n4.50\n") << *code;
}

TEST(EmitPlain, CellsThatHoldNoNumberGetNoAnswer) {
  if (!Installed("sqlite3")) GTEST_SKIP() << "sqlite3 is not installed: not run";
  const auto code = Emit({{"n", "p"}, "answer", kCases[0].program}, Language::kSql, kRows);
  EXPECT_EQ(Select(*code, {{"3", ""}, {"x3", "4"}, {"n/a", "2"}, {"2", "2.25"}}), "\n\n\n4.50\n");
}

TEST(EmitPlain, OtherCellsAreReadAsBefore) {
  const SavedProgram program = {{"n", "p"}, "answer", kCases[0].program};
  const Rows others[] = {{{"1,200", "2.50"}}, {{"3 kg", "2.50"}}, {{"1e3", "2"}}, {{"1234567890123", "2"}}, {}};
  for (const Rows& rows : others) {
    EXPECT_THAT(Said(program, Language::kSql, rows), Not(HasSubstr("1.000000000000002")));
    EXPECT_THAT(Said(program, Language::kExcel, rows), Not(HasSubstr("FIXED(")));
  }
}

// What doubles cannot hold is seen by calculating both ways.
TEST(EmitPlain, RowsThatWouldDifferAreNotSaidInDoubles) {
  const SavedProgram program = {{"n", "p"}, "answer", Format(Apply("times", {N(0), N(1)}), 2, 2)};
  EXPECT_THAT(Said(program, Language::kSql, {{"999999999999", "999999999.99"}}), Not(HasSubstr("1.000000000000002")));
}

}  // namespace
}  // namespace hasten::solve
