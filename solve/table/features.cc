#include <algorithm>
#include <set>

#include "solve/lang/ops.h"
#include "solve/lang/tokens.h"
#include "solve/table/learned_costs.h"

namespace hasten::solve {

namespace {

// Which of few things an argument chooses; nothing of a text of the user's own.
std::string Choice(const Op& op, size_t i, const Expr& arg) {
  if (arg.kind == Expr::Kind::kNumber) {
    const bool ordinal = op.name == "field" || op.name == "match" || op.name == "find" || op.name == "token" ||
                         op.name == "number" || op.name == "between";
    if (!ordinal || i != (op.name == "number" ? 1 : op.name == "between" ? 3 : 2)) return {};
    return arg.number == 1 ? " first" : arg.number == -1 ? " last" : arg.number > 0 ? " nth" : " nth last";
  }
  if (arg.kind != Expr::Kind::kText) return {};
  const bool chosen = FindTokenKind(arg.text) || FindMomentPart(arg.text) || DateOrderNamed(arg.text) || op.name == "look_up" ||
                      (op.name == "round" && i == 4) || (op.name == "items" && i == 2);
  return chosen && op.name != "concat" ? " " + arg.text : std::string();
}

// A text that is said more than once, as that of both ends of a slice, is one thought.
void Collect(const Expr& e, bool condition, std::set<std::string>& said, std::vector<std::string>& features) {
  const std::string where = condition ? "if " : "";
  if (e.kind != Expr::Kind::kOp || !said.insert(where + Print(e, {})).second) return;
  features.push_back(where + std::string(e.op->name));
  std::string choices = features.back();
  for (size_t i = 0; i < e.args.size(); ++i) {
    const Expr& arg = e.args[i];
    choices += Choice(*e.op, i, arg);
    if (e.op->name == "concat" && arg.kind == Expr::Kind::kText) {
      const std::string shape = ShapeOf(arg.text);
      const bool digits = shape.find('9') != std::string::npos, letters = shape.find_first_of("Aa") != std::string::npos;
      features.push_back(std::string("text of ") + (digits ? "digits" : letters ? "letters" : "marks"));
    }
    Collect(arg, condition || (e.op->name == "if" && i == 0), said, features);
  }
  if (choices != where + std::string(e.op->name)) features.push_back(choices);
}

}  // namespace

std::vector<std::string> FeaturesOf(const Expr& program) {
  std::vector<std::string> features;
  std::set<std::string> said;
  Collect(program, false, said, features);
  return features;
}

float CostLearned(const Expr& program) {
  float cost = 0;
  const auto table = LearnedCosts();
  for (const std::string& feature : FeaturesOf(program)) {
    const auto found = std::lower_bound(table.begin(), table.end(), feature,
                                        [](const LearnedCost& row, const std::string& name) { return row.feature < name; });
    if (found != table.end() && found->feature == feature) cost += found->cost;
  }
  return cost;
}

}  // namespace hasten::solve
