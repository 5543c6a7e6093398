// Programs in other languages give what they give here: run and compared wherever the language is installed.
#include "solve/lang/emit.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "solve/lang/ops.h"
#include "tests/support/process.h"
#include "tests/support/support.h"

namespace hasten::solve {
namespace {

using ::testing::HasSubstr;

Expr Slice(Expr from, Expr to) { return Apply("slice", {Input(0), std::move(from), std::move(to)}); }
Expr Find(const char* what, int k, int side) { return Apply("find", {Input(0), Text(what), Number(k), Number(side)}); }
Expr At(int k) { return Apply("at", {Input(0), Number(k)}); }
Expr Number1() { return Apply("number", {Input(0), Number(1)}); }
Expr Date() { return Apply("moment", {Input(0), Number(1), Text("month first")}); }
Expr Format(Expr n, int least, const char* grouping) {
  return Apply("format", {std::move(n), Number(least), Number(30), Number(1), Text(grouping)});
}
Expr Part(Expr m, const char* name) { return Apply("part", {std::move(m), Text(name)}); }

// Programs that between them use every kind of operation.
std::vector<Expr> Programs() {
  const Expr bucket = Apply("bucket", {Date(), Number(90), Number(30), Number(90)});
  return {
      Concat({Apply("upper", {Slice(At(0), Find(" ", 1, 0))}), Text("'\\\"-"), Slice(Find(" ", -1, 1), At(-1))}),
      Apply("first", {Apply("field", {Input(0), Text(" "), Number(2)}), Text("none")}),
      Apply("initials", {Input(0), Text("letters"), Text(".")}),
      Apply("title", {Apply("keep", {Input(0), Text("letters")})}),
      Apply("pad_left", {Apply("trim", {Apply("replace", {Input(0), Text("-"), Text(" ")})}), Number(30), Text("*")}),
      Apply("match", {Input(0), Text("capitalised"), Number(-1)}),
      Slice(Apply("token", {Input(0), Text("word"), Number(2), Number(0)}),
            Apply("skip", {Input(0), Apply("between", {Input(0), Text("digits"), Text("marks"), Number(1)}), Number(1)})),
      Apply("if", {Apply("contains", {Input(0), Text("a")}), Apply("lower", {Input(0)}), Apply("reverse", {Input(0)})}),
      Apply("if", {Apply("shape", {Input(0), Text("Aa Aa")}), Text("name"), Apply("capital", {Apply("squeeze", {Input(0)})})}),
      Format(Apply("round", {Apply("times_ten", {Number1(), Number(-1)}), Number(25), Number(0), Number(2), Text("nearest")}),
             2, "thousands"),
      Format(Apply("plus", {Apply("round", {Number1(), Number(20), Number(1), Number(0), Text("down")}), Number(19)}), -1,
             "indian"),
      Apply("if", {Apply("less", {Apply("count", {Input(0), Text("word")}), Number(3)}), Text("few"), Text("many")}),
      Apply("length", {Input(0)}),
      Concat({Part(Date(), "yyyy"), Text("-"), Part(Date(), "MM"), Text("-"), Part(Date(), "dd"), Text(" "),
              Part(Date(), "dddd"), Part(Date(), "ww"), Part(Date(), "do")}),
      Concat({Part(bucket, "h"), Text(":"), Part(bucket, "mm"), Part(bucket, "tt")}),
      Apply("look_up", {Apply("trim", {Input(0)}), Text("states"), Text("name"), Text("code")}),
      Apply("look_up", {Apply("trim", {Input(0)}), Text("numbers"), Text("digits"), Text("Roman")}),
      Concat({Apply("join", {Input(0), Text("hump"), Text("-")}), Text("|"), Apply("drop", {Input(0), Text("digits")}),
              Text("|"), Apply("without", {Input(0), Text("aeiou\u00e9")}), Text("|"), Apply("plain", {Input(0)})}),
      Concat({Apply("items", {Input(0), Text(" "), Text("sorted")}), Text("|"),
              Apply("items", {Input(0), Text(" "), Text("sorted down")}), Text("|"),
              Apply("items", {Input(0), Text("a"), Text("unique")}), Text("|"),
              Apply("items", {Input(0), Text(","), Text("reversed")}), Text("|"),
              Apply("items_with", {Input(0), Text(" "), Text("L")})}),
      Apply("count_of", {Input(0), Text("e")}),
      Format(Apply("over", {Apply("minus", {Number1(), Number(7)}), Apply("plus", {Number1(), Number(3)})}), 0,
             "thousands:.:,"),
      Format(Apply("times", {Number1(), Apply("times", {Number1(), Number(-3)})}), -1, "thousands:\u202f:."),
      Format(Apply("numbers", {Input(0), Text("average")}), 0, "none"),
      Concat({Format(Apply("numbers", {Input(0), Text("sum")}), -1, "none"), Text(" "),
              Format(Apply("larger", {Apply("numbers", {Input(0), Text("smallest")}), Number(-5)}), -1, "none"), Text(" "),
              Format(Apply("smaller", {Apply("numbers", {Input(0), Text("largest")}), Number1()}), -1, "none")}),
      Apply("signed", {Format(Apply("remainder", {Number1(), Number(7)}), 2, "none")}),
      Apply("first", {Apply("ordinal", {Number1()}), Text("no whole number")}),
      Apply("first", {Apply("roman", {Number1()}), Text("none")}),
      Apply("if", {Apply("less", {Apply("weekday", {Date()}), Number(6)}), Text("workday"), Text("weekend or none")}),
      Part(Apply("add_days", {Date(), Number(-400)}), "yyyy"),
      Concat({Part(Apply("add_months", {Apply("month_end", {Date()}), Number(-13)}), "MM"), Text("/"),
              Part(Apply("add_months", {Apply("month_end", {Date()}), Number(-13)}), "d")}),
      Concat({Part(Apply("add_seconds", {Date(), Number(86399)}), "HH"),
              Part(Apply("add_seconds", {Date(), Number(86399)}), "ss")}),
      Apply("second_of_day", {Date()}),
      Apply("seconds", {Date(), Apply("add_seconds", {Date(), Number(-5000)})}),
      Apply("months", {Date(), Apply("add_days", {Date(), Number(700)})}),
      Apply("years", {Date(), Apply("add_days", {Date(), Number(-700)})}),
      Concat(
          {Part(Apply("clock", {Number1(), Number(60)}), "H"), Text(":"), Part(Apply("clock", {Number1(), Number(60)}), "mm")}),
  };
}

// Cells of whatever comes: letters of several alphabets, digits, marks, quotes, line breaks, blanks, nothing.
std::vector<std::string> OddCells() {
  constexpr const char* kBits[] = {"a",  "Ab", "z", "Q",      "0",          "7",      "42",         "1,234",
                                   "-",  ".",  ",", " ",      "  ",         "\"",     "'",          "\\",
                                   "\n", "#",  "/", "\u00e9", "\u00dc",     "\u4e2d", "\U0001F600", "$",
                                   "%",  "(",  ")", "Mar",    "2024-02-29", "12:30",  "pm",         "\u017e"};
  std::vector<std::string> cells;
  uint32_t state = 1;
  const auto next = [&] { return (state = state * 1664525 + 1013904223) >> 16; };
  for (int i = 0; i < 120; ++i) {
    std::string cell;
    for (uint32_t n = next() % 9; n > 0; --n) cell += kBits[next() % std::size(kBits)];
    cells.push_back(cell);
  }
  return cells;
}

const std::vector<std::string> kPlainCells = {"Ada Lovelace",
                                              "grace  hopper",
                                              "2021-03-09 14:48",
                                              "7/30/1988",
                                              "1,234.5 kg",
                                              "-12.345",
                                              "New York",
                                              "a \"quoted\", cell",
                                              "two\nlines here",
                                              "31 Dec 1999 11:59 PM",
                                              "12345678",
                                              "",
                                              "x",
                                              "Élan Vital 42-b",
                                              "99.995",
                                              "customerName2XMLFile",
                                              "1999",
                                              "23"};

const std::vector<std::string> kCells = [] {
  std::vector<std::string> all = kPlainCells;
  const std::vector<std::string> odd = OddCells();
  all.insert(all.end(), odd.begin(), odd.end());
  return all;
}();

std::string Csv() {
  std::string csv = "cell,out\n";
  for (const std::string& cell : kCells) {
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

std::string Expected(const Expr& program) {
  std::string csv = "cell,out\n";
  for (const std::string& cell : kCells)
    csv += Quoted(cell) + "," + Quoted(Answer(program, std::vector<Cell>{cell}).value_or("")) + "\n";
  return csv;
}

bool Installed(const char* command) { return RunProcess({"sh", "-c", std::string("command -v ") + command}).exit_code == 0; }

// Which cell the other language answers otherwise.
std::string FirstDifference(const std::string& out, const Expr& program) {
  std::string csv = "cell,out\n";
  for (const std::string& cell : kCells) {
    csv += Quoted(cell) + "," + Quoted(Answer(program, std::vector<Cell>{cell}).value_or("")) + "\n";
    if (!out.starts_with(csv))
      return "cell '" + cell + "': expected …" + csv.substr(csv.size() - std::min<size_t>(csv.size(), 120)) + "got …" +
             out.substr(csv.size() - std::min<size_t>(csv.size(), 120), 240);
  }
  return "as expected";
}

void RunAndCompare(Language language, const char* command, const char* file, bool all) {
  if (!Installed(command)) GTEST_SKIP() << command << " is not installed: not run";
  TempDir dir;
  size_t compared = 0;
  for (const Expr& program : Programs()) {
    const auto code = Emit({{"cell"}, "out", program}, language);
    if (!code && !all) {
      EXPECT_EQ(code.error().code, Code::kUnsupported) << code.error().what;
      continue;
    }
    ASSERT_TRUE(code) << code.error().what;
    WriteBytes(dir / file, *code);
    const auto run = RunProcess({command, dir / file}, {.input = Csv(), .environment = {"PYTHONUTF8=1"}});
    EXPECT_EQ(run.exit_code, 0) << run.err;
    EXPECT_TRUE(run.out == Expected(program)) << Print(program, {}) << "\n" << FirstDifference(run.out, program) << run.err;
    ++compared;
  }
  EXPECT_GE(compared, 5u);
}

TEST(Emit, PythonGivesTheSame) { RunAndCompare(Language::kPython, "python3", "p.py", true); }
TEST(Emit, JavaScriptGivesTheSame) { RunAndCompare(Language::kJs, "node", "p.js", true); }

TEST(Emit, ShellGivesTheSameOrSaysThatItCannot) { RunAndCompare(Language::kSh, "sh", "p.sh", false); }

TEST(Emit, SqlGivesTheSame) {
  if (!Installed("sqlite3")) GTEST_SKIP() << "sqlite3 is not installed: not run";
  TempDir dir;
  WriteBytes(dir / "data.csv", Csv());
  const std::vector<Expr> programs = {
      Concat({Apply("upper", {Slice(At(0), Find(" ", 1, 0))}), Text("'-"), Slice(Find(" ", -1, 1), At(-1))}),
      Apply("field", {Input(0), Text(" "), Number(-1)}),
      Apply("if", {Apply("contains", {Input(0), Text("a")}), Apply("replace", {Input(0), Text("a"), Text("A")}), Text("no")}),
      Apply("pad_left", {Apply("trim", {Input(0)}), Number(30), Text("*")}),
  };
  for (const Expr& program : programs) {
    const auto code = Emit({{"cell"}, "answer", program}, Language::kSql);
    ASSERT_TRUE(code) << code.error().what;
    const std::string select = "SELECT hex(coalesce(answer, '')) FROM (" + code->substr(0, code->size() - 2) + ");\n";
    const auto run = RunProcess({"sqlite3", ":memory:"},
                                {.input = ".mode csv\n.import " + (dir / "data.csv") + " data\n.mode list\n" + select});
    std::string expected;
    for (const std::string& cell : kCells) {
      for (const unsigned char c : Answer(program, std::vector<Cell>{cell}).value_or("")) expected += Fmt("%02X", c);
      expected += "\n";
    }
    EXPECT_EQ(run.out, expected) << *code << run.err;
  }
}

TEST(Emit, WhatALanguageCannotSayIsNamed) {
  const auto sql = Emit({{"cell"}, "out", Part(Date(), "yyyy")}, Language::kSql);
  ASSERT_FALSE(sql);
  EXPECT_EQ(sql.error().code, Code::kUnsupported);
  EXPECT_THAT(sql.error().what, HasSubstr("moment"));
  EXPECT_FALSE(LanguageNamed("cobol"));
}

TEST(Emit, ExcelIsAFormula) {
  const auto code = Emit({{"name"}, "out", Apply("upper", {Slice(At(0), Find(" ", 1, 0))})}, Language::kExcel);
  ASSERT_TRUE(code);
  EXPECT_EQ(*code, "=IFERROR(UPPER(MID(A2,0+1,(FIND(\" \",A2)-1)-(0))),\"\")\n");
}

}  // namespace
}  // namespace hasten::solve
