#include "chat/tool_syntax.h"

namespace hasten {

const char* NameOf(ToolSyntax syntax) {
  switch (syntax) {
    case ToolSyntax::kGeneric:
      return "generic";
    case ToolSyntax::kHermes:
      return "hermes";
    case ToolSyntax::kQwenXml:
      return "qwen-xml";
    case ToolSyntax::kLlama3:
      return "llama3";
    case ToolSyntax::kMistral:
      return "mistral";
    case ToolSyntax::kMistralArgs:
      return "mistral-args";
    case ToolSyntax::kGemma:
      return "gemma";
    case ToolSyntax::kLfm2:
      return "lfm2";
    case ToolSyntax::kHarmony:
      return "harmony";
    case ToolSyntax::kGranite:
      return "granite";
    case ToolSyntax::kFunctionary31:
      return "functionary-3.1";
    case ToolSyntax::kFunctionary32:
      return "functionary-3.2";
  }
  return "";
}

// By what the template itself writes into the history of a call.
ToolSyntax SyntaxOfTemplate(std::string_view source) {
  const auto has = [&](std::string_view what) { return source.find(what) != source.npos; };
  if (has("<|channel|>")) return ToolSyntax::kHarmony;
  if (has(">>>all") || has("'>>>'")) return ToolSyntax::kFunctionary32;
  if (has("<function=") && has("<parameter=")) return ToolSyntax::kQwenXml;
  if (has("<function=")) return ToolSyntax::kFunctionary31;
  if (has("[TOOL_CALLS]")) return has("[ARGS]") ? ToolSyntax::kMistralArgs : ToolSyntax::kMistral;
  if (has("<|tool_call_start|>") || has("<|tool_list_start|>") || has("List of tools: [")) return ToolSyntax::kLfm2;
  if (has("<start_function_call>") || has("<|tool_call>")) return ToolSyntax::kGemma;
  if (has("<|tool_call|>")) return ToolSyntax::kGranite;
  if (has("<tool_call>")) return ToolSyntax::kHermes;
  if (has("<|python_tag|>") || (has("<|start_header_id|>") && has("\"parameters\""))) return ToolSyntax::kLlama3;
  return ToolSyntax::kGeneric;
}

CallPatterns PatternsOf(ToolSyntax syntax, const nlohmann::ordered_json& tools) {
  CallPatterns patterns;
  const auto each = [&](std::string trigger, auto begin, std::string end) {
    patterns.trigger = std::move(trigger);
    for (const auto& tool : tools) {
      if (!tool.is_object()) continue;
      const auto& function = tool.contains("function") ? tool.at("function") : tool;
      if (!function.is_object() || !function.contains("name") || !function.at("name").is_string()) continue;
      const std::string name = function.at("name");
      nlohmann::ordered_json schema = {{"type", "object"}};
      if (function.contains("parameters") && function.at("parameters").is_object()) schema = function.at("parameters");
      patterns.calls.push_back({name, begin(name), std::move(schema), end});
    }
  };
  const auto json_string = [](const std::string& s) {
    return nlohmann::ordered_json(s).dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
  };
  const auto object = [&](const char* before, const char* key) {
    return [=](const std::string& name) { return before + ("{\"name\": " + json_string(name)) + ", \"" + key + "\": "; };
  };
  switch (syntax) {
    case ToolSyntax::kHermes:
      each("<tool_call>", object("<tool_call>\n", "arguments"), "}\n</tool_call>");
      break;
    case ToolSyntax::kLlama3:
      each("{\"name\":", object("", "parameters"), "}");
      break;
    case ToolSyntax::kMistral:
      each("[TOOL_CALLS]", object("[TOOL_CALLS] [", "arguments"), "}]");
      break;
    case ToolSyntax::kMistralArgs:
      each("[TOOL_CALLS]", [](const std::string& name) { return "[TOOL_CALLS]" + name + "[ARGS]"; }, "");
      break;
    case ToolSyntax::kGranite:
      each("<|tool_call|>", object("<|tool_call|>[", "arguments"), "}]");
      break;
    case ToolSyntax::kHarmony:
      each(
          "<|channel|>commentary to=functions.",
          [](const std::string& name) {
            return "<|channel|>commentary to=functions." + name + " <|constrain|>json<|message|>";
          },
          "<|call|>");
      break;
    case ToolSyntax::kFunctionary31:
      each("<function=", [](const std::string& name) { return "<function=" + name + ">"; }, "</function>");
      break;
    case ToolSyntax::kFunctionary32:
      each(">>>", [](const std::string& name) { return ">>>" + name + "\n"; }, "");
      break;
    case ToolSyntax::kGeneric:
      each("{\"name\":", object("", "arguments"), "}");
      break;
    case ToolSyntax::kQwenXml:
    case ToolSyntax::kGemma:
    case ToolSyntax::kLfm2:
      break;
  }
  return patterns;
}

}  // namespace hasten
