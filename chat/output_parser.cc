#include "chat/output_parser.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/random.h"
#include "chat/foreign_calls.h"
#include "chat/json_calls.h"

namespace hasten {
namespace {

// What a marker opens. The comment names who writes it.
enum class Opens : uint8_t {
  kThinking,  // closed by `close`
  kNothing,   // layout of the family, dropped
  kTagged,    // JSON, elements, or a name and keys, up to `close`
  kJson,      // JSON, `close` may follow
  kPython,    // f(a=1), up to `close`
  kGemma,     // call:f{…}, up to `close`
  kElements,  // the marker itself belongs to the elements, up to `close`
  kNamed,     // a name up to `close`, then arguments
  kMistral,   // JSON, or name[CALL_ID]id[ARGS]{…}
  kCode,      // JSON, f.call(…), or the source of a program
  kHeader,    // gpt-oss: a channel up to <|message|>
  kBody,      // gpt-oss: a message without a header
};

struct Marker {
  std::string_view text;
  Opens opens;
  std::string_view close = {};
  bool call = true;  // known only where there are tools
};

constexpr Marker kMarkers[] = {
    {"<think>", Opens::kThinking, "</think>", false},
    {"</think>", Opens::kNothing, {}, false},
    {"<thinking>", Opens::kThinking, "</thinking>", false},
    {"[THINK]", Opens::kThinking, "[/THINK]", false},                     // Magistral
    {"<|START_THINKING|>", Opens::kThinking, "<|END_THINKING|>", false},  // Command
    {"<seed:think>", Opens::kThinking, "</seed:think>", false},           // Seed
    {"<|channel>thought", Opens::kThinking, "<channel|>", false},         // Gemma 4
    {"<response>", Opens::kNothing, {}, false},                           // Granite 3.2
    {"</response>", Opens::kNothing, {}, false},
    {"<|channel|>", Opens::kHeader, "<|message|>", false},  // gpt-oss, and so the next
    {"<|start|>", Opens::kHeader, "<|message|>", false},
    {"<|message|>", Opens::kBody, {}, false},
    {"<|end|>", Opens::kNothing, {}, false},
    {"<|return|>", Opens::kNothing, {}, false},
    {"<|call|>", Opens::kNothing, {}, false},
    {"<tool_call>", Opens::kTagged, "</tool_call>"},  // Hermes, Qwen, Granite 4, GLM
    {"</tool_call>", Opens::kNothing},
    {"<|tool_call|>", Opens::kJson, {}},  // Granite 3
    {"[TOOL_CALLS]", Opens::kMistral, {}},
    {"<|python_tag|>", Opens::kCode, {}},                          // Llama 3
    {"<function=", Opens::kElements, "</function>"},               // Functionary 3.1, Qwen3-Coder without its frame
    {"<|tool_call_start|>", Opens::kPython, "<|tool_call_end|>"},  // LFM2
    {"```tool_code", Opens::kPython, "```"},                       // Gemma 3
    {"```tool_call", Opens::kTagged, "```"},
    {"<start_function_call>", Opens::kGemma, "<end_function_call>"},  // FunctionGemma
    {"<|tool_call>", Opens::kGemma, "<tool_call|>"},                  // Gemma 4
    {"<minimax:tool_call>", Opens::kElements, "</minimax:tool_call>"},
    {"<|tool_calls_section_begin|>", Opens::kNothing},  // Kimi, and so the next
    {"<|tool_calls_section_end|>", Opens::kNothing},
    {"<|tool_call_begin|>", Opens::kNamed, "<|tool_call_argument_begin|>"},
    {"<|tool_call_end|>", Opens::kNothing},
    {"<｜tool▁calls▁begin｜>", Opens::kNothing},  // DeepSeek, and so the next
    {"<｜tool▁calls▁end｜>", Opens::kNothing},
    {"<｜tool▁call▁begin｜>", Opens::kNamed, "<｜tool▁sep｜>"},
    {"<｜tool▁call▁end｜>", Opens::kNothing},
    {">>>", Opens::kNamed, "\n"},  // Functionary 3.2
};

constexpr std::string_view kBlanks = " \n\r\t";
constexpr size_t kMostGuess = 1 << 16;  // text without a marker that may still turn out to be a call

// How many bytes at the end of `text` may begin `what`.
size_t Overlap(std::string_view text, std::string_view what) {
  for (size_t size = std::min(text.size(), what.size() - 1); size > 0; --size)
    if (text.ends_with(what.substr(0, size))) return size;
  return 0;
}

std::string_view Trimmed(std::string_view text) {
  const size_t begin = std::min(text.find_first_not_of(kBlanks), text.size());
  return text.substr(begin, text.find_last_not_of(kBlanks) + 1 - begin);
}

}  // namespace

class ChatParser::Impl : public CallSink {
 public:
  explicit Impl(const ChatParserOptions& options)
      : tools_(options.tools ? *options.tools : nlohmann::ordered_json()),
        seed_(options.seed),
        functionary_(options.start.starts_with(">>>")) {
    buffer_ = options.start;
    Run();
    starting_ = false;
    events_.clear();
    at_beginning_ = true;
  }

