#include "chat/history.h"

#include <algorithm>
#include <functional>
#include <string>

namespace hasten {
namespace {

using Json = nlohmann::ordered_json;

std::string Dumped(const Json& json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace); }

std::string TextOf(const Json& content) {
  if (content.is_string()) return content.get<std::string>();
  if (content.is_null()) return "";
  if (!content.is_array()) return Dumped(content);
  std::string text;
  for (const Json& part : content) {
    const Json* piece = &part;
    if (part.is_object()) piece = part.contains("text") ? &part["text"] : nullptr;
    if (!piece || !piece->is_string()) continue;
    text.append(text.empty() ? "" : "\n").append(piece->get<std::string>());
  }
  return text;
}

// Arguments come as JSON in a string or as an object, and sometimes as neither.
Json ArgumentsOf(const Json& given) {
  if (given.is_object()) return given;
  if (given.is_null() || (given.is_string() && given.get_ref<const std::string&>().empty())) return Json::object();
  if (given.is_string()) {
    Json parsed = Json::parse(given.get_ref<const std::string&>(), nullptr, false);
    if (parsed.is_object()) return parsed;
    if (parsed.is_string()) {  // encoded twice
      Json inner = Json::parse(parsed.get_ref<const std::string&>(), nullptr, false);
      if (inner.is_object()) return inner;
    }
  }
  return Json::object({{"input", given}});
}

std::string ShortId(const std::string& id) {
  const bool fits =
      id.size() == 9 && std::ranges::all_of(id, [](char c) { return std::isalnum(static_cast<unsigned char>(c)); });
  if (fits) return id;
  static constexpr char kDigits[] = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
  std::string out;
  for (uint64_t hash = std::hash<std::string>()(id); out.size() < 9; hash /= 62) out += kDigits[hash % 62];
  return out;
}

class Normaliser {
 public:
  explicit Normaliser(const HistoryStyle& style) : style_(style) {}

  Json Run(const Json& messages) {
    if (messages.is_string()) return Json::array({{{"role", "user"}, {"content", messages}}});
    if (!messages.is_array()) return out_;
    for (const Json& message : messages) {
      if (message.is_string()) {
        Add({{"role", "user"}, {"content", message}});
      } else if (message.is_object()) {
        Message(message);
      }
    }
    FlushResults();
    return out_;
  }

 private:
  void Add(Json message) { out_.push_back(std::move(message)); }

  void Message(const Json& given) {
    const std::string role = given.contains("role") && given["role"].is_string() ? given["role"].get<std::string>() : "user";
    if (role == "tool" || role == "function" || role == "tool_result") return Result(given);
    FlushResults();
    Json message = given;
    message["role"] = role == "developer" && !style_.developer_role ? "system" : role == "model" ? "assistant" : role;
    message["content"] = TextOf(given.contains("content") ? given["content"] : Json());
    message.erase("tool_calls");
    message.erase("function_call");
    if (message["role"] == "assistant") Calls(given, message);
    Add(std::move(message));
  }

  void Calls(const Json& given, Json& message) {
    Json calls = Json::array();
    pending_.clear();
    const auto add = [&](const Json& call) {
      if (!call.is_object()) return;
      const Json& function = call.contains("function") && call["function"].is_object() ? call["function"] : call;
      const std::string name =
          function.contains("name") && function["name"].is_string() ? function["name"].get<std::string>() : "unknown";
      const Json arguments = ArgumentsOf(function.contains("arguments") ? function["arguments"] : Json());
      std::string id = call.contains("id") && call["id"].is_string() ? call["id"].get<std::string>() : "";
      if (id.empty()) id = "call" + std::to_string(10000 + ++ids_);
      if (style_.short_ids) id = ShortId(id);
      pending_.push_back({id, name});
      calls.push_back(
          {{"id", id},
           {"type", "function"},
           {"function", {{"name", name}, {"arguments", style_.string_arguments ? Json(Dumped(arguments)) : arguments}}}});
    };
    if (given.contains("tool_calls") && given["tool_calls"].is_array())
      for (const Json& call : given["tool_calls"]) add(call);
    if (given.contains("function_call")) add(given["function_call"]);
    if (!calls.empty()) message["tool_calls"] = std::move(calls);
  }

  void Result(const Json& given) {
    Json result = given;
    result["role"] = "tool";
    result["content"] = TextOf(given.contains("content") ? given["content"] : Json());
    std::string id =
        given.contains("tool_call_id") && given["tool_call_id"].is_string() ? given["tool_call_id"].get<std::string>() : "";
    if (!id.empty() && style_.short_ids) id = ShortId(id);
    results_.push_back({std::move(id), std::move(result)});
  }

