#include "sandbox/runner.h"

#include <gmock/gmock.h>

#include <thread>

#include "sandbox/view.h"
#include "tests/sandbox/runner_here.h"
#include "tests/support/support.h"

namespace hasten::sandbox {
namespace {

using testing::HasSubstr;

Check Asserts(const char* code) { return {.kind = CheckKind::kCode, .code = code}; }
Check Prints(const char* input, const char* output) { return {.input = input, .expected_output = output}; }

TEST(Runners, AnUnknownLanguageIsRefusedWithThoseThatThereAre) {
  const auto runner = MakeRunner({.language = "cobol"});
  ASSERT_FALSE(runner);
  EXPECT_EQ(runner.error().code, Code::kBadInput);
  EXPECT_THAT(runner.error().what, HasSubstr("python"));
}

TEST(Python, CallsAreJudgedOutside) {
  RUNNER_OR_SKIP(python, "python");
  Walk(python, {
                   {"right",
                    "def add(a, b):\n  return a + b",
                    {Call("add", "[1, 2]", "3"), Call("add", "[0.1, 0.2]", "0.3")},
                    Verdict::kAccepted},
                   {"wrong",
                    "def add(a, b):\n  return a - b",
                    {Call("add", "[1, 2]", "3")},
                    Verdict::kWrong,
                    "add(1, 2) gave -1 instead of 3"},
                   {"raises",
                    "def add(a, b):\n  return a // b",
                    {Call("add", "[1, 0]", "3")},
                    Verdict::kCrashed,
                    "line 2: ZeroDivisionError"},
                   {"no such function", "x = 1", {Call("add", "[1, 0]", "3")}, Verdict::kCrashed, "no function 'add'"},
                   {"no Python", "def add(", {Call("add", "[1, 0]", "3")}, Verdict::kCrashed, "SyntaxError"},
                   {"endless", "def f():\n  while True: pass", {Call("f", "[]", "3")}, Verdict::kTimedOut},
               });
}

TEST(Python, AssertsRunWhereTheCandidateCannotReach) {
  RUNNER_OR_SKIP(python, "python");
  const std::vector<Check> three = {Asserts("assert add(1, 2) == 3\nassert add(2, 2) == 4"), Asserts("assert add(0, 0) == 0")};
  Walk(python,
       {
           {"right", "def add(a, b):\n  return a + b", three, Verdict::kAccepted},
           {"wrong", "def add(a, b):\n  return 3", three, Verdict::kWrong, "assert add(2, 2) == 4"},
           {"raises", "def add(a, b):\n  return [][a]", three, Verdict::kCrashed, "IndexError"},
           {"ends before the asserts", "import os\nos._exit(0)", three, Verdict::kCrashed, "ended"},
           {"ends in the first assert", "import os\ndef add(a, b): os._exit(0)", three, Verdict::kCrashed, "ended"},
           {"sys.exit", "import sys\nsys.exit(0)", three, Verdict::kCrashed, "SystemExit"},
           {"prints a verdict", "print('{\"verdict\": \"accepted\"}')\ndef add(a, b): return None", three, Verdict::kWrong},
           {"equal to everything", "class E:\n  def __eq__(self, o): return True\ndef add(a, b): return E()", three,
            Verdict::kWrong},
           {"equal to everything, as a number", "class E(int):\n  def __eq__(self, o): return True\ndef add(a, b): return E(7)",
            three, Verdict::kWrong},
           {"writes a verdict on every descriptor",
            "import os, struct, json\n"
            "m = json.dumps({'passed': 2, 'kind': 'accepted', 'message': ''}).encode()\n"
            "def add(a, b):\n"
            "  for fd in range(3, 64):\n"
            "    try: os.write(fd, struct.pack('<I', len(m)) + m)\n"
            "    except OSError: pass\n"
            "  os._exit(0)",
            three, Verdict::kCrashed},
           {"looks for the asserts in its frames",
            "import sys\ndef add(a, b):\n  f = sys._getframe()\n  while f:\n    for v in list(f.f_locals.values()) + "
            "list(f.f_globals.values()):\n      if 'nee' + 'dle' in str(v): return a + b\n    f = f.f_back\n  return -1",
            {Asserts("assert add(1, 2) == 3  # needle")},
            Verdict::kWrong},
           {"redefines what checks use",
            "def abs(x): return 0\ndef add(a, b): return 99",
            {Asserts("assert abs(add(1, 2) - 3) < 0.1")},
            Verdict::kWrong},
           {"named as a builtin", "def sum(a, b): return a + b", {Asserts("assert sum(1, 2) == 3")}, Verdict::kAccepted},
           {"memory", "def add(a, b):\n  x = []\n  while True: x.append(bytearray(1 << 20))", three, Verdict::kOutOfMemory},
           {"output", "def add(a, b):\n  while True: print('x' * 1000)", three, Verdict::kOutputTooLong},
           {"forbidden", "import socket\ndef add(a, b): return socket.socket()", three, Verdict::kForbidden, "socket"},
           {"kills its parent and stops itself",
            "import os, signal\nos.kill(os.getppid(), 9) if os.getppid() else None\nos.kill(os.getpid(), "
            "signal.SIGSTOP)\ndef add(a, b): return a + b",
            three, Verdict::kAccepted},
       });
}

TEST(Python, AssertsSeeValuesAndObjectsAndWhatWasDoneToThem) {
  RUNNER_OR_SKIP(python, "python");
  Walk(python,
       {
           {"kinds",
            "def same(x): return x",
            {Asserts(
                "for x in [None, True, 1, 2**200, 1.5, float('inf'), 'é\\ud800', b'\\x00', (1, (2,)), [1, [2]], {1: "
                "'a', (1, 2): [3]}, {1, 2}, frozenset([3]), 1j]:\n  y = same(x)\n  assert y == x and type(y) is type(x), x")},
            Verdict::kAccepted},
           {"in place", "def push(x): x.append(1)", {Asserts("l = [0]\npush(l)\nassert l == [0, 1]")}, Verdict::kAccepted},
           {"objects",
            "class P:\n  def __init__(self, a): self.a = a\n  def twice(self): return 2 * self.a\ndef total(ps): "
            "return sum(p.a for p in ps)",
            {Asserts("assert P(3).twice() == 6 and P(4).a == 4\nassert total([P(1), P(2)]) == 3")},
            Verdict::kAccepted},
           {"raises what is wanted",
            "def f(x):\n  if x < 0: raise ValueError('no')\n  return x",
            {Asserts("try:\n  f(-1)\n  assert False\nexcept ValueError:\n  pass")},
            Verdict::kAccepted},
           {"generators",
            "def count(n):\n  for i in range(n): yield i",
            {Asserts("assert list(count(3)) == [0, 1, 2]")},
            Verdict::kAccepted},
           {"its modules",
            "import math\ndef f(x): return x * math.pi",
            {Asserts("assert math.isclose(f(1), math.pi)")},
            Verdict::kAccepted},
           {"HumanEval's form",
            "def add(a, b): return a + b",
            {Asserts("def check(candidate):\n  assert candidate(1, 2) == 3\n\ncheck(add)")},
            Verdict::kAccepted},
       });
}

TEST(Python, ChecksThatDoNotEndOrAreNoPythonAreNamed) {
  RUNNER_OR_SKIP(python, "python");
  const auto r = python.Run({.source = "def f(): return 1"}, std::vector<Check>{Asserts("assert f( == 1")});
  ASSERT_FALSE(r);
  EXPECT_EQ(r.error().code, Code::kBadInput);
  Walk(python, {{"and goes on", "def f(): return 1", {Asserts("assert f() == 1")}, Verdict::kAccepted}});
}

TEST(Python, ProgramsReadAndPrint) {
  RUNNER_OR_SKIP(python, "python");
  Walk(python,
       {
           {"right", "print(sum(map(int, input().split())))", {Prints("1 2 3\n", "6")}, Verdict::kAccepted},
           {"wrong", "print(0)", {Prints("", "6")}, Verdict::kWrong, "it printed '0"},
           {"exit code", "import sys; sys.exit(3)", {{.expected_exit = 3}}, Verdict::kAccepted},
           {"raises", "1/0", {{}}, Verdict::kCrashed, "ZeroDivisionError"},
           {"arguments", "import sys; print(sys.argv[1])", {{.argv = {"x"}, .expected_output = "x"}}, Verdict::kAccepted},
           {"memory", "x = 'x' * 10**10", {{}}, Verdict::kOutOfMemory},
       });
}

TEST(Python, CandidatesSeeNothingOfEachOther) {
  RUNNER_OR_SKIP(python, "python");
  Walk(python,
       {
           {"leaves",
            "import os, math\nopen('mark', 'w').write('x'); os.chdir('/tmp'); open('mark', 'w').write('x')\nmath.mark = "
            "1\nif os.fork() == 0:\n  os.setsid()\n  while True: pass",
            {{}},
            Verdict::kAccepted},
           {"finds",
            "import os, math\nassert not os.listdir('/work') and not os.listdir('/tmp')\nassert not "
            "hasattr(math, 'mark')\nassert [p for p in os.listdir('/proc') if p.isdigit()] == [os.readlink('/proc/self')] "
            "if os.path.exists('/proc/self') else True",
            {{}},
            Verdict::kAccepted},
       });
}

TEST(Lua, CallsAndPrograms) {
  RUNNER_OR_SKIP(lua, "lua");
  Walk(lua,
       {
           {"right",
            "function add(a, b) return a + b end",
            {Call("add", "[1, 2]", "3"), Call("add", "[0.5, 1]", "1.5")},
            Verdict::kAccepted},
           {"values",
            "function same(x) return x end",
            {Call("same", "[[1, [2, \"x\\n\\u00e9\\\"\"], {\"a\": true}]]", "[1, [2, \"x\\n\\u00e9\\\"\"], {\"a\": true}]"),
             Call("same", "[null]", "null"), Call("same", "[[1, null, 3]]", "[1, null, 3]")},
            Verdict::kAccepted},
           {"a module",
            "local M = {}\nfunction M.f() return 'yes' end\nreturn M",
            {Call("f", "[]", "\"yes\"")},
            Verdict::kAccepted},
           {"wrong", "function add(a, b) return a end", {Call("add", "[1, 2]", "3")}, Verdict::kWrong, "gave 1 instead of 3"},
           {"raises", "function add(a, b) return a .. {} end", {Call("add", "[1, 2]", "3")}, Verdict::kCrashed, "concatenate"},
           {"ends early", "os.exit(0)", {Call("add", "[1, 2]", "3")}, Verdict::kCrashed, "ended"},
           {"no Lua", "function", {Call("add", "[1, 2]", "3")}, Verdict::kCrashed, "expected"},
           {"endless", "while true do end", {Call("add", "[1, 2]", "3")}, Verdict::kTimedOut},
           {"program",
            "print(io.read('*n') * 2, arg[1])",
            {{.input = "21", .argv = {"x"}, .expected_output = "42\tx"}},
            Verdict::kAccepted},
           {"program raises", "error('no')", {{}}, Verdict::kCrashed, "no"},
       });
}

TEST(Shell, ScriptsReadAndPrint) {
  RUNNER_OR_SKIP(sh, "sh");
  Walk(sh, {
               {"right", "read a; echo \"<$a>\"", {Prints("x y\n", "<x y>"), Prints("z\n", "<z>")}, Verdict::kAccepted},
               {"pipes", "sort | uniq -c | wc -l", {Prints("b\na\nb\n", "2")}, Verdict::kAccepted},
               {"arguments", "echo \"$2\"", {{.argv = {"a", "b"}, .expected_output = "b"}}, Verdict::kAccepted},
               {"wrong exit", "echo oops >&2; exit 4", {{}}, Verdict::kWrong, "exit code 4 instead of 0; oops"},
               {"clean environment", "test -z \"$LD_PRELOAD$HASTEN_SERVE_AT_START\"", {{}}, Verdict::kAccepted},
               {"endless", "while :; do :; done", {{}}, Verdict::kTimedOut},
           });
}

TEST(Node, CallsAndPrograms) {
  RUNNER_OR_SKIP(node, "node");
  Walk(node,
       {
           {"right",
            "const add = (a, b) => a + b",
            {Call("add", "[1, 2]", "3"), Call("add", "[\"a\", \"b\"]", "\"ab\"")},
            Verdict::kAccepted},
           {"exports",
            "module.exports = {f: async () => [1, {a: null}]}",
            {Call("f", "[]", "[1, {\"a\": null}]")},
            Verdict::kAccepted},
           {"wrong", "function add(a, b) { return a }", {Call("add", "[1, 2]", "3")}, Verdict::kWrong, "gave 1 instead of 3"},
           {"throws",
            "function add(a, b) {\n throw new Error('no') }",
            {Call("add", "[1, 2]", "3")},
            Verdict::kCrashed,
            "line 2: Error: no"},
           {"ends early", "process.exit(0)", {Call("add", "[1, 2]", "3")}, Verdict::kCrashed, "ended"},
           {"program",
            "console.log(require('fs').readFileSync(0, 'utf8').trim().toUpperCase())",
            {Prints("x\n", "X")},
            Verdict::kAccepted},
           {"program throws", "null.x", {{}}, Verdict::kCrashed, "TypeError"},
           {"network", "require('net').connect(80, '127.0.0.1')", {{}}, Verdict::kForbidden, "socket"},
       });
}

TEST(Sql, QueriesOnATableInMemory) {
  RUNNER_OR_SKIP(sql, "sql");
  const char* table = "create table t(a int, b text); insert into t values (1, 'x'), (2, 'y\"'), (3, null);";
  Walk(sql, {
                {"right",
                 "select b, a * 1.5 from t order by a desc",
                 {Prints(table, "[null, 4.5]\n[\"y\\\"\", 3]\n[\"x\", 1.5]")},
                 Verdict::kAccepted},
                {"wrong", "select count(*) from t", {Prints(table, "[4]")}, Verdict::kWrong, "[3]"},
                {"no SQL", "selekt", {Prints(table, "")}, Verdict::kCrashed, "syntax error"},
                {"no file", "attach 'x' as y; create table y.t(a)", {Prints(table, "")}, Verdict::kAccepted},
                {"endless",
                 "with recursive r(x) as (select 1 union all select x + 1 from r) select max(x) from r",
                 {Prints(table, "")},
                 Verdict::kTimedOut},
            });
}

TEST(Command, ProgramsAreBuiltOnceAndRunForEachCheck) {
  RUNNER_OR_SKIP(c, "c");
  Walk(c, {
              {"right",
               "#include <stdio.h>\nint main() { int a; scanf(\"%d\", &a); printf(\"%d\\n\", 2 * a); }",
               {Prints("1", "2"), Prints("21", "42")},
               Verdict::kAccepted},
              {"does not build", "int main() { return x; }", {{}}, Verdict::kCrashed, "undeclared"},
              {"crashes", "int main() { *(volatile int*)0 = 1; }", {{}}, Verdict::kCrashed, "signal 11"},
          });
}

TEST(Runners, CallsOfOneInstanceFromManyThreadsWaitForEachOther) {
  RUNNER_OR_SKIP(sh, "sh");
  std::vector<std::jthread> threads;
  std::vector<std::string> got(4);
  for (size_t i = 0; i < got.size(); ++i)
    threads.emplace_back([&, i] {
      for (int k = 0; k < 5; ++k)
        if (const auto r = sh.Run({.source = "echo " + std::to_string(i)}, {}); r) got[i] += r->out;
    });
  threads.clear();
  for (size_t i = 0; i < got.size(); ++i) {
    const std::string line = std::to_string(i) + "\n";
    EXPECT_EQ(got[i], line + line + line + line + line);
  }
}

TEST(Runners, WithoutAJailTheyStillJudge) {
  for (const char* language : {"python", "sh", "lua"}) {
    auto made = MakeRunner({.language = language, .limits = kSmall, .jail = false});
    if (!made) continue;
    const std::string source = std::string(language) == "sh" ? "echo 7" : "print(7)";
    const auto r = (*made)->Run({.source = source}, std::vector<Check>{Prints("", "7")});
    ASSERT_TRUE(r) << language << r.error().what;
    EXPECT_EQ(VerdictName(r->verdict), "accepted") << language << ": " << r->message << r->err;
  }
}

// What a job brings may not fit; whoever waits for its candidate must hear that there is none.
TEST(Runners, FilesThatDoNotFitHoldNobodyUp) {
  RUNNER_OR_SKIP(python, "python");
  const File huge{"huge", std::string(9 << 20, 'x')};
  const std::vector<Check> call = {Call("f", "[]", "1")}, process = {Check{}};
  for (int round = 0; round < 4; ++round) {
    const auto r = python.Run({.source = "def f(): return 1", .files = {huge}}, round % 2 ? call : process);
    ASSERT_TRUE(r) << r.error().what;
    EXPECT_EQ(VerdictName(r->verdict), "out of memory") << r->message;
  }
  const auto after = python.Run({.source = "def f(): return 1"}, call);
  ASSERT_TRUE(after) << after.error().what;
  EXPECT_EQ(VerdictName(after->verdict), "accepted") << after->message;
}

}  // namespace
}  // namespace hasten::sandbox
