// From a task to a survivor: with a scripted upstream, with mutation alone, resumed, replayed.
#include "solve/task/run_task.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <set>

#include "solve/propose/upstream.h"
#include "tests/solve/plain_runner.h"
#include "tests/support/scripted_server.h"
#include "tests/support/support.h"

namespace hasten::solve {
namespace {

using ::testing::HasSubstr;

constexpr char kAdd[] = R"(
goal = "Add two numbers."
signature = "def add(a, b):"
[budget]
seconds = 20
[propose]
branches = 2
retries = 2
timeout = 5
[search]
strategy = "repair"
[[check]]
examples = [{input = [1, 2], output = 3}, {input = [5, 7], output = 12}]
[[check]]
code = "assert add('a', 'b') == 'ab'"
[[check]]
held_out = true
examples = [{input = [-1, -1], output = -2}]
)";

// The same in sh, which starts in no time.
constexpr char kEcho[] = R"(
goal = "Say three."
language = "sh"
[budget]
seconds = 20
[propose]
branches = 2
retries = 2
timeout = 5
[search]
strategy = "repair"
[[check]]
examples = [{stdin = "", stdout = "3"}]
)";

std::string Echo(const std::string& words) { return "```sh\necho " + words + "\n```"; }

std::string Answer(const std::string& expression) {
  return "Sure!\n```python\ndef add(a, b):\n    return " + expression + "\n```\nDone.";
}

class Collected : public Watcher {
 public:
  void OnTrial(const Trial& trial, bool) override { trials.push_back(trial); }
  void OnTick(const Standing&) override {}
  std::vector<Trial> trials;
};

struct Ran {
  TaskOutcome outcome;
  std::vector<Trial> trials;
  Spent spent;
};

Ran RunWith(const std::string& toml, const ScriptedServer* server, RunLog* log = nullptr, Past past = Past::kNone) {
  auto task = ParseTask(toml, "task.toml");
  EXPECT_TRUE(task) << task.error().what;
  Collected watcher;
  TaskSetup setup;
  RunRecord run;
  Spent before;
  if (past != Past::kNone) {
    run = *log->Find(1);
    setup.trials = *log->Trials(1);
    for (const auto& t : setup.trials) before.candidates += t.verdict != "duplicate";
  } else if (log) {
    run.id = *log->Begin({.kind = "task"});
  }
  Spending spending(past == Past::kReplay ? BudgetLimits{.seconds = 1e9} : task->budget, before);
  std::unique_ptr<Proposer> upstream;
  if (server) {
    task->proposers.upstream = server->url();
    auto made = MakeUpstream(*task, task->seed, spending);
    EXPECT_TRUE(made);
    upstream = *std::move(made);
  }
  setup.make_runner = MakePlainRunner;
  setup.model = upstream.get();
  setup.spending = &spending;
  setup.threads = 2;
  setup.log = past == Past::kReplay ? nullptr : log;
  setup.run = run.id;
  setup.past = past;
  setup.watcher = &watcher;
  auto outcome = RunTask(*task, setup);
  EXPECT_TRUE(outcome) << outcome.error().what;
  return {outcome ? *outcome : TaskOutcome{}, watcher.trials, spending.Now()};
}

TEST(RunTask, RepairSeesWhatFailed) {
  std::mutex mutex;
  std::vector<std::string> prompts;
  const ScriptedServer server([&](size_t number, const std::string& body) {
    const std::string prompt = nlohmann::json::parse(body)["messages"][0]["content"];
    const std::lock_guard lock(mutex);
    prompts.push_back(prompt);
    if (prompt.find("gave -1 instead of 3") != std::string::npos) return ChatReply(Answer("a + b"));
    return ChatReply(Answer(number % 2 ? "a - b  # boldly" : "a - b"));
  });
  const Ran ran = RunWith(kAdd, &server);
  EXPECT_TRUE(ran.outcome.solved) << ran.outcome.ended;
  EXPECT_EQ(ran.outcome.best->candidate, "def add(a, b):\n    return a + b\n");
  EXPECT_GE(ran.outcome.best->parent, 0);
  EXPECT_EQ(ran.outcome.best->judged.checks, 3u);
  EXPECT_THAT(prompts.front(), HasSubstr("Add two numbers."));
  EXPECT_THAT(prompts.front(), HasSubstr("add(1,2) == 3"));
  EXPECT_THAT(prompts.front(), ::testing::Not(HasSubstr("-1,-1")));  // held out
  EXPECT_THAT(prompts.back(), HasSubstr("return a - b"));
  EXPECT_GT(ran.spent.tokens, 0u);
}

