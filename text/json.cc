#include "text/json.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <numeric>
#include <string>
#include <vector>

namespace hasten {
namespace {

using Json = nlohmann::ordered_json;

// Builds the document while it is read, in time linear in its length: ordered_json itself would look through all members of
// an object for each that it adds, and a megabyte of short names would take minutes.
class Builder : public nlohmann::json_sax<Json> {
 public:
  explicit Builder(size_t depth) : depth_(depth) {}
  bool null() override { return Add(nullptr); }
  bool boolean(bool value) override { return Add(value); }
  bool number_integer(number_integer_t value) override { return Add(value); }
  bool number_unsigned(number_unsigned_t value) override { return Add(value); }
  bool number_float(number_float_t value, const string_t&) override { return Add(value); }
  bool string(string_t& value) override { return Add(std::move(value)); }
  bool binary(binary_t& value) override { return Add(std::move(value)); }
  bool start_object(std::size_t) override { return Enter(Json::value_t::object); }
  bool start_array(std::size_t) override { return Enter(Json::value_t::array); }
  bool key(string_t& name) override {
    open_.back().key = std::move(name);
    return true;
  }
  bool end_object() override {
    RemoveRepeated(open_.back().value.get_ref<Json::object_t&>());
    return Leave();
  }
  bool end_array() override { return Leave(); }
  bool parse_error(std::size_t, const std::string&, const nlohmann::json::exception& e) override {
    const std::string what = e.what();  // "[json.exception.parse_error.101] parse error at line 1, column 2: …"
    problem_ = "not JSON: " + what.substr(std::min(what.size(), what.find("] ") + 2));
    return false;
  }
  std::string& problem() { return problem_; }
  Json& root() { return root_; }

 private:
  struct Open {
    Json value;
    std::string key;  // of the member that comes next
  };
  bool Enter(Json::value_t type) {
    if (open_.size() == depth_) {
      problem_ = Fmt("JSON nested deeper than %zu", depth_);
      return false;
    }
    open_.push_back({Json(type), {}});
    return true;
  }
  bool Leave() {
    Json value = std::move(open_.back().value);
    open_.pop_back();
    return Add(std::move(value));
  }
  bool Add(Json value) {
    if (open_.empty()) {
      root_ = std::move(value);
    } else if (Open& into = open_.back(); into.value.is_array()) {
      into.value.get_ref<Json::array_t&>().push_back(std::move(value));
    } else {
      into.value.get_ref<Json::object_t&>().emplace_back(std::move(into.key), std::move(value));
    }
    return true;
  }
  // Of members with one name the last counts, in the place of the first: as nlohmann's parser and JavaScript have it.
  static void RemoveRepeated(Json::object_t& object) {
    Json::object_t::Container& members = object;  // its own operator[] looks up names
    std::vector<size_t> order(members.size());
    std::iota(order.begin(), order.end(), size_t(0));
    std::ranges::stable_sort(order, {}, [&](size_t i) -> const std::string& { return members[i].first; });
    std::vector<bool> dropped(members.size());
    bool any = false;
    for (size_t i = 0, end; i < order.size(); i = end) {
      for (end = i + 1; end < order.size() && members[order[end]].first == members[order[i]].first; ++end) {
        dropped[order[end]] = any = true;
        members[order[i]].second = std::move(members[order[end]].second);
      }
    }
    if (!any) return;
    Json::object_t kept;
    for (size_t i = 0; i < members.size(); ++i)
      if (!dropped[i]) kept.emplace_back(members[i].first, std::move(members[i].second));
    object = std::move(kept);
  }

  const size_t depth_;
  std::vector<Open> open_;
  Json root_;
  std::string problem_;
};

}  // namespace

Result<Json> ParseJson(std::string_view text, size_t depth) {
  Builder builder(depth);
  if (Json::sax_parse(text, &builder)) return std::move(builder.root());
  return Error{Code::kCorrupt, std::move(builder.problem())};
}

std::string MendSurrogates(std::string_view text) {
  // The code of an escape at `i`, or 0 where there is none.
  const auto code_at = [&](size_t i) {
    uint32_t code = 0;
    if (text.size() < i + 6 || !text.substr(i).starts_with("\\u")) return code;
    const auto [end, error] = std::from_chars(text.data() + i + 2, text.data() + i + 6, code, 16);
    return end == text.data() + i + 6 ? code : 0;
  };
  const auto is_high = [](uint32_t code) { return code >= 0xD800 && code < 0xDC00; };
  const auto is_low = [](uint32_t code) { return code >= 0xDC00 && code < 0xE000; };
  std::string out;
  out.reserve(text.size());
  for (size_t i = 0; i < text.size();) {
    const uint32_t code = code_at(i);
    const bool pair = is_high(code) && is_low(code_at(i + 6));
    if (!pair && (is_high(code) || is_low(code))) {
      out += "\\ufffd";
      i += 6;
      continue;
    }
    const size_t bytes = pair ? 12 : text[i] == '\\' ? 2 : 1;  // an escaped backslash begins no escape
    out += text.substr(i, bytes);
    i += bytes;
  }
  return out;
}

}  // namespace hasten
