// A model of the engine as a proposer: how it is asked, what is taken out of its answers, that branches, guesses and shortened
// prompts change nothing but the cost.
#include "solve/propose/local_model.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "engine/engine.h"
#include "solve/propose/prompt.h"
#include "tests/solve/scripted_model.h"
#include "tests/support/support.h"
#include "tests/support/tiny_vocab.h"

namespace hasten::solve {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kChatMl[] =
    "{% for m in messages %}<|user|>{{ m.content }}{% endfor %}<|assistant|>{% if enable_thinking %}<think>\n{% endif %}";

// Text bytes as tokens, an end, and a chat template where one is given.
Tokenizer BytesTokenizer() {
  TinyVocab vocab = TinyBpe();
  const auto end = uint32_t(vocab.tokens.size() - 3);  // <|endoftext|>
  vocab.more = [end](GgufHeader& header) { header.Set<uint32_t>("tokenizer.ggml.eos_token_id", end); };
  const std::string bytes = vocab.Bytes();
  const auto file = Gguf::Parse(std::as_bytes(std::span(bytes)), "tiny");
  EXPECT_TRUE(file) << file.error().what;
  auto tokenizer = Tokenizer::Load(*file);
  EXPECT_TRUE(tokenizer) << tokenizer.error().what;
  return *std::move(tokenizer);
}

struct Rig {
  explicit Rig(ScriptedModel::Script script, const std::string& chat_template = {}, size_t context = 4000, size_t branches = 4)
      : model(tokenizer, std::move(script), context), team(2) {
    auto made =
        Engine::Create(model, team, {.context = context, .max_sequences = branches + 1, .max_logit_rows = 4 * branches});
    EXPECT_TRUE(made) << made.error().what;
    engine = *std::move(made);
    if (chat_template.empty()) return;
    ChatFormatSource source;
    source.chat = chat_template;
    source.adds_bos = false;
    auto format = ChatFormat::Create(std::move(source));
    EXPECT_TRUE(format) << format.error().what;
    chat.emplace(*std::move(format));
  }
  LocalEngine local() { return {engine.get(), &tokenizer, chat ? &*chat : nullptr, "hash"}; }

  const Tokenizer tokenizer = BytesTokenizer();
  ScriptedModel model;
  Team team;
  std::unique_ptr<Engine> engine;
  std::optional<ChatFormat> chat;
};

Task TaskOf(const std::string& more) {
  auto task = ParseTask("goal = \"Say three.\"\nlanguage = \"sh\"\n[propose]\nbranches = 4\nmax_tokens = 200\n" + more +
                            "\n[[check]]\nexamples = [{stdin = \"\", stdout = \"3\"}]\n",
                        "task.toml");
  EXPECT_TRUE(task) << task.error().what;
  return *std::move(task);
}

std::vector<Proposal> Ask4(const Task& task, LocalEngine local, const Ask& like = {}) {
  Spending spending(task.budget);
  auto proposer = MakeLocalModel(task, 1, spending, std::move(local));
  EXPECT_TRUE(proposer) << proposer.error().what;
  std::vector<Ask> asks(4, like);
  for (size_t i = 0; i < asks.size(); ++i) asks[i].n = i;
  std::vector<Proposal> proposals(asks.size());
  const std::atomic<bool> stop{false};
  const Status status = (*proposer)->Propose(asks, [&](Proposal p) { proposals[p.ask] = p; }, stop);
  EXPECT_TRUE(status) << status.error().what;
  return proposals;
}

// Writes `answer` behind the last `mark`.
ScriptedModel::Script Behind(std::string mark, std::string answer) {
  return [mark, answer](const std::string& text) {
    const size_t at = text.rfind(mark);
    const std::string written = at == std::string::npos ? "" : text.substr(at + mark.size());
    return answer.starts_with(written) ? answer.substr(written.size()) : std::string("?");
  };
}

TEST(LocalModel, AModelThatOnlyContinuesGetsAnOpenBlock) {
  Rig rig(Behind("```sh\n", "echo 3\n```\nThat was it."));
  const auto proposals = Ask4(TaskOf(""), rig.local());
  for (const Proposal& p : proposals) {
    EXPECT_EQ(p.candidate, "echo 3\n") << p.trouble;
    EXPECT_LT(p.tokens_out, 14u);  // it stopped at the end of the block
  }
}

TEST(LocalModel, AChatModelIsAskedByItsTemplate) {
  Rig rig(Behind("<|assistant|>```sh\n", "echo 3\n```"), kChatMl);
  for (const Proposal& p : Ask4(TaskOf(""), rig.local())) EXPECT_EQ(p.candidate, "echo 3\n") << p.trouble;
}

TEST(LocalModel, ThoughtsAreLeftOutAndTheBlockBehindThemTaken) {
  Rig rig(Behind("<|assistant|><think>\n", "Perhaps ```sh\necho 4\n```?</think>So:\n```sh\necho 3\n```\nand more and more"),
          kChatMl);
  for (const Proposal& p : Ask4(TaskOf("thinking = true"), rig.local())) {
    EXPECT_EQ(p.candidate, "echo 3\n") << p.trouble;
    EXPECT_LT(p.tokens_out, 80u);  // "and more" was not waited for
  }
  Rig endless(Behind("<|assistant|><think>\n", std::string(1000, 'x')), kChatMl);
  for (const Proposal& p : Ask4(TaskOf("thinking = true"), endless.local())) EXPECT_EQ(p.trouble, "the model wrote no program");
}

TEST(LocalModel, AnAnswerIsHeldToWhatTheTaskAllows) {
  // It would say something else, and can say only this.
  Rig rig(Behind("alone.\n", "rm -rf /"));
  std::set<std::string> all;
  for (const Proposal& p : Ask4(TaskOf("regex = \"echo [0-9]\""), rig.local())) {
    EXPECT_THAT(p.candidate, ::testing::MatchesRegex("echo [0-9]")) << p.trouble;
    all.insert(p.candidate);
  }
  EXPECT_GT(all.size(), 1u);  // branches differ where the model has no opinion
  Spending spending({});
  const auto wrong = MakeLocalModel(TaskOf("regex = \"echo [\""), 1, spending, rig.local());
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().code, Code::kBadInput);
}

