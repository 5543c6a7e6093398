// The Ollama dialect: /api/generate, /api/chat, /api/tags, /api/show, /api/ps, /api/version.
// Source: Ollama's docs/api.md. Streams are lines of JSON; durations are nanoseconds.
#include <algorithm>
#include <ctime>
#include <map>

#include "base/random.h"
#include "serve/chat_answer.h"
#include "serve/fill_prompt.h"
#include "serve/keep_alive.h"
#include "serve/routes.h"
#include "serve/sampling.h"
#include "serve/service.h"
#include "tokenizer/utf8.h"

namespace hasten {
namespace {

std::string TimeText(std::time_t when) {
  char text[32] = "";
  std::tm utc{};
  std::strftime(text, sizeof text, "%FT%TZ", gmtime_r(&when, &utc));
  return text;
}

class OllamaAnswer final : public ChatAnswer {
 public:
  OllamaAnswer(std::shared_ptr<Call> call, std::shared_ptr<Worker> worker, bool chat, bool stream, Json tools,
               const ChatTokens& prompt)
      : ChatAnswer(std::move(call), std::move(worker), std::move(tools), prompt.start), chat_(chat), stream_(stream) {
    if (!chat) context_ = prompt.tokens;
  }

 private:
  Json Line() const { return {{"model", call().model}, {"created_at", TimeText(std::time(nullptr))}}; }
  Json Said(const std::string& content, const std::string& thoughts, const std::vector<ToolCall>& calls) const {
    Json line = Line();
    Json message = {{"role", "assistant"}, {"content", content}};
    if (!thoughts.empty()) (chat_ ? message : line)["thinking"] = thoughts;
    for (const ToolCall& c : calls) {
      message["tool_calls"].push_back({{"function", {{"name", c.name}, {"arguments", ArgumentsOf(c.arguments)}}}});
    }
    if (chat_) {
      line["message"] = std::move(message);
    } else {
      line["response"] = content;
    }
    return line;
  }

  void OnBegun() override {
    if (!stream_) return;
    reply().Begin({.content_type = "application/x-ndjson"});
    begun_ = true;
  }
  // Calls come whole: in a line of their own once they end.
  void OnPart(size_t, const ChatEvent& part) override {
    if (!stream_ || part.type == ChatEvent::kCallBegin || part.type == ChatEvent::kArguments) return;
    Json line = part.type == ChatEvent::kContent     ? Said(part.text, "", {})
                : part.type == ChatEvent::kReasoning ? Said("", part.text, {})
                                                     : Said("", "", {chats()[0].calls[part.call]});
    line["done"] = false;
    reply().Write(Dump(line) + "\n");
  }
  void OnFailed(const Refusal& refusal) override {
    if (!begun_) return Refuse(refusal);
    reply().Write(ErrorResponse(Dialect::kOllama, refusal).body + "\n");
    reply().End();
  }
  void OnDone() override {
    static const ChatText kNothing;
    const ChatText& all = stream_ ? kNothing : chats()[0];
    Json line = Said(all.content, all.thoughts, all.calls);
    const auto nanoseconds = [](double s) { return int64_t(s * 1e9); };
    line["done"] = true;
    line["done_reason"] = FinishName(*written()[0].finish);
    line["total_duration"] = nanoseconds(times().total_s);
    line["load_duration"] = 0;
    line["prompt_eval_count"] = prompt_tokens();
    line["prompt_eval_duration"] = nanoseconds(times().first_token_s - times().waited_s);
    line["eval_count"] = generated_tokens();
    line["eval_duration"] = nanoseconds(times().total_s - times().first_token_s);
    if (!chat_) {  // what goes on from here has these tokens in front
      const auto more = tokenizer().Encode(written()[0].text, {.parse_special = true});
      context_.insert(context_.end(), more.begin(), more.end());
      line["context"] = context_;
    }
    if (!stream_) return AnswerJson(line);
    reply().Write(Dump(line) + "\n");
    reply().End();
  }

