#include "solve/lang/program_json.h"

#include <nlohmann/json.hpp>

#include "base/quote.h"
#include "solve/lang/ops.h"
#include "text/json.h"

namespace hasten::solve {

using Json = nlohmann::ordered_json;

static Json ToJson(const Expr& e) {
  switch (e.kind) {
    case Expr::Kind::kInput:
      return Json{{"input", e.number}};
    case Expr::Kind::kText:
      return e.text;
    case Expr::Kind::kNumber:
      return e.number;
    case Expr::Kind::kOp:
      break;
  }
  Json list = Json::array({std::string(e.op->name)});
  for (const Expr& arg : e.args) list.push_back(ToJson(arg));
  return list;
}

static Error Wrong(const std::string& what) { return {Code::kCorrupt, "not a saved program: " + what}; }

static bool CountFits(const Op& op, size_t count) {
  const size_t declared = op.types.find(':');
  const bool many = op.types.find('*') != std::string_view::npos;
  return many ? count >= 1 : count == declared;
}

// JSON is at most 256 deep when it gets here, and so is the recursion.
static Result<Expr> FromJson(const Json& json, size_t inputs) {
  if (json.is_string()) return Text(json.get<std::string>());
  if (json.is_number_integer()) return Number(json.get<int64_t>());
  if (json.is_object() && json.size() == 1 && json.contains("input") && json["input"].is_number_unsigned()) {
    const auto column = json["input"].get<uint64_t>();
    if (column >= inputs) return Wrong(Fmt("input %zu of %zu", size_t(column), inputs));
    return Input(size_t(column));
  }
  if (!json.is_array() || json.empty() || !json[0].is_string())
    return Wrong("an expression is a text, a number, an input or a list");
  const std::string name = json[0].get<std::string>();
  const Op* const op = FindOp(name);
  if (!op) return Wrong("unknown operation '" + Printable(name) + "'");
  if (!CountFits(*op, json.size() - 1)) return Wrong(Fmt("%zu arguments for '%s'", json.size() - 1, name.c_str()));
  std::vector<Expr> args;
  for (size_t i = 1; i < json.size(); ++i) {
    TRY(Expr arg, FromJson(json[i], inputs));
    args.push_back(std::move(arg));
  }
  return Apply(name.c_str(), std::move(args));
}

std::string ProgramToJson(const SavedProgram& saved) {
  const Json json = {
      {"hasten", "program"}, {"inputs", saved.inputs}, {"output", saved.output}, {"program", ToJson(saved.program)}};
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Result<SavedProgram> ProgramFromJson(std::string_view text) {
  TRY(const Json json, ParseJson(text));
  if (!json.is_object() || !json.contains("inputs") || !json["inputs"].is_array() || !json.contains("output") ||
      !json["output"].is_string() || !json.contains("program")) {
    return Wrong(
        "inputs, output or program is missing; `hasten solve TABLE "
        "--save FILE` writes one");
  }
  SavedProgram saved;
  for (const Json& name : json["inputs"]) {
    if (!name.is_string()) return Wrong("the names of inputs are texts");
    saved.inputs.push_back(name.get<std::string>());
  }
  saved.output = json["output"].get<std::string>();
  TRY(Expr program, FromJson(json["program"], saved.inputs.size()));
  saved.program = std::move(program);
  return saved;
}

}  // namespace hasten::solve
