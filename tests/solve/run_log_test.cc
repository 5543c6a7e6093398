// The record: what is appended is there, whatever happens to the process, the disk or the file.
#include "solve/log/run_log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "solve/log/digest.h"
#include "tests/support/support.h"

namespace hasten::solve {
namespace {

using ::testing::HasSubstr;

TrialRecord Trial(uint64_t n, std::string candidate) {
  TrialRecord t;
  t.n = n;
  t.proposer = "mutation";
  t.candidate_digest = DigestText(Digest(candidate));
  t.candidate = std::move(candidate);
  t.verdict = "wrong";
  return t;
}

TEST(RunLog, HoldsEveryField) {
  TempDir dir;
  auto log = RunLog::Open(dir / "deep/er/runs.db");
  ASSERT_TRUE(log) << log.error().what;
  RunRecord run = {.started = 12.5,
                   .kind = "task",
                   .task = "a",
                   .text = "b",
                   .task_digest = "c",
                   .settings = "{}",
                   .model_hash = "d",
                   .version = "1",
                   .seed = ~uint64_t(0)};
  const auto id = log->Begin(run);
  ASSERT_TRUE(id);
  TrialRecord t = Trial(3, std::string("with\0nul", 8));
  t.parent = 1, t.other = 2, t.prompt_hash = "p", t.model_hash = "m", t.seed = 1ull << 63, t.score = -0.0, t.passed = 4;
  t.checks = 5, t.feedback = "f", t.behaviour = "b", t.cpu_s = .1, t.wall_s = .2, t.memory_bytes = 1ull << 40;
  t.tokens_in = 6, t.tokens_out = 7, t.dollars = .3, t.at_s = .4;
  ASSERT_TRUE(log->Append(*id, std::vector{t, Trial(4, "")}));
  run.id = *id, run.status = "solved", run.best = 3, run.seconds = 9, run.trials = 2, run.tokens = 13, run.dollars = .3;
  ASSERT_TRUE(log->Update(run));
  const auto back = log->Find(*id);
  ASSERT_TRUE(back);
  EXPECT_EQ(back->seed, run.seed);
  EXPECT_EQ(back->text, "b");
  EXPECT_EQ(back->status, "solved");
  EXPECT_EQ(back->best, 3);
  EXPECT_EQ(back->tokens, 13u);
  const auto trials = log->Trials(*id);
  ASSERT_TRUE(trials);
  ASSERT_EQ(trials->size(), 2u);
  const TrialRecord& u = (*trials)[0];
  EXPECT_EQ(u.candidate, t.candidate);
  EXPECT_EQ(u.seed, t.seed);
  EXPECT_EQ(u.parent, 1);
  EXPECT_EQ(u.other, 2);
  EXPECT_EQ(u.score, t.score);
  EXPECT_EQ(u.memory_bytes, t.memory_bytes);
  EXPECT_EQ(u.feedback + u.behaviour + u.prompt_hash + u.model_hash, "fbpm");
  EXPECT_FALSE((*trials)[1].score.has_value());
  EXPECT_EQ((*trials)[1].candidate, "");
  struct stat info{};
  ASSERT_EQ(::stat((dir / "deep/er/runs.db").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600u);
}

TEST(RunLog, AKillLosesOnlyWhatWasNotAppended) {
  TempDir dir;
  const std::string path = dir / "runs.db";
  int ready[2];
  ASSERT_EQ(::pipe(ready), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    auto log = RunLog::Open(path);
    const auto id = log->Begin({.kind = "task"});
    for (uint64_t n = 0; n < 50; ++n) (void)log->Append(*id, std::vector{Trial(n, "x")});
    (void)::write(ready[1], "!", 1);
    for (uint64_t n = 50;; ++n) (void)log->Append(*id, std::vector{Trial(2 * n, "x"), Trial(2 * n + 1, "x")});
  }
  char byte;
  ASSERT_EQ(::read(ready[0], &byte, 1), 1);
  ::kill(child, SIGKILL);
  ASSERT_EQ(::waitpid(child, nullptr, 0), child);
  ::close(ready[0]);
  ::close(ready[1]);
  auto log = RunLog::OpenExisting(path);
  ASSERT_TRUE(log) << log.error().what;
  const auto trials = log->Trials(1);
  ASSERT_TRUE(trials) << trials.error().what;
  EXPECT_GE(trials->size(), 50u);
  EXPECT_EQ(trials->size() % 2, 0u);  // both of a batch or none
  EXPECT_EQ(log->Find(1)->status, "running");
}

TEST(RunLog, AFullDiskIsSaidAndLosesNothing) {
  TempDir dir;
  auto log = RunLog::Open(dir / "runs.db", 40);
  ASSERT_TRUE(log);
  const auto id = log->Begin({.kind = "task"});
  ASSERT_TRUE(id);
  Status status;
  uint64_t n = 0;
  for (; status && n < 1000; ++n) status = log->Append(*id, std::vector{Trial(n, std::string(4000, 'x'))});
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().code, Code::kExhausted);
  EXPECT_THAT(status.error().what, HasSubstr("the disk is full"));
  EXPECT_EQ(log->Trials(*id)->size(), n - 1);  // what was appended before is there
}

TEST(RunLog, WhatIsNoLogIsRefused) {
  TempDir dir;
  WriteBytes(dir / "text", std::string(5000, 'x'));
  const struct {
    std::string path;
    Code code;
    const char* says;
  } cases[] = {{dir / "text", Code::kCorrupt, "not a log of hasten"},
               {dir.path().string(), Code::kBadInput, "Is a directory"},
               {dir / "text/runs.db", Code::kBadInput, "Not a directory"}};
  for (const auto& c : cases) {
    const auto log = RunLog::Open(c.path);
    ASSERT_FALSE(log) << c.path;
    EXPECT_EQ(log.error().code, c.code) << log.error().what;
    EXPECT_THAT(log.error().what, HasSubstr(c.says));
    EXPECT_THAT(log.error().what, HasSubstr("--log"));
  }
  EXPECT_EQ(RunLog::OpenExisting(dir / "none.db").error().code, Code::kNotFound);
}

TEST(RunLog, AnotherFormatIsNamed) {
  TempDir dir;
  {
    ASSERT_TRUE(RunLog::Open(dir / "runs.db"));
  }
  {
    auto db = Database::Open(dir / "runs.db", Database::Mode::kReadWrite);
    ASSERT_TRUE(db->Run("PRAGMA user_version = 99"));
  }
  const auto log = RunLog::Open(dir / "runs.db");
  ASSERT_FALSE(log);
  EXPECT_THAT(log.error().what, HasSubstr("format 99"));
}

TEST(RunLog, DeletedTextIsNotOnTheDisk) {
  TempDir dir;
  const std::string secret = "a very private candidate";
  auto log = RunLog::Open(dir / "runs.db");
  for (int i = 0; i < 3; ++i) {
    const auto id = log->Begin({.started = 1000.0 * i});
    ASSERT_TRUE(log->Append(*id, std::vector{Trial(0, i == 0 ? secret : "plain")}));
  }
  EXPECT_THAT(ReadBytes(dir / "runs.db") + ReadBytes(dir / "runs.db-wal"), HasSubstr(secret));
  ASSERT_TRUE(log->Delete(std::vector<int64_t>{1}));
  EXPECT_THAT(ReadBytes(dir / "runs.db") + ReadBytes(dir / "runs.db-wal"), ::testing::Not(HasSubstr(secret)));
  EXPECT_EQ(log->Runs()->size(), 2u);
  EXPECT_TRUE(log->Trials(1)->empty());
}

TEST(RunLog, PruneKeepsTheNewestAndTheYoung) {
  TempDir dir;
  auto log = RunLog::Open(dir / "runs.db");
  for (int i = 0; i < 6; ++i) ASSERT_TRUE(log->Begin({.started = 86400.0 * i}));
  EXPECT_EQ(*log->Prune(5, 0, 86400 * 6), 1u);
  EXPECT_EQ(*log->Prune(size_t(-1), 3.5, 86400 * 6), 2u);  // days 1 and 2 go, 3, 4 and 5 stay
  EXPECT_EQ(log->Runs()->size(), 3u);
  EXPECT_EQ(log->Runs()->front().id, 6);
}

}  // namespace
}  // namespace hasten::solve
