// A parsed template: expressions and statements, all owned by one Program.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "text/jinja/value.h"

namespace hasten::jinja {

enum class Op : uint8_t { kAdd, kSub, kMul, kDiv, kFloorDiv, kMod, kPow, kEq, kNe, kLt, kLe, kGt, kGe, kIn, kNotIn };

struct Expr {
  enum Type : uint8_t {
    kConst,   // constant
    kName,    // id
    kList,    // args
    kTuple,   // args
    kDict,    // args: key, value, key, value…
    kAttr,    // args[0].name
    kItem,    // args[0][args[1]]
    kSlice,   // args[0][args[1]:args[2]:args[3]], each of them or nullptr
    kCall,    // args[0](the rest, named, *star, **star_star)
    kFilter,  // args[0] | name(the rest …); args[0] is nullptr for the body of a block
    kTest,    // args[0] is name(the rest …)
    kNot,     // args[0], and so below
    kNeg,
    kPos,
    kAnd,
    kOr,
    kBinary,   // args[0] op args[1]
    kConcat,   // args
    kCompare,  // args[0] ops[0] args[1] ops[1] args[2]…
    kCond,     // args[0] if args[1] else args[2], which may be nullptr
    kNsRef,    // id.name, to be assigned to
  };
  Type type = kConst;
  Op op = Op::kAdd;
  int line = 0;
  int depth = 1;
  uint32_t id = 0;
  Str name;
  Value constant;
  std::vector<const Expr*> args;
  std::vector<Op> ops;
  std::vector<std::pair<Str, const Expr*>> named;
  const Expr* star = nullptr;
  const Expr* star_star = nullptr;
};

struct Stmt {
  enum Type : uint8_t {
    kData,      // constant
    kPrint,     // expr
    kIf,        // branches
    kFor,       // target in expr if test: body else otherwise
    kSet,       // target = expr
    kSetBlock,  // target = body through expr (a chain of filters, or nullptr)
    kMacro,     // name, id, params, body
    kCall,      // expr is the call, params and body are the caller
    kFilter,    // body through expr
    kWith,      // params with their values, body
    kScope,     // body with names of its own: block, generation
    kEscape,    // body, escaped if expr
    kBreak,
    kContinue,
    kRefuse,  // name: what a template may not do, such as include
  };
  struct Branch {
    const Expr* test;  // nullptr: else
    std::vector<const Stmt*> body;
  };
  struct Param {
    uint32_t id;
    Str name;
    const Expr* value;             // default, or nullptr
    const Expr* target = nullptr;  // of a with
  };
  Type type = kData;
  int line = 0;
  uint32_t id = 0;
  Str name;
  Value constant;
  const Expr* target = nullptr;
  const Expr* expr = nullptr;
  const Expr* test = nullptr;
  bool recursive = false, takes_varargs = false, takes_kwargs = false, takes_caller = false;
  std::vector<Branch> branches;
  std::vector<Param> params;
  std::vector<const Stmt*> body, otherwise;
};

// Names that templates give to variables, as small numbers.
class Names {
 public:
  uint32_t Id(std::string_view name) {
    const auto [it, fresh] = ids_.try_emplace(std::string(name), uint32_t(texts_.size()));
    if (fresh) texts_.emplace_back(std::string(name), nullptr);
    return it->second;
  }
  const Str& Text(uint32_t id) const { return texts_[id]; }
  size_t size() const { return texts_.size(); }
  bool Has(std::string_view name) const { return ids_.contains(std::string(name)); }

 private:
  std::unordered_map<std::string, uint32_t> ids_;
  std::vector<Str> texts_;
};

struct Program {
  std::deque<Expr> exprs;
  std::deque<Stmt> stmts;
  std::vector<const Stmt*> body;
  Names names;
  size_t source_bytes = 0;
};

}  // namespace hasten::jinja
