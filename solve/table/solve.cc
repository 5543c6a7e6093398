#include "solve/table/solve.h"

#include <algorithm>
#include <bit>
#include <functional>
#include <map>
#include <set>

#include "base/quote.h"
#include "solve/lang/ops.h"
#include "solve/table/learned_costs.h"
#include "solve/table/predicates.h"

namespace hasten::solve {

namespace {

constexpr size_t kFirstRows = 6, kMostRows = 12, kOtherRows = 40, kPrograms = 24, kShown = 8;

// Rows told apart by a predicate, with a program for each side.
struct Division {
  Predicate predicate;
  uint32_t yes;  // the looked-at rows on which it holds
  Candidate one, other;
  float cost;
};

class Solver {
 public:
  Solver(const TableTask& task, const Budget& budget, bool learned) : budget_(budget), learned_(learned) {
    for (const Row& row : task.rows) (row.want == Row::Want::kAsk ? asked_ : given_).push_back(&row);
    Thin(asked_, 50 * kOtherRows);
    std::set<std::vector<Cell>> seen;
    std::erase_if(asked_, [&](const Row* row) { return !seen.insert(row->cells).second; });
    Thin(asked_, kOtherRows);
    std::set<std::vector<Cell>> different;
    for (const Row* row : given_) {
      if (different.insert(row->cells).second) distinct_.push_back(row);
    }
    looked_at_.assign(distinct_.begin(), distinct_.begin() + long(std::min(distinct_.size(), kFirstRows)));
  }

  // Looks at a few rows; one that the best program gets wrong joins them.
  TableAnswer Solve() {
    TableAnswer answer;
    answer.given = given_.size();
    while (true) {
      std::vector<Candidate> found = Search();
      if (learned_) {
        for (Candidate& c : found) c.cost += CostLearned(c.program);
        std::stable_sort(found.begin(), found.end(), [](const Candidate& a, const Candidate& b) { return a.cost < b.cost; });
      }
      const Row* wrong = nullptr;
      std::vector<Candidate> right;
      for (Candidate& c : found) {
        const Row* const first = FirstWrong(c.program);
        if (first && !wrong) wrong = first;
        if (!first) right.push_back(std::move(c));
      }
      if (!right.empty() || !wrong || looked_at_.size() == kMostRows || budget_.Over()) {
        for (Candidate& c : right) KeepBlank(c.program);
        answer.programs = Different(std::move(right));
        break;
      }
      looked_at_.push_back(wrong);
    }
    answer.held_out = distinct_.size() - looked_at_.size();
    answer.tried = tried_;
    answer.seconds = budget_.Elapsed();
    answer.out_of_time = budget_.Over();
    return answer;
  }

 private:
  static void Thin(std::vector<const Row*>& rows, size_t most) {
    if (rows.size() <= most) return;
    std::vector<const Row*> some;
    for (size_t i = 0; i < most; ++i) some.push_back(rows[i * rows.size() / most]);
    rows = std::move(some);
  }

  static bool Blank(const Row& row) {
    return std::all_of(row.cells.begin(), row.cells.end(), [](const Cell& c) { return c && c->empty(); });
  }

  // What has nothing to work on stays blank, where the table has such rows and
  // the program says nothing of them.
  void KeepBlank(Expr& program) const {
    const bool silent =
        std::any_of(asked_.begin(), asked_.end(), [&](const Row* row) { return Blank(*row) && !Answer(program, row->cells); });
    const bool wanted = std::any_of(given_.begin(), given_.end(),
                                    [&](const Row* row) { return Blank(*row) && row->want == Row::Want::kNothing; });
    if (silent && !wanted)
      program = Apply("first", {program, Apply("if", {Apply("empty", {Input(0)}), Text(""), Apply("nothing", {})})});
  }

  const Row* FirstWrong(const Expr& program) const {
    for (const Row* row : distinct_) {
      if (!Right(program, *row)) return row;
    }
    return nullptr;
  }

  View Look(uint32_t rows, bool with_others) const {
    View view;
    for (size_t i = 0; i < looked_at_.size(); ++i) {
      if (rows >> i & 1) view.rows.push_back(looked_at_[i]);
    }
    view.given = view.rows.size();
    if (with_others) view.rows.insert(view.rows.end(), asked_.begin(), asked_.end());
    return view;
  }

  bool Nothing(size_t i) const { return looked_at_[i]->want == Row::Want::kNothing; }

