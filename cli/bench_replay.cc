#include "cli/bench_replay.h"

#include <algorithm>
#include <chrono>
#include <cstdio>

#include "cli/format.h"
#include "cli/measure.h"
#include "cli/progress.h"
#include "engine/sampler.h"

namespace hasten {
namespace {

double Now() { return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(); }

struct Texts {
  std::vector<Token> prompt, all;  // `all` begins with the prompt
  size_t replayed() const { return all.size() - prompt.size(); }
};

Result<Texts> ReadTexts(const ReplayOptions& o, const Tokenizer& tokenizer) {
  Texts t;
  std::string prompt;
  if (!o.prompt.empty()) {
    TRY(prompt, ReadFile(o.prompt));
  }
  TRY(const std::string text, ReadFile(o.text));
  t.prompt = tokenizer.Encode(prompt, {.add_special = true});
  t.all = t.prompt;
  const std::vector<Token> replayed = tokenizer.Encode(text);
  t.all.insert(t.all.end(), replayed.begin(), replayed.end());
  if (t.prompt.empty() && !t.all.empty()) t.prompt.assign(1, t.all.front());
  if (t.replayed() >= 2) return t;
  return Error{Code::kBadInput,
               Fmt("'%s' has %zu tokens; a text to replay needs at least two", o.text.c_str(), replayed.size())};
}

struct Outcome {
  double seconds = 0;
  WriterStats stats;
};

// Writes the text behind the prompt. The likeliest token is looked for at each position, as a model that chooses does, and then
// the text's own is taken.
Result<Outcome> ReplayOnce(Engine& engine, const Texts& texts, const SpeculationFlags& flags, DraftModel* draft) {
  int32_t likeliest = 0;
  const Writer::Choose choose = [&](std::span<const float> logits, std::span<const int32_t> text) {
    likeliest = ArgMax(logits);
    return texts.all[std::min(text.size(), texts.all.size() - 1)];
  };
  TRY(const SequenceId seq, engine.Open(texts.prompt));
  TRY(const auto logits, engine.Read(seq, texts.prompt));
  const std::vector<float> first(logits.begin(), logits.end());
  Writer writer(engine, seq, choose, {.most_drafted = flags.on() ? flags.tokens : 0});
  const Writer::Choose likeliest_of_draft = [](std::span<const float> l, std::span<const int32_t>) { return ArgMax(l); };
  TRY_OK(UseDrafters(flags, draft, likeliest_of_draft, writer));
  const double start = Now();
  writer.First(first);
  while (writer.text().size() < texts.all.size()) {
    TRY([[maybe_unused]] const auto tokens, writer.Next());
  }
  const Outcome outcome = {Now() - start, writer.stats()};
  engine.Close(seq);
  return outcome;
}

struct Row {
  std::string name;
  SpeculationFlags flags;
  std::vector<double> seconds = {};
  WriterStats stats = {};
};

void Print(const Row& row, const Row& off, const Texts& texts, size_t threads, bool json) {
  const double seconds = Median(row.seconds), ratio = Median(off.seconds) / seconds;
  const double rate = double(texts.replayed()) / seconds;
  const double a_pass = double(row.stats.tokens) / double(row.stats.passes);
  if (json) {
    PrintJson({{"engine", "hasten"},
               {"work", "replay"},
               {"speculate", row.name},
               {"prefix", texts.prompt.size()},
               {"tokens", texts.replayed()},
               {"branches", 1},
               {"threads", threads},
               {"tokens_per_s", rate},
               {"ratio", ratio},
               {"passes", row.stats.passes},
               {"tokens_per_pass", a_pass},
               {"drafted_tokens", row.stats.drafted},
               {"accepted_tokens", row.stats.accepted}});
  } else {
    const double accepted = row.stats.drafted == 0 ? 0 : 100 * double(row.stats.accepted) / double(row.stats.drafted);
    std::printf("%-12s %12.1f %7.2f %12.2f %10zu %9.0f%%\n", row.name.c_str(), rate, ratio, a_pass, row.stats.drafted,
                accepted);
  }
  std::fflush(stdout);
}

}  // namespace

Result<Exit> BenchReplay(const Session& session, const ReplayOptions& o, const Common& common) {
  TRY(const Tokenizer tokenizer, Tokenizer::Load(session.file));
  TRY(const Texts texts, ReadTexts(o, tokenizer));
  TRY(const auto draft, LoadDraft(o.speculation, common, *session.team, tokenizer));
  TRY(const auto engine, Engine::Create(*session.model, *session.team,
                                        {.context = std::max(common.context, texts.all.size() + o.speculation.rows()),
                                         .memory_bytes = common.memory_bytes,
                                         .max_logit_rows = o.speculation.rows(),
                                         .marks = o.speculation.on(),
                                         .choose_lanes = common.choose_threads,
                                         .prefix_cache = false}));
  SpeculationFlags off;
  off.mode = "off";
  std::vector<Row> rows = {{"off", off}};
  if (o.speculation.on()) {
    const bool ngram = o.speculation.mode == "ngram";
    rows.push_back({draft == nullptr ? "ngram" : ngram ? "ngram, draft" : "draft", o.speculation});
  }
  {
    Progress progress("replaying");
    for (size_t run = 0; run <= o.runs; ++run)  // in turns; the first warms up
      for (Row& row : rows) {
        TRY(const Outcome outcome, ReplayOnce(*engine, texts, row.flags, draft.get()));
        if (run > 0) row.seconds.push_back(outcome.seconds);
        row.stats = outcome.stats;
        progress.Set(double(run) / double(o.runs + 1));
      }
  }
  if (!o.json) {
    std::printf("%zu tokens replayed behind a prompt of %zu\n\n", texts.replayed(), texts.prompt.size());
    std::printf("%-12s %12s %7s %12s %10s %10s\n", "speculation", "tokens/s", "ratio", "tokens/pass", "guessed", "accepted");
  }
  for (const Row& row : rows) Print(row, rows[0], texts, common.threads, o.json);
  return Exit::kOk;
}

}  // namespace hasten
