#include "tests/solve/emit_programs.h"

#include "solve/lang/moment.h"
#include "solve/lang/ops.h"

namespace hasten::solve {

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

static const std::vector<std::string> kPlainCells = {"Ada Lovelace",
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

}  // namespace hasten::solve
