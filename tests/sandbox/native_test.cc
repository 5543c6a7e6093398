// Functions of shared objects: what they answer, which loader takes them, and what becomes of objects that lie.
#include <elf.h>
#include <gmock/gmock.h>

#include <cstring>

#include "sandbox/jail.h"
#include "sandbox/wire.h"
#include "tests/sandbox/runner_here.h"
#include "tests/support/support.h"

namespace hasten::sandbox {
namespace {

using testing::HasSubstr;

// A shared object, made in a jail of its own; empty where there is no compiler.
std::string SharedObject(const std::string& source, const std::vector<std::string>& flags = {}) {
  auto jail = Jail::Start({});
  if (!jail) return {};
  std::vector<std::string> words = {"gcc", "-O1", "-shared", "-fPIC", "-o", "f.so", "f.c"};
  words.insert(words.end(), flags.begin(), flags.end());
  const auto built = (*jail)->Run({.limits = {.wall_s = 60, .cpu_s = 60, .memory_bytes = size_t(1) << 30},
                                   .argv = std::move(words),
                                   .files = {{"f.c", source}},
                                   .collect = true});
  if (built)
    for (const File& f : built->files)
      if (f.path == "f.so") return f.bytes;
  return {};
}

// `by_linker` is 1 where the dynamic linker loaded the object, 0 where the warden did.
constexpr char kMaps[] = R"C(
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
static char* area(const char* name, char** end) {
  static char line[500];
  FILE* maps = fopen("/proc/self/maps", "r");
  while (maps && fgets(line, sizeof line, maps)) {
    char* from = (char*)strtoul(line, end, 16);
    *end = (char*)strtoul(*end + 1, 0, 16);
    if (strstr(line, name)) return from;
  }
  return maps ? 0 : (char*)-1;
}
long by_linker(void) {
  char* end;
  char* from = area("candidate.so", &end);
  return from == (char*)-1 ? -1 : from != 0;
}
)C";

TEST(Native, FunctionsOfASharedObject) {
  RUNNER_OR_SKIP(native, "native");
  const std::string object = SharedObject(
      "#include <stdlib.h>\n#include <unistd.h>\nlong gcd(long a, long b) { return b ? gcd(b, a % b) : a; }\n"
      "double mix(long a, double x, long b, double y) { return a * x + b * y; }\n"
      "const char* name(const char* s) { return s[0] == 'a' ? \"alpha\" : 0; }\n"
      "const char* upper(char* s) { for (char* c = s; *c; ++c) *c -= 32; return s; }\n"
      "long count(void) { static long n; return ++n; }\n"
      "long crash(long a) { return *(volatile long*)a; }\nlong leave(long a) { _exit(0); }\n"
      "long spin(long a) { for (;;) __asm__ volatile(\"\"); }\n"
      "long bomb(void) { for (;;) memset(malloc(1 << 20), 1, 1 << 20); }\n"
      "long flood(void) { char text[4096]; memset(text, 'x', sizeof text); for (;;) write(1, text, sizeof text); }\n"
      "long say(void) { return write(1, \"out\", 3) + write(2, \"error\", 5); }\n"
      "const char* repeat(long n) { char* s = malloc(n + 1); memset(s, 'y', n); s[n] = 0; return s; }\n",
      {"-include", "string.h"});
  if (object.empty()) GTEST_SKIP() << "no C compiler here";
  const std::string long_text = "\"" + std::string(300000, 'y') + "\"";
  const Check one = Call("count:i()", "[]", "1"), two = Call("count:i()", "[]", "2"), gcd = Call("gcd:i(ii)", "[12, 18]", "6");
  Walk(native,
       {
           {"right",
            object,
            {gcd, Call("mix:d(idid)", "[2, 1.5, 3, 0.5]", "4.5"), Call("name:s(s)", "[\"abc\"]", "\"alpha\"")},
            Verdict::kAccepted},
           {"wrong", object, {Call("gcd:i(ii)", "[12, 18]", "5")}, Verdict::kWrong, "gcd(12, 18) gave 6 instead of 5"},
           {"crash", object, {Call("crash:i(i)", "[0]", "5")}, Verdict::kCrashed, "signal 11"},
           {"leave", object, {Call("leave:i(i)", "[0]", "0")}, Verdict::kCrashed, "ended"},
           {"spin", object, {Call("spin:i(i)", "[0]", "0")}, Verdict::kTimedOut},
           {"bomb", object, {Call("bomb:i()", "[]", "0")}, Verdict::kOutOfMemory},
           {"flood", object, {Call("flood:i()", "[]", "0")}, Verdict::kOutputTooLong},
           {"no such", object, {Call("lcm:i(ii)", "[1, 2]", "5")}, Verdict::kCrashed, "no function"},
           {"one process for all calls", object, {one, two}, Verdict::kAccepted},
           {"and another for the next candidate", object, {one}, Verdict::kAccepted},
           {"its text is its own to write", object, {Call("upper:s(s)", "[\"abc\"]", "\"ABC\"")}, Verdict::kAccepted},
           {"long texts", object, {Call("repeat:s(i)", "[300000]", long_text.c_str()), gcd}, Verdict::kAccepted},
           {"too long a text", object, {gcd, Call("repeat:s(i)", "[20000000]", "0")}, Verdict::kCrashed, "longer than 16 MiB"},
           {"no object", "text", {Call("gcd:i(ii)", "[1, 2]", "5")}, Verdict::kCrashed, "candidate.so"},
           {"nothing", "", {Call("gcd:i(ii)", "[1, 2]", "5")}, Verdict::kCrashed, "candidate.so"},
       });
  const auto said = native.Run({.source = object}, std::vector<Check>{Call("say:i()", "[]", "8")});
  ASSERT_TRUE(said) << said.error().what;
  EXPECT_EQ(said->out + "|" + said->err, "out|error");
}

TEST(Native, AnEndLeavesTheAnswersBeforeIt) {
  RUNNER_OR_SKIP(native, "native");
  const std::string object = SharedObject(
      "#include <unistd.h>\nlong one(void) { return 1; }\nlong crash(void) { return *(volatile long*)0; }\n"
      "long leave(void) { _exit(0); }\nlong spin(void) { for (;;) pause(); }\n");
  if (object.empty()) GTEST_SKIP() << "no C compiler here";
  const Check one = Call("one:i()", "[]", "1"), two = Call("one:i()", "[]", "2"), spin = Call("spin:i()", "[]", "1");
  const struct {
    std::vector<Check> checks;
    Verdict verdict;
    size_t passed;
  } cases[] = {{{one, one, Call("crash:i()", "[]", "1"), one}, Verdict::kCrashed, 2},
               {{one, one, Call("leave:i()", "[]", "1"), one}, Verdict::kCrashed, 2},
               {{one, two, Call("crash:i()", "[]", "1")}, Verdict::kWrong, 1},
               {{one, Call("none:i()", "[]", "1"), Call("crash:i()", "[]", "1")}, Verdict::kCrashed, 1}};
  for (const auto& c : cases) {
    const auto r = native.Run({.source = object}, c.checks);
    ASSERT_TRUE(r) << r.error().what;
    EXPECT_EQ(VerdictName(r->verdict), VerdictName(c.verdict)) << r->message;
    EXPECT_EQ(r->passed, c.passed) << r->message;
  }
  // One that is wrong is not waited for: its limit is twenty seconds.
  const auto r = native.Run({.source = object}, std::vector<Check>{two, spin});
  ASSERT_TRUE(r) << r.error().what;
  EXPECT_EQ(VerdictName(r->verdict), "wrong");
  EXPECT_LT(r->wall_s, kSmall.wall_s / 2);
}

TEST(Native, ChecksThatAreNoneAreRefusedBeforeAnythingRuns) {
  RUNNER_OR_SKIP(native, "native");
  for (const Check& bad : {Call("gcd", "[1, 2]", "1"), Call("gcd:x(ii)", "[1, 2]", "1"), Call("gcd:i(ii)", "[1]", "1"),
                           Call("gcd:i(ii)", "[1, \"2\"]", "1"), Check{}}) {
    const auto r = native.Run({.source = "text"}, std::vector<Check>{bad});
    ASSERT_FALSE(r);
    EXPECT_EQ(r.error().code, Code::kBadInput) << r.error().what;
  }
}

TEST(Native, EveryKindOfObjectRunsAsUnderTheDynamicLinker) {
  RUNNER_OR_SKIP(native, "native");
  if (SharedObject("long f(void) { return 0; }").empty()) GTEST_SKIP() << "no C compiler here";
  struct Kind {
    const char* what;
    const char* source;
    const char* function;
    const char* expected;
    int by_linker;
    std::vector<std::string> flags = {};
  };
  const std::vector<Kind> kinds = {
      {"data, pointers to it, zeros",
       "static long zeros[5000]; long one = 1; long* at = &one; const char* const words[] = {\"a\", \"bc\"};\n"
       "long f(void) { return *at + zeros[4999] + (long)strlen(words[1]); }",
       "f:i()", "3", 0},
      {"constructors, in order",
       "static long n; __attribute__((constructor(101))) static void a(void) { n = 2; }\n"
       "__attribute__((constructor(102))) static void b(int argc, char** argv) { n = n * 10 + argc + !argv[0]; }\nlong f(void) "
       "{ return n; }",
       "f:i()", "21", 0},
      {"the C library's functions, by name and through pointers",
       "static int less(const void* a, const void* b) { return *(const int*)a - *(const int*)b; }\n"
       "long f(void) { int* v = malloc(12); char text[20]; memcpy(v, (int[]){3, 1, 2}, 12); qsort(v, 3, 4, less);\n"
       "  snprintf(text, sizeof text, \"%d%d%d\", v[0], v[1], v[2]); long n = atol(text); free(v); return n; }",
       "f:i()", "123", 0},
      {"its data", "long f(void) { return fprintf(stdout, \"four\") + !getenv(\"HOME\"); }", "f:i()", "4", 0},
      {"an older version of a function",
       "__asm__(\".symver old, memcpy@GLIBC_2.2.5\"); void* old(void*, const void*, size_t);\n"
       "long f(void) { char b[4] = \"\"; old(b, \"xyz\", 4); return b[2]; }",
       "f:i()", "122", 0},
      {"no old-fashioned hash table", "long f(void) { return 5; }", "f:i()", "5", 0, {"-Wl,--hash-style=gnu"}},
      {"both tables", "long f(void) { return 5; }", "f:i()", "5", 0, {"-Wl,--hash-style=both"}},
      {"only the old one", "long f(void) { return 5; }", "f:i()", "5", 1, {"-Wl,--hash-style=sysv"}},
      {"segments that share pages", "long x = 5; long f(void) { return x; }", "f:i()", "5", 0, {"-Wl,-z,noseparate-code"}},
      {"nothing read-only after relocating", "long x = 5; long f(void) { return x; }", "f:i()", "5", 0, {"-Wl,-z,norelro"}},
      {"calls bound at once", "long f(void) { return atol(\"5\"); }", "f:i()", "5", 0, {"-Wl,-z,now"}},
      {"a weak function that is nowhere",
       "__attribute__((weak)) long nowhere(void); long f(void) { return nowhere ? nowhere() : 6; }", "f:i()", "6", 0},
      {"a function of its own by the C library's name, seen from inside",
       "__attribute__((noinline)) long labs(long x) { return x + 100; } long f(long x) { return labs(x); }",
       "f:i(i)",
       "7",
       0,
       {"-fno-builtin"}},
      {"the same from outside",
       "__attribute__((noinline)) long labs(long x) { return x + 100; }",
       "labs:i(i)",
       "93",
       0,
       {"-fno-builtin"}},
      {"a function of the C library", "long f(void) { return 0; }", "labs:i(i)", "7", 0},
      {"thread-local data", "__thread long x = 4; long f(void) { return ++x; }", "f:i()", "5", 1},
      {"the C library's", "#include <errno.h>\nlong f(void) { errno = 3; return errno; }", "f:i()", "3", 0},
      {"the mathematical library",
       "#include <math.h>\nlong f(long x) { return (long)(cbrt(8.0 * x * x * x) + sin(x * 0.0) + floor(x / 2.0)); }",
       "f:i(i)",
       "-18",
       0,
       {"-fno-builtin", "-lm"}},
      {"a function of it",
       "#include <math.h>\ndouble f(void) { return sin(1); }",
       "fabs:d(d)",
       "7",
       0,
       {"-fno-builtin", "-lm"}},
      {"another library", "long f(void) { return 5; }", "f:i()", "5", 1, {"-Wl,--no-as-needed", "-lgcc_s"}},
      {"a function that chooses its variant",
       "static long a(void) { return 8; } static void* choose(void) { return a; }\n"
       "long f(void) __attribute__((ifunc(\"choose\")));",
       "f:i()", "8", 1},
      {"who looks for itself",
       "#define _GNU_SOURCE\n#include <dlfcn.h>\nlong f(void) { return dlsym(RTLD_DEFAULT, \"malloc\") != 0; }", "f:i()", "1",
       1},
      {"symbols bound within", "long g(void) { return 9; } long f(void) { return g(); }", "f:i()", "9", 1, {"-Wl,-Bsymbolic"}},
      {"versions of its own", "long f(void) { return 5; }", "f:i()", "5", 1, {"-Wl,--default-symver"}},
  };
  for (const Kind& k : kinds) {
    const std::string object = SharedObject(std::string(kMaps) + k.source, k.flags);
    ASSERT_FALSE(object.empty()) << k.what;
    const bool takes_one = std::strstr(k.function, "()") == nullptr;
    Walk(native, {{k.what, object, {Call(k.function, takes_one ? "[-7]" : "[]", k.expected)}, Verdict::kAccepted}});
    const auto r =
        native.Run({.source = object}, std::vector<Check>{Call("by_linker:i()", "[]", std::to_string(k.by_linker).c_str())});
    ASSERT_TRUE(r) << r.error().what;
    if (r->got != "-1") {  // there may be no /proc
      EXPECT_EQ(VerdictName(r->verdict), "accepted") << k.what << ": " << r->message;
    }
  }
}

TEST(Native, WhatDoesNotLoadSaysWhy) {
  RUNNER_OR_SKIP(native, "native");
  const std::string missing = SharedObject("long nowhere(void); long f(void) { return nowhere(); }");
  if (missing.empty()) GTEST_SKIP() << "no C compiler here";
  const Check f = Call("f:i()", "[]", "1");
  Walk(native,
       {{"a symbol that is nowhere", missing, {f}, Verdict::kCrashed, "nowhere"},
        {"read-only data written",
         SharedObject("const long x[2] = {1}; long f(void) { *(volatile long*)x = 1; return 1; }"),
         {f},
         Verdict::kCrashed,
         "signal 11"},
        {"read-only pointers written",
         SharedObject("long y; long* const x[2] = {&y}; long f(void) { *(long* volatile*)x = 0; return 1; }"),
         {f},
         Verdict::kCrashed,
         "signal 11"},
        {"data executed",
         SharedObject("char x[] = {(char)0xc3}; long f(void) { ((void (*)(void))x)(); return 1; }"),
         {f},
         Verdict::kCrashed,
         "signal 11"},
        {"a constructor that crashes",
         SharedObject("static long* volatile at; __attribute__((constructor)) static void c(void) { *at = 1; } long f(void) { "
                      "return 1; }"),
         {f},
         Verdict::kCrashed,
         "signal 11"},
        {"a constructor that leaves",
         SharedObject(
             "#include <unistd.h>\n__attribute__((constructor)) static void c(void) { _exit(0); } long f(void) { return 1; }"),
         {f},
         Verdict::kCrashed,
         "ended"}});
}

// Every byte of what describes the object is turned, one at a time; and it is cut at every length.
TEST(Native, ObjectsThatLieHurtNobodyElse) {
  HASTEN_JAIL_OR_SKIP();
  Limits limits = kSmall;
  limits.cpu_s = 0.3;
  limits.wall_s = 3;
  auto native = MakeRunner({.language = "native", .limits = limits});
  ASSERT_TRUE(native) << native.error().what;
  const std::string object = SharedObject(
      "#include <stdlib.h>\nlong x = 7; long* at = &x; __attribute__((constructor)) static void c(void) { ++*at; }\n"
      "long f(long a) { return *at + labs(a); }\n",
      {"-fno-builtin", "-s"});
  if (object.empty()) GTEST_SKIP() << "no C compiler here";
  const std::vector<Check> right = {Call("f:i(i)", "[-4]", "12")}, impossible = {Call("f:i(i)", "[-4]", "31415926535")};
  size_t tried = 0;
  const auto lies = [&](const std::string& bytes) {
    const auto r = (*native)->Run({.source = bytes}, impossible);
    ASSERT_TRUE(r) << r.error().what;
    EXPECT_NE(VerdictName(r->verdict), "accepted");
    if (++tried % 64 != 0) return;
    const auto after = (*native)->Run({.source = object}, right);
    ASSERT_TRUE(after) << after.error().what;
    EXPECT_EQ(VerdictName(after->verdict), "accepted") << after->message;
  };
  Elf64_Ehdr head;
  ASSERT_GE(object.size(), sizeof head);
  std::memcpy(&head, object.data(), sizeof head);
  std::vector<Elf64_Phdr> segments(head.e_phnum);
  std::memcpy(segments.data(), object.data() + head.e_phoff, segments.size() * sizeof(Elf64_Phdr));
  for (const Elf64_Phdr& s : segments) {
    if (s.p_type != PT_DYNAMIC && (s.p_type != PT_LOAD || s.p_offset != 0)) continue;  // the first holds headers and tables
    for (size_t i = 0; i < s.p_filesz; ++i) {
      std::string turned = object;
      turned[s.p_offset + i] = char(~turned[s.p_offset + i]);
      lies(turned);
      turned = object;
      turned[s.p_offset + i] = char(turned[s.p_offset + i] + 8);
      lies(turned);
    }
  }
  for (size_t size = 0; size < object.size(); size += size < 1024 ? 16 : 512) lies(object.substr(0, size));
  EXPECT_GT(tried, 1000u);
}

TEST(Native, WhatTheWardenSharesIsNoWayToOthers) {
  RUNNER_OR_SKIP(native, "native");
  const std::string object = SharedObject(std::string(kMaps) + R"C(
#include <sys/mman.h>
long seen(void) { char* end; return by_linker() < 0 ? -1 : area("memfd:answers", &end) != 0; }
long fill(void) {
  char* end;
  char* from = area("memfd:answers", &end);
  memset(from, 0xff, end - from);
  return 1;
}
long forge(void) {  // a value for the question after this one, and none of its own
  char* end;
  char* from = area("memfd:answers", &end);
  unsigned kind = 1; unsigned long size = 8, value = 77, used = 40;
  for (char* to = from + 8; to < from + 48; to += 20) memcpy(to, &kind, 4), memcpy(to + 4, &size, 8), memcpy(to + 12, &value, 8);
  memcpy(from, &used, 8);
  exit(0);
}
long left(void) {
  char* end;
  char* from = area("memfd:answers", &end);
  long n = 0;
  for (; from < end; from += 509) n += *from != 0;
  return n;
}
long writable(void) {
  char* end;
  char* from = area("memfd:inbox", &end);
  return mprotect(from, end - from, PROT_READ | PROT_WRITE);
}
)C");
  if (object.empty()) GTEST_SKIP() << "no C compiler here";
  const auto there = native.Run({.source = object}, std::vector<Check>{Call("seen:i()", "[]", "1")});
  ASSERT_TRUE(there) << there.error().what;
  if (there->verdict != Verdict::kAccepted) GTEST_SKIP() << "no /proc in the jail";
  Walk(native,
       {{"fills the answers", object, {Call("fill:i()", "[]", "1")}, Verdict::kCrashed},
        {"of which nothing is left", object, {Call("left:i()", "[]", "0")}, Verdict::kAccepted},
        {"answers for itself", object, {Call("forge:i()", "[]", "1"), Call("seen:i()", "[]", "1")}, Verdict::kWrong, "77"},
        {"writes to the job", object, {Call("writable:i()", "[]", "-1")}, Verdict::kAccepted}});
}

// A candidate is a fork of the server, so whatever the server still holds of the one before would be its to read.
TEST(Native, NothingOfTheCandidateBeforeIsToBeFound) {
  RUNNER_OR_SKIP(native, "native");
  const std::string object = SharedObject(R"C(
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>
static char hidden[] = "gspn!uif!pof!cfgpsf";  // the mark, each letter one on
const char* mark(long n) {
  char* text = malloc(n + 1);
  for (long i = 0; i < n; ++i) text[i] = hidden[i % 19] - 1;
  text[n] = 0;
  write(1, text, n < 20000 ? n : 20000);
  return text;
}
long name(void) {  // files and a process, while the warden looks
  char text[20] = "";
  for (int i = 0; i < 19; ++i) text[i] = hidden[i] - 1;
  mkdir(text, 0700);
  chdir(text);
  mkdir(text, 0700);
  prctl(PR_SET_NAME, text);
  usleep(30000);
  return 1;
}
long found(void) {
  static char line[500];
  FILE* maps = fopen("/proc/self/maps", "r");
  long n = 0;
  while (maps && fgets(line, sizeof line, maps)) {
    char* end;
    const char* at = (const char*)strtoul(line, &end, 16);
    const char* to = (const char*)strtoul(end + 1, &end, 16);
    if (end[1] != 'r' || strstr(line, "[v")) continue;
    for (; at + 19 <= to; ++at) {
      int i = 0;
      while (i < 15 && at[i] == hidden[i] - 1) ++i;  // as much as a process's name holds
      if (i == 15 && ++n < 4) write(2, line, strlen(line));
    }
  }
  return maps ? n : -1;
}
)C",
                                          {"-include", "string.h"});
  if (object.empty()) GTEST_SKIP() << "no C compiler here";
  const Case found = {"what it named", object, {Call("found:i()", "[]", "0")}, Verdict::kAccepted};
  auto collecting = MakeRunner({.language = "native", .limits = kSmall, .collect_files = true});
  ASSERT_TRUE(collecting) << collecting.error().what;
  for (Runner* runner : {&native, collecting->get()})
    Walk(*runner, {{"names", object, {Call("name:i()", "[]", "1")}, Verdict::kAccepted}, found});
  const std::string text = "from the one before";
  const std::string few = text, many = text + std::string(3 << 20, 'x') + text;
  const std::string little, much(2 << 20, 'x');
  const auto repeated = [&](size_t n) {
    std::string all;
    while (all.size() < n) all += text;
    return "\"" + all.substr(0, n) + "\"";
  };
  for (const std::string* before : {&few, &many})
    for (const std::string* after : {&little, &much})
      for (const size_t answer : {19, 200, 3000, 40000, 2000000}) {
        const std::string what = Fmt("%zu bytes, then %zu; an answer of %zu", before->size(), after->size(), answer);
        const std::string expected = repeated(answer);
        const Check mark = Call("mark:s(i)", Fmt("[%zu]", answer).c_str(), expected.c_str());
        Walk(native, {{what.c_str(), object + *before, {mark}, Verdict::kAccepted},
                      {what.c_str(), object + *after, {Call("found:i()", "[]", "0")}, Verdict::kAccepted}});
      }
}

