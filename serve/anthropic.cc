// POST /v1/messages and /v1/messages/count_tokens of the Anthropic dialect.
// Source: Anthropic's API reference, "Messages" and "Streaming messages".
#include "serve/chat_answer.h"
#include "serve/routes.h"
#include "serve/sampling.h"
#include "text/json.h"

namespace hasten {
namespace {

class AnthropicAnswer final : public ChatAnswer {
 public:
  AnthropicAnswer(std::shared_ptr<Call> call, std::shared_ptr<Worker> worker, bool stream, Json tools, std::string start)
      : ChatAnswer(std::move(call), std::move(worker), std::move(tools), std::move(start)), stream_(stream) {}

 private:
  Json Message() const {
    return {{"id", id_},
            {"type", "message"},
            {"role", "assistant"},
            {"model", call().model},
            {"content", Json::array()},
            {"stop_reason", nullptr},
            {"stop_sequence", nullptr}};
  }
  Json InputUsage(size_t output) const {
    return {{"input_tokens", prompt_tokens() - cached_tokens()},
            {"cache_creation_input_tokens", 0},
            {"cache_read_input_tokens", cached_tokens()},
            {"output_tokens", output}};
  }
  Json StopReason() const {
    const Written& w = written()[0];
    if (*w.finish == Finish::kStop) return "stop_sequence";
    if (*w.finish == Finish::kEnd) return chats()[0].calls.empty() ? "end_turn" : "tool_use";
    return "max_tokens";
  }
  Json StopSequence() const { return written()[0].stop.empty() ? Json() : Json(written()[0].stop); }
  static Json Input(const std::string& arguments) {
    const auto parsed = ParseJson(arguments);
    return parsed && parsed->is_object() ? *parsed : Json::object();
  }
  void Event(const char* name, Json data) {
    Json event = {{"type", name}};
    event.update(data);
    reply().Write(ServerSentEvent(event, name));
  }

  void OnBegun() override {
    if (!stream_) return;
    reply().Begin(EventStreamHead());
    begun_ = true;
    Json message = Message();
    message["usage"] = InputUsage(1);
    Event("message_start", {{"message", std::move(message)}});
    Event("ping", Json::object());
  }
  // Blocks follow each other: thoughts, text, calls.
  void OpenBlock(int kind, Json block) {
    if (open_ == kind) return;
    CloseBlock();
    open_ = kind;
    Event("content_block_start", {{"index", index_}, {"content_block", std::move(block)}});
  }
  void CloseBlock() {
    if (open_ < 0) return;
    if (open_ == int(ChatEvent::kReasoning)) Delta({{"type", "signature_delta"}, {"signature", ""}});
    Event("content_block_stop", {{"index", index_}});
    ++index_;
    open_ = -1;
  }
  void Delta(Json delta) { Event("content_block_delta", {{"index", index_}, {"delta", std::move(delta)}}); }