  std::vector<ChatEvent> Push(std::string_view text) {
    buffer_ += text;
    Run();
    return std::exchange(events_, {});
  }

  std::vector<ChatEvent> Finish() {
    finishing_ = true;
    Run();
    EndBody();
    if (json_) {
      json_->Finish();
      if (json_->calls() == 0) Say(ChatEvent::kContent, raw_);
      json_.reset();
    }
    FinishArguments();
    if (calls_ == 0) Emit(ChatEvent::kContent, std::exchange(blanks_, {}));
    return std::exchange(events_, {});
  }

  size_t calls() const { return calls_; }
  bool in_call() const { return mode_ != Mode::kText && mode_ != Mode::kThinking && !(mode_ == Mode::kBody && !open_call_); }

  // CallSink
  bool Begin(const std::string& name, const std::string& id) override {
    if (guessing_ && !HasTool(&tools_, name)) return false;
    blanks_.clear();
    std::string given = id;
    static constexpr char kDigits[] = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
    if (given.empty())
      for (uint64_t i = 0; i < 9; ++i) given += kDigits[RandomBits(seed_, calls_ * 16 + i) % 62];  // nine, as Mistral wants it
    events_.push_back({ChatEvent::kCallBegin, name, calls_++, given});
    raw_.clear();
    return true;
  }
  void Arguments(std::string_view json) override {
    if (json.empty()) return;
    if (!events_.empty() && events_.back().type == ChatEvent::kArguments && events_.back().call == calls_ - 1) {
      events_.back().text += json;
    } else {
      events_.push_back({ChatEvent::kArguments, std::string(json), calls_ - 1, {}});
    }
  }
  void End() override {
    events_.push_back({ChatEvent::kCallEnd, {}, calls_ - 1, {}});
    after_break_ = true;
  }

 private:
  enum class Mode : uint8_t { kText, kThinking, kJson, kBetween, kCollect, kName, kArguments, kBody };

  void Run() {
    while (Step()) {
    }
  }

  bool Step() {
    switch (mode_) {
      case Mode::kText:
        return Text();
      case Mode::kThinking:
        return Thinking();
      case Mode::kJson:
        return Json();
      case Mode::kBetween:
        return Between();
      case Mode::kCollect:
        return Collect();
      case Mode::kName:
        return Name();
      case Mode::kArguments:
        return RawArguments();
      case Mode::kBody:
        return Body();
    }
    return false;
  }

  void Emit(ChatEvent::Type type, std::string text) {
    if (text.empty()) return;
    if (!events_.empty() && events_.back().type == type) {
      events_.back().text += text;
    } else {
      events_.push_back({type, std::move(text), 0, {}});
    }
  }

