#include "serve/chat_answer.h"

#include "serve/sampling.h"

namespace hasten {

void ChatAnswer::Prepare() {
  while (parsers_.size() < written().size())
    parsers_.emplace_back(ChatParserOptions{.tools = &tools_, .start = start_, .seed = RandomSeed()});
  chats_.resize(written().size());
}

void ChatAnswer::OnStarted(size_t) {
  Prepare();
  if (!std::exchange(begun_, true)) OnBegun();
}

void ChatAnswer::Tell(size_t text, const std::vector<ChatEvent>& events) {
  ChatText& chat = chats_[text];
  for (const ChatEvent& event : events) {
    switch (event.type) {
      case ChatEvent::kContent:
        chat.content += event.text;
        break;
      case ChatEvent::kReasoning:
        chat.thoughts += event.text;
        break;
      case ChatEvent::kCallBegin:
        chat.calls.push_back({event.id, event.text, {}});
        break;
      case ChatEvent::kArguments:
        chat.calls[event.call].arguments += event.text;
        break;
      case ChatEvent::kCallEnd:
        break;
    }
    OnPart(text, event);
  }
}

void ChatAnswer::OnPiece(size_t text, Piece& piece) {
  Prepare();
  Tell(text, parsers_[text].Push(piece.text));
}

void ChatAnswer::OnFinished(size_t text) {
  Prepare();
  Tell(text, parsers_[text].Finish());
  OnTextEnd(text);
}

std::optional<ChatTokens> PrepareChat(Call& call, Worker& worker, const Conversation& conversation, const Wanted& wanted,
                                      const ToolChoice& choice, const char* param, Job& job) {
  auto chat = RenderChat(conversation, worker);
  if (!chat) {
    call.Refuse({.message = chat.error().what, .param = param});
    return std::nullopt;
  }
  ConstrainChat(wanted, choice, conversation, *chat, worker, job, call.reading);
  if (!call.Understood()) return std::nullopt;
  return *std::move(chat);
}

void StartChat(const std::shared_ptr<ChatAnswer>& answer, Job job, ChatTokens& chat) {
  job.prompt = std::move(chat.tokens);
  job.text.show_special = chat.marks;
  std::vector<Job> jobs;
  jobs.push_back(std::move(job));
  answer->Start(std::move(jobs));
}

}  // namespace hasten
