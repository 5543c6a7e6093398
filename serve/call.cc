#include "serve/call.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <utility>

#include "serve/keep_alive.h"
#include "serve/sampling.h"
#include "serve/service.h"
#include "serve/uri.h"

namespace hasten {

std::string Dump(const Json& json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace); }

std::string ServerSentEvent(const Json& json, const char* event) {
  std::string text;
  if (event) text += std::string("event: ") + event + "\n";
  return text += "data: " + Dump(json) + "\n\n";
}

HttpResponse EventStreamHead() {
  // The last one keeps nginx from collecting the stream.
  return {.content_type = "text/event-stream", .headers = {{"Cache-Control", "no-cache"}, {"X-Accel-Buffering", "no"}}};
}

// Percent signs and plus signs stay as they are: no value that is asked for holds any.
std::string QueryValue(std::string_view query, std::string_view name) {
  std::string found;
  while (!query.empty()) {
    const std::string_view pair = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(pair.size() + 1, query.size()));
    if (pair.size() > name.size() && pair.starts_with(name) && pair[name.size()] == '=')
      found = PercentDecode(pair.substr(name.size() + 1));
  }
  return found;
}

std::string NewId(const char* prefix) {
  return Fmt("%s%014llx%014llx", prefix, static_cast<unsigned long long>(RandomSeed()),
             static_cast<unsigned long long>(RandomSeed()));
}

int64_t UnixSeconds() {
  return std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch()).count();
}

static const char* TypeOf(int status, Dialect dialect) {
  switch (status) {
    case 401:
      return "authentication_error";
    case 403:
      return "permission_error";
    case 404:
      return "not_found_error";
    case 413:
      return dialect == Dialect::kAnthropic ? "request_too_large" : "invalid_request_error";
    case 429:
      return dialect == Dialect::kAnthropic ? "rate_limit_error" : "rate_limit_exceeded";
    case 503:
      return dialect == Dialect::kAnthropic ? "overloaded_error" : "server_error";
    default:
      return status >= 500 ? (dialect == Dialect::kAnthropic ? "api_error" : "server_error") : "invalid_request_error";
  }
}

HttpResponse ErrorResponse(Dialect dialect, const Refusal& refusal) {
  HttpResponse response = {.status = refusal.status};
  const char* type = TypeOf(refusal.status, dialect);
  switch (dialect) {
    case Dialect::kOpenAi: {
      const Json param = refusal.param.empty() ? Json() : Json(refusal.param);
      const Json code = !refusal.code.empty() ? Json(refusal.code) : refusal.status == 404 ? Json("not_found") : Json();
      response.body = Dump({{"error", {{"message", refusal.message}, {"type", type}, {"param", param}, {"code", code}}}});
      break;
    }
    case Dialect::kAnthropic:
      response.body = Dump({{"type", "error"}, {"error", {{"type", type}, {"message", refusal.message}}}});
      break;
    case Dialect::kOllama:
      response.body = Dump({{"error", refusal.message}});
      break;
  }
  if (refusal.retry_after_s > 0)
    response.headers.emplace_back("Retry-After", std::to_string(int64_t(std::ceil(refusal.retry_after_s))));
  return response;
}

void Call::Answer(const Json& json, int status) { reply->Send({.status = status, .body = Dump(json)}); }

void Call::AnswerText(std::string text, std::string content_type) {
  reply->Send({.content_type = std::move(content_type), .body = std::move(text)});
}

void Call::Refuse(const Refusal& refusal) { reply->Send(ErrorResponse(dialect, refusal)); }

bool Call::Understood() {
  // A refused request was not read to its end: who knows which names would have been asked for.
  if (!reading.refusal && !reading.unknown.empty()) {
    std::string names;
    for (const std::string& name : reading.unknown) names += (names.empty() ? "" : ", ") + name;
    reply->Warn("unknown fields were ignored: " + names);
    reading.unknown.clear();
  }
  if (reading.refusal) Refuse(*reading.refusal);
  return !reading.refusal;
}

void Call::WithModel(std::function<void(std::shared_ptr<Worker>)> then) {
  std::string name;
  if (const auto at = body.find("model"); at != body.end() && !at->is_null()) {
    if (!at->is_string()) return Refuse({.message = "model has to be a text", .param = "model"});
    name = at->get<std::string>();
  }
  if (request->method != "POST") {  // watchers ask for the first, or one by name
    name = QueryValue(request->query, "model");
    if (name.empty()) name = service.models().all()[0].id();
  }
  bool exact = true;
  const auto index = service.models().Find(name, &exact);
  if (!index) {
    Refusal refusal = RefusalOf(index.error());
    refusal.param = "model";
    return Refuse(refusal);
  }
  model = service.models().all()[*index].id();
  if (!exact) reply->Warn("no model is called '" + name.substr(0, 100) + "': '" + model + "' answers");
  if (const auto keep = body.find("keep_alive"); dialect == Dialect::kOllama && keep != body.end() && !keep->is_null()) {
    const auto seconds = KeepAliveSeconds(*keep);
    if (!seconds) return Refuse({.message = seconds.error().what, .param = "keep_alive"});
    service.models().Keep(*index, *seconds);
  }
  service.models().Acquire(*index, [self = shared_from_this(), then = std::move(then)](Result<std::shared_ptr<Worker>> got) {
    self->reply->Post([self, then, got = std::move(got)] {
      if (got) return then(*got);
      Refusal refusal = RefusalOf(got.error());
      if (refusal.status == 400 || refusal.status == 429) refusal.status = 503;  // the server's trouble, not the request's
      self->Refuse(refusal);
    });
  });
}

}  // namespace hasten
