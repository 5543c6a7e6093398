// `hasten run MODEL -p "…"`: text that continues a prompt, streamed.
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <limits>

#include "cli/constraint_flags.h"
#include "cli/format.h"
#include "cli/interrupt.h"
#include "cli/progress.h"
#include "cli/sampling_flags.h"
#include "cli/session.h"
#include "cli/speculation.h"
#include "engine/constraint/choice.h"
#include "engine/engine.h"
#include "engine/floor.h"
#include "engine/sampler.h"
#include "engine/stop.h"

namespace hasten {
namespace {

struct Options {
  std::string model, prompt, file;
  bool has_prompt = false, greedy = false, ignore_eos = false, echo = false, special = false, quiet = false, json = false;
  size_t tokens = 512;
  std::vector<std::string> stops;
  SamplerOptions sampler;
  ConstraintFlags constraint;
  SpeculationFlags speculation;
  KvType kv = EngineOptions().kv_type;
};

constexpr const char* kDetails =
    "Continues a prompt and streams the text to standard output. The prompt goes to the model as it is, with the token that\n"
    "the model wants in front; it comes from -p, from a file, or from standard input. With the same model, prompt, flags and\n"
    "seed the text is the same on every run. A line on standard error tells how fast it was, and how that compares to what\n"
    "this machine could do at the most. Ctrl-C ends the text, not the line: exit code 130.\n\n"
    "Tokens are chosen in this order: penalties; temperature; --min-p; --top-k; --top-p.\n\n"
    "What the text so far holds is guessed to come again (--speculate ngram), and a smaller model may guess as well "
    "(--draft).\n"
    "Guesses are checked many at a time and cost little where they fail. They make the text faster and never change it.\n\n"
    "Examples:\n"
    "  hasten run model.gguf -p 'Once upon a time' -n 200\n"
    "  hasten run model.gguf -f prompt.txt --greedy --stop '\\n\\n'\n"
    "  hasten run model.gguf -p 'Ada, 36: ' --schema person.schema.json\n"
    "  hasten run model.gguf -p 'Is water wet? ' --regex '(yes|no), because [a-z ]{5,80}\\.'\n"
    "  hasten run model.gguf --temperature 1 --top-k 0 --seed 7 < prompt.txt\n"
    "  hasten run large.gguf --draft small.gguf -f prompt.txt\n";

double Now() { return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(); }

// What was done, and how long it took.
struct Timing {
  size_t prompt_tokens = 0, tokens = 0;  // read, shown
  double prompt_s = 0, steps_s = 0;
  size_t full_context = 0;  // its size where that ended the text
  KvType kv = EngineOptions().kv_type;
  WriterStats steps;
  // The first token comes with the prompt.
  double tokens_per_s() const { return double(tokens - 1) / steps_s; }
};

Result<std::string> PromptText(const Options& o) {
  if (o.has_prompt) return o.prompt;
  if (!o.file.empty()) return ReadFile(o.file);
  if (isatty(STDIN_FILENO))
    return Error{Code::kBadInput, "there is no prompt: give one with -p TEXT, -f FILE or on standard input"};
  return ReadFile("-");
}

// "\n" and "\t" in a stop string are what they look like: shells make them hard to type.
std::string Unescaped(const std::string& text) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    const char next = text[i] == '\\' && i + 1 < text.size() ? text[i + 1] : '\0';
    const char meant = next == 'n' ? '\n' : next == 't' ? '\t' : next == '\\' ? '\\' : '\0';
    out += meant ? meant : text[i];
    i += meant != '\0';
  }
  return out;
}

SamplerOptions SamplerFor(const Options& o, const Tokenizer& tokenizer) {
  SamplerOptions s = o.sampler;
  if (o.greedy) s.temperature = 0;
  for (size_t t = 0; o.ignore_eos && t < tokenizer.size(); ++t)
    if (tokenizer.EndsGeneration(Token(t))) s.biases.push_back({Token(t), -std::numeric_limits<float>::infinity()});
  return s;
}

// Reads the prompt with a progress bar, chunk by chunk. The logits are those of its last token.
Result<std::span<const float>> ReadPrompt(Engine& engine, SequenceId seq, std::span<const int32_t> prompt) {
  Progress progress("reading the prompt");
  for (;;) {
    const auto rest = engine.Rest(seq, prompt);
    const size_t count = std::min(rest.size(), engine.max_rows());
    TRY(const auto logits, engine.Read(seq, rest.first(count)));
    if (count == rest.size()) return logits;
    if (Interrupt::Requested()) return Error{Code::kCancelled, "interrupted while reading the prompt"};
    progress.Set(double(engine.Length(seq)) / double(prompt.size()));
  }
}

// Writes text as it comes, and knows whether the last line is finished.
class Screen {
 public:
  explicit Screen(bool keep) : keep_(keep) {}
  void Show(const std::string& text) {
    if (keep_) kept_ += text;
    if (keep_ || text.empty()) return;
    std::fwrite(text.data(), 1, text.size(), stdout);
    std::fflush(stdout);
    finished_ = text.back() == '\n';
  }
  void FinishLine() {
    if (!finished_) Show("\n");
  }
  bool broken() const { return std::ferror(stdout); }
  const std::string& kept() const { return kept_; }