  // Blanks between parts belong to neither: they wait until text of the same kind follows.
  void Say(ChatEvent::Type type, std::string_view text) {
    if (text.empty()) return;
    if (type != said_) {
      blanks_.clear();
      said_ = type;
      after_break_ = true;
    }
    if (after_break_ && type == ChatEvent::kReasoning)
      text.remove_prefix(std::min(text.find_first_not_of(kBlanks), text.size()));
    if (after_break_ && type == ChatEvent::kContent && (thought_ || calls_ > 0))
      text.remove_prefix(std::min(text.find_first_not_of(kBlanks), text.size()));
    if (text.empty()) return;
    after_break_ = false;
    const size_t end = text.find_last_not_of(kBlanks) + 1;  // 0 where there are only blanks
    if (end > 0) Emit(type, std::exchange(blanks_, {}) + std::string(text.substr(0, end)));
    blanks_ += text.substr(end);
  }

  bool Active(const Marker& marker) const {
    if (marker.call && (!tools_.is_array() || tools_.empty())) return marker.text == ">>>" && functionary_ && starting_;
    return marker.text != ">>>" || functionary_;
  }

  bool Text() {
    if (at_beginning_ && Guess()) return mode_ != Mode::kText;
    const Marker* first = nullptr;
    size_t where = std::string::npos, held = 0;
    for (const Marker& marker : kMarkers) {
      if (!Active(marker)) continue;
      const size_t found = buffer_.find(marker.text);
      if (found < where || (found == where && first && found != std::string::npos && marker.text.size() > first->text.size())) {
        where = found;
        first = &marker;
      }
      if (!finishing_) held = std::max(held, Overlap(buffer_, marker.text));
    }
    if (!first) {
      Say(ChatEvent::kContent, std::string_view(buffer_).substr(0, buffer_.size() - held));
      if (buffer_.size() > held && Trimmed(std::string_view(buffer_).substr(0, buffer_.size() - held)).size() > 0)
        at_beginning_ = false;
      buffer_.erase(0, buffer_.size() - held);
      return false;
    }
    Say(ChatEvent::kContent, std::string_view(buffer_).substr(0, where));
    buffer_.erase(0, where + first->text.size());
    at_beginning_ = false;
    Open(*first);
    return true;
  }

  // An answer that is nothing but JSON or Python may be a call: it is held back until its name is known. True: wait, or go on
  // in another mode.
  bool Guess() {
    if (!tools_.is_array() || tools_.empty()) return false;
    const size_t begin = buffer_.find_first_not_of(kBlanks);
    if (begin == std::string::npos) return !finishing_ && !buffer_.empty() && buffer_.size() < 64;
    std::string_view rest = std::string_view(buffer_).substr(begin);
    static constexpr std::string_view kFence = "```json";
    for (const Marker& marker : kMarkers)  // "[TOOL_CALLS]" is no list
      if (Active(marker) && (rest.starts_with(marker.text) || (rest.size() > 1 && marker.text.starts_with(rest)))) return false;
    if (!finishing_ && rest.size() < kFence.size() && kFence.starts_with(rest)) return true;
    const bool fenced = rest.starts_with(kFence);
    if (fenced) rest = rest.substr(std::min(rest.find_first_not_of(kBlanks, kFence.size()), rest.size()));
    if (fenced && rest.empty()) return !finishing_;
    if (rest.empty() || (rest[0] != '{' && rest[0] != '[')) return false;
    const size_t second = rest.find_first_not_of(kBlanks, 1);
    if (second == rest.npos) return !finishing_;
    at_beginning_ = false;
    guessing_ = true;
    if (rest[0] == '[' && rest[second] != '{') {
      if (!std::isalpha(static_cast<unsigned char>(rest[second]))) {
        guessing_ = false;
        return false;
      }
      opens_ = Opens::kPython;
      close_ = ")]";
      mode_ = Mode::kCollect;
      return true;
    }
    raw_ = buffer_.substr(0, size_t(rest.data() - buffer_.data()));
    buffer_.erase(0, raw_.size());
    StartJson(fenced ? "```" : "");
    return true;
  }

