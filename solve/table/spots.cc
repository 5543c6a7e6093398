#include "solve/table/spots.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "base/quote.h"
#include "solve/lang/ops.h"
#include "solve/lang/tokens.h"

namespace hasten::solve {

namespace {

constexpr long kMostOccurrences = 12;  // "the thirteenth comma" is no way to describe a place
constexpr int kFarthest = 48;          // nor is "the 49th character"
constexpr size_t kLongestCell = 4000;
constexpr float kInsideWord = 0.6f;

// What a description costs is how surprising it is: the lower, the likelier
// that a person means it.
float Ordinal(long k) { return 0.35f * float(std::labs(k) - 1) + (k < -1 ? 0.2f : 0.0f); }

class Finder {
 public:
  Finder(const View& view, const Source& source) : view_(view), source_(source) {
    for (const Cell& cell : source.cells) {
      texts_.push_back(cell ? std::string_view(*cell).substr(0, kLongestCell) : std::string_view());
      absent_.push_back(!cell);
    }
  }

  Places Find() {
    for (size_t r = 0; r < view_.given; ++r) {
      if (absent_[r]) return {};
    }
    Whole();
    Absolute();
    Clipped();
    for (const TokenKind& kind : TokenKinds()) Tokens(kind);
    Literals();
    Brackets();
    Between();
    Skips();
    Places places;
    for (auto& [at, spot] : spots_) places.spots.push_back(std::move(spot));
    for (auto& [at, span] : spans_) places.spans.push_back(std::move(span));
    return places;
  }

 private:
  void AddSpot(Expr place, float cost, std::vector<int> at) {
    for (size_t r = 0; r < view_.given; ++r) {
      if (at[r] < 0) return;
    }
    if (place.op != kAt && InsideWords(at)) cost += kInsideWord;
    const auto [found, is_new] = spots_.try_emplace(at, Spot{});
    if (is_new || cost < found->second.cost) found->second = {std::move(place), cost, std::move(at)};
  }

  // A place that tears a word apart on every given row, as an initial is torn off.
  bool InsideWords(const std::vector<int>& at) const {
    for (size_t r = 0; r < view_.given; ++r) {
      const std::string_view text = texts_[r];
      const auto i = size_t(at[r]);
      if (i == 0 || i >= text.size() || ShapeOf(text.substr(i - 1, 1)).find_first_of("Aa") != 0 ||
          ShapeOf(text.substr(i, 1)) != "a")
        return false;
    }
    return true;
  }

  void AddSpan(Expr text, float cost, std::vector<int> begin, std::vector<int> end) {
    for (size_t r = 0; r < view_.given; ++r) {
      if (begin[r] < 0 || end[r] < begin[r]) return;
    }
    if (InsideWords(begin)) cost += kInsideWord;
    const auto [found, is_new] = spans_.try_emplace({begin, end}, Span{});
    if (is_new || cost < found->second.cost) found->second = {std::move(text), cost, std::move(begin), std::move(end)};
  }

  const Expr& Column() const { return source_.text; }

  void Whole() {
    std::vector<int> begin(texts_.size(), 0), end;
    for (size_t r = 0; r < texts_.size(); ++r) {
      end.push_back(absent_[r] ? -1 : int(texts_[r].size()));
      if (absent_[r]) begin[r] = -1;
    }
    AddSpan(Column(), 0.0f, begin, end);
  }

  void Absolute() {
    size_t shortest = kLongestCell;
    for (size_t r = 0; r < view_.given; ++r) shortest = std::min(shortest, texts_[r].size());
    for (int k = 0; k <= std::min(kFarthest, int(shortest)); ++k) {
      std::vector<int> left, right;
      for (size_t r = 0; r < texts_.size(); ++r) {
        const int size = int(texts_[r].size());
        left.push_back(absent_[r] ? -1 : FromLeft(texts_[r], k));
        right.push_back(absent_[r] ? -1 : FromRight(texts_[r], size, k));
      }
      AddSpot(Apply("at", {Column(), Number(k)}), k == 0 ? 0.3f : 1.5f + 0.06f * float(k), left);
      AddSpot(Apply("at", {Column(), Number(-k - 1)}), k == 0 ? 0.3f : 1.6f + 0.06f * float(k), right);
    }
  }

  // At most so many characters from an end: the whole of a text that has no more.
  void Clipped() {
    size_t longest = 0;
    for (size_t r = 0; r < view_.given; ++r) longest = std::max(longest, texts_[r].size());
    for (int k = 2; k < std::min(kFarthest, int(longest)); ++k) {
      std::vector<int> left, right;
      for (size_t r = 0; r < texts_.size(); ++r) {
        const int size = int(texts_[r].size()), from_left = FromLeft(texts_[r], k), from_right = FromRight(texts_[r], size, k);
        left.push_back(absent_[r] ? -1 : from_left < 0 ? size : from_left);
        right.push_back(absent_[r] ? -1 : std::max(0, from_right));
      }
      const auto at = [&](int n) { return Apply("at", {Column(), Number(n)}); };
      AddSpot(Apply("first", {at(k), at(-1)}), 2.1f + 0.06f * float(k), left);
      AddSpot(Apply("first", {at(-k - 1), at(0)}), 2.2f + 0.06f * float(k), right);
    }
  }

