// `hasten chat MODEL`: a conversation in the terminal, by the model's own template.
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>

#include "base/quote.h"
#include "chat/chat_format.h"
#include "chat/output_parser.h"
#include "cli/constraint_flags.h"
#include "cli/conversation.h"
#include "cli/interrupt.h"
#include "cli/line_input.h"
#include "cli/progress.h"
#include "cli/sampling_flags.h"
#include "cli/session.h"
#include "cli/speculation.h"
#include "cli/word_wrap.h"
#include "engine/constraint/choice.h"
#include "engine/engine.h"
#include "engine/sampler.h"
#include "engine/writer.h"

namespace hasten {
namespace {

struct Options {
  std::string model, system, load, thinking;
  bool greedy = false, no_history = false;
  size_t tokens = 0;
  SamplerOptions sampler;
  SpeculationFlags speculation;
  ConstraintFlags constraint;
};

constexpr char kDetails[] =
    R"(Talks with a model: its own chat template, its answers as they come, what was said remembered. Thinking is shown
dimmed on a terminal, and not at all in a pipe.

A line is a message, and so is a pasted text of many lines. A line that ends with \ goes on in the next; """ begins a
message of many lines, and """ at the end of a line ends it. Ctrl-C stops the answer and keeps what there is of it; Ctrl-D
leaves. Arrow keys edit the line and find earlier ones. What the conversation holds already is guessed to come again, and a
smaller model may guess as well (--draft): answers come faster and stay the same. From a pipe each line is a message, so that
a conversation can be scripted.

A line that begins with / is a command; /help lists them.

Examples:
  hasten chat model.gguf
  hasten chat model.gguf --system 'Answer in one sentence.' --temperature 0.7
  hasten chat large.gguf --draft small.gguf
  hasten chat model.gguf --regex '(yes|no), because [^\n]+'
  printf 'Hello\nAnd now in French\n' | hasten chat model.gguf --greedy
)";

constexpr char kHelp[] =
    "/system [TEXT]   show or set what the model is told first; /system - takes it away\n"
    "/retry           another answer to the same message\n"
    "/branch [NAME]   list branches; go to one; a new name begins as a copy of this conversation\n"
    "/save FILE       write the conversation as JSON\n"
    "/load FILE       go on from one\n"
    "/tokens          how long the conversation is, how long it may be, how fast the last answer came\n"
    "/help            this\n"
    "/quit            leave (so does Ctrl-D)\n";

double Now() { return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(); }

// Shows an answer's parts as they come.
class AnswerView {
 public:
  explicit AnswerView(bool terminal) : terminal_(terminal), wrap_(terminal ? TerminalColumns() : 0) {}
  void Show(const std::vector<ChatEvent>& events) {
    for (const ChatEvent& e : events) {
      const bool thinking = e.type == ChatEvent::kReasoning;
      if (e.type != ChatEvent::kContent && !thinking) continue;
      (thinking ? reasoning : content) += e.text;
      if (thinking && !terminal_) continue;
      if (thinking != dim_ && terminal_) Put(thinking ? "\033[2m" : wrap_.Push("\n\n") + "\033[0m");
      dim_ = thinking;
      Put(wrap_.Push(terminal_ ? WithoutControls(e.text) : e.text));
    }
  }
  void Finish(bool stopped) {
    Put(wrap_.Finish());
    if (dim_ && terminal_) Put("\033[0m");
    if (stopped && terminal_) Put(" \033[2m[stopped]\033[0m");
    Put("\n");
  }
  std::string content, reasoning;

 private:
  static void Put(const std::string& text) {
    std::fwrite(text.data(), 1, text.size(), stdout);
    std::fflush(stdout);
  }
  const bool terminal_;
  WordWrap wrap_;
  bool dim_ = false;
};

class Chat {
 public:
  // `draft` and `constraint` (what every answer has to be) may be null.
  Chat(const Options& o, const Session& session, const Tokenizer& tokenizer, const ChatFormat& format, Engine& engine,
       DraftModel* draft, std::shared_ptr<Constraint> constraint)
      : o_(o),
        session_(session),
        tokenizer_(tokenizer),
        format_(format),
        engine_(engine),
        draft_(draft),
        constraint_(std::move(constraint)),
        input_(o.no_history ? "" : StateFile("chat_history")) {}

