// POST /v1/responses of the OpenAI dialect, and what can be done with an answer later: show, continue, cancel, delete.
// Source: OpenAI's API reference, "Responses".
#include <algorithm>
#include <charconv>
#include <cmath>

#include "serve/response_answer.h"
#include "serve/response_items.h"
#include "serve/routes.h"
#include "serve/sampling.h"
#include "serve/service.h"

namespace hasten {
namespace {

constexpr size_t kMostWarned = 16;

Json GivenOr(Fields& fields, const char* name, Json otherwise) {
  const Json* given = fields.Any(name);
  return given ? *given : std::move(otherwise);
}

// A float as people wrote it.
double Rounded(float value) { return std::round(double(value) * 1e6) / 1e6; }

// What a previous answer and this request's input say, and the instructions, which hold for this request alone.
void ReadItems(Fields& fields, Service& service, ResponseRequest& request, Conversation& conversation) {
  Reading& reading = fields.reading();
  const std::string instructions = fields.Text("instructions");
  if (!instructions.empty()) conversation.messages.push_back({{"role", "system"}, {"content", instructions}});
  if (const std::string previous = fields.Text("previous_response_id"); !previous.empty()) {
    auto stored = service.responses().Get(previous);
    if (!stored) {
      reading.refusal = Refusal{.status = 404,
                                .message = "previous_response_id: no answer '" + previous.substr(0, 80) +
                                           "' is stored; it was deleted, forgotten or asked not to be stored",
                                .param = "previous_response_id"};
      return;
    }
    if (!stored->ended) return fields.Refuse("previous_response_id", "names an answer that is still being written");
    request.before = std::move(stored->all);
  }
  for (const auto& item : request.before) {
    Reading stored;  // was judged when it came
    AddItem(item->json, "", conversation, stored);
  }
  request.input = ReadInputItems(fields, service.responses());
  for (size_t i = 0; i < request.input.size(); ++i)
    AddItem(request.input[i]->json, fields.PathOf("input") + "[" + std::to_string(i) + "]", conversation, reading);
  if (reading.unknown.size() > kMostWarned) reading.unknown.resize(kMostWarned);
  const bool asks = std::ranges::any_of(conversation.messages, [](const Json& m) { return m["role"] != "system"; });
  if (fields.ok() && !asks && instructions.empty())
    fields.Refuse("input", "is missing and has to be a text or a list of items");
}

void ReadText(Fields& fields, Wanted& wanted) {
  const Json* text = fields.Object("text");
  if (!text) return;
  Fields inner(*text, fields.PathOf("text"), fields.reading());
  inner.Accept({"verbosity"});
  if (const Json* format = inner.Object("format")) ReadFormat(*format, inner.PathOf("format"), wanted, fields.reading());
}

void ReadIncluded(Fields& fields, ResponseRequest& request, Job& job) {
  const auto top = size_t(fields.Integer("top_logprobs", 0, 0, 100));
  const auto included = fields.Texts("include", 64);
  request.logprobs = top > 0 || std::ranges::find(included, "message.output_text.logprobs") != included.end();
  if (request.logprobs) job.text.logprobs = top;
}

void ReadOptions(Fields& fields, Worker& worker, ResponseRequest& request, Conversation& conversation, Wanted& wanted,
                 ToolChoice& choice, Job& job) {
  fields.Accept({"model", "user", "service_tier", "prompt_cache_key", "prompt_cache_retention", "prompt_cache_options",
                 "safety_identifier", "truncation", "max_tool_calls"});
  for (const char* name : {"conversation", "prompt"})
    if (fields.Any(name)) fields.Refuse(name, "is not kept by this server: send the items, or previous_response_id");
  ReadTools(fields, conversation);
  ReadThinking(fields, conversation);
  const int64_t unlimited = int64_t(1) << 40;
  job.text.max_tokens = size_t(fields.Integer("max_output_tokens", unlimited, 1, unlimited));
  request.stream = fields.Flag("stream", false);
  request.store = fields.Flag("store", true);
  request.background = fields.Flag("background", false);
  if (request.background && !request.store) fields.Refuse("background", "needs the answer to be stored");
  if (const Json* options = fields.Object("stream_options")) {
    Fields inner(*options, "stream_options", fields.reading());
    inner.Accept({"include_obfuscation"});
  }
  ReadSampling(fields, worker, job);
  ReadIncluded(fields, request, job);
  ReadText(fields, wanted);
  choice = ReadToolChoice(fields);
  const Json no_tools = Json::array();
  request.fixed = {{"instructions", GivenOr(fields, "instructions", nullptr)},
                   {"max_output_tokens", GivenOr(fields, "max_output_tokens", nullptr)},
                   {"metadata", GivenOr(fields, "metadata", Json::object())},
                   {"parallel_tool_calls", choice.parallel},
                   {"previous_response_id", GivenOr(fields, "previous_response_id", nullptr)},
                   {"reasoning", GivenOr(fields, "reasoning", {{"effort", nullptr}, {"summary", nullptr}})},
                   {"store", request.store},
                   {"background", request.background},
                   {"temperature", Rounded(job.text.sampler.temperature)},
                   {"text", GivenOr(fields, "text", {{"format", {{"type", "text"}}}})},
                   {"tool_choice", GivenOr(fields, "tool_choice", "auto")},
                   {"tools", GivenOr(fields, "tools", no_tools)},
                   {"top_p", Rounded(job.text.sampler.top_p)},
                   {"truncation", "disabled"}};
  if (choice.kind == ToolChoice::Kind::kNone) conversation.tools = Json::array();
}

// The reply of an answer that goes on when its client has left.
class DetachedReply final : public Reply {
 public:
  DetachedReply(std::shared_ptr<Reply> reply, bool tells) : reply_(std::move(reply)), tells_(tells) {}
  void Send(HttpResponse response) override {
    if (tells_) reply_->Send(std::move(response));
  }
  void Begin(HttpResponse head) override {
    if (tells_) reply_->Begin(std::move(head));
  }
  void Write(std::string bytes) override {
    if (tells_) reply_->Write(std::move(bytes));
  }
  void End() override {
    if (tells_) reply_->End();
  }
  void Post(std::function<void()> work) override { reply_->Post(std::move(work)); }
  void OnGone(std::function<void()>) override {}
  void Warn(std::string_view text) override { reply_->Warn(text); }