  static int FromLeft(std::string_view text, int k) {
    size_t at = 0;
    while (k > 0 && at < text.size()) {
      at += std::max<size_t>(1, Utf8Length(text.substr(at)));
      --k;
    }
    return k > 0 ? -1 : int(at);
  }

  static int FromRight(std::string_view text, int at, int k) {
    while (k > 0 && at > 0) {
      --at;
      while (at > 0 && (static_cast<unsigned char>(text[size_t(at)]) & 0xc0) == 0x80) --at;
      --k;
    }
    return k > 0 ? -1 : at;
  }

  // Spots before and after the k-th of what each row has several of, and the
  // stretch between.
  template <class Place, class TextOf>
  void Occurrences(const std::vector<std::vector<TokenSpan>>& found, float cost, const Place& place, const TextOf& text) {
    size_t least = size_t(kMostOccurrences);
    for (size_t r = 0; r < view_.given; ++r) least = std::min(least, found[r].size());
    for (long n = 1; n <= long(least); ++n) {
      for (const long k : {n, -n}) {
        std::vector<int> begin, end;
        for (const auto& spans : found) {
          const auto i = KthOf(spans.size(), k);
          begin.push_back(i ? int(spans[*i].begin) : -1);
          end.push_back(i ? int(spans[*i].end) : -1);
        }
        const float dear = cost + Ordinal(k);
        AddSpot(place(k, 0), dear, begin);
        AddSpot(place(k, 1), dear, end);
        if (Expr e = text(k); e.kind != Expr::Kind::kText) AddSpan(std::move(e), dear + 0.3f, begin, end);
      }
    }
  }

  void Tokens(const TokenKind& kind) {
    static const std::map<std::string_view, float> kCosts = {
        {"digits", 0.8f}, {"number", 0.85f},  {"letters", 1.0f}, {"upper", 1.2f},       {"lower", 1.3f}, {"word", 0.9f},
        {"space", 1.0f},  {"nonspace", 0.9f}, {"marks", 1.2f},   {"capitalised", 1.1f}, {"hump", 1.25f}};
    std::vector<std::vector<TokenSpan>> found;
    for (const std::string_view text : texts_) found.push_back(FindTokens(text, kind));
    const std::string name(kind.name);
    Occurrences(
        found, kCosts.at(kind.name),
        [&](long k, int side) { return Apply("token", {Column(), Text(name), Number(k), Number(side)}); },
        [&](long k) { return Apply("match", {Column(), Text(name), Number(k)}); });
    tokens_[kind.name] = std::move(found);
  }

  // Marks, blanks and words that all given rows have.
  std::vector<std::string> LiteralsHere() const {
    std::set<std::string> candidates;
    const std::string_view text = texts_[0];
    for (const char* name : {"marks", "space"}) {
      for (const TokenSpan& t : FindTokens(text, *FindTokenKind(name))) {
        candidates.emplace(text.substr(t.begin, t.end - t.begin));
        for (size_t i = t.begin; i < t.end; ++i) candidates.emplace(text.substr(i, 1));
      }
    }
    for (size_t i = 0; i + 1 < text.size(); ++i) {  // ", " and the like
      size_t end = i;
      while (end < text.size() && ShapeOf(text.substr(end, 1)).find_first_of("Aa9") == std::string::npos) ++end;
      if (end - i >= 2 && end - i <= 4) candidates.emplace(text.substr(i, end - i));
    }
    for (const TokenSpan& t : FindTokens(text, *FindTokenKind("letters")))
      candidates.emplace(text.substr(t.begin, t.end - t.begin));
    std::vector<std::string> literals;
    for (const std::string& c : candidates) {
      size_t have = 0;
      bool given = true;
      for (size_t r = 0; r < texts_.size(); ++r) {
        const bool has = texts_[r].find(c) != std::string_view::npos;
        have += has;
        given = given && (has || r >= view_.given);
      }
      const bool word = ShapeOf(c).find_first_of("Aa") != std::string::npos;
      if (given && (!word || have * 10 >= texts_.size() * 8) && literals.size() < 48) literals.push_back(c);
    }
    return literals;
  }

  void Literals() {
    for (const std::string& literal : LiteralsHere()) {
      std::vector<std::vector<TokenSpan>> found;
      for (const std::string_view text : texts_) found.push_back(FindAll(text, literal));
      const bool word = ShapeOf(literal).find_first_of("Aa") != std::string::npos;
      const float cost = word ? 1.4f : 0.8f;
      Occurrences(
          found, cost, [&](long k, int side) { return Apply("find", {Column(), Text(literal), Number(k), Number(side)}); },
          [&](long) { return Text(""); });
      if (word) continue;
      size_t least = size_t(kMostOccurrences);
      for (size_t r = 0; r < view_.given; ++r) least = std::min(least, found[r].size() + 1);
      for (long n = 1; n <= long(least); ++n) {
        for (const long k : {n, -n}) Field(literal, found, k, cost + 0.3f + Ordinal(k));
      }
    }
  }