TEST(RunTask, EveryStrategyFindsWhatIsRightAtTryN) {
  for (const char* strategy : {"best-of-n", "repair", "tree", "islands"}) {
    const ScriptedServer server(
        [&](size_t number, const std::string&) { return ChatReply(Echo(number == 6 ? "3" : "x" + std::to_string(number))); });
    std::string toml = kEcho;
    toml.replace(toml.find("\"repair\""), 8, "\"" + std::string(strategy) + "\"");
    toml.replace(toml.find("branches = 2"), 12, "branches = 4\nmutate = false");
    const Ran ran = RunWith(toml, &server);
    EXPECT_TRUE(ran.outcome.solved) << strategy << ": " << ran.outcome.ended;
    EXPECT_LE(server.requests(), 8u) << strategy;  // the round is not finished, no other is begun
  }
}

TEST(RunTask, HeldOutChecksDecideAndAreNotTold) {
  const ScriptedServer server([](size_t number, const std::string& body) {
    EXPECT_EQ(body.find("-2"), std::string::npos);
    return ChatReply(Answer(number < 2 ? "a + b if a != -1 else 0" : "a + b"));
  });
  std::string toml = kAdd;
  const Ran ran = RunWith(toml, &server);
  EXPECT_TRUE(ran.outcome.solved);
  bool held_out = false;
  for (const Trial& t : ran.trials) held_out = held_out || t.judged.verdict == "held out";
  EXPECT_TRUE(held_out);
}

TEST(RunTask, TheSameTextIsNotJudgedAgain) {
  const ScriptedServer server([](size_t number, const std::string&) {
    return ChatReply(Answer(number == 5 ? "a + b" : number % 2 ? "a - b   " : "a - b"));
  });
  TempDir dir;
  auto log = RunLog::Open(dir / "runs.db");
  const Ran ran = RunWith(kAdd, &server, &*log);
  EXPECT_TRUE(ran.outcome.solved);
  EXPECT_GE(ran.outcome.duplicates, 3u);
  EXPECT_EQ(log->Find(1)->trials, ran.outcome.trials - ran.outcome.duplicates);
}

TEST(RunTask, RudeSlowAndLyingServers) {
  const struct {
    const char* name;
    ScriptedReply reply;
  } cases[] = {{"429", {.status = 429, .body = "{\"error\":{\"message\":\"slow down\"}}", .headers = {"Retry-After: 0"}}},
               {"500", {.status = 500, .body = "oops", .headers = {"Retry-After: Thu, 01 Jan 1970 00:00:00 GMT"}}},
               {"no JSON", {.body = "<html>welcome</html>"}},
               {"other JSON", {.body = "{\"choices\":[]}"}},
               {"null", {.body = "{\"choices\":[{\"message\":{\"content\":null}}]}"}},
               {"hung up", {.body = "", .hang_up = true}},
               {"too short", {.body = "", .raw = "HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n{"}},
               {"no HTTP", {.body = "", .raw = "SSH-2.0-OpenSSH\r\n"}},
               {"deep", {.body = std::string(100000, '[')}}};
  std::string toml = kEcho;
  toml.replace(toml.find("branches = 2"), 12, "branches = 1");
  for (const auto& c : cases) {
    const ScriptedServer server(
        [&](size_t number, const std::string&) { return number == 0 ? c.reply : ChatReply(Echo("3")); });
    const Ran ran = RunWith(toml, &server);
    EXPECT_TRUE(ran.outcome.solved) << c.name << ": " << ran.outcome.ended;
    EXPECT_EQ(server.requests(), 2u) << c.name;
  }
}

