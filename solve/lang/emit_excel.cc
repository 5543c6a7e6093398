// Excel: a language of expressions, with no room for a library. What it has no words for is refused by name.
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

// Absent values are errors, which Excel hands on until IFERROR. MID counts from 1. $2 of trim, squeeze and empty is the text
// trimmed and squeezed. PROPER begins a word behind an apostrophe or a digit too.
constexpr Saying kSayings[] = {
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

// What Excel takes in one formula, and in one text of a formula.
constexpr size_t kLongestFormula = 8192, kLongestText = 255;

Error TooLong() {
  return {Code::kUnsupported,
          Fmt("Excel takes %zu characters in a formula, this program has more; try --emit python or js", kLongestFormula)};
}

class Formula {
 public:
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
        return TooLong();
      }
      args.push_back(std::move(code));
    }
    if (e.op->name == "concat") return Joined(args);
    if (e.op->name == "trim" || e.op->name == "squeeze" || e.op->name == "empty") args.push_back(Squeezed(args[0]));
    for (const Saying& s : kSayings) {
      if (s.op == e.op->name && Fits(e, s.when)) return Filled(s.text, args);
    }
    return Error{Code::kUnsupported, Fmt("Excel has no words for '%s' as this program uses it; try --emit python or js",
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

  static std::string Squeezed(std::string code) {
    for (int space = '\t'; space <= '\r'; ++space) code = "SUBSTITUTE(" + code + ",CHAR(" + std::to_string(space) + "),\" \")";
    return "TRIM(" + code + ")";
  }

  static std::string Joined(const std::vector<std::string>& args) {
    std::string out = "(";
    for (size_t i = 0; i < args.size(); ++i) out += (i ? "&" : "") + args[i];
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

  static std::string Literal(const std::string& text) {
    std::string out = "\"";
    size_t run = 0;
    for (const char c : text) {
      const auto byte = static_cast<unsigned char>(c);
      const size_t units = (byte & 0xc0) == 0x80 ? 0 : byte < 0xf0 ? 1 : 2;  // of UTF-16, as Excel counts
      if (units > 0 && (run += units) >= kLongestText) {
        out += "\"&\"";
        run = units;
      }
      if (byte < 32) {
        out += "\"&CHAR(" + std::to_string(int(c)) + ")&\"";
      } else {
        out += c == '"' ? std::string(2, c) : std::string(1, c);
      }
    }
    out += '"';
    return out.find("\"&") == std::string::npos ? out : "(" + out + ")";
  }

  static std::string Column(size_t c) { return std::string(1, char('A' + c % 26)) + "2"; }
};

}  // namespace

Result<std::string> EmitExcel(const SavedProgram& program) {
  if (program.inputs.size() > 26) return Error{Code::kUnsupported, "Excel: more than 26 columns of inputs"};
  TRY(const std::string code, Formula().Say(program.program));
  const std::string formula = "=IFERROR(" + code + ",\"\")";
  if (formula.size() > kLongestFormula) return TooLong();
  return formula + "\n";
}

}  // namespace hasten::solve
