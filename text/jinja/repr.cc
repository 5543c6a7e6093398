// str() and repr() of values, digit for digit as Python writes them.
#include <charconv>
#include <cmath>

#include "text/jinja/unicode.h"
#include "text/jinja/value.h"

namespace hasten::jinja {

// The shortest digits that read back the same; an exponent below -4 and from 16 on, as Python's repr has it.
std::string FloatRepr(double v) {
  if (std::isnan(v)) return "nan";
  if (std::isinf(v)) return v < 0 ? "-inf" : "inf";
  char buffer[40];
  const auto end = std::to_chars(buffer, buffer + sizeof(buffer), v, std::chars_format::scientific).ptr;
  const std::string_view whole(buffer, size_t(end - buffer));
  const size_t e = whole.find('e');
  std::string digits(whole.substr(0, e));
  const int exponent = std::atoi(std::string(whole.substr(e + 1)).c_str());
  if (exponent < -4 || exponent >= 16) {
    digits += exponent < 0 ? "e-" : "e+";
    const int size = std::abs(exponent);
    return digits + (size < 10 ? "0" : "") + std::to_string(size);
  }
  char fixed[400];
  std::string out(fixed, std::to_chars(fixed, fixed + sizeof(fixed), v, std::chars_format::fixed).ptr);
  if (out.find('.') == out.npos) out += ".0";
  return out;
}

std::string TextRepr(std::string_view text) {
  const char quote = text.find('\'') != text.npos && text.find('"') == text.npos ? '"' : '\'';
  std::string out(1, quote);
  for (size_t at = 0; at < text.size();) {
    const size_t begin = at;
    const uint32_t c = NextChar(text, at);
    if (c == uint32_t(quote) || c == '\\') {
      out += '\\';
      out += char(c);
    } else if (c == '\n' || c == '\r' || c == '\t') {
      out += c == '\n' ? "\\n" : c == '\r' ? "\\r" : "\\t";
    } else if (IsPrintable(c)) {
      out.append(text.substr(begin, at - begin));
    } else {
      out += c < 0x100 ? Fmt("\\x%02x", c) : c < 0x10000 ? Fmt("\\u%04x", c) : Fmt("\\U%08x", c);
    }
  }
  return out + quote;
}

namespace {

class Writer {
 public:
  explicit Writer(Meter& meter) : meter_(meter) {}
  std::string Take() { return std::move(out_); }

  void Write(const Value& v, int depth) {
    meter_.Step();
    if (depth > kMostNesting) meter_.Fail(Code::kExhausted, Fmt("values nested deeper than %d are printed", kMostNesting));
    if (!meter_.Affords(out_.size()) || meter_.tripped()) return;
    switch (v.kind()) {
      case Kind::kUndefined:
        out_ += "Undefined";
        break;
      case Kind::kNone:
        out_ += "None";
        break;
      case Kind::kBool:
        out_ += v.AsBool() ? "True" : "False";
        break;
      case Kind::kInt:
        out_ += std::to_string(v.AsInt());
        break;
      case Kind::kFloat:
        out_ += FloatRepr(v.AsFloat());
        break;
      case Kind::kText:
        meter_.StepBytes(v.AsText().size());
        out_ += v.safe() ? "Markup(" + TextRepr(v.AsText()) + ")" : TextRepr(v.AsText());
        break;
      case Kind::kList:
        WriteList(*v.list(), depth);
        break;
      case Kind::kDict:
        WriteDict(*v.dict(), depth);
        break;
      case Kind::kLoop:
        out_ += Fmt("<LoopContext %zu/%zu>", v.loop()->index0 + 1, v.loop()->items->items.size());
        break;
      case Kind::kFunction:
        out_ += "<" + TypeName(v) + " '" + std::string(v.function()->name.view()) + "'>";
        break;
      case Kind::kCounter:
        out_ += "<" + TypeName(v) + ">";
        break;
    }
  }

 private:
  void WriteItems(const std::vector<Value>& items, int depth) {
    for (size_t i = 0; i < items.size() && !meter_.tripped(); ++i) {
      if (i > 0) out_ += ", ";
      Write(items[i], depth + 1);
    }
  }

  void WriteRange(const std::vector<Value>& items) {
    // A range holds its numbers, not its bounds: those of an empty one are gone.
    const int64_t first = items.empty() ? 0 : items.front().AsInt();
    const int64_t step = items.size() > 1 ? items[1].AsInt() - first : 1;
    const int64_t end = items.empty() ? 0 : items.back().AsInt() + step;
    out_ +=
        "range(" + std::to_string(first) + ", " + std::to_string(end) + (step == 1 ? "" : ", " + std::to_string(step)) + ")";
  }

  void WriteList(const List& list, int depth) {
    if (list.type == List::kGenerator) {
      out_ += "<generator>";
    } else if (list.type == List::kRange) {
      WriteRange(list.items);
    } else if (list.tuple()) {
      out_ += "(";
      WriteItems(list.items, depth);
      out_ += list.items.size() == 1 ? ",)" : ")";
    } else {
      const Value self(const_cast<List*>(&list));
      const bool view = list.type != List::kList;
      out_ += view ? TypeName(self) + "([" : "[";
      WriteItems(list.items, depth);
      out_ += view ? "])" : "]";
    }
  }

  void WriteDict(const Dict& dict, int depth) {
    out_ += dict.is_namespace ? "<Namespace {" : "{";
    for (size_t i = 0; i < dict.items.size() && !meter_.tripped(); ++i) {
      if (i > 0) out_ += ", ";
      Write(dict.items[i].first, depth + 1);
      out_ += ": ";
      Write(dict.items[i].second, depth + 1);
    }
    out_ += dict.is_namespace ? "}>" : "}";
  }

  Meter& meter_;
  std::string out_;
};

}  // namespace

std::string Repr(const Value& v, Meter& meter) {
  Writer writer(meter);
  writer.Write(v, 0);
  return writer.Take();
}

std::string ToText(const Value& v, Meter& meter) {
  if (v.text()) return std::string(v.AsText());
  if (!v.defined()) return "";
  return Repr(v, meter);
}

}  // namespace hasten::jinja
