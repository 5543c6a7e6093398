#include "cli/conversation.h"

#include "base/file.h"
#include "chat/history.h"
#include "text/json.h"

namespace hasten {

static std::string RoleOf(const nlohmann::ordered_json& messages) {
  return messages.empty() ? std::string() : messages.back().value("role", "");
}

void Conversation::SetSystem(const std::string& text) {
  if (!messages_.empty() && messages_[0]["role"] == "system") messages_.erase(0);
  const nlohmann::ordered_json message = {{"role", "system"}, {"content", text}};
  if (!text.empty()) messages_.insert(messages_.begin(), message);
}

std::string Conversation::System() const {
  return !messages_.empty() && messages_[0]["role"] == "system" ? messages_[0]["content"].get<std::string>() : std::string();
}

void Conversation::Say(const std::string& role, std::string content, const std::string& reasoning) {
  nlohmann::ordered_json message = {{"role", role}, {"content", std::move(content)}};
  if (!reasoning.empty()) message["reasoning_content"] = reasoning;
  messages_.push_back(std::move(message));
}

bool Conversation::Asks() const { return RoleOf(messages_) == "user"; }

bool Conversation::ForgetAnswer() {
  if (RoleOf(messages_) == "assistant") messages_.erase(messages_.size() - 1);
  return Asks();
}

void Conversation::ForgetQuestion() {
  if (Asks()) messages_.erase(messages_.size() - 1);
}

bool Conversation::Branch(const std::string& name) {
  if (name == branch_) return false;
  others_[branch_] = messages_;
  const auto known = others_.find(name);
  const bool fresh = known == others_.end();
  if (!fresh) {
    messages_ = std::move(known->second);
    others_.erase(known);
  }
  branch_ = name;
  return fresh;
}

std::map<std::string, size_t> Conversation::Branches() const {
  std::map<std::string, size_t> sizes = {{branch_, messages_.size()}};
  for (const auto& [name, messages] : others_) sizes[name] = messages.size();
  return sizes;
}

Status Conversation::Save(const std::string& path) {
  const nlohmann::ordered_json whole = {{"messages", messages_}};
  const auto mode = path == saved_as_ ? FileWriter::IfExists::kReplace : FileWriter::IfExists::kRefuse;
  TRY(FileWriter file, FileWriter::Create(path, mode));
  TRY_OK(file.Write(whole.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n"));
  TRY_OK(file.Commit());
  saved_as_ = path;
  return {};
}

Status Conversation::Load(const std::string& path) {
  TRY(const std::string text, ReadFile(path));
  auto parsed = ParseJson(text);
  if (!parsed) return Error{parsed.error().code, path + ": " + parsed.error().what};
  const nlohmann::ordered_json& messages =
      parsed->is_object() && parsed->contains("messages") ? (*parsed)["messages"] : *parsed;
  if (!messages.is_array()) return Error{Code::kCorrupt, path + ": neither an object with \"messages\" nor a list of them"};
  messages_ = NormalisedMessages(messages, {});
  saved_as_ = path;
  return {};
}

}  // namespace hasten
