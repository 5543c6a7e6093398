// The filter tojson as transformers defines it: Python's json.dumps with ensure_ascii off.
#include <algorithm>
#include <cmath>

#include "text/jinja/functions.h"
#include "text/jinja/operators.h"

namespace hasten::jinja {
namespace {

struct Style {
  bool ascii = false, sorted = false;
  std::optional<std::string> indent;  // of one level
  std::string between = ", ", colon = ": ";
};

class Dumper {
 public:
  Dumper(Interpreter& in, const Style& style) : in_(in), style_(style) {}
  std::string Take() { return std::move(out_); }

  Status Write(const Value& v, size_t depth) {
    in_.meter().Step();
    if (depth > size_t(kMostNesting)) return Error{Code::kExhausted, Fmt("tojson: values nested deeper than %d", kMostNesting)};
    if (!in_.meter().Affords(out_.size()) || in_.meter().tripped()) return in_.meter().error();
    switch (v.kind()) {
      case Kind::kNone:
        out_ += "null";
        return {};
      case Kind::kBool:
        out_ += v.AsBool() ? "true" : "false";
        return {};
      case Kind::kInt:
        out_ += std::to_string(v.AsInt());
        return {};
      case Kind::kFloat:
        WriteFloat(v.AsFloat());
        return {};
      case Kind::kText:
        WriteText(v.AsText());
        return {};
      case Kind::kList:
        if (v.list()->type == List::kList || v.list()->tuple()) return WriteList(v.list()->items, depth);
        break;
      case Kind::kDict:
        if (!v.dict()->is_namespace) return WriteDict(*v.dict(), depth);
        break;
      default:
        break;
    }
    return Mistake("tojson: object of type " + TypeName(v) + " is not JSON serializable");
  }

 private:
  void WriteFloat(double v) {
    if (std::isnan(v)) {
      out_ += "NaN";
    } else if (std::isinf(v)) {
      out_ += v < 0 ? "-Infinity" : "Infinity";
    } else {
      out_ += FloatRepr(v);
    }
  }

  void WriteText(std::string_view text) {
    in_.meter().StepBytes(text.size());
    out_ += '"';
    for (size_t at = 0; at < text.size();) {
      const size_t begin = at;
      const uint32_t c = NextChar(text, at);
      static constexpr std::string_view kShort = "\"\\\n\r\t\b\f", kLetters = "\"\\nrtbf";
      if (const size_t known = c < 0x80 ? kShort.find(char(c)) : kShort.npos; known != kShort.npos) {
        out_.append("\\").append(1, kLetters[known]);
      } else if (c < 0x20 || (style_.ascii && c >= 0x7f && c < 0x10000)) {
        out_ += Fmt("\\u%04x", c);
      } else if (style_.ascii && c >= 0x10000) {
        out_ += Fmt("\\u%04x\\u%04x", 0xd800 + ((c - 0x10000) >> 10), 0xdc00 + ((c - 0x10000) & 0x3ff));
      } else {
        out_.append(text.substr(begin, at - begin));
      }
    }
    out_ += '"';
  }

  void Break(size_t depth) {
    if (!style_.indent) return;
    out_ += '\n';
    if (!in_.meter().Affords(depth, style_.indent->size())) return;
    for (size_t i = 0; i < depth; ++i) out_ += *style_.indent;
  }

  Status WriteList(const std::vector<Value>& items, size_t depth) {
    out_ += '[';
    for (size_t i = 0; i < items.size(); ++i) {
      if (i > 0) out_ += style_.between;
      Break(depth + 1);
      TRY_OK(Write(items[i], depth + 1));
    }
    if (!items.empty()) Break(depth);
    out_ += ']';
    return {};
  }

  Status WriteKey(const Value& key) {
    if (key.text()) {
      WriteText(key.AsText());
      return {};
    }
    if (!key.number() && !key.none())
      return Mistake("tojson: keys must be str, int, float, bool or None, not " + TypeName(key));
    out_ += '"';
    TRY_OK(Write(key, 0));
    out_ += '"';
    return {};
  }

  Status WriteDict(const Dict& dict, size_t depth) {
    std::vector<const std::pair<Value, Value>*> members;
    for (const auto& member : dict.items) members.push_back(&member);
    if (style_.sorted) {
      std::optional<Error> wrong;
      std::ranges::stable_sort(members, [&](const auto* a, const auto* b) {
        const auto less = Less(in_, a->first, b->first);
        if (!less && !wrong) wrong = less.error();
        return less && *less;
      });
      if (wrong) return *std::move(wrong);
    }
    out_ += '{';
    for (size_t i = 0; i < members.size(); ++i) {
      if (i > 0) out_ += style_.between;
      Break(depth + 1);
      TRY_OK(WriteKey(members[i]->first));
      out_ += style_.colon;
      TRY_OK(Write(members[i]->second, depth + 1));
    }
    if (!members.empty()) Break(depth);
    out_ += '}';
    return {};
  }

  Interpreter& in_;
  const Style& style_;
  std::string out_;
};

}  // namespace

// {"tojson", "ensure_ascii indent separators sort_keys"}. Without separators an indent drops the blank behind commas.
Result<Value> ToJson(const Invocation& call) {
  if (!call.value.defined()) return Mistake("tojson: " + UndefinedMessage(call.value.undefined()));
  Style style;
  style.ascii = call.Flag(0);
  style.sorted = call.Flag(3);
  if (call.Has(1) && !call.args[1]->none()) {
    if (call.args[1]->text()) {
      style.indent = std::string(call.args[1]->AsText());
    } else {
      TRY(const int64_t width, call.Int(1, 0));
      if (width > 0 && !call.in.meter().Affords(size_t(width))) return call.in.meter().error();
      style.indent = std::string(width > 0 ? size_t(width) : 0, ' ');
    }
    style.between = ",";
  }
  if (call.Has(2) && !call.args[2]->none()) {
    TRY(const List* parts, call.in.Iterate(*call.args[2]));
    if (parts->items.size() != 2 || !parts->items[0].text() || !parts->items[1].text())
      return Mistake("tojson: separators must be two strings");
    style.between = parts->items[0].AsText();
    style.colon = parts->items[1].AsText();
  }
  Dumper dumper(call.in, style);
  TRY_OK(dumper.Write(call.value, 0));
  return call.in.Text(dumper.Take());
}

}  // namespace hasten::jinja
