// Candidates a second from judge to verdict, on one core: each is checked to be right, and a wrong one to be wrong, before it
// is timed. One JSON line for each kind, with the figure that is asked for. What a machine gives depends on what its kernel
// takes for a fork and a page fault, so the bare way (the same work forked or executed without a jail, a judge or a limit)
// takes turns with ours, round by round, and the share of its rate is printed.
#include <sched.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <functional>
#include <string>
#include <vector>

#include "sandbox/jail.h"
#include "sandbox/runner.h"
#include "sandbox/view.h"

namespace hasten::sandbox {
namespace {

double Now() { return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(); }

// Processor time of this process and of all that it waited for; a jail's, once it has ended.
double CpuSeconds() {
  double seconds = 0;
  for (const auto who : {RUSAGE_SELF, RUSAGE_CHILDREN}) {
    rusage u{};
    getrusage(who, &u);
    for (const timeval& t : {u.ru_utime, u.ru_stime}) seconds += double(t.tv_sec) + 1e-6 * double(t.tv_usec);
  }
  return seconds;
}

constexpr double kRound = 0.33;  // seconds; a neighbour that takes the core spoils some rounds, not the median
constexpr size_t kRounds = 9;

using Round = std::function<double()>;  // how many a second this time; 0: it failed

Round Repeated(std::function<bool()> once) {
  return [once = std::move(once)] {
    const double begun = Now();
    size_t n = 0;
    for (; Now() - begun < kRound; ++n)
      if (!once()) return 0.0;
    return double(n) / (Now() - begun);
  };
}

// The command runs for kRound seconds and prints its rate.
Round Told(const std::string& command) {
  return [command] {
    FILE* const out = ::popen(command.c_str(), "r");
    double rate = 0;
    if (!out) return rate;
    if (std::fscanf(out, "%lf", &rate) != 1) rate = 0;
    ::pclose(out);
    return rate;
  };
}

struct Rate {
  std::vector<double> rounds;  // ascending
  double cpu_s = 0, done = 0;
  double Median() const { return rounds.empty() ? 0 : rounds[rounds.size() / 2]; }
};

// Ours and the bare way in turns.
std::pair<Rate, Rate> Compare(const Round& ours, const Round& bare) {
  std::pair<Rate, Rate> rates;
  for (size_t i = 0; i < kRounds; ++i) {
    for (const auto& [round, rate] : {std::pair(&ours, &rates.first), std::pair(&bare, &rates.second)}) {
      if (!*round) continue;
      const double before = CpuSeconds();
      const double rounds_rate = (*round)();
      rate->rounds.push_back(rounds_rate);
      rate->done += rounds_rate * kRound;
      rate->cpu_s += CpuSeconds() - before;
    }
  }
  for (Rate* rate : {&rates.first, &rates.second}) std::sort(rate->rounds.begin(), rate->rounds.end());
  return rates;
}

// What is asked for: so many a second, on a machine where the bare way has so many.
struct Wanted {
  double per_s = 0, of_bare = 0;
};

// per_cpu_s: what a core that does nothing else gives, whatever the neighbours do meanwhile.
void Print(const char* what, const Rate& rate, double cpu_s, const Rate& bare, const Wanted& wanted) {
  std::printf("{\"bench\": \"jail\", \"candidates\": \"%s\", \"per_s\": %.0f, \"best_per_s\": %.0f, \"per_cpu_s\": %.0f", what,
              rate.Median(), rate.rounds.back(), rate.done / cpu_s);
  if (wanted.per_s > 0) std::printf(", \"wanted_per_s\": %.0f", wanted.per_s);
  if (bare.Median() > 0) std::printf(", \"bare_per_s\": %.0f, \"of_bare\": %.2f", bare.Median(), rate.Median() / bare.Median());
  if (bare.Median() > 0 && wanted.of_bare > 0) std::printf(", \"wanted_of_bare\": %.2f", wanted.of_bare);
  std::printf("}\n");
  std::fflush(stdout);
}

// A file made from a text by the C compiler, in a jail of its own.
std::string Compiled(const std::string& source, std::vector<std::string> flags) {
  const auto jail = Jail::Start({});
  if (!jail) return {};
  std::vector<std::string> words = {"gcc", "-O2", "-o", "product", "main.c"};
  words.insert(words.end(), flags.begin(), flags.end());
  const auto built = (*jail)->Run({.limits = {.wall_s = 60, .cpu_s = 60, .memory_bytes = size_t(1) << 30},
                                   .argv = std::move(words),
                                   .files = {{"main.c", source}},
                                   .collect = true});
  if (built)
    for (const File& f : built->files)
      if (f.path == "product") return f.bytes;
  return {};
}

// Without the C library's start: what the jail itself and the kernel take. Elsewhere it does not compile and is left out.
constexpr char kBareProgram[] = R"C(
static long call(long n, long a, long b, long c) {
  long r;
  __asm__ volatile("syscall" : "=a"(r) : "a"(n), "D"(a), "S"(b), "d"(c) : "rcx", "r11", "memory");
  return r;
}
void _start(void) {
  char byte = 0;
  call(0, call(2, (long)"main", 0, 0), (long)&byte, 1);
    call(231, byte != '3', 0, 0);
}
)C";

// vfork and exec, of a program that finds its candidate where it is started.
Round BareExec(const std::string& program) {
  return Repeated([program] {
    pid_t pid = -1;
    char* argv[] = {const_cast<char*>(program.c_str()), nullptr};
    int status = -1;
    return ::posix_spawn(&pid, program.c_str(), nullptr, nullptr, argv, environ) == 0 && ::waitpid(pid, &status, 0) == pid &&
           status == 0;
  });
}

// Forks, calls, leaves, waits: a plain program of C.
constexpr char kBareFork[] = R"C(
#include <stdio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
static long gcd(long a, long b) { return b ? gcd(b, a % b) : a; }
static double now(void) { struct timespec t; clock_gettime(CLOCK_MONOTONIC, &t); return t.tv_sec + 1e-9 * t.tv_nsec; }
int main(int argc, char** argv) {
  double begun = now(), n = 0;
  for (; now() - begun < 0.33; n++) {
    int status = 1;
    if (fork() == 0) _exit(gcd(12, 18 * argc) != 6);
    if (wait(&status) < 0 || status != 0) return 1;
  }
  printf("%f\n", n / (now() - begun));
}
)C";

