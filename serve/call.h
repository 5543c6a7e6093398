// One request on its way through a dialect: what was asked, where the answer goes, and how this dialect says no.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "serve/fields.h"
#include "serve/http.h"
#include "serve/worker.h"

namespace hasten {

class Service;

enum class Dialect : uint8_t { kOpenAi, kAnthropic, kOllama };

struct Call : std::enable_shared_from_this<Call> {
  Service& service;
  std::shared_ptr<const HttpRequest> request;
  std::shared_ptr<Reply> reply;
  Dialect dialect;
  std::string tail;  // of the path: what the '*' of its route stands for
  Json body;         // of a POST: an object
  Reading reading = {};
  std::string model;  // the id of the model that answers

  Call(Service& s, std::shared_ptr<const HttpRequest> r, std::shared_ptr<Reply> to, Dialect d)
      : service(s), request(std::move(r)), reply(std::move(to)), dialect(d) {}

  void Answer(const Json& json, int status = 200);
  void AnswerText(std::string text, std::string content_type);
  void Refuse(const Refusal& refusal);
  // Names what the body held and nobody asked for in a header, and refuses where something was wrong. False: refused.
  bool Understood();
  // Reads "model" of the body (of the query, where there is no body), loads that model where needed, and goes on with it on the
  // reply's thread.
  void WithModel(std::function<void(std::shared_ptr<Worker>)> then);
};

HttpResponse ErrorResponse(Dialect dialect, const Refusal& refusal);

// One line; bytes that are not UTF-8 become U+FFFD.
std::string Dump(const Json& json);
// "data: …" of server-sent events, with the name of an event where the dialect has one.
std::string ServerSentEvent(const Json& json, const char* event = nullptr);
HttpResponse EventStreamHead();
// The values of `name` in a query such as "limit=5&order=asc", the last of several; empty where absent.
std::string QueryValue(std::string_view query, std::string_view name);
std::string NewId(const char* prefix);  // "cmpl-3f6c…": random
int64_t UnixSeconds();

}  // namespace hasten
