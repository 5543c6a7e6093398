// SQL (SQLite), Excel: languages of expressions, with no room for a library. What they have no words for is refused by name.
#include <map>

#include "base/quote.h"
#include "base/result.h"
#include "solve/lang/emit_languages.h"
#include "solve/lang/ops.h"

namespace hasten::solve {

namespace {

// How an operation is said: $1, $2… are its arguments. Where `when` is not empty, only for those last arguments ("1 0": k = 1,
// side = 0).
struct Saying {
  std::string_view op, when, text;
};

// Absent values are NULL, which SQLite hands on as the language does. substr counts from 1.
constexpr Saying kSql[] = {
    {"slice", "", "CASE WHEN $2 >= 0 AND $3 BETWEEN $2 AND length($1) THEN substr($1, $2 + 1, $3 - ($2)) END"},
    {"at", "0", "0"},
    {"at", "-1", "length($1)"},
    {"at", "", "CASE WHEN $2 < 0 THEN length($1) + 1 + ($2) ELSE $2 END"},
    {"skip", "", "($2 + ($3))"},
    {"find", "1 0", "(nullif(instr($1, $2), 0) - 1)"},
    {"find", "1 1", "(nullif(instr($1, $2), 0) - 1 + length($2))"},
    {"find", "-1 0", "nullif(length(rtrim($1, replace($1, $2, ''))) - 1, -1)"},
    {"find", "-1 1", "nullif(length(rtrim($1, replace($1, $2, ''))), 0)"},
    {"field", "1", "CASE instr($1, $2) WHEN 0 THEN $1 ELSE substr($1, 1, instr($1, $2) - 1) END"},
    {"field", "2",
     "CASE WHEN instr($1, $2) > 0 THEN CASE instr(substr($1, instr($1, $2) + length($2)), $2) WHEN 0 THEN "
     "substr($1, instr($1, $2) + length($2)) ELSE substr($1, instr($1, $2) + length($2), "
     "instr(substr($1, instr($1, $2) + length($2)), $2) - 1) END END"},
    {"field", "-1", "substr($1, length(rtrim($1, replace($1, $2, ''))) + 1)"},
    {"trim", "", "trim($1, char(32, 9, 10, 11, 12, 13))"},
    {"replace", "", "replace($1, $2, $3)"},
    {"pad_left", "",
     "CASE WHEN length($1) >= $2 THEN $1 ELSE substr(replace(hex(zeroblob($2)), '00', $3), 1, $2 - length($1)) || $1 END"},
    {"pad_right", "",
     "CASE WHEN length($1) >= $2 THEN $1 ELSE $1 || substr(replace(hex(zeroblob($2)), '00', $3), 1, $2 - length($1)) END"},
    {"if", "", "CASE WHEN $1 THEN $2 ELSE $3 END"},
    {"first", "", "coalesce($1, $2)"},
    {"nothing", "", "NULL"},
    {"is_nothing", "", "($1) IS NULL"},
    {"not", "", "NOT coalesce($1, 0)"},
    {"contains", "", "instr($1, $2) > 0"},
    {"starts", "", "substr($1, 1, length($2)) = $2"},
    {"ends", "", "substr($1, -length($2)) = $2"},
    {"equals", "", "$1 = $2"},
    {"empty", "", "trim(coalesce($1, ''), char(32, 9, 10, 11, 12, 13)) = ''"},
    {"length", "", "length($1)"},
    {"less", "", "($1) < ($2)"},
};

// Absent values are errors, which Excel hands on until IFERROR. MID counts from 1. $2 of trim, squeeze and empty is the text
// trimmed and squeezed. PROPER begins a word behind an apostrophe or a digit too.
constexpr Saying kExcel[] = {
    {"slice", "", "MID($1,$2+1,$3-($2))"},
    {"at", "0", "0"},
    {"at", "-1", "LEN($1)"},
    {"at", "", "IF(ABS($2)>LEN($1)+($2<0),NA(),$2+($2<0)*(LEN($1)+1))"},
    {"skip", "", "IF(ABS(2*($2+($3))-LEN($1))>LEN($1),NA(),$2+($3))"},
    {"find", "1 0", "(FIND($2,$1)-1)"},
    {"find", "1 1", "(FIND($2,$1)-1+LEN($2))"},
    {"find", "-1 0", "(FIND(CHAR(1),SUBSTITUTE($1,$2,CHAR(1),(LEN($1)-LEN(SUBSTITUTE($1,$2,\"\")))/LEN($2)))-1)"},
    {"find", "-1 1", "(FIND(CHAR(1),SUBSTITUTE($1,$2,CHAR(1),(LEN($1)-LEN(SUBSTITUTE($1,$2,\"\")))/LEN($2)))-1+LEN($2))"},
    {"find", "2 0", "(FIND(CHAR(1),SUBSTITUTE($1,$2,CHAR(1),2))-1)"},
    {"find", "2 1", "(FIND(CHAR(1),SUBSTITUTE($1,$2,CHAR(1),2))-1+LEN($2))"},
    {"field", "1", "IFERROR(LEFT($1,FIND($2,$1)-1),$1)"},
    {"field", "2",
     "MID($1,FIND($2,$1)+LEN($2),IFERROR(FIND(CHAR(1),SUBSTITUTE($1,$2,CHAR(1),2)),LEN($1)+1)-FIND($2,$1)-LEN($2))"},
    {"field", "-1",
     "IFERROR(MID($1,FIND(CHAR(1),SUBSTITUTE($1,$2,CHAR(1),(LEN($1)-LEN(SUBSTITUTE($1,$2,\"\")))/"
     "LEN($2)))+LEN($2),LEN($1)),$1)"},
    {"lower", "", "LOWER($1)"},
    {"upper", "", "UPPER($1)"},
    {"title", "", "PROPER($1)"},
    {"capital", "", "(UPPER(LEFT($1,1))&LOWER(MID($1,2,LEN($1))))"},
    {"trim", "",
     "IF($2=\"\",\"\",MID($1,FIND(LEFT($2,1),$1),FIND(CHAR(1),SUBSTITUTE($1,RIGHT($2,1),CHAR(1),"
     "LEN($1)-LEN(SUBSTITUTE($1,RIGHT($2,1),\"\"))))-FIND(LEFT($2,1),$1)+1))"},
    {"squeeze", "", "$2"},
    {"replace", "", "SUBSTITUTE($1,$2,$3)"},
    {"pad_left", "", "(REPT($3,MAX(0,$2-LEN($1)))&$1)"},
    {"pad_right", "", "($1&REPT($3,MAX(0,$2-LEN($1))))"},
    {"if", "", "IF(IFERROR($1,FALSE),$2,$3)"},
    {"first", "", "IFERROR($1,$2)"},
    {"nothing", "", "NA()"},
    {"is_nothing", "", "ISERROR($1)"},
    {"not", "", "NOT(IFERROR($1,FALSE))"},
    {"contains", "", "ISNUMBER(FIND($2,$1))"},
    {"starts", "", "EXACT(LEFT($1,LEN($2)),$2)"},
    {"ends", "", "EXACT(RIGHT($1,LEN($2)),$2)"},
    {"equals", "", "EXACT($1,$2)"},
    {"empty", "", "IFERROR($2=\"\",TRUE)"},
    {"length", "", "LEN($1)"},
    {"less", "", "(($1)<($2))"},
    {"count_of", "", "((LEN($1)-LEN(SUBSTITUTE($1,$2,\"\")))/LEN($2))"},
};

// What Excel takes in one formula, which is enough for anybody in SQL too, and in one text of a formula.
constexpr size_t kExcelFormula = 8192, kLongestFormula = 1 << 16, kExcelText = 255;

class Formula {
 public:
  Formula(bool sql, const SavedProgram& program) : sql_(sql), program_(program) {}