TEST(RunTask, ASilentServerEndsTheRunWithASentence) {
  const ScriptedServer server([](size_t, const std::string&) { return ScriptedReply{.body = "", .silent = true}; });
  std::string toml = kAdd;
  toml.replace(toml.find("timeout = 5"), 11, "timeout = 0.1");
  toml.replace(toml.find("retries = 2"), 11, "retries = 0");
  const Ran ran = RunWith(toml, &server);
  EXPECT_FALSE(ran.outcome.solved);
  ASSERT_TRUE(ran.outcome.failure);
  EXPECT_THAT(ran.outcome.failure->what, HasSubstr("did not answer within 0.1 s"));
  ASSERT_FALSE(ran.trials.empty());
  EXPECT_EQ(ran.trials[0].judged.verdict, "no answer");
}

TEST(RunTask, WhereTheTimeEndsBeforeAnyAnswerTheTroubleIsTold) {
  std::string toml = kEcho;
  toml.replace(toml.find("seconds = 20"), 12, "seconds = 2");
  toml.replace(toml.find("retries = 2"), 11, "retries = 0\nmutate = false");
  const ScriptedServer server([](size_t number, const std::string&) {
    if (number < 2) return ScriptedReply{.status = 503, .body = "busy"};
    return ScriptedReply{.body = "", .silent = true};
  });
  const Ran ran = RunWith(toml, &server);
  EXPECT_THAT(ran.outcome.ended, HasSubstr("the time of 2 s is over; no candidate has come: the upstream"));
}

TEST(RunTask, ARefusalIsNotRepeated) {
  const ScriptedServer server(
      [](size_t, const std::string&) { return ScriptedReply{.status = 401, .body = "{\"error\":{\"message\":\"bad key\"}}"}; });
  const Ran ran = RunWith(kAdd, &server);
  ASSERT_TRUE(ran.outcome.failure);
  EXPECT_THAT(ran.outcome.failure->what, HasSubstr("401: bad key"));
  EXPECT_THAT(ran.outcome.failure->what, HasSubstr("OPENAI_API_KEY"));
  EXPECT_LE(server.requests(), 2u);
}

TEST(RunTask, NoBudgetIsPassedByQuestionsOnTheirWay) {
  // Eight questions at a time, each answered late with all the tokens that it may have (150 in, 100 out: $0.025).
  const struct {
    const char* budget;
    const char* why;
    size_t candidates;
  } cases[] = {{"candidates = 3", "all 3 candidates", 3},
               {"tokens = 1600", "tokens are spent, and what comes next may take", 2},
               {"tokens = 100", "0 of 100 tokens are spent, and what comes next may take", 0},
               {"dollars = 0.16", "of $0.16 are spent, and what comes next may cost $0.0", 2}};
  for (const auto& c : cases) {
    const ScriptedServer server([&](size_t number, const std::string&) {
      ScriptedReply reply = ChatReply(Echo("x" + std::to_string(number)), 150, 100);
      reply.delay_s = 0.2;
      return reply;
    });
    std::string toml = kEcho;
    toml.replace(toml.find("seconds = 20"), 12, std::string("seconds = 20\n") + c.budget);
    toml.replace(toml.find("branches = 2"), 12, "branches = 8\nmax_tokens = 100\nmutate = false");
    toml.replace(toml.find("retries"), 0, "dollars_per_million_in = 100\ndollars_per_million_out = 100\n");
    const Ran ran = RunWith(toml, &server);
    EXPECT_FALSE(ran.outcome.solved);
    EXPECT_THAT(ran.outcome.ended, HasSubstr(c.why));
    EXPECT_EQ(ran.trials.size(), ran.spent.candidates) << c.budget;  // what was paid for was judged
    EXPECT_GE(ran.spent.candidates, c.candidates) << c.budget;
    EXPECT_EQ(server.requests(), ran.spent.candidates) << c.budget;
    EXPECT_LE(ran.spent.tokens, c.budget == std::string("tokens = 1600") ? 1600u : 1u << 20);
    EXPECT_LE(ran.spent.dollars, c.budget == std::string("dollars = 0.16") ? 0.16 + 1e-9 : 1e9);
  }
}

