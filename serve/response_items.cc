#include "serve/response_items.h"

#include <utility>

#include "serve/call.h"

namespace hasten {
namespace {

std::string Member(const Json& object, const char* name) {
  const auto at = object.find(name);
  return at != object.end() && at->is_string() ? at->get<std::string>() : std::string();
}

const Json* Find(const Json& object, const char* name) {
  const auto at = object.find(name);
  return at != object.end() && !at->is_null() ? &*at : nullptr;
}

// The message that thoughts and calls of the assistant go into: the last one, where it is the assistant's.
Json& AssistantMessage(Conversation& conversation) {
  if (conversation.messages.empty() || conversation.messages.back()["role"] != "assistant")
    conversation.messages.push_back({{"role", "assistant"}, {"content", ""}});
  return conversation.messages.back();
}

void AddMessage(const Json& item, const std::string& path, Conversation& conversation, Reading& reading) {
  std::string role = Member(item, "role");
  if (role == "developer") role = "system";
  if (role != "user" && role != "assistant" && role != "system")
    return reading.Refuse(path + ".role",
                          path + ".role is '" + role.substr(0, 40) + "' and can be user, assistant, system or developer");
  const OtherParts others = role == "assistant" ? OtherParts::kTold : OtherParts::kRefused;
  std::string text = TextOfContent(Find(item, "content"), path + ".content", reading, others);
  if (role != "assistant") {
    conversation.messages.push_back({{"role", role}, {"content", std::move(text)}});
    return;
  }
  Json& message = AssistantMessage(conversation);
  if (message["content"] == "" && !message.contains("tool_calls")) {
    message["content"] = std::move(text);
  } else {
    conversation.messages.push_back({{"role", role}, {"content", std::move(text)}});
  }
}

std::string ThoughtsOf(const Json& item) {
  std::string text;
  for (const char* name : {"content", "summary"}) {
    const Json* parts = Find(item, name);
    if (!text.empty() || !parts || !parts->is_array()) continue;
    for (const Json& part : *parts)
      if (part.is_object()) text += (text.empty() ? "" : "\n") + Member(part, "text");
  }
  return text;
}

}  // namespace

void AddItem(const Json& item, const std::string& path, Conversation& conversation, Reading& reading) {
  const std::string type = Member(item, "type");
  if (type == "message") return AddMessage(item, path, conversation, reading);
  if (type == "reasoning") {
    if (std::string thoughts = ThoughtsOf(item); !thoughts.empty()) {
      conversation.messages.push_back({{"role", "assistant"}, {"content", ""}, {"reasoning_content", std::move(thoughts)}});
    }
  } else if (type == "function_call") {
    const Json* arguments = Find(item, "arguments");
    AssistantMessage(conversation)["tool_calls"].push_back(
        {{"id", Member(item, "call_id")},
         {"type", "function"},
         {"function", {{"name", Member(item, "name")}, {"arguments", arguments ? ArgumentsOf(*arguments) : Json::object()}}}});
  } else if (type == "function_call_output") {
    conversation.messages.push_back(
        {{"role", "tool"},
         {"content", TextOfContent(Find(item, "output"), path + ".output", reading, OtherParts::kTold)},
         {"tool_call_id", Member(item, "call_id")}});
  } else {
    reading.unknown.push_back(path + " of type " + type.substr(0, 40));
  }
}

ResponseItems ReadInputItems(Fields& fields, const ResponseStore& store) {
  ResponseItems items;
  const Json* input = fields.Any("input");
  if (!input) return items;
  if (input->is_string()) {
    items.push_back(store.Item({{"id", NewId("msg_")},
                                {"type", "message"},
                                {"role", "user"},
                                {"content", Json::array({{{"type", "input_text"}, {"text", *input}}})}}));
    return items;
  }
  if (!input->is_array()) {
    fields.Refuse("input", std::string("has to be a text or a list of items and is ") + input->type_name());
    return items;
  }
  for (size_t i = 0; i < input->size(); ++i) {
    const std::string path = fields.PathOf("input") + "[" + std::to_string(i) + "]";
    Json item = (*input)[i];
    if (!item.is_object()) {
      fields.reading().Refuse(path, path + " has to be an object and is " + item.type_name());
      return items;
    }
    std::string type = Member(item, "type");
    if (type == "item_reference") {
      auto known = store.FindItem(Member(item, "id"));
      if (!known) {
        fields.reading().Refuse(path + ".id", path + ".id: no item is called '" + Member(item, "id").substr(0, 80) + "'");
        return items;
      }
      items.push_back(std::move(known));
      continue;
    }
    if (type.empty()) item["type"] = type = "message";
    if (Member(item, "id").empty())
      item["id"] = NewId(type == "message" ? "msg_" : type == "function_call" ? "fc_" : type == "reasoning" ? "rs_" : "item_");
    items.push_back(store.Item(std::move(item)));
  }
  return items;
}

}  // namespace hasten