 private:
  const bool keep_;  // for one object at the end
  std::string kept_;
  bool finished_ = true;
};

// Shows tokens until something ends the text.
class Output {
 public:
  Output(const Tokenizer& tokenizer, const Options& o, Screen& screen)
      : tokenizer_(tokenizer), most_(o.tokens), decoder_(tokenizer, o.special), stops_(StringsOf(o)), screen_(screen) {}
  // Whether the text goes on behind these tokens.
  bool Show(std::span<const Token> tokens) {
    for (const Token token : tokens) {
      if (tokenizer_.EndsGeneration(token)) return false;
      screen_.Show(stops_.Push(decoder_.Push(token)));
      if (++shown_ == most_ || stops_.stopped()) return false;
    }
    return !screen_.broken() && !Interrupt::Requested();
  }
  void Finish() {
    screen_.Show(stops_.Push(decoder_.Finish()));
    screen_.Show(stops_.Finish());
  }
  size_t shown() const { return shown_; }

 private:
  static std::vector<std::string> StringsOf(const Options& o) {
    std::vector<std::string> strings;
    for (const std::string& s : o.stops) strings.push_back(Unescaped(s));
    return strings;
  }
  const Tokenizer& tokenizer_;
  const size_t most_;
  size_t shown_ = 0;
  StreamDecoder decoder_;
  StopStrings stops_;
  Screen& screen_;
};

Writer::Choose ChooseBy(const SamplerOptions& options) {
  return [sampler = Sampler(options)](std::span<const float> logits, std::span<const int32_t> text) mutable {
    return sampler.Sample(logits, text, text.size());
  };
}

Writer::Choose ChooseUnder(ConstrainedChoice& constrained) {
  return
      [&constrained](std::span<const float> logits, std::span<const int32_t> text) { return constrained.Choose(logits, text); };
}

// Chooses, shows and reads tokens until the text ends.
Status Generate(Engine& engine, Writer& writer, std::span<const float> logits, Output& output, Timing& timing) {
  const double start = Now();
  for (bool more = output.Show(writer.First(logits)); more;) {
    if (writer.text().size() > engine.context()) {
      timing.full_context = engine.context();
      break;
    }
    TRY(const auto tokens, writer.Next());
    more = output.Show(tokens);
  }
  timing.steps_s = Now() - start;
  timing.steps = writer.stats();
  timing.tokens = output.shown();
  output.Finish();
  return {};
}

// Decode speed as a share of the floor that the machine sets for the passes that were made, measured in some 60 ms.
double ShareOfLimit(const Session& session, const Timing& t) {
  const double passes = double(t.steps.passes), rows = 1 + double(t.steps.drafted) / passes;
  const double positions = double(t.prompt_tokens) + double(t.tokens) / 2 + 1;
  const double seen = session.info().window > 0 ? std::min(positions, double(session.info().window)) : positions;
  const PassWork work = {.rows = rows,
                         .logit_rows = rows,
                         .attended = rows * positions,
                         .kv_positions = positions,
                         .window_attended = rows * seen,
                         .window_kv_positions = seen,
                         .kv_type = t.kv};
  constexpr size_t kMostBytes = 256 << 20;  // beyond most caches, and quick to make
  const MachineLimits machine = MeasurePeaks(*session.team, 0.005);
  const double read = MeasureRead(*session.team, std::min(kMostBytes, WorkingSetBytes(session.info(), work)), 0.05);
  return FloorSeconds(session.info(), machine, read, work) * passes / t.steps_s;
}

void PrintClosingLine(const Session& session, const Timing& t) {
  std::fprintf(stderr, "[prompt: %zu tokens, %.1f tokens/s", t.prompt_tokens, double(t.prompt_tokens) / t.prompt_s);
  if (t.steps.passes > 0 && t.tokens > 1) {
    std::fprintf(stderr, "; text: %zu tokens, %.1f tokens/s", t.tokens, t.tokens_per_s());
    // More than the whole means that other work held the measurement up, not the text.
    if (const double share = ShareOfLimit(session, t); share <= 1.1) {
      std::fprintf(stderr, ", %.0f %% of this machine's limit", 100 * share);
    } else {
      std::fprintf(stderr, "; the machine is too busy to measure its limit");
    }
  }
  if (t.steps.drafted > 0)
    std::fprintf(stderr, "; %zu of %zu guessed tokens accepted, %.2f tokens a pass", t.steps.accepted, t.steps.drafted,
                 double(t.steps.tokens) / double(t.steps.passes));
  if (t.full_context > 0) std::fprintf(stderr, "; the context of %zu tokens is full", t.full_context);
  std::fprintf(stderr, "]\n");
}

