// Programs in other languages give what they give here: run and compared wherever the language is installed.
#include "solve/lang/emit.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <map>
#include <regex>
#include <set>
#include <tuple>

#include "base/file.h"
#include "solve/lang/facts.h"
#include "solve/lang/moment.h"
#include "solve/lang/ops.h"
#include "solve/lang/tokens.h"
#include "tests/support/process.h"
#include "tests/support/support.h"
#include "text/table.h"

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
      Apply("groups", {Input(0), Number(4), Text(" ")}),
      Apply("groups", {Apply("keep", {Input(0), Text("digits")}), Number(2), Text("--")}),
      Apply("count_of", {Input(0), Text("e")}),
      Apply("pad_left", {Text("x"), Apply("length", {Input(0)}), Text("*")}),
      Apply("first", {Apply("field", {Text("a b c d e f g h"), Text(" "), Number1()}), Text("none")}),
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

bool Installed(const char* command) { return RunProcess({"sh", "-c", std::string("command -v ") + command}).exit_code == 0; }

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

// What tables do to dates: in every order, in every part, moved about.
std::vector<Expr> DatePrograms() {
  std::vector<Expr> programs;
  for (const char* order : {"month first", "day first", "year first", "hours", "hours and minutes", "minutes and seconds"})
    for (const int k : {1, 2, -1}) {
      const Expr date = Apply("moment", {Input(0), Number(k), Text(order)});
      std::vector<Expr> parts;
      for (const MomentPart& part : MomentParts()) {
        parts.push_back(Apply("first", {Part(date, part.name.data()), Text("?")}));
        parts.push_back(Text("|"));
      }
      programs.push_back(Concat(std::move(parts)));
    }
  programs.push_back(Part(Apply("bucket", {Date(), Number(30), Number(0), Number(30)}), "HH"));
  return programs;
}

const std::vector<std::string> kDates = {"3/4/2021",
                                         "2021-03-04",
                                         "04.03.21",
                                         "4 March 2021",
                                         "March 4th, 2021",
                                         "Thu, 4 Mar 2021",
                                         "20210304",
                                         "2021-W09-4",
                                         "Sept 2020",
                                         "2020/12",
                                         "12-2020",
                                         "2021 063",
                                         "3rd of May 1999",
                                         "Tue #2 Nov 2024",
                                         "9:05",
                                         "9:05:07 pm",
                                         "12 AM",
                                         "12:30 a.m.",
                                         "2330",
                                         "0730",
                                         "01022021",
                                         "2021 010",
                                         "\x01 5 June 2020",
                                         "23",
                                         "7",
                                         "30/2/2021",
                                         "29 Feb 2023",
                                         "2024-02-29T23:59:59.123Z",
                                         "1:02 PM, May 5",
                                         "from 1/2/2003 to 4/5/2006",
                                         "2021-03-04 05:06 +0200",
                                         "2021-03-04 25:00",
                                         "on Friday",
                                         "Thurs 1 Jan 1970",
                                         "31.12.1999 um 8:15",
                                         "3:61",
                                         "99/1/1",
                                         "1/1/99",
                                         "1999",
                                         "Dec 31"};

