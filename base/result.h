// Result<T>: a value or an Error. The shape of std::expected, so that the alias can change when the toolchain does.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <variant>

namespace hasten {

enum class Code : uint8_t { kBadInput, kNotFound, kCorrupt, kUnsupported, kExhausted, kCancelled, kBug };

// `code` picks the HTTP status and the exit code; `what` is one sentence with the numbers: what was wrong, where, what to do.
struct Error {
  Code code;
  std::string what;
};

// printf-style, checked by the compiler; kept here because almost every use builds an Error.
[[gnu::format(printf, 1, 2)]] std::string Fmt(const char* format, ...);

template <class T>
class [[nodiscard]] Result {
 public:
  Result(T v) : v_(std::in_place_index<0>, std::move(v)) {}
  Result(Error e) : v_(std::in_place_index<1>, std::move(e)) {}
  explicit operator bool() const { return v_.index() == 0; }
  T& operator*() & { return std::get<0>(v_); }
  const T& operator*() const& { return std::get<0>(v_); }
  T&& operator*() && { return std::get<0>(std::move(v_)); }
  T* operator->() { return &std::get<0>(v_); }
  const T* operator->() const { return &std::get<0>(v_); }
  const Error& error() const { return std::get<1>(v_); }

 private:
  std::variant<T, Error> v_;
};

// Success, or an Error: what a function returns that has nothing else to say.
template <>
class [[nodiscard]] Result<void> {
 public:
  Result() = default;
  Result(Error e) : failed_(true), error_(std::move(e)) {}
  explicit operator bool() const { return !failed_; }
  const Error& error() const { return error_; }

 private:
  bool failed_ = false;
  Error error_{Code::kBug, {}};
};
using Status = Result<void>;

// TRY(x, F()) declares x from F()'s value or returns F()'s error; TRY_OK(F()) does so for a Status.
#define HASTEN_CAT_(a, b) a##b
#define HASTEN_CAT(a, b) HASTEN_CAT_(a, b)
#define TRY_IMPL_(tmp, decl, expr) \
  auto tmp = (expr);               \
  if (!tmp) return tmp.error();    \
  decl = *std::move(tmp)
#define TRY(decl, expr) TRY_IMPL_(HASTEN_CAT(try_, __LINE__), decl, expr)
#define TRY_OK(expr) \
  if (auto try_status = (expr); !try_status) return try_status.error()

}  // namespace hasten
