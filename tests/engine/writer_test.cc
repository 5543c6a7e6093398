// Speculation changes no byte: whatever is guessed, the tokens are those of reading one at a time.
#include "engine/writer.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <stdexcept>

#include "base/random.h"
#include "engine/model_drafter.h"
#include "engine/ngram_drafter.h"
#include "engine/sampler.h"
#include "formats/gguf.h"
#include "tests/support/support.h"
#include "tests/tiny/tiny.h"

namespace hasten {
namespace {

using Tokens = std::vector<int32_t>;

// Guesses what it was told will come, and every `wrong`-th token of it wrong (0: none).
class Oracle : public Drafter {
 public:
  Oracle(Tokens text, size_t wrong) : truth_(std::move(text)), wrong_(wrong) {}
  std::span<const double> Expectations() const override { return {&kExpectation, 1}; }
  std::optional<size_t> Look(std::span<const int32_t> text) override {
    at_ = text.size();
    return 0;
  }
  Status Draft(size_t count, Tokens& tokens) override {
    for (size_t i = at_; i < std::min(at_ + count, truth_.size()); ++i)
      tokens.push_back(wrong_ > 0 && i % wrong_ == 0 ? (truth_[i] + 1) % 75 : truth_[i]);
    return {};
  }

 private:
  static constexpr double kExpectation = 0.99;
  Tokens truth_;
  size_t wrong_, at_ = 0;
};

struct Sampling {
  const char* name;
  SamplerOptions options;
};
const Sampling kSamplings[] = {
    {"Greedy", {.temperature = 0}},
    {"Seeded", {.seed = 11}},
    {"Penalised", {.temperature = 0.7f, .top_k = 0, .repetition_penalty = 1.3f, .frequency_penalty = 0.4f, .seed = 5}},
};

Writer::Choose ChooseBy(const SamplerOptions& options) {
  return [sampler = Sampler(options)](std::span<const float> logits, std::span<const int32_t> text) mutable {
    return sampler.Sample(logits, text, text.size());
  };
}

struct Loaded {
  explicit Loaded(const std::string& name) : bytes(TinyModel(name).Build()) {
    Team one(1);
    auto made = LoadModel(bytes.file, one);
    if (!made) throw std::runtime_error(made.error().what);
    model = *std::move(made);
  }
  ModelBytes bytes;
  std::unique_ptr<Model> model;
};

std::unique_ptr<Engine> MakeEngine(const Model& model, Team& team, size_t sequences = 1, size_t context = 256) {
  auto engine = Engine::Create(model, team,
                               {.context = context,
                                .memory_bytes = 64 << 20,
                                .max_sequences = sequences,
                                .max_rows = 64,
                                .max_logit_rows = 64,
                                .marks = true});
  if (!engine) throw std::runtime_error(engine.error().what);
  return *std::move(engine);
}

// Opens and reads `prompt`, and lets `use` add drafters.
struct Writing {
  template <class Use>
  Writing(Engine& engine, const Tokens& prompt, const SamplerOptions& options, size_t most, Use use) {
    const SequenceId seq = *engine.Open(prompt);
    const auto logits = *engine.Read(seq, engine.Rest(seq, prompt));
    writer = std::make_unique<Writer>(engine, seq, ChooseBy(options), WriterOptions{.most_drafted = most, .row_cost = 0.1});
    use(*writer);
    writer->First(logits);
  }
  // `count` tokens behind the prompt.
  Tokens Write(size_t prompt, size_t count) {
    while (writer->text().size() < prompt + count) {
      const auto more = writer->Next();
      EXPECT_TRUE(more) << more.error().what;
      if (!more) break;
    }
    return Tokens(writer->text().begin(), writer->text().begin() + ptrdiff_t(std::min(prompt + count, writer->text().size())));
  }
  std::unique_ptr<Writer> writer;
};

const auto kNothing = [](Writer&) {};

class Speculation : public ::testing::TestWithParam<const char*> {
 protected:
  Speculation() : large_(GetParam()) {}
  Tokens Plain(const Tokens& prompt, const SamplerOptions& options, size_t count) {
    Team team(1);
    const auto engine = MakeEngine(*large_.model, team);
    return Writing(*engine, prompt, options, 0, kNothing).Write(prompt.size(), count);
  }
  Loaded large_;
};

TEST_P(Speculation, GuessesRightOrWrongChangeNothing) {
  const Tokens prompt = TinyTokens(20);
  for (const Sampling& s : kSamplings) {
    const Tokens expected = Plain(prompt, s.options, 40);
    for (const size_t wrong : {0, 1, 2, 5}) {
      for (const size_t most : {3, 16}) {
        Team team(1);
        const auto engine = MakeEngine(*large_.model, team);
        Writing w(*engine, prompt, s.options, most,
                  [&](Writer& writer) { writer.Use(std::make_unique<Oracle>(expected, wrong)); });
        EXPECT_EQ(w.Write(prompt.size(), 40), expected)
            << s.name << ", every " << wrong << "th wrong, " << most << " at a time";
        EXPECT_GT(w.writer->stats().drafted, 0u);
        if (wrong == 0) {
          EXPECT_LE(w.writer->stats().passes, 40 / most + 1);
        }
        const Status blocks = engine->CheckBlocks();
        EXPECT_TRUE(blocks) << blocks.error().what;
      }
    }
  }
}

TEST_P(Speculation, CopiesOfTheTextChangeNothing) {
  Tokens prompt = TinyTokens(12);
  prompt.insert(prompt.end(), prompt.begin(), prompt.end() - 2);
  for (const Sampling& s : kSamplings) {
    const Tokens expected = Plain(prompt, s.options, 100);
    Team team(1);
    const auto engine = MakeEngine(*large_.model, team);
    Writing w(*engine, prompt, s.options, 8, [](Writer& writer) { writer.Use(std::make_unique<NgramDrafter>()); });
    EXPECT_EQ(w.Write(prompt.size(), 100), expected) << s.name;
  }
}

TEST_P(Speculation, ASmallerModelChangesNothing) {
  const Tokens prompt = TinyTokens(20);
  Team team(1);
  for (const char* name : {"phi3", "smollm3", GetParam()}) {
    const Loaded small(name);
    for (const Sampling& s : kSamplings) {
      const auto engine = MakeEngine(*large_.model, team), drafts = MakeEngine(*small.model, team);
      Writing w(*engine, prompt, s.options, 5, [&](Writer& writer) {
        auto drafter = ModelDrafter::Create(*drafts, ChooseBy(s.options), prompt);
        ASSERT_TRUE(drafter) << drafter.error().what;
        writer.Use(*std::move(drafter));
        if (name != GetParam()) writer.Use(std::make_unique<NgramDrafter>());
      });
      EXPECT_EQ(w.Write(prompt.size(), 50), Plain(prompt, s.options, 50)) << name << " " << s.name;
      EXPECT_GT(w.writer->stats().drafted, 0u);
      if (name == GetParam()) {
        EXPECT_EQ(w.writer->stats().accepted, w.writer->stats().drafted) << s.name;
      }
    }
  }
}

// Branches of one trunk, each with its own seed and guesses, in passes that they share.
TEST_P(Speculation, ForkedBranchesThatSharePassesChangeNothing) {
  const Tokens prompt = TinyTokens(20);
  Team team(2);
  const auto engine = MakeEngine(*large_.model, team, 4);
  const SequenceId trunk = *engine->Open(prompt);
  const auto logits = *engine->Read(trunk, engine->Rest(trunk, prompt));
  const std::vector<float> first(logits.begin(), logits.end());
  std::vector<SequenceId> ids(3);
  ASSERT_TRUE(engine->Fork(trunk, ids));
  ids.push_back(trunk);
  std::vector<Tokens> expected;
  std::vector<std::unique_ptr<Writer>> writers;
  for (size_t b = 0; b < ids.size(); ++b) {
    SamplerOptions options = {.temperature = 0.9f, .seed = 100 + b};
    expected.push_back(Plain(prompt, options, 40));
    writers.push_back(std::make_unique<Writer>(*engine, ids[b], ChooseBy(options), WriterOptions{.row_cost = 0.1}));
    writers[b]->Use(std::make_unique<Oracle>(expected[b], b + 2));
    writers[b]->Use(std::make_unique<NgramDrafter>());
    writers[b]->First(first);
  }
  EXPECT_NE(expected[0], expected[1]);  // the twin: another seed, another text
  for (size_t pass = 0; pass < 40; ++pass) {
    std::vector<StepRequest> requests;
    for (auto& writer : writers) requests.push_back(*writer->Plan(8));
    const auto rows = engine->Step(requests);
    ASSERT_TRUE(rows) << rows.error().what;
    size_t row = 0;
    for (size_t b = 0; b < writers.size(); ++b) {
      ASSERT_TRUE(writers[b]->Take(*rows, row));
      row += requests[b].logits;
    }
  }
  for (size_t b = 0; b < writers.size(); ++b)
    EXPECT_TRUE(std::ranges::equal(expected[b], writers[b]->text().first(expected[b].size()))) << b;
}

TEST_P(Speculation, StopsAtTheContextsEndLikeReadingOneByOne) {
  const Tokens prompt = TinyTokens(20), expected = Plain(prompt, {.temperature = 0}, 44);
  Team team(1);
  const auto engine = MakeEngine(*large_.model, team, 1, 60);
  Writing w(*engine, prompt, {.temperature = 0}, 16,
            [&](Writer& writer) { writer.Use(std::make_unique<Oracle>(expected, 7)); });
  while (w.writer->text().size() <= 60) ASSERT_TRUE(w.writer->Next());
  EXPECT_TRUE(std::ranges::equal(w.writer->text(), std::span(expected).first(w.writer->text().size())));
  EXPECT_EQ(w.writer->text().size(), 61u);
  EXPECT_EQ(w.writer->Next().error().code, Code::kBadInput);
}

// Of the families those whose state, experts or attention differ most; tests/engine/families_test.cc shows for all of them that
// a row does not depend on its neighbours.
INSTANTIATE_TEST_SUITE_P(Models, Speculation, ::testing::Values("llama", "lfm2", "qwen35", "qwen3moe", "gemma2"),
                         [](const auto& test) {
                           std::string name = test.param;
                           std::erase(name, '-');
                           return name;
                         });

TEST(SpeculationOfTrainedModels, ChangesNothing) {
  HASTEN_SHARED_OR_SKIP(folder, "reference/weights");
  Team team(2);
  const auto open = [&](const char* name) { return Gguf::Open(folder + "/" + name + ".gguf"); };
  const Gguf large_file = *open("stories3M-Q8_0"), small_file = *open("stories260K");
  const auto large = *LoadModel(large_file, team), small = *LoadModel(small_file, team);
  const Tokens prompt = {1, 403, 407, 261, 378};
  for (const Sampling& s : kSamplings) {
    const auto plain = MakeEngine(*large, team);
    const Tokens expected = Writing(*plain, prompt, s.options, 0, kNothing).Write(prompt.size(), 120);
    const auto engine = MakeEngine(*large, team), drafts = MakeEngine(*small, team);
    Writing w(*engine, prompt, s.options, 6, [&](Writer& writer) {
      writer.Use(*ModelDrafter::Create(*drafts, ChooseBy(s.options), prompt));
      writer.Use(std::make_unique<NgramDrafter>());
    });
    EXPECT_EQ(w.Write(prompt.size(), 120), expected) << s.name;
    EXPECT_GT(w.writer->stats().accepted, 0u) << s.name;
  }
}

// ------------------------------------------------------------------------------------------------- parts

TEST(NgramIndex, FindsTheLongestLastPlace) {
  NgramIndex index;
  const Tokens text = {1, 2, 3, 4, 9, 1, 2, 3, 4, 8, 3, 4};
  for (size_t n = 1; n < text.size(); ++n) index.Extend(std::span(text).first(n));
  EXPECT_EQ(index.Extend(std::span(text).first(9)).length, index.Extend(std::span(text).first(9)).length);  // asked again
  const auto match = index.Extend(text);
  EXPECT_EQ(match.length, 2u);
  EXPECT_EQ(match.next, 9u);  // "3 4" was last seen before the 8
}

TEST(NgramIndex, AgreesWithASearchOfTheWholeText) {
  Tokens text;
  NgramIndex index;
  for (size_t i = 0; i < 6000; ++i) {
    text.push_back(i % 700 > 350 ? text[i - 300] : int32_t(RandomBits(1, i) % 5000));
    const auto match = index.Extend(text);
    size_t longest = 0;
    for (const size_t n : NgramIndex::kLengths) {
      if (n > text.size()) break;
      const auto end = std::span(text).last(n);
      if (std::search(text.begin(), text.end() - 1, end.begin(), end.end()) != text.end() - 1) longest = n;
    }
    ASSERT_LE(match.length, longest);
    if (match.length > 0) {
      ASSERT_LT(match.next, text.size());
      ASSERT_TRUE(
          std::equal(text.end() - ptrdiff_t(match.length), text.end(), text.begin() + ptrdiff_t(match.next - match.length)));
    }
    if (longest == 16) {
      ASSERT_GE(match.length, 8u) << i;
    }
  }
}

// A text written again with one name of it changed: how many passes a copy of it takes.
TEST(NgramDrafter, RewritesWithOneNameChanged) {
  Tokens original, rewritten;
  for (size_t i = 0; i < 400; ++i) {
    if (i % 25 == 7) {
      original.push_back(1000);  // the name: one token, and another of two
      rewritten.insert(rewritten.end(), {1001, 1002});
    } else {
      const auto t = int32_t(RandomBits(2, i) % 300);
      original.push_back(t);
      rewritten.push_back(t);
    }
  }
  Tokens text = original;
  text.push_back(rewritten[0]);
  NgramDrafter drafter;
  size_t passes = 0, at = 1;
  while (at < rewritten.size()) {
    ++passes;
    Tokens draft;
    if (drafter.Look(text)) {
      ASSERT_TRUE(drafter.Draft(16, draft));
    }
    size_t right = 0;
    while (right < draft.size() && at + right < rewritten.size() && draft[right] == rewritten[at + right]) ++right;
    for (size_t i = 0; i <= right && at < rewritten.size(); ++i) text.push_back(rewritten[at++]);
  }
  EXPECT_LT(passes, rewritten.size() / 5);  // 16 changes of three passes each, and 400 / 17 between them
}

TEST(NgramDrafter, ContinuesARepetitionBeyondItsEnd) {
  const Tokens text = {7, 1, 2, 3, 1, 2, 3, 1, 2};
  NgramDrafter drafter;
  ASSERT_TRUE(drafter.Look(text));
  Tokens draft;
  ASSERT_TRUE(drafter.Draft(7, draft));
  EXPECT_EQ(draft, (Tokens{3, 1, 2, 3, 1, 2, 3}));
  EXPECT_FALSE(NgramDrafter().Look(Tokens{1, 2, 3, 4}));
}

TEST(DraftLength, IsLongWhereDraftsComeTrueAndZeroWhereTheyFail) {
  EXPECT_EQ(BestDraft(0.99, 0.05, 16).tokens, 16u);
  EXPECT_EQ(BestDraft(0.1, 0.2, 16).tokens, 0u);
  EXPECT_EQ(BestDraft(0.6, 0.2, 16).tokens, 2u);
  EXPECT_GT(BestDraft(0.8, 0.1, 16).tokens, 2u);
  EXPECT_EQ(BestDraft(0.8, 2, 16).tokens, 0u);
  Acceptance kind(0.8);
  for (int i = 0; i < 20; ++i) kind.Learn(4, 0);
  EXPECT_LT(kind.probability(), 0.2);
  EXPECT_EQ(BestDraft(kind.probability(), 0.2, 16).tokens, 0u);
  for (int i = 0; i < 200; ++i) kind.Forget();
  EXPECT_GT(kind.probability(), 0.6);  // tried again one day
  for (int i = 0; i < 50; ++i) kind.Learn(4, 4);
  EXPECT_GT(kind.probability(), 0.95);
}

TEST(DraftLength, LearnsWhatARowCosts) {
  PassCost cost;
  EXPECT_EQ(cost.OfOneRow(), 0);
  for (int i = 0; i < 30; ++i) {
    cost.Learn(1, 0.010);
    cost.Learn(9, 0.014);
  }
  EXPECT_NEAR(cost.OfRow(), 0.05, 1e-6);
  EXPECT_NEAR(cost.OfOneRow(), 0.010, 1e-6);
}

}  // namespace
}  // namespace hasten