// What a formula can say.
std::vector<Expr> FormulaPrograms() {
  const auto field = [](const char* separator, int k) { return Apply("field", {Input(0), Text(separator), Number(k)}); };
  const auto first = [](Expr e) { return Apply("first", {std::move(e), Text("none")}); };
  std::vector<Expr> programs = {
      Concat({Apply("upper", {Slice(At(0), Find(" ", 1, 0))}), Text("'\"-"), Slice(Find(" ", -1, 1), At(-1))}),
      Slice(At(2), At(-3)),
      first(Slice(At(-4), Apply("skip", {Input(0), Find("a", 1, 1), Number(2)}))),
      first(Slice(Apply("skip", {Input(0), Find(" ", 1, 0), Number(-3)}), At(-1))),
      first(Slice(Find("-", 1, 1), Find("a", 1, 0))),
      first(field(" ", 1)),
      first(field(" ", 2)),
      first(field(" ", -1)),
      first(field("  ", 1)),
      first(field("  ", 2)),
      Apply("trim", {Input(0)}),
      Apply("trim", {Slice(Find(",", 1, 1), At(-1))}),
      Apply("squeeze", {Input(0)}),
      Apply("lower", {Input(0)}),
      Apply("capital", {Input(0)}),
      Apply("title", {Input(0)}),
      Apply("replace", {Input(0), Text("a"), Text("\n'")}),
      Apply("pad_left", {Apply("trim", {Input(0)}), Number(30), Text("*")}),
      Apply("pad_right", {Input(0), Number(20), Text("x")}),
      Apply("if", {Apply("contains", {Input(0), Text("a")}), Apply("upper", {Input(0)}), Text("no")}),
      Apply("if", {Apply("starts", {field(" ", 2), Text("h")}), Text("yes"), Text("no")}),
      Apply("if", {Apply("ends", {Input(0), Text("2")}), Text("yes"), Text("no")}),
      Apply("if", {Apply("equals", {Input(0), Text("X")}), Text("X"), Text("other")}),
      Apply("if", {Apply("empty", {Input(0)}), Text("empty"), Text("full")}),
      Apply("if", {Apply("empty", {field(" ", 2)}), Text("empty"), Text("full")}),
      Apply("if", {Apply("not", {Apply("is_nothing", {field("-", 2)})}), Text("two"), Text("one")}),
      Apply("if", {Apply("less", {Apply("length", {Input(0)}), Number(9)}), Text("short"), Text("long")}),
      Apply("if", {Apply("contains", {Input(0), Text("A")}), Input(0), Apply("nothing", {})}),
      Apply("length", {Input(0)}),
      Apply("count_of", {Input(0), Text("a")}),
      Concat({Text(std::string(300, '"')), Input(0)}),
  };
  for (const Expr& program : Programs()) programs.push_back(program);
  return programs;
}

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

std::string Xml(const std::string& text) {
  std::string out;
  for (const char c : text) {
    out += c == '&' ? "&amp;" : c == '<' ? "&lt;" : c == '\n' ? "&#10;" : std::string(1, c);
  }
  return out;
}

// A formula as cells: one for each name that it binds, and the last for the whole. Gnumeric has no LET.
struct Spread {
  std::vector<std::string> names, codes;
};

Spread CellsOf(const std::string& formula) {
  const std::string let = "=LET(";
  if (!formula.starts_with(let)) return {{""}, {formula.substr(1)}};
  std::vector<std::string> parts(1);
  size_t depth = 0;
  bool quoted = false;
  for (const char c : formula.substr(let.size(), formula.size() - let.size() - 1)) {
    if (c == '"') quoted = !quoted;
    if (!quoted && (c == '(' || c == '{')) ++depth;
    if (!quoted && (c == ')' || c == '}')) --depth;
    if (c == ',' && depth == 0 && !quoted) {
      parts.emplace_back();
    } else {
      parts.back() += c;
    }
  }
  Spread cells;
  for (size_t i = 0; i + 1 < parts.size(); i += 2) {
    cells.names.push_back(parts[i]);
    cells.codes.push_back(parts[i + 1]);
  }
  cells.names.emplace_back();
  cells.codes.push_back(parts.back());
  return cells;
}

std::string CellName(size_t column, size_t row) {
  std::string letters;
  for (++column; column > 0; column = (column - 1) / 26) letters.insert(letters.begin(), char('A' + (column - 1) % 26));
  return letters + std::to_string(row);
}

// A formula's code with cells for names: `named` says which.
std::string WithCells(const std::string& code, const std::map<std::string, std::string>& named) {
  std::string out, word;
  bool quoted = false;
  for (const char c : code + " ") {
    if (!quoted && (std::isalnum(static_cast<unsigned char>(c)) || c == '_')) {
      word += c;
      continue;
    }
    const auto found = named.find(word);
    out += found == named.end() ? word : found->second;
    word.clear();
    out += c;
    if (c == '"') quoted = !quoted;
  }
  out.pop_back();
  return out;
}

