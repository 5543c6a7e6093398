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
import json, sys, types


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
sys.modules["load_testdata"] = types.SimpleNamespace(load_json_testcases=lambda name: [json.loads(line) for line in _cases])
sys.modules["python_programs"] = types.SimpleNamespace()
)";

// Names of the functions that begin with "test", in order.
std::vector<std::string> TestsIn(const std::string& text) {
  std::vector<std::string> names;
  for (size_t at = text.find("def test"); at != std::string::npos; at = text.find("def test", at + 1))
    if (at == 0 || text[at - 1] == '\n') names.push_back(text.substr(at + 4, text.find('(', at) - at - 4));
  return names;
}

// The lines of the data, which are cases; none where there is no such file.
Result<std::vector<std::string>> CasesOf(const std::string& data_path) {
  std::vector<std::string> cases;
  const auto data = ReadFile(data_path);
  for (size_t at = 0; data && at < data->size();) {
    const size_t end = std::min(data->find('\n', at), data->size());
    const std::string line = data->substr(at, end - at);
    at = end + 1;
    if (line.find_first_not_of(" \t\r") == std::string::npos) continue;
    TRY(const auto json, ParseJson(line));
    cases.push_back(json.dump(-1, ' ', true, nlohmann::ordered_json::error_handler_t::replace));
  }
  return cases;
}

// A call for each case of the data where there are such, else of each test.
std::vector<std::string> CallsOf(const std::vector<std::string>& tests, size_t cases) {
  std::vector<std::string> calls;
  for (size_t i = 0; i < cases; ++i) calls.push_back("_case(" + tests[0] + Fmt(", *testdata[%zu])\n", i));
  if (cases == 0)
    for (const std::string& name : tests) calls.push_back("_case(" + name + ")\n");
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
  TRY(const auto cases, CasesOf((root / "json_testcases" / (name + ".json")).string()));
  const std::vector<std::string> tests = TestsIn(test);
  if (tests.empty()) return Error{Code::kCorrupt, "the tests of " + name + " hold no test"};
  for (const std::string& call : CallsOf(tests, cases.size())) {
    TaskCheck check;
    check.kind = TaskCheckKind::kCode;
    check.hidden = true;  // its authors show the description
    if (task.checks.empty())
      check.code = kBefore + ("sys.modules[\"python_programs." + name + "\"] = types.SimpleNamespace(" + name + "=" + name) +
                   ")\n_cases = " + nlohmann::json(cases).dump() + "\n" + test + "\n";
    check.code += call;
    task.checks.push_back(std::move(check));
  }
  // A wrong loop is mostly an endless one. All right programs but one or two end within the patience, cold machines included.
  task.limits.cpu_s = 2;
  task.limits.wall_s = 8;
  task.patience_s = 0.1;
  task.proposers.numeric = 0.2;
  task.proposers.structural = 1;
  return task;
}

}  // namespace hasten::solve
