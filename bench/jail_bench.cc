// Candidates a second from judge to verdict, on one core: each is checked to be right, and a wrong one to be wrong, before it
// is timed. One JSON line for each kind, with the figure that is asked for.
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
#include <string>
#include <vector>

#include "sandbox/jail.h"
#include "sandbox/runner.h"

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

struct Rate {
  double median = 0, best = 0;
  size_t done = 0;
};

// Rounds of a third of a second; a neighbour that takes the core spoils some rounds, not the median.
template <class F>
Rate Measure(const F& once) {
  std::vector<double> rates;
  size_t done = 0;
  for (int round = 0; round < 9; ++round) {
    const double begun = Now();
    size_t n = 0;
    while (Now() - begun < 0.33) {
      if (!once()) return {};
      ++n;
    }
    done += n;
    rates.push_back(double(n) / (Now() - begun));
  }
  std::sort(rates.begin(), rates.end());
  return {rates[rates.size() / 2], rates.back(), done};
}

// per_cpu_s: what a core that does nothing else gives, whatever the neighbours do meanwhile.
void Print(const char* what, const Rate& rate, double cpu_s, double wanted) {
  std::printf("{\"bench\": \"jail\", \"candidates\": \"%s\", \"per_s\": %.0f, \"best_per_s\": %.0f, \"per_cpu_s\": %.0f", what,
              rate.median, rate.best, double(rate.done) / cpu_s);
  if (wanted > 0) std::printf(", \"wanted_per_s\": %.0f", wanted);
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

// The same program without a jail: what of its time is the C library's start (cpuid is slow in a virtual machine).
void Bare(const std::string& program, const std::string& file) {
  std::ofstream(file) << "3";
  const double before = CpuSeconds();
  const Rate rate = Measure([&] {
    pid_t pid = -1;
    char* argv[] = {const_cast<char*>(program.c_str()), nullptr};
    int status = -1;
    return ::posix_spawn(&pid, program.c_str(), nullptr, nullptr, argv, environ) == 0 && ::waitpid(pid, &status, 0) == pid;
  });
  Print("(bare: the static program, vfork and exec)", rate, CpuSeconds() - before, 0);
}

struct Kind {
  const char* name;
  RunnerOptions options;
  Candidate right, wrong;
  std::vector<Check> checks;
  double wanted;
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
  const Rate rate = Measure([&] {
    const auto r = (*runner)->Run(kind.right, kind.checks);
    return r && r->verdict == Verdict::kAccepted;
  });
  runner->reset();
  Print(kind.name, rate, CpuSeconds() - before, kind.wanted);
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
  for (const char* name : {"/program", "/bare"}) std::filesystem::permissions(folder + name, std::filesystem::perms(0755));
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
       5000},
      {"a static program, executed",
       {.language = "command", .read_only = {folder}, .command = {folder + "/program"}},
       {"3"},
       {"4"},
       {{}},
       1500},
      {"a static program without the C library, executed",
       {.language = "command", .read_only = {folder}, .command = {folder + "/bare"}},
       {"3"},
       {"4"},
       {{}},
       1500},
      {"a Python function, three asserts",
       {.language = "python"},
       {"def add(a, b):\n  return a + b\n"},
       {"def add(a, b):\n  return a - b\n"},
       asserts,
       500},
      {"a Python function, one call",
       {.language = "python"},
       {"def add(a, b):\n  return a + b\n"},
       {"def add(a, b):\n  return a - b\n"},
       call,
       0},
      {"a LuaJIT function, one call",
       {.language = "lua"},
       {"function add(a, b) return a + b end"},
       {"function add(a, b) return a - b end"},
       call,
       0},
      {"a shell script", {.language = "sh"}, {"echo 3"}, {"echo 4"}, {{.expected_output = "3"}}, 0},
      {"an SQL query", {.language = "sql"}, {"select 3"}, {"select 4"}, {{.expected_output = "[3]"}}, 0},
      {"a Node.js function, one call",
       {.language = "node"},
       {"const add = (a, b) => a + b"},
       {"const add = (a, b) => a - b"},
       call,
       0},
  };
  if (only.empty()) Bare(folder + "/program", folder + "/main");
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
