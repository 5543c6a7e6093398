// A scheduler over a model whose logits are a hash of all that a sequence holds, and what its jobs say.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "engine/scheduler.h"
#include "tests/engine/fake_model.h"
#include "tests/support/tiny_vocab.h"

namespace hasten {

inline Tokenizer MakeTokenizer() {
  static const std::string bytes = TinyBpe().Bytes();
  const auto file = Gguf::Parse(std::as_bytes(std::span(bytes)), "tiny");
  EXPECT_TRUE(file) << file.error().what;
  auto tokenizer = Tokenizer::Load(*file);
  EXPECT_TRUE(tokenizer) << tokenizer.error().what;
  return *std::move(tokenizer);
}

// What one job said.
struct Heard {
  std::vector<std::string> texts;
  std::vector<Finish> finishes;
  std::vector<TextToken> prompt;
  std::vector<std::vector<TextToken>> tokens;  // where their log-probabilities were asked for
  size_t cached = 0, pieces = 0;
  bool started = false, done = false;
  Finish end = Finish::kEnd;
  std::string error;
};

// A scheduler over a model whose logits are a hash of all that a sequence holds.
struct Rig {
  explicit Rig(EngineOptions options = {}, bool recurrent = false, const SchedulerOptions& scheduling = {})
      : tokenizer(MakeTokenizer()), model({recurrent, tokenizer.size()}) {
    if (options.max_sequences == 1) options.max_sequences = 8;
    if (options.context == 0) options.context = 200;
    options.max_logit_rows = options.max_sequences + 4;
    options.marks = scheduling.most_drafted > 0;
    auto made = Engine::Create(model, team, options);
    EXPECT_TRUE(made) << made.error().what;
    engine = *std::move(made);
    scheduler = std::make_unique<Scheduler>(*engine, tokenizer, scheduling);
  }
  Job MakeJob(const std::string& prompt, size_t max_tokens, uint64_t seed = 1) const {
    Job job;
    job.prompt = tokenizer.Encode(prompt);
    job.text.max_tokens = max_tokens;
    job.text.sampler.seed = seed;
    job.ignore_end = true;
    return job;
  }
  Heard& Submit(Job job) {
    heard.push_back(std::make_unique<Heard>());
    Heard* h = heard.back().get();
    h->texts.resize(job.branches);
    h->finishes.resize(job.branches);
    h->tokens.resize(job.branches);
    job.tell = [h](JobEvent&& e) {
      EXPECT_FALSE(h->done);
      switch (e.kind) {
        case JobEvent::Kind::kStarted:
          h->started = true;
          h->cached = e.cached_tokens;
          h->prompt = std::move(e.prompt);
          break;
        case JobEvent::Kind::kText:
          h->texts[e.branch] += e.piece.text;
          for (const TextToken& t : e.piece.tokens) h->tokens[e.branch].push_back(t);
          ++h->pieces;
          break;
        case JobEvent::Kind::kFinished:
          h->finishes[e.branch] = e.finish;
          break;
        case JobEvent::Kind::kDone:
          h->done = true;
          h->end = e.finish;
          if (e.error) h->error = e.error->what;
          break;
      }
    };
    const Status taken = scheduler->Submit(++last_id, std::move(job));
    EXPECT_TRUE(taken) << taken.error().what;
    return *h;
  }
  void RunAll() {
    for (size_t i = 0; i < 20000 && scheduler->RunStep(); ++i) {
    }
    EXPECT_TRUE(scheduler->idle());
    const Status sound = engine->CheckBlocks();
    EXPECT_TRUE(sound) << sound.error().what;
  }
  std::string Alone(const std::string& prompt, size_t max_tokens, uint64_t seed) {
    Rig other;
    Heard& h = other.Submit(MakeJob(prompt, max_tokens, seed));
    other.RunAll();
    EXPECT_TRUE(h.done);
    return h.texts[0];
  }
  // The least memory for so many blocks of KV.
  static size_t BytesFor(size_t blocks, EngineOptions o) {
    const FakeModel model({.vocab = 300});
    if (o.context == 0) o.context = 200;
    for (o.memory_bytes = 64;; o.memory_bytes += 64)
      if (const auto plan = PlanMemory(model.info(), o); plan && plan->blocks >= blocks) return o.memory_bytes;
  }

  Tokenizer tokenizer;
  FakeModel model;
  Team team{2};
  std::unique_ptr<Engine> engine;
  std::unique_ptr<Scheduler> scheduler;
  std::vector<std::unique_ptr<Heard>> heard;
  JobId last_id = 0;
};

inline std::string Prompt(size_t i) { return std::string(10 + 13 * i, char('a' + i % 20)) + " hello world"; }

}  // namespace hasten
