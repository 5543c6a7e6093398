#include <algorithm>
#include <charconv>

#include "base/quote.h"
#include "text/jinja/parse.h"

namespace hasten::jinja {

Result<const Expr*> Parser::Done(Expr* node) const {
  const auto count = [&](const Expr* child) {
    if (child) node->depth = std::max(node->depth, child->depth + 1);
  };
  for (const Expr* child : node->args) count(child);
  for (const auto& [name, child] : node->named) count(child);
  count(node->star);
  count(node->star_star);
  if (node->depth > kMostDepth)
    return Error{Code::kUnsupported, Fmt("line %d: an expression nested deeper than %d", node->line, kMostDepth)};
  return node;
}

Result<const Expr*> Parser::TupleOrExpression(TupleOptions options) {
  Expr* tuple = New(Expr::kTuple, Now().line);
  bool comma = false;
  for (;;) {
    if (!tuple->args.empty()) TRY_OK(Expect(Token::kOperator, ","));
    const bool end = Now().type == Token::kPrintEnd || Now().type == Token::kTagEnd || Now().Is(Token::kOperator, ")") ||
                     (!options.end.empty() && Now().Is(Token::kName, options.end));
    if (end) break;
    const Expr* part = nullptr;
    if (options.conditional) {
      TRY(part, Expression());
    } else {
      TRY(part, Or());
    }
    tuple->args.push_back(part);
    if (!Now().Is(Token::kOperator, ",")) break;
    comma = true;
  }
  if (comma) return Done(tuple);
  if (!tuple->args.empty()) return tuple->args[0];
  if (!options.parenthesised) return Unexpected("an expression");
  return tuple;
}

Result<const Expr*> Parser::TargetPart(bool with_namespace) {
  if (Skip(Token::kOperator, "(")) {
    TRY(const Expr* inner, Target({}));
    TRY_OK(Expect(Token::kOperator, ")"));
    return inner;
  }
  static constexpr std::string_view kConstants[] = {"true", "false", "none", "True", "False", "None"};
  if (Now().type != Token::kName) return Unexpected("a name to assign to");
  if (std::ranges::find(kConstants, Now().text) != std::end(kConstants))
    return Wrong("'" + Now().text + "' cannot be assigned to");
  Expr* node = New(Expr::kName, Now().line);
  node->id = program_->names.Id(Next().text);
  if (with_namespace && Skip(Token::kOperator, ".")) {
    if (Now().type != Token::kName) return Unexpected("an attribute's name");
    node->type = Expr::kNsRef;
    node->name = Str(Next().text, nullptr);
  }
  return node;
}

Result<const Expr*> Parser::Target(TargetOptions options) {
  TRY_OK(Deeper());
  Expr* tuple = New(Expr::kTuple, Now().line);
  bool comma = false;
  do {
    const bool end = comma && (Now().Is(Token::kOperator, "=") || Now().Is(Token::kOperator, ")") ||
                               Now().type == Token::kTagEnd || (!options.end.empty() && Now().Is(Token::kName, options.end)));
    if (end) break;
    TRY(const Expr* part, TargetPart(options.with_namespace));
    tuple->args.push_back(part);
    comma |= Now().Is(Token::kOperator, ",");
  } while (Skip(Token::kOperator, ","));
  --nesting_;
  if (!comma) return tuple->args[0];
  return Done(tuple);
}

Result<const Expr*> Parser::Expression() {
  int line = Now().line;
  TRY(const Expr* value, Or());
  while (Skip(Token::kName, "if")) {
    Expr* node = New(Expr::kCond, line);
    TRY(const Expr* test, Or());
    const Expr* otherwise = nullptr;
    if (Skip(Token::kName, "else")) {
      TRY_OK(Deeper());
      TRY(otherwise, Expression());
      --nesting_;
    }
    node->args = {value, test, otherwise};
    TRY(value, Done(node));
    line = Now().line;
  }
  return value;
}

Result<const Expr*> Parser::Or() {
  TRY(const Expr* left, And());
  while (Skip(Token::kName, "or")) {
    Expr* node = New(Expr::kOr, Now().line);
    TRY(const Expr* right, And());
    node->args = {left, right};
    TRY(left, Done(node));
  }
  return left;
}

Result<const Expr*> Parser::And() {
  TRY(const Expr* left, Not());
  while (Skip(Token::kName, "and")) {
    Expr* node = New(Expr::kAnd, Now().line);
    TRY(const Expr* right, Not());
    node->args = {left, right};
    TRY(left, Done(node));
  }
  return left;
}

Result<const Expr*> Parser::Not() {
  int count = 0;
  const int line = Now().line;
  while (Skip(Token::kName, "not")) ++count;
  TRY(const Expr* value, Compare());
  for (; count > 0; --count) {
    Expr* node = New(Expr::kNot, line);
    node->args = {value};
    TRY(value, Done(node));
  }
  return value;
}

Result<const Expr*> Parser::Compare() {
  static constexpr std::pair<std::string_view, Op> kComparisons[] = {{"==", Op::kEq}, {"!=", Op::kNe}, {"<", Op::kLt},
                                                                     {"<=", Op::kLe}, {">", Op::kGt},  {">=", Op::kGe}};
  TRY(const Expr* first, Sum());
  Expr* node = nullptr;
  for (;;) {
    const auto sign = std::ranges::find(kComparisons, Now().text, [](const auto& c) { return std::string_view(c.first); });
    Op op = Op::kIn;
    if (Now().type == Token::kOperator && sign != std::end(kComparisons)) {
      op = sign->second;
      Next();
    } else if (Now().Is(Token::kName, "not") && Ahead().Is(Token::kName, "in")) {
      op = Op::kNotIn;
      Next();
      Next();
    } else if (!Skip(Token::kName, "in")) {
      break;
    }
    if (!node) {
      node = New(Expr::kCompare, Now().line);
      node->args = {first};
    }
    TRY(const Expr* right, Sum());
    node->ops.push_back(op);
    node->args.push_back(right);
  }
  if (!node) return first;
  return Done(node);
}

Result<const Expr*> Parser::LeftAssociative(Rule part, std::span<const std::pair<std::string_view, Op>> operators) {
  TRY(const Expr* left, (this->*part)());
  for (;;) {
    const auto found = std::ranges::find(operators, Now().text, [](const auto& o) { return std::string_view(o.first); });
    if (Now().type != Token::kOperator || found == operators.end()) return left;
    Expr* node = New(Expr::kBinary, Next().line);
    node->op = found->second;
    TRY(const Expr* right, (this->*part)());
    node->args = {left, right};
    TRY(left, Done(node));
  }
}

Result<const Expr*> Parser::Sum() {
  static constexpr std::pair<std::string_view, Op> kOperators[] = {{"+", Op::kAdd}, {"-", Op::kSub}};
  return LeftAssociative(&Parser::Concat, kOperators);
}

Result<const Expr*> Parser::Concat() {
  TRY(const Expr* first, Product());
  if (!Now().Is(Token::kOperator, "~")) return first;
  Expr* node = New(Expr::kConcat, Now().line);
  node->args = {first};
  while (Skip(Token::kOperator, "~")) {
    TRY(const Expr* part, Product());
    node->args.push_back(part);
  }
  return Done(node);
}

Result<const Expr*> Parser::Product() {
  static constexpr std::pair<std::string_view, Op> kOperators[] = {
      {"*", Op::kMul}, {"/", Op::kDiv}, {"//", Op::kFloorDiv}, {"%", Op::kMod}};
  return LeftAssociative(&Parser::Power, kOperators);
}

Result<const Expr*> Parser::Power() {
  TRY(const Expr* left, Unary(true));
  while (Skip(Token::kOperator, "**")) {
    Expr* node = New(Expr::kBinary, Now().line);
    node->op = Op::kPow;
    TRY(const Expr* right, Unary(true));
    node->args = {left, right};
    TRY(left, Done(node));
  }
  return left;
}

Result<const Expr*> Parser::Unary(bool with_filters) {
  const int line = Now().line;
  const Expr* node = nullptr;
  const bool minus = Now().Is(Token::kOperator, "-");
  if (minus || Now().Is(Token::kOperator, "+")) {
    Next();
    TRY_OK(Deeper());
    Expr* sign = New(minus ? Expr::kNeg : Expr::kPos, line);
    TRY(const Expr* value, Unary(false));
    --nesting_;
    sign->args = {value};
    TRY(node, Done(sign));
  } else {
    TRY(node, Primary());
  }
  TRY(node, Postfix(node));
  if (!with_filters) return node;
  return FilterChain(node);
}

Result<const Expr*> Parser::PrimaryName() {
  const Token& token = Next();
  Expr* node = New(Expr::kConst, token.line);
  if (token.text == "true" || token.text == "True") {
    node->constant = true;
  } else if (token.text == "false" || token.text == "False") {
    node->constant = false;
  } else if (token.text == "none" || token.text == "None") {
    node->constant = None{};
  } else {
    node->type = Expr::kName;
    node->id = program_->names.Id(token.text);
    for (Stmt* function : functions_) {
      function->takes_caller |= node->id == kCallerId;
      function->takes_varargs |= node->id == kVarargsId;
      function->takes_kwargs |= node->id == kKwargsId;
    }
  }
  return node;
}

Result<const Expr*> Parser::Number() {
  const Token& token = Next();
  Expr* node = New(Expr::kConst, token.line);
  const char* end = token.text.data() + token.text.size();
  if (token.type == Token::kFloat) {
    double value = 0;
    const auto error = std::from_chars(token.text.data(), end, value).ec;
    if (error == std::errc::result_out_of_range) value = token.text.find("e-") == std::string::npos ? 1e308 * 10 : 0;
    node->constant = value;
    return node;
  }
  int64_t value = 0;
  if (std::from_chars(token.text.data(), end, value).ec != std::errc())
    return Error{Code::kUnsupported, Fmt("line %d: the integer %s has more than 64 bits", token.line, token.text.c_str())};
  node->constant = value;
  return node;
}

Result<const Expr*> Parser::Primary() {
  TRY_OK(Deeper());
  const Token& token = Now();
  Result<const Expr*> node = nullptr;
  if (token.type == Token::kName) {
    node = PrimaryName();
  } else if (token.type == Token::kString) {
    Expr* text = New(Expr::kConst, token.line);
    std::string joined;
    while (Now().type == Token::kString) joined += Next().text;
    text->constant = Text{Str(std::move(joined), nullptr), false};
    node = text;
  } else if (token.type == Token::kInteger || token.type == Token::kFloat) {
    node = Number();
  } else if (Skip(Token::kOperator, "(")) {
    node = TupleOrExpression({.parenthesised = true});
    if (node) TRY_OK(Expect(Token::kOperator, ")"));
  } else if (token.Is(Token::kOperator, "[")) {
    node = ListDisplay();
  } else if (token.Is(Token::kOperator, "{")) {
    node = DictDisplay();
  } else {
    return Unexpected("an expression");
  }
  --nesting_;
  return node;
}

Result<const Expr*> Parser::ListDisplay() {
  Expr* node = New(Expr::kList, Next().line);
  while (!Now().Is(Token::kOperator, "]")) {
    if (!node->args.empty()) TRY_OK(Expect(Token::kOperator, ","));
    if (Now().Is(Token::kOperator, "]")) break;
    TRY(const Expr* item, Expression());
    node->args.push_back(item);
  }
  Next();
  return Done(node);
}

Result<const Expr*> Parser::DictDisplay() {
  Expr* node = New(Expr::kDict, Next().line);
  while (!Now().Is(Token::kOperator, "}")) {
    if (!node->args.empty()) TRY_OK(Expect(Token::kOperator, ","));
    if (Now().Is(Token::kOperator, "}")) break;
    TRY(const Expr* key, Expression());
    TRY_OK(Expect(Token::kOperator, ":"));
    TRY(const Expr* value, Expression());
    node->args.push_back(key);
    node->args.push_back(value);
  }
  Next();
  return Done(node);
}

Result<const Expr*> Parser::Postfix(const Expr* node) {
  for (;;) {
    if (Now().Is(Token::kOperator, ".") || Now().Is(Token::kOperator, "[")) {
      TRY(node, Subscript(node));
    } else if (Now().Is(Token::kOperator, "(")) {
      Expr* call = New(Expr::kCall, Now().line);
      call->args = {node};
      TRY_OK(Arguments(call));
      TRY(node, Done(call));
    } else {
      return node;
    }
  }
}

Result<const Expr*> Parser::FilterChain(const Expr* node) {
  for (;;) {
    if (Now().Is(Token::kOperator, "|")) {
      TRY(node, Filters(node, false));
    } else if (Now().Is(Token::kName, "is")) {
      TRY(node, Test(node));
    } else if (Now().Is(Token::kOperator, "(")) {
      TRY(node, Postfix(node));
    } else {
      return node;
    }
  }
}

Result<const Expr*> Parser::Subscript(const Expr* node) {
  const int line = Now().line;
  if (Next().text == "[") return Bracket(node);
  if (Now().type == Token::kName) {
    Expr* attribute = New(Expr::kAttr, line);
    attribute->args = {node};
    attribute->name = Str(Next().text, nullptr);
    return Done(attribute);
  }
  if (Now().type != Token::kInteger) return Unexpected("a name or a number behind '.'");
  Expr* item = New(Expr::kItem, line);
  TRY(const Expr* index, Number());
  item->args = {node, index};
  return Done(item);
}

Result<const Expr*> Parser::Bracket(const Expr* node) {
  const int line = Now().line;
  const auto colon = [&] { return Now().Is(Token::kOperator, ":"); };
  const auto closed = [&] { return Now().Is(Token::kOperator, "]"); };
  const Expr* parts[3] = {};
  bool slice = false;
  for (int i = 0; i < 3; ++i) {
    if (!colon() && !closed()) {
      TRY(parts[i], Expression());
    }
    if (i == 0 && Now().Is(Token::kOperator, ",")) {  // x[1, 2]: a tuple as the key
      Expr* tuple = New(Expr::kTuple, line);
      tuple->args = {parts[0]};
      while (Skip(Token::kOperator, ",")) {
        TRY(const Expr* more, Expression());
        tuple->args.push_back(more);
      }
      TRY(parts[0], Done(tuple));
    }
    if (!Skip(Token::kOperator, ":")) break;
    slice = true;
  }
  TRY_OK(Expect(Token::kOperator, "]"));
  Expr* item = New(slice ? Expr::kSlice : Expr::kItem, line);
  if (!slice && !parts[0]) return Wrong("an index is missing in '[]'", line);
  item->args = {node, parts[0]};
  if (slice) item->args = {node, parts[0], parts[1], parts[2]};
  return Done(item);
}

// "(…)" appended to `call`.
Status Parser::Arguments(Expr* call) {
  TRY_OK(Expect(Token::kOperator, "("));
  for (bool first = true; !Now().Is(Token::kOperator, ")"); first = false) {
    if (!first) TRY_OK(Expect(Token::kOperator, ","));
    if (Now().Is(Token::kOperator, ")")) break;
    if (Skip(Token::kOperator, "*")) {
      if (call->star || call->star_star) return Wrong("a second '*' among the arguments");
      TRY(call->star, Expression());
    } else if (Skip(Token::kOperator, "**")) {
      if (call->star_star) return Wrong("a second '**' among the arguments");
      TRY(call->star_star, Expression());
    } else if (Now().type == Token::kName && Ahead().Is(Token::kOperator, "=")) {
      Str name(Next().text, nullptr);
      Next();
      TRY(const Expr* value, Expression());
      call->named.emplace_back(std::move(name), value);
    } else {
      if (call->star || call->star_star || !call->named.empty()) return Wrong("a positional argument behind named ones");
      TRY(const Expr* value, Expression());
      call->args.push_back(value);
    }
  }
  Next();
  return {};
}

Result<std::string> Parser::DottedName() {
  if (Now().type != Token::kName) return Unexpected("the name of a filter or test");
  std::string name = Next().text;
  while (Skip(Token::kOperator, ".")) {
    if (Now().type != Token::kName) return Unexpected("a name");
    name += "." + Next().text;
  }
  return name;
}

Result<const Expr*> Parser::Filters(const Expr* node, bool inline_first) {
  while (inline_first || Skip(Token::kOperator, "|")) {
    inline_first = false;
    Expr* filter = New(Expr::kFilter, Now().line);
    TRY(std::string name, DottedName());
    filter->name = Str(std::move(name), nullptr);
    filter->args = {node};
    if (Now().Is(Token::kOperator, "(")) TRY_OK(Arguments(filter));
    TRY(node, Done(filter));
  }
  return node;
}

Result<const Expr*> Parser::Test(const Expr* node) {
  const int line = Next().line;
  const bool negated = Skip(Token::kName, "not");
  Expr* test = New(Expr::kTest, line);
  TRY(std::string name, DottedName());
  test->name = Str(std::move(name), nullptr);
  test->args = {node};
  const Token& next = Now();
  const bool operand = next.type == Token::kString || next.type == Token::kInteger || next.type == Token::kFloat ||
                       next.Is(Token::kOperator, "[") || next.Is(Token::kOperator, "{") ||
                       (next.type == Token::kName && next.text != "else" && next.text != "or" && next.text != "and");
  if (next.Is(Token::kOperator, "(")) {
    TRY_OK(Arguments(test));
  } else if (operand) {
    if (next.text == "is" && next.type == Token::kName) return Wrong("tests cannot be chained with 'is'");
    // "x is defined if y": the word belongs to what follows.
    if (!next.Is(Token::kName, "if") && !next.Is(Token::kName, "in") && !next.Is(Token::kName, "not")) {
      TRY(const Expr* argument, Primary());
      TRY(argument, Postfix(argument));
      test->args.push_back(argument);
    }
  }
  TRY(const Expr* done, Done(test));
  if (!negated) return done;
  Expr* no = New(Expr::kNot, line);
  no->args = {done};
  return Done(no);
}

}  // namespace hasten::jinja
