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
    case ToolSyntax::kGemma4:
      return "gemma4";
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
  if (has("<start_function_call>")) return ToolSyntax::kGemma;
  if (has("<|tool_call>")) return ToolSyntax::kGemma4;
  if (has("<|tool_call|>")) return ToolSyntax::kGranite;
  if (has("<tool_call>")) return ToolSyntax::kHermes;
  if (has("<|python_tag|>") || (has("<|start_header_id|>") && has("\"parameters\""))) return ToolSyntax::kLlama3;
  return ToolSyntax::kGeneric;
}

}  // namespace hasten
