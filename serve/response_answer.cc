// Source: OpenAI's API reference, "Responses" and "Streaming events"; thoughts as reasoning_text, as for models with open
// weights.
#include "serve/response_answer.h"

#include <utility>

#include "serve/service.h"
#include "serve/token_text.h"

namespace hasten {

ResponseAnswer::ResponseAnswer(std::shared_ptr<Call> call, std::shared_ptr<Worker> worker, ResponseRequest request, Json tools,
                               std::string start)
    : ChatAnswer(std::move(call), std::move(worker), std::move(tools), std::move(start)),
      request_(std::move(request)),
      status_(request_.background ? "queued" : "in_progress") {}

Json ResponseAnswer::Usage() const {
  return {{"input_tokens", prompt_tokens()},
          {"input_tokens_details", {{"cached_tokens", cached_tokens()}}},
          {"output_tokens", generated_tokens()},
          {"output_tokens_details", {{"reasoning_tokens", thought_tokens()}}},
          {"total_tokens", prompt_tokens() + generated_tokens()}};
}

Json ResponseAnswer::Shown() const {
  Json shown = {{"id", request_.id}, {"object", "response"}, {"created_at", created_}, {"status", status_}};
  shown["completed_at"] = ended_s_ > 0 && !error_.is_object() ? Json(ended_s_) : Json();
  shown["error"] = error_;
  shown["incomplete_details"] = incomplete_;
  shown["model"] = call().model;
  shown["output"] = output_;
  shown.update(request_.fixed);
  shown["usage"] = ended_s_ > 0 ? Usage() : Json();
  return shown;
}

StoredResponse ResponseAnswer::Stored() const {
  StoredResponse stored = {.response = Shown(), .input = request_.input, .all = request_.before, .ended = ended_s_ > 0};
  stored.all.insert(stored.all.end(), request_.input.begin(), request_.input.end());
  const ResponseStore& store = call().service.responses();
  for (const Json& item : output_) stored.all.push_back(store.Item(item));
  return stored;
}

void ResponseAnswer::Event(const char* type, Json data) {
  if (!request_.stream) return;
  Json event = {{"type", type}, {"sequence_number", sequence_++}};
  event.update(data);
  reply().Write(ServerSentEvent(event, type));
}

void ResponseAnswer::ItemEvent(const char* type, Json data) {
  if (!request_.stream) return;
  Json event = {{"item_id", output_.back()["id"]}, {"output_index", output_.size() - 1}};
  if (open_ != Kind::kCall) event["content_index"] = 0;
  event.update(data);
  Event(type, std::move(event));
}

void ResponseAnswer::OnBegun() {
  status_ = "in_progress";
  if (request_.background && request_.store) call().service.responses().Update(request_.id, Stored());
  if (!request_.stream) return;
  begun_ = true;
  reply().Begin(EventStreamHead());
  Event("response.created", {{"response", Shown()}});
  Event("response.in_progress", {{"response", Shown()}});
}

void ResponseAnswer::Open(Kind kind, Json item) {
  if (open_ == kind && kind != Kind::kCall) return;
  CloseItem("completed");
  open_ = kind;
  item["status"] = "in_progress";
  Json shown = item;  // its part comes by an event of its own
  if (kind != Kind::kCall) shown["content"] = Json::array();
  output_.push_back(std::move(item));
  Event("response.output_item.added", {{"output_index", output_.size() - 1}, {"item", std::move(shown)}});
  if (kind != Kind::kCall) ItemEvent("response.content_part.added", {{"part", output_.back()["content"][0]}});
}

// Log-probabilities are those of all tokens that were written, thoughts and marks included, at the end of the message.
Json ResponseAnswer::Logprobs() const {
  Json list = Json::array();
  if (!request_.logprobs) return list;
  for (const TextToken& token : written()[0].tokens) {
    Json entry = TokenEntry(tokenizer(), token.logprobs.chosen), top = Json::array();
    for (const TokenLogprob& t : token.logprobs.top) top.push_back(TokenEntry(tokenizer(), t));
    entry["top_logprobs"] = std::move(top);
    list.push_back(std::move(entry));
  }
  return list;
}

void ResponseAnswer::CloseItem(const char* status) {
  if (open_ == Kind::kNone) return;
  Json& item = output_.back();
  item["status"] = status;
  if (open_ == Kind::kCall) {
    ItemEvent("response.function_call_arguments.done", {{"arguments", item["arguments"]}, {"name", item["name"]}});
  } else {
    Json& part = item["content"][0];
    if (open_ == Kind::kMessage) {
      part["logprobs"] = Logprobs();
      ItemEvent("response.output_text.done", {{"text", part["text"]}, {"logprobs", part["logprobs"]}});
    } else {
      ItemEvent("response.reasoning_text.done", {{"text", part["text"]}});
    }
    ItemEvent("response.content_part.done", {{"part", part}});
  }
  Event("response.output_item.done", {{"output_index", output_.size() - 1}, {"item", item}});
  open_ = Kind::kNone;
}

void ResponseAnswer::Append(std::string_view text) {
  Json& item = output_.back();
  Json& target = open_ == Kind::kCall ? item["arguments"] : item["content"][0]["text"];
  target.get_ref<std::string&>() += text;
}

void ResponseAnswer::OnPart(size_t, const ChatEvent& part) {
  switch (part.type) {
    case ChatEvent::kContent:
      Open(Kind::kMessage,
           {{"id", NewId("msg_")},
            {"type", "message"},
            {"role", "assistant"},
            {"content",
             Json::array(
                 {{{"type", "output_text"}, {"text", ""}, {"annotations", Json::array()}, {"logprobs", Json::array()}}})}});
      Append(part.text);
      return ItemEvent("response.output_text.delta", {{"delta", part.text}, {"logprobs", Json::array()}});
    case ChatEvent::kReasoning:
      Open(Kind::kReasoning, {{"id", NewId("rs_")},
                              {"type", "reasoning"},
                              {"summary", Json::array()},
                              {"content", Json::array({{{"type", "reasoning_text"}, {"text", ""}}})}});
      Append(part.text);
      return ItemEvent("response.reasoning_text.delta", {{"delta", part.text}});
    case ChatEvent::kCallBegin:
      return Open(Kind::kCall, {{"id", NewId("fc_")},
                                {"type", "function_call"},
                                {"call_id", "call_" + part.id},
                                {"name", part.text},
                                {"arguments", ""}});
    case ChatEvent::kArguments:
      Append(part.text);
      return ItemEvent("response.function_call_arguments.delta", {{"delta", part.text}});
    case ChatEvent::kCallEnd:
      return CloseItem("completed");
  }
}

void ResponseAnswer::End(const char* status, const char* event) {
  status_ = status;
  ended_s_ = UnixSeconds();
  if (request_.store) call().service.responses().Update(request_.id, Stored());
  Event(event, {{"response", Shown()}});
  if (request_.stream) return reply().End();
  AnswerJson(Shown());
}

void ResponseAnswer::OnDone() {
  const Finish finish = *written()[0].finish;
  const bool whole = finish == Finish::kEnd || finish == Finish::kStop;
  if (output_.empty()) OnPart(0, {.type = ChatEvent::kContent, .text = "", .call = 0, .id = {}});
  CloseItem(whole ? "completed" : "incomplete");
  if (whole) return End("completed", "response.completed");
  incomplete_ = {{"reason", "max_output_tokens"}};
  End("incomplete", "response.incomplete");
}

const std::optional<Refusal>& ResponseAnswer::Submitted() {
  submitted_ = true;
  return refused_;
}

void ResponseAnswer::OnFailed(const Refusal& refusal) {
  if (!submitted_) {
    refused_ = refusal;
    return;
  }
  CloseItem("incomplete");
  const bool cancelled = request_.background && refusal.status == 503 && !call().service.stopping();
  if (!cancelled)
    error_ = {{"code", refusal.status == 429 ? "rate_limit_exceeded" : "server_error"}, {"message", refusal.message}};
  if (begun_ || request_.background) return End(cancelled ? "cancelled" : "failed", "response.failed");
  call().service.responses().Delete(request_.id);
  Refuse(refusal);
}

}  // namespace hasten