constexpr struct {
  const char *path, *text;
} kWorkbook[] = {
    {"[Content_Types].xml",
     R"(<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">
<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>
<Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>
<Override PartName="/xl/sheet.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/>
</Types>)"},
    {"_rels/.rels",
     R"(<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Target="xl/workbook.xml"
Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument"/></Relationships>)"},
    {"xl/workbook.xml",
     R"(<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"
xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships">
<sheets><sheet name="S" sheetId="1" r:id="r1"/></sheets></workbook>)"},
    {"xl/_rels/workbook.xml.rels",
     R"(<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Target="sheet.xml"
Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet"/></Relationships>)"},
};

// What a spreadsheet computes for each cell, row by row: a workbook with the cells as texts in column A and the formulas beside
// them, as arrays where Excel would keep them so.
std::vector<std::vector<std::string>> Computed(const std::vector<std::string>& formulas,
                                               const std::vector<std::string>& cells) {
  std::string sheet = R"(<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>)";
  std::vector<size_t> whole;
  for (size_t row = 1; row <= cells.size(); ++row) {
    sheet += Fmt("<row r=\"%zu\"><c r=\"A%zu\" t=\"inlineStr\"><is><t xml:space=\"preserve\">", row, row) +
             Xml(cells[row - 1]) + "</t></is></c>";
    size_t column = 0;
    whole.clear();
    for (const std::string& formula : formulas) {
      const Spread spread = CellsOf(formula);
      std::map<std::string, std::string> named = {{"A2", CellName(0, row)}};
      for (size_t i = 0; i < spread.codes.size(); ++i) {
        const std::string cell = CellName(++column, row);
        sheet += Fmt("<c r=\"%s\"><f t=\"array\" ref=\"%s\">", cell.c_str(), cell.c_str()) +
                 Xml(WithCells(spread.codes[i], named)) + "</f></c>";
        named[spread.names[i]] = cell;
      }
      whole.push_back(column);
    }
    sheet += "</row>";
  }
  TempDir dir;
  for (const char* folder : {"_rels", "xl", "xl/_rels"}) std::filesystem::create_directory(dir / folder);
  for (const auto& file : kWorkbook) WriteBytes(dir / file.path, file.text);
  WriteBytes(dir / "xl/sheet.xml", sheet + "</sheetData></worksheet>");
  const auto run = RunProcess({"sh", "-c",
                               "cd \"$1\" && python3 -m zipfile -c sheet.xlsx '[Content_Types].xml' _rels xl && "
                               "ssconvert --recalc sheet.xlsx sheet.csv",
                               "sh", dir / "."});
  EXPECT_EQ(run.exit_code, 0) << run.err;
  const auto csv = ReadFile(dir / "sheet.csv");
  const auto table = ReadTable(csv ? *csv : "", {.format = TableFormat::kCsv, .header = false, .path = ""});
  EXPECT_TRUE(table) << run.err;
  std::vector<std::vector<std::string>> rows;
  for (size_t r = 0; table && r < table->rows.size(); ++r) {
    rows.emplace_back();
    for (const size_t column : whole) rows.back().push_back(column < table->rows[r].size() ? table->rows[r][column].text : "?");
  }
  return rows;
}

// Excel knows cases of letters that programs here do not; its PROPER begins words behind a digit, an apostrophe and an emoji
// too; and its numbers have 15 digits: more give nothing.
bool ReadsDates(const Expr& e) {
  return (e.op && e.op->name == "moment") || std::any_of(e.args.begin(), e.args.end(), ReadsDates);
}

bool KnownToDiffer(const Expr& program, const std::string& cell, const std::string& got, const std::string& wanted) {
  if (cell.find("\u017e") != std::string::npos) return true;
  if (program.op && program.op->name == "title") return cell.find_first_of("0123456789'\xf0") != std::string::npos;
  const auto digits = [](const std::string& text) { return std::count_if(text.begin(), text.end(), ::isdigit); };
  const bool no_date = ReadsDates(program) && !ParseMoment(cell, DateOrder::kMonthFirst);
  return got.empty() && (digits(wanted) > 15 || digits(cell) > 15 || no_date);
}