  Result<std::string> Say(const Expr& e) const {
    switch (e.kind) {
      case Expr::Kind::kInput:
        return Column(size_t(e.number));
      case Expr::Kind::kText:
        return Literal(e.text);
      case Expr::Kind::kNumber:
        return std::to_string(e.number);
      case Expr::Kind::kOp:
        break;
    }
    std::vector<std::string> args;
    for (const Expr& arg : e.args) {
      TRY(std::string code, Say(arg));
      if (code.size() > kLongestFormula) {  // a text that is said several times, of such, grows beyond everything
        return Error{Code::kUnsupported, Fmt("%s: the formula would be longer than %zu characters; try --emit python or js",
                                             sql_ ? "SQL" : "Excel", kLongestFormula)};
      }
      args.push_back(std::move(code));
    }
    if (e.op->name == "concat") return Joined(args);
    if (sql_ && e.op->name == "upper") return SqlCase(args[0], true);
    if (sql_ && e.op->name == "lower") return SqlCase(args[0], false);
    if (sql_ && e.op->name == "capital")
      return "(" + SqlCase("substr(" + args[0] + ", 1, 1)", true) + " || " + SqlCase("substr(" + args[0] + ", 2)", false) + ")";
    if (!sql_ && (e.op->name == "trim" || e.op->name == "squeeze" || e.op->name == "empty")) args.push_back(Squeezed(args[0]));
    for (const Saying& s : sql_ ? std::span<const Saying>(kSql) : std::span<const Saying>(kExcel)) {
      if (s.op == e.op->name && Fits(e, s.when)) return Filled(s.text, args);
    }
    return Error{Code::kUnsupported, Fmt("%s has no words for '%s' as this program uses it; try --emit python or js",
                                         sql_ ? "SQL" : "Excel", std::string(e.op->name).c_str())};
  }

