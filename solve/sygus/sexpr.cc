#include "solve/sygus/sexpr.h"

#include "base/quote.h"

namespace hasten::solve {

namespace {

constexpr size_t kDeepest = 256;

class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  Result<std::vector<Sexpr>> All() {
    std::vector<Sexpr> open(1);  // open[0] collects the file; each further one
                                 // is a list not yet closed
    while (SkipBlank()) {
      const char c = text_[at_];
      if (c == '(') {
        if (open.size() > kDeepest) return Wrong(Fmt("more than %zu nested lists", kDeepest));
        open.push_back({Sexpr::Kind::kList, {}, {}, line_});
        ++at_;
      } else if (c == ')') {
        if (open.size() == 1) return Wrong("a ')' that closes nothing");
        Sexpr list = std::move(open.back());
        open.pop_back();
        open.back().items.push_back(std::move(list));
        ++at_;
      } else {
        TRY(Sexpr atom, c == '"' ? String() : Symbol());
        open.back().items.push_back(std::move(atom));
      }
    }
    if (open.size() > 1) {
      line_ = open.back().line;
      return Wrong("a '(' that is never closed");
    }
    return std::move(open[0].items);
  }

 private:
  Error Wrong(const std::string& what) const { return {Code::kCorrupt, Fmt("line %zu: %s", line_, what.c_str())}; }

  bool SkipBlank() {
    for (; at_ < text_.size(); ++at_) {
      if (text_[at_] == ';') {
        at_ = std::min(text_.find('\n', at_), text_.size());
        if (at_ == text_.size()) return false;
      }
      if (text_[at_] == '\n') ++line_;
      if (static_cast<unsigned char>(text_[at_]) > ' ') return true;
    }
    return false;
  }

  Result<Sexpr> String() {
    Sexpr s{Sexpr::Kind::kString, {}, {}, line_};
    for (++at_; at_ < text_.size(); ++at_) {
      if (text_[at_] == '\n') ++line_;
      if (text_[at_] == '"') {
        ++at_;
        if (at_ == text_.size() || text_[at_] != '"') return s;
      }
      s.text += text_[at_];
    }
    line_ = s.line;
    return Wrong("a string that is never closed");
  }

  Result<Sexpr> Symbol() {
    Sexpr s{Sexpr::Kind::kSymbol, {}, {}, line_};
    if (text_[at_] == '|') {  // a quoted symbol may hold anything but '|'
      const size_t end = text_.find('|', at_ + 1);
      if (end == std::string_view::npos) return Wrong("a '|' that is never closed");
      s.text = text_.substr(at_ + 1, end - at_ - 1);
      at_ = end + 1;
      return s;
    }
    for (; at_ < text_.size(); ++at_) {
      const char c = text_[at_];
      if (static_cast<unsigned char>(c) <= ' ' || c == '(' || c == ')' || c == '"' || c == ';') break;
      s.text += c;
    }
    return s;
  }

  std::string_view text_;
  size_t at_ = 0, line_ = 1;
};

}  // namespace

Result<std::vector<Sexpr>> ParseSexprs(std::string_view text) { return Reader(text).All(); }

std::string QuoteSmt(std::string_view text) {
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"') quoted += '"';
    quoted += c;
  }
  return quoted + "\"";
}

}  // namespace hasten::solve