struct Formulas {
  std::vector<Expr> programs;  // that Excel says, of a table with these cells
  std::vector<std::string> formulas;
};

Formulas FormulasOf(const std::vector<Expr>& programs, const std::vector<std::string>& cells) {
  std::vector<std::vector<Cell>> rows;
  for (const std::string& cell : cells) rows.push_back({cell});
  Formulas said;
  for (const Expr& program : programs) {
    const auto code = Emit({{"cell"}, "answer", program}, Language::kExcel, rows);
    if (!code) {
      EXPECT_EQ(code.error().code, Code::kUnsupported) << code.error().what;
      continue;
    }
    said.programs.push_back(program);
    said.formulas.push_back(code->substr(0, code->size() - 1));
  }
  return said;
}

// Computes what Excel says of the programs, which are at least so many.
void ExcelGivesTheSame(const std::vector<Expr>& all, const std::vector<std::string>& cells, size_t least) {
  if (!Installed("ssconvert")) GTEST_SKIP() << "Gnumeric's ssconvert is not installed: no formula was computed";
  auto [programs, formulas] = FormulasOf(all, cells);
  EXPECT_GE(programs.size(), least) << "of " << all.size();
  formulas.push_back("=LEN(A2)+1");  // what a wrong answer looks like
  const auto rows = Computed(formulas, cells);
  ASSERT_EQ(rows.size(), cells.size());
  for (size_t row = 0; row < rows.size(); ++row) {
    for (size_t i = 0; i < programs.size(); ++i) {
      const std::string wanted = Answer(programs[i], std::vector<Cell>{cells[row]}).value_or("");
      if (KnownToDiffer(programs[i], cells[row], rows[row][i], wanted)) continue;
      EXPECT_EQ(rows[row][i], wanted) << "'" << cells[row] << "' " << Print(programs[i], {}) << "\n" << formulas[i];
    }
    EXPECT_NE(rows[row].back(), Answer(Apply("length", {Input(0)}), std::vector<Cell>{cells[row]}));
  }
}

TEST(Emit, ExcelGivesTheSame) { ExcelGivesTheSame(FormulaPrograms(), kCells, 55); }

// Every operation on tokens, of every kind.
std::vector<Expr> TokenPrograms() {
  const auto of = [](const char* op, const TokenKind& kind, std::vector<Expr> more) {
    std::vector<Expr> args = {Input(0), Text(std::string(kind.name))};
    for (Expr& arg : more) args.push_back(std::move(arg));
    return Apply("first", {Apply(op, std::move(args)), Text("none")});
  };
  std::vector<Expr> programs;
  for (const TokenKind& kind : TokenKinds()) {
    for (const int k : {2, -1}) programs.push_back(of("match", kind, {Number(k)}));
    for (const char* op : {"join", "initials"}) programs.push_back(of(op, kind, {Text("+")}));
    for (const char* op : {"keep", "drop"}) programs.push_back(of(op, kind, {}));
    programs.push_back(Apply("count", {Input(0), Text(std::string(kind.name))}));
    for (const char* right : {"word", "capitalised", "marks"}) {
      const Expr place = Apply("between", {Input(0), Text(std::string(kind.name)), Text(right), Number(1)});
      programs.push_back(Apply("first", {Slice(place, At(-1)), Text("none")}));
    }
  }
  for (const char* shape : {"Aa", "9", "", "Aa Aa", "a,"}) {
    programs.push_back(Apply("if", {Apply("shape", {Input(0), Text(shape)}), Text("yes"), Text("no")}));
  }
  for (const char* how : {"sorted", "sorted down", "unique", "reversed"}) {
    for (const char* separator : {" ", ",", "a"}) programs.push_back(Apply("items", {Input(0), Text(separator), Text(how)}));
  }
  for (const int k : {3, 4, -2, -3})
    programs.push_back(Apply("first", {Apply("field", {Input(0), Text("a"), Number(k)}), Text("none")}));
  return programs;
}