  const bool chat_, stream_;
  std::vector<Token> context_;  // of /api/generate: the prompt
  bool begun_ = false;
};

// "options", "format", "think" and what else both ways of asking share.
void ReadCommon(Fields& fields, Worker& worker, Conversation& conversation, Wanted& wanted, Job& job, bool& stream) {
  fields.Accept({"model", "keep_alive", "truncate", "shift"});
  stream = fields.Flag("stream", true);
  if (const Json* think = fields.Any("think")) {
    if (!think->is_boolean() && *think != "low" && *think != "medium" && *think != "high" && *think != "max")
      fields.Refuse("think", "can be true, false, low, medium, high or max");
    const bool thinks = !think->is_boolean() || think->get<bool>();
    conversation.variables["enable_thinking"] = thinks;
    if (!thinks) conversation.thinking_tokens = 0;
    if (think->is_string()) conversation.variables["reasoning_effort"] = *think;
  }
  if (const Json* logprobs = fields.Any("logprobs"); logprobs && *logprobs != false)
    fields.Refuse("logprobs", "are given by /v1/chat/completions and /v1/completions");
  job.text.max_tokens = size_t(1) << 40;
  const Json* options = fields.Object("options");
  static const Json kNone = Json::object();
  {
    Fields inner(options ? *options : kNone, "options", fields.reading());
    ReadSampling(inner, worker, job);
    ReadStops(inner, "stop", job);
    const int64_t most = inner.Integer("num_predict", -1, -2, int64_t(1) << 40);
    if (most >= 0) job.text.max_tokens = size_t(most);
    inner.Accept(
        {"num_ctx", "num_thread", "num_gpu", "num_batch", "num_keep", "use_mmap", "main_gpu", "typical_p", "penalize_newline"});
  }
  if (const Json* format = fields.Any("format")) {
    if (format->is_object()) {
      WantSchema(*format, "format", wanted);
    } else if (*format == "json") {
      WantSchema({{"type", "object"}}, "format", wanted);
    } else if (*format != "") {
      fields.Refuse("format", "can be \"json\" or a JSON Schema");
    }
  }
}

// The type that most of the weights have.
std::string QuantizationOf(const Gguf& file) {
  std::map<TensorType, uint64_t> elements;
  for (const GgufTensor& tensor : file.tensors()) elements[tensor.type] += tensor.elements();
  const auto most = std::ranges::max_element(elements, {}, [](const auto& e) { return e.second; });
  return most == elements.end() ? "" : TensorTypeName(uint32_t(most->first));
}

// Clients cut it to its first characters and compare it. Not the hash of the contents, which would have to be read: of name,
// size and time.
std::string DigestOf(const Models::Served& served) {
  uint64_t state = RandomBits(served.file.file_bytes(), uint64_t(served.modified_s));
  for (const char c : served.id()) state = RandomBits(state, uint8_t(c));
  std::string digest;
  for (uint64_t i = 0; i < 4; ++i) digest += Fmt("%016llx", static_cast<unsigned long long>(RandomBits(state, i)));
  return digest;
}

Json Details(const Models::Served& served) {
  const auto size = served.file.GetString("general.size_label", "");
  return {{"parent_model", ""},
          {"format", "gguf"},
          {"family", served.family},
          {"families", {served.family}},
          {"parameter_size", size ? ReplaceInvalidUtf8(*size) : ""},
          {"quantization_level", QuantizationOf(served.file)}};
}

Json Tag(const Models::Served& served) {
  return {{"name", served.id()},
          {"model", served.id()},
          {"modified_at", TimeText(std::time_t(served.modified_s))},
          {"size", served.file.file_bytes()},
          {"digest", DigestOf(served)},
          {"details", Details(served)}};
}

}  // namespace

// A request without anything to write loads the model, or with "keep_alive" 0 unloads it. Whether it was one.
static bool LoadsOnly(const std::shared_ptr<Call>& call, const char* what) {
  const auto asked = call->body.find(what);
  if (asked != call->body.end() && !asked->is_null() && !(asked->is_string() || asked->is_array())) return false;
  if (asked != call->body.end() && !asked->is_null() && !asked->empty() && *asked != "") return false;
  const auto answer = [call](const char* reason) {
    call->Answer({{"model", call->model},
                  {"created_at", TimeText(std::time(nullptr))},
                  {"response", ""},
                  {"message", {{"role", "assistant"}, {"content", ""}}},
                  {"done", true},
                  {"done_reason", reason}});
  };
  const auto keep = call->body.find("keep_alive");
  const auto seconds = keep == call->body.end() || keep->is_null() ? Result<double>(1.0) : KeepAliveSeconds(*keep);
  if (!seconds || *seconds > 0) {
    call->WithModel([answer](const std::shared_ptr<Worker>&) { answer("load"); });
    return true;
  }
  const auto name = call->body.find("model");
  const auto index = call->service.models().Find(name != call->body.end() && name->is_string() ? name->get<std::string>() : "");
  if (!index) {
    call->Refuse(RefusalOf(index.error()));
    return true;
  }
  call->model = call->service.models().all()[*index].id();
  call->service.models().Keep(*index, 0);  // one that still writes goes when it is idle
  call->service.models().Unload(*index);
  answer("unload");
  return true;
}

void OllamaChat(const std::shared_ptr<Call>& call) {
  if (LoadsOnly(call, "messages")) return;
  call->WithModel([call](const std::shared_ptr<Worker>& worker) {
    Conversation conversation;
    Wanted wanted;
    Job job;
    bool stream = true;
    {
      Fields fields(call->body, "", call->reading);
      ReadConversation(fields, conversation);
      ReadCommon(fields, *worker, conversation, wanted, job, stream);
    }
    if (!call->Understood()) return;
    auto chat = PrepareChat(*call, *worker, conversation, wanted, {}, "messages", job);
    if (!chat) return;
    StartChat(std::make_shared<OllamaAnswer>(call, worker, true, stream, std::move(conversation.tools), *chat), std::move(job),
              *chat);
  });
}

// The tokens of an earlier answer's "context".
static std::vector<Token> ReadContext(Fields& fields, const Worker& worker) {
  std::vector<Token> tokens;
  const Json* list = fields.Array("context");
  for (size_t i = 0; list && i < list->size(); ++i) {
    const Json& entry = (*list)[i];
    const bool fits = entry.is_number_integer() && entry >= 0 && entry < int64_t(worker.tokenizer().size());
    if (!fits) {
      fields.Refuse("context[" + std::to_string(i) + "]",
                    Fmt("has to be a token from 0 to %zu", worker.tokenizer().size() - 1));
      break;
    }
    tokens.push_back(entry.get<Token>());
  }
  return tokens;
}

void OllamaGenerate(const std::shared_ptr<Call>& call) {
  if (!call->body.contains("suffix") && LoadsOnly(call, "prompt")) return;
  call->WithModel([call](const std::shared_ptr<Worker>& worker) {
    Conversation conversation;
    Wanted wanted;
    Job job;
    bool stream = true, raw = false;
    std::string prompt, suffix, system;
    std::vector<Token> before;
    {
      Fields fields(call->body, "", call->reading);
      prompt = fields.Text("prompt");
      system = fields.Text("system");
      raw = fields.Flag("raw", false);
      fields.Accept({"template"});
      if (const Json* images = fields.Array("images"); images && !images->empty())
        fields.Refuse("images", "cannot be used: the model reads text only");
      suffix = fields.Text("suffix");
      ReadCommon(fields, *worker, conversation, wanted, job, stream);
      before = ReadContext(fields, *worker);
    }
    if (!call->Understood()) return;
    ChatTokens chat;
    if (!suffix.empty()) {
      const auto tokens = FillTokensOf(*call, worker->tokenizer());
      if (!tokens) call->reading.Refuse("suffix", std::string("suffix ") + kNoFillTokens);
      Constrain(wanted, *worker, job, call->reading);
      if (!call->Understood()) return;
      chat.marks = false;
      chat.tokens = FillPrompt({.others = {}, .prefix = prompt, .suffix = suffix, .begun = {}}, *tokens, worker->tokenizer());
    } else if (raw || worker->chat().source().empty()) {
      chat.marks = false;
      chat.tokens = worker->tokenizer().Encode(prompt, {.add_special = true, .parse_special = true});
      Constrain(wanted, *worker, job, call->reading);
      if (!call->Understood()) return;
    } else {
      if (!system.empty()) conversation.messages.push_back({{"role", "system"}, {"content", system}});
      conversation.messages.push_back({{"role", "user"}, {"content", prompt}});
      auto prepared = PrepareChat(*call, *worker, conversation, wanted, {}, "prompt", job);
      if (!prepared) return;
      chat = *std::move(prepared);
    }
    chat.tokens.insert(chat.tokens.begin(), before.begin(), before.end());
    StartChat(std::make_shared<OllamaAnswer>(call, worker, false, stream, Json(), chat), std::move(job), chat);
  });
}

void OllamaTags(const std::shared_ptr<Call>& call) {
  Json list = Json::array();
  for (const Models::Served& served : call->service.models().all()) list.push_back(Tag(served));
  call->Answer({{"models", std::move(list)}});
}

static std::string ExpiryOf(const Worker& worker, double kept_s) {
  if (kept_s > 1e9) return "9999-12-31T23:59:59Z";
  const double idle_s =
      worker.outstanding() > 0 ? 0 : std::chrono::duration<double>(JobClock::now() - worker.last_used()).count();
  return TimeText(std::time(nullptr) + std::time_t(std::max(0.0, kept_s - idle_s)));
}

void OllamaPs(const std::shared_ptr<Call>& call) {
  const Models& models = call->service.models();
  Json list = Json::array();
  for (size_t i = 0; i < models.all().size(); ++i) {
    const auto worker = models.Loaded(i);
    if (!worker) continue;
    Json tag = Tag(models.all()[i]);
    tag["size"] = worker->bytes();
    tag["size_vram"] = 0;
    tag["context_length"] = worker->context();
    tag["expires_at"] = ExpiryOf(*worker, models.KeptFor(i));
    list.push_back(std::move(tag));
  }
  call->Answer({{"models", std::move(list)}});
}

// Whether the model thinks or fills in shows in its template and vocabulary; a loaded one knows.
static Json CapabilitiesOf(Call& call, size_t index) {
  const Models::Served& served = call.service.models().all()[index];
  Json capabilities = {"completion", "tools", "embedding"};
  const auto source = served.file.GetString("tokenizer.chat_template", "");
  if (source && ThoughtsOfTemplate(*source)) capabilities.push_back("thinking");
  const auto worker = call.service.models().Loaded(index);
  if (worker && FindFillTokens(served.file, worker->tokenizer())) capabilities.push_back("insert");
  return capabilities;
}

void OllamaShow(const std::shared_ptr<Call>& call) {
  if (!call->body.contains("model") && call->body.contains("name")) call->body["model"] = call->body["name"];
  const auto at = call->body.find("model");
  if (at == call->body.end() || !at->is_string())
    return call->Refuse({.message = "model is missing and has to be a text", .param = "model"});
  const auto index = call->service.models().Find(at->get<std::string>());
  if (!index) return call->Refuse(RefusalOf(index.error()));
  const Models::Served& served = call->service.models().all()[*index];
  const auto source = served.file.GetString("tokenizer.chat_template", "");
  Json info = Json::object();
  for (const GgufEntry& entry : served.file.metadata()) {
    const std::string key = ReplaceInvalidUtf8(entry.key);
    if (const std::string_view* text = entry.value.string(); text && text->size() < 4096) {
      info[key] = ReplaceInvalidUtf8(*text);
    } else if (const GgufNumber* number = entry.value.number()) {
      std::visit([&](auto value) { info[key] = value; }, *number);
    }
  }
  call->Answer({{"modelfile", ""},
                {"parameters", ""},
                {"template", source ? ReplaceInvalidUtf8(*source) : ""},
                {"details", Details(served)},
                {"model_info", std::move(info)},
                {"capabilities", CapabilitiesOf(*call, *index)},
                {"modified_at", TimeText(std::time_t(served.modified_s))}});
}

void OllamaVersion(const std::shared_ptr<Call>& call) { call->Answer({{"version", HASTEN_VERSION}}); }

}  // namespace hasten
