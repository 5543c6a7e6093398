// Learns what operations cost from tasks whose answers are known: `learn_costs OUT.cc FOLDER…`.
//
// For each task and one, two and three rows given, the search's best programs are told apart by all rows: right or wrong. Costs
// are then fitted so that right programs come first (a softmax over each task's programs, as in conditional logistic
// regression, with an L2 penalty). What that is worth is measured on tasks that were not learned from: two halves, each judged
// by the other's costs.
#include <cmath>
#include <cstdio>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include "base/file.h"
#include "solve/suite.h"
#include "solve/table/learned_costs.h"
#include "solve/table/read_task.h"
#include "solve/table/solve.h"
#include "text/table.h"

namespace hasten::solve {
namespace {

struct Choice {
  double cost;
  bool right;
  std::map<std::string, double> features;
};
struct Case {
  std::string task;
  std::vector<Choice> choices;
};
using Weights = std::map<std::string, double>;

std::optional<TableTask> Read(const std::string& path) {
  const auto text = ReadFile(path);
  if (!text) return std::nullopt;
  if (path.ends_with(".json")) {
    auto task = TaskOfProse(*text);
    return task ? std::optional(*std::move(task)) : std::nullopt;
  }
  const auto table = ReadTable(*text, {{}, {}, path});
  const auto output = table ? OutputColumn(*table, "") : Result<size_t>(table.error());
  return output ? std::optional(TaskOfTable(*table, *output)) : std::nullopt;
}

void AddCases(const std::string& path, std::vector<Case>& cases) {
  const auto task = Read(path);
  if (!task) return;
  for (const size_t give : {1, 2, 3}) {
    TableTask shown = *task;
    GiveOnly(shown, give);
    Budget budget;
    budget.seconds = 5;
    const auto answer = SolveTableUnlearned(shown, budget);
    if (!answer) continue;
    Case c{path, {}};
    size_t right = 0;
    for (const Candidate& candidate : answer->programs) {
      Choice choice{candidate.cost, true, {}};
      for (const Row& row : task->rows)
        choice.right = choice.right && (row.want == Row::Want::kAsk || Right(candidate.program, row));
      for (const std::string& f : FeaturesOf(candidate.program)) choice.features[f] += 1;
      right += choice.right;
      c.choices.push_back(std::move(choice));
    }
    if (right > 0 && right < c.choices.size()) cases.push_back(std::move(c));
  }
}

double CostOf(const Choice& choice, const Weights& weights) {
  double cost = choice.cost;
  for (const auto& [name, count] : choice.features) {
    if (const auto w = weights.find(name); w != weights.end()) cost += w->second * count;
  }
  return cost;
}

size_t RightFirst(const std::vector<const Case*>& cases, const Weights& weights) {
  size_t right = 0;
  for (const Case* c : cases) {
    const Choice* best = nullptr;
    double least = HUGE_VAL;
    for (const Choice& choice : c->choices) {
      if (const double cost = CostOf(choice, weights); cost < least) least = cost, best = &choice;
    }
    right += best->right;
  }
  return right;
}

Weights Learn(const std::vector<const Case*>& cases) {
  constexpr int kRounds = 400;
  constexpr double kRate = 0.5, kPenalty = 4.0;  // the penalty: as if each feature had been seen four times at no cost
  Weights weights, squares;
  for (int round = 0; round < kRounds; ++round) {
    Weights slope;
    for (const auto& [name, w] : weights) slope[name] = kPenalty * w;
    for (const Case* c : cases) {
      std::vector<double> share;
      double all = 0, right = 0, least = HUGE_VAL;
      for (const Choice& choice : c->choices) least = std::min(least, CostOf(choice, weights));
      for (const Choice& choice : c->choices) {
        share.push_back(std::exp(least - CostOf(choice, weights)));
        all += share.back();
        if (choice.right) right += share.back();
      }
      for (size_t i = 0; i < share.size(); ++i) {
        const double pull = (c->choices[i].right ? share[i] / std::max(right, 1e-30) : 0.0) - share[i] / all;
        for (const auto& [name, count] : c->choices[i].features) slope[name] += pull * count;
      }
    }
    for (const auto& [name, s] : slope) {  // AdaGrad
      squares[name] += s * s;
      if (squares[name] > 0) weights[name] -= kRate * s / std::sqrt(squares[name] + 1);
    }
  }
  return weights;
}

// The half that a task is in: by its name, so that all its cases are in one.
bool Half(const std::string& task) {
  uint32_t h = 2166136261;
  for (const char c : task.substr(task.rfind('/', task.rfind('/') - 1) + 1)) h = (h ^ static_cast<unsigned char>(c)) * 16777619;
  return h >> 16 & 1;
}

int Main(int argc, char** argv) {
  if (argc < 3) return std::fprintf(stderr, "usage: learn_costs OUT.cc FOLDER…\n"), 2;
  std::vector<std::string> paths;
  for (int i = 2; i < argc; ++i) {
    const auto found = FindTasks(argv[i]);
    if (!found) return std::fprintf(stderr, "%s\n", found.error().what.c_str()), 1;
    paths.insert(paths.end(), found->begin(), found->end());
  }
  std::vector<std::vector<Case>> each(paths.size());
  {
    std::atomic<size_t> next{0};
    std::vector<std::jthread> workers;
    for (unsigned t = 0; t < std::max(1u, std::thread::hardware_concurrency()); ++t) {
      workers.emplace_back([&] {
        for (size_t i; (i = next++) < paths.size();) AddCases(paths[i], each[i]);
      });
    }
  }
  std::vector<const Case*> all, halves[2];
  for (const auto& cases : each) {
    for (const Case& c : cases) {
      all.push_back(&c);
      halves[Half(c.task)].push_back(&c);
    }
  }
  std::printf("%zu tasks; %zu cases with right and wrong programs\n", paths.size(), all.size());
  size_t before = 0, after = 0;
  for (const int half : {0, 1}) {
    const Weights weights = Learn(halves[1 - half]);
    const size_t by_hand = RightFirst(halves[half], {}), learned = RightFirst(halves[half], weights);
    std::printf(
        "half %d, not learned from: the right program first in %zu of %zu by hand, %zu with costs learned from the other\n",
        half + 1, by_hand, halves[half].size(), learned);
    before += by_hand;
    after += learned;
  }
  std::printf("both halves: %zu by hand, %zu learned\n", before, after);
  std::string code =
      "// Written by `./dev learn costs`.\n#include \"solve/table/learned_costs.h\"\n\nnamespace hasten::solve {\n\n";
  code += "static constexpr LearnedCost kLearned[] = {\n";
  for (const auto& [name, weight] : Learn(all)) {
    if (std::fabs(weight) >= 0.05) code += Fmt("    {\"%s\", %.2ff},\n", name.c_str(), weight);
  }
  code += "};\n\nstd::span<const LearnedCost> LearnedCosts() { return kLearned; }\n\n}  // namespace hasten::solve\n";
  auto file = FileWriter::Create(argv[1], FileWriter::IfExists::kReplace);
  if (!file || !file->Write(code) || !file->Commit()) return std::fprintf(stderr, "cannot write %s\n", argv[1]), 1;
  return 0;
}

}  // namespace
}  // namespace hasten::solve

int main(int argc, char** argv) { return hasten::solve::Main(argc, argv); }
