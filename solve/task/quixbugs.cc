#include "solve/task/quixbugs.h"

#include <nlohmann/json.hpp>
#include <vector>

#include "base/file.h"
#include "text/json.h"

namespace hasten::solve {
namespace {

namespace fs = std::filesystem;

// pytest, as far as these tests use it, and the modules that they import; ahead of the first check. The program and its Node
// live in the candidate's jail, where these names lead.
constexpr char kBefore[] = R"(
import sys, types


class _Skipped(Exception):
    pass


class _Approx:
    def __init__(self, value, abs):
        self.value, self.abs = value, abs

    def __eq__(self, other):
        return self.value - self.abs <= other <= self.value + self.abs


class _Pytest:
    use_correct = run_slow = False
    approx = staticmethod(lambda value, abs=1e-6: _Approx(value, abs))

    @staticmethod
    def skip(reason):
        raise _Skipped(reason)

    class mark:
        @staticmethod
        def parametrize(names, cases):
            return lambda test: test


def _case(test, *arguments):
    try:
        test(*arguments)
    except _Skipped:
        pass


sys.modules["pytest"] = _Pytest
sys.modules["node"] = types.SimpleNamespace(Node=globals().get("Node"))
sys.modules["load_testdata"] = types.SimpleNamespace(load_json_testcases=lambda name: [])
sys.modules["python_programs"] = types.SimpleNamespace()
)";

// Names of the functions that begin with "test", in order.
std::vector<std::string> TestsIn(const std::string& text) {
  std::vector<std::string> names;
  for (size_t at = text.find("def test"); at != std::string::npos; at = text.find("def test", at + 1))
    if (at == 0 || text[at - 1] == '\n') names.push_back(text.substr(at + 4, text.find('(', at) - at - 4));
  return names;
}

// A call for each case: of the data where there are such, else of each test.
Result<std::vector<std::string>> CallsOf(const std::string& test, const std::string& data_path) {
  std::vector<std::string> calls;
  const std::vector<std::string> tests = TestsIn(test);
  if (tests.empty()) return Error{Code::kCorrupt, "the tests hold no test"};
  const auto data = ReadFile(data_path);
  if (!data) {
    for (const std::string& name : tests) calls.push_back("_case(" + name + ")\n");
    return calls;
  }
  for (size_t at = 0; at < data->size();) {
    const size_t end = std::min(data->find('\n', at), data->size());
    const std::string line = data->substr(at, end - at);
    at = end + 1;
    if (line.find_first_not_of(" \t\r") == std::string::npos) continue;
    TRY(const auto json, ParseJson(line));
    if (!json.is_array() || json.size() != 2) return Error{Code::kCorrupt, "a test case is no pair of input and output"};
    const std::string text = json.dump(-1, ' ', true, nlohmann::ordered_json::error_handler_t::replace);
    calls.push_back("import json\n_case(" + tests[0] + ", *json.loads(" + nlohmann::json(text).dump() + "))\n");
  }
  return calls;
}

}  // namespace

bool IsQuixBugs(const fs::path& folder) {
  std::error_code error;
  return fs::is_directory(folder / "python_programs", error) && fs::is_directory(folder / "python_testcases", error);
}

Result<Task> QuixBugsTask(const std::string& folder, const std::string& name) {
  Task task;
  task.goal = "This program has a defect, mostly on one line. Correct it.";
  task.entry = name;
  const fs::path root(folder);
  TRY(task.seed_program, ReadFile((root / "python_programs" / (name + ".py")).string()));
  // The text behind the program describes it: for prompts, not to be changed.
  if (const size_t text = task.seed_program.find("\n\"\"\""); text != std::string::npos) {
    task.goal += "\n" + task.seed_program.substr(text);
    task.seed_program.resize(text + 1);
  }
  TRY(const std::string test, ReadFile((root / "python_testcases" / ("test_" + name + ".py")).string()));
  if (test.find("import Node") != std::string::npos) {
    TRY(std::string node, ReadFile((root / "python_testcases" / "node.py").string()));
    task.template_before = std::move(node) + "\n\n";
  }
  TRY(const auto calls, CallsOf(test, (root / "json_testcases" / (name + ".json")).string()));
  for (const std::string& call : calls) {
    TaskCheck check;
    check.kind = TaskCheckKind::kCode;
    check.hidden = true;  // its authors show the description
    if (task.checks.empty())
      check.code = kBefore + ("sys.modules[\"python_programs." + name + "\"] = types.SimpleNamespace(" + name + "=" + name) +
                   ")\n" + test + "\n";
    check.code += call;
    task.checks.push_back(std::move(check));
  }
  // A wrong loop is mostly an endless one, and the slowest right program needs a tenth of this.
  task.limits.cpu_s = 0.5;
  task.limits.wall_s = 2;
  task.proposers.numeric = 0.2;
  task.proposers.structural = 1;
  return task;
}

}  // namespace hasten::solve