TEST(Native, WhatOneTookIsNotChargedToTheNext) {
  RUNNER_OR_SKIP(native, "native");
  const std::string object = SharedObject(R"C(
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
const char* big(long n) { char* text = malloc(n + 1); memset(text, 'x', n); text[n] = 0; return text; }
char* kept;
long hold(void) { kept = malloc(70 << 20); memset(kept, 1, 70 << 20); usleep(60000); return kept[1]; }
)C");
  if (object.empty()) GTEST_SKIP() << "no C compiler here";
  const std::string expected = "\"" + std::string(15 << 20, 'x') + "\"";
  const Case hold = {"most of its memory", object, {Call("hold:i()", "[]", "1")}, Verdict::kAccepted};
  Walk(native, {hold,
                {"a long answer", object, {Call("big:s(i)", "[15728640]", expected.c_str())}, Verdict::kAccepted},
                hold,
                {"a long object", object + std::string(30 << 20, 'x'), {Call("big:s(i)", "[2]", "\"xx\"")}, Verdict::kAccepted},
                hold});
}

TEST(Native, TricksGainNothingAndLeaveNothing) {
  RUNNER_OR_SKIP(native, "native");
  const std::string object = SharedObject(std::string("#define _GNU_SOURCE\n") + kMaps + R"C(
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <signal.h>
#define TMP(name) "/tmp" "/" name
static long entries(const char* path) {
  DIR* folder = opendir(path);
  long n = folder ? -2 : 1000;
  while (folder && readdir(folder)) ++n;
  return n;
}
static void put(const char* path) { close(open(path, O_CREAT | O_WRONLY, 0600)); }
long look(void) { return entries(".") + entries("/tmp"); }
long swap(void) {
  put("a"); mkdir(TMP("d"), 0700); mkdir(TMP("d/e"), 0700); mkdir("b", 0700);
  syscall(SYS_renameat2, AT_FDCWD, "a", AT_FDCWD, TMP("d"), 2);        // exchange
  syscall(SYS_renameat2, AT_FDCWD, "b", AT_FDCWD, TMP("d/whiteout"), 4);
  syscall(SYS_renameat2, AT_FDCWD, "a", AT_FDCWD, "c", 4);
  put("x"); put("y"); rename("x", "y"); link("y", TMP("z")); unlink("y"); symlink("/", "l");
  return 0;
}
long whiteout(void) {  // as many entries made as removed, and times and modes as before
  put("a");
  syscall(SYS_renameat2, AT_FDCWD, "a", AT_FDCWD, TMP("a"), 4);
  unlink(TMP("a"));
  const struct timespec none[2] = {{0, 0}, {0, 0}};
  utimensat(AT_FDCWD, ".", none, 0); utimensat(AT_FDCWD, "/tmp", none, 0);
  return 0;
}
long closed(void) { chmod(".", 0); chmod("/tmp", 01777); put(TMP("a")); unlink(TMP("a")); return 0; }
long modes(void) { struct stat s[2]; stat(".", s); stat("/tmp", s + 1); return s[0].st_mode & s[1].st_mode & 07777; }
long dies(void) { put("left"); mkdir(TMP("left"), 0700); kill(getpid(), 9); return *(volatile long*)0; }
long limits(void) {
  long raised = 0;
  for (int i = 0; i < RLIM_NLIMITS; ++i) {
    struct rlimit l;
    getrlimit(i, &l);
    if (l.rlim_max == RLIM_INFINITY) continue;
    l.rlim_cur = l.rlim_max = l.rlim_max + 1;
    raised += setrlimit(i, &l) == 0;
  }
  return raised;
}
long least(void) {  // of the kinds that are limited
  struct rlimit l; long n = 0;
  const int kinds[] = {RLIMIT_NOFILE, RLIMIT_STACK, RLIMIT_CORE, RLIMIT_MEMLOCK, RLIMIT_MSGQUEUE, RLIMIT_DATA, RLIMIT_CPU, RLIMIT_FSIZE, RLIMIT_NPROC};
  for (int i = 0; i < 9; ++i) n += getrlimit(kinds[i], &l) == 0 && l.rlim_max != RLIM_INFINITY && l.rlim_cur == l.rlim_max;
  return n;
}
long descriptors(void) { long n = 0; for (int i = 3; i < 5000; ++i) n += fcntl(i, F_GETFD) >= 0; return n; }
long job(void) {  // through every door to it
  char* end; char* from = area("memfd:inbox", &end); long done = 0;
  int mem = open("/proc/self/mem", O_RDWR);
  char name[100];
  done += pwrite(mem, "x", 1, (off_t)from) == 1;
  done += madvise(from, end - from, MADV_REMOVE) == 0;
  void* twice = mremap(from, 0, 4096, MREMAP_MAYMOVE);
  done += twice != MAP_FAILED && mprotect(twice, 4096, PROT_WRITE | PROT_READ) == 0;
  snprintf(name, sizeof name, "/proc/self/map_files/%lx-%lx", (long)from, (long)end);
  done += open(name, O_RDONLY) >= 0;
  return done;
}
long hide(void) {  // many pages beyond the first, which is taken away
  char* end; char* from = area("memfd:answers", &end);
  memset(from + 4096, 'h', end - from - 4096);
  madvise(from, 4096, MADV_REMOVE);
  for (;;) kill(getpid(), 9), *(volatile long*)0 = 1;
}
long one_page(void) {
  char* end; char* from = area("memfd:answers", &end);
  from[20000] = 'h';
  madvise(from, 4096, MADV_REMOVE);
  *(volatile long*)0 = 1;
  return 1;
}
long rest(void) {
  char* end; char* from = area("memfd:answers", &end); long n = 0;
  from = mremap(from, 0, 16 << 20, MREMAP_MAYMOVE);  // once more
  if (from == MAP_FAILED) return -1;
  for (long i = 4096; i < 16 << 20; ++i) n += from[i] != 0;
  return n;
}
long gone(void) { char* end; char* from = area("memfd:answers", &end); munmap(from, end - from); return 1; }
long writer(void) {  // processes that write answers while the first one ends
  char* end; volatile long* from = (volatile long*)area("memfd:answers", &end);
  for (int i = 0; i < 6; ++i)
    if (fork() == 0) { setsid(); for (;;) for (int k = 0; k < 40; ++k) from[k] = 0x4242424242424242; }
  usleep(2000);
  return 1;
}
)C");
  if (object.empty()) GTEST_SKIP() << "no C compiler here";
  const auto there = native.Run({.source = object}, std::vector<Check>{Call("by_linker:i()", "[]", "0")});
  ASSERT_TRUE(there) << there.error().what;
  if (there->verdict != Verdict::kAccepted) GTEST_SKIP() << "no /proc in the jail";
  const auto gives = [&](const char* f, const char* value, Verdict verdict = Verdict::kAccepted) {
    return Case{f, object, {Call((std::string(f) + ":i()").c_str(), "[]", value)}, verdict};
  };
  const Case look = gives("look", "0");
  Walk(native, {look,
                gives("swap", "0"),
                look,
                gives("whiteout", "0"),
                look,
                gives("closed", "0"),
                look,
                gives("modes", "493"),
                gives("dies", "0", Verdict::kCrashed),
                look,
                gives("limits", "0"),
                gives("least", "9"),
                gives("descriptors", "0"),
                gives("job", "0"),
                gives("hide", "0", Verdict::kCrashed),
                gives("rest", "0"),
                gives("one_page", "0", Verdict::kCrashed),
                gives("rest", "0"),
                gives("gone", "1", Verdict::kCrashed),
                gives("rest", "0")});
  for (int round = 0; round < 30; ++round) {
    const auto r = native.Run({.source = object}, std::vector<Check>{Call("writer:i()", "[]", "1")});
    ASSERT_TRUE(r) << r.error().what;
    Walk(native, {look, gives("rest", "0")});
  }
}

