// Each attack is tried, contained, called by its right name, and leaves nobody behind.
#include "sandbox/jail.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <cstdlib>

#include "tests/sandbox/jail_here.h"
#include "tests/support/support.h"

namespace hasten::sandbox {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr Limits kTight = {
    .wall_s = 10, .cpu_s = 10, .memory_bytes = 64 << 20, .output_bytes = 100000, .file_bytes = 8 << 20, .processes = 16};

JailOptions WithAttacks() {
  const std::string folder = std::filesystem::path(HASTEN_ATTACKS).parent_path().string();
  return {.binds = {{folder, "/attacks"}}, .limits = kTight};
}

class Attacks : public testing::Test {
 protected:
  void SetUp() override {
    HASTEN_JAIL_OR_SKIP();
    before_ = Descendants();
    auto jail = Jail::Start(WithAttacks());
    ASSERT_TRUE(jail) << jail.error().what;
    jail_ = *std::move(jail);
    idle_ = Descendants();
  }
  void TearDown() override {
    if (!jail_) return;
    EXPECT_EQ(Descendants(), idle_) << "a candidate's process lives on";
    jail_.reset();
    EXPECT_EQ(Descendants(), before_) << "the jail's processes live on";
  }
  Outcome Try(std::vector<std::string> words, Limits limits = kTight, bool collect = false) {
    words.insert(words.begin(), "/attacks/" + std::filesystem::path(HASTEN_ATTACKS).filename().string());
    auto outcome = jail_->Run({.limits = limits, .argv = std::move(words), .collect = collect});
    EXPECT_TRUE(outcome) << outcome.error().what;
    return outcome ? *std::move(outcome) : Outcome{};
  }
  std::set<std::string> before_, idle_;
  std::unique_ptr<Jail> jail_;
};

TEST_F(Attacks, EachGetsItsVerdict) {
  struct Case {
    const char* name;
    Verdict verdict;
    const char* forbidden;
    double wall_s = 10;
  };
  static const Case kCases[] = {
      {"fork-bomb", Verdict::kTimedOut, "", 0.3},
      {"memory-bomb", Verdict::kOutOfMemory, ""},
      {"memory-bomb-of-many", Verdict::kOutOfMemory, ""},
      {"shared-memory-bomb", Verdict::kOutOfMemory, ""},
      {"file-bomb", Verdict::kOutOfMemory, ""},
      {"output-flood", Verdict::kOutputTooLong, ""},
      {"double-fork", Verdict::kAccepted, ""},
      {"ignore-term", Verdict::kTimedOut, "", 0.2},
      {"stop-itself", Verdict::kTimedOut, "", 0.2},
      {"crash", Verdict::kCrashed, ""},
      {"abort", Verdict::kCrashed, ""},
      {"write-outside", Verdict::kAccepted, ""},
      {"read-proc", Verdict::kAccepted, ""},
      {"ptrace", Verdict::kForbidden, "ptrace"},
      {"signal-others", Verdict::kAccepted, ""},
      {"leaks", Verdict::kAccepted, ""},
      {"network", Verdict::kForbidden, "socket"},
      {"raw-network", Verdict::kForbidden, "socket"},
      {"io-uring", Verdict::kForbidden, "io_uring_setup"},
      {"keyctl", Verdict::kForbidden, "keyctl"},
      {"add-key", Verdict::kForbidden, "add_key"},
      {"namespace", Verdict::kForbidden, "unshare"},
      {"pid-namespace", Verdict::kAccepted, ""},
      {"mount", Verdict::kForbidden, "mount"},
      {"bpf", Verdict::kForbidden, "bpf"},
      {"read-others-memory", Verdict::kForbidden, "process_vm_readv"},
      {"x32", Verdict::kForbidden, ""},
      {"int80", Verdict::kForbidden, ""},
      {"forbidden-in-child", Verdict::kForbidden, "keyctl"},
      {"deep-folders", Verdict::kAccepted, ""},
      {"empty", Verdict::kAccepted, ""},
      {"forge", Verdict::kWrong, ""},
  };
  for (const Case& c : kCases) {
    Limits limits = kTight;
    limits.wall_s = c.wall_s;
    const Outcome o = Try({c.name}, limits);
    // Where the kernel has no system calls of 32 bits, int 0x80 is a fault: contained as well.
    const bool no_int80 = std::string_view(c.name) == "int80" && VerdictOf(o) == Verdict::kCrashed;
    EXPECT_EQ(VerdictOf(o), no_int80 ? Verdict::kCrashed : c.verdict)
        << c.name << ": " << VerdictName(VerdictOf(o)) << "; " << Explain(o, limits) << "; exit " << o.exit_code() << "; "
        << o.err;
    if (*c.forbidden) {
      EXPECT_EQ(o.forbidden, c.forbidden) << c.name;
    }
    EXPECT_EQ(Descendants(), idle_) << c.name;
  }
}

TEST_F(Attacks, AbstractSocketsOutsideAreOutOfReach) {
  const int fd = ::socket(AF_UNIX, SOCK_STREAM, 0);
  const std::string name = "hasten-jail-test-" + std::to_string(::getpid());
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::copy(name.begin(), name.end(), address.sun_path + 1);
  ASSERT_EQ(::bind(fd, reinterpret_cast<sockaddr*>(&address), socklen_t(offsetof(sockaddr_un, sun_path) + 1 + name.size())), 0);
  ASSERT_EQ(::listen(fd, 1), 0);
  EXPECT_EQ(Try({"abstract-socket", name}).exit_code(), 0);
  ::close(fd);
}

TEST_F(Attacks, ASpinningProgramIsEndedByItsProcessorTime) {
  Limits limits = kTight;
  limits.cpu_s = 0.1;
  const Outcome o = Try({"spin"}, limits);
  EXPECT_EQ(o.end, RunEnd::kCpu);
  EXPECT_LT(o.wall_s, 10);
}

TEST_F(Attacks, CollectedFilesFollowNoLinks) {
  const Outcome o = Try({"links"}, kTight, true);
  ASSERT_EQ(o.files.size(), 1u);
  EXPECT_EQ(o.files[0].path, "honest.txt");
  EXPECT_EQ(o.files[0].bytes, "here\n");
  EXPECT_THAT(o.refused, testing::UnorderedElementsAre("stolen.txt", "root", "pipe", "sub/up"));
}

TEST_F(Attacks, DescriptorsAndVariablesOfTheCallerDoNotLeak) {
  const TempDir dir;
  WriteBytes(dir / "open", "secret");
  const int fd = ::open((dir / "open").c_str(), O_RDONLY);  // not close-on-exec
  ::setenv("SECRET_KEY", "x", 1);
  auto jail = Jail::Start(WithAttacks());
  ASSERT_TRUE(jail);
  const auto o = (*jail)->Run({.limits = kTight, .argv = {"/attacks/hasten_attacks", "leaks"}});
  ASSERT_TRUE(o);
  EXPECT_EQ(o->exit_code(), 0);
  ::unsetenv("SECRET_KEY");
  ::close(fd);
}

// The checker's twin: what the attacks report when nothing holds them.
TEST(AttacksFree, WorkOutsideOfAJail) {
  auto jail = Jail::Start({.jail = false});
  ASSERT_TRUE(jail) << jail.error().what;
  for (const char* name : {"read-proc", "signal-others"}) {
    const auto o = (*jail)->Run({.limits = kTight, .argv = {HASTEN_ATTACKS, name}});
    ASSERT_TRUE(o) << o.error().what;
    EXPECT_EQ(o->exit_code(), 42) << name;
  }
}

TEST(Jails, WithoutNamespacesLimitsStillHold) {
  auto jail = Jail::Start({.jail = false});
  ASSERT_TRUE(jail) << jail.error().what;
  Limits limits = kTight;
  limits.wall_s = 0.2;
  auto o = (*jail)->Run({.limits = limits, .argv = {HASTEN_ATTACKS, "ignore-term"}});
  ASSERT_TRUE(o) << o.error().what;
  EXPECT_EQ(VerdictOf(*o), Verdict::kTimedOut);
  o = (*jail)->Run({.limits = kTight, .argv = {HASTEN_ATTACKS, "double-fork"}});
  ASSERT_TRUE(o) << o.error().what;
  EXPECT_EQ(VerdictOf(*o), Verdict::kAccepted);
  o = (*jail)->Run({.limits = kTight, .argv = {"/bin/sh", "-c", "cat; echo done >&2"}, .input = "hello"});
  ASSERT_TRUE(o) << o.error().what;
  EXPECT_EQ(o->out, "hello");
  EXPECT_EQ(o->err, "done\n");
}

TEST(Jails, InputOfAnySizeComesThroughAndHeadsAreKept) {
  HASTEN_JAIL_OR_SKIP();
  auto jail = Jail::Start({});
  ASSERT_TRUE(jail) << jail.error().what;
  Limits limits = kTight;
  limits.output_bytes = 8 << 20;
  limits.head_bytes = 1000;
  const std::string input(3000000, 'x');
  const auto o = (*jail)->Run({.limits = limits, .argv = {"cat"}, .input = input});
  ASSERT_TRUE(o) << o.error().what;
  EXPECT_EQ(VerdictOf(*o), Verdict::kAccepted) << Explain(*o, limits);
  EXPECT_EQ(o->out_bytes, input.size());
  EXPECT_EQ(o->out, std::string(1000, 'x'));
}

TEST(Jails, FilesGoInAndComeOutAndAreWiped) {
  HASTEN_JAIL_OR_SKIP();
  auto jail = Jail::Start({});
  ASSERT_TRUE(jail) << jail.error().what;
  const std::vector<File> files = {{"data/a.txt", "one"}, {"run", "#!/bin/sh\ncat data/a.txt > b.txt; echo $0", true}};
  auto o = (*jail)->Run({.limits = kTight, .argv = {"./run"}, .files = files, .collect = true});
  ASSERT_TRUE(o) << o.error().what;
  EXPECT_EQ(o->out, "./run\n") << o->err;
  ASSERT_EQ(o->files.size(), 3u);
  o = (*jail)->Run({.limits = kTight, .argv = {"sh", "-c", "ls -A /work /tmp"}});
  ASSERT_TRUE(o) << o.error().what;
  EXPECT_EQ(o->out, "/tmp:\n\n/work:\n");
  const auto bad = (*jail)->Run({.limits = kTight, .argv = {"true"}, .files = {{"../x", ""}}});
  ASSERT_FALSE(bad);
  EXPECT_EQ(bad.error().code, Code::kBadInput);
}

TEST(Jails, AProgramThatIsNotThereSaysSo) {
  HASTEN_JAIL_OR_SKIP();
  auto jail = Jail::Start({});
  ASSERT_TRUE(jail) << jail.error().what;
  const auto o = (*jail)->Run({.limits = kTight, .argv = {"no-such-program"}});
  ASSERT_TRUE(o) << o.error().what;
  EXPECT_EQ(o->exit_code(), 127);
  EXPECT_THAT(o->err, HasSubstr("no-such-program"));
}

}  // namespace
}  // namespace hasten::sandbox
