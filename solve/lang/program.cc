#include "solve/lang/program.h"

#include "solve/lang/ops.h"

namespace hasten::solve {

Expr Input(size_t column) {
  Expr e;
  e.kind = Expr::Kind::kInput;
  e.number = int64_t(column);
  return e;
}

Expr Text(std::string text) {
  Expr e;
  e.text = std::move(text);
  return e;
}

Expr Number(int64_t number) {
  Expr e;
  e.kind = Expr::Kind::kNumber;
  e.number = number;
  return e;
}

Expr Apply(const char* name, std::vector<Expr> args) {
  Expr e;
  e.kind = Expr::Kind::kOp;
  e.op = FindOp(name);
  e.args = std::move(args);
  return e;
}

Expr Concat(std::vector<Expr> parts) {
  const Op* const concat = FindOp("concat");
  std::vector<Expr> flat;
  const auto add = [&](Expr part) {
    if (part.kind == Expr::Kind::kText && !flat.empty() && flat.back().kind == Expr::Kind::kText) {
      flat.back().text += part.text;
    } else {
      flat.push_back(std::move(part));
    }
  };
  for (Expr& part : parts) {
    if (part.kind == Expr::Kind::kOp && part.op == concat) {
      for (Expr& inner : part.args) add(std::move(inner));
    } else {
      add(std::move(part));
    }
  }
  if (flat.size() == 1) return std::move(flat[0]);
  return Apply("concat", std::move(flat));
}

static bool Typed(const Value& v, char type) {
  switch (type) {
    case 't':
      return v.kind == Value::Kind::kText;
    case 'n':
      return v.kind == Value::Kind::kNumber;
    case 'm':
      return v.kind == Value::Kind::kMoment;
    case 'b':
      return v.kind == Value::Kind::kBool;
    default:
      return true;
  }
}

Value Evaluate(const Expr& e, Cells cells) {
  switch (e.kind) {
    case Expr::Kind::kInput:
      if (size_t(e.number) >= cells.size() || !cells[size_t(e.number)]) return Value::None();
      return Value::Text(*cells[size_t(e.number)]);
    case Expr::Kind::kText:
      return Value::Text(e.text);
    case Expr::Kind::kNumber:
      return Value::Number(Decimal::Of(e.number));
    case Expr::Kind::kOp:
      break;
  }
  std::vector<Value> args;
  args.reserve(e.args.size());
  size_t type = 0;
  for (const Expr& arg : e.args) {
    args.push_back(Evaluate(arg, cells));
    if (!e.op->lazy && (args.back().IsNone() || !Typed(args.back(), e.op->types[type]))) return Value::None();
    if (e.op->types[type + 1] != '*') ++type;
  }
  return e.op->run(args);
}

Cell Answer(const Expr& e, Cells cells) {
  Value v = Evaluate(e, cells);
  if (v.kind == Value::Kind::kText) return std::move(v.text);
  if (v.kind == Value::Kind::kNumber) return FormatNumber(v.number, {});
  return std::nullopt;
}

size_t SizeOf(const Expr& e) {
  size_t size = 1;
  for (const Expr& arg : e.args) size += SizeOf(arg);
  return size;
}

static std::string Quoted(const std::string& text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '\n') {
      out += "\\n";
    } else if (c == '\t') {
      out += "\\t";
    } else if (c == '\r') {
      out += "\\r";
    } else {
      if (c == '"' || c == '\\') out += '\\';
      out += c;
    }
  }
  return out + "\"";
}

std::string Print(const Expr& e, std::span<const std::string> columns) {
  switch (e.kind) {
    case Expr::Kind::kInput:
      if (size_t(e.number) < columns.size()) return columns[size_t(e.number)];
      return "column" + std::to_string(e.number + 1);
    case Expr::Kind::kText:
      return Quoted(e.text);
    case Expr::Kind::kNumber:
      return std::to_string(e.number);
    case Expr::Kind::kOp:
      break;
  }
  std::string out = std::string(e.op->name) + "(";
  for (size_t i = 0; i < e.args.size(); ++i) out += (i ? ", " : "") + Print(e.args[i], columns);
  return out + ")";
}

}  // namespace hasten::solve
