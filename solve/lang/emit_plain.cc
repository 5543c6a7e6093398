#include "solve/lang/emit_plain.h"

#include <cmath>
#include <set>

#include "base/result.h"
#include "solve/lang/ops.h"

namespace hasten::solve {

namespace {

constexpr size_t kMostDigits = 12;       // what doubles hold, with room for a product's last digits
constexpr double kAwayFromHalf = 2e-15;  // what a product of decimals may lack of a half in doubles

bool IsOp(const Expr& e, std::string_view name) { return e.kind == Expr::Kind::kOp && e.op->name == name; }

// "12", "-3.50": read alike by everybody.
bool IsPlain(std::string_view text) {
  size_t digits = 0, points = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c >= '0' && c <= '9') {
      ++digits;
    } else if (c == '.' && i > 0 && digits > 0 && i + 1 < text.size()) {
      ++points;
    } else if (c != '-' || i > 0) {
      return false;
    }
  }
  return digits > 0 && digits <= kMostDigits && points <= 1;
}

// The column of number(cell, 1).
std::optional<size_t> ColumnOf(const Expr& e) {
  const bool first = IsOp(e, "number") && e.args[0].kind == Expr::Kind::kInput && e.args[1].kind == Expr::Kind::kNumber &&
                     (e.args[1].number == 1 || e.args[1].number == -1);
  return first ? std::optional(size_t(e.args[0].number)) : std::nullopt;
}

std::string Filled(std::string_view text, std::initializer_list<std::string> args) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '$') {
      out += *(args.begin() + (text[++i] - '1'));
    } else {
      out += text[i];
    }
  }
  return out;
}

constexpr std::pair<std::string_view, char> kArithmetic[] = {{"plus", '+'}, {"minus", '-'}, {"times", '*'}, {"over", '/'}};

char SignOf(const Expr& e) {
  for (const auto& [name, sign] : kArithmetic) {
    if (IsOp(e, name)) return sign;
  }
  return 0;
}

// The number on a row, in doubles; nothing where it is no arithmetic on plain cells.
std::optional<double> Calculate(const Expr& e, Cells cells) {
  if (e.kind == Expr::Kind::kNumber) return double(e.number);
  if (const auto column = ColumnOf(e)) {
    const Cell& cell = cells[*column];
    return cell && IsPlain(*cell) ? std::optional(std::strtod(cell->c_str(), nullptr)) : std::nullopt;
  }
  const bool power = IsOp(e, "times_ten") && e.args[1].kind == Expr::Kind::kNumber;
  const char sign = SignOf(e);
  if (!power && !sign) return std::nullopt;
  const auto a = Calculate(e.args[0], cells), b = Calculate(e.args[1], cells);
  if (!a || !b) return std::nullopt;
  if (power) return *b < 0 ? *a / std::pow(10.0, -*b) : *a * std::pow(10.0, *b);
  return sign == '+' ? *a + *b : sign == '-' ? *a - *b : sign == '*' ? *a * *b : *a / *b;
}

// How the text of a number is written: so many decimals, or as many as it has.
struct Written {
  const Expr* number;
  std::optional<int> decimals;
};

std::optional<Written> WrittenAs(const Expr& e, std::span<const std::vector<Cell>> rows) {
  if (!IsOp(e, "format") || e.args[3].number != 1 || e.args[4].text != "none") return std::nullopt;
  const int64_t least = e.args[1].number, most = e.args[2].number;
  const bool rounded = IsOp(e.args[0], "round") && e.args[0].args[1].number == 1 && e.args[0].args[2].number == 0 &&
                       e.args[0].args[4].text == "nearest" && e.args[0].args[1].kind == Expr::Kind::kNumber;
  const int64_t places = rounded ? e.args[0].args[3].number : 0;
  if (rounded && least == -1) return Written{&e.args[0].args[0], int(places)};
  if (rounded && least == most && most == places) return Written{&e.args[0].args[0], int(places)};
  if (rounded) return std::nullopt;
  if (least == most) return Written{&e.args[0], int(least)};
  if (most < int64_t(kMostDigits)) return std::nullopt;
  if (least == 0) return Written{&e.args[0], std::nullopt};
  for (const std::vector<Cell>& row : rows) {  // as many as its columns have, which is the same on all rows or told apart below
    const Cell text = Answer(e, row);
    if (text) return Written{&e.args[0], text->find('.') == std::string::npos ? 0 : int(text->size() - text->find('.') - 1)};
  }
  return std::nullopt;
}

std::string TextOf(double value, const Written& as) {
  return as.decimals ? Fmt("%.*f", *as.decimals, value * (1 + kAwayFromHalf)) : Fmt("%.12g", value);
}

