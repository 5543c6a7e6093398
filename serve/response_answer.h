// An answer of /v1/responses: items that grow as the text is taken apart, shown whole at the end or as a stream of events.
#pragma once

#include <memory>
#include <string>

#include "serve/chat_answer.h"
#include "serve/response_store.h"

namespace hasten {

struct ResponseRequest {
  std::string id;
  Json fixed;  // the members of the answer that do not change: what was asked
  bool stream = false, store = true, background = false, logprobs = false;
  ResponseItems before, input;  // the conversation so far; what this request adds
};

class ResponseAnswer final : public ChatAnswer {
 public:
  ResponseAnswer(std::shared_ptr<Call> call, std::shared_ptr<Worker> worker, ResponseRequest request, Json tools,
                 std::string start);
  Json Shown() const;  // as it stands
  // Its job has been sent, or was refused with this: then nothing follows.
  const std::optional<Refusal>& Submitted();

 private:
  enum class Kind : uint8_t { kNone, kReasoning, kMessage, kCall };
  Json Usage() const;
  StoredResponse Stored() const;
  void Event(const char* type, Json data);
  void ItemEvent(const char* type, Json data);
  void Open(Kind kind, Json item);
  void CloseItem(const char* status);
  void Append(std::string_view text);
  Json Logprobs() const;
  void End(const char* status, const char* event);

  void OnBegun() override;
  void OnPart(size_t text, const ChatEvent& part) override;
  void OnDone() override;
  void OnFailed(const Refusal& refusal) override;

  const ResponseRequest request_;
  const int64_t created_ = UnixSeconds();
  const char* status_;
  int64_t ended_s_ = 0;
  Json error_, incomplete_;
  Json output_ = Json::array();
  Kind open_ = Kind::kNone;
  size_t sequence_ = 0;  // of events
  bool submitted_ = false, begun_ = false;
  std::optional<Refusal> refused_;  // before it was submitted
};

}  // namespace hasten