TEST(Native, NothingOfACandidateRunsOutsideOfTheFilter) {
  RUNNER_OR_SKIP(native, "native");
  const char* const ptrace =
      "#include <sys/ptrace.h>\nlong f(void) { return 1; }\n__attribute__((constructor)) static void c(void) { "
      "ptrace(PTRACE_TRACEME, 0, 0, 0); }\n";
  const std::string by_warden = SharedObject(ptrace),
                    by_linker = SharedObject(std::string(ptrace) + "__thread long x; long* g(void) { return &x; }");
  if (by_warden.empty()) GTEST_SKIP() << "no C compiler here";
  const Check f = Call("f:i()", "[]", "1");
  Walk(native, {{"a constructor", by_warden, {f}, Verdict::kForbidden, "ptrace"},
                {"one that the dynamic linker starts", by_linker, {f}, Verdict::kForbidden, "ptrace"}});
}

TEST(Native, FilesInFlightTakeNoRoomFromTheNext) {
  RUNNER_OR_SKIP(native, "native");
  const std::string object = SharedObject(R"C(
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>
static long fill(const char* name, long bytes) {
  static char block[65536];
  int fd = open(name, O_CREAT | O_RDWR, 0600);
  for (long done = 0; done < bytes; done += sizeof block)
    if (write(fd, block, sizeof block) != sizeof block) return -1;
  return fd;
}
static long give(int over, int fd) {
  char control[CMSG_SPACE(sizeof(int))] = {0};
  struct iovec part = {"x", 1};
  struct msghdr m = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
  struct cmsghdr* c = CMSG_FIRSTHDR(&m);
  c->cmsg_level = SOL_SOCKET; c->cmsg_type = SCM_RIGHTS; c->cmsg_len = CMSG_LEN(sizeof fd);
  memcpy(CMSG_DATA(c), &fd, sizeof fd);
  return sendmsg(over, &m, 0);
}
long fly(void) {  // a socket that waits in itself, and with it a file without a name
  int ends[2];
  socketpair(AF_UNIX, SOCK_DGRAM, 0, ends);
  long fd = fill("gone", 7 << 20);
  unlink("gone");
  const struct timespec none[2] = {{0, 0}, {0, 0}};
  utimensat(AT_FDCWD, ".", none, 0);  // as if untouched
  return give(ends[0], fd) + give(ends[0], ends[1]) + give(ends[1], ends[0]);
}
long room(void) { return fill("mine", 7 << 20) >= 0; }
)C");
  if (object.empty()) GTEST_SKIP() << "no C compiler here";
  for (int round = 0; round < 10; ++round)
    Walk(native, {{"flies", object, {Call("fly:i()", "[]", "3")}, Verdict::kAccepted},
                  {"has room", object, {Call("room:i()", "[]", "1")}, Verdict::kAccepted}});
}

