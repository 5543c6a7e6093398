// SQL (SQLite): one statement, which computes each row's answer in steps. SQLite has neither functions nor variables, but a
// table of one row may stand beside others and be computed from them: json_each(json_array(x)) AS step1 is a variable that
// holds x.
#include "solve/lang/emit_sql.h"

#include <algorithm>
#include <map>

#include "base/quote.h"
#include "base/result.h"
#include "solve/lang/emit_languages.h"
#include "solve/lang/emit_plain.h"
#include "solve/lang/latin.h"
#include "solve/lang/ops.h"

namespace hasten::solve {

namespace {

constexpr int64_t kMostWhole = 1000000;
constexpr size_t kMostTables = 60;  // SQLite joins 64
constexpr size_t kMostSteps = 4 * kMostTables;
constexpr size_t kFewTables = 8;
constexpr size_t kShort = 160;  // what is longer is a step of its own: SQLite's parser is a hundred symbols deep
constexpr std::string_view kPath = ".abcdefghijklmnopqrstuvwxyz_0123456789", kName = kPath.substr(1);

std::string Quoted(char quote, std::string_view text) {
  std::string out(1, quote);
  for (const char c : text) out += c == quote ? std::string(2, c) : std::string(1, c);
  return out + quote;
}

// Where the quoted text, the parenthesis or the character that begins at `at` ends.
size_t Behind(std::string_view code, size_t at) {
  int depth = 0;
  for (; at < code.size(); ++at) {
    const char c = code[at];
    if (c == '\'' || c == '"') {
      for (at = code.find(c, at + 1); at < code.size() && code.substr(at + 1).starts_with(c);) at = code.find(c, at + 2);
    }
    if (c == '(') ++depth;
    if (c == ')') --depth;
    if (depth == 0) break;
  }
  return std::min(at, code.size() - 1) + 1;
}

size_t BehindName(std::string_view code, size_t at) { return std::min(code.find_first_not_of(kName, at), code.size()); }

// A literal, a column or a step: what costs nothing to say again.
bool Atom(std::string_view code) {
  if (code.empty() || code.size() > kShort) return false;
  if (code == "NULL") return true;
  const size_t name = code.starts_with("data.\"") ? 5 : 0;
  if (code[name] == '\'' || code[name] == '"') return Behind(code, name) == code.size();
  return code.find_first_not_of(kPath, code[0] == '-') == std::string_view::npos;
}

bool Loops(std::string_view code) { return code.find("SELECT") != std::string_view::npos; }

// As an operand of anything.
std::string Operand(const std::string& code) {
  const bool closed = Atom(code) || (code.ends_with(')') && Behind(code, BehindName(code, 0)) == code.size());
  return closed ? code : "(" + code + ")";
}

std::string Joined(std::span<const std::string> parts, const char* between) {
  std::string out;
  for (size_t i = 0; i < parts.size(); ++i) out += (i ? between : "") + parts[i];
  return out;
}

// A value as code, and the call that it is: how a step is found again.
struct Said {
  std::string text, call;
};

// Steps beside each other, each computed from those before it.
struct Scope {
  const Scope* outer = nullptr;
  std::vector<std::string> tables;
  std::map<std::string, std::string> steps;  // a call, and the step that holds its value

  const std::string* Find(const std::string& call) const {
    const auto at = steps.find(call);
    return at != steps.end() ? &at->second : outer ? outer->Find(call) : nullptr;
  }

  // `value` where the steps are: as many statements inside each other as it takes.
  std::string Around(std::string value, const std::string& margin) const {
    for (size_t end = tables.size(); end > 0;) {
      const size_t begin = (end - 1) / kMostTables * kMostTables;
      value = "(SELECT " + value + margin + " FROM ";
      for (size_t i = begin; i < end; ++i) value += (i > begin ? "," + margin + "   " : "") + tables[i];
      value += ")";
      end = begin;
    }
    return value;
  }
};

// Columns of a table that was read from a file are texts, which arithmetic makes numbers of; whole ones would be divided as
// such.
PlainWords PlainWordsOf(const SavedProgram& program) {
  return {.column = [&](size_t c) { return "data." + Quoted('"', program.inputs[c]); },
          .number = "($1 + 0)",
          .over = "$1*1.0/$2",
          .fixed = "printf('%.$2f', ($1)*1.000000000000002)",
          .shortest = "printf('%.12g', $1)",
          .filled = "$1 GLOB '*[0-9]' AND $1 NOT GLOB '*[^-.0-9]*'",
          .both = "$1 AND $2",
          .guarded = "CASE WHEN $1 THEN $2 END"};
}

class Statement {
 public:
  Statement(const SavedProgram& program, std::span<const std::vector<Cell>> rows) : program_(program), rows_(rows) {}