 private:
  // The last arguments are these numbers; where a separator is searched from the right, it is one character.
  static bool Fits(const Expr& e, std::string_view when) {
    if (when.empty()) return e.op->name != "find" && e.op->name != "field";
    std::vector<std::string> wanted(1);
    for (const char c : when) {
      if (c == ' ') {
        wanted.emplace_back();
      } else {
        wanted.back() += c;
      }
    }
    if (wanted[0] == "-1" && e.args.size() > 2 && e.args[1].text.size() != 1) return false;
    for (size_t i = 0; i < wanted.size(); ++i) {
      const Expr& arg = e.args[e.args.size() - wanted.size() + i];
      if (arg.kind != Expr::Kind::kNumber || std::to_string(arg.number) != wanted[i]) return false;
    }
    return true;
  }

  // SQLite's functions know ASCII alone; the letters U+00C0 to U+00DE are put in one by one (nested calls of replace() would
  // overflow its parser).
  static std::string SqlCase(const std::string& code, bool upper) {
    std::string capitals, smalls;
    size_t letters = 0;
    for (int low = 0x80; low <= 0x9e; ++low) {
      if (low == 0x97) continue;  // the sign of multiplication
      capitals += {char(0xc3), char(low)};
      smalls += {char(0xc3), char(low + 0x20)};
      ++letters;
    }
    const std::string from = upper ? smalls : capitals, to = upper ? capitals : smalls, count = std::to_string(letters);
    return "(WITH RECURSIVE cased(i, t) AS (SELECT 0, " + std::string(upper ? "upper(" : "lower(") + code +
           ") UNION ALL SELECT i + 1, replace(t, substr('" + from + "', i + 1, 1), substr('" + to +
           "', i + 1, 1)) FROM cased WHERE i < " + count + ") SELECT t FROM cased WHERE i = " + count + ")";
  }

  static std::string Squeezed(std::string code) {
    for (int space = '\t'; space <= '\r'; ++space) code = "SUBSTITUTE(" + code + ",CHAR(" + std::to_string(space) + "),\" \")";
    return "TRIM(" + code + ")";
  }

  std::string Joined(const std::vector<std::string>& args) const {
    std::string out = "(";
    for (size_t i = 0; i < args.size(); ++i) out += (i ? sql_ ? " || " : "&" : "") + args[i];
    return out + ")";
  }

  static std::string Filled(std::string_view text, const std::vector<std::string>& args) {
    std::string out;
    for (size_t i = 0; i < text.size(); ++i) {
      if (text[i] == '$' && i + 1 < text.size() && size_t(text[i + 1] - '1') < args.size()) {
        out += args[size_t(text[++i] - '1')];
      } else {
        out += text[i];
      }
    }
    return out;
  }

  std::string Literal(const std::string& text) const {
    const char quote = sql_ ? '\'' : '"';
    std::string out(1, quote);
    size_t run = 0;
    for (const char c : text) {
      const auto byte = static_cast<unsigned char>(c);
      const size_t units = (byte & 0xc0) == 0x80 ? 0 : byte < 0xf0 ? 1 : 2;  // of UTF-16, as Excel counts
      if (!sql_ && units > 0 && (run += units) >= kExcelText) {
        out += "\"&\"";
        run = units;
      }
      if (!sql_ && byte < 32) {
        out += "\"&CHAR(" + std::to_string(int(c)) + ")&\"";
      } else {
        out += c == quote ? std::string(2, c) : std::string(1, c);
      }
    }
    out += quote;
    return out.find("\"&") == std::string::npos || sql_ ? out : "(" + out + ")";
  }

  std::string Column(size_t c) const {
    if (!sql_) return std::string(1, char('A' + c % 26)) + "2";
    std::string out = "\"";
    for (const char ch : program_.inputs[c]) out += ch == '"' ? std::string("\"\"") : std::string(1, ch);
    return out + "\"";
  }

  const bool sql_;
  const SavedProgram& program_;
};

}  // namespace

Result<std::string> EmitSql(const SavedProgram& program) {
  TRY(const std::string code, Formula(true, program).Say(program.program));
  std::string name = "\"";
  for (const char c : program.output) name += c == '"' ? std::string("\"\"") : std::string(1, c);
  return "SELECT *, " + code + " AS " + name + "\" FROM data;\n";
}

Result<std::string> EmitExcel(const SavedProgram& program) {
  if (program.inputs.size() > 26) return Error{Code::kUnsupported, "Excel: more than 26 columns of inputs"};
  TRY(const std::string code, Formula(false, program).Say(program.program));
  const std::string formula = "=IFERROR(" + code + ",\"\")";
  if (formula.size() > kExcelFormula) {
    return Error{Code::kUnsupported,
                 Fmt("Excel takes %zu characters in a formula, this program has %zu; try --emit python or js", kExcelFormula,
                     formula.size())};
  }
  return formula + "\n";
}

}  // namespace hasten::solve
