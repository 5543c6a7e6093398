// Excel: a language of expressions, with no room for a library. What it has no words for is refused by name.
#include <algorithm>
#include <map>
#include <set>

#include "base/quote.h"
#include "base/result.h"
#include "solve/lang/emit_excel.h"
#include "solve/lang/emit_excel_shapes.h"
#include "solve/lang/emit_languages.h"
#include "solve/lang/emit_plain.h"
#include "solve/lang/latin.h"
#include "solve/lang/ops.h"

namespace hasten::solve {

namespace {

// What Excel takes in one formula, in one text of a formula, in one LET, and of functions inside of each other.
constexpr size_t kLongestFormula = 8192, kLongestText = 255, kMostNames = 126, kDeepest = 64;
// Of the dates in a table.
constexpr size_t kMostShapes = 12;
// What is shorter is said again rather than given a name.
constexpr size_t kWorthAName = 10;

Error TooLong(const char* of, size_t most) {
  return {Code::kUnsupported, Fmt("Excel takes %zu %s in a formula, this program has more; try --emit python or js", most, of)};
}
Error TooManyCharacters() { return TooLong("characters", kLongestFormula); }

// The words of a text between separators that stand in no quotes or brackets.
std::vector<std::string_view> Split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  size_t begin = 0, depth = 0;
  bool quoted = false;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '"') quoted = !quoted;
    if (quoted) continue;
    if (c == '(' || c == '{') ++depth;
    if (c == ')' || c == '}') --depth;
    if (c != separator || depth > 0) continue;
    parts.push_back(text.substr(begin, i - begin));
    begin = i + 1;
  }
  if (begin < text.size()) parts.push_back(text.substr(begin));
  return parts;
}