// The same from a Python that is warm: the function, its three asserts.
constexpr char kBarePython[] = R"PY(
import os, time
source = "def add(a, b):\n  return a + b\n"
asserts = ["assert add(1, 2) == 3", "assert add(-1, 1) == 0", "assert add(0, 0) == 0"]
begun, n = time.monotonic(), 0
while time.monotonic() - begun < 0.33:
    pid = os.fork()
    if pid == 0:
        names = {}
        exec(compile(source, "candidate", "exec"), names)
        for line in asserts:
            exec(compile(line, "assert", "exec"), names)
        os._exit(0)
    assert os.waitpid(pid, 0)[1] == 0
    n += 1
print(n / (time.monotonic() - begun))
)PY";

struct Kind {
  const char* name;
  RunnerOptions options;
  Candidate right, wrong;
  std::vector<Check> checks;
  Wanted wanted = {};
  Round bare = {};
};

void Run(const Kind& kind) {
  auto runner = MakeRunner(kind.options);
  if (!runner) {
    std::fprintf(stderr, "%s: %s\n", kind.name, runner.error().what.c_str());
    return;
  }
  const auto right = (*runner)->Run(kind.right, kind.checks), wrong = (*runner)->Run(kind.wrong, kind.checks);
  if (!right || right->verdict != Verdict::kAccepted || !wrong || wrong->verdict == Verdict::kAccepted) {
    std::fprintf(stderr, "%s: the verdicts are wrong: %s\n", kind.name,
                 right ? right->message.c_str() : right.error().what.c_str());
    return;
  }
  const double before = CpuSeconds();
  const auto [rate, bare] = Compare(Repeated([&] {
                                      const auto r = (*runner)->Run(kind.right, kind.checks);
                                      return r && r->verdict == Verdict::kAccepted;
                                    }),
                                    kind.bare);
  runner->reset();  // its processes are waited for, and counted
  Print(kind.name, rate, CpuSeconds() - before - bare.cpu_s, bare, kind.wanted);
}