void PrintObject(const Session& session, const Timing& t, const std::string& text) {
  nlohmann::ordered_json object = {{"text", text},
                                   {"prompt_tokens", t.prompt_tokens},
                                   {"prompt_tokens_per_s", double(t.prompt_tokens) / t.prompt_s},
                                   {"tokens", t.tokens}};
  if (t.steps.passes > 0 && t.tokens > 1) {
    object["tokens_per_s"] = t.tokens_per_s();
    object["share_of_limit"] = ShareOfLimit(session, t);
  }
  object["passes"] = t.steps.passes;
  object["drafted_tokens"] = t.steps.drafted;
  object["accepted_tokens"] = t.steps.accepted;
  object["context_is_full"] = t.full_context > 0;
  PrintJson(object);
}

Result<std::unique_ptr<Engine>> EngineFor(const Session& session, const Options& o, const Common& common) {
  return Engine::Create(*session.model, *session.team,
                        {.context = common.context,
                         .memory_bytes = common.memory_bytes,
                         .kv_type = o.kv,
                         .max_logit_rows = o.speculation.rows(),
                         .marks = o.speculation.on(),
                         .choose_lanes = common.choose_threads,
                         .prefix_cache = false});
}

Result<Exit> Run(const Options& o, const Common& common) {
  TRY(const std::string text, PromptText(o));
  TRY(const Session session, LoadSession(o.model, common));
  TRY(const Tokenizer tokenizer, Tokenizer::Load(session.file));
  TRY_OK(CheckSampler(o.sampler, session.info().vocab));
  const std::vector<Token> prompt = tokenizer.Encode(text, {.add_special = true, .parse_special = true});
  if (prompt.empty()) return Error{Code::kBadInput, "the prompt is empty, and this model has no token to begin with"};
  TRY(const auto constraint, o.constraint.Compile(tokenizer));
  TRY(const auto draft, LoadDraft(o.speculation, common, *session.team, tokenizer));
  TRY(const auto engine, EngineFor(session, o, common));
  TRY(const SequenceId seq, engine->Open(prompt));
  const Interrupt interrupt;
  Timing timing = {.prompt_tokens = prompt.size(), .kv = o.kv, .steps = {}};
  Screen screen(o.json);
  if (o.echo) screen.Show(text);
  const double start = Now();
  TRY(const auto logits, ReadPrompt(*engine, seq, prompt));
  timing.prompt_s = Now() - start;
  const SamplerOptions sampling = SamplerFor(o, tokenizer);
  std::unique_ptr<ConstrainedChoice> constrained;
  if (constraint) constrained = std::make_unique<ConstrainedChoice>(constraint, sampling);
  Writer writer(*engine, seq, constrained ? ChooseUnder(*constrained) : ChooseBy(sampling),
                {.most_drafted = o.speculation.on() ? o.speculation.tokens : 0});
  TRY_OK(UseDrafters(o.speculation, draft.get(), ChooseBy(sampling), writer));
  if (constrained) {
    constexpr size_t kFew = 1024;  // tokens whose rows of the output head are computed one by one
    writer.Use([&] { return constrained->Forced(); });
    writer.UseCandidates([&] { return constrained->Candidates(kFew); });
  }
  Output output(tokenizer, o, screen);
  const Status status = o.tokens > 0 ? Generate(*engine, writer, logits, output, timing) : Status();
  screen.FinishLine();
  TRY_OK(status);
  if (constrained) TRY_OK(constrained->status());
  if (o.json) PrintObject(session, timing, screen.kept());
  if (!o.quiet && !o.json) PrintClosingLine(session, timing);
  return Interrupt::Requested() ? Exit::kCancelled : Exit::kOk;
}

}  // namespace

extern const Verb kRunVerb;
const Verb kRunVerb = {
    "run", "continue a prompt, streamed", kDetails, [](CLI::App& app) -> VerbBody {
      const auto o = std::make_shared<Options>();
      app.add_option("MODEL", o->model, "the model file (GGUF)")->required();
      CLI::Option* prompt = app.add_option("-p,--prompt", o->prompt, "the prompt");
      app.add_option("-f,--file", o->file, "read the prompt from this file (-: standard input)")->excludes(prompt);
      app.add_option("-n,--tokens", o->tokens, "tokens to write at the most")->capture_default_str();
      app.add_option("--stop", o->stops, "end the text before this string (\\n is a new line); may be repeated")
          ->expected(1)
          ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
      app.add_flag("--ignore-eos", o->ignore_eos, "never let the model end the text");
      app.add_flag("--echo", o->echo, "write the prompt first");
      app.add_flag("--special", o->special, "write control tokens too");
      app.add_flag("-q,--quiet", o->quiet, "no closing line");
      app.add_flag("--json", o->json, "one object at the end: the text and the figures");
      o->constraint.Declare(app);
      DeclareSampling(app, o->sampler, o->greedy);
      o->speculation.Declare(app);
      AddKvType(app, &o->kv);
      return [o, prompt](const Common& common) {
        o->has_prompt = prompt->count() > 0;
        return Run(*o, common);
      };
    }};

}  // namespace hasten