  Result<std::string> Say() {
    Scope scope;
    const std::string code = Value(program_.program, 't', scope).text;
    if (!missing_.empty()) {
      return Error{Code::kUnsupported,
                   Fmt("SQL has no words for '%s' as this program uses it; try --emit python or js", missing_.c_str())};
    }
    if (scope.tables.size() > kMostSteps) {
      return Error{Code::kUnsupported,
                   Fmt("SQL: the program takes %zu steps, and SQLite's parser is too shallow for more than %zu; "
                       "try --emit python or js",
                       scope.tables.size(), kMostSteps)};
    }
    return "SELECT *,\n  " + scope.Around(code, "\n  ") + " AS " + Quoted('"', program_.output) + "\nFROM data;\n";
  }

 private:
  // The expression; none where it gives another type than is wanted (x: any).
  Said Value(const Expr& e, char wanted, Scope& scope) {
    const char type = TypeOf(e);
    if (type != 'x' && wanted != 'x' && type != wanted) return Plain("NULL");
    switch (e.kind) {
      case Expr::Kind::kInput:
        return Plain("data." + Quoted('"', program_.inputs[size_t(e.number)]));
      case Expr::Kind::kText:
        return Plain(Quoted('\'', e.text));
      case Expr::Kind::kNumber:
        return Plain(std::to_string(e.number));
      case Expr::Kind::kOp:
        break;
    }
    if (const auto plain = SaidPlainly(e, rows_, words_)) return Plain(*plain);
    const std::string name(e.op->name);
    std::vector<Said> args;
    for (size_t i = 0; i < e.args.size(); ++i) {
      const char of = Wanted(*e.op, i, wanted);
      args.push_back(Value(e.args[i], of, scope));
      if (of == 'n' && !Counts(e.args[i]) && !TakesDecimal(name, i)) args.back() = Call("whole", {args.back()}, scope);
    }
    if (name == "concat") return Concat(args, scope);
    if (name == "look_up") return LookUp(e, args[0], scope);
    if (name == "first") {
      const Said any = Value(e.args[0], 'x', scope);
      if (any.call != args[0].call) return Call("first_of", {any, args[0], args[1]}, scope);
    }
    const std::string row = Prepared(e, args);
    for (Said& arg : args) arg.text = Short(arg, scope);
    return Operation(row, args, scope);
  }

  // An operation's own steps stand beside the others while they are few; many are a statement inside of this one.
  Said Operation(const std::string& name, const std::vector<Said>& args, Scope& scope) {
    Scope own{.outer = &scope, .tables = {}, .steps = {}};
    Said value = Call(name, args, own);
    if (own.tables.size() > kFewTables) {
      value.text = own.Around(value.text, "\n      ");
    } else {
      scope.tables.insert(scope.tables.end(), own.tables.begin(), own.tables.end());
      scope.steps.merge(own.steps);
    }
    return value;
  }

  static char Wanted(const Op& op, size_t argument, char of_all) {
    if (op.name == "empty" || op.name == "is_nothing") return 'x';  // these ask whatever it is
    const char type = op.types[std::min(argument, op.types.find(':') - 1)];
    return type == 'x' ? of_all : type == '*' ? op.types[0] : type;
  }

  // Whether a number is small and whole whatever the row: an integer of SQLite, where decimals are texts.
  static bool Counts(const Expr& e) {
    constexpr std::string_view kCounts[] = {"at",    "skip",     "find",   "token", "between",       "length",
                                            "count", "count_of", "months", "years", "second_of_day", "weekday"};
    if (e.kind == Expr::Kind::kNumber) return Between(e, -kMostWhole, kMostWhole);
    return std::find(std::begin(kCounts), std::end(kCounts), e.op->name) != std::end(kCounts);
  }

  // Other arguments that are numbers are small and whole, or there is no answer.
  static bool TakesDecimal(std::string_view op, size_t argument) {
    constexpr struct {
      std::string_view op;
      size_t first;
    } kTake[] = {{"times_ten", 1}, {"round", 3},   {"plus", 2},    {"minus", 2}, {"times", 2},  {"over", 2}, {"remainder", 2},
                 {"larger", 2},    {"smaller", 2}, {"ordinal", 1}, {"roman", 1}, {"format", 1}, {"less", 2}, {"clock", 1}};
    return std::any_of(std::begin(kTake), std::end(kTake), [&](const auto& t) { return t.op == op && argument < t.first; });
  }

  static Said Plain(const std::string& code) { return {code, code}; }

  // Which row says an operation with such arguments, and them as it takes them: of literals that say how, what a row cannot
  // compute.
  static std::string Prepared(const Expr& e, std::vector<Said>& args) {
    const std::string_view name = e.op->name;
    if (name == "format") return PreparedFormat(e, args);
    if (name == "round") return PreparedRound(e, args);
    if (name == "moment") std::swap(args[1], args[2]);
    if (name == "plain") args.push_back(Plain(Quoted('\'', kLatinBases)));
    return name == "less" && Counts(e.args[0]) && Counts(e.args[1]) ? "less_whole" : std::string(name);
  }

