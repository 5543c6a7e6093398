// POST /v1/chat/completions of the OpenAI dialect, and /apply-template of llama-server.
// Source: OpenAI's API reference, "Chat"; reasoning_content as DeepSeek, vLLM and llama-server write it.
#include "serve/chat_answer.h"
#include "serve/routes.h"
#include "serve/sampling.h"
#include "serve/token_text.h"
#include "serve/usage.h"

namespace hasten {
namespace {

struct Options {
  bool stream = false, include_usage = false, logprobs = false;
  uint64_t seed = 0;
};

class OpenAiChat final : public ChatAnswer {
 public:
  OpenAiChat(std::shared_ptr<Call> call, std::shared_ptr<Worker> worker, const Options& options, Json tools, std::string start)
      : ChatAnswer(std::move(call), std::move(worker), std::move(tools), std::move(start)), o_(options) {}

 private:
  Json Envelope(const char* object) const {
    return {{"id", id_}, {"object", object}, {"created", created_}, {"model", call().model}};
  }
  Json Usage() const { return UsageOf(prompt_tokens(), cached_tokens(), generated_tokens(), thought_tokens()); }
  const char* FinishOf(size_t text) const {
    const Finish finish = *written()[text].finish;
    const bool ended = finish == Finish::kEnd || finish == Finish::kStop;
    return ended && !chats()[text].calls.empty() ? "tool_calls" : FinishName(finish);
  }
  Json LogprobsOf(const std::vector<TextToken>& tokens) const {
    if (!o_.logprobs) return nullptr;
    Json content = Json::array();
    for (const TextToken& token : tokens) {
      Json entry = TokenEntry(tokenizer(), token.logprobs.chosen);
      Json top = Json::array();
      for (const TokenLogprob& t : token.logprobs.top) top.push_back(TokenEntry(tokenizer(), t));
      entry["top_logprobs"] = std::move(top);
      content.push_back(std::move(entry));
    }
    return {{"content", std::move(content)}, {"refusal", nullptr}};
  }

  void Chunk(size_t text, Json delta, const Json& finish = nullptr) {
    Json chunk = Envelope("chat.completion.chunk");
    // Tokens whose text is here, or was held back until here.
    const auto& tokens = written()[text].tokens;
    Json logprobs;
    if (o_.logprobs && told_.size() > text && tokens.size() > told_[text]) {
      logprobs = LogprobsOf({tokens.begin() + ptrdiff_t(told_[text]), tokens.end()});
      told_[text] = tokens.size();
    }
    chunk["choices"] = Json::array(
        {{{"index", text}, {"delta", std::move(delta)}, {"logprobs", std::move(logprobs)}, {"finish_reason", finish}}});
    if (o_.include_usage) chunk["usage"] = nullptr;
    reply().Write(ServerSentEvent(chunk));
  }

  void OnBegun() override {
    if (!o_.stream) return;
    reply().Begin(EventStreamHead());
    begun_ = true;
    told_.resize(written().size());
    for (size_t text = 0; text < written().size(); ++text) Chunk(text, {{"role", "assistant"}, {"content", ""}});
  }
  void OnPart(size_t text, const ChatEvent& part) override {
    if (!o_.stream) return;
    const auto call_delta = [&](Json call) { Chunk(text, {{"tool_calls", Json::array({std::move(call)})}}); };
    switch (part.type) {
      case ChatEvent::kContent:
        return Chunk(text, {{"content", part.text}});
      case ChatEvent::kReasoning:
        return Chunk(text, {{"reasoning_content", part.text}});
      case ChatEvent::kCallBegin:
        return call_delta({{"index", part.call},
                           {"id", part.id},
                           {"type", "function"},
                           {"function", {{"name", part.text}, {"arguments", ""}}}});
      case ChatEvent::kArguments:
        return call_delta({{"index", part.call}, {"function", {{"arguments", part.text}}}});
      case ChatEvent::kCallEnd:
        return;
    }
  }
  void OnTextEnd(size_t text) override {
    if (o_.stream) Chunk(text, Json::object(), FinishOf(text));
  }
  void OnFailed(const Refusal& refusal) override {
    if (!begun_) return Refuse(refusal);
    reply().Write("data: " + ErrorResponse(Dialect::kOpenAi, refusal).body + "\n\n");
    reply().End();
  }
  void OnDone() override {
    if (o_.stream) {
      if (o_.include_usage) {
        Json chunk = Envelope("chat.completion.chunk");
        chunk["choices"] = Json::array();
        chunk["usage"] = Usage();
        reply().Write(ServerSentEvent(chunk));
      }
      reply().Write("data: [DONE]\n\n");
      return reply().End();
    }
    Json answer = Envelope("chat.completion");
    Json& choices = answer["choices"] = Json::array();
    for (size_t text = 0; text < written().size(); ++text) {
      const ChatText& chat = chats()[text];
      Json message = {{"role", "assistant"}, {"content", chat.content}};
      if (!chat.thoughts.empty()) message["reasoning_content"] = chat.thoughts;
      if (!chat.calls.empty()) {
        if (chat.content.empty()) message["content"] = nullptr;
        Json& calls = message["tool_calls"] = Json::array();
        for (const ToolCall& c : chat.calls)
          calls.push_back({{"id", c.id}, {"type", "function"}, {"function", {{"name", c.name}, {"arguments", c.arguments}}}});
      }
      message["refusal"] = nullptr;
      choices.push_back({{"index", text},
                         {"message", std::move(message)},
                         {"logprobs", LogprobsOf(written()[text].tokens)},
                         {"finish_reason", FinishOf(text)}});
    }
    answer["usage"] = Usage();
    answer["seed"] = o_.seed;
    AnswerJson(answer);
  }

