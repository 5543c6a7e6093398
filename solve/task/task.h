// A task: what is wanted in words, what a candidate is, and how reality judges it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sandbox/runner.h"

namespace hasten::solve {

// In the order of what they usually cost: a cascade runs the cheap ones first.
enum class TaskCheckKind : uint8_t {
  kCall,     // the entry function with `arguments` gives `expected` (JSON)
  kCode,     // statements that raise where the candidate is wrong; Python only
  kProcess,  // the program as a whole: `argv` and `input` in, `expected` text out
  kCommand,  // `command` ends with 0; it calls the candidate as the program {candidate}, and may read it as {source}
  kScore,    // `command` reads what the candidate printed, and prints how good that is
};

struct TaskCheck {
  TaskCheckKind kind = TaskCheckKind::kCall;
  bool held_out = false;  // decides about a winner; the search and its prompts never see it
  bool hidden = false;    // no prompt shows it, though the search hears of it
  size_t line = 0;        // of the task's file
  std::string arguments = {}, expected = {};
  bool any_output = false;  // kProcess: `expected` is not looked at
  std::string code = {};
  std::string input = {};
  std::vector<std::string> argv = {}, command = {};
  bool lower = false;                 // kScore: smaller is better
  std::optional<double> target = {};  // kScore: reached, the task is solved; without one the budget ends the search
  std::string judge_language = {},
              judge = {};  // kScore: a program (its text) instead of a command, kept warm; `argv` goes with it
  size_t batch = 1;        // kScore of data: so many candidates a run of the judge
};

struct BudgetLimits {
  double seconds = 60;
  size_t candidates = size_t(1) << 62, tokens = size_t(1) << 62;
  double dollars = 1e18;
};

struct ProposerSettings {
  std::string model = {};                  // a GGUF file
  std::string upstream = {};               // the address of an OpenAI-compatible server
  std::string upstream_model = "default";  // what that server calls the model
  std::string key_env = {};                // the environment variable that holds the key
  double dollars_per_million_in = 0, dollars_per_million_out = 0;
  double temperature_low = 0.2, temperature_high = 1.0;  // spread over the branches
  size_t branches = 8, max_tokens = 1024;
  bool thinking = false;                              // a model that can think before it answers does
  std::string schema = {}, grammar = {}, regex = {};  // what a local model's answer may be, at most one; texts, not files
  double timeout_s = 120;                             // one request
  size_t retries = 4;
  bool mutate = true;                  // of `seed` and of survivors
  double numeric = 1, structural = 1;  // how often either kind of mutation is drawn, relative to each other

  // Every branch has its temperature: the first ones are sober, the last ones bold.
  double TemperatureOf(uint64_t n) const {
    const double share = branches > 1 ? double(n % branches) / double(branches - 1) : 0;
    return temperature_low + share * (temperature_high - temperature_low);
  }
  bool Constrained() const { return !schema.empty() || !grammar.empty() || !regex.empty(); }
};

struct SearchSettings {
  std::string strategy = {};  // best-of-n, repair, tree, islands; empty: by what the task has
  size_t width = 0;           // candidates a round; 0: by what judges
  size_t islands = 4;
};

struct Task {
  std::string name, path, folder;  // `folder` is where relative paths begin
  std::string text, digest;        // the file, and a digest over all that verdicts depend on
  std::string goal, language = "python";
  std::string entry, signature;                 // of the function that kCall calls
  std::string template_before, template_after;  // what stands around a candidate when it is run
  std::string seed_program;                     // something to begin with; may be wrong
  std::vector<sandbox::File> files;             // the candidate may read them, and prompts show them
  std::vector<sandbox::File> judge_files;       // for the commands of checks
  std::vector<std::string> run;                 // how a candidate is run where the language's own way will not do: {candidate}
  std::string source_name;                      // the file's name that {candidate} stands for
  std::vector<std::string> build;               // before `run`
  std::vector<TaskCheck> checks;                // cheap ones first, held-out ones last
  sandbox::Limits limits = {};
  // Seconds of processor time after which a candidate is given up that has passed no more checks than the first one; 0: the
  // limits alone. What is wrong often never ends.
  double patience_s = 0;
  BudgetLimits budget;
  ProposerSettings proposers;
  SearchSettings search;
  uint64_t seed = 0;

  const TaskCheck* Score() const;  // the check that scores, where there is one
  std::string Program(const std::string& candidate) const { return template_before + candidate + template_after; }
};

// kBadInput names the file's line and what may stand there; kNotFound a file that the task names.
Result<Task> ReadTask(const std::string& path);
Result<Task> ParseTask(const std::string& text, const std::string& path);
// Sorts checks, sets the digest, and says what is missing. Every reader of tasks ends with it.
Status FinishTask(Task& task);

}  // namespace hasten::solve