  // One program for all; else rows divided by a condition.
  std::vector<Candidate> Search() {
    const uint32_t all = (uint32_t(1) << looked_at_.size()) - 1;
    uint32_t texts = 0;
    for (size_t i = 0; i < looked_at_.size(); ++i) texts |= uint32_t(!Nothing(i)) << i;
    if (texts == 0) return {{Apply("nothing", {}), 1.0f}};
    std::vector<Candidate> found = Weave(Look(texts, true), budget_, kPrograms, texts != all, &tried_);
    if (texts != all) {  // a program that has nothing where nothing is wanted
                         // needs no condition
      std::erase_if(found, [&](const Candidate& c) {
        return std::any_of(looked_at_.begin(), looked_at_.end(), [&](const Row* row) { return !Right(c.program, *row); });
      });
    }
    if (!found.empty() && found[0].cost < kSuspicious) return found;
    if (looked_at_.size() > 1 && !budget_.Over()) {
      std::vector<Candidate> divided = Divide(all, 2);
      found.insert(found.end(), divided.begin(), divided.end());
      std::stable_sort(found.begin(), found.end(), [](const Candidate& a, const Candidate& b) { return a.cost < b.cost; });
    }
    return found;
  }

  // Programs of a set of rows, without conditions.
  const std::vector<Candidate>& Plain(uint32_t rows) {
    const auto [found, is_new] = plain_.try_emplace({rows, looked_at_.size()});
    if (!is_new) return found->second;
    uint32_t texts = 0;
    for (size_t i = 0; i < looked_at_.size(); ++i) texts |= uint32_t((rows >> i & 1) && !Nothing(i)) << i;
    if (texts == 0) {
      found->second = {{Apply("nothing", {}), 1.0f}};
    } else if (texts == rows && AllAlike(rows)) {
      found->second = {{Text(looked_at_[First(rows)]->output), kAlike}};
    } else if (texts == rows) {
      found->second = Weave(Look(rows, false), budget_, 3, true, &tried_);
    }
    return found->second;
  }

  static size_t First(uint32_t rows) { return size_t(std::countr_zero(rows)); }

  // Different inputs, the same output: a constant, whatever else could give it.
  bool AllAlike(uint32_t rows) const {
    if (std::popcount(rows) < 2) return false;
    for (size_t i = 0; i < looked_at_.size(); ++i) {
      if ((rows >> i & 1) && looked_at_[i]->output != looked_at_[First(rows)]->output) return false;
    }
    return true;
  }

  // if(condition, one, other): each side plain, or divided again.
  std::vector<Candidate> Divide(uint32_t rows, int depth) {
    const View view = Look(rows, true);
    std::vector<size_t> index;
    for (size_t i = 0; i < looked_at_.size(); ++i) {
      if (rows >> i & 1) index.push_back(i);
    }
    std::vector<Division> divisions;
    const std::vector<Predicate> predicates = FindPredicates(view, budget_);
    // Sides that need conditions themselves are worth looking for only where plain ones do not do.
    for (int deeper = 1; deeper <= depth && divisions.empty(); ++deeper) {
      std::map<uint32_t, int> tries;
      for (const Predicate& p : predicates) {
        if (budget_.Over()) break;
        uint32_t yes = 0;
        for (size_t i = 0; i < index.size(); ++i) yes |= uint32_t(p.holds[i]) << index[i];
        if (tries[yes]++ >= 3) continue;  // as many ways to tell the same rows apart
        const std::vector<Candidate> one = Side(yes, deeper), other = Side(rows & ~yes, deeper);
        if (one.empty() || other.empty()) continue;
        divisions.push_back({p, yes, one[0], other[0], CostOf(p, view, one[0], other[0])});
      }
    }
    std::stable_sort(divisions.begin(), divisions.end(), [](const Division& a, const Division& b) { return a.cost < b.cost; });
    if (divisions.size() > kShown) divisions.resize(kShown);
    std::vector<Candidate> found;
    for (Division& d : divisions) {
      Refine(d, view, rows);
      found.push_back({Apply("if", {d.predicate.condition, d.one.program, d.other.program}), d.cost});
    }
    std::stable_sort(found.begin(), found.end(), [](const Candidate& a, const Candidate& b) { return a.cost < b.cost; });
    return found;
  }

