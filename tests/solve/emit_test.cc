// Programs in other languages give what they give here: run and compared wherever the language is installed.
#include "solve/lang/emit.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <regex>
#include <set>
#include <tuple>

#include "base/file.h"
#include "solve/lang/moment.h"
#include "solve/lang/ops.h"
#include "solve/lang/tokens.h"
#include "tests/solve/emit_programs.h"
#include "tests/support/process.h"
#include "tests/support/support.h"
#include "text/table.h"

namespace hasten::solve {
namespace {

using ::testing::HasSubstr;

std::string Csv(const std::vector<std::string>& cells = kCells) {
  std::string csv = "cell,out\n";
  for (const std::string& cell : cells) {
    csv += '"';
    for (const char c : cell) csv += c == '"' ? "\"\"" : std::string(1, c);
    csv += "\",\n";
  }
  return csv;
}

std::string Quoted(const std::string& cell) {
  if (cell.find_first_of(",\"\n") == std::string::npos) return cell;
  std::string out = "\"";
  for (const char c : cell) out += c == '"' ? "\"\"" : std::string(1, c);
  return out + "\"";
}

std::string Expected(const Expr& program, const std::vector<std::string>& cells = kCells) {
  std::string csv = "cell,out\n";
  for (const std::string& cell : cells)
    csv += Quoted(cell) + "," + Quoted(Answer(program, std::vector<Cell>{cell}).value_or("")) + "\n";
  return csv;
}

// Which cell the other language answers otherwise.
std::string FirstDifference(const std::string& out, const Expr& program, const std::vector<std::string>& cells = kCells) {
  std::string csv = "cell,out\n";
  for (const std::string& cell : cells) {
    csv += Quoted(cell) + "," + Quoted(Answer(program, std::vector<Cell>{cell}).value_or("")) + "\n";
    if (!out.starts_with(csv))
      return "cell '" + cell + "': expected …" + csv.substr(csv.size() - std::min<size_t>(csv.size(), 120)) + "got …" +
             out.substr(csv.size() - std::min<size_t>(csv.size(), 120), 240);
  }
  return "as expected";
}

void RunAndCompare(Language language, const char* command, const char* file, const std::vector<Expr>& programs = Programs(),
                   const std::vector<std::string>& cells = kCells) {
  if (!Installed(command)) GTEST_SKIP() << command << " is not installed: not run";
  TempDir dir;
  for (const Expr& program : programs) {
    const auto code = Emit({{"cell"}, "out", program}, language);
    ASSERT_TRUE(code) << code.error().what;
    WriteBytes(dir / file, *code);
    const auto run = RunProcess({command, dir / file}, {.input = Csv(cells), .environment = {"PYTHONUTF8=1"}});
    EXPECT_EQ(run.exit_code, 0) << run.err;
    EXPECT_TRUE(run.out == Expected(program, cells)) << Print(program, {}) << "\n"
                                                     << FirstDifference(run.out, program, cells) << run.err;
  }
}

TEST(Emit, PythonGivesTheSame) { RunAndCompare(Language::kPython, "python3", "p.py"); }
TEST(Emit, JavaScriptGivesTheSame) { RunAndCompare(Language::kJs, "node", "p.js"); }

// Numbers at their limits: the longest that are read (2^120 / 100 and a digit more), signs, zeros, exponents, groups well and
// badly made.
const std::vector<std::string> kNumbers = {"0",
                                           "-0",
                                           "-0.00",
                                           "0.1",
                                           "-.5",
                                           "+7.",
                                           "007",
                                           "0.30",
                                           "2.5",
                                           "-2.5",
                                           "1.005",
                                           "-1.005",
                                           "0.045",
                                           "99.995",
                                           "1234567.891",
                                           "-1234567.891",
                                           "12,34,567",
                                           "1,234,567.80",
                                           "1,2345",
                                           "1,234,5678",
                                           ",123",
                                           "1,,234",
                                           "1e3",
                                           "-2.50E-3",
                                           "1e39",
                                           "1e-31",
                                           "0e99",
                                           "7e",
                                           "5.58E+01 m",
                                           "9999999",
                                           "10000000",
                                           "99999999999999",
                                           "-100000000000000",
                                           "9007199254740993",
                                           "0000000000012.5000000",
                                           "123456789012345678901234567890",
                                           "-123456789012345678901234567890.12",
                                           "13292279957849158729038070602803445",
                                           "132922799578491587290380706028034459",
                                           "132922799578491587290380706028034460",
                                           "0.000000000000000000000000000001",
                                           "0.0000000000000000000000000000001",
                                           "99999999999999999.9999999999999999",
                                           "3 of 8",
                                           "a-5 -6 b -7.5",
                                           "1 2 3 4",
                                           "999999999999999999999999999999999 999999999999999999999999999999999 -1",
                                           "86399.5",
                                           "-3600",
                                           "1000000000",
                                           "none"};

// Every operation on numbers with arguments that meet its limits, roundings and ways to write.
std::vector<Expr> NumberPrograms() {
  const Expr n = Number1(), second = Apply("number", {Input(0), Number(2)}), last = Apply("number", {Input(0), Number(-1)});
  const auto op = [](const char* name, Expr a, Expr b) { return Apply(name, {std::move(a), std::move(b)}); };
  const auto format = [](Expr e, int least, int most, int digits, const char* grouping) {
    return Apply("format", {std::move(e), Number(least), Number(most), Number(digits), Text(grouping)});
  };
  const auto exact = [&](Expr e) { return Apply("first", {format(std::move(e), -1, 30, 1, "none"), Text("none")}); };
  const auto answers = [&](const std::vector<Expr>& of) {
    std::vector<Expr> parts;
    for (const Expr& e : of) {
      if (!parts.empty()) parts.push_back(Text("|"));
      parts.push_back(exact(e));
    }
    return Concat(std::move(parts));
  };
  const Expr third = op("over", n, Number(3)), square = op("times", n, n);
  std::vector<Expr> programs = {
      answers({n, second, last}),
      answers({op("plus", n, last), op("plus", n, third), op("minus", Number(1), n), op("minus", n, Number(10000000))}),
      answers({square, op("times", square, square), op("times", n, third), op("times", n, Number(0))}),
      answers({third, op("over", Number(1), n), op("over", n, n), op("over", n, last),
               op("over", third, op("times_ten", n, Number(20))), op("over", square, Number(-123456789))}),
      answers({op("remainder", n, Number(7)), op("remainder", n, Number(-7)), op("remainder", Number(1000003), n),
               op("remainder", square, op("times_ten", n, Number(-3)))}),
      answers({op("times_ten", n, Number(3)), op("times_ten", n, Number(-5)), op("times_ten", n, Number(39)),
               op("times_ten", n, Number(40)), op("times_ten", n, Number(-29)), op("times_ten", n, n)}),
      answers({op("larger", n, Number(2)), op("smaller", n, third), op("larger", square, n), op("smaller", last, n)}),
      Apply("if", {op("less", square, op("times_ten", n, Number(17))), Text("less"), Text("not less")}),
      Apply("if", {op("less", op("times_ten", n, Number(-25)), square), Text("less"), Text("not less")}),
      Apply("first", {Apply("ordinal", {n}), Text("none")}),
      Apply("first", {Apply("roman", {Apply("remainder", {n, Number(4001)})}), Text("none")}),
      Apply("signed", {exact(n)}),
      Part(Apply("clock", {n, Number(1)}), "H"),
      Concat({Part(Apply("clock", {op("times", n, Number(-1)), Number(3600)}), "HH"), Text(":"),
              Part(Apply("clock", {op("times", n, Number(-1)), Number(3600)}), "ss")}),
      Part(Apply("add_seconds", {Apply("clock", {Number(100), Number(1)}), n}), "ss"),
      // What counts is whole: others, and what is too large, give nothing.
      Apply("first", {Apply("field", {Text("a b c d e f g h"), Text(" "), n}), Text("none")}),
      Apply("first", {Slice(At(0), n), Text("none")}),
      Apply("first", {Apply("pad_left", {Text("x"), Apply("remainder", {n, Number(30)}), Text("*")}), Text("none")}),
      square,
      Apply("if", {op("less", n, Number(3)), n, Input(0)}),
      Apply("first", {second, Text("no second")}),
      Apply("first", {Apply("if", {op("less", n, Number(3)), Date(), Input(0)}), Text("no number")}),
      Apply("if", {Apply("not", {n}), Apply("if", {Apply("is_nothing", {op("less", n, n)}), Text("none"), Text("some")}), n}),
  };
  for (const char* how : {"sum", "average", "largest", "smallest"})
    programs.push_back(exact(Apply("numbers", {Input(0), Text(how)})));
  for (const char* mode : {"nearest", "down", "up"}) {
    const auto rounded = [&](const Expr& e, int64_t unit, int64_t offset, int places) {
      return Apply("round", {e, Number(unit), Number(offset), Number(places), Text(mode)});
    };
    programs.push_back(answers({rounded(n, 1, 0, 0), rounded(n, 1, 0, 2), rounded(n, 5, 0, 1), rounded(n, 25, 0, 2),
                                rounded(n, 20, 1, 0), rounded(n, 7, -3, 1), rounded(n, 15, 50, 20)}));
    programs.push_back(
        answers({rounded(third, 1, 0, 5), rounded(square, 1000000007, 13, 3), rounded(n, 0, 0, 0), rounded(n, -5, 0, 0),
                 rounded(n, 1, 0, 21), Apply("round", {n, third, Number(0), Number(1), Text(mode)})}));
  }
  for (const char* grouping : {"none", "thousands", "indian", "thousands:.:,", "thousands: :,", "indian:\u202f:\u00b7",
                               "none::,", "thousands:\u2019:.", "thousands:", "thousands:':::"}) {
    programs.push_back(Concat({format(n, 0, 30, 1, grouping), Text("|"), format(n, 2, 2, 1, grouping), Text("|"),
                               format(n, -1, 1, 0, grouping), Text("|"), format(n, 0, 0, 5, grouping), Text("|"),
                               format(n, 30, 30, 40, grouping), Text("|"), format(n, 1, 3, 12, grouping)}));
  }
  for (const auto& [least, most, digits] : {std::tuple{-2, 1, 1}, {31, 31, 1}, {0, -1, 1}, {0, 1, 1001}, {0, 1, -1}}) {
    programs.push_back(format(n, least, most, digits, "none"));
  }
  return programs;
}

// The awks that are installed, each in a folder where it is called awk.
std::vector<std::string> Awks(const TempDir& dir) {
  std::vector<std::string> folders;
  for (const char* awk : {"mawk", "gawk", "busybox awk", "original-awk", "awk"}) {
    const std::string path = RunProcess({"sh", "-c", "command -v " + std::string(awk) + " | head -1"}).out;
    const bool again = awk == std::string_view("awk") && !folders.empty();  // one of the others
    if (path.empty() || again) continue;
    const std::string folder = dir / Fmt("%zu", folders.size()), applet = std::string_view(awk) == "busybox awk" ? " awk" : "";
    std::filesystem::create_directory(folder);
    WriteBytes(folder + "/awk", "#!/bin/sh\nexec " + path.substr(0, path.size() - 1) + applet + " \"$@\"\n");
    std::filesystem::permissions(folder + "/awk", std::filesystem::perms::owner_all);
    folders.push_back(folder);
  }
  return folders;
}

void ShellGivesTheSame(const std::vector<Expr>& programs, const std::vector<std::string>& cells) {
  TempDir dir;
  const std::vector<std::string> awks = Awks(dir);
  if (awks.empty()) GTEST_SKIP() << "awk is not installed: not run";
  for (const Expr& program : programs) {
    const auto code = Emit({{"cell"}, "out", program}, Language::kSh);
    ASSERT_TRUE(code) << code.error().what;
    WriteBytes(dir / "p.sh", *code);
    for (const std::string& awk : awks) {
      const auto run =
          RunProcess({"sh", dir / "p.sh"}, {.input = Csv(cells), .environment = {"PATH=" + awk + ":" + std::getenv("PATH")}});
      EXPECT_TRUE(run.out == Expected(program, cells)) << ReadBytes(awk + "/awk") << Print(program, {}) << "\n"
                                                       << FirstDifference(run.out, program, cells) << run.err;
    }
  }
}

TEST(Emit, ShellGivesTheSame) { ShellGivesTheSame(FormulaPrograms(), kCells); }
TEST(Emit, ShellReadsAndWritesDatesAsWeDo) { ShellGivesTheSame(DatePrograms(), kDates); }
TEST(Emit, PythonCalculatesAsWeDo) { RunAndCompare(Language::kPython, "python3", "p.py", NumberPrograms(), kNumbers); }
TEST(Emit, JavaScriptCalculatesAsWeDo) { RunAndCompare(Language::kJs, "node", "p.js", NumberPrograms(), kNumbers); }
TEST(Emit, ShellCalculatesAsWeDo) {
  ShellGivesTheSame(NumberPrograms(), kNumbers);
  ShellGivesTheSame(NumberPrograms(), OddCells());
}

// What gives a number where a text is wanted, or may, gives nothing there.
TEST(Emit, ShellMistakesNoTypes) {
  const Expr second = Apply("number", {Input(0), Number(2)}), few = Apply("less", {Number1(), Number(3)});
  ShellGivesTheSame({Apply("upper", {Apply("first", {Apply("if", {few, Number1(), second}), Text("no number")})}),
                     Apply("if", {Apply("empty", {second}), Text("empty"), Text("full")}),
                     Apply("trim", {Apply("if", {few, Input(0), second})}), Apply("trim", {Number(7)})},
                    kNumbers);
}

TEST(Emit, EveryOperationIsSaidInSh) {
  for (const Op& op : Ops()) {
    if (op.name == "if" || op.name == "nothing") continue;
    std::vector<Expr> args;
    for (const char type : op.types.substr(0, op.types.find(':'))) {
      if (type == 't' || type == 'x') args.push_back(Input(0));
      if (type == 'n') args.push_back(Number1());
      if (type == 'm') args.push_back(Date());
      if (type == 'b') args.push_back(Apply("contains", {Input(0), Text("a")}));
    }
    const auto code =
        Emit({{"cell"}, "out", Apply("if", {Apply("is_nothing", {Apply(op.name.data(), args)}), Text("a"), Text("b")})},
             Language::kSh);
    ASSERT_TRUE(code);
    const bool of_awk = op.name == "match" || op.name == "length";
    EXPECT_THAT(*code, HasSubstr("function " + std::string(op.name) + (of_awk ? "_(" : "(")));
  }
}

// gawk refuses a parameter with the name of a function. One program that needs the whole library shows all of both.
TEST(Emit, NoParameterInShHasAFunctionsName) {
  std::vector<Expr> all;
  for (const auto& programs : {FormulaPrograms(), DatePrograms(), NumberPrograms()})
    for (const Expr& program : programs) all.push_back(Apply("first", {program, Text("")}));
  const auto code = Emit({{"cell"}, "out", Concat(std::move(all))}, Language::kSh);
  ASSERT_TRUE(code);
  std::set<std::string> functions, parameters;
  const std::regex definition("function ([a-z_0-9]+)\\(([^)]*)\\)"), name("[A-Za-z_0-9]+");
  for (std::sregex_iterator f(code->begin(), code->end(), definition), end; f != end; ++f) {
    functions.insert((*f)[1]);
    const std::string list = (*f)[2];
    for (std::sregex_iterator p(list.begin(), list.end(), name); p != end; ++p) parameters.insert(p->str());
  }
  EXPECT_GE(functions.size(), 80u);
  for (const std::string& parameter : parameters) EXPECT_FALSE(functions.contains(parameter)) << parameter;
}

std::string Hex(const std::string& text) {
  std::string hex;
  for (const unsigned char c : text) hex += Fmt("%02X", c);
  return hex;
}

std::vector<std::string> Lines(const std::string& text) {
  std::vector<std::string> lines;
  for (size_t at = 0, end; (end = text.find('\n', at)) != std::string::npos; at = end + 1)
    lines.push_back(text.substr(at, end - at));
  return lines;
}

// What SQLite answers to each cell of a table, an answer a line: as hexadecimal, for cells have line breaks.
std::string AskSqlite(const std::string& statement, const std::vector<std::string>& cells) {
  std::string script = "CREATE TABLE data (cell TEXT);\nINSERT INTO data VALUES ";
  for (size_t i = 0; i < cells.size(); ++i) script += (i ? ", (CAST(x'" : "(CAST(x'") + Hex(cells[i]) + "' AS TEXT))";
  script += ";\nSELECT hex(coalesce(answer, '')) FROM (" + statement.substr(0, statement.size() - 2) + ");\n";
  const auto run = RunProcess({"sqlite3", ":memory:"}, {.input = script});
  return run.out + run.err;
}

void SqlGivesTheSame(const std::vector<Expr>& programs, const std::vector<std::string>& cells) {
  if (!Installed("sqlite3")) GTEST_SKIP() << "sqlite3 is not installed: not run";
  for (const Expr& program : programs) {
    const auto code = Emit({{"cell"}, "answer", program}, Language::kSql);
    ASSERT_TRUE(code) << code.error().what;
    std::vector<std::string> answers = Lines(AskSqlite(*code, cells));
    answers.resize(std::max(answers.size(), cells.size()));
    for (size_t row = 0; row < cells.size(); ++row) {
      const std::string expected = Answer(program, std::vector<Cell>{cells[row]}).value_or("");
      if (answers[row] == Hex(expected)) continue;
      ADD_FAILURE() << Print(program, {}) << "\n'" << cells[row] << "': expected '" << expected << "', got " << answers[row]
                    << "\n"
                    << *code;
      break;
    }
  }
}

// What dates and times are made of, in whatever order.
std::vector<std::string> OddDates() {
  constexpr const char* kBits[] = {
      "1",    "12",  "31",    "59",  "60",  "007", "2024", "1999", "20240229",   "123456789", "Mar",     "sept",
      "may",  "Fri", "thurs", "W",   "#",   "of",  "th",   "st",   "T",          "at",        "am",      "PM",
      "p.m.", "a",   "Z",     "UTC", "+01", "-",   "-",    "/",    "/",          ".",         ":",       ":",
      " ",    " ",   " ",     ", ",  "@",   "'",   "word", "?",    "2021-03-04", "10:20",     "9:05:07", "June 5"};
  std::vector<std::string> cells;
  uint32_t state = 7;
  const auto next = [&] { return (state = state * 1664525 + 1013904223) >> 16; };
  for (int i = 0; i < 200; ++i) {
    std::string cell;
    for (uint32_t n = 1 + next() % 9; n > 0; --n) cell += kBits[next() % std::size(kBits)];
    cells.push_back(cell);
  }
  return cells;
}

TEST(Emit, SqlGivesTheSame) { SqlGivesTheSame(FormulaPrograms(), kCells); }
TEST(Emit, SqlReadsAndWritesDatesAsWeDo) {
  SqlGivesTheSame(DatePrograms(), kDates);
  SqlGivesTheSame(DatePrograms(), kCells);
  SqlGivesTheSame(DatePrograms(), OddDates());
}
TEST(Emit, SqlCalculatesAsWeDo) {
  SqlGivesTheSame(NumberPrograms(), kNumbers);
  std::vector<std::string> ascii = OddCells();  // a number taken for a position counts bytes here and characters there
  std::erase_if(ascii, [](const std::string& cell) { return cell.find_first_of("\xc3\xc5\xe4\xf0") != std::string::npos; });
  EXPECT_GT(ascii.size(), 40u);
  SqlGivesTheSame(NumberPrograms(), ascii);
}
TEST(Emit, SqlIsRefusedOnlyWhereSqliteWouldNotParseIt) {
  if (!Installed("sqlite3")) GTEST_SKIP() << "sqlite3 is not installed: not run";
  std::vector<Expr> all, some;
  for (const auto& programs : {FormulaPrograms(), DatePrograms(), NumberPrograms()}) {
    for (const Expr& program : programs) {
      all.push_back(Apply("first", {program, Text("")}));
      if (all.size() % 9 == 1) some.push_back(all.back());
    }
  }
  const auto code = Emit({{"cell"}, "answer", Concat(some)}, Language::kSql);
  ASSERT_TRUE(code) << code.error().what;
  EXPECT_EQ(AskSqlite(*code, {"3/4/2021"}), Hex(Answer(Concat(some), std::vector<Cell>{"3/4/2021"}).value_or("")) + "\n");
  const auto refused = Emit({{"cell"}, "answer", Concat(all)}, Language::kSql);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::kUnsupported);
  EXPECT_THAT(refused.error().what, HasSubstr("steps"));
}
TEST(Emit, WhatSqliteAnswersOtherwiseIsSeen) {
  if (!Installed("sqlite3")) GTEST_SKIP() << "sqlite3 is not installed: not run";
  const auto code = Emit({{"cell"}, "answer", Apply("trim", {Input(0)})}, Language::kSql);
  ASSERT_TRUE(code);
  EXPECT_EQ(AskSqlite(*code, {" a", "\n"}), "61\n\n");
}

TEST(Emit, WhatALanguageCannotSayIsNamed) {
  const auto sql = Emit({{"cell"}, "out", Part(Date(), "no part")}, Language::kSql);
  ASSERT_FALSE(sql);
  EXPECT_EQ(sql.error().code, Code::kUnsupported);
  EXPECT_THAT(sql.error().what, HasSubstr("part"));
  EXPECT_FALSE(LanguageNamed("cobol"));
}

}  // namespace
}  // namespace hasten::solve