int Main(const std::string& only) {
  cpu_set_t one;  // inherited by every jail: judge and candidates share one core
  CPU_ZERO(&one);
  CPU_SET(0, &one);
  sched_setaffinity(0, sizeof one, &one);
  if (const Status& works = JailWorksHere(); !works) return std::fprintf(stderr, "%s\n", works.error().what.c_str()), 1;
  const std::string gcd = Compiled("long gcd(long a, long b) { return b ? gcd(b, a % b) : a; }", {"-shared", "-fPIC"});
  const std::string lcm = Compiled("long gcd(long a, long b) { return a * b; }", {"-shared", "-fPIC"});
  // Its candidate is a file that it reads, as an interpreter's would be: what is timed is the execution, not the copying.
  const std::string program = Compiled(
      "#include <stdio.h>\nint main(void) { int c = getc(fopen(\"main\", \"r\")); return c != '3'; }", {"-static", "-s"});
  const std::string folder = std::filesystem::temp_directory_path() / Fmt("hasten-jail-bench-%d", int(::getpid()));
  std::filesystem::create_directory(folder);
  std::ofstream(folder + "/program") << program;
  std::ofstream(folder + "/bare") << Compiled(kBareProgram, {"-static", "-nostdlib", "-s"});
  std::ofstream(folder + "/fork") << Compiled(kBareFork, {"-s"});
  std::ofstream(folder + "/bare.py") << kBarePython;
  std::ofstream(folder + "/main") << "3";
  std::filesystem::current_path(folder);  // bare programs look for their candidate here
  const std::string python = FindProgram("/usr/bin/python3").empty() ? "python3" : "/usr/bin/python3";  // as the runner's
  for (const char* name : {"/program", "/bare", "/fork"})
    std::filesystem::permissions(folder + name, std::filesystem::perms(0755));
  const std::vector<Check> call = {{.kind = CheckKind::kCall, .function = "add", .arguments = "[1, 2]", .expected = "3"}};
  std::vector<Check> asserts;
  for (const char* code : {"assert add(1, 2) == 3", "assert add(-1, 1) == 0", "assert add(0, 0) == 0"})
    asserts.push_back({.kind = CheckKind::kCode, .code = code});
  const std::vector<Kind> kinds = {
      {"a function of a shared object, forked",
       {.language = "native"},
       {gcd},
       {lcm},
       {{.kind = CheckKind::kCall, .function = "gcd:i(ii)", .arguments = "[12, 18]", .expected = "6"}},
       {5000, 5000. / 9200},
       Told(folder + "/fork")},
      {"a static program, executed",
       {.language = "command", .read_only = {folder}, .command = {folder + "/program"}},
       {"3"},
       {"4"},
       {{}},
       {1500, 1500. / 2850},
       BareExec(folder + "/program")},
      {"a static program without the C library, executed",
       {.language = "command", .read_only = {folder}, .command = {folder + "/bare"}},
       {"3"},
       {"4"},
       {{}},
       {1500},
       BareExec(folder + "/bare")},
      {"a Python function, three asserts",
       {.language = "python"},
       {"def add(a, b):\n  return a + b\n"},
       {"def add(a, b):\n  return a - b\n"},
       asserts,
       {500, 500. / 800},
       Told(python + " -S " + folder + "/bare.py")},
      {"a Python function, one call",
       {.language = "python"},
       {"def add(a, b):\n  return a + b\n"},
       {"def add(a, b):\n  return a - b\n"},
       call},
      {"a LuaJIT function, one call",
       {.language = "lua"},
       {"function add(a, b) return a + b end"},
       {"function add(a, b) return a - b end"},
       call},
      {"a shell script", {.language = "sh"}, {"echo 3"}, {"echo 4"}, {{.expected_output = "3"}}},
      {"an SQL query", {.language = "sql"}, {"select 3"}, {"select 4"}, {{.expected_output = "[3]"}}},
      {"a Node.js function, one call",
       {.language = "node"},
       {"const add = (a, b) => a + b"},
       {"const add = (a, b) => a - b"},
       call},
  };
  for (const Kind& kind : kinds)
    if (std::string(kind.name).find(only) != std::string::npos) Run(kind);
  std::filesystem::remove_all(folder);
  return 0;
}

}  // namespace
}  // namespace hasten::sandbox

int main(int argc, char** argv) {
  return hasten::sandbox::Main(argc > 1 ? argv[1] : "");
}  // all, or those with this in the name
