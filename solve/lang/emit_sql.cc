// SQL (SQLite): a language of expressions, with no room for a library. What it has no words for is refused by name.
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
constexpr Saying kSayings[] = {
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

constexpr size_t kLongestFormula = 1 << 16;

std::string Quoted(char quote, std::string_view text) {
  std::string out(1, quote);
  for (const char c : text) out += c == quote ? std::string(2, c) : std::string(1, c);
  return out + quote;
}

class Formula {
 public:
  explicit Formula(const SavedProgram& program) : program_(program) {}

  Result<std::string> Say(const Expr& e) const {
    switch (e.kind) {
      case Expr::Kind::kInput:
        return Quoted('"', program_.inputs[size_t(e.number)]);
      case Expr::Kind::kText:
        return Quoted('\'', e.text);
      case Expr::Kind::kNumber:
        return std::to_string(e.number);
      case Expr::Kind::kOp:
        break;
    }
    std::vector<std::string> args;
    for (const Expr& arg : e.args) {
      TRY(std::string code, Say(arg));
      if (code.size() > kLongestFormula) {  // a text that is said several times, of such, grows beyond everything
        return Error{Code::kUnsupported,
                     Fmt("SQL: the formula would be longer than %zu characters; try --emit python or js", kLongestFormula)};
      }
      args.push_back(std::move(code));
    }
    if (e.op->name == "concat") return Joined(args);
    if (e.op->name == "upper") return SqlCase(args[0], true);
    if (e.op->name == "lower") return SqlCase(args[0], false);
    if (e.op->name == "capital")
      return "(" + SqlCase("substr(" + args[0] + ", 1, 1)", true) + " || " + SqlCase("substr(" + args[0] + ", 2)", false) + ")";
    for (const Saying& s : kSayings) {
      if (s.op == e.op->name && Fits(e, s.when)) return Filled(s.text, args);
    }
    return Error{Code::kUnsupported, Fmt("SQL has no words for '%s' as this program uses it; try --emit python or js",
                                         std::string(e.op->name).c_str())};
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

  static std::string Joined(const std::vector<std::string>& args) {
    std::string out = "(";
    for (size_t i = 0; i < args.size(); ++i) out += (i ? " || " : "") + args[i];
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

  const SavedProgram& program_;
};

}  // namespace

Result<std::string> EmitSql(const SavedProgram& program) {
  TRY(const std::string code, Formula(program).Say(program.program));
  return "SELECT *, " + code + " AS " + Quoted('"', program.output) + " FROM data;\n";
}

}  // namespace hasten::solve