  Result<Exit> Run() {
    if (!o_.load.empty()) TRY_OK(conversation_.Load(o_.load));
    if (!o_.system.empty()) conversation_.SetSystem(o_.system);
    if (input_.terminal())
      std::fprintf(stderr, "%s, %zu tokens of context. /help lists the commands.\n", session_.info().family.c_str(),
                   engine_.context());
    std::optional<StopKey> between;  // lines, Ctrl-C has nothing to stop; who pipes a conversation in may end it
    if (input_.terminal()) between.emplace();
    while (!left_ && !std::ferror(stdout)) {
      const auto message = ReadMessage();
      if (!message) break;
      if (message->starts_with('/')) {
        Command(*message);
      } else if (message->find_first_not_of(" \t\n") != message->npos) {
        conversation_.Say("user", *message);
        Answer();
      }
    }
    if (input_.terminal()) std::fputs("\n", stdout);
    return Exit::kOk;
  }

 private:
  std::string Prompt() const { return conversation_.branch() == "main" ? "> " : conversation_.branch() + "> "; }

  std::optional<std::string> ReadMessage() {
    auto line = input_.Line(Prompt());
    if (!line) return {};
    static constexpr std::string_view kQuotes = "\"\"\"";
    std::string message = *line;
    if (message.starts_with(kQuotes)) {
      message.erase(0, kQuotes.size());
      while (!message.ends_with(kQuotes)) {
        line = input_.Line(". ");
        if (!line) return message;
        message += (message.empty() ? "" : "\n") + *line;
      }
      message.resize(message.size() - kQuotes.size());
      return message;
    }
    while (message.ends_with('\\')) {
      message.back() = '\n';
      line = input_.Line(". ");
      if (!line) break;
      message += *line;
    }
    return message;
  }

  // What went wrong with one message ends that message, not the conversation.
  void Answer() {
    const Status status = Generate();
    if (status) return;
    std::fprintf(stderr, "hasten: %s\n", status.error().what.c_str());
    conversation_.ForgetQuestion();
  }

  Result<std::vector<Token>> PromptTokens() {
    ChatRequest request;
    request.messages = conversation_.messages();
    if (!o_.thinking.empty()) request.variables = {{"enable_thinking", o_.thinking == "on"}, {"thinking", o_.thinking == "on"}};
    TRY(const ChatPrompt prompt, format_.Render(request));
    start_ = prompt.start;
    auto tokens = tokenizer_.Encode(prompt.text, {.add_special = true, .parse_special = true});
    if (tokens.empty())
      return Error{Code::kBadInput, "the prompt is empty: this model's template makes nothing of the message"};
    if (tokens.size() >= engine_.context())
      return Error{Code::kBadInput,
                   Fmt("the conversation has %zu tokens, the context holds %zu: go back with /branch, or raise --ctx",
                       tokens.size(), engine_.context())};
    return tokens;
  }

  // The logits of the prompt's last token; nothing where Ctrl-C came first.
  Result<std::optional<std::span<const float>>> ReadPrompt(SequenceId seq, std::span<const Token> prompt, const StopKey& stop) {
    Progress progress("reading");
    for (;;) {
      const auto rest = engine_.Rest(seq, prompt);
      const size_t count = std::min(rest.size(), engine_.max_rows());
      TRY(const auto logits, engine_.Read(seq, rest.first(count)));
      if (count == rest.size()) return std::optional(logits);
      if (stop.Pressed()) return std::optional<std::span<const float>>();
      progress.Set(double(engine_.Length(seq)) / double(prompt.size()));
    }
  }

  Status Generate() {
    TRY(const auto prompt, PromptTokens());
    prompt_tokens_ = prompt.size();
    answer_tokens_ = 0;
    TRY(const SequenceId seq, engine_.Open(prompt));
    const StopKey stop;
    const QuietKeys quiet;
    const auto logits = ReadPrompt(seq, prompt, stop);
    if (!logits || !*logits) {
      engine_.Close(seq);
      conversation_.ForgetQuestion();
      return logits ? Status() : Status(logits.error());
    }
    AnswerView view(input_.terminal());
    const Status status = Write(seq, **logits, stop, view);
    engine_.Close(seq);
    view.Finish(stop.Pressed());
    if (!view.content.empty() || !view.reasoning.empty()) {
      conversation_.Say("assistant", view.content, view.reasoning);
    } else if (stop.Pressed()) {
      conversation_.ForgetQuestion();
    } else {
      conversation_.Say("assistant", "");
    }
    return status;
  }