TEST(LocalModel, NoMoreTokensAreReadAndWrittenThanTheBudgetHas) {
  Rig rig(Behind("```sh\n", "echo " + std::string(100, '3') + "\n```\n"));
  Task task = TaskOf("");
  const size_t prompt = PromptFor(task, {}).size();  // a token a byte, or a few less
  for (const size_t left : {size_t(0), size_t(3), size_t(50), size_t(131)}) {
    task.budget.tokens = prompt + left;
    Spending spending(task.budget);
    const auto proposer = MakeLocalModel(task, 1, spending, rig.local());
    const std::vector<Ask> asks = {{.n = 0}, {.n = 1}, {.n = 2}, {.n = 3}};
    const std::atomic<bool> stop{false};
    EXPECT_TRUE((*proposer)->Propose(asks, [](const Proposal& p) { ADD_FAILURE() << p.candidate; }, stop));
    EXPECT_LE(spending.Now().tokens, task.budget.tokens);
    EXPECT_FALSE(spending.RanOut().empty());
  }
}

Ask RepairOf(const std::string& candidate, const std::string& got) {
  auto trial = std::make_shared<Trial>();
  trial->candidate = candidate;
  trial->judged = {.verdict = "wrong", .checks = 1, .feedback = "it printed something else", .got = got, .expected = "3"};
  return {.kind = Ask::Kind::kRepair, .parent = trial};
}

TEST(LocalModel, LongPromptsAreShortenedAndTheProgramStays) {
  std::string seen;
  const auto keep = Behind("```sh\n", "echo 3\n```");
  Rig rig(
      [&](const std::string& text) {
        seen = text;
        return keep(text);
      },
      {}, 1000);
  const Ask repair = RepairOf("echo 5 # the one\n", "a beginning " + std::string(20000, '4') + " an end");
  for (const Proposal& p : Ask4(TaskOf(""), rig.local(), repair)) EXPECT_EQ(p.candidate, "echo 3\n") << p.trouble;
  EXPECT_THAT(seen, HasSubstr("echo 5 # the one"));
  EXPECT_THAT(seen, HasSubstr("a beginning"));
  EXPECT_THAT(seen, HasSubstr("an end"));
  EXPECT_THAT(seen, HasSubstr("are left out"));
  EXPECT_THAT(PromptFor(TaskOf(""), RepairOf("echo 5\n", "4")), Not(HasSubstr("left out")));
}

TEST(LocalModel, ACorrectionIsGuessedFromTheProgram) {
  std::string program;
  for (int i = 0; i < 40; ++i) program += "x" + std::to_string(i) + "=" + std::to_string(i * i) + "\n";
  const std::string answer = program + "echo 3\n```";
  size_t asked = 0;
  const auto script = Behind("block, and nothing else.\n\n```sh\n", answer);
  Rig rig([&](const std::string& text) {
    ++asked;
    return script(text);
  });
  const size_t before = rig.engine->stats().steps;
  Task task = TaskOf("");
  task.proposers.max_tokens = 2000;
  for (const Proposal& p : Ask4(task, rig.local(), RepairOf(program + "echo 4\n", "4")))
    EXPECT_EQ(p.candidate, program + "echo 3\n") << p.trouble;
  EXPECT_GT(asked, 4 * answer.size() / 2);
  // Reading one byte at a time would take as many passes as the answer has bytes. (Prompts in tiny chunks take passes of their
  // own.)
  if (HASTEN_PREFILL_CHUNK < 64) GTEST_SKIP() << "the steps were not counted";
  EXPECT_LT(rig.engine->stats().steps - before, answer.size() * 3 / 4);
}

}  // namespace
}  // namespace hasten::solve
