// From a schema document to JSON shapes.
//
// A value is what satisfies a set of subschemas, each asked for or forbidden (a literal). Expanding such a set resolves
// references and combinators into alternatives without any (disjunctive normal form); an alternative's constraints on each
// type become one shape, whose members and items are such sets again. Equal sets are one value, so recursion ends.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "text/grammar/grammar.h"
#include "text/schema/document.h"
#include "text/schema/numbers.h"
#include "text/schema/schema.h"

namespace hasten::schema {

using grammar::ReId;
using grammar::ValueId;

// A subschema that has to hold, or, where the lowest bit is set, must not.
using Lit = uint32_t;
inline Lit Holds(NodeId n) { return n << 1; }
inline Lit Fails(NodeId n) { return n << 1 | 1; }
using Lits = std::vector<Lit>;
using Choice = std::vector<Lits>;  // one of these

enum TypeBits : uint8_t {
  kNull = 1,
  kFalse = 2,
  kTrue = 4,
  kNumber = 8,
  kString = 16,
  kArray = 32,
  kObject = 64,
  kAllTypes = 127
};

struct ContainsRule {
  Lit item;
  uint32_t least, most;
};

// The constraints of one alternative so far.
struct Partial {
  uint8_t types = kAllTypes;
  std::vector<ReId> content;  // of strings: all of these
  uint32_t least_chars = 0, most_chars = grammar::kNoLimit;
  NumberRange range = {};
  std::vector<ReId> numbers;           // as written: all of these
  std::vector<NodeId> members, items;  // subschemas whose properties and items are to be kept
  std::vector<std::string> required = {};
  std::map<std::string, std::vector<std::string>> implications = {};
  Lits names = {};
  uint32_t least_members = 0, most_members = grammar::kNoLimit;
  uint32_t least_items = 0, most_items = grammar::kNoLimit;
  std::vector<ContainsRule> contains = {};
  bool unique = false;
  NodeId unique_at = 0;
  std::set<Lit> done = {};
};

class Compiler {
 public:
  Compiler(grammar::Grammar& g, Document document, const SchemaOptions& options)
      : g_(g), d_(std::move(document)), options_(options) {}
  Result<ValueId> Compile();

 private:
  struct Work {
    Partial p;
    Lits todo;
    std::vector<Choice> choices;
  };
  struct Slot {
    Lits lits;
    enum class State : uint8_t { kNew, kBusy, kReady, kFailed } state = State::kNew;
    grammar::Value value = {};
    std::optional<Error> error = {};
  };

  // compiler.cc
  Lit Target(Lit lit);
  ValueId ValueOf(Lits lits);
  void Expand(ValueId id);
  bool IsEmpty(ValueId id, size_t depth);
  Status Run(Work w, std::vector<Partial>& out, size_t depth);
  bool MayHold(const Work& w, const Lits& lits);
  Error Refuse(NodeId n, const std::string& keyword, const std::string& why, Code code = Code::kUnsupported) const;

  // apply.cc
  Status Apply(Work& w, Lit lit);
  Status ApplyKeyword(Work& w, NodeId n, const std::string& keyword, const Json& value);
  Status ApplyNumeric(Work& w, NodeId n, const std::string& keyword, const Json& value);
  Status ApplyString(Work& w, NodeId n, const std::string& keyword, const Json& value);
  Status ApplyCombinator(Work& w, NodeId n, const std::string& keyword, const Json& value);
  Status ApplyObject(Work& w, NodeId n, const std::string& keyword, const Json& value);
  Status ApplyArray(Work& w, NodeId n, const std::string& keyword, const Json& value);
  Status ApplyUnlike(Work& w, NodeId n, const Json& value);
  Status ApplyEnum(Work& w, NodeId n, const Json& values);
  Status OneOf(Work& w, NodeId n, const Json& branches);
  void ImplyType(Work& w, NodeId n);
  Result<uint32_t> Count(NodeId n, const std::string& keyword, const Json& value) const;
  Result<ReId> Pattern(NodeId n, const std::string& keyword, const Json& value);
  Result<NodeId> Sub(NodeId n, const std::string& keyword, const Json& value, const std::string& step = "");
  NodeId Made(NodeId n, Json json) { return d_.Make(n, std::move(json)); }

  // negate.cc
  Status Negate(Work& w, NodeId n);
  Result<Choice> Negation(NodeId n);
  Status NegateKeyword(NodeId n, const std::string& keyword, const Json& value, Choice& out);
  Status NegateMembers(NodeId n, const std::string& keyword, const Json& value, Choice& out);
  Status NegateItems(NodeId n, const std::string& keyword, const Json& value, Choice& out);
  Status NegateEnum(NodeId n, const Json& values, Choice& out);

  // emit.cc
  Status Emit(const Partial& p, grammar::Value& value);
  Status EmitObject(const Partial& p, grammar::Value& value);
  Status EmitArray(const Partial& p, grammar::Value& value);
  Status EmitString(const Partial& p, grammar::Value& value);
  struct PatternRule {
    NodeId node;
    ReId pattern;
    Lit value;
  };
  Result<std::vector<PatternRule>> Patterns(const Partial& p);
  Result<bool> NameAllowed(const Partial& p, const std::string& name);
  Result<std::optional<Lits>> MemberLits(const Partial& p, const std::vector<PatternRule>& patterns, const std::string& name);
  Status EmitClasses(const Partial& p, const std::vector<PatternRule>& patterns, const std::vector<std::string>& names,
                     grammar::ObjectShape& shape);
  Result<ReId> NamesRegex(const Partial& p);
  bool Matches(ReId id, std::string_view text);
  bool Impossible(ReId id);

  // prune.cc
  void Prune(std::vector<ValueId>& reachable);

  grammar::Grammar& g_;
  Document d_;
  const SchemaOptions options_;
  std::vector<std::unique_ptr<Slot>> slots_;
  std::map<Lits, ValueId> slot_of_;
  std::unordered_map<NodeId, Choice> negations_;
  std::unordered_map<std::string, ReId> patterns_;
  std::map<std::pair<const Json*, NodeId>, Choice> enums_;
  std::unordered_map<ReId, bool> impossible_;
  std::map<std::pair<NodeId, std::string>, Lit> made_lits_;
  size_t alternatives_ = 0, applied_ = 0, running_ = 0;
};

// The key under which a made schema holds literals.
inline constexpr char kLitsKey[] = "\x01lits";
// The key under which it holds what scalars must not be: pattern, format or enum.
inline constexpr char kUnlikeKey[] = "\x01unlike";

}  // namespace hasten::schema