std::string Literal(const std::string& text) {
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

// What a cell holds may be a number or a text that arithmetic makes one of. Not every spreadsheet sees by itself that a number
// lacks a little of a half.
const PlainWords kPlainWords = {.column = [](size_t c) { return std::string(1, char('A' + c)) + "2"; },
                                .number = "($1+0)",
                                .over = "$1/$2",
                                .fixed = "FIXED(ROUND($1,$2),$2,TRUE)",
                                .shortest = "(ROUND($1,9)&\"\")",
                                .filled = "$1<>\"\"",
                                .both = "AND($1,$2)",
                                .guarded = "IF($1,$2,NA())"};

// A formula while it grows: parts that are made of parts before them, each only once.
class Formula {
 public:
  explicit Formula(std::span<const std::vector<Cell>> rows) : rows_(rows) {}

  Result<size_t> Say(const Expr& e) {
    switch (e.kind) {
      case Expr::Kind::kInput:
        return Leaf(std::string(1, char('A' + e.number)) + "2");
      case Expr::Kind::kText:
        return Leaf(Literal(e.text));
      case Expr::Kind::kNumber:
        return Leaf(std::to_string(e.number));
      case Expr::Kind::kOp:
        break;
    }
    if (const auto plain = SaidPlainly(e, rows_, kPlainWords)) return Leaf(*plain);
    const std::string op(e.op->name);
    TRY(Parts args, Arguments(e));
    if (op == "concat") return Joined(args);
    if (op == "plain") args.push_back(Leaf(Literal(std::string(kLatinBases))));
    if (op == "look_up" || op == "format") {
      const bool facts = op == "look_up";
      args.resize(facts ? 1 : 4);
      for (std::string& code : facts ? Columns(e.args) : GroupingWords(e.args.back().text)) {
        args.push_back(Leaf(std::move(code)));
      }
    }
    auto said = Said(op, args);
    return said ? said : NoWordsFor(op);
  }

  // Nothing where a text may have a date that was not read, which is another thing than one without a date.
  Result<size_t> UnlessUnread(size_t whole) {
    for (const size_t unread : unread_) {
      TRY(whole, Argument({.op = "date"}, "IF($1,NA(),$2)", {unread, whole}, 1));
    }
    return whole;
  }

  // The whole, with a name for each part that is used more than once.
  Result<std::string> Write(size_t whole) {
    std::vector<size_t> uses(parts_.size());
    uses[whole] = 1;
    for (size_t i = whole + 1; i-- > 0;) {
      for (const size_t arg : uses[i] ? parts_[i].args : Parts()) uses[arg] += parts_[i].array ? uses[i] : 1;
    }
    std::vector<std::string> texts(whole + 1);
    std::string names;
    size_t named = 0;
    for (size_t i = 0; i <= whole; ++i) {
      if (!uses[i]) continue;
      const Part& part = parts_[i];
      std::string& text = texts[i];
      for (size_t k = 0; k < part.between.size(); ++k) text += (k ? texts[part.args[k - 1]] : "") + part.between[k];
      if (i == whole) text = "IFERROR(" + text + ",\"\")";
      if (text.size() > kLongestFormula) return TooManyCharacters();
      if (Depth(text) > kDeepest) return TooLong("functions inside of each other", kDeepest);
      if (uses[i] < 2 || part.array || text.size() <= kWorthAName) continue;
      const std::string name = part.name + "_" + std::to_string(++named);
      names += name + "," + text + ",";
      text = name;
    }
    if (named > kMostNames) return TooLong("names", kMostNames);
    const std::string formula = names.empty() ? "=" + texts[whole] : "=LET(" + names + texts[whole] + ")";
    if (formula.size() > kLongestFormula) return TooManyCharacters();
    return formula;
  }

 private:
  using Parts = std::vector<size_t>;

  struct Part {
    std::string name = {};                  // the saying that it comes from
    std::vector<std::string> between = {};  // the text before, between and behind the arguments
    Parts args = {};
    std::string_view places = "0";
    Parts said_of = {};  // what `places` is about
    bool array = false;
  };

  static Error NoWordsFor(const std::string& op) {
    return {Code::kUnsupported,
            Fmt("Excel has no words for '%s' as this program uses it; try --emit python or js", op.c_str())};
  }

  // A date is four of them.
  Result<Parts> Arguments(const Expr& e) {
    Parts args;
    for (size_t i = 0; i < e.args.size(); ++i) {
      if (e.op->types[std::min(i, e.op->types.find(':') - 1)] == 'm') {
        TRY(const Parts date, SayDate(e.args[i]));
        args.insert(args.end(), date.begin(), date.end());
      } else {
        TRY(const size_t part, Say(e.args[i]));
        args.push_back(part);
      }
    }
    return args;
  }

  Result<Parts> SayDate(const Expr& e) {
    const std::string op(e.kind == Expr::Kind::kOp ? e.op->name : "text");
    if (op == "moment") return SayRead(e);
    if (TypeOf(e) != 'm') return NoWordsFor(op);
    TRY(const Parts args, Arguments(e));
    Parts date;
    for (const char* part : {"_year", "_month", "_day", "_time"}) {
      const auto said = Said(op + part, args);
      if (!said) return NoWordsFor(op);
      date.push_back(*said);
    }
    return date;
  }

  // The dates that are read from a text, of the shapes that it has in the table.
  Result<Parts> SayRead(const Expr& e) {
    const auto order = DateOrderNamed(e.args[2].text);
    const bool whole = e.args[1].number == 1 || e.args[1].number == -1;
    if (!order || !whole) return NoWordsFor("moment");
    TRY(const size_t text, Say(e.args[0]));
    Parts& read = read_[{text, *order}];
    if (!read.empty()) return read;
    TRY(const std::vector<DateShape> shapes, ShapesOf(e.args[0], *order));
    std::vector<std::string> fields[5];
    std::string skeletons;
    for (const DateShape& shape : shapes) {
      const DateSayings said = SayingsOf(shape, *order);
      for (size_t i = 0; const std::string* field : {&said.valid, &said.year, &said.month, &said.day, &said.time}) {
        fields[i++].push_back(field->empty() ? "NA()" : *field);
      }
      skeletons += (skeletons.empty() ? "" : ",") + Literal(shape.skeleton);
    }
    const bool one = shapes.size() == 1;
    const std::string which =
        one ? "EXACT(@skeleton($1)," + skeletons + ")" : "MATCH(TRUE,EXACT(@skeleton($1),{" + skeletons + "}),0)";
    const Saying shape{.op = "shape"}, date{.op = "date"};
    TRY(const size_t has, Argument(shape, which, {text}, 1));
    TRY(const size_t valid, Argument(date, one ? "$2*" + fields[0][0] : Chosen(fields[0]), {text, has}, 1));
    TRY(const size_t unread,
        Argument(date, "ISNUMBER(FIND(2,@spans($1,\"digits\")))*NOT(IFERROR($3,FALSE))", {text, has, valid}, 1));
    unread_.insert(unread);
    Parts parts;
    for (size_t i = 1; i < 5; ++i) {
      const std::string field = Chosen(fields[i]);
      TRY(const size_t part, Argument(date, field == "NA()" ? field : "IF($3," + field + ",NA())", {text, has, valid}, 1));
      parts.push_back(part);
    }
    return read = parts;
  }

  static std::string Chosen(const std::vector<std::string>& texts) {
    if (std::all_of(texts.begin(), texts.end(), [&](const std::string& t) { return t == texts[0]; })) return texts[0];
    std::string all = "CHOOSE($2";
    for (const std::string& t : texts) all += "," + t;
    return all + ")";
  }

  Result<std::vector<DateShape>> ShapesOf(const Expr& of, DateOrder order) const {
    if (rows_.empty()) {
      return Error{Code::kUnsupported,
                   "Excel is told the formats of dates that a table has, so that it needs one: --apply PROGRAM.json TABLE "
                   "--emit excel; or try --emit python, js or sh"};
    }
    std::vector<DateShape> shapes;
    for (const std::vector<Cell>& row : rows_) {
      const Value text = Evaluate(of, row);
      if (text.kind == Value::Kind::kText) AddShape(text.text, order, shapes);
      if (shapes.size() > kMostShapes) {
        return Error{
            Code::kUnsupported,
            Fmt("the table has dates of more than %zu formats, which is too much for a formula; try --emit python, js or sh",
                kMostShapes)};
      }
    }
    if (shapes.empty()) {
      return Error{Code::kUnsupported,
                   "Excel reads dates that are all of a cell, and the table has none of them; try --emit python, js or sh"};
    }
    return shapes;
  }

  size_t Leaf(std::string text) { return Kept({.name = "text", .between = {std::move(text)}}); }

  size_t Kept(Part part) {
    part.array = IsArray(part);
    std::string key(part.places);
    for (const size_t arg : part.said_of) key += "," + std::to_string(arg);
    for (size_t k = 0; k < part.between.size(); ++k) {
      key += (k ? "\n" + std::to_string(part.args[k - 1]) + "\n" : "\n") + part.between[k];
    }
    const auto [at, is_new] = known_.emplace(std::move(key), parts_.size());
    if (is_new) parts_.push_back(std::move(part));
    return at->second;
  }

  // Rows and {…} make arrays, and so does whatever is made of one, unless it folds them.
  bool IsArray(const Part& part) const {
    const auto says = [&](std::string_view word) {
      return std::any_of(part.between.begin(), part.between.end(),
                         [&](const std::string& text) { return text.find(word) != std::string::npos; });
    };
    if (says("TEXTJOIN(") || says("SUM(") || says("MAX(") || says("MIN(") || says("MATCH(") || says("SUMPRODUCT("))
      return false;
    return part.between[0][0] == '{' || says("ROW($") ||
           std::any_of(part.args.begin(), part.args.end(), [&](size_t arg) { return parts_[arg].array; });
  }

  size_t Joined(const Parts& args) {
    Part part{.name = "concat", .between = {"("}, .args = args};
    for (size_t k = 1; k < args.size(); ++k) part.between.emplace_back("&");
    part.between.emplace_back(")");
    return Kept(std::move(part));
  }

  // "thousands:.:," as "thousands", "." and ",".
  static std::vector<std::string> GroupingWords(const std::string& name) {
    NumberFormat format;
    SetGrouping(name, format);
    return {Literal(name.substr(0, name.find(':'))), Literal(format.group), Literal(format.point)};
  }

  // The columns of a table of facts that are read, in small letters, and given.
  static std::vector<std::string> Columns(const std::vector<Expr>& look_up) {
    const FactTable* const table = FindFactTable(look_up[1].text);
    std::vector<std::string> codes;
    if (!table) return codes;
    for (const size_t which : {2, 3}) {
      const auto column =
          size_t(std::find(table->columns.begin(), table->columns.end(), look_up[which].text) - table->columns.begin());
      if (column == table->columns.size()) return {};
      std::string code;
      for (size_t row = 0; row < table->rows(); ++row) {
        std::string field(table->at(row, column));
        for (char& c : field) c = which == 2 && c >= 'A' && c <= 'Z' ? char(c | 32) : c;
        code += (row ? ";" : "{") + Literal("_" + field);  // Gnumeric takes digits for a number there
      }
      codes.push_back(code + "}");
    }
    return codes;
  }

  Result<size_t> Said(std::string_view name, const Parts& args) {
    for (const auto table : {ExcelTexts(), ExcelNumbers(), ExcelTokens(), ExcelDates()}) {
      for (const Saying& s : table) {
        if (s.op == name && Fits(s.when, args)) return s.text.empty() ? Unsaid() : Filled(s, args);
      }
    }
    return Unsaid();
  }

  static Result<size_t> Unsaid() { return Error{Code::kNotFound, "no such saying"}; }

  bool Fits(std::string_view when, const Parts& args) const {
    const std::vector<std::string_view> words = Split(when, ' ');
    if (words.size() > args.size()) return false;
    for (size_t i = 0; i < words.size(); ++i) {
      const size_t arg = args.size() - words.size() + i;
      const std::string code = parts_[args[arg]].args.empty() ? parts_[args[arg]].between[0] : "";
      const bool number = !code.empty() && (code[0] == '-' || (code[0] >= '0' && code[0] <= '9'));
      if (words[i] == "*") continue;
      if (words[i] == "="    ? args[arg] != args[arg - 1]
          : words[i] == ">0" ? !number || code[0] == '-' || code == "0"
          : words[i] == "<0" ? !number || code[0] != '-'
                             : code != words[i])
        return false;
    }
    return true;
  }

  Result<size_t> Filled(const Saying& s, const Parts& args) {
    TRY(Part part, Read(s, s.text, args));
    if (Bare(part)) {
      if (s.places == "0") return part.args[0];
      part = parts_[part.args[0]];
    }
    part.places = s.places;
    part.said_of = args;
    return Kept(std::move(part));
  }

  static bool Bare(const Part& part) { return part.between.size() == 2 && part.between[0].empty() && part.between[1].empty(); }

  Result<size_t> PlacesOf(size_t number) {
    Parts args = parts_[number].said_of;
    args.insert(args.begin(), number);
    return Argument({.op = "places"}, parts_[number].places, args, 0);
  }

  // A text of a saying as a part; `first` is the number that the first of `args` has in it.
  Result<size_t> Argument(const Saying& of, std::string_view text, const Parts& args, size_t first) {
    TRY(Part part, Read(of, text, args, first));
    if (Bare(part)) return part.args[0];
    return part.args.empty() ? Leaf(part.between[0]) : Kept(std::move(part));
  }

  Result<Part> Read(const Saying& of, std::string_view text, const Parts& args, size_t first = 1) {
    Part part{.name = std::string(of.op)};
    part.between.emplace_back();
    bool quoted = false;
    for (size_t i = 0; i < text.size(); ++i) {
      const char c = text[i];
      if (c == '"') quoted = !quoted;
      if (quoted || (c != '$' && c != '%' && c != '@')) {
        part.between.back() += c;
      } else if (c == '$' && text[i + 1] == '$') {
        part.between.back() += text[++i];
      } else if (c == '@') {
        const size_t open = text.find('(', i), close = Closing(text, open);
        Parts inner;
        for (const std::string_view word : Split(text.substr(open + 1, close - open - 1), ',')) {
          TRY(const size_t arg, Argument(of, word, args, first));
          inner.push_back(arg);
        }
        TRY(const size_t said, Said(text.substr(i + 1, open - i - 1), inner));
        Append(part, said);
        i = close;
      } else {
        const size_t arg = args.at(size_t(text[++i] - '0') - first);
        if (c == '$') {
          Append(part, arg);
        } else {
          TRY(const size_t places, PlacesOf(arg));
          Append(part, places);
        }
      }
    }
    return part;
  }

  static void Append(Part& part, size_t arg) {
    part.args.push_back(arg);
    part.between.emplace_back();
  }

  // Where the bracket at `open` closes.
  static size_t Closing(std::string_view text, size_t open) {
    size_t depth = 0;
    bool quoted = false;
    for (size_t i = open; i < text.size(); ++i) {
      if (text[i] == '"') quoted = !quoted;
      if (quoted) continue;
      if (text[i] == '(') ++depth;
      if (text[i] == ')' && --depth == 0) return i;
    }
    return text.size();
  }

  static size_t Depth(std::string_view text) {
    size_t depth = 0, deepest = 0;
    bool quoted = false;
    for (const char c : text) {
      if (c == '"') quoted = !quoted;
      if (quoted) continue;
      if (c == '(') deepest = std::max(deepest, ++depth);
      if (c == ')') --depth;
    }
    return deepest;
  }

  const std::span<const std::vector<Cell>> rows_;
  std::vector<Part> parts_;
  std::map<std::string, size_t> known_;
  std::map<std::pair<size_t, DateOrder>, Parts> read_;  // dates, by their text
  std::set<size_t> unread_;                             // say of a text that it may have such a date
};

// Makes something of nothing.
bool AsksForNothing(const Expr& e) {
  return (e.kind == Expr::Kind::kOp && e.op->lazy) || std::any_of(e.args.begin(), e.args.end(), AsksForNothing);
}

// Excel takes an empty cell for 0, unless it is joined to a text.
bool MayBeACell(const Expr& e) {
  if (e.kind == Expr::Kind::kInput) return true;
  const bool chooses = e.kind == Expr::Kind::kOp && (e.op->name == "if" || e.op->name == "first");
  return chooses && std::any_of(e.args.begin(), e.args.end(), MayBeACell);
}

}  // namespace

Result<std::string> EmitExcel(const SavedProgram& program, std::span<const std::vector<Cell>> rows) {
  if (program.inputs.size() > 26) return Error{Code::kUnsupported, "Excel: more than 26 columns of inputs"};
  const bool bare = MayBeACell(program.program);
  Formula formula(rows);
  TRY(size_t whole, formula.Say(bare ? Apply("concat", {program.program, Text("")}) : program.program));
  if (AsksForNothing(program.program)) {
    TRY(whole, formula.UnlessUnread(whole));
  }
  TRY(const std::string text, formula.Write(whole));
  return text + "\n";
}

}  // namespace hasten::solve