  void StartJson(std::string_view close) {
    json_ = std::make_unique<JsonCallReader>(*this);
    close_ = close;
    mode_ = Mode::kJson;
  }

  void Collecting(Opens opens, std::string_view close) {
    examined_ = 0;
    opens_ = opens;
    close_ = close;
    mode_ = Mode::kCollect;
  }

  void Open(const Marker& marker) {
    after_break_ = true;
    raw_ = marker.text;
    guessing_ = false;
    switch (marker.opens) {
      case Opens::kNothing:
        raw_.clear();
        return;
      case Opens::kThinking:
        close_ = marker.close;
        thought_ = true;
        mode_ = Mode::kThinking;
        return;
      case Opens::kElements:
        buffer_.insert(0, marker.text);
        raw_.clear();
        Collecting(marker.opens, marker.close);
        return;
      case Opens::kHeader:
      case Opens::kNamed:
        opens_ = marker.opens;
        close_ = marker.close;
        mode_ = Mode::kName;
        return;
      case Opens::kBody:
        body_ = ChatEvent::kContent;
        mode_ = Mode::kBody;
        return;
      default:
        Collecting(marker.opens, marker.close);
    }
  }

  bool Thinking() {
    const size_t end = buffer_.find(close_);
    if (end != std::string::npos) {
      Say(ChatEvent::kReasoning, std::string_view(buffer_).substr(0, end));
      buffer_.erase(0, end + close_.size());
      blanks_.clear();
      after_break_ = true;
      said_ = ChatEvent::kReasoning;
      mode_ = Mode::kText;
      at_beginning_ = true;
      return true;
    }
    const size_t held = finishing_ ? 0 : Overlap(buffer_, close_);
    Say(ChatEvent::kReasoning, std::string_view(buffer_).substr(0, buffer_.size() - held));
    buffer_.erase(0, buffer_.size() - held);
    return false;
  }

  bool Json() {
    size_t taken = 0;
    while (taken < buffer_.size() && json_->Push(buffer_[taken])) ++taken;
    if (json_->calls() == 0) raw_ += buffer_.substr(0, taken);
    const bool over = taken < buffer_.size();
    buffer_.erase(0, taken);
    const bool hopeless = guessing_ && json_->calls() == 0 && raw_.size() > kMostGuess;
    if (!over && !hopeless) return false;
    if (!json_->rejected()) json_->Finish();
    const bool none = json_->calls() == 0;
    json_.reset();
    guessing_ = false;
    if (none) {  // no call after all
      Say(ChatEvent::kContent, std::exchange(raw_, {}));
      mode_ = Mode::kText;
    } else {
      json_again_ = true;
      mode_ = Mode::kBetween;
    }
    return true;
  }

  // Behind a call: separators, the closing marker, or the next call.
  bool Between() {
    buffer_.erase(0, std::min(buffer_.find_first_not_of(" \n\r\t;,"), buffer_.size()));
    if (buffer_.empty()) return false;
    if (json_again_ && (buffer_[0] == '{' || buffer_[0] == '[')) {
      const size_t second = buffer_.find_first_not_of(kBlanks, 1);
      if (second == std::string::npos && !finishing_) return false;
      if (buffer_[0] == '{' || (second != std::string::npos && buffer_[second] == '{')) {
        StartJson(close_);
        return true;
      }
    }
    if (!close_.empty() && !finishing_ && buffer_.size() < close_.size() && close_.starts_with(buffer_)) return false;
    if (!close_.empty() && buffer_.starts_with(close_)) buffer_.erase(0, close_.size());
    mode_ = Mode::kText;
    after_break_ = true;
    return true;
  }

