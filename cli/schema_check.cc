// `hasten schema-check`: schemas and grammars against instances of which it is known whether they are valid.
#include <time.h>

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <filesystem>
#include <map>
#include <memory>
#include <numeric>
#include <optional>

#include "base/quote.h"
#include "cli/format.h"
#include "cli/python_json.h"
#include "cli/verb.h"
#include "engine/constraint/constraint.h"
#include "text/json.h"

namespace hasten {
namespace {

using nlohmann::ordered_json;

constexpr char kDetails[] =
    R"(Compiles each file's schema to token masks and judges the file's instances by them: an instance is written as
Python's json.dumps(data, ensure_ascii=False) does, tokenised, and refused where one of its tokens is masked or where
the text may not end behind it.

Files it reads:
  MaskBench                 {"schema": …, "tests": [{"valid": true, "data": …}, …]}
  JSON-Schema-Test-Suite    [{"schema": …, "tests": [{"valid": true, "data": …}, …]}, …]
  grammar cases             [{"kind": "gbnf" or "schema", "gbnf" or "schema_text": "…", "accept": […], "reject": […]}, …]
                            their schemas are read in the strict style, without uniqueItems, as llama.cpp
                            reads them

With --json a line for each schema or grammar: file, compiled, refused (why, or null), right, wrong_accepts,
wrong_rejects (instances), first_mask_us (compiling included), mask_us_mean, mask_us_p99; in processor time. Exit code 1
where an instance was judged wrongly.

Examples:
  hasten schema-check maskbench/data/*.json --tokenizer model.gguf --json
  hasten schema-check --suite JSON-Schema-Test-Suite/tests --tokenizer model.gguf     # share handled, by draft and keyword
  hasten schema-check my-schema-with-tests.json --tokenizer model.gguf --style strict
)";

struct Options {
  std::vector<std::string> files;
  std::string tokenizer, suite, style = "any";
  bool json = false;
};

double CpuSeconds() {
  timespec t{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return double(t.tv_sec) + 1e-9 * double(t.tv_nsec);
}

struct Verdicts {
  std::string file = {}, refused = {};
  bool compiled = false;
  size_t right = 0, wrong_accepts = 0, wrong_rejects = 0;
  double first_mask_us = 0;
  std::vector<double> mask_us = {};
  std::vector<std::string> wrong = {};  // what was judged wrongly, and where it was refused

  double MeanUs() const {
    return mask_us.empty() ? 0 : std::accumulate(mask_us.begin(), mask_us.end(), 0.0) / double(mask_us.size());
  }
  double P99Us() {
    if (mask_us.empty()) return 0;
    std::ranges::sort(mask_us);
    return mask_us[std::min(mask_us.size() - 1, mask_us.size() * 99 / 100)];
  }
  void Count(bool valid, bool accepted) {
    right += valid == accepted;
    wrong_accepts += !valid && accepted;
    wrong_rejects += valid && !accepted;
  }
};

// One text that may hold tokens as <|TOKEN:12|>; between them its characters are no tokens, as in the tests of llama.cpp.
bool AcceptsMarked(ConstraintState& state, std::string_view text) {
  constexpr std::string_view kMark = "<|TOKEN:";
  while (!text.empty()) {
    int32_t id = kNoToken;
    size_t used = Utf8Length(text);
    if (text.starts_with(kMark)) {
      const auto [end, error] = std::from_chars(text.data() + kMark.size(), text.data() + text.size(), id);
      used = size_t(end - text.data()) + 2;
    }
    const std::string_view piece = id == kNoToken ? text.substr(0, std::max<size_t>(used, 1)) : std::string_view();
    if (!state.AcceptPiece(id, piece)) return false;
    text.remove_prefix(std::min(text.size(), std::max<size_t>(used, 1)));
  }
  return state.CanEnd();
}

// Token by token through masks, timed; where it is refused, `at` says behind what.
bool Accepts(ConstraintState& state, const Tokenizer& tokenizer, std::string_view text, std::vector<double>& mask_us,
             std::string& at) {
  std::string so_far;
  for (const Token t : tokenizer.Encode(text)) {
    const double start = CpuSeconds();
    const auto mask = state.Mask();
    mask_us.push_back(1e6 * (CpuSeconds() - start));
    if (!constraint::HasBit(mask, t) || !state.Accept(t)) {
      at = so_far;
      return false;
    }
    so_far += tokenizer.Piece(t);
  }
  at = so_far + " (the end)";
  return state.CanEnd();
}

using Vocab = std::shared_ptr<const ConstraintVocab>;

Result<std::shared_ptr<Constraint>> CompileTimed(const Vocab& vocab, ConstraintKind kind, std::string text,
                                                 const SchemaOptions& options, Verdicts& v) {
  const double start = CpuSeconds();
  auto constraint = Constraint::Compile(vocab, {.parts = {{.kind = kind, .text = std::move(text)}}, .schema = options});
  v.compiled = bool(constraint);
  if (!constraint) {
    v.refused = constraint.error().what;
    return constraint;
  }
  ConstraintState(*constraint).Mask();
  v.first_mask_us = 1e6 * (CpuSeconds() - start);
  return constraint;
}

Verdicts JudgeSchema(const Vocab& vocab, const std::string& name, const ordered_json& schema, const ordered_json& tests,
                     const SchemaOptions& options) {
  Verdicts v = {.file = name};
  const auto constraint = CompileTimed(vocab, ConstraintKind::kSchema, schema.dump(), options, v);
  if (!constraint) return v;
  for (const ordered_json& test : tests) {
    const std::string text = PythonJson(test.at("data"));
    const bool valid = test.at("valid").get<bool>();
    ConstraintState state(*constraint);
    std::string at;
    const bool accepted = Accepts(state, vocab->tokenizer(), text, v.mask_us, at);
    v.Count(valid, accepted);
    if (accepted != valid)
      v.wrong.push_back((accepted ? "accepted: " : "refused: ") + text + (accepted ? "" : " behind: " + at));
  }
  return v;
}

Verdicts JudgeGrammarCase(const Vocab& vocab, const ordered_json& c) {
  const bool gbnf = c.at("kind") == "gbnf";
  const std::string text = c.at(gbnf ? "gbnf" : "schema_text").get<std::string>();
  Verdicts v = {.file = c.value("description", "")};
  const SchemaOptions options = {.style = SchemaStyle::kStrict, .spaces = grammar::Spaces::kFlexible, .ignores_unique = true};
  const auto constraint = CompileTimed(vocab, gbnf ? ConstraintKind::kGrammar : ConstraintKind::kSchema, text, options, v);
  if (!constraint) return v;
  for (const char* list : {"accept", "reject"}) {
    for (const ordered_json& item : c.at(list)) {
      const bool valid = list[0] == 'a';
      const std::string sample = item.get<std::string>();
      ConstraintState state(*constraint);
      std::string at;
      const bool accepted = gbnf ? AcceptsMarked(state, sample) : Accepts(state, vocab->tokenizer(), sample, v.mask_us, at);
      v.Count(valid, accepted);
      if (accepted != valid)
        v.wrong.push_back((accepted ? "accepted: " : "refused: ") + sample + (accepted ? "" : " behind: " + at));
    }
  }
  return v;
}

class Report {
 public:
  explicit Report(bool json) : json_(json) {}
  void Add(Verdicts v) {
    ++schemas_;
    compiled_ += v.compiled;
    passed_ += v.compiled && v.wrong_accepts + v.wrong_rejects == 0;
    wrong_ += v.wrong_accepts + v.wrong_rejects;
    masks_us_.insert(masks_us_.end(), v.mask_us.begin(), v.mask_us.end());
    if (v.compiled) firsts_us_.push_back(v.first_mask_us);
    if (json_) {
      const double mean = v.MeanUs();
      PrintJson({{"file", v.file},
                 {"compiled", v.compiled},
                 {"refused", v.compiled ? ordered_json() : ordered_json(v.refused)},
                 {"right", v.right},
                 {"wrong_accepts", v.wrong_accepts},
                 {"wrong_rejects", v.wrong_rejects},
                 {"first_mask_us", v.first_mask_us},
                 {"mask_us_mean", mean},
                 {"mask_us_p99", v.P99Us()}});
      return;
    }
    if (!v.compiled) std::printf("%s: not supported: %s\n", v.file.c_str(), Printable(v.refused, 200).c_str());
    for (const std::string& w : v.wrong) std::printf("%s: wrongly %s\n", v.file.c_str(), Printable(w, 400).c_str());
  }
  Exit Finish() {
    if (!json_) {
      std::ranges::sort(firsts_us_);
      Verdicts all = {.mask_us = std::move(masks_us_)};
      const double mean = all.MeanUs(), p99 = all.P99Us();
      std::printf("%zu of %zu pass, %zu compiled, %zu instances judged wrongly\n", passed_, schemas_, compiled_, wrong_);
      std::printf("masks: %.1f us mean, %.0f us p99, %.0f us at most; first mask: %.0f us median\n", mean, p99,
                  all.mask_us.empty() ? 0 : all.mask_us.back(), firsts_us_.empty() ? 0 : firsts_us_[firsts_us_.size() / 2]);
    }
    return wrong_ == 0 ? Exit::kOk : Exit::kNo;
  }

 private:
  const bool json_;
  size_t schemas_ = 0, compiled_ = 0, passed_ = 0, wrong_ = 0;
  std::vector<double> masks_us_, firsts_us_;
};

Error NotATest(const std::string& path) {
  return {Code::kBadInput,
          Fmt("%s is neither a schema with its tests nor a list of such: see hasten schema-check --help", path.c_str())};
}

Status JudgeFile(const Vocab& vocab, const std::string& path, const SchemaOptions& options, Report& report) {
  TRY(const std::string text, ReadFile(path));
  TRY(const ordered_json document, ParseJson(text));
  try {
    if (document.is_object() && document.contains("schema") && document.contains("tests")) {
      report.Add(JudgeSchema(vocab, path, document["schema"], document["tests"], options));
      return {};
    }
    if (!document.is_array()) return NotATest(path);
    for (const ordered_json& item : document) {
      if (item.contains("kind")) {
        report.Add(JudgeGrammarCase(vocab, item));
      } else {
        report.Add(
            JudgeSchema(vocab, path + ": " + item.value("description", ""), item.at("schema"), item.at("tests"), options));
      }
    }
  } catch (const nlohmann::json::exception&) {
    return NotATest(path);
  }
  return {};
}

// ------------------------------------------------------------------------------------------ JSON-Schema-Test-Suite

struct Share {
  size_t groups = 0, handled = 0, wrong = 0;
  void Add(const Verdicts& v) {
    ++groups;
    handled += v.compiled && v.wrong_accepts + v.wrong_rejects == 0;
    wrong += v.compiled && v.wrong_accepts + v.wrong_rejects > 0;
  }
};

// Groups without $schema speak the draft that their folder is named after.
ordered_json InDraft(const ordered_json& schema, const std::string& draft) {
  static const std::map<std::string, const char*> kUris = {{"draft4", "http://json-schema.org/draft-04/schema#"},
                                                           {"draft6", "http://json-schema.org/draft-06/schema#"},
                                                           {"draft7", "http://json-schema.org/draft-07/schema#"},
                                                           {"draft2019-09", "https://json-schema.org/draft/2019-09/schema"}};
  const auto it = kUris.find(draft);
  if (!schema.is_object() || schema.contains("$schema") || it == kUris.end()) return schema;
  ordered_json with = {{"$schema", it->second}};
  with.update(schema);
  return with;
}

// The share of groups that are handled (compiled, every instance judged rightly), by draft and keyword.
Result<Exit> JudgeSuite(const Vocab& vocab, const std::string& folder, const SchemaOptions& options, bool json) {
  std::map<std::string, std::map<std::string, Share>> shares;  // draft, then keyword
  std::error_code none;
  std::vector<std::string> wrong;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder, none)) {
    if (entry.path().extension() != ".json") continue;
    const std::string below = std::filesystem::relative(entry.path(), folder).replace_extension().string();
    const std::string draft = below.substr(0, below.find('/')),
                      keyword = below.substr(draft.size() + (draft.size() < below.size()));
    TRY(const std::string text, ReadFile(entry.path().string()));
    TRY(const ordered_json groups, ParseJson(text));
    try {
      for (const ordered_json& group : groups) {
        const std::string name = below + ": " + group.value("description", "");
        const Verdicts v = JudgeSchema(vocab, name, InDraft(group.at("schema"), draft), group.at("tests"), options);
        shares[draft][keyword].Add(v);
        for (const std::string& w : v.wrong) wrong.push_back(name + ": wrongly " + Printable(w, 200));
      }
    } catch (const nlohmann::json::exception&) {
      return NotATest(entry.path().string());
    }
  }
  if (shares.empty())
    return Error{Code::kNotFound, Fmt("%s holds no tests: it should hold folders such as draft2020-12", folder.c_str())};
  for (const auto& [draft, keywords] : shares) {
    Share all;
    for (const auto& [keyword, s] : keywords) {
      all.groups += s.groups, all.handled += s.handled, all.wrong += s.wrong;
      if (json)
        PrintJson({{"draft", draft}, {"keyword", keyword}, {"groups", s.groups}, {"handled", s.handled}, {"wrong", s.wrong}});
      if (!json)
        std::printf("%-14s %-40s %3zu of %3zu handled, %zu judged wrongly\n", draft.c_str(), keyword.c_str(), s.handled,
                    s.groups, s.wrong);
    }
    if (!json)
      std::printf("%-14s %-40s %3zu of %3zu handled (%.0f %%), %zu judged wrongly\n", draft.c_str(), "all", all.handled,
                  all.groups, 100.0 * double(all.handled) / double(all.groups), all.wrong);
  }
  for (const std::string& w : wrong)
    if (!json) std::printf("%s\n", w.c_str());
  return wrong.empty() ? Exit::kOk : Exit::kNo;
}

Result<Exit> Check(const Options& o) {
  TRY(const Gguf file, Gguf::Open(o.tokenizer));
  TRY(const Tokenizer tokenizer, Tokenizer::Load(file));
  const SchemaOptions options = {.style = o.style == "any" ? SchemaStyle::kAny : SchemaStyle::kStrict,
                                 .spaces = grammar::Spaces::kFlexible};
  const Vocab vocab = ConstraintVocab::Create(tokenizer);
  if (!o.suite.empty()) return JudgeSuite(vocab, o.suite, options, o.json);
  if (o.files.empty()) return Error{Code::kBadInput, "there is nothing to check: name files, or --suite FOLDER"};
  Report report(o.json);
  for (const std::string& path : o.files) TRY_OK(JudgeFile(vocab, path, options, report));
  return report.Finish();
}

}  // namespace

extern const Verb kSchemaCheckVerb;
const Verb kSchemaCheckVerb = {
    "schema-check", "judge instances by the token masks of schemas and grammars", kDetails, [](CLI::App& app) -> VerbBody {
      const auto o = std::make_shared<Options>();
      app.add_option("FILE", o->files, "schemas with their instances (JSON)");
      app.add_option("--tokenizer", o->tokenizer, "the model file (GGUF) whose vocabulary is masked")->required();
      app.add_option("--style", o->style, "any: all that a schema accepts; strict: one way to write it")
          ->check(CLI::IsMember({"any", "strict"}))
          ->capture_default_str();
      app.add_option("--suite", o->suite, "the tests folder of JSON-Schema-Test-Suite: shares by draft and keyword");
      app.add_flag("--json", o->json, "a line of JSON for each schema");
      return [o](const Common&) { return Check(*o); };
    }};

}  // namespace hasten