TEST(Emit, ExcelKnowsTheSameFacts) {
  std::vector<Expr> programs;
  for (const FactTable& table : FactTables()) {
    for (size_t c = 1; c < table.columns.size(); ++c) {
      for (const auto& [from, to] : {std::pair{size_t(0), c}, {c, size_t(0)}}) {
        const std::string name(table.name), a(table.columns[from]), b(table.columns[to]);
        programs.push_back(Apply("first", {Apply("look_up", {Input(0), Text(name), Text(a), Text(b)}), Text("none")}));
      }
    }
  }
  ExcelGivesTheSame(
      programs,
      {"7", "12", "SEVEN", "vii", "march", "Mar", "03", "Sunday", "texas", "TX", "Germany", "de", "49", "*", "J?n", "~", ""},
      programs.size());
}

TEST(Emit, ExcelTakesTextsApartTheSame) { ExcelGivesTheSame(TokenPrograms(), {kCells.begin(), kCells.begin() + 40}, 110); }

// Numbers as tables have them, computed with and written in every way.
std::vector<Expr> NumbersInFormulas() {
  const auto number = [](int k) { return Apply("number", {Input(0), Number(k)}); };
  std::vector<Expr> programs;
  for (const int k : {1, 2, -1, -2}) programs.push_back(Format(number(k), -1, "none"));
  for (const char* how : {"sum", "average", "smallest", "largest"}) {
    programs.push_back(Format(Apply("numbers", {Input(0), Text(how)}), -1, "none"));
  }
  for (const char* mode : {"nearest", "down", "up"}) {
    for (const int unit : {1, 5}) {
      programs.push_back(
          Format(Apply("round", {number(1), Number(unit), Number(0), Number(1), Text(mode)}), -1, "thousands: :,"));
    }
  }
  for (const char* op : {"plus", "minus", "times", "over", "remainder", "larger", "smaller"}) {
    programs.push_back(Format(Apply(op, {number(1), number(-1)}), -1, "none"));
  }
  for (const int digits : {0, 1, 6}) {
    for (const int most : {0, 2, 30}) {
      for (const char* grouping : {"none", "indian"}) {
        programs.push_back(Apply("format", {number(1), Number(0), Number(most), Number(digits), Text(grouping)}));
      }
    }
  }
  programs.push_back(Format(Apply("times_ten", {number(1), Number(2)}), -1, "none"));
  programs.push_back(Format(Apply("times_ten", {number(1), Number(-3)}), -1, "none"));
  return programs;
}

const std::vector<std::string> kNumbersInTexts = {"0",
                                                  "-0.004",
                                                  "007",
                                                  "1.005",
                                                  "2.50",
                                                  "-1,234,567.50",
                                                  "12,34,567",
                                                  ".5",
                                                  "-.25",
                                                  "5.",
                                                  "5.58E-01",
                                                  "1e3",
                                                  "2.5e+2",
                                                  " 42 ",
                                                  "  .75 ",
                                                  "1,2345",
                                                  "1234,567",
                                                  "1.22.3.44",
                                                  "192.168.10.1",
                                                  "12.5,333.25",
                                                  "1,234.5,678",
                                                  "48.123,11.567",
                                                  "1,234,567 and 8",
                                                  "a-5",
                                                  "a -5",
                                                  "--5",
                                                  "+7",
                                                  "($1,000.00)",
                                                  "9999999.995",
                                                  "0.1 0.2",
                                                  "1.10 2.2 3.3",
                                                  "3 2 1",
                                                  "1-2",
                                                  "1,,2",
                                                  ",5",
                                                  "5,",
                                                  "1,000e3",
                                                  "1e",
                                                  "e5",
                                                  "12345678901234567890",
                                                  "0.1234567890123456",
                                                  "100 7",
                                                  "7.5 0.5",
                                                  "-7 2",
                                                  "5.,5"};

