// Formulas give what programs give here: computed by Gnumeric, wherever it is installed.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <map>

#include "base/file.h"
#include "solve/lang/emit.h"
#include "solve/lang/facts.h"
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
    sheet += Fmt("<row r=\"%zu\">", row);
    if (const std::string& text = cells[row - 1]; !text.empty()) {  // else the cell is none, as Excel has it
      sheet += Fmt("<c r=\"A%zu\" t=\"inlineStr\"><is><t xml:space=\"preserve\">", row) + Xml(text) + "</t></is></c>";
    }
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
void FormulasGiveTheSame(const std::vector<Expr>& all, const std::vector<std::string>& cells, size_t least) {
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

TEST(EmitExcel, GivesTheSame) {
  std::vector<Expr> programs = FormulaPrograms();
  std::erase_if(programs, ReadsDates);
  FormulasGiveTheSame(programs, kCells, 55);
}

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

TEST(EmitExcel, KnowsTheSameFacts) {
  std::vector<Expr> programs;
  for (const FactTable& table : FactTables()) {
    for (size_t c = 1; c < table.columns.size(); ++c) {
      for (const auto& [from, to] : {std::pair{size_t(0), c}, {c, size_t(0)}}) {
        const std::string name(table.name), a(table.columns[from]), b(table.columns[to]);
        programs.push_back(Apply("first", {Apply("look_up", {Input(0), Text(name), Text(a), Text(b)}), Text("none")}));
      }
    }
  }
  FormulasGiveTheSame(
      programs,
      {"7", "12", "SEVEN", "vii", "march", "Mar", "03", "Sunday", "texas", "TX", "Germany", "de", "49", "*", "J?n", "~", ""},
      programs.size());
}

TEST(EmitExcel, TakesTextsApartTheSame) { FormulasGiveTheSame(TokenPrograms(), {kCells.begin(), kCells.begin() + 40}, 110); }

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

TEST(EmitExcel, ComputesTheSame) { FormulasGiveTheSame(NumbersInFormulas(), kNumbersInTexts, 40); }

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
TEST(EmitExcel, ReadsTheFormatsOfATable) {
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

TEST(EmitExcel, CountsDaysAsWeDo) {
  FormulasGiveTheSame(
      ProgramsOnDates(),
      {"1600-02-29", "1899-12-31", "1900-02-28", "1900-02-29", "1900-03-01", "1999-12-31",          "2000-01-01",
       "2020-12-31", "2021-01-03", "2023-01-01", "2024-12-30", "9999-12-31", "2024-02-29 23:59:59", "2023-05-31 0:00",
       "12:30",      "23:59",      "0:00:01",    "Sept 2020",  "May 5",      "1:02 PM, May 5",      "none"},
      50);
}

TEST(EmitExcel, RefusesWhatItWouldNotTake) {
  const auto refusal = [](const Expr& program) {
    const auto code = Emit({{"name"}, "out", program}, Language::kExcel);
    EXPECT_FALSE(code);
    EXPECT_EQ(code.error().code, Code::kUnsupported);
    return code.error().what;
  };
  EXPECT_THAT(refusal(Concat({Text(std::string(9000, 'x')), Input(0)})), HasSubstr("8192 characters"));
  EXPECT_THAT(refusal(Apply("look_up", {Input(0), Text("planets"), Text("name"), Text("moons")})), HasSubstr("look_up"));
  EXPECT_THAT(refusal(Apply("look_up", {Input(0), Text("states"), Text("name"), Text("moons")})), HasSubstr("look_up"));
  Expr deep = Input(0);
  for (int i = 0; i < 65; ++i) deep = Apply("replace", {std::move(deep), Text("a"), Text("b")});
  EXPECT_THAT(refusal(deep), HasSubstr("64 functions"));
  std::vector<Expr> parts;
  for (int k = 0; k < 127; ++k) parts.insert(parts.end(), 2, Apply("replace", {Input(0), Text("a"), Text(std::to_string(k))}));
  EXPECT_THAT(refusal(Concat(std::move(parts))), HasSubstr("126 names"));
}

TEST(EmitExcel, OnlyDatesThatAreAllOfACellAreRead) {
  const Expr first = Part(Date(), "yyyy");
  const Expr second = Part(Apply("moment", {Input(0), Number(2), Text("month first")}), "yyyy");
  for (const auto& [program, cell] : {std::pair{Concat({first, second}), "2021-03-04"}, {first, "paid on 2021-03-04"}}) {
    const std::vector<std::vector<Cell>> rows = {{cell}};
    const auto code = Emit({{"cell"}, "out", program}, Language::kExcel, rows);
    ASSERT_FALSE(code);
    EXPECT_EQ(code.error().code, Code::kUnsupported);
  }
}

TEST(EmitExcel, DatesNeedATable) {
  const auto excel = Emit({{"cell"}, "out", Part(Date(), "yyyy")}, Language::kExcel);
  ASSERT_FALSE(excel);
  EXPECT_THAT(excel.error().what, HasSubstr("--apply PROGRAM.json TABLE"));
}

TEST(EmitExcel, IsAFormula) {
  const auto code = Emit({{"name"}, "out", Apply("upper", {Slice(At(0), Find(" ", 1, 0))})}, Language::kExcel);
  ASSERT_TRUE(code);
  EXPECT_EQ(*code, "=IFERROR(UPPER(MID(A2,0+1,(FIND(\" \",A2)-1)-(0))),\"\")\n");
}

}  // namespace
}  // namespace hasten::solve
