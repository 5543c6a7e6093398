// An answer of a chat model: its texts, taken apart into thoughts, content and calls as they come (chat/output_parser.h).
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "chat/output_parser.h"
#include "serve/answer.h"
#include "serve/constrain.h"
#include "serve/conversation.h"

namespace hasten {

struct ToolCall {
  std::string id, name, arguments;
};

// What has been told apart of one text.
struct ChatText {
  std::string content, thoughts;
  std::vector<ToolCall> calls;
};

class ChatAnswer : public Answer {
 public:
  ChatAnswer(std::shared_ptr<Call> call, std::shared_ptr<Worker> worker, Json tools, std::string start)
      : Answer(std::move(call), std::move(worker)), tools_(std::move(tools)), start_(std::move(start)) {}

 protected:
  virtual void OnBegun() {}                                           // the first token is on its way
  virtual void OnPart(size_t /*text*/, const ChatEvent& /*part*/) {}  // after it has gone into chats()
  virtual void OnTextEnd(size_t /*text*/) {}
  const std::vector<ChatText>& chats() const { return chats_; }

 private:
  void OnStarted(size_t job) override;
  void OnPiece(size_t text, Piece& piece) override;
  void OnFinished(size_t text) override;
  void Tell(size_t text, const std::vector<ChatEvent>& events);
  void Prepare();

  const Json tools_;
  const std::string start_;
  bool begun_ = false;
  std::vector<ChatParser> parsers_;
  std::vector<ChatText> chats_;
};

// The prompt of a conversation, and what its answer has to be, for `job`. Nothing where it was refused.
std::optional<ChatTokens> PrepareChat(Call& call, Worker& worker, const Conversation& conversation, const Wanted& wanted,
                                      const ToolChoice& choice, const char* param, Job& job);

// Starts `answer` with the one job of a chat. Control tokens are shown: many syntaxes of calls are made of them.
void StartChat(const std::shared_ptr<ChatAnswer>& answer, Job job, ChatTokens& chat);

}  // namespace hasten