  void OnPart(size_t, const ChatEvent& part) override {
    if (!stream_) return;
    switch (part.type) {
      case ChatEvent::kContent:
        OpenBlock(part.type, {{"type", "text"}, {"text", ""}});
        return Delta({{"type", "text_delta"}, {"text", part.text}});
      case ChatEvent::kReasoning:
        OpenBlock(part.type, {{"type", "thinking"}, {"thinking", ""}, {"signature", ""}});
        return Delta({{"type", "thinking_delta"}, {"thinking", part.text}});
      case ChatEvent::kCallBegin:
        CloseBlock();
        return OpenBlock(part.type, {{"type", "tool_use"}, {"id", part.id}, {"name", part.text}, {"input", Json::object()}});
      case ChatEvent::kArguments:
        return Delta({{"type", "input_json_delta"}, {"partial_json", part.text}});
      case ChatEvent::kCallEnd:
        return CloseBlock();
    }
  }
  void OnFailed(const Refusal& refusal) override {
    if (!begun_) return Refuse(refusal);
    reply().Write("event: error\ndata: " + ErrorResponse(Dialect::kAnthropic, refusal).body + "\n\n");
    reply().End();
  }
  void OnDone() override {
    if (stream_) {
      CloseBlock();
      Event("message_delta", {{"delta", {{"stop_reason", StopReason()}, {"stop_sequence", StopSequence()}}},
                              {"usage", {{"output_tokens", generated_tokens()}}}});
      Event("message_stop", Json::object());
      return reply().End();
    }
    const ChatText& chat = chats()[0];
    Json message = Message();
    Json& content = message["content"];
    if (!chat.thoughts.empty()) content.push_back({{"type", "thinking"}, {"thinking", chat.thoughts}, {"signature", ""}});
    if (!chat.content.empty() || chat.calls.empty()) content.push_back({{"type", "text"}, {"text", chat.content}});
    for (const ToolCall& c : chat.calls)
      content.push_back({{"type", "tool_use"}, {"id", c.id}, {"name", c.name}, {"input", Input(c.arguments)}});
    message["stop_reason"] = StopReason();
    message["stop_sequence"] = StopSequence();
    message["usage"] = InputUsage(generated_tokens());
    AnswerJson(message);
  }

  const bool stream_;
  const std::string id_ = NewId("msg_");
  bool begun_ = false;
  int open_ = -1;     // kind of the block that is open, or none
  size_t index_ = 0;  // of blocks
};

}  // namespace

void Messages(const std::shared_ptr<Call>& call) {
  call->WithModel([call](const std::shared_ptr<Worker>& worker) {
    Conversation conversation;
    Wanted wanted;
    ToolChoice choice;
    Job job;
    bool stream = false;
    {
      Fields fields(call->body, "", call->reading);
      fields.Accept(
          {"model", "metadata", "service_tier", "container", "context_management", "mcp_servers", "betas", "inference_geo"});
      if (const Json* output = fields.Object("output_config")) {
        Fields inner(*output, "output_config", fields.reading());
        if (const Json* format = inner.Object("format")) ReadFormat(*format, inner.PathOf("format"), wanted, fields.reading());
        if (const std::string effort = inner.Text("effort"); !effort.empty())
          conversation.variables["reasoning_effort"] = effort;
        inner.Accept({"task_budget"});
      }
      if (const Json* format = fields.Object("output_format")) ReadFormat(*format, "output_format", wanted, fields.reading());
      ReadAnthropicConversation(fields, conversation);
      if (!fields.Has("max_tokens")) fields.Refuse("max_tokens", "is missing and has to be a whole number");
      job.text.max_tokens = size_t(fields.Integer("max_tokens", 1, 1, int64_t(1) << 40));
      stream = fields.Flag("stream", false);
      ReadStops(fields, "stop_sequences", job);
      ReadSampling(fields, *worker, job);
      choice = ReadToolChoice(fields);
      if (choice.kind == ToolChoice::Kind::kNone) conversation.tools = Json::array();
    }
    if (!call->Understood()) return;
    auto chat = PrepareChat(*call, *worker, conversation, wanted, choice, "messages", job);
    if (!chat) return;
    StartChat(std::make_shared<AnthropicAnswer>(call, worker, stream, std::move(conversation.tools), chat->start),
              std::move(job), *chat);
  });
}

void CountTokens(const std::shared_ptr<Call>& call) {
  call->WithModel([call](const std::shared_ptr<Worker>& worker) {
    Conversation conversation;
    {
      Fields fields(call->body, "", call->reading);
      fields.Accept({"model", "tool_choice", "max_tokens", "metadata", "output_config", "output_format", "context_management"});
      ReadAnthropicConversation(fields, conversation);
    }
    if (!call->Understood()) return;
    const auto chat = RenderChat(conversation, *worker);
    if (!chat) return call->Refuse({.message = chat.error().what, .param = "messages"});
    call->Answer({{"input_tokens", chat->tokens.size()}});
  });
}

}  // namespace hasten