  // Results find their calls by id, else by order, and come out in the order of the calls; strangers last.
  void FlushResults() {
    std::vector<size_t> place(results_.size(), pending_.size());
    std::vector<bool> taken(pending_.size());
    const auto match = [&](size_t r, auto fits) {
      for (size_t c = 0; c < pending_.size() && place[r] == pending_.size(); ++c) {
        if (taken[c] || !fits(pending_[c])) continue;
        place[r] = c;
        taken[c] = true;
      }
    };
    for (size_t r = 0; r < results_.size(); ++r)
      if (!results_[r].id.empty()) match(r, [&](const Call& c) { return c.id == results_[r].id; });
    for (size_t r = 0; r < results_.size(); ++r)
      if (place[r] == pending_.size()) match(r, [&](const Call&) { return results_[r].id.empty(); });
    std::vector<size_t> order(results_.size());
    for (size_t i = 0; i < order.size(); ++i) order[i] = i;
    std::ranges::stable_sort(order, {}, [&](size_t r) { return place[r]; });
    for (const size_t r : order) {
      Json& result = results_[r].message;
      const bool known = place[r] < pending_.size();
      if (known || !results_[r].id.empty()) result["tool_call_id"] = known ? pending_[place[r]].id : results_[r].id;
      if (known && !(result.contains("name") && result["name"].is_string())) result["name"] = pending_[place[r]].name;
      if (!result.contains("tool_call_id")) result["tool_call_id"] = "call00000";
      if (!result.contains("name")) result["name"] = "unknown";
      Add(std::move(result));
    }
    if (!results_.empty()) pending_.clear();
    results_.clear();
  }

  struct Call {
    std::string id, name;
  };
  struct Answer {
    std::string id;
    Json message;
  };
  const HistoryStyle style_;
  Json out_ = Json::array();
  std::vector<Call> pending_;
  std::vector<Answer> results_;
  size_t ids_ = 0;
};

// For templates that take users and assistants in turn and nothing else.
Json Alternating(const Json& messages) {
  Json out = Json::array();
  std::string system;
  for (const Json& message : messages) {
    std::string role = message["role"], text = message["content"];
    if (role == "system") {
      system.append(system.empty() || text.empty() ? "" : "\n\n").append(text);
      continue;
    }
    if (message.contains("tool_calls"))
      for (const Json& call : message["tool_calls"])
        text += (text.empty() ? "" : "\n") + ("<tool_call>\n" + Dumped(call["function"]) + "\n</tool_call>");
    if (role == "tool") text = "<tool_response>\n" + text + "\n</tool_response>";
    role = role == "assistant" ? "assistant" : "user";
    if (out.empty() && role == "assistant") out.push_back({{"role", "user"}, {"content", ""}});
    if (!out.empty() && out.back()["role"] == role) {
      const std::string before = out.back()["content"];
      out.back()["content"] = before + (before.empty() || text.empty() ? "" : "\n\n") + text;
    } else {
      out.push_back({{"role", role}, {"content", text}});
    }
  }
  if (out.empty()) out.push_back({{"role", "user"}, {"content", ""}});
  const std::string first = out[0]["content"];
  if (!system.empty()) out[0]["content"] = first.empty() ? system : system + "\n\n" + first;
  return out;
}

}  // namespace

Json NormalisedMessages(const Json& messages, const HistoryStyle& style) {
  Json normal = Normaliser(style).Run(messages);
  return style.alternate ? Alternating(normal) : normal;
}

Json NormalisedTools(const Json& tools) {
  Json out = Json::array();
  if (!tools.is_array()) return nullptr;
  for (const Json& tool : tools) {
    if (!tool.is_object()) continue;
    const Json& function = tool.contains("function") && tool["function"].is_object() ? tool["function"] : tool;
    if (!function.contains("name") || !function["name"].is_string()) continue;
    Json inner = function;
    if (!tool.contains("function")) inner.erase("type");
    if (!inner.contains("description") || !inner["description"].is_string()) inner["description"] = "";
    if (!inner.contains("parameters") || !inner["parameters"].is_object())
      inner["parameters"] = inner.contains("input_schema") && inner["input_schema"].is_object()
                                ? inner["input_schema"]
                                : Json{{"type", "object"}, {"properties", Json::object()}};
    inner.erase("input_schema");
    out.push_back({{"type", "function"}, {"function", std::move(inner)}});
  }
  return out.empty() ? Json(nullptr) : out;
}

}  // namespace hasten
