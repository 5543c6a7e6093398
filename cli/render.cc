// `hasten render TEMPLATE CONVERSATION`: what a chat template makes of a conversation.
#include <cstdio>
#include <nlohmann/json.hpp>

#include "cli/verb.h"
#include "text/jinja/jinja.h"
#include "text/json.h"

namespace hasten {
namespace {

constexpr char kDetails[] =
    R"(Prints the prompt that a chat template (Jinja, as transformers runs it) makes of a conversation. The conversation is
JSON: an object with "messages" and whatever else the template may read, such as "tools" or "enable_thinking"; or a
bare list of messages. "add_generation_prompt" is true unless the object says otherwise. "-" reads standard input.

Exit code 1 and the reason on standard error where the template refuses the conversation, by raise_exception() or
by doing what Python does not allow; 3 where the template itself is broken; 5 where it takes too long or too much.

Examples:
  hasten render chat.jinja conversation.json
  hasten render chat.jinja conversation.json --bos-token '<s>' --eos-token '</s>' --now 2026-01-02T03:04:05
  echo '[{"role": "user", "content": "Hi"}]' | hasten render chat.jinja -
)";

struct Options {
  std::string chat, conversation, now;
  std::string bos, eos;
  bool has_bos = false, has_eos = false, mutation = false;
};

Result<nlohmann::ordered_json> ReadConversation(const Options& o) {
  TRY(const std::string text, ReadFile(o.conversation));
  auto parsed = ParseJson(text);
  if (!parsed) return Error{parsed.error().code, o.conversation + ": " + parsed.error().what};
  nlohmann::ordered_json variables = *std::move(parsed);
  if (variables.is_array()) variables = {{"messages", std::move(variables)}};
  if (!variables.is_object())
    return Error{Code::kCorrupt, o.conversation + ": neither an object with \"messages\" nor a list of messages"};
  if (!variables.contains("add_generation_prompt")) variables["add_generation_prompt"] = true;
  if (o.has_bos) variables["bos_token"] = o.bos;
  if (o.has_eos) variables["eos_token"] = o.eos;
  return variables;
}

Result<Exit> Render(const Options& o) {
  jinja::RenderOptions options;
  options.mutation = o.mutation;
  if (!o.now.empty()) {
    TRY(options.now, jinja::ParseMoment(o.now));
  }
  TRY(const std::string source, ReadFile(o.chat));
  const auto parsed = jinja::Template::Parse(source);
  if (!parsed) return Error{parsed.error().code, o.chat + ": " + parsed.error().what};
  TRY(const auto variables, ReadConversation(o));
  const auto rendering = parsed->Render(variables, options);
  if (rendering && !rendering->refusal) {
    std::fwrite(rendering->text.data(), 1, rendering->text.size(), stdout);
    return Exit::kOk;
  }
  const std::string why = rendering ? *rendering->refusal : o.chat + ": " + rendering.error().what;
  if (!rendering && rendering.error().code == Code::kExhausted) return Error{Code::kExhausted, why};
  std::fprintf(stderr, "hasten: %s\n", why.c_str());
  return Exit::kNo;
}

}  // namespace

extern const Verb kRenderVerb = {
    "render", "what a chat template makes of a conversation", kDetails, [](CLI::App& app) -> VerbBody {
      const auto o = std::make_shared<Options>();
      app.add_option("TEMPLATE", o->chat, "the template (Jinja)")->required();
      app.add_option("CONVERSATION", o->conversation, "the conversation (JSON)")->required();
      auto* bos = app.add_option("--bos-token", o->bos, "the template's bos_token");
      auto* eos = app.add_option("--eos-token", o->eos, "the template's eos_token");
      app.add_option("--now", o->now, "the time that strftime_now() tells, as 2026-01-02T03:04:05");
      app.add_flag("--mutation", o->mutation, "allow list.append and its like, which transformers forbids");
      return [o, bos, eos](const Common&) {
        o->has_bos = bos->count() > 0;
        o->has_eos = eos->count() > 0;
        return Render(*o);
      };
    }};

}  // namespace hasten
