// `hasten logits MODEL --tokens 5,17,… --out FILE`: what a model makes of given tokens, for comparisons.
#include <algorithm>
#include <charconv>
#include <cstdio>

#include "cli/progress.h"
#include "cli/session.h"
#include "cli/verb.h"
#include "engine/engine.h"
#include "engine/whole.h"

namespace hasten {
namespace {

struct Options {
  std::string model, tokens;
  KvType kv = KvType::kF32;
  OutputFlags out;
  bool bidirectional = false;
};

constexpr const char* kDetails =
    "Writes float32 [T, V], little-endian: for each of the T tokens its row of logits, one number a token of the\n"
    "vocabulary. Keys and values are kept in float32 unless --kv says otherwise, so that the result is the model's and not\n"
    "the cache's. Models that read in both directions do so; --bidirectional makes others do it too.\n\n"
    "Examples:\n"
    "  hasten logits model.gguf --tokens 5,17,99 --out logits.f32\n"
    "  hasten tokenize model.gguf --bos < text | hasten logits model.gguf --tokens @- --out logits.f32\n"
    "  hasten logits model.gguf --tokens @ids.txt --kv f16 --out logits.f32 --force\n";

// "5,17, 99" or lines of numbers. `vocab` bounds them.
Result<std::vector<int32_t>> ParseTokens(const std::string& text, size_t vocab) {
  constexpr const char* kSeparators = ", \t\r\n";
  std::vector<int32_t> tokens;
  for (size_t at = text.find_first_not_of(kSeparators); at != std::string::npos; at = text.find_first_not_of(kSeparators, at)) {
    const size_t end = std::min(text.size(), text.find_first_of(kSeparators, at));
    const std::string word = text.substr(at, end - at);
    int64_t id = -1;
    const auto [stop, problem] = std::from_chars(word.data(), word.data() + word.size(), id);
    if (problem != std::errc() || stop != word.data() + word.size())
      return Error{Code::kBadInput, Fmt("--tokens: '%.40s' is not a token id; write for example 5,17,99", word.c_str())};
    if (id < 0 || size_t(id) >= vocab)
      return Error{Code::kBadInput, Fmt("--tokens: number %zu is %lld, and this model's ids go from 0 to %zu",
                                        tokens.size() + 1, static_cast<long long>(id), vocab - 1)};
    tokens.push_back(int32_t(id));
    at = end;
  }
  if (tokens.empty()) return Error{Code::kBadInput, "--tokens holds no token ids; write for example 5,17,99"};
  return tokens;
}

Result<std::string> TokensText(const std::string& flag) {
  if (!flag.starts_with("@")) return flag;
  return ReadFile(flag.substr(1));
}

// A pass reads at most as many tokens as have 64 MiB of logits; the bytes do not depend on it.
size_t RowsOfAPass(size_t vocab) {
  return std::clamp<size_t>((size_t{64} << 20) / sizeof(float) / vocab, 1, HASTEN_PREFILL_CHUNK);
}

// Chunk after chunk through an engine, each chunk's rows written before the next is read.
Status WriteCausal(const Model& model, Team& team, const std::vector<int32_t>& tokens, const Options& o, const Common& common,
                   FileWriter& out) {
  const size_t rows_of_a_pass = RowsOfAPass(model.info().vocab);
  TRY(const auto engine, Engine::Create(model, team,
                                        {.context = common.context,
                                         .memory_bytes = common.memory_bytes,
                                         .kv_type = o.kv,
                                         .max_rows = rows_of_a_pass,
                                         .max_logit_rows = rows_of_a_pass,
                                         .prefix_cache = false}));
  TRY(const SequenceId sequence, engine->Open(tokens));
  Progress progress("reading");
  const std::span<const int32_t> all = tokens;
  for (size_t done = 0; done < all.size();) {
    const auto chunk = all.subspan(done, std::min(engine->max_rows(), all.size() - done));
    const StepRequest request = {.seq = sequence, .tokens = chunk, .logits = chunk.size()};
    TRY(const LogitRows rows, engine->Step({&request, 1}));
    for (size_t r = 0; r < rows.size(); ++r) TRY_OK(out.Write(rows[r].data(), rows[r].size_bytes()));
    done += chunk.size();
    progress.Set(double(done) / double(all.size()));
  }
  return {};
}

Status WriteWhole(const Model& model, Team& team, const std::vector<int32_t>& tokens, const Options& o, const Common& common,
                  FileWriter& out) {
  TRY(const std::vector<float> logits,
      ReadWhole(model, team, tokens, {.context = common.context, .memory_bytes = common.memory_bytes, .kv_type = o.kv}));
  return out.Write(logits.data(), logits.size() * sizeof(float));
}

Result<Exit> Logits(const Options& o, const Common& common) {
  TRY(const std::string text, TokensText(o.tokens));
  TRY(const Gguf file, Gguf::Open(o.model));
  TRY(FileWriter out, o.out.Open());
  Team team(common.threads);
  LoadOptions load;
  load.context = common.context;
  auto loading = std::make_unique<Progress>("loading");
  load.progress = [&](double done) { loading->Set(done); };
  TRY(const auto model, LoadModel(file, team, load));
  loading.reset();
  TRY(const std::vector<int32_t> tokens, ParseTokens(text, model->info().vocab));
  const bool whole = o.bidirectional || model->info().bidirectional;
  TRY_OK((whole ? WriteWhole : WriteCausal)(*model, team, tokens, o, common, out));
  TRY_OK(out.Commit());
  return Exit::kOk;
}

}  // namespace

extern const Verb kLogitsVerb;
const Verb kLogitsVerb = {"logits", "write the logits of given tokens to a file", kDetails, [](CLI::App& app) -> VerbBody {
                            const auto o = std::make_shared<Options>();
                            app.add_option("MODEL", o->model, "the model file (GGUF)")->required();
                            app.add_option("--tokens", o->tokens,
                                           "token ids: 5,17,99, or @FILE to read them from a file (@- from standard input)")
                                ->required();
                            o->out.Declare(app)->required();
                            app.add_flag("--bidirectional", o->bidirectional, "let every token see every other");
                            AddKvType(app, &o->kv);
                            return [o](const Common& common) { return Logits(*o, common); };
                          }};

}  // namespace hasten
