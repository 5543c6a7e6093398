// The ways in which families of models write a call of a tool.
#pragma once

#include <cstdint>
#include <string_view>

namespace hasten {

enum class ToolSyntax : uint8_t {
  kGeneric,        // {"name": …, "arguments": {…}}, as a prompt of ours asks for
  kHermes,         // <tool_call>{"name": …, "arguments": {…}}</tool_call>: Hermes, Qwen 2.5 and 3, Granite 4, SmolLM3
  kQwenXml,        // <tool_call><function=name><parameter=key>value</parameter></function></tool_call>: Qwen3-Coder, Qwen3.5
  kLlama3,         // {"name": …, "parameters": {…}}
  kMistral,        // [TOOL_CALLS] [{"name": …, "arguments": {…}, "id": …}]
  kMistralArgs,    // [TOOL_CALLS]name[ARGS]{…}
  kGemma,          // <start_function_call>call:name{key:<escape>value<escape>}<end_function_call>: FunctionGemma
  kGemma4,         // <|tool_call>call:name{key:<|"|>value<|"|>}<tool_call|>
  kLfm2,           // <|tool_call_start|>[name(key="value")]<|tool_call_end|>
  kHarmony,        // <|channel|>commentary to=functions.name <|constrain|>json<|message|>{…}<|call|>: gpt-oss
  kGranite,        // <|tool_call|>[{"name": …, "arguments": {…}}]
  kFunctionary31,  // <function=name>{…}</function>
  kFunctionary32,  // >>>name\n{…}
};

const char* NameOf(ToolSyntax syntax);
ToolSyntax SyntaxOfTemplate(std::string_view source);

}  // namespace hasten