  static std::string PreparedFormat(const Expr& e, std::vector<Said>& args) {
    NumberFormat format;
    SetGrouping(e.args.back().text, format);
    const bool none = format.grouping == NumberFormat::Grouping::kNone;
    args.back() = Plain(none ? "0" : format.grouping == NumberFormat::Grouping::kIndian ? "2" : "3");
    args.push_back(Plain(Quoted('\'', format.group)));
    args.push_back(Plain(Quoted('\'', format.point)));
    const bool sound = Between(e.args[1], -1, 30) && Between(e.args[2], 0, 30) && Between(e.args[3], 0, 1000);
    return sound ? "format_as" : "format";
  }

  // A unit and an offset that are counted in 10^-places are decimals.
  static std::string PreparedRound(const Expr& e, std::vector<Said>& args) {
    if (!Between(e.args[1], 1, kMostWhole) || !Between(e.args[2], -kMostWhole, kMostWhole) || !Between(e.args[3], 0, 20))
      return "round";
    const auto decimal = [&](const Expr& n) {
      return Plain(Quoted('\'', FormatNumber({n.number, int(e.args[3].number)}, {.least_decimals = -1})));
    };
    if (e.args[2].number == 0) {
      args = {args[0], decimal(e.args[1]), args[4]};
      return "round_to";
    }
    args = {args[0], decimal(e.args[1]), decimal(e.args[2]), args[4]};
    return "round_beside";
  }

  static bool Between(const Expr& e, int64_t least, int64_t most) {
    return e.kind == Expr::Kind::kNumber && e.number >= least && e.number <= most;
  }

  Said Concat(const std::vector<Said>& args, Scope& scope) {
    std::vector<std::string> texts, calls;
    for (const Said& arg : args) {
      texts.push_back(Operand(Short(arg, scope)));
      calls.push_back(arg.call);
    }
    return {Joined(texts, " || "), "concat(" + Joined(calls, ", ") + ")"};
  }

  // The two columns of the table as rows.
  Said LookUp(const Expr& e, const Said& key, Scope& scope) {
    const FactTable* const table = FindFactTable(e.args[1].text);
    const auto column = [&](size_t i) {
      return size_t(std::find(table->columns.begin(), table->columns.end(), e.args[i].text) - table->columns.begin());
    };
    std::string rows;
    const size_t from = table ? column(2) : 0, to = table ? column(3) : 0;
    for (size_t row = 0; table && std::max(from, to) < table->columns.size() && row < table->rows(); ++row) {
      rows += (row ? ", (" : "(") + Quoted('\'', table->at(row, from)) + ", " + Quoted('\'', table->at(row, to)) + ")";
    }
    if (rows.empty()) return Plain("NULL");
    const std::string text =
        "(SELECT column2 FROM (VALUES " + rows + ") WHERE column1 = " + Step(key, scope) + " COLLATE NOCASE)";
    return {text, "look_up(" + key.call + ", " + rows + ")"};
  }

  // The row of that name for those arguments, with them put in.
  Said Call(const std::string& name, const std::vector<Said>& args, Scope& scope) {
    std::vector<std::string> calls, texts;
    for (const Said& arg : args) {
      calls.push_back(arg.call);
      texts.push_back(arg.text);
    }
    const std::string call = name + "(" + Joined(calls, ", ") + ")", all = ", " + Joined(texts, ", ");
    if (const std::string* const step = scope.Find(call)) return {*step, call};
    for (const auto rows : {SqlTexts(), SqlNumbers(), SqlDates()}) {
      for (const SqlRow& row : rows) {
        if (row.name == name && (row.when.empty() || all.ends_with(", " + std::string(row.when)))) {
          return {Filled(row.text, args, scope), call};
        }
      }
    }
    if (missing_.empty()) missing_ = name;
    return {"NULL", call};
  }

  // What is mentioned again, or by a loop at each of its turns, is a step.
  std::string Filled(std::string_view text, const std::vector<Said>& args, Scope& scope) {
    std::vector<std::string> values(args.size());
    for (size_t i = 0; i < args.size(); ++i) {
      const std::string mention = "$" + std::to_string(i + 1);
      const size_t first = text.find(mention);
      if (first == std::string_view::npos) continue;
      const bool again = text.find(mention, first + 1) != std::string_view::npos;
      values[i] = again || Loops(text) ? Step(args[i], scope) : Short(args[i], scope);
    }
    return Expanded(text, args, values, scope);
  }