  const Options o_;
  const std::string id_ = NewId("chatcmpl-");
  const int64_t created_ = UnixSeconds();
  std::vector<size_t> told_;  // by text: tokens whose log-probabilities have been sent
  bool begun_ = false;
};

void ReadOptions(Fields& fields, Worker& worker, Options& o, Conversation& conversation, Wanted& wanted, ToolChoice& choice,
                 Job& job) {
  fields.Accept({"model", "user", "metadata", "store", "service_tier", "prompt_cache_key", "safety_identifier", "modalities",
                 "prediction", "verbosity"});
  ReadConversation(fields, conversation);
  const size_t older = ReadMostTokens(fields, "max_tokens", kMostTokens, 1);
  job.text.max_tokens = ReadMostTokens(fields, "max_completion_tokens", older, 1);
  job.branches = size_t(fields.Integer("n", 1, 1, int64_t(worker.max_sequences())));
  o.stream = fields.Flag("stream", false);
  if (const Json* stream_options = fields.Object("stream_options")) {
    Fields inner(*stream_options, "stream_options", fields.reading());
    o.include_usage = inner.Flag("include_usage", false);
    inner.Accept({"include_obfuscation"});
  }
  o.logprobs = fields.Flag("logprobs", false);
  const auto top = size_t(fields.Integer("top_logprobs", 0, 0, 100));
  if (o.logprobs) job.text.logprobs = top;
  ReadStops(fields, "stop", job);
  ReadSampling(fields, worker, job);
  o.seed = job.text.sampler.seed;
  choice = ReadToolChoice(fields);
  if (choice.kind == ToolChoice::Kind::kNone) conversation.tools = Json::array();
  ReadConstraint(fields, wanted);
}

}  // namespace

void ChatCompletions(const std::shared_ptr<Call>& call) {
  call->WithModel([call](const std::shared_ptr<Worker>& worker) {
    Options options;
    Conversation conversation;
    Wanted wanted;
    ToolChoice choice;
    Job job;
    {
      Fields fields(call->body, "", call->reading);
      ReadOptions(fields, *worker, options, conversation, wanted, choice, job);
    }
    if (!call->Understood()) return;
    auto chat = PrepareChat(*call, *worker, conversation, wanted, choice, "messages", job);
    if (!chat) return;
    StartChat(std::make_shared<OpenAiChat>(call, worker, options, std::move(conversation.tools), chat->start), std::move(job),
              *chat);
  });
}

void ApplyTemplate(const std::shared_ptr<Call>& call) {
  call->WithModel([call](const std::shared_ptr<Worker>& worker) {
    Conversation conversation;
    {
      Fields fields(call->body, "", call->reading);
      fields.Accept({"model"});
      ReadConversation(fields, conversation);
    }
    if (!call->Understood()) return;
    const auto chat = RenderChat(conversation, *worker);
    if (!chat) return call->Refuse({.message = chat.error().what, .param = "messages"});
    call->Answer({{"prompt", chat->text}});
  });
}

}  // namespace hasten
