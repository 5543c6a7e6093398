// `hasten perplexity MODEL FILE`: how surprised a model is by a text, to judge a quantisation.
#include <cmath>
#include <cstdio>

#include "cli/format.h"
#include "cli/progress.h"
#include "cli/session.h"
#include "engine/engine.h"

namespace hasten {
namespace {

struct Options {
  std::string model, file;
  size_t chunks = 0;
  bool json = false;
  KvType kv = EngineOptions().kv_type;
};

constexpr size_t kContext = 512;        // tokens of a chunk unless --ctx says otherwise, as in published tables
constexpr size_t kMostLogitRows = 128;  // a vocabulary of 256k makes 128 MiB of them

constexpr const char* kDetails =
    "Reads a text in chunks of --ctx tokens (512 where that is not given), each on its own, beginning with the token that the\n"
    "model wants in front. Of each chunk the second half is scored, so that every scored token has at least half a chunk\n"
    "before it; what is left over at the end is not read. This is how llama.cpp's llama-perplexity counts, so figures can be\n"
    "compared. Perplexity is e to the mean surprise of a token in nats; +- is its standard error.\n\n"
    "Examples:\n"
    "  hasten perplexity model-q4_0.gguf wiki.test.raw\n"
    "  hasten perplexity model.gguf text.txt --ctx 2048 --chunks 20 --json\n";

struct Score {
  double sum = 0, sum_of_squares = 0;
  size_t tokens = 0;
  void Add(double nats) {
    sum += nats;
    sum_of_squares += nats * nats;
    ++tokens;
  }
  double mean() const { return sum / double(tokens); }
  double perplexity() const { return std::exp(mean()); }
  double standard_error() const {
    if (tokens < 2) return 0;
    const double variance = sum_of_squares / double(tokens) - mean() * mean();
    return perplexity() * std::sqrt(std::max(0.0, variance) / double(tokens - 1));
  }
};

// -log of the probability that a row of logits gives to `token`.
double Surprise(std::span<const float> logits, int32_t token) {
  float best = logits[0];
  for (const float l : logits) best = std::max(best, l);
  double sum = 0;
  for (const float l : logits) sum += std::exp(double(l - best));
  return std::log(sum) - double(logits[token] - best);
}

// Scores tokens [first, end) of a chunk, each by the logits of the one before.
Status ScoreChunk(Engine& engine, Team& team, std::span<const int32_t> chunk, size_t first, Score& score) {
  TRY(const SequenceId seq, engine.Open(chunk));
  if (first > 1) TRY_OK(engine.Feed(seq, chunk.first(first - 1)));
  std::vector<double> nats;
  for (size_t at = first - 1; at + 1 < chunk.size();) {
    const size_t count = std::min({chunk.size() - 1 - at, engine.max_rows(), engine.max_logit_rows()});
    const StepRequest request = {.seq = seq, .tokens = chunk.subspan(at, count), .logits = count};
    TRY(const LogitRows rows, engine.Step({&request, 1}));
    nats.resize(count);
    team.Run([&](const Lane& lane) {
      const Range mine = lane.Share(count);
      for (size_t i = mine.begin; i < mine.end; ++i) nats[i] = Surprise(rows[i], chunk[at + i + 1]);
    });
    for (const double n : nats) score.Add(n);
    at += count;
  }
  engine.Close(seq);
  return {};
}

Result<Exit> Perplexity(const Options& o, const Common& common) {
  TRY(const std::string text, ReadFile(o.file));
  TRY(const Session session, LoadSession(o.model, common));
  TRY(const Tokenizer tokenizer, Tokenizer::Load(session.file));
  std::vector<Token> tokens = tokenizer.Encode(text, {.add_special = true});
  const size_t context = std::min(tokens.size(), common.context > 0 ? common.context : kContext);
  if (context < 4) {
    return Error{Code::kBadInput, Fmt("perplexity needs chunks of at least 4 tokens, and %s makes %zu in all with --ctx %zu",
                                      o.file.c_str(), tokens.size(), common.context)};
  }
  TRY(const auto engine, Engine::Create(*session.model, *session.team,
                                        {.context = context,
                                         .memory_bytes = common.memory_bytes,
                                         .kv_type = o.kv,
                                         .max_logit_rows = kMostLogitRows,
                                         .choose_lanes = common.choose_threads,
                                         .prefix_cache = false}));
  size_t chunks = tokens.size() / context;
  if (o.chunks > 0) chunks = std::min(chunks, o.chunks);
  Score score;
  Progress progress("scoring");
  for (size_t c = 0; c < chunks; ++c) {
    const std::span<Token> chunk = std::span(tokens).subspan(c * context, context);
    if (tokenizer.adds_bos()) chunk[0] = tokenizer.bos();
    TRY_OK(ScoreChunk(*engine, *session.team, chunk, context / 2 + 1, score));
    progress.Set(double(c + 1) / double(chunks), Fmt("perplexity %.3f", score.perplexity()));
  }
  if (o.json) {
    PrintJson({{"perplexity", score.perplexity()},
               {"standard_error", score.standard_error()},
               {"nats_per_token", score.mean()},
               {"scored_tokens", score.tokens},
               {"chunks", chunks},
               {"chunk_tokens", context}});
  } else {
    std::printf("perplexity %.4f +- %.4f (%zu tokens scored, %zu chunks of %zu)\n", score.perplexity(), score.standard_error(),
                score.tokens, chunks, context);
  }
  return Exit::kOk;
}

}  // namespace

extern const Verb kPerplexityVerb;
const Verb kPerplexityVerb = {"perplexity", "how surprised a model is by a text", kDetails, [](CLI::App& app) -> VerbBody {
                                const auto o = std::make_shared<Options>();
                                app.add_option("MODEL", o->model, "the model file (GGUF)")->required();
                                app.add_option("FILE", o->file, "the text (-: standard input)")->required();
                                app.add_option("--chunks", o->chunks, "read only so many chunks (default: all)");
                                app.add_flag("--json", o->json, "one object instead of a sentence");
                                AddKvType(app, &o->kv);
                                return [o](const Common& common) { return Perplexity(*o, common); };
                              }};

}  // namespace hasten
