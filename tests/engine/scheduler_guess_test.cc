// What a scheduler need not ask the model for one by one: tokens that were guessed, and tokens that a constraint forces.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "tests/engine/scheduler_rig.h"

namespace hasten {
namespace {

// A text of three tokens in random order: what follows two of them is often guessed right, and often not.
Job Repetitive(const Rig& rig, size_t i) {
  Job job = rig.MakeJob(Prompt(i % 5), 30 + i, i);
  for (size_t t = 0; t < rig.tokenizer.size(); ++t)
    if (t != 10 && t != 11 && t != 12) job.text.sampler.biases.push_back({Token(t), -std::numeric_limits<float>::infinity()});
  job.text.sampler.top_k = 0;
  job.text.sampler.min_p = 0;
  if (i % 3 == 0) job.text.sampler.presence_penalty = 0.2f;
  if (i % 4 == 0) job.branches = 2;
  if (i % 2 == 0) job.text.logprobs = 2;
  return job;
}

struct Outcome {
  std::vector<std::vector<std::string>> texts;
  std::vector<float> logprobs;
  SchedulerStats stats;
  bool operator==(const Outcome& o) const { return texts == o.texts && logprobs == o.logprobs; }
};

Outcome Write(bool recurrent, const SchedulerOptions& scheduling, EngineOptions engine = {}) {
  Rig rig(engine, recurrent, scheduling);
  std::vector<Heard*> heard;
  for (size_t i = 0; i < 10; ++i) {
    heard.push_back(&rig.Submit(Repetitive(rig, i)));
    for (size_t s = 0; s < 2 * i; ++s) rig.scheduler->RunStep();
  }
  rig.RunAll();
  Outcome outcome = {.texts = {}, .logprobs = {}, .stats = rig.scheduler->stats()};
  for (const Heard* h : heard) {
    EXPECT_EQ(h->end, Finish::kLength) << h->error;
    outcome.texts.push_back(h->texts);
    for (const auto& tokens : h->tokens)
      for (const TextToken& t : tokens) outcome.logprobs.push_back(t.logprobs.chosen.logprob);
  }
  return outcome;
}

TEST(SchedulerGuesses, ChangeNoByteAndNoLogprob) {
  for (const bool recurrent : {false, true}) {
    const Outcome without = Write(recurrent, {});
    EXPECT_EQ(without.stats.drafted_tokens, 0u);
    EXPECT_FALSE(without.logprobs.empty());
    for (const size_t most : {1, 4, 16}) {
      const Outcome with = Write(recurrent, {.most_drafted = most, .weigh = false});
      EXPECT_TRUE(with == without) << recurrent << " " << most;
      EXPECT_GT(with.stats.accepted_tokens, 0u);
      EXPECT_LT(with.stats.accepted_tokens, with.stats.drafted_tokens);
      EXPECT_EQ(with.stats.generated_tokens, without.stats.generated_tokens);
    }
  }
}

TEST(SchedulerGuesses, WhereMemoryIsShortTextsStayTheSame) {
  EngineOptions options = {.context = 160, .max_sequences = 8};
  options.memory_bytes = Rig::BytesFor((160 + kKvBlock - 1) / kKvBlock + 3, options);
  const Outcome roomy = Write(false, {}), tight = Write(false, {.most_drafted = 8, .weigh = false}, options);
  EXPECT_GT(tight.stats.preemptions, 0u);
  EXPECT_TRUE(roomy == tight);
}

TEST(SchedulerGuesses, ASmallerModelGuessesToo) {
  const Outcome without = Write(false, {});
  Team team(1);
  const size_t vocab = MakeTokenizer().size();
  const FakeModel same({.vocab = vocab});
  auto engine = Engine::Create(same, team, {.context = 200, .max_sequences = 8, .max_rows = 7, .marks = true});
  ASSERT_TRUE(engine) << engine.error().what;
  const Outcome with = Write(false, {.most_drafted = 4, .ngram = false, .draft = engine->get(), .weigh = false});
  EXPECT_TRUE(with == without);
  EXPECT_GT(with.stats.accepted_tokens, with.stats.drafted_tokens / 2);
  EXPECT_TRUE((*engine)->CheckBlocks());
}

std::shared_ptr<Constraint> Regex(const Rig& rig, const std::string& regex) {
  auto made = Constraint::Compile(ConstraintVocab::Create(rig.tokenizer), {.parts = {{ConstraintKind::kRegex, regex}}});
  EXPECT_TRUE(made) << made.error().what;
  return made ? *made : nullptr;
}

TEST(SchedulerForced, TextThatAConstraintForcesIsReadTogetherAndTheSame) {
  const std::string regex = "(hello world, hello world: |world )[a-c]{3,6} and that is how it is";
  for (const bool recurrent : {false, true}) {
    std::vector<std::string> texts;
    size_t steps[2], forced[2];
    for (const bool one_by_one : {false, true}) {
      Rig rig({}, recurrent);
      std::vector<Heard*> heard;
      for (size_t i = 0; i < 6; ++i) {
        Job job = rig.MakeJob(Prompt(i), 200, i);
        job.text.constraint = Regex(rig, regex);
        if (one_by_one) job.text.logprobs = 0;  // each token's is the model's, so each is asked for
        heard.push_back(&rig.Submit(std::move(job)));
      }
      rig.RunAll();
      steps[one_by_one] = rig.scheduler->stats().steps;
      forced[one_by_one] = rig.scheduler->stats().forced_tokens;
      for (size_t i = 0; i < heard.size(); ++i) {
        EXPECT_EQ(heard[i]->end, Finish::kEnd);
        EXPECT_THAT(heard[i]->texts[0], ::testing::EndsWith(" and that is how it is"));
        if (!one_by_one) texts.push_back(heard[i]->texts[0]);
        if (one_by_one) {
          EXPECT_EQ(heard[i]->texts[0], texts[i]);
        }
      }
    }
    EXPECT_GT(forced[0], 6 * 10u);
    EXPECT_EQ(forced[1], 0u);
    EXPECT_LT(steps[0], steps[1]);
  }
}

TEST(SchedulerForced, EndsWhereTheContextOrTheLengthDoes) {
  for (const size_t max_tokens : {5, 1000}) {
    std::string texts[2];
    for (const bool one_by_one : {false, true}) {
      Rig rig({.context = 64, .max_sequences = 2});
      Job job = rig.MakeJob("hello", max_tokens);
      job.text.constraint = Regex(rig, "(one after the other, ){40}");
      if (one_by_one) job.text.logprobs = 0;
      Heard& h = rig.Submit(std::move(job));
      rig.RunAll();
      EXPECT_EQ(h.finishes[0], max_tokens == 5 ? Finish::kLength : Finish::kContext);
      texts[one_by_one] = h.texts[0];
    }
    EXPECT_EQ(texts[0], texts[1]);
    EXPECT_NE(texts[0], "");
  }
}

}  // namespace
}  // namespace hasten
