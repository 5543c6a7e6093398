// The typed look-ups of Gguf: a key's value as the caller needs it, or a sentence.
#include <optional>
#include <type_traits>
#include <utility>

#include "base/quote.h"
#include "formats/gguf.h"

namespace hasten {
namespace {

Error Missing(const Gguf& file, std::string_view key) {
  return {Code::kCorrupt, Fmt("'%s' has no metadata key '%s'", file.path().c_str(), Printable(key).c_str())};
}

std::string Described(const GgufValue& value) {
  if (const GgufArray* array = value.array()) return "array of " + std::string(NameOf(array->type));
  if (const GgufNumber* number = value.number()) {
    if (const auto* i = std::get_if<int64_t>(number)) return Fmt("%s %zd", std::string(NameOf(value.type)).c_str(), *i);
    if (const auto* u = std::get_if<uint64_t>(number)) return Fmt("%s %zu", std::string(NameOf(value.type)).c_str(), *u);
  }
  return std::string(NameOf(value.type));
}

Error Wrong(const Gguf& file, std::string_view key, const GgufValue& value, const char* expected) {
  return {Code::kCorrupt, Fmt("'%s': metadata key '%s' is of type %s; expected %s", file.path().c_str(), Printable(key).c_str(),
                              Described(value).c_str(), expected)};
}

// The number as a T where that loses nothing (floats round); whole numbers serve as floats, never the other way round.
template <class T>
std::optional<T> As(const GgufNumber& number) {
  const auto convert = [](auto v) -> std::optional<T> {
    using From = decltype(v);
    constexpr bool bools = std::is_same_v<From, bool> || std::is_same_v<T, bool>;
    if constexpr (bools) {
      if constexpr (std::is_same_v<From, T>) return v;
    } else if constexpr (std::is_floating_point_v<T>) {
      return T(v);
    } else if constexpr (std::is_integral_v<From>) {
      if (std::in_range<T>(v)) return T(v);
    }
    return std::nullopt;
  };
  return std::visit(convert, number);
}

template <class T>
Result<T> Scalar(const Gguf& file, std::string_view key, const char* expected) {
  const GgufValue* value = file.Find(key);
  if (!value) return Missing(file, key);
  const std::optional<T> number = value->number() ? As<T>(*value->number()) : std::nullopt;
  if (!number) return Wrong(file, key, *value, expected);
  return *number;
}

template <class T>
Result<std::vector<T>> Numbers(const Gguf& file, std::string_view key, const char* expected) {
  const GgufValue* value = file.Find(key);
  if (!value) return Missing(file, key);
  const GgufArray* array = value->array();
  if (!array) {
    TRY(T number, Scalar<T>(file, key, expected));
    return std::vector<T>{number};
  }
  if (array->type == GgufType::kString) return Wrong(file, key, *value, expected);
  std::vector<T> out(array->count);
  for (size_t i = 0; i < out.size(); ++i) {
    const std::optional<T> number = As<T>(array->Number(i));
    if (!number) return Wrong(file, key, *value, expected);
    out[i] = *number;
  }
  return out;
}

}  // namespace

Result<uint64_t> Gguf::GetUint(std::string_view key) const {
  return Scalar<uint64_t>(*this, key, "a whole number of 0 or more");
}
Result<uint64_t> Gguf::GetUint(std::string_view key, uint64_t otherwise) const {
  if (!Has(key)) return otherwise;
  return GetUint(key);
}
Result<double> Gguf::GetFloat(std::string_view key, double otherwise) const {
  if (!Has(key)) return otherwise;
  return Scalar<double>(*this, key, "a number");
}
Result<bool> Gguf::GetBool(std::string_view key, bool otherwise) const {
  if (!Has(key)) return otherwise;
  return Scalar<bool>(*this, key, "a bool");
}

Result<std::string_view> Gguf::GetString(std::string_view key) const {
  const GgufValue* value = Find(key);
  if (!value) return Missing(*this, key);
  if (!value->string()) return Wrong(*this, key, *value, "a string");
  return *value->string();
}
Result<std::string_view> Gguf::GetString(std::string_view key, std::string_view otherwise) const {
  if (!Has(key)) return otherwise;
  return GetString(key);
}

Result<std::vector<uint64_t>> Gguf::GetUints(std::string_view key) const {
  return Numbers<uint64_t>(*this, key, "whole numbers of 0 or more");
}
Result<std::vector<int64_t>> Gguf::GetInts(std::string_view key) const { return Numbers<int64_t>(*this, key, "whole numbers"); }
Result<std::vector<float>> Gguf::GetFloats(std::string_view key) const { return Numbers<float>(*this, key, "numbers"); }

Result<std::span<const std::string_view>> Gguf::GetStrings(std::string_view key) const {
  const GgufValue* value = Find(key);
  if (!value) return Missing(*this, key);
  if (!value->array() || value->array()->type != GgufType::kString) return Wrong(*this, key, *value, "an array of strings");
  return std::span<const std::string_view>(value->array()->strings);
}

}  // namespace hasten