TEST(Emit, ExcelComputesTheSame) { ExcelGivesTheSame(NumbersInFormulas(), kNumbersInTexts, 40); }

// The parts of a date, or ? for each that it lacks.
Expr PartsOf(const Expr& date, const std::vector<std::string>& names) {
  std::vector<Expr> parts;
  for (const std::string& name : names) {
    parts.push_back(Apply("first", {Part(date, name.c_str()), Text("?")}));
    parts.push_back(Text(" "));
  }
  return Concat(std::move(parts));
}

// Tables with a few formats each: every date of them is read as we do, and no other cell is given a date that it is not.
TEST(Emit, ExcelReadsTheFormatsOfATable) {
  if (!Installed("ssconvert")) GTEST_SKIP() << "Gnumeric's ssconvert is not installed: no formula was computed";
  const std::vector<std::string> names = {"yyyy", "M", "d", "H", "m", "s"};
  std::vector<std::string> cells = kDates;
  std::erase_if(cells, [](const std::string& cell) { return cell.find('\x01') != std::string::npos; });  // no XML
  cells.insert(cells.end(), {"13/4/2021",
                             "2/29/2023",
                             "2/29/2024",
                             "1/2/3",
                             "10/11/12",
                             "0001/2/3",
                             "2021-3-4",
                             "2021 366",
                             "2020 366",
                             "2021-W54",
                             "W09 2021",
                             "9:5",
                             "23:60",
                             "13:00 PM",
                             "0 am",
                             "2460",
                             "235",
                             "13012021",
                             "20211301",
                             "5 Mai 2021",
                             "May 2021",
                             "June 31",
                             "Tue #5 Nov 2024",
                             "Tue #5 Feb 2024",
                             "5th May 2021",
                             "5rd of June 2000",
                             "Sun, 5 Mar 2021",
                             "Sunn, 5 Mar 2021",
                             "4 Septe 2021",
                             "2024-02-29t10:00",
                             "2024-02-29 10:00",
                             "2024-02-29T10:00:07.5Z",
                             "a/b/c",
                             ""});
  size_t read = 0;
  for (const char* order : {"month first", "day first", "year first", "hours", "hours and minutes", "minutes and seconds"}) {
    const Expr date = Apply("moment", {Input(0), Number(1), Text(order)});
    constexpr size_t kGroup = 8;
    std::vector<std::string> formulas;
    std::vector<size_t> groups;
    for (size_t begin = 0; begin < cells.size(); begin += kGroup) {
      const std::vector<std::string> table(cells.begin() + long(begin),
                                           cells.begin() + long(std::min(cells.size(), begin + kGroup)));
      const Formulas said = FormulasOf({PartsOf(date, names)}, table);
      if (said.formulas.empty()) continue;
      formulas.push_back(said.formulas[0]);
      groups.push_back(begin);
    }
    const auto rows = Computed(formulas, cells);
    ASSERT_EQ(rows.size(), cells.size());
    for (size_t row = 0; row < rows.size(); ++row) {
      for (size_t i = 0; i < formulas.size(); ++i) {
        const std::string wanted = Answer(PartsOf(date, names), std::vector<Cell>{cells[row]}).value_or("");
        const bool of_table = row >= groups[i] && row < groups[i] + kGroup;
        if (rows[row][i].empty() && !(of_table && ParseMoment(cells[row], *DateOrderNamed(order)))) continue;
        EXPECT_EQ(rows[row][i], wanted) << order << " '" << cells[row] << "'\n" << formulas[i];
        ++read;
      }
    }
  }
  EXPECT_GE(read, 150u);
}

