// The conversations of one `hasten chat`: a current one, and branches that were left standing.
#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <string>

#include "base/result.h"

namespace hasten {

class Conversation {
 public:
  void SetSystem(const std::string& text);
  std::string System() const;
  void Say(const std::string& role, std::string content, const std::string& reasoning = {});
  // Takes the last answer away, so that the question before it stands open. False where there is none.
  bool ForgetAnswer();
  void ForgetQuestion();  // the last message, where it is the user's
  bool Asks() const;      // the last message is the user's
  const nlohmann::ordered_json& messages() const { return messages_; }

  // Goes to the branch of that name; a new one begins as a copy of where the conversation stands. True where it is new.
  bool Branch(const std::string& name);
  const std::string& branch() const { return branch_; }
  std::map<std::string, size_t> Branches() const;  // names, and how many messages each has

  Status Save(const std::string& path);  // {"messages": […]}, which `hasten render` reads; no stranger's file is replaced
  Status Load(const std::string& path);

 private:
  nlohmann::ordered_json messages_ = nlohmann::ordered_json::array();
  std::string branch_ = "main", saved_as_;
  std::map<std::string, nlohmann::ordered_json> others_;
};

}  // namespace hasten