TEST(RunTask, AQuestionThatIsLostIsCountedAtWhatItMayCost) {
  const ScriptedServer server([](size_t, const std::string&) { return ScriptedReply{.body = "", .silent = true}; });
  std::string toml = kEcho;
  toml.replace(toml.find("timeout = 5"), 11, "timeout = 0.3\nmax_tokens = 100\nmutate = false");
  toml.replace(toml.find("seconds = 20"), 12, "seconds = 20\ntokens = 1000");
  const Ran ran = RunWith(toml, &server);
  EXPECT_FALSE(ran.outcome.solved);
  EXPECT_THAT(ran.outcome.ended, HasSubstr("of 1000 tokens are spent"));
  EXPECT_GT(ran.spent.tokens, 300u);
  EXPECT_LE(ran.spent.tokens, 1000u);
}

TEST(RunTask, AServerThatAsksToWaitTooLongEndsTheRunAtOnce) {
  // What was answered before is judged all the same.
  const ScriptedServer server([](size_t number, const std::string&) {
    if (number == 0) return ChatReply(Echo("4"));
    return ScriptedReply{.status = 429, .body = "{\"error\":{\"message\":\"slow down\"}}", .headers = {"Retry-After: 7200"}};
  });
  const auto start = std::chrono::steady_clock::now();
  const Ran ran = RunWith(kEcho, &server);
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(15));  // of 20
  ASSERT_TRUE(ran.outcome.failure);
  EXPECT_THAT(ran.outcome.failure->what, HasSubstr("429: slow down; it asks to wait 7200 s, and of the time "));
  EXPECT_EQ(ran.trials.size(), 1u);
  EXPECT_LE(server.requests(), 3u);
}

// A program with one wrong operator, and nobody but mutation.
std::string BrokenTask(const TempDir& dir) {
  WriteBytes(dir / "seed.py", "def larger(a, b):\n    return a if a < b else b\n");
  return "goal = \"The larger one.\"\nentry = \"larger\"\nprogram = \"" + (dir / "seed.py") +
         "\"\nseed = 5\n[budget]\nseconds = 60\ncandidates = 3000\n[[check]]\n"
         "examples = [{input = [7, 3], output = 7}, {input = [1, 2], output = 2}, {input = [5, 4], output = 5}]\n";
}

TEST(RunTask, MutationRepairsAProgram) {
  TempDir dir;
  const Ran ran = RunWith(BrokenTask(dir), nullptr);
  EXPECT_TRUE(ran.outcome.solved) << ran.outcome.ended;
  EXPECT_EQ(ran.trials[0].proposer, "mutation");
  EXPECT_EQ(ran.trials[0].judged.verdict, "wrong");  // the seed itself
}

// Data that a judge of ours scores many at a time.
std::string DataTask(const TempDir& dir) {
  WriteBytes(dir / "seed.txt", "3 1\n2 5\n4 4\n");
  WriteBytes(dir / "judge.py",
             "import json, sys\nfor line in sys.stdin:\n  words = json.loads(line).split()\n"
             "  print(json.dumps({'score': sum(abs(int(w) - 7) for w in words if w.isdigit()) + 10 * abs(len(words) - 6)}))\n");
  return "goal = \"Sevens.\"\nlanguage = \"text\"\nprogram = \"" + (dir / "seed.txt") +
         "\"\nseed = 5\n[budget]\nseconds = 60\ncandidates = 30000\n[[check]]\nscore = \"lower\"\ntarget = 4\nbatch = 64\n"
         "command = [\"python3\", \"-S\", \"" +
         (dir / "judge.py") + "\"]\n";
}