  // `text` with `values` for what it mentions, and the rows that it calls.
  std::string Expanded(std::string_view text, const std::vector<Said>& args, const std::vector<std::string>& values,
                       Scope& scope) {
    std::string out;
    for (size_t at = 0; at < text.size();) {
      const char c = text[at];
      if (const size_t end = BehindCall(text, at)) {
        const std::string_view call = text.substr(at, end - at);
        out += c == '@' ? Operand(Called(call, args, values, scope).text) : InPlace(call, args, values, scope);
        at = end;
      } else if (c == '{') {
        Scope loop{.outer = &scope, .tables = {}, .steps = {}};
        const size_t brace = text.find('}', at);
        out += Expanded(text.substr(at + 1, brace - at - 1), args, values, loop);
        for (const std::string& table : loop.tables) out += ", " + table;
        at = brace + 1;
      } else if ((c == '$' || c == '&') && at + 1 < text.size() && size_t(text[at + 1] - '1') < args.size()) {
        const size_t i = size_t(text[at + 1] - '1');
        at += 2;
        out += c == '&' ? args[i].text : Enclosed(text, at - 2, at) ? values[i] : Operand(values[i]);
      } else {
        out += c;
        ++at;
      }
    }
    return out;
  }

  // Where the call of a row that begins at `at` ends; 0 where there is none.
  static size_t BehindCall(std::string_view text, size_t at) {
    const size_t name = BehindName(text, at + 1);
    const bool call = (text[at] == '@' || text[at] == '#') && name > at + 1 && text.substr(name).starts_with('(');
    return call ? Behind(text, name) : 0;
  }

  std::vector<Said> CalledWith(std::string_view call, const std::vector<Said>& args, const std::vector<std::string>& values,
                               Scope& scope) {
    std::vector<Said> of;
    const size_t open = call.find('(');
    for (const std::string& arg : Arguments(call.substr(open + 1, call.size() - open - 2))) {
      const bool call_only = arg.starts_with('@') && BehindCall(arg, 0) == arg.size();
      of.push_back(call_only ? Called(arg, args, values, scope) : Plain(Expanded(arg, args, values, scope)));
    }
    return of;
  }

  Said Called(std::string_view call, const std::vector<Said>& args, const std::vector<std::string>& values, Scope& scope) {
    const std::string name(call.substr(1, call.find('(') - 1));
    Said value = Call(name, CalledWith(call, args, values, scope), scope);
    value.text = Short(value, scope);
    return value;
  }

  std::string InPlace(std::string_view call, const std::vector<Said>& args, const std::vector<std::string>& values,
                      Scope& scope) {
    Scope inner{.outer = &scope, .tables = {}, .steps = {}};
    const std::string name(call.substr(1, call.find('(') - 1));
    const std::string value = Call(name, CalledWith(call, args, values, scope), inner).text;
    return inner.tables.empty() ? Operand(value) : inner.Around(value, " ");
  }

  // Whether what stands between is an argument by itself, and needs no parentheses.
  static bool Enclosed(std::string_view text, size_t begin, size_t end) {
    const bool opened = begin == 0 || text.substr(0, begin).ends_with('(') || text.substr(0, begin).ends_with(", ");
    return opened && (end == text.size() || text[end] == ')' || text[end] == ',');
  }

  static std::vector<std::string> Arguments(std::string_view text) {
    std::vector<std::string> args;
    for (size_t begin = 0, at = 0; at <= text.size();) {
      if (at == text.size() || text[at] == ',') {
        args.emplace_back(text.substr(begin, at - begin));
        begin = at + 1 + text.substr(std::min(at + 1, text.size())).starts_with(' ');
        at = begin;
      } else {
        at = text[at] == ')' ? at + 1 : Behind(text, at);
      }
    }
    return args;
  }

  std::string Short(const Said& value, Scope& scope) {
    return Loops(value.text) || value.text.size() > kShort ? Step(value, scope) : value.text;
  }

  std::string Step(const Said& value, Scope& scope) {
    if (Atom(value.text)) return value.text;
    if (const std::string* const known = scope.Find(value.call)) return *known;
    const std::string name = value.call.substr(0, BehindName(value.call, 0));
    const std::string table = (name.empty() || value.call[name.size()] != '(' ? "text" : name) + std::to_string(++count_);
    scope.tables.push_back("json_each(json_array(" + value.text + ")) AS " + table);
    return scope.steps[value.call] = table + ".value";
  }

  const SavedProgram& program_;
  const std::span<const std::vector<Cell>> rows_;
  const PlainWords words_ = PlainWordsOf(program_);
  std::string missing_;  // the first operation that no row says
  int count_ = 0;
};

}  // namespace

Result<std::string> EmitSql(const SavedProgram& program, std::span<const std::vector<Cell>> rows) {
  return Statement(program, rows).Say();
}

}  // namespace hasten::solve