  // What stands behind a marker decides how it is read; what is no JSON is read once it is whole.
  bool Collect() {
    const size_t begin = buffer_.find_first_not_of(kBlanks);
    const bool python = opens_ == Opens::kPython && !guessing_;
    if (!guessing_ && opens_ != Opens::kElements) {
      if (begin == std::string::npos && !finishing_) return false;
      const char c = begin == std::string::npos ? '\0' : buffer_[begin];
      const size_t second = begin == std::string::npos ? begin : buffer_.find_first_not_of(kBlanks, begin + 1);
      if (c == '[' && second == std::string::npos && !finishing_) return false;
      const bool json = c == '{' || (c == '[' && second != std::string::npos && (buffer_[second] == '{' || !python));
      if (json) {
        raw_ += buffer_.substr(0, begin);
        buffer_.erase(0, begin);
        StartJson(close_);
        return true;
      }
    }
    if (opens_ == Opens::kMistral) return MistralName();
    const size_t end = close_.empty() ? std::string::npos : buffer_.find(close_);
    if (end == std::string::npos && !finishing_) {
      if (!guessing_) TellPart();
      return GiveUpGuess();
    }
    // A guess is closed by its own last brackets.
    const size_t take = end == std::string::npos ? buffer_.size() : guessing_ ? end + close_.size() : end;
    const std::string whole = buffer_.substr(0, take);
    buffer_.erase(0, end == std::string::npos ? take : end + close_.size());
    mode_ = Mode::kText;
    Convert(whole);
    guessing_ = false;
    after_break_ = true;
    if (opens_ == Opens::kElements) mode_ = Mode::kText;
    return true;
  }

  bool GiveUpGuess() {
    if (!guessing_ || buffer_.size() <= kMostGuess) return false;
    guessing_ = false;
    mode_ = Mode::kText;
    return true;
  }

  // Arguments that are certain are told before their call is whole.
  void TellPart() {
    const bool news = buffer_.find_first_of(",)}>", std::min(examined_, buffer_.size())) != std::string::npos;
    examined_ = buffer_.size();
    if (!news) return;
    if (opens_ == Opens::kPython) {
      Tell(PythonCalls(buffer_, &tools_, Extent::kPart), Extent::kPart);
    } else if (opens_ == Opens::kGemma) {
      Tell(GemmaCalls(buffer_, Extent::kPart), Extent::kPart);
    } else if ((opens_ == Opens::kElements && JsonOf(buffer_).empty()) || opens_ == Opens::kTagged) {
      Tell(ElementCalls(buffer_, &tools_, Extent::kPart), Extent::kPart);
    }
  }

  // Goes on from what has been told of these calls. A call begins once an argument of it is certain.
  void Tell(const std::vector<ForeignCall>& calls, Extent extent) {
    for (size_t i = told_calls_; i < calls.size(); ++i) {
      const ForeignCall& call = calls[i];
      const bool whole = call.whole || extent == Extent::kWhole;
      if (!whole && call.arguments.empty()) return;
      if (!telling_ && !Begin(call.name, "")) return;
      telling_ = true;
      std::string json = call.arguments.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
      if (!whole) json.pop_back();
      // A name that came twice has changed what was told: then that is closed as it stands.
      const bool goes_on = json.starts_with(told_);
      const std::string more = goes_on ? json.substr(told_.size()) : whole ? "}" : "";
      Arguments(more);
      told_ += more;
      if (!whole) return;
      End();
      ++told_calls_;
      telling_ = false;
      told_.clear();
    }
  }

  void Convert(const std::string& whole) {
    std::vector<ForeignCall> calls;
    const nlohmann::ordered_json* tools = &tools_;
    if (opens_ == Opens::kPython) {
      calls = PythonCalls(whole, tools);
    } else if (opens_ == Opens::kGemma) {
      calls = GemmaCalls(whole);
    } else if (opens_ == Opens::kCode) {
      if (whole.find(".call(") != whole.npos) calls = PythonCalls(whole, tools);
      if (calls.empty() && !Trimmed(whole).empty())
        calls.push_back(
            {HasTool(tools, "code_interpreter") ? "code_interpreter" : "python", {{"code", std::string(Trimmed(whole))}}});
    } else if (opens_ == Opens::kElements && FunctionWithJson(whole)) {
      return;
    } else if (opens_ != Opens::kJson) {
      calls = ElementCalls(whole, tools);
    }
    Tell(calls, Extent::kWhole);
    if (telling_) {  // told of, and not found again
      if (!told_.empty()) Arguments("}");
      End();
      ++told_calls_;
      telling_ = false;
    }
    if (told_calls_ == 0) Say(ChatEvent::kContent, std::exchange(raw_, {}) + whole);
    told_calls_ = 0;
    told_.clear();
  }