class Speaker {
 public:
  explicit Speaker(const PlainWords& words) : words_(words) {}

  std::string Number(const Expr& e) {
    const std::string said = Operand(e);
    return ColumnOf(e) ? Filled(words_.number, {said}) : said;
  }

  std::string Guarded(const std::string& said) const {
    std::string condition;
    for (const size_t c : columns_) {
      const std::string filled = Filled(words_.filled, {words_.column(c)});
      condition = condition.empty() ? filled : Filled(words_.both, {condition, filled});
    }
    return condition.empty() ? said : Filled(words_.guarded, {condition, said});
  }

 private:
  // Columns become numbers where arithmetic is done with them.
  std::string Operand(const Expr& e) {
    if (e.kind == Expr::Kind::kNumber) return e.number < 0 ? "(" + std::to_string(e.number) + ")" : std::to_string(e.number);
    if (const auto column = ColumnOf(e)) {
      columns_.insert(*column);
      return words_.column(*column);
    }
    const std::string a = Inner(e.args[0], Rank(e));
    if (IsOp(e, "times_ten")) {
      const int64_t k = e.args[1].number;
      const std::string ten = "1" + std::string(size_t(std::llabs(k)), '0');
      return k < 0 ? Filled(words_.over, {a, ten}) : a + "*" + ten;
    }
    const std::string b = Inner(e.args[1], Rank(e) + 1);
    return SignOf(e) == '/' ? Filled(words_.over, {a, b}) : a + SignOf(e) + b;
  }
  // In parentheses where it binds less than `least`.
  std::string Inner(const Expr& e, int least) {
    const std::string said = Operand(e);
    return Rank(e) < least ? "(" + said + ")" : said;
  }
  static int Rank(const Expr& e) {
    if (e.kind == Expr::Kind::kNumber || ColumnOf(e)) return 3;
    return IsOp(e, "plus") || IsOp(e, "minus") ? 1 : 2;
  }

  const PlainWords& words_;
  std::set<size_t> columns_;
};

// Do all rows whose cells are there give the same in doubles, and those without give nothing?
template <class F>
bool SameOnAll(const Expr& e, std::span<const std::vector<Cell>> rows, const F& answer) {
  size_t told = 0;
  for (const std::vector<Cell>& row : rows) {
    const Value exact = Evaluate(e, row), plain = answer(row).value_or(Value::None());
    if (exact.kind != plain.kind || exact.text != plain.text || exact.truth != plain.truth) return false;
    told += !plain.IsNone();
  }
  return told > 0;
}

bool EmptyOrPlain(const Expr& e, std::span<const std::vector<Cell>> rows) {
  if (const auto column = ColumnOf(e)) {
    for (const std::vector<Cell>& row : rows) {
      const Cell& cell = row[*column];
      if (cell && !cell->empty() && !IsPlain(*cell)) return false;
    }
  }
  for (const Expr& arg : e.args) {
    if (!EmptyOrPlain(arg, rows)) return false;
  }
  return true;
}

}  // namespace

std::optional<std::string> SaidPlainly(const Expr& e, std::span<const std::vector<Cell>> rows, const PlainWords& words) {
  if (!IsOp(e, "format") && !IsOp(e, "less")) return std::nullopt;  // before any row is looked at
  if (rows.empty() || !EmptyOrPlain(e, rows)) return std::nullopt;
  Speaker speaker(words);
  if (const auto as = WrittenAs(e, rows)) {
    const auto text = [&](Cells cells) -> std::optional<Value> {
      const auto value = Calculate(*as->number, cells);
      return value && std::isfinite(*value) ? std::optional(Value::Text(TextOf(*value, *as))) : std::nullopt;
    };
    if (!SameOnAll(e, rows, text)) return std::nullopt;
    const std::string number = speaker.Number(*as->number);
    const std::string_view way = as->decimals ? words.fixed : words.shortest;
    return speaker.Guarded(Filled(way, {number, std::to_string(as->decimals.value_or(0))}));
  }
  if (!IsOp(e, "less")) return std::nullopt;
  const auto truth = [&](Cells cells) -> std::optional<Value> {
    const auto a = Calculate(e.args[0], cells), b = Calculate(e.args[1], cells);
    return a && b ? std::optional(Value::Bool(*a < *b)) : std::nullopt;
  };
  if (!SameOnAll(e, rows, truth)) return std::nullopt;
  const std::string a = speaker.Number(e.args[0]), b = speaker.Number(e.args[1]);
  return speaker.Guarded(a + "<" + b);
}

}  // namespace hasten::solve