std::vector<Expr> ProgramsOnDates() {
  std::vector<Expr> programs;
  for (const MomentPart& part : MomentParts()) programs.push_back(Apply("first", {Part(Date(), part.name.data()), Text("?")}));
  const auto parts = [&](const Expr& date) { programs.push_back(PartsOf(date, {"yyyy", "M", "d", "H", "mm", "ss"})); };
  for (const int days : {1, -1, 30, -400, 146097}) parts(Apply("add_days", {Date(), Number(days)}));
  for (const int months : {1, -1, 12, -13, 30}) parts(Apply("add_months", {Date(), Number(months)}));
  parts(Apply("month_end", {Date()}));
  parts(Apply("add_months", {Apply("month_end", {Date()}), Number(-13)}));
  for (const int seconds : {1, 86399, -86401}) parts(Apply("add_seconds", {Date(), Number(seconds)}));
  for (const int offset : {0, 30}) parts(Apply("bucket", {Date(), Number(90), Number(offset), Number(90)}));
  parts(Apply("clock", {Apply("length", {Input(0)}), Number(3000)}));
  for (const char* op : {"days", "months", "years", "seconds"}) {
    for (const int days : {-700, 40}) programs.push_back(Apply(op, {Date(), Apply("add_days", {Date(), Number(days)})}));
  }
  programs.push_back(Apply("seconds", {Date(), Apply("add_seconds", {Date(), Number(-5000)})}));
  programs.push_back(Apply("second_of_day", {Date()}));
  programs.push_back(Apply("if", {Apply("less", {Apply("weekday", {Date()}), Number(6)}), Text("workday"), Text("weekend")}));
  return programs;
}

TEST(Emit, ExcelCountsDaysAsWeDo) {
  ExcelGivesTheSame(
      ProgramsOnDates(),
      {"1600-02-29", "1899-12-31", "1900-02-28", "1900-02-29", "1900-03-01", "1999-12-31",          "2000-01-01",
       "2020-12-31", "2021-01-03", "2023-01-01", "2024-12-30", "9999-12-31", "2024-02-29 23:59:59", "2023-05-31 0:00",
       "12:30",      "23:59",      "0:00:01",    "Sept 2020",  "May 5",      "1:02 PM, May 5",      "none"},
      50);
}

TEST(Emit, ExcelRefusesWhatItWouldNotTake) {
  const auto refusal = [](const Expr& program) {
    const auto code = Emit({{"name"}, "out", program}, Language::kExcel);
    EXPECT_FALSE(code);
    EXPECT_EQ(code.error().code, Code::kUnsupported);
    return code.error().what;
  };
  EXPECT_THAT(refusal(Concat({Text(std::string(9000, 'x')), Input(0)})), HasSubstr("8192 characters"));
  Expr deep = Input(0);
  for (int i = 0; i < 65; ++i) deep = Apply("replace", {std::move(deep), Text("a"), Text("b")});
  EXPECT_THAT(refusal(deep), HasSubstr("64 functions"));
  std::vector<Expr> parts;
  for (int k = 0; k < 127; ++k) parts.insert(parts.end(), 2, Apply("replace", {Input(0), Text("a"), Text(std::to_string(k))}));
  EXPECT_THAT(refusal(Concat(std::move(parts))), HasSubstr("126 names"));
}

TEST(Emit, WhatALanguageCannotSayIsNamed) {
  const auto excel = Emit({{"cell"}, "out", Part(Date(), "yyyy")}, Language::kExcel);
  ASSERT_FALSE(excel);
  EXPECT_THAT(excel.error().what, HasSubstr("--apply PROGRAM.json TABLE"));
  const auto sql = Emit({{"cell"}, "out", Part(Date(), "no part")}, Language::kSql);
  ASSERT_FALSE(sql);
  EXPECT_EQ(sql.error().code, Code::kUnsupported);
  EXPECT_THAT(sql.error().what, HasSubstr("part"));
  EXPECT_FALSE(LanguageNamed("cobol"));
}

TEST(Emit, ExcelIsAFormula) {
  const auto code = Emit({{"name"}, "out", Apply("upper", {Slice(At(0), Find(" ", 1, 0))})}, Language::kExcel);
  ASSERT_TRUE(code);
  EXPECT_EQ(*code, "=IFERROR(UPPER(MID(A2,0+1,(FIND(\" \",A2)-1)-(0))),\"\")\n");
}

}  // namespace
}  // namespace hasten::solve
