// Inside of the parser: recursive descent over the tokens, one method for each rule of Jinja's grammar.
#pragma once

#include <initializer_list>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "text/jinja/ast.h"
#include "text/jinja/lexer.h"
#include "text/jinja/parser.h"

namespace hasten::jinja {

class Parser {
 public:
  Parser(std::vector<Token> tokens, size_t source_bytes) : tokens_(std::move(tokens)) { program_->source_bytes = source_bytes; }
  Result<std::unique_ptr<const Program>> Run();

 private:
  // Brackets or blocks inside of one another: a dozen calls each, so the stack sets the limit.
  static constexpr int kMostNested = 150;
  static constexpr int kMostDepth = 600;  // of an expression's tree, which long chains of operators make deep too

  const Token& Now() const { return tokens_[at_]; }
  const Token& Ahead() const { return tokens_[std::min(at_ + 1, tokens_.size() - 1)]; }
  const Token& Next() { return at_ + 1 < tokens_.size() ? tokens_[at_++] : tokens_[at_]; }
  bool Skip(Token::Type type, std::string_view text) {
    if (!Now().Is(type, text)) return false;
    Next();
    return true;
  }
  Error Wrong(std::string what, int line = 0) const;
  Error Unexpected(std::string_view wanted) const;
  Status Expect(Token::Type type, std::string_view text);
  Status ExpectTagEnd();
  Status Deeper();  // counts one in; the caller counts it out
  Stmt* New(Stmt::Type type) {
    program_->stmts.push_back({});
    program_->stmts.back().type = type;
    program_->stmts.back().line = Now().line;
    return &program_->stmts.back();
  }

  // Statements. Each takes its own first word and leaves the closing "%}".
  bool AtTag(std::span<const std::string_view> words) const;
  Result<std::vector<const Stmt*>> Body(std::initializer_list<std::string_view> ends);
  Result<std::vector<const Stmt*>> BodyTo(std::string_view end);
  Status Statement(std::vector<const Stmt*>& body);
  Status If(std::vector<const Stmt*>& body);
  Status For(std::vector<const Stmt*>& body);
  Status Set(std::vector<const Stmt*>& body);
  Status Params(Stmt* node);
  Status FunctionBody(Stmt* node, std::string_view end);
  Status Macro(std::vector<const Stmt*>& body);
  Status CallBlock(std::vector<const Stmt*>& body);
  Status FilterBlock(std::vector<const Stmt*>& body);
  Status With(std::vector<const Stmt*>& body);
  Status Block(std::vector<const Stmt*>& body);
  Status Generation(std::vector<const Stmt*>& body);
  Status Escape(std::vector<const Stmt*>& body);
  Status Print(std::vector<const Stmt*>& body);
  Status Jump(std::vector<const Stmt*>& body);
  Status Foreign(std::vector<const Stmt*>& body);

  // Expressions, from what binds loosest to what binds tightest.
  struct TupleOptions {
    bool conditional = true;     // "a if b" is allowed without parentheses
    std::string_view end = {};   // a word that ends the tuple
    bool parenthesised = false;  // may be empty
  };
  struct TargetOptions {
    std::string_view end = {};
    bool with_namespace = false;
  };
  Result<const Expr*> TupleOrExpression(TupleOptions options);
  Result<const Expr*> Target(TargetOptions options);
  Result<const Expr*> TargetPart(bool with_namespace);
  Result<const Expr*> Expression();
  Result<const Expr*> Or();
  Result<const Expr*> And();
  Result<const Expr*> Not();
  Result<const Expr*> Compare();
  Result<const Expr*> Sum();
  Result<const Expr*> Concat();
  Result<const Expr*> Product();
  Result<const Expr*> Power();
  Result<const Expr*> Unary(bool with_filters);
  Result<const Expr*> Primary();
  Result<const Expr*> PrimaryName();
  Result<const Expr*> Number();
  Result<const Expr*> ListDisplay();
  Result<const Expr*> DictDisplay();
  Result<const Expr*> Postfix(const Expr* node);
  Result<const Expr*> FilterChain(const Expr* node);
  Result<const Expr*> Subscript(const Expr* node);
  Result<const Expr*> Bracket(const Expr* node);
  Status Arguments(Expr* call);
  Result<const Expr*> Filters(const Expr* node, bool inline_first);
  Result<const Expr*> Test(const Expr* node);

  using Rule = Result<const Expr*> (Parser::*)();
  Result<const Expr*> LeftAssociative(Rule part, std::span<const std::pair<std::string_view, Op>> operators);
  Result<std::string> DottedName();
  Expr* New(Expr::Type type, int line) {
    program_->exprs.push_back({});
    program_->exprs.back().type = type;
    program_->exprs.back().line = line;
    return &program_->exprs.back();
  }
  // Works out the depth of a finished node.
  Result<const Expr*> Done(Expr* node) const;

  std::vector<Token> tokens_;
  size_t at_ = 0;
  std::unique_ptr<Program> program_ = std::make_unique<Program>();
  std::vector<Stmt*> functions_;  // macros and callers around the current place
  int loops_ = 0, nesting_ = 0;
};

}  // namespace hasten::jinja
