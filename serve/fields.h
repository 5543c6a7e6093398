// Reads the members of a request's JSON object one by one: each look-up says of which type and in which range a value has to
// be. The first that is wrong is kept, with its path ("messages[2].role"); names that nobody asked for are ignored and kept
// too.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace hasten {

using Json = nlohmann::ordered_json;

// What a request is refused with.
struct Refusal {
  int status = 400;
  std::string message;
  std::string param{};  // the path of the field that is wrong
  double retry_after_s = 0;
  std::string code{};  // a word that programs look for
};
Refusal RefusalOf(const Error& error);
// More tokens than the context holds. Clients that shorten a conversation and ask again know it by the code, or by the words
// "is too long" (Anthropic's) or "maximum context length" (OpenAI's).
Refusal BeyondContext(const std::string& what, size_t tokens, size_t context, std::string param);

// What came of reading one request.
struct Reading {
  std::optional<Refusal> refusal;
  std::vector<std::string> unknown;                    // paths
  void Refuse(std::string path, std::string message);  // the first counts
};

class Fields {
 public:
  Fields(const Json& object, std::string path, Reading& reading);  // refuses what is no object
  Fields(const Fields&) = delete;
  Fields& operator=(const Fields&) = delete;
  ~Fields();  // names that were not asked for go to `reading`

  // Absent and null are the same, and give `otherwise`. What is wrong gives it too, and refuses the request.
  double Number(std::string_view name, double otherwise, double least, double most);
  int64_t Integer(std::string_view name, int64_t otherwise, int64_t least, int64_t most);
  bool Flag(std::string_view name, bool otherwise);
  std::string Text(std::string_view name, std::string otherwise = {});
  std::string RequiredText(std::string_view name);
  std::vector<std::string> Texts(std::string_view name, size_t most);  // a text, or a list of them
  const Json* Any(std::string_view name);                              // nullptr where absent or null
  const Json* Object(std::string_view name);
  const Json* Array(std::string_view name);
  bool Has(std::string_view name) const;
  void Accept(std::initializer_list<std::string_view> names);  // known, without effect here

  std::string PathOf(std::string_view name) const;
  void Refuse(std::string_view name, const std::string& what);  // "NAME" and what it has to be
  Reading& reading() { return reading_; }
  bool ok() const { return !reading_.refusal; }

 private:
  void WrongType(std::string_view name, const char* wanted, const Json& got);
  const Json* Find(std::string_view name);

  const Json* object_;
  const std::string path_;
  Reading& reading_;
  std::vector<const Json*> asked_;
};

}  // namespace hasten
