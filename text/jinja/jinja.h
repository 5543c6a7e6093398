// Chat templates: Jinja as transformers sets Jinja2 up for them.
//
//   TRY(const auto chat, jinja::Template::Parse(source));
//   TRY(const auto done, chat.Render({{"messages", messages}, {"add_generation_prompt", true}, {"bos_token", "<s>"}}));
//   if (done.refusal) …   // the template's own raise_exception(): "roles must alternate"
//
// The language of Jinja2 3.1: all of its filters and tests but random, urlize and lipsum; loop controls; the generation tag;
// tojson without HTML escapes, with ensure_ascii, indent, separators and sort_keys; raise_exception; strftime_now; strings,
// lists and dicts with Python's methods. Integers have 64 bits. A template can reach nothing but its variables: tags that read
// other templates are refused, and so is what takes more than Limits allow.
#pragma once

#include <ctime>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "text/jinja/meter.h"

namespace hasten::jinja {

struct Program;

// A point in time for strftime_now, without a zone.
struct Moment {
  std::tm tm{};
  int microseconds = 0;
};
Moment LocalNow();
// "2026-01-02", "2026-01-02T03:04:05", "2026-01-02 03:04:05.678": kBadInput for anything else, a zone included.
Result<Moment> ParseMoment(std::string_view iso);

struct RenderOptions {
  Limits limits;
  std::optional<Moment> now;  // else the clock, in local time
  // Allows list.append, dict.update and their like. Transformers forbids them; some published templates need them.
  bool mutation = false;
};

struct Rendering {
  std::string text;
  std::optional<std::string> refusal;  // what the template itself said against this conversation; then `text` is empty
};

// Shared by threads: rendering changes nothing.
class Template {
 public:
  static Result<Template> Parse(std::string_view source);  // kCorrupt with the line; kUnsupported: nested too deeply
  // `variables` is an object. kBadInput with the line: what went wrong; kExhausted: a limit was met.
  Result<Rendering> Render(const nlohmann::ordered_json& variables, const RenderOptions& options = {}) const;
  // Whether the template names a variable (or parameter) so: "tools", "enable_thinking".
  bool Mentions(std::string_view name) const;

 private:
  explicit Template(std::shared_ptr<const Program> program) : program_(std::move(program)) {}
  std::shared_ptr<const Program> program_;
};

}  // namespace hasten::jinja