  Status Write(SequenceId seq, std::span<const float> logits, const StopKey& stop, AnswerView& view) {
    SamplerOptions sampling = o_.sampler;
    if (o_.greedy) sampling.temperature = 0;
    sampling.seed += retries_;
    const auto choose = [&] {
      return [sampler = Sampler(sampling)](std::span<const float> row, std::span<const int32_t> text) mutable {
        return sampler.Sample(row, text, text.size());
      };
    };
    std::unique_ptr<ConstrainedChoice> held;
    if (constraint_) held = std::make_unique<ConstrainedChoice>(constraint_, sampling);
    const auto choose_held = [&held](auto row, auto text) { return held->Choose(row, text); };
    Writer writer(engine_, seq, held ? Writer::Choose(choose_held) : Writer::Choose(choose()),
                  {.most_drafted = o_.speculation.on() ? o_.speculation.tokens : 0});
    TRY_OK(UseDrafters(o_.speculation, draft_, choose(), writer));
    if (held) writer.Use([&] { return held->Forced(); });
    StreamDecoder decoder(tokenizer_, true);
    ChatParser parser({.tools = nullptr, .start = start_, .seed = 0});
    const double begin = Now();
    const auto take = [&](Token token) {  // whether the answer goes on
      // A token that begins a text begins another one: the answer is over.
      if (tokenizer_.EndsGeneration(token) || token == tokenizer_.bos()) return false;
      ++answer_tokens_;
      view.Show(parser.Push(decoder.Push(token)));
      return (o_.tokens == 0 || answer_tokens_ < o_.tokens) && !stop.Pressed() && !std::ferror(stdout);
    };
    bool more = std::ranges::all_of(writer.First(logits), take);
    while (more && writer.text().size() <= engine_.context()) {
      TRY(const auto tokens, writer.Next());
      more = std::ranges::all_of(tokens, take);
    }
    answer_s_ = Now() - begin;
    answer_stats_ = writer.stats();
    view.Show(parser.Push(decoder.Finish()));
    view.Show(parser.Finish());
    if (more) std::fprintf(stderr, "\n[the context of %zu tokens is full]", engine_.context());
    return held ? held->status() : Status();
  }

  void Command(const std::string& line) {
    const size_t space = line.find(' ');
    const std::string name = line.substr(1, space == line.npos ? line.npos : space - 1);
    std::string argument =
        space == line.npos
            ? ""
            : line.substr(line.find_first_not_of(' ', space) == line.npos ? line.size() : line.find_first_not_of(' ', space));
    while (argument.ends_with(' ')) argument.pop_back();
    using Act = void (Chat::*)(const std::string&);
    static constexpr std::pair<std::string_view, Act> kCommands[] = {
        {"system", &Chat::System}, {"retry", &Chat::Retry},   {"branch", &Chat::Branch}, {"save", &Chat::Save},
        {"load", &Chat::Load},     {"tokens", &Chat::Tokens}, {"help", &Chat::Help},     {"quit", &Chat::Quit},
        {"exit", &Chat::Quit},     {"bye", &Chat::Quit},
    };
    const auto found = std::ranges::find(kCommands, name, [](const auto& c) { return std::string_view(c.first); });
    if (found == std::end(kCommands)) {
      std::fprintf(stderr, "there is no command /%s:\n%s", Printable(name).c_str(), kHelp);
    } else {
      (this->*found->second)(argument);
    }
  }

  void Say(const Status& status, const std::string& done) {
    std::fprintf(stderr, "%s\n", status ? done.c_str() : status.error().what.c_str());
  }

  void System(const std::string& text) {
    if (!text.empty()) conversation_.SetSystem(text == "-" ? "" : text);
    const std::string now = conversation_.System();
    std::fprintf(stderr, "%s\n", now.empty() ? "no system message" : ("system: " + now).c_str());
  }

  void Retry(const std::string&) {
    if (!conversation_.ForgetAnswer()) return void(std::fputs("there is no message to answer again\n", stderr));
    ++retries_;
    Answer();
  }

