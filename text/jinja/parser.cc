// Statements; expressions are in parse_expression.cc.
#include "text/jinja/parser.h"

#include <algorithm>

#include "base/quote.h"
#include "text/jinja/parse.h"

namespace hasten::jinja {

static constexpr size_t kMostSourceBytes = 4 << 20;  // published templates end at 40 KB

Error Parser::Wrong(std::string what, int line) const {
  return {Code::kCorrupt, Fmt("line %d: ", line > 0 ? line : Now().line) + what};
}

Error Parser::Unexpected(std::string_view wanted) const {
  return Wrong("expected " + std::string(wanted) + ", found " + Printable(Describe(Now())));
}

Status Parser::Deeper() {
  if (++nesting_ <= kMostNested) return {};
  return Error{Code::kUnsupported, Fmt("line %d: blocks and brackets nested deeper than %d", Now().line, kMostNested)};
}

Status Parser::Expect(Token::Type type, std::string_view text) {
  if (!Skip(type, text)) return Unexpected("'" + std::string(text) + "'");
  return {};
}

Status Parser::ExpectTagEnd() {
  if (Now().type != Token::kTagEnd) return Unexpected("the end of the tag, '%}'");
  Next();
  return {};
}

Result<std::unique_ptr<const Program>> Parser::Run() {
  for (const char* name : {"loop", "caller", "varargs", "kwargs"}) program_->names.Id(name);
  TRY(program_->body, Body({}));
  return std::unique_ptr<const Program>(std::move(program_));
}

bool Parser::AtTag(std::span<const std::string_view> words) const {
  return Now().type == Token::kName && std::ranges::find(words, Now().text) != words.end();
}

// Statements until a tag that begins with one of `ends`, which is left as the current token.
Result<std::vector<const Stmt*>> Parser::Body(std::initializer_list<std::string_view> ends) {
  std::vector<const Stmt*> body;
  const int line = Now().line;
  if (++nesting_ > kMostNested)
    return Error{Code::kUnsupported, Fmt("line %d: blocks nested deeper than %d", line, kMostNested)};
  while (Now().type != Token::kEnd) {
    if (Now().type == Token::kData) {
      Stmt* data = New(Stmt::kData);
      data->constant = Text{Str(Next().text, nullptr), false};
      body.push_back(data);
    } else if (Now().type == Token::kPrintBegin) {
      Stmt* print = New(Stmt::kPrint);
      Next();
      TRY(print->expr, TupleOrExpression({}));
      if (Now().type != Token::kPrintEnd) return Unexpected("'}}'");
      Next();
      body.push_back(print);
    } else {
      Next();
      if (AtTag({ends.begin(), ends.size()})) {
        --nesting_;
        return body;
      }
      TRY_OK(Statement(body));
      TRY_OK(ExpectTagEnd());
    }
  }
  if (ends.size() > 0) return Wrong("the block is never closed: '" + std::string(*(ends.end() - 1)) + "' is missing", line);
  --nesting_;
  return body;
}

// A body that ends with exactly `end`, both taken.
Result<std::vector<const Stmt*>> Parser::BodyTo(std::string_view end) {
  Skip(Token::kOperator, ":");
  TRY_OK(ExpectTagEnd());
  TRY(auto body, Body({end}));
  Next();
  return body;
}

// One statement behind "{%", up to its "%}" (not taken).
Status Parser::Statement(std::vector<const Stmt*>& body) {
  using Parse = Status (Parser::*)(std::vector<const Stmt*>&);
  static constexpr std::pair<std::string_view, Parse> kStatements[] = {
      {"if", &Parser::If},           {"for", &Parser::For},           {"set", &Parser::Set},
      {"macro", &Parser::Macro},     {"call", &Parser::CallBlock},    {"filter", &Parser::FilterBlock},
      {"with", &Parser::With},       {"block", &Parser::Block},       {"generation", &Parser::Generation},
      {"print", &Parser::Print},     {"break", &Parser::Jump},        {"continue", &Parser::Jump},
      {"include", &Parser::Foreign}, {"import", &Parser::Foreign},    {"from", &Parser::Foreign},
      {"extends", &Parser::Foreign}, {"autoescape", &Parser::Escape},
  };
  if (Now().type != Token::kName) return Unexpected("the name of a tag");
  const auto found = std::ranges::find(kStatements, Now().text, [](const auto& s) { return std::string_view(s.first); });
  if (found == std::end(kStatements)) return Wrong("unknown tag '" + Printable(Now().text) + "'");
  return (this->*found->second)(body);
}

Status Parser::If(std::vector<const Stmt*>& body) {
  Stmt* node = New(Stmt::kIf);
  for (bool more = true; more;) {
    Stmt::Branch branch{nullptr, {}};
    const bool otherwise = Now().text == "else";
    Next();
    if (!otherwise) {
      TRY(branch.test, TupleOrExpression({.conditional = false}));
    }
    Skip(Token::kOperator, ":");
    TRY_OK(ExpectTagEnd());
    if (otherwise) {
      TRY(branch.body, Body({"endif"}));
    } else {
      TRY(branch.body, Body({"elif", "else", "endif"}));
    }
    more = Now().text != "endif";
    node->branches.push_back(std::move(branch));
  }
  Next();
  body.push_back(node);
  return {};
}

Status Parser::For(std::vector<const Stmt*>& body) {
  Stmt* node = New(Stmt::kFor);
  Next();
  TRY(node->target, Target({.end = "in"}));
  TRY_OK(Expect(Token::kName, "in"));
  TRY(node->expr, TupleOrExpression({.conditional = false, .end = "recursive"}));
  if (Skip(Token::kName, "if")) {
    TRY(node->test, Expression());
  }
  node->recursive = Skip(Token::kName, "recursive");
  Skip(Token::kOperator, ":");
  TRY_OK(ExpectTagEnd());
  ++loops_;
  TRY(node->body, Body({"else", "endfor"}));
  --loops_;
  if (Next().text == "else") {
    TRY(node->otherwise, BodyTo("endfor"));
  }
  body.push_back(node);
  return {};
}

Status Parser::Set(std::vector<const Stmt*>& body) {
  Stmt* node = New(Stmt::kSet);
  Next();
  TRY(node->target, Target({.with_namespace = true}));
  body.push_back(node);
  if (Skip(Token::kOperator, "=")) {
    TRY(node->expr, TupleOrExpression({}));
    return {};
  }
  node->type = Stmt::kSetBlock;
  if (Now().Is(Token::kOperator, "|")) {
    TRY(node->expr, Filters(nullptr, false));
  }
  TRY(node->body, BodyTo("endset"));
  return {};
}

Status Parser::Params(Stmt* node) {
  TRY_OK(Expect(Token::kOperator, "("));
  while (!Now().Is(Token::kOperator, ")")) {
    if (!node->params.empty()) TRY_OK(Expect(Token::kOperator, ","));
    if (Now().type != Token::kName) return Unexpected("the name of a parameter");
    Stmt::Param param{program_->names.Id(Now().text), Str(Now().text, nullptr), nullptr};
    Next();
    if (Skip(Token::kOperator, "=")) {
      TRY(param.value, Expression());
    } else if (!node->params.empty() && node->params.back().value) {
      return Wrong("a parameter without a default behind one that has it");
    }
    node->params.push_back(std::move(param));
  }
  Next();
  return {};
}

// The body of a macro or caller: a function of its own, so no break leaves it for a loop outside.
Status Parser::FunctionBody(Stmt* node, std::string_view end) {
  const int loops = std::exchange(loops_, 0);
  functions_.push_back(node);
  TRY(node->body, BodyTo(end));
  functions_.pop_back();
  loops_ = loops;
  for (const Stmt::Param& p : node->params) node->takes_caller &= p.id != kCallerId;  // then it is an argument like others
  return {};
}

Status Parser::Macro(std::vector<const Stmt*>& body) {
  Stmt* node = New(Stmt::kMacro);
  Next();
  if (Now().type != Token::kName) return Unexpected("the macro's name");
  node->id = program_->names.Id(Now().text);
  node->name = Str(Next().text, nullptr);
  TRY_OK(Params(node));
  TRY_OK(FunctionBody(node, "endmacro"));
  body.push_back(node);
  return {};
}

Status Parser::CallBlock(std::vector<const Stmt*>& body) {
  Stmt* node = New(Stmt::kCall);
  Next();
  node->name = Str("caller", nullptr);
  if (Now().Is(Token::kOperator, "(")) TRY_OK(Params(node));
  TRY(node->expr, Expression());
  if (node->expr->type != Expr::kCall) return Wrong("expected the call of a macro", node->line);
  TRY_OK(FunctionBody(node, "endcall"));
  body.push_back(node);
  return {};
}

Status Parser::FilterBlock(std::vector<const Stmt*>& body) {
  Stmt* node = New(Stmt::kFilter);
  Next();
  TRY(node->expr, Filters(nullptr, true));
  TRY(node->body, BodyTo("endfilter"));
  body.push_back(node);
  return {};
}

Status Parser::With(std::vector<const Stmt*>& body) {
  Stmt* node = New(Stmt::kWith);
  Next();
  while (Now().type != Token::kTagEnd) {
    if (!node->params.empty()) TRY_OK(Expect(Token::kOperator, ","));
    Stmt::Param param{0, {}, nullptr};
    TRY(param.target, Target({}));
    TRY_OK(Expect(Token::kOperator, "="));
    TRY(param.value, Expression());
    node->params.push_back(std::move(param));
  }
  TRY(node->body, BodyTo("endwith"));
  body.push_back(node);
  return {};
}

// Without inheritance a block is its own body.
Status Parser::Block(std::vector<const Stmt*>& body) {
  Stmt* node = New(Stmt::kScope);
  Next();
  if (Now().type != Token::kName) return Unexpected("the block's name");
  const std::string name = Next().text;
  Skip(Token::kName, "scoped");
  Skip(Token::kName, "required");
  TRY(node->body, BodyTo("endblock"));
  Skip(Token::kName, name);
  body.push_back(node);
  return {};
}

Status Parser::Generation(std::vector<const Stmt*>& body) {
  Stmt* node = New(Stmt::kScope);
  Next();
  TRY(node->body, BodyTo("endgeneration"));
  body.push_back(node);
  return {};
}

Status Parser::Escape(std::vector<const Stmt*>& body) {
  Stmt* node = New(Stmt::kEscape);
  Next();
  TRY(node->expr, Expression());
  TRY(node->body, BodyTo("endautoescape"));
  body.push_back(node);
  return {};
}

Status Parser::Print(std::vector<const Stmt*>& body) {
  Next();
  while (Now().type != Token::kTagEnd) {
    Stmt* node = New(Stmt::kPrint);
    TRY(node->expr, Expression());
    body.push_back(node);
    if (Now().type != Token::kTagEnd) TRY_OK(Expect(Token::kOperator, ","));
  }
  return {};
}

Status Parser::Jump(std::vector<const Stmt*>& body) {
  Stmt* node = New(Now().text == "break" ? Stmt::kBreak : Stmt::kContinue);
  if (loops_ == 0) return Wrong("'" + Now().text + "' outside of a loop");
  Next();
  body.push_back(node);
  return {};
}

// Tags that would read other files parse, and refuse when they are reached.
Status Parser::Foreign(std::vector<const Stmt*>& body) {
  Stmt* node = New(Stmt::kRefuse);
  node->name = Str(Next().text, nullptr);
  while (Now().type != Token::kTagEnd && Now().type != Token::kEnd) Next();
  body.push_back(node);
  return {};
}

Result<std::unique_ptr<const Program>> ParseTemplate(std::string_view source) {
  if (source.size() > kMostSourceBytes)
    return Error{Code::kUnsupported, Fmt("the template has %zu bytes, %zu are the most", source.size(), kMostSourceBytes)};
  TRY(auto tokens, Tokenize(source));
  return Parser(std::move(tokens), source.size()).Run();
}

}  // namespace hasten::jinja