TEST(RunTask, AResumedRunGoesOnAsIfNothingHadHappened) {
  TempDir dir;
  std::string toml = DataTask(dir);
  auto whole = RunLog::Open(dir / "whole.db"), parts = RunLog::Open(dir / "parts.db");
  const Ran all = RunWith(toml, nullptr, &*whole);
  ASSERT_TRUE(all.outcome.solved);
  std::string less = toml;
  less.replace(less.find("candidates = 30000"), 18, "candidates = 150");
  const Ran first = RunWith(less, nullptr, &*parts);
  EXPECT_FALSE(first.outcome.solved);
  EXPECT_EQ(parts->Find(1)->status, "unsolved");
  const Ran rest = RunWith(toml, nullptr, &*parts, Past::kResume);
  EXPECT_TRUE(rest.outcome.solved);
  EXPECT_LT(rest.trials.size(), all.trials.size());
  EXPECT_EQ(rest.outcome.best->n, all.outcome.best->n);
  EXPECT_EQ(rest.outcome.best->candidate, all.outcome.best->candidate);
  EXPECT_EQ(parts->Find(1)->status, "solved");
  EXPECT_EQ(parts->Find(1)->best, int64_t(all.outcome.best->n));
}

TEST(RunTask, AReplayFindsTheSameAndNoticesWhatIsNot) {
  TempDir dir;
  const std::string toml = DataTask(dir);
  auto log = RunLog::Open(dir / "runs.db");
  ASSERT_TRUE(RunWith(toml, nullptr, &*log).outcome.solved);
  const TaskOutcome same = RunWith(toml, nullptr, &*log, Past::kReplay).outcome;
  EXPECT_GT(same.replayed, 5u);
  EXPECT_EQ(same.different, 0u) << same.first_difference;
  std::string other = toml;
  WriteBytes(dir / "judge.py", ReadBytes(dir / "judge.py") + "  # changed\n");
  other.replace(other.find("\"lower\""), 7, "\"raise\"");
  EXPECT_GT(RunWith(other, nullptr, &*log, Past::kReplay).outcome.different, 0u);
}

TEST(RunTask, AReplayOfAServersAnswersAsksNobody) {
  TempDir dir;
  auto log = RunLog::Open(dir / "runs.db");
  {
    const ScriptedServer server([](size_t number, const std::string&) {
      return ChatReply(Answer(number < 5 ? "a - " + std::to_string(number) : "a + b"));
    });
    ASSERT_TRUE(RunWith(kAdd, &server, &*log).outcome.solved);
  }
  const TaskOutcome outcome = RunWith(kAdd, nullptr, &*log, Past::kReplay).outcome;
  EXPECT_GT(outcome.replayed, 3u);
  EXPECT_EQ(outcome.different, 0u) << outcome.first_difference;
}

TEST(RunTask, AReplayKnowsWhatIsADuplicateOfAServersAnswer) {
  TempDir dir;
  auto log = RunLog::Open(dir / "runs.db");
  std::string toml = kEcho;
  toml.replace(toml.find("seconds = 20"), 12, "seconds = 20\ncandidates = 40");
  toml.replace(toml.find("\"repair\""), 8, "\"tree\"");
  {
    const ScriptedServer server([](size_t number, const std::string&) { return ChatReply(Echo(std::to_string(7 + number))); });
    const Ran ran = RunWith(toml, &server, &*log);
    EXPECT_FALSE(ran.outcome.solved) << ran.outcome.best->candidate;
    const auto copies = [](const Trial& t) { return t.proposer == "mutation" && t.judged.verdict == "duplicate"; };
    EXPECT_TRUE(std::any_of(ran.trials.begin(), ran.trials.end(), copies));
  }
  const TaskOutcome outcome = RunWith(toml, nullptr, &*log, Past::kReplay).outcome;
  EXPECT_EQ(outcome.different, 0u) << outcome.first_difference;
}

TEST(RunTask, AScoreIsRaisedAndJudgedApart) {
  // The candidate prints numbers; the judge, elsewhere, adds them up. What prints the same is judged once.
  TempDir dir;
  WriteBytes(dir / "seed.sh", "echo 1\necho 2\necho 3\n");
  const std::string toml = "goal = \"Large numbers.\"\nlanguage = \"sh\"\nprogram = \"" + (dir / "seed.sh") +
                           "\"\nseed = 1\n[budget]\nseconds = 60\ncandidates = 2000\n[[check]]\nscore = \"raise\"\ntarget = 9\n"
                           "command = [\"awk\", \"{s += $1} END {print s}\"]\n";
  const Ran ran = RunWith(toml, nullptr);
  EXPECT_TRUE(ran.outcome.solved) << ran.outcome.ended;
  EXPECT_GE(*ran.outcome.best->judged.score, 9);
  EXPECT_EQ(ran.trials[0].judged.score, 6);
}