  // <function=name>{…}: Functionary's arguments are JSON already.
  static std::string_view JsonOf(std::string_view text) {
    const size_t name_end = text.find('>');
    if (!text.starts_with("<function=") || name_end == text.npos) return {};
    const std::string_view body = Trimmed(text.substr(name_end + 1));
    return body.starts_with('{') ? body : std::string_view();
  }
  bool FunctionWithJson(const std::string& whole) {
    const std::string_view text = whole, body = JsonOf(text);
    if (body.empty()) return false;
    const size_t sign = text.find('='), name_end = text.find('>');
    Begin(std::string(text.substr(sign + 1, name_end - sign - 1)), "");
    std::string json;
    JsonRepair repair;
    for (const char c : body)
      if (!repair.Push(c, json)) break;
    repair.Finish(json);
    Arguments(json);
    End();
    return true;
  }

  // name[CALL_ID]id[ARGS]{…}, the parts in brackets left out by some.
  bool MistralName() {
    const size_t brace = buffer_.find('{');
    if (brace == std::string::npos && !finishing_) return false;
    std::string_view header = std::string_view(buffer_).substr(0, brace);
    const size_t args = header.find("[ARGS]");
    header = header.substr(0, args);
    const size_t id = header.find("[CALL_ID]");
    const std::string name(Trimmed(header.substr(0, id)));
    const std::string given(id == header.npos ? "" : Trimmed(header.substr(id + 9)));
    if (name.empty() || brace == std::string::npos) {
      mode_ = Mode::kText;
      Say(ChatEvent::kContent, raw_ + buffer_);
      buffer_.clear();
      return false;
    }
    buffer_.erase(0, brace);
    StartArguments(name, given);
    return true;
  }

  void StartArguments(const std::string& name, const std::string& id, std::string_view close = {}) {
    Begin(name, id);
    close_ = close;
    open_call_ = true;
    arguments_ = JsonRepair();
    mode_ = Mode::kArguments;
  }

  void FinishArguments() {
    if (!open_call_) return;
    std::string out;
    arguments_.Finish(out);
    Arguments(out);
    End();
    open_call_ = false;
  }

  bool RawArguments() {
    std::string out;
    size_t taken = 0;
    while (taken < buffer_.size() && !arguments_.done() && arguments_.Push(buffer_[taken], out)) ++taken;
    Arguments(out);
    const bool over = taken < buffer_.size() || arguments_.done();
    buffer_.erase(0, taken);
    if (!over) return false;
    FinishArguments();
    json_again_ = false;
    mode_ = body_mode_ ? Mode::kBody : Mode::kBetween;
    return true;
  }

  // The words between a marker and `close_`: a header of gpt-oss, or a function's name.
  bool Name() {
    const size_t end = buffer_.find(close_);
    if (end == std::string::npos && !finishing_) return false;
    const std::string header = buffer_.substr(0, end);
    buffer_.erase(0, end == std::string::npos ? buffer_.size() : end + close_.size());
    if (opens_ == Opens::kHeader) {
      Header(header);
      return true;
    }
    std::string_view name = Trimmed(header);
    if (name.starts_with("functions.")) name.remove_prefix(10);
    name = name.substr(0, name.find(':'));  // Kimi numbers its calls
    if (functionary_ && (name == "all" || name.empty())) {
      mode_ = Mode::kText;
      return true;
    }
    if (name == "function" && !functionary_) {  // DeepSeek V3: the kind first, then the name on a line, then a fence
      if (buffer_.find('{') == std::string::npos && !finishing_) {
        buffer_.insert(0, header + close_);
        return false;
      }
      const std::string real = buffer_.substr(0, buffer_.find('\n'));
      buffer_.erase(0, std::min(buffer_.find('{'), buffer_.size()));
      StartArguments(std::string(Trimmed(real)), "", "```");
      return true;
    }
    if (name == "python" && functionary_ && !Trimmed(buffer_).starts_with('{')) {
      Collecting(Opens::kCode, ">>>");
      return true;
    }
    StartArguments(std::string(name), "");
    return true;
  }

