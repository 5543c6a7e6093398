// The Ollama dialect: /api/generate, /api/chat, /api/tags, /api/show, /api/ps, /api/version.
// Source: Ollama's docs/api.md. Streams are lines of JSON; durations are nanoseconds.
#include <ctime>

#include "serve/chat_answer.h"
#include "serve/constrain.h"
#include "serve/conversation.h"
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
               std::string start)
      : ChatAnswer(std::move(call), std::move(worker), std::move(tools), std::move(start)), chat_(chat), stream_(stream) {}

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
    if (!stream_) return AnswerJson(line);
    reply().Write(Dump(line) + "\n");
    reply().End();
  }

  const bool chat_, stream_;
  bool begun_ = false;
};

// "options", "format", "think" and what else both ways of asking share.
void ReadCommon(Fields& fields, Worker& worker, Conversation& conversation, Job& job, bool& stream) {
  fields.Accept({"model", "keep_alive", "context", "truncate", "shift"});
  stream = fields.Flag("stream", true);
  if (const Json* think = fields.Any("think")) {
    conversation.variables["enable_thinking"] = !think->is_boolean() || think->get<bool>();
    if (think->is_string()) conversation.variables["reasoning_effort"] = *think;
  }
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
      ConstrainToSchema(*format, "format", worker, job, fields.reading());
    } else if (*format == "json") {
      ConstrainToSchema({{"type", "object"}}, "format", worker, job, fields.reading());
    } else if (*format != "") {
      fields.Refuse("format", "can be \"json\" or a JSON Schema");
    }
  }
}

Json Details(const Models::Served& served) {
  const auto size = served.file.GetString("general.size_label", "");
  return {{"parent_model", ""},
          {"format", "gguf"},
          {"family", served.family},
          {"families", {served.family}},
          {"parameter_size", size ? ReplaceInvalidUtf8(*size) : ""},
          {"quantization_level", ""}};
}

Json Tag(const Models::Served& served) {
  return {{"name", served.id()},
          {"model", served.id()},
          {"modified_at", TimeText(std::time_t(served.modified_s))},
          {"size", served.file.file_bytes()},
          {"digest", ""},
          {"details", Details(served)}};
}

}  // namespace

void OllamaChat(const std::shared_ptr<Call>& call) {
  call->WithModel([call](const std::shared_ptr<Worker>& worker) {
    Conversation conversation;
    Job job;
    bool stream = true;
    {
      Fields fields(call->body, "", call->reading);
      ReadConversation(fields, conversation);
      ReadCommon(fields, *worker, conversation, job, stream);
      if (fields.ok() && !job.text.constraint) ConstrainCalls(conversation, {}, *worker, job, fields.reading());
    }
    if (!call->Understood()) return;
    auto chat = RenderChat(conversation, *worker);
    if (!chat) return call->Refuse({.message = chat.error().what, .param = "messages"});
    StartChat(std::make_shared<OllamaAnswer>(call, worker, true, stream, std::move(conversation.tools), chat->start),
              std::move(job), *chat);
  });
}

void OllamaGenerate(const std::shared_ptr<Call>& call) {
  call->WithModel([call](const std::shared_ptr<Worker>& worker) {
    Conversation conversation;
    Job job;
    bool stream = true, raw = false;
    std::string prompt, system;
    {
      Fields fields(call->body, "", call->reading);
      prompt = fields.Text("prompt");
      system = fields.Text("system");
      raw = fields.Flag("raw", false);
      fields.Accept({"template"});
      if (const Json* images = fields.Array("images"); images && !images->empty())
        fields.Refuse("images", "cannot be used: the model reads text only");
      if (!fields.Text("suffix").empty()) fields.Refuse("suffix", "is not supported yet");
      ReadCommon(fields, *worker, conversation, job, stream);
    }
    if (!call->Understood()) return;
    if (prompt.empty()) {  // how Ollama's clients load a model
      return call->Answer({{"model", call->model},
                           {"created_at", TimeText(std::time(nullptr))},
                           {"response", ""},
                           {"done", true},
                           {"done_reason", "load"}});
    }
    ChatTokens chat;
    if (raw || worker->chat().source().empty()) {
      chat.tokens = worker->tokenizer().Encode(prompt, {.add_special = true, .parse_special = true});
    } else {
      if (!system.empty()) conversation.messages.push_back({{"role", "system"}, {"content", system}});
      conversation.messages.push_back({{"role", "user"}, {"content", prompt}});
      auto rendered = RenderChat(conversation, *worker);
      if (!rendered) return call->Refuse({.message = rendered.error().what, .param = "prompt"});
      chat = *std::move(rendered);
    }
    StartChat(std::make_shared<OllamaAnswer>(call, worker, false, stream, Json(), chat.start), std::move(job), chat);
  });
}

void OllamaTags(const std::shared_ptr<Call>& call) {
  Json list = Json::array();
  for (const Models::Served& served : call->service.models().all()) list.push_back(Tag(served));
  call->Answer({{"models", std::move(list)}});
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
    tag["expires_at"] = "9999-12-31T23:59:59Z";
    list.push_back(std::move(tag));
  }
  call->Answer({{"models", std::move(list)}});
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
                {"capabilities", {"completion", "tools"}},
                {"modified_at", TimeText(std::time_t(served.modified_s))}});
}

void OllamaVersion(const std::shared_ptr<Call>& call) { call->Answer({{"version", HASTEN_VERSION}}); }

}  // namespace hasten
