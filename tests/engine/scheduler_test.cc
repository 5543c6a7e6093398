#include "engine/scheduler.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "tests/engine/scheduler_rig.h"

namespace hasten {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(Scheduler, ATextIsTheSameAloneAndAmongManyThatComeAndGo) {
  Rig rig;
  std::vector<Heard*> heard;
  for (size_t i = 0; i < 12; ++i) {
    heard.push_back(&rig.Submit(rig.MakeJob(Prompt(i % 7), 20 + i, i)));
    for (size_t s = 0; s < i; ++s) rig.scheduler->RunStep();
  }
  rig.RunAll();
  for (size_t i = 0; i < heard.size(); ++i) {
    EXPECT_TRUE(heard[i]->started && heard[i]->done);
    EXPECT_EQ(heard[i]->texts[0], rig.Alone(Prompt(i % 7), 20 + i, i)) << i;
    EXPECT_EQ(heard[i]->finishes[0], Finish::kLength);
  }
  EXPECT_NE(heard[0]->texts[0], heard[7]->texts[0].substr(0, heard[0]->texts[0].size()));
}

TEST(Scheduler, WhereMemoryIsShortTextsAreSetAsideAndStayTheSame) {
  EngineOptions options = {.context = 160, .max_sequences = 8};
  options.memory_bytes = Rig::BytesFor((160 + kKvBlock - 1) / kKvBlock + 2, options);
  Rig rig(options);
  std::vector<Heard*> heard;
  for (size_t i = 0; i < 6; ++i) heard.push_back(&rig.Submit(rig.MakeJob(Prompt(0), 100, i)));
  rig.RunAll();
  EXPECT_GT(rig.scheduler->stats().preemptions, 0u);
  for (size_t i = 0; i < heard.size(); ++i) EXPECT_EQ(heard[i]->texts[0], rig.Alone(Prompt(0), 100, i)) << i;
}

TEST(Scheduler, BranchesShareThePromptAndTheFirstIsTheTextOfOne) {
  Rig rig;
  Job job = rig.MakeJob(Prompt(3), 15, 5);
  job.branches = 4;
  Heard& h = rig.Submit(std::move(job));
  rig.RunAll();
  EXPECT_EQ(h.texts[0], rig.Alone(Prompt(3), 15, 5));
  EXPECT_NE(h.texts[1], h.texts[0]);
  const size_t prompt = rig.tokenizer.Encode(Prompt(3)).size();
  EXPECT_LE(rig.engine->stats().computed_tokens, prompt + 4 * 15);
}

TEST(Scheduler, WhatPromptsThatComeTogetherHaveInCommonIsReadOnce) {
  Rig rig;
  const std::string shared(150, 'x');
  for (int i = 0; i < 6; ++i) rig.Submit(rig.MakeJob(shared + std::to_string(i), 1));
  rig.RunAll();
  const size_t one = rig.tokenizer.Encode(shared + "0").size();
  EXPECT_LT(rig.engine->stats().computed_tokens, one + 6 * (kKvBlock + 2));
  EXPECT_GE(rig.heard[5]->cached + kKvBlock + 1, one);
}

TEST(Scheduler, TextsGoOnWhileALongPromptIsRead) {
  Rig rig({.context = 4000, .max_sequences = 8});
  Heard& text = rig.Submit(rig.MakeJob("hello", 1000));
  while (text.pieces < 5) rig.scheduler->RunStep();
  Heard& slow = rig.Submit(rig.MakeJob(std::string(3000, 'q') + "hello", 1));
  size_t steps = 0, computed = rig.engine->stats().computed_tokens;
  const size_t pieces = rig.heard[0]->pieces;
  for (; !slow.started && steps < 4000; ++steps) rig.scheduler->RunStep();
  EXPECT_TRUE(slow.started);
  computed = rig.engine->stats().computed_tokens - computed;
  EXPECT_GE(computed, steps);                  // the text's token in each of them
  EXPECT_GT(text.pieces, pieces + steps / 4);  // pieces of several bytes wait for each other
}

TEST(Scheduler, PromptLogprobsAreTheModelsAtEveryPosition) {
  for (const bool cached : {false, true}) {
    Rig rig;
    if (cached) {
      rig.Submit(rig.MakeJob(Prompt(4), 1));
      rig.RunAll();
    }
    Job job = rig.MakeJob(Prompt(4), 3);
    job.prompt_logprobs = true;
    job.text.logprobs = 2;
    const std::vector<Token> prompt = job.prompt;
    Heard& h = rig.Submit(std::move(job));
    rig.RunAll();
    ASSERT_EQ(h.prompt.size() + 1, prompt.size());
    for (size_t i = 0; i < h.prompt.size(); ++i) {
      const auto logits = rig.model.Expected(std::span(prompt).first(i + 1));
      double sum = 0;
      for (const float x : logits) sum += std::exp(double(x));
      EXPECT_EQ(h.prompt[i].token, prompt[i + 1]);
      EXPECT_NEAR(h.prompt[i].logprobs.chosen.logprob, double(logits[prompt[i + 1]]) - std::log(sum), 1e-5);
      EXPECT_EQ(h.prompt[i].logprobs.top[0].token, ArgMax(logits));
    }
  }
}

TEST(Scheduler, ACancelledJobHoldsNothingAndSaysSo) {
  Rig rig;
  Heard& h = rig.Submit(rig.MakeJob(Prompt(2), 1000));
  for (int i = 0; i < 30; ++i) rig.scheduler->RunStep();
  rig.scheduler->Cancel(1);
  EXPECT_TRUE(h.done);
  EXPECT_EQ(h.end, Finish::kCancelled);
  EXPECT_EQ(rig.scheduler->branches(), 0u);
  EXPECT_EQ(rig.engine->blocks_available(), rig.engine->memory_plan().blocks);
  rig.scheduler->Cancel(1);  // twice is no harm
}

TEST(Scheduler, ADeadlineEndsAText) {
  Rig rig;
  Job job = rig.MakeJob(Prompt(1), 1000);
  job.deadline = JobClock::now();  // passed at the first look, however fast the text would reach the end of its context
  Heard& h = rig.Submit(std::move(job));
  rig.RunAll();
  EXPECT_EQ(h.finishes[0], Finish::kTime);
}

TEST(Scheduler, AFullContextEndsAText) {
  Rig rig({.context = 64, .max_sequences = 2});
  Job job = rig.MakeJob("hello", 1000);
  const size_t prompt = job.prompt.size();
  Heard& h = rig.Submit(std::move(job));
  rig.RunAll();
  EXPECT_EQ(h.finishes[0], Finish::kContext);
  EXPECT_EQ(rig.scheduler->stats().generated_tokens, 64 - prompt + 1);
}

TEST(Scheduler, LowerPrioritiesGoFirstThenWhoeverCameFirst) {
  Rig rig({.context = 200, .max_sequences = 2});
  std::vector<int> order;
  for (const int priority : {1, 0, 0, -5, 1}) {
    Job job = rig.MakeJob(Prompt(1) + std::to_string(order.size()), 4);
    job.branches = 2;  // one at a time
    job.priority = priority;
    job.tell = [&order, priority](JobEvent&& e) {
      if (e.kind == JobEvent::Kind::kDone) order.push_back(priority);
    };
    ASSERT_TRUE(rig.scheduler->Submit(++rig.last_id, std::move(job)));
  }
  rig.RunAll();
  EXPECT_THAT(order, ElementsAre(-5, 0, 0, 1, 1));
}

TEST(Scheduler, RecurrentModelsAreServedTheSame) {
  std::vector<std::string> first;
  for (int round = 0; round < 2; ++round) {
    Rig rig({}, true);
    std::vector<Heard*> heard;
    for (size_t i = 0; i < 6; ++i) {
      heard.push_back(&rig.Submit(rig.MakeJob(Prompt(3), 30, i)));
      if (round == 1) rig.RunAll();  // one after the other, from the cache
    }
    rig.RunAll();
    for (size_t i = 0; i < heard.size(); ++i) {
      if (round == 0) {
        first.push_back(heard[i]->texts[0]);
      } else {
        EXPECT_EQ(heard[i]->texts[0], first[i]) << i;
      }
    }
  }
}

TEST(Scheduler, WhatCannotRunIsRefusedWithTheNumbers) {
  const Rig rig;
  const auto check = [&](auto change) {
    Job job = rig.MakeJob("hello", 5);
    change(job);
    const Status status = Scheduler::Check(job, 50, 4, 300);
    return status ? std::string("fine") : status.error().what;
  };
  EXPECT_EQ(check([](Job&) {}), "fine");
  EXPECT_THAT(check([](Job& j) { j.prompt.clear(); }), HasSubstr("empty"));
  EXPECT_THAT(check([](Job& j) { j.prompt.assign(51, 1); }), HasSubstr("51 tokens and the context is 50"));
  EXPECT_THAT(check([](Job& j) { j.prompt.assign(1, 300); }), HasSubstr("token 300"));
  EXPECT_THAT(check([](Job& j) { j.branches = 5; }), HasSubstr("1 to 4"));
  EXPECT_THAT(check([](Job& j) { j.text.sampler.temperature = -1; }), HasSubstr("temperature"));
}

}  // namespace
}  // namespace hasten