  void Branch(const std::string& name) {
    if (!name.empty()) {
      const bool fresh = conversation_.Branch(name);
      std::fprintf(stderr, "%s '%s'\n", fresh ? "new branch" : "back on branch", Printable(name).c_str());
      return;
    }
    for (const auto& [each, messages] : conversation_.Branches())
      std::fprintf(stderr, "%s %s: %zu messages\n", each == conversation_.branch() ? "*" : " ", Printable(each).c_str(),
                   messages);
  }

  void Save(const std::string& path) {
    if (path.empty()) return void(std::fputs("where to? /save FILE\n", stderr));
    Say(conversation_.Save(path), "saved to " + path);
  }

  void Load(const std::string& path) {
    if (path.empty()) return void(std::fputs("from where? /load FILE\n", stderr));
    const Status status = conversation_.Load(path);
    Say(status, Fmt("%zu messages", conversation_.messages().size()));
    if (status && conversation_.Asks()) Answer();
  }

  void Tokens(const std::string&) {
    std::fprintf(stderr, "%zu tokens of %zu: prompt %zu, last answer %zu", prompt_tokens_ + answer_tokens_, engine_.context(),
                 prompt_tokens_, answer_tokens_);
    if (answer_tokens_ > 1) std::fprintf(stderr, " at %.1f tokens/s", double(answer_tokens_ - 1) / answer_s_);
    if (answer_stats_.drafted > 0)
      std::fprintf(stderr, ", %zu of %zu guessed tokens accepted", answer_stats_.accepted, answer_stats_.drafted);
    std::fprintf(stderr, "; %zu read from the prefix cache so far\n", engine_.stats().reused_tokens);
  }

  void Help(const std::string&) { std::fputs(kHelp, stderr); }
  void Quit(const std::string&) { left_ = true; }

  const Options& o_;
  const Session& session_;
  const Tokenizer& tokenizer_;
  const ChatFormat& format_;
  Engine& engine_;
  DraftModel* const draft_;  // null: none
  const std::shared_ptr<Constraint> constraint_;
  LineInput input_;
  Conversation conversation_;
  std::string start_;  // of the answer, as the prompt opened it
  size_t prompt_tokens_ = 0, answer_tokens_ = 0, retries_ = 0;
  double answer_s_ = 0;
  WriterStats answer_stats_;  // of the last one
  bool left_ = false;
};

Result<Exit> RunChat(const Options& o, const Common& common) {
  TRY(const Session session, LoadSession(o.model, common));
  TRY(const Tokenizer tokenizer, Tokenizer::Load(session.file));
  TRY_OK(CheckSampler(o.sampler, session.info().vocab));
  TRY(const ChatFormat format, ChatFormat::Load(session.file, tokenizer));
  TRY(const auto engine, Engine::Create(*session.model, *session.team,
                                        {.context = common.context,
                                         .memory_bytes = common.memory_bytes,
                                         .max_logit_rows = o.speculation.rows(),
                                         .marks = o.speculation.on(),
                                         .choose_lanes = common.choose_threads,
                                         .prefix_cache = true}));
  TRY(const auto draft, LoadDraft(o.speculation, common, *session.team, tokenizer));
  TRY(auto constraint, o.constraint.Compile(tokenizer));
  return Chat(o, session, tokenizer, format, *engine, draft.get(), std::move(constraint)).Run();
}

}  // namespace

extern const Verb kChatVerb;
const Verb kChatVerb = {"chat", "talk with a model in the terminal", kDetails, [](CLI::App& app) -> VerbBody {
                          const auto o = std::make_shared<Options>();
                          app.add_option("MODEL", o->model, "the model file (GGUF)")->required();
                          app.add_option("--system", o->system, "what the model is told first");
                          app.add_option("--load", o->load, "go on from a conversation that /save wrote");
                          app.add_option("-n,--tokens", o->tokens,
                                         "tokens of an answer at the most; 0: until the context is full")
                              ->capture_default_str();
                          app.add_option("--thinking", o->thinking, "on or off, for models whose template knows the difference")
                              ->check(CLI::IsMember({"on", "off"}));
                          app.add_flag("--no-history", o->no_history, "neither read nor keep typed lines");
                          DeclareSampling(app, o->sampler, o->greedy);
                          o->speculation.Declare(app);
                          o->constraint.Declare(app);
                          return [o](const Common& common) { return RunChat(*o, common); };
                        }};

}  // namespace hasten