  // Each side again, now that it is known which rows to be filled are its own.
  void Refine(Division& d, const View& view, uint32_t rows) {
    for (const bool yes : {true, false}) {
      Candidate& side = yes ? d.one : d.other;
      const bool constant = side.program.kind == Expr::Kind::kText && AllAlike(yes ? d.yes : rows & ~d.yes);
      if (constant || side.program.op == FindNothing() || side.program.op == FindIf() || budget_.Over()) continue;
      View part = Look(yes ? d.yes : rows & ~d.yes, false);
      for (size_t r = view.given; r < view.rows.size(); ++r) {
        if (d.predicate.holds[r] == yes) part.rows.push_back(view.rows[r]);
      }
      const auto text = [](const Row* row) { return row->want == Row::Want::kText; };
      if (!std::all_of(part.rows.begin(), part.rows.begin() + long(part.given), text)) continue;
      const std::vector<Candidate> again = Weave(part, budget_, 1, false, &tried_);
      if (again.empty()) continue;
      side = again[0];
    }
    d.cost = CostOf(d.predicate, view, d.one, d.other);
  }

  std::vector<Candidate> Side(uint32_t rows, int depth) {
    std::vector<Candidate> found = Plain(rows);
    if (found.empty() && depth > 1 && std::popcount(rows) > 1) found = Divide(rows, depth - 1);
    return found;
  }

  static float CostOf(const Predicate& p, const View& view, const Candidate& one, const Candidate& other) {
    return 2.5f + p.cost + one.cost + other.cost + Lacking(p, view, one.program, other.program);
  }

  // Rows to be filled that get nothing from the side they fall on.
  static float Lacking(const Predicate& p, const View& view, const Expr& one, const Expr& other) {
    size_t lacking = 0;
    const size_t count = view.rows.size() - view.given;
    if (count == 0 || one.op == FindNothing() || other.op == FindNothing()) return 0.0f;
    for (size_t r = view.given; r < view.rows.size(); ++r) {
      if (!Answer(p.holds[r] ? one : other, view.rows[r]->cells)) ++lacking;
    }
    return 4.0f * float(lacking) / float(count);
  }
  static const Op* FindIf() {
    static const Op* const kOp = FindOp("if");
    return kOp;
  }
  static const Op* FindNothing() {
    static const Op* const kOp = FindOp("nothing");
    return kOp;
  }

  // One program for each way to fill the table.
  std::vector<Candidate> Different(std::vector<Candidate> programs) const {
    std::vector<Candidate> kept;
    std::set<std::vector<Cell>> seen;
    for (Candidate& c : programs) {
      std::vector<Cell> answers;
      for (const Row* row : asked_) answers.push_back(Answer(c.program, row->cells));
      if (seen.insert(answers).second && kept.size() < kShown) kept.push_back(std::move(c));
    }
    return kept;
  }

  // A program without conditions that costs more than this is held against one
  // with.
  static constexpr float kSuspicious = 30.0f;
  static constexpr float kAlike = 2.0f;  // of a constant that several rows have

  const Budget& budget_;
  const bool learned_;
  std::vector<const Row*> asked_, given_, distinct_, looked_at_;
  std::map<std::pair<uint32_t, size_t>, std::vector<Candidate>> plain_;
  size_t tried_ = 0;
};

std::string Wanted(const Row& row) {
  return row.want == Row::Want::kNothing ? std::string("nothing") : "'" + Printable(row.output, 40) + "'";
}

Status CheckExamples(const TableTask& task) {
  std::map<std::vector<Cell>, const Row*> seen;
  bool some = false;
  for (const Row& row : task.rows) {
    if (row.want == Row::Want::kAsk) continue;
    some = true;
    const auto [first, is_new] = seen.emplace(row.cells, &row);
    if (is_new || (first->second->want == row.want && first->second->output == row.output)) continue;
    return Error{Code::kBadInput, Fmt("rows %zu and %zu have the same input but want %s and %s: "
                                      "no program can give both; correct one of them",
                                      first->second->line, row.line, Wanted(*first->second).c_str(), Wanted(row).c_str())};
  }
  if (!some)
    return Error{Code::kBadInput,
                 "no row has an output: fill in some, so that "
                 "there is something to learn from"};
  return {};
}

}  // namespace

Result<TableAnswer> SolveTable(const TableTask& task, const Budget& budget) {
  TRY_OK(CheckExamples(task));
  return Solver(task, budget, true).Solve();
}

Result<TableAnswer> SolveTableUnlearned(const TableTask& task, const Budget& budget) {
  TRY_OK(CheckExamples(task));
  return Solver(task, budget, false).Solve();
}

}  // namespace hasten::solve
