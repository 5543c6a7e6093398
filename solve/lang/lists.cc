// Operations on a text's parts: tokens, characters, items of a list.
#include <algorithm>
#include <set>

#include "base/quote.h"
#include "solve/lang/latin.h"
#include "solve/lang/runs.h"
#include "solve/lang/tokens.h"

namespace hasten::solve {

namespace {

std::vector<std::string> Split(const std::string& text, const std::string& separator) {
  std::vector<std::string> parts;
  size_t from = 0;
  for (const TokenSpan& hit : FindAll(text, separator)) {
    parts.push_back(text.substr(from, hit.begin - from));
    from = hit.end;
  }
  parts.push_back(text.substr(from));
  return parts;
}

Value Joined(const std::vector<std::string>& parts, const std::string& glue) {
  std::string out;
  for (size_t i = 0; i < parts.size(); ++i) {
    out += (i ? glue : "") + parts[i];
    if (out.size() > kLongest) return Value::None();
  }
  return Value::Text(std::move(out));
}

}  // namespace

Value RunJoin(Args a) {
  const TokenKind* const kind = FindTokenKind(a[1].text);
  if (!kind) return Value::None();
  std::vector<std::string> parts;
  for (const TokenSpan& t : FindTokens(a[0].text, *kind)) parts.push_back(a[0].text.substr(t.begin, t.end - t.begin));
  return Joined(parts, a[2].text);
}

Value RunDrop(Args a) {
  const TokenKind* const kind = FindTokenKind(a[1].text);
  if (!kind) return Value::None();
  std::string out;
  size_t from = 0;
  for (const TokenSpan& t : FindTokens(a[0].text, *kind)) {
    out.append(a[0].text, from, t.begin - from);
    from = t.end;
  }
  return Value::Text(out.append(a[0].text, from));
}

Value RunWithout(Args a) {
  const std::string_view text = a[0].text;
  std::string out;
  for (size_t at = 0; at < text.size();) {
    const std::string_view c = text.substr(at, std::max<size_t>(1, Utf8Length(text.substr(at))));
    if (a[1].text.find(c) == std::string::npos) out += c;
    at += c.size();
  }
  return Value::Text(std::move(out));
}

Value RunPlain(Args a) {
  const std::string_view text = a[0].text;
  std::string out;
  for (size_t at = 0; at < text.size();) {
    const std::string_view c = text.substr(at, std::max<size_t>(1, Utf8Length(text.substr(at))));
    at += c.size();
    const auto lead = static_cast<unsigned char>(c[0]);
    const bool latin = c.size() == 2 && lead >= 0xc3 && lead <= 0xc5;
    const char base = latin ? kLatinBases[size_t(lead - 0xc3) * 64 + size_t(static_cast<unsigned char>(c[1]) & 0x3f)] : '?';
    out += base == '?' ? std::string(c) : std::string(1, base);
  }
  return Value::Text(std::move(out));
}

Value RunItems(Args a) {
  if (a[1].text.empty()) return Value::None();
  std::vector<std::string> parts = Split(a[0].text, a[1].text);
  if (a[2].text == "sorted") {
    std::stable_sort(parts.begin(), parts.end());
  } else if (a[2].text == "sorted down") {
    std::stable_sort(parts.begin(), parts.end(), std::greater<>());
  } else if (a[2].text == "unique") {
    std::set<std::string> seen;
    std::erase_if(parts, [&](const std::string& part) { return !seen.insert(part).second; });
  } else if (a[2].text == "reversed") {
    std::reverse(parts.begin(), parts.end());
  } else {
    return Value::None();
  }
  return Joined(parts, a[1].text);
}

Value RunItemsWith(Args a) {
  if (a[1].text.empty()) return Value::None();
  std::vector<std::string> parts = Split(a[0].text, a[1].text);
  std::erase_if(parts, [&](const std::string& part) { return !part.starts_with(a[2].text); });
  return Joined(parts, a[1].text);
}

Value RunCountOf(Args a) { return Value::Number(Decimal::Of(int64_t(FindAll(a[0].text, a[1].text).size()))); }

}  // namespace hasten::solve