  void Field(const std::string& separator, const std::vector<std::vector<TokenSpan>>& found, long k, float cost) {
    std::vector<int> begin, end;
    for (size_t r = 0; r < texts_.size(); ++r) {
      const auto i = absent_[r] ? std::nullopt : KthOf(found[r].size() + 1, k);
      begin.push_back(!i ? -1 : *i == 0 ? 0 : int(found[r][*i - 1].end));
      end.push_back(!i ? -1 : *i == found[r].size() ? int(texts_[r].size()) : int(found[r][*i].begin));
    }
    AddSpan(Apply("field", {Column(), Text(separator), Number(k)}), cost, begin, end);
  }

  // What stands in brackets or quotes.
  void Brackets() {
    constexpr const char* kPairs[][2] = {{"(", ")"},   {"[", "]"}, {"{", "}"},          {"<", ">"},
                                         {"\"", "\""}, {"'", "'"}, {"\u201c", "\u201d"}};
    for (const auto& [open, close] : kPairs) {
      const bool alike = std::string_view(open) == close;
      for (const long k : {1, 2, -1}) {
        const long from = alike && k > 0 ? 2 * k - 1 : alike ? -2 : k, to = alike && k > 0 ? 2 * k : k;
        std::vector<int> begin, end;
        for (const std::string_view text : texts_) {
          const auto opened = FindAll(text, open), closed = FindAll(text, close);
          const auto b = KthOf(opened.size(), from), e = KthOf(closed.size(), to);
          begin.push_back(b ? int(opened[*b].end) : -1);
          end.push_back(e ? int(closed[*e].begin) : -1);
        }
        const auto place = [&](const char* mark, long n, int side) {
          return Apply("find", {Column(), Text(mark), Number(n), Number(side)});
        };
        AddSpan(Apply("slice", {Column(), place(open, from, 1), place(close, to, 0)}), 0.9f + Ordinal(k), begin, end);
      }
    }
  }

  void Between() {
    constexpr std::string_view kKinds[] = {"digits", "upper", "lower", "letters", "space", "word", "marks"};
    for (const std::string_view a : kKinds) {
      for (const std::string_view b : kKinds) {
        if (a == b) continue;
        std::vector<std::vector<TokenSpan>> found(texts_.size());
        for (size_t r = 0; r < texts_.size(); ++r) {
          size_t i = 0;
          const auto& begins = tokens_[b][r];
          for (const TokenSpan& span : tokens_[a][r]) {
            while (i < begins.size() && begins[i].begin < span.end) ++i;
            if (i < begins.size() && begins[i].begin == span.end) found[r].push_back({span.end, span.end});
          }
        }
        const auto place = [&](long k, int) {
          return Apply("between", {Column(), Text(std::string(a)), Text(std::string(b)), Number(k)});
        };
        Occurrences(found, 1.6f, place, [](long) { return Text(""); });
      }
    }
  }

  // A few characters after or before what is easily described.
  void Skips() {
    std::vector<Spot> easy;
    for (const auto& [at, spot] : spots_) {
      if (spot.cost < 1.6f && (spot.place.op == kToken || spot.place.op == kFind) && spot.cost > 0.3f) easy.push_back(spot);
    }
    for (const Spot& spot : easy) {
      for (const int by : {1, 2, 3, 4, 5, -1, -2, -3}) {
        std::vector<int> moved;
        for (size_t r = 0; r < texts_.size(); ++r) {
          const std::string_view text = texts_[r];
          const int from = spot.at[r];
          int to = -1;
          if (from >= 0 && by > 0) to = FromLeft(text.substr(size_t(from)), by);
          if (from >= 0 && by < 0) to = FromRight(text, from, -by);
          moved.push_back(to >= 0 && by > 0 ? from + to : to);
        }
        const float cost = spot.cost + 0.9f + 0.25f * float(std::abs(by));
        AddSpot(Apply("skip", {Column(), spot.place, Number(by)}), cost, std::move(moved));
      }
    }
  }
  static inline const Op* const kToken = FindOp("token");
  static inline const Op* const kFind = FindOp("find");
  static inline const Op* const kAt = FindOp("at");

  const View& view_;
  const Source& source_;
  std::vector<std::string_view> texts_;
  std::vector<bool> absent_;
  std::map<std::string_view, std::vector<std::vector<TokenSpan>>> tokens_;
  std::map<std::vector<int>, Spot> spots_;
  std::map<std::pair<std::vector<int>, std::vector<int>>, Span> spans_;
};

}  // namespace

bool OnAllGiven(const View& view, const Expr& e) {
  return std::all_of(view.rows.begin(), view.rows.begin() + long(view.given),
                     [&](const Row* row) { return !Evaluate(e, row->cells).IsNone(); });
}

Places FindPlaces(const View& view, const Source& source) { return Finder(view, source).Find(); }

}  // namespace hasten::solve
