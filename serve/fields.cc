#include "serve/fields.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "base/quote.h"

namespace hasten {

Refusal RefusalOf(const Error& error) {
  switch (error.code) {
    case Code::kBadInput:
    case Code::kCorrupt:
    case Code::kUnsupported:
      return {.status = 400, .message = error.what};
    case Code::kNotFound:
      return {.status = 404, .message = error.what};
    case Code::kExhausted:
      return {.status = 429, .message = error.what, .retry_after_s = 1};
    case Code::kCancelled:
      return {.status = 503, .message = error.what, .retry_after_s = 5};
    case Code::kBug:
      break;
  }
  return {.status = 500, .message = error.what};
}

Refusal BeyondContext(const std::string& what, size_t tokens, size_t context, std::string param) {
  return {.message = Fmt("%s is too long: it has %zu tokens and the maximum context length is %zu tokens; shorten it or start "
                         "the server with a longer context (--ctx)",
                         what.c_str(), tokens, context),
          .param = std::move(param),
          .code = "context_length_exceeded"};
}

void Reading::Refuse(std::string path, std::string message) {
  if (!refusal) refusal = Refusal{.status = 400, .message = std::move(message), .param = std::move(path)};
}

Fields::Fields(const Json& object, std::string path, Reading& reading)
    : object_(&object), path_(std::move(path)), reading_(reading) {
  if (object.is_object()) return;
  static const Json kNothing = Json::object();
  object_ = &kNothing;
  reading_.Refuse(path_, (path_.empty() ? "the request's body" : path_) + " has to be an object and is " + object.type_name());
}

Fields::~Fields() {
  constexpr size_t kMost = 16;  // named in a header
  if (asked_.size() == object_->size()) return;
  for (const auto& [name, value] : object_->items()) {
    if (value.is_null() || std::ranges::find(asked_, &value) != asked_.end()) continue;
    if (reading_.unknown.size() == kMost) return;
    reading_.unknown.push_back(PathOf(Printable(name, 60)));
  }
}

std::string Fields::PathOf(std::string_view name) const { return (path_.empty() ? "" : path_ + ".") + std::string(name); }

const Json* Fields::Find(std::string_view name) {
  for (const auto& [n, value] : object_->get_ref<const Json::object_t&>()) {
    if (n != name) continue;
    if (std::ranges::find(asked_, &value) == asked_.end()) asked_.push_back(&value);
    return value.is_null() ? nullptr : &value;
  }
  return nullptr;
}

bool Fields::Has(std::string_view name) const {
  const auto at = object_->find(std::string(name));
  return at != object_->end() && !at->is_null();
}

void Fields::Accept(std::initializer_list<std::string_view> names) {
  for (const std::string_view name : names) Find(name);
}

void Fields::Refuse(std::string_view name, const std::string& what) {
  reading_.Refuse(PathOf(name), PathOf(name) + " " + what);
}

void Fields::WrongType(std::string_view name, const char* wanted, const Json& got) {
  Refuse(name, std::string("has to be ") + wanted + " and is " + got.type_name());
}

const Json* Fields::Any(std::string_view name) { return Find(name); }

const Json* Fields::Object(std::string_view name) {
  const Json* value = Find(name);
  if (value && !value->is_object()) WrongType(name, "an object", *value);
  return value && value->is_object() ? value : nullptr;
}

const Json* Fields::Array(std::string_view name) {
  const Json* value = Find(name);
  if (value && !value->is_array()) WrongType(name, "a list", *value);
  return value && value->is_array() ? value : nullptr;
}

double Fields::Number(std::string_view name, double otherwise, double least, double most) {
  const Json* value = Find(name);
  if (!value) return otherwise;
  if (!value->is_number()) return WrongType(name, "a number", *value), otherwise;
  const double number = value->get<double>();
  if (number >= least && number <= most) return number;
  return Refuse(name, Fmt("is %g and has to be from %g to %g", number, least, most)), otherwise;
}

int64_t Fields::Integer(std::string_view name, int64_t otherwise, int64_t least, int64_t most) {
  const Json* value = Find(name);
  if (!value) return otherwise;
  if (!value->is_number()) return WrongType(name, "a whole number", *value), otherwise;
  const double number = value->get<double>();
  if (number != std::floor(number)) return Refuse(name, Fmt("is %g and has to be a whole number", number)), otherwise;
  if (number < double(least) || number > double(most)) {
    return Refuse(name, Fmt("is %.17g and has to be from %lld to %lld", number, static_cast<long long>(least),
                            static_cast<long long>(most))),
           otherwise;
  }
  // 64-bit integers keep their last digits; a float that is whole has none to lose.
  if (value->is_number_unsigned()) return int64_t(std::min<uint64_t>(value->get<uint64_t>(), uint64_t(most)));
  return value->is_number_integer() ? value->get<int64_t>() : int64_t(std::clamp(number, -0x1p62, 0x1p62));
}

bool Fields::Flag(std::string_view name, bool otherwise) {
  const Json* value = Find(name);
  if (!value) return otherwise;
  if (!value->is_boolean()) return WrongType(name, "true or false", *value), otherwise;
  return value->get<bool>();
}

std::string Fields::Text(std::string_view name, std::string otherwise) {
  const Json* value = Find(name);
  if (!value) return otherwise;
  if (!value->is_string()) return WrongType(name, "a text", *value), otherwise;
  return value->get<std::string>();
}

std::string Fields::RequiredText(std::string_view name) {
  if (!Has(name)) Refuse(name, "is missing and has to be a text");
  return Text(name);
}

std::vector<std::string> Fields::Texts(std::string_view name, size_t most) {
  const Json* value = Find(name);
  if (!value) return {};
  if (value->is_string()) return {value->get<std::string>()};
  if (!value->is_array()) return WrongType(name, "a text or a list of texts", *value), std::vector<std::string>();
  if (value->size() > most)
    return Refuse(name, Fmt("has %zu entries and may have %zu", value->size(), most)), std::vector<std::string>();
  std::vector<std::string> texts;
  for (size_t i = 0; i < value->size(); ++i) {
    const Json& entry = (*value)[i];
    if (!entry.is_string()) {
      WrongType(std::string(name) + "[" + std::to_string(i) + "]", "a text", entry);
      return {};
    }
    texts.push_back(entry.get<std::string>());
  }
  return texts;
}

}  // namespace hasten