// A judge that reads one number, and trips over everything else.
std::string NumberTask(const TempDir& dir, const char* program, const std::string& judge) {
  WriteBytes(dir / "seed.sh", program);
  WriteBytes(dir / "judge.py", "import sys\nprint(-abs(float(sys.stdin.read()) - 7))\n");
  return "goal = \"Seven.\"\nlanguage = \"sh\"\nprogram = \"" + (dir / "seed.sh") +
         "\"\nseed = 1\n[budget]\nseconds = 60\ncandidates = 2000\n[[check]]\nscore = \"raise\"\ntarget = -0.5\n" + judge;
}

TEST(RunTask, AJudgeThatTripsOverACandidateFailsThatCandidate) {
  TempDir dir;
  const std::string file = "\"" + (dir / "judge.py") + "\"";
  for (const std::string& judge : {"command = [\"python3\", " + file + "]\n", "judge = " + file + "\n"}) {
    const Ran ran = RunWith(NumberTask(dir, "echo 5\ntrue && true\n", judge), nullptr);
    EXPECT_TRUE(ran.outcome.solved) << ran.outcome.ended;
    const auto failed =
        std::find_if(ran.trials.begin(), ran.trials.end(), [](const Trial& t) { return t.judged.verdict == kJudgeFailed; });
    ASSERT_NE(failed, ran.trials.end());
    EXPECT_FALSE(failed->judged.score);
    EXPECT_THAT(failed->judged.feedback, HasSubstr("could not convert string to float"));
  }
}

TEST(RunTask, AJudgeThatNeverGivesAScoreEndsTheRun) {
  TempDir dir;
  const Ran ran = RunWith(NumberTask(dir, "echo five\n", "command = [\"python3\", \"" + (dir / "judge.py") + "\"]\n"), nullptr);
  ASSERT_TRUE(ran.outcome.failure);
  EXPECT_THAT(ran.outcome.failure->what, HasSubstr("no candidate has a score yet"));
  EXPECT_THAT(ran.outcome.failure->what, HasSubstr("could not convert string to float: 'five"));
  EXPECT_EQ(ran.trials.size(), 1u);
}

TEST(RunTask, DataIsJudgedInBatches) {
  TempDir dir;
  const Ran ran = RunWith(DataTask(dir), nullptr);
  EXPECT_TRUE(ran.outcome.solved) << ran.outcome.ended;
  EXPECT_LE(*ran.outcome.best->judged.score, 4);
}

TEST(RunTask, AFullLogCostsTheRecordAndNotTheAnswer) {
  TempDir dir;
  const auto task = ParseTask(DataTask(dir), "task.toml");
  auto log = RunLog::Open(dir / "runs.db", 10);
  Spending spending(task->budget);
  size_t warned = 0;
  TaskSetup setup;
  setup.make_runner = MakePlainRunner;
  setup.spending = &spending;
  setup.log = &*log;
  setup.run = *log->Begin({.kind = "task"});
  setup.on_log_failure = [&](const Error& error) {
    ++warned;
    EXPECT_THAT(error.what, HasSubstr("the disk is full"));
  };
  const auto outcome = RunTask(*task, setup);
  ASSERT_TRUE(outcome);
  EXPECT_TRUE(outcome->solved);
  EXPECT_EQ(warned, 1u);
  EXPECT_FALSE(log->Trials(setup.run)->empty());  // what was written before is there
}

TEST(RunTask, WithoutAnybodyWhoProposesItSaysSo) {
  const auto task = ParseTask(kAdd, "task.toml");
  Spending spending(task->budget);
  TaskSetup setup;
  setup.make_runner = MakePlainRunner;
  setup.spending = &spending;
  const auto outcome = RunTask(*task, setup);
  ASSERT_FALSE(outcome);
  EXPECT_THAT(outcome.error().what, HasSubstr("--upstream URL"));
}

}  // namespace
}  // namespace hasten::solve