  void Header(const std::string& header) {
    const auto word = [&](std::string_view key) {
      const size_t at = header.find(key);
      if (at == std::string::npos) return std::string();
      const size_t from = at + key.size();
      return header.substr(from, std::min(header.find_first_of(" <\n", from), header.size()) - from);
    };
    std::string to = word("to=");
    if (to.starts_with("functions.")) to.erase(0, 10);
    const bool analysis = header.find("analysis") != std::string::npos;
    body_mode_ = true;
    mode_ = Mode::kBody;
    body_ = analysis && to.empty() ? ChatEvent::kReasoning : ChatEvent::kContent;
    thought_ |= body_ == ChatEvent::kReasoning;
    if (!to.empty() && to != "user" && to != "assistant" && !finishing_) StartArguments(to, "");
  }

  // A message of gpt-oss, up to the marker that ends it.
  bool Body() {
    static constexpr std::string_view kEnds[] = {"<|end|>", "<|return|>", "<|call|>", "<|start|>", "<|channel|>"};
    size_t where = std::string::npos, size = 0, held = 0;
    for (const std::string_view end : kEnds) {
      if (const size_t found = buffer_.find(end); found < where) {
        where = found;
        size = end == "<|start|>" || end == "<|channel|>" ? 0 : end.size();
      }
      if (!finishing_) held = std::max(held, Overlap(buffer_, end));
    }
    const size_t shown = where == std::string::npos ? buffer_.size() - held : where;
    Say(body_, std::string_view(buffer_).substr(0, shown));
    buffer_.erase(0, where == std::string::npos ? shown : where + size);
    if (where == std::string::npos) return false;
    EndBody();
    return true;
  }

  void EndBody() {
    if (mode_ != Mode::kBody) return;
    body_mode_ = false;
    mode_ = Mode::kText;
    at_beginning_ = false;
  }

  const nlohmann::ordered_json tools_;
  const uint64_t seed_;
  const bool functionary_;
  std::string buffer_;  // what is not decided yet
  std::string raw_;     // what a reader of JSON took before its first call: text, if no call comes
  std::string blanks_;  // at the end of what was said
  std::string close_;
  std::vector<ChatEvent> events_;
  std::unique_ptr<JsonCallReader> json_;
  JsonRepair arguments_;
  std::string told_;                      // of the arguments of a call that is collected
  size_t told_calls_ = 0, examined_ = 0;  // calls told whole; bytes looked at
  bool telling_ = false;
  Mode mode_ = Mode::kText;
  Opens opens_ = Opens::kNothing;
  ChatEvent::Type said_ = ChatEvent::kContent, body_ = ChatEvent::kContent;
  size_t calls_ = 0;
  bool at_beginning_ = true, guessing_ = false, finishing_ = false, after_break_ = true, thought_ = false;
  bool open_call_ = false, body_mode_ = false, json_again_ = false;
  bool starting_ = true;  // reads what the prompt ended with
};

ChatParser::ChatParser(const ChatParserOptions& options) : impl_(std::make_unique<Impl>(options)) {}
ChatParser::ChatParser(ChatParser&&) noexcept = default;
ChatParser& ChatParser::operator=(ChatParser&&) noexcept = default;
ChatParser::~ChatParser() = default;
std::vector<ChatEvent> ChatParser::Push(std::string_view text) { return impl_->Push(text); }
std::vector<ChatEvent> ChatParser::Finish() { return impl_->Finish(); }
size_t ChatParser::calls() const { return impl_->calls(); }
bool ChatParser::in_call() const { return impl_->in_call(); }

}  // namespace hasten