TEST(Native, TimesOfTheFolderAreNoMessage) {
  RUNNER_OR_SKIP(native, "native");
  const std::string object = SharedObject(R"C(
#include <fcntl.h>
#include <sys/stat.h>
long leave(long n) {
  const struct timespec t[2] = {{n, 0}, {n, 0}};
  return utimensat(AT_FDCWD, ".", t, 0) + utimensat(AT_FDCWD, "/tmp", t, 0);
}
long find(long n) {
  struct stat s[2];
  if (stat(".", s) || stat("/tmp", s + 1)) return -1;
  return (s[0].st_mtime == n) + (s[0].st_atime == n) + (s[1].st_mtime == n) + (s[1].st_atime == n);
}
)C");
  if (object.empty()) GTEST_SKIP() << "no C compiler here";
  Walk(native, {{"leaves a message", object, {Call("leave:i(i)", "[4711]", "0")}, Verdict::kAccepted},
                {"that nobody finds", object, {Call("find:i(i)", "[4711]", "0")}, Verdict::kAccepted}});
}

TEST(Native, WithoutAJailItStillJudges) {
  auto native = MakeRunner({.language = "native", .limits = kSmall, .jail = false});
  ASSERT_TRUE(native) << native.error().what;
  const std::string object = SharedObject("#include <unistd.h>\nlong f(long a) { return a + 1 + 0 * write(1, \"x\", 1); }");
  if (object.empty()) GTEST_SKIP() << "no C compiler here";
  const Check right = Call("f:i(i)", "[2]", "3");
  Walk(**native, {{"right", object, {right, right}, Verdict::kAccepted},
                  {"wrong", object, {Call("f:i(i)", "[2]", "4")}, Verdict::kWrong},
                  {"no object", "text", {right}, Verdict::kCrashed, "candidate.so"}});
}

}  // namespace
}  // namespace hasten::sandbox
