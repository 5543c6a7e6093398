// Programs on a row of a table: expressions over the cells, made of literals
// and of the operations of ops.h.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "solve/lang/decimal.h"
#include "solve/lang/moment.h"

namespace hasten::solve {

// What an expression has on a row. None is what an operation gives where it
// does not apply (a third word of two), and what stays none in whatever uses
// it, but for the operations that ask.
struct Value {
  enum class Kind : uint8_t { kNone, kText, kNumber, kMoment, kBool };
  Kind kind = Kind::kNone;
  std::string text;
  Decimal number;
  Moment moment;
  bool truth = false;

  static Value None() { return {}; }
  static Value Text(std::string t) {
    Value v;
    v.kind = Kind::kText;
    v.text = std::move(t);
    return v;
  }
  static Value Number(Decimal n) {
    Value v;
    v.kind = Kind::kNumber;
    v.number = n;
    return v;
  }
  static Value Of(const Moment& m) {
    Value v;
    v.kind = Kind::kMoment;
    v.moment = m;
    return v;
  }
  static Value Bool(bool b) {
    Value v;
    v.kind = Kind::kBool;
    v.truth = b;
    return v;
  }
  bool IsNone() const { return kind == Kind::kNone; }
};

using Cell = std::optional<std::string>;  // nothing: the table says null
using Cells = std::span<const Cell>;

struct Op;

struct Expr {
  enum class Kind : uint8_t { kInput, kText, kNumber, kOp };
  Kind kind = Kind::kText;
  std::string text;        // kText
  int64_t number = 0;      // kNumber; kInput: the column
  const Op* op = nullptr;  // kOp
  std::vector<Expr> args;
};

Expr Input(size_t column);
Expr Text(std::string text);
Expr Number(int64_t number);
// `name` is an operation of ops.h.
Expr Apply(const char* name, std::vector<Expr> args);
Expr Concat(std::vector<Expr> parts);  // flattens, joins neighbouring texts; one
                                       // part is itself

Value Evaluate(const Expr& e, Cells cells);
Cell Answer(const Expr& e,
            Cells cells);  // the value as text; nothing where it is none

size_t SizeOf(const Expr& e);
std::string Print(const Expr& e,
                  std::span<const std::string> columns);  // for people: concat(upper(name), "-")

}  // namespace hasten::solve