 private:
  const std::shared_ptr<Reply> reply_;
  const bool tells_;
};

void StartResponse(const std::shared_ptr<Call>& call, const std::shared_ptr<Worker>& worker, ResponseRequest request,
                   Conversation conversation, Job job, ChatTokens& chat) {
  ResponseStore& store = call->service.responses();
  const bool background = request.background, stream = request.stream, stored = request.store;
  const std::string id = request.id;
  StoredResponse first = {.response = {}, .input = request.input, .all = {}};
  std::shared_ptr<Call> to = call;
  if (background) {
    to = std::make_shared<Call>(call->service, call->request, std::make_shared<DetachedReply>(call->reply, stream),
                                call->dialect);
    to->model = call->model;
  }
  const auto answer =
      std::make_shared<ResponseAnswer>(to, worker, std::move(request), std::move(conversation.tools), chat.start);
  first.response = answer->Shown();
  if (background) {
    first.cancel = [weak = std::weak_ptr<ResponseAnswer>(answer), reply = call->reply] {
      reply->Post([weak] {
        if (const auto self = weak.lock()) self->Cancel();
      });
    };
  }
  if (stored) store.Put(id, first);
  StartChat(answer, std::move(job), chat);
  if (const auto& refused = answer->Submitted()) {
    store.Delete(id);
    return call->Refuse(*refused);
  }
  if (background && !stream) call->Answer(first.response);
}

void RefuseUnknown(Call& call, const std::string& id) {
  call.Refuse(
      {.status = 404, .message = "no answer '" + id.substr(0, 80) + "' is stored: it was deleted, forgotten or never kept"});
}

}  // namespace

void Responses(const std::shared_ptr<Call>& call) {
  call->WithModel([call](const std::shared_ptr<Worker>& worker) {
    ResponseRequest request;
    Conversation conversation;
    Wanted wanted;
    ToolChoice choice;
    Job job;
    {
      Fields fields(call->body, "", call->reading);
      ReadItems(fields, call->service, request, conversation);
      ReadOptions(fields, *worker, request, conversation, wanted, choice, job);
    }
    if (!call->Understood()) return;
    auto chat = PrepareChat(*call, *worker, conversation, wanted, choice, "input", job);
    if (!chat) return;
    request.id = NewId("resp_");
    StartResponse(call, worker, std::move(request), std::move(conversation), std::move(job), *chat);
  });
}

void ShowResponse(const std::shared_ptr<Call>& call) {
  if (QueryValue(call->request->query, "stream") == "true")
    return call->Refuse({.message = "stream: an answer is streamed once, to whoever asked for it; it can be fetched without",
                         .param = "stream"});
  const auto stored = call->service.responses().Get(call->tail);
  if (!stored) return RefuseUnknown(*call, call->tail);
  call->Answer(stored->response);
}

void DeleteResponse(const std::shared_ptr<Call>& call) {
  const auto stored = call->service.responses().Get(call->tail);
  if (!stored || !call->service.responses().Delete(call->tail)) return RefuseUnknown(*call, call->tail);
  if (stored->cancel && !stored->ended) stored->cancel();
  call->Answer({{"id", call->tail}, {"object", "response"}, {"deleted", true}});
}

void CancelResponse(const std::shared_ptr<Call>& call) {
  auto stored = call->service.responses().Get(call->tail);
  if (!stored) return RefuseUnknown(*call, call->tail);
  if (!stored->cancel && !stored->ended)
    return call->Refuse({.message = "only an answer that is written in the background can be cancelled: leave the others"});
  if (call->service.responses().MarkCancelled(call->tail)) stored->cancel();
  ShowResponse(call);
}

void ListResponseInput(const std::shared_ptr<Call>& call) {
  const auto stored = call->service.responses().Get(call->tail);
  if (!stored) return RefuseUnknown(*call, call->tail);
  std::vector<const Json*> items;
  for (const auto& item : stored->input) items.push_back(&item->json);
  const std::string_view query = call->request->query;
  if (QueryValue(query, "order") != "asc") std::ranges::reverse(items);  // the newest first, unless asked otherwise
  const std::string after = QueryValue(query, "after"), limit_text = QueryValue(query, "limit");
  if (!after.empty()) {
    const auto at = std::ranges::find_if(items, [&](const Json* item) { return (*item)["id"] == after; });
    if (at == items.end()) return call->Refuse({.message = "after: there is no such item", .param = "after"});
    items.erase(items.begin(), at + 1);
  }
  int limit = 20;
  if (!limit_text.empty()) {
    const auto [end, error] = std::from_chars(limit_text.data(), limit_text.data() + limit_text.size(), limit);
    if (error != std::errc() || end != limit_text.data() + limit_text.size() || limit < 1 || limit > 100)
      return call->Refuse({.message = "limit has to be a whole number from 1 to 100", .param = "limit"});
  }
  const bool more = items.size() > size_t(limit);
  if (more) items.resize(size_t(limit));
  Json data = Json::array();
  for (const Json* item : items) data.push_back(*item);
  call->Answer({{"object", "list"},
                {"first_id", data.empty() ? Json() : data.front()["id"]},
                {"last_id", data.empty() ? Json() : data.back()["id"]},
                {"has_more", more},
                {"data", std::move(data)}});
}

}  // namespace hasten
