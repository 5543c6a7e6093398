#include "chat/json_repair.h"

#include <cstdlib>
#include <nlohmann/json.hpp>

namespace hasten {
namespace {

bool Space(char c) { return c == ' ' || c == '\n' || c == '\t' || c == '\r'; }

std::string Quoted(const std::string& text) {
  return nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

}  // namespace

// `text` begins a value: what was held back for it comes first.
void JsonRepair::Value(std::string_view text, std::string& out) {
  out += held_;
  held_.clear();
  out += text;
  begun_ = true;
}

void JsonRepair::Word(std::string& out) {
  const std::string word = std::exchange(word_, {});
  if (word == "True" || word == "False" || word == "None") {
    Value(word == "True" ? "true" : word == "False" ? "false" : "null", out);
  } else {
    Value(nlohmann::json::accept(word) ? word : Quoted(word), out);
  }
  AfterValue();
}

// Half a pair without its other half is no character.
void JsonRepair::EndPair(std::string& to) {
  if (!high_.empty()) to += "\\ufffd";
  high_.clear();
}

void JsonRepair::Unicode(char c, std::string& out) {
  std::string& to = key_ ? held_ : out;
  const bool hex = escape_.size() == 1 || std::isxdigit(static_cast<unsigned char>(c));
  if (!hex) {
    EndPair(to);
    to += "\\\\" + escape_.substr(0, escape_.size() - 1);
    escape_.clear();
    return String(c, out);
  }
  if (escape_.size() < 5) return;
  const std::string whole = "\\" + std::exchange(escape_, {});
  const long code = std::strtol(whole.c_str() + 2, nullptr, 16);
  if (code >= 0xdc00 && code < 0xe000 && !high_.empty()) {
    to += std::exchange(high_, {}) + whole;
    return;
  }
  EndPair(to);
  if (code >= 0xd800 && code < 0xdc00) {
    high_ = whole;
  } else {
    to += code >= 0xdc00 && code < 0xe000 ? "\\ufffd" : whole;
  }
}

void JsonRepair::Escape(char c, std::string& out) {
  std::string& to = key_ ? held_ : out;
  escape_ += c;
  if (escape_[0] == 'u') return Unicode(c, out);
  EndPair(to);
  if (std::string_view("\"\\/bfnrt").find(c) != std::string_view::npos) {
    to += "\\" + escape_;
  } else if (c == '\'') {
    to += c;
  } else {
    to += "\\\\";
    Plain(c, to);
  }
  escape_.clear();
}

void JsonRepair::Plain(char c, std::string& to) {
  if (c == '"') {
    to += "\\\"";
  } else if (static_cast<unsigned char>(c) < 0x20) {
    const std::string escaped = Quoted(std::string(1, c));
    to += escaped.substr(1, escaped.size() - 2);
  } else {
    to += c;
  }
}

void JsonRepair::String(char c, std::string& out) {
  if (!escape_.empty() || pending_escape_) {
    pending_escape_ = false;
    return Escape(c, out);
  }
  std::string& to = key_ ? held_ : out;
  if (c == '\\') {
    pending_escape_ = true;
    return;
  }
  EndPair(to);
  if (c == quote_) {
    quote_ = '\0';
    to += '"';
    if (key_) {
      expect_ = Expect::kColon;
    } else {
      AfterValue();
    }
  } else {
    Plain(c, to);
  }
}

bool JsonRepair::Structure(char c, std::string& out) {
  if (c == '}' || c == ']') {
    if (open_.empty() || open_.back() != c) return false;
    held_.clear();  // a comma too many, a key without a value
    out += c;
    open_.pop_back();
    AfterValue();
    return true;
  }
  if (c == ',' && expect_ == Expect::kComma) {
    held_ = ", ";
    expect_ = open_.back() == '}' ? Expect::kKey : Expect::kValue;
    return true;
  }
  if (c == ':' && expect_ == Expect::kColon) {
    held_ += ": ";
    expect_ = Expect::kValue;
    return true;
  }
  if ((c == '{' || c == '[') && expect_ == Expect::kValue && open_.size() < 200) {
    Value(std::string_view(&c, 1), out);
    open_ += c == '{' ? '}' : ']';
    expect_ = c == '{' ? Expect::kKey : Expect::kValue;
    return true;
  }
  return false;
}

bool JsonRepair::Push(char c, std::string& out) {
  if (quote_) {
    String(c, out);
    return true;
  }
  const bool inside = (static_cast<unsigned char>(c) >= 0x80) || std::isalnum(static_cast<unsigned char>(c)) || c == '-' ||
                      c == '+' || c == '.' || c == '_';
  if (inside && (expect_ == Expect::kValue || expect_ == Expect::kKey)) {
    begun_ = true;
    word_ += c;
    return true;
  }
  if (!word_.empty()) {
    if (expect_ == Expect::kKey) {
      held_ += Quoted(std::exchange(word_, {}));
      expect_ = Expect::kColon;
    } else {
      Word(out);
    }
  }
  if (expect_ == Expect::kEnd) return false;
  if (Space(c)) return true;
  if ((c == '"' || c == '\'') && (expect_ == Expect::kValue || expect_ == Expect::kKey)) {
    key_ = expect_ == Expect::kKey;
    quote_ = c;
    if (key_) {
      held_ += '"';
    } else {
      Value("\"", out);
    }
    return true;
  }
  return Structure(c, out);
}

void JsonRepair::Finish(std::string& out) {
  if (!begun_) {
    out += "{}";
    return;
  }
  if (quote_ && !key_) {
    out += '"';
    quote_ = '\0';
  }
  if (!word_.empty() && expect_ == Expect::kValue) Word(out);
  held_.clear();
  word_.clear();
  quote_ = '\0';
  for (; !open_.empty(); open_.pop_back()) out += open_.back();
  expect_ = Expect::kEnd;
}

}  // namespace hasten
