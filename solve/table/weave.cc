#include "solve/table/weave.h"

#include <algorithm>
#include <map>
#include <queue>
#include <unordered_map>

#include "base/quote.h"
#include "solve/lang/ops.h"
#include "solve/lang/tokens.h"
#include "solve/search/string_pool.h"
#include "solve/table/coherence.h"
#include "solve/table/numerals.h"
#include "solve/table/ready.h"

namespace hasten::solve {

bool Right(const Expr& program, const Row& row) {
  const Cell answer = Answer(program, row.cells);
  return row.want == Row::Want::kText ? answer == row.output : !answer;
}

namespace {

using Positions = std::vector<uint32_t>;

constexpr size_t kMostStates = 1500, kLabels = 8, kLabelsOfSource = 3, kSources = 24, kMostTerms = 24, kAlike = 60;
constexpr float kJoin = 0.5f, kOtherSide = 0.6f;

enum class Recase : uint8_t { kNone, kLower, kUpper, kTitle, kCapital };
constexpr const char* kRecaseOps[] = {"", "lower", "upper", "title", "capital"};

// Which piece an edge writes; the expression is built only for the edges of the
// programs that win.
struct Ref {
  enum class Kind : uint8_t { kConstant, kSpots, kSpan, kReady, kNumber } kind;
  Recase recase = Recase::kNone;
  uint32_t column = 0, a = 0, b = 0;
};

struct Edge {
  Positions to;
  float cost;
  int source, side;
  Ref ref;
};

struct Label {
  uint32_t state;
  float cost;
  int source, side;
  uint32_t parent;
  const Edge* edge;
};

// Which characters a text is made of: letters by case, digits and blanks as
// kinds, marks one by one.
uint64_t Characters(std::string_view text) {
  uint64_t set = 0;
  for (const char c : text) {
    const auto u = static_cast<unsigned char>(c);
    if (u >= '0' && u <= '9')
      set |= 1;
    else if (u >= 'A' && u <= 'Z')
      set |= 2;
    else if ((u >= 'a' && u <= 'z') || u >= 0x80)
      set |= 4;
    else if (u <= ' ')
      set |= 8;
    else
      set |= uint64_t(1) << (4 + u % 60);
  }
  return set;
}

struct Formatted {
  uint32_t number;
  NumberFormat format;
  int pad;    // width filled with blanks on the left; 0: none
  bool sign;  // + where there is no -
};

class Weaver {
 public:
  Weaver(const View& view, const Budget& budget, bool may_lack, size_t* tried)
      : view_(view), budget_(budget), may_lack_(may_lack), tried_(tried) {
    for (size_t r = 0; r < view.given; ++r) outputs_.push_back(view.rows[r]->output);
    for (size_t r = view.given; r < view.rows.size(); ++r) {
      const auto& cells = view.rows[r]->cells;
      if (std::any_of(cells.begin(), cells.end(), [](const Cell& c) { return c && !TrimSpace(*c).empty(); }))
        others_.push_back(r);
    }
    sources_ = FindSources(view);
    for (size_t i = 0; i < sources_.size() && !budget.Over(); ++i) {
      places_.push_back(FindPlaces(view, sources_[i]));
      if (!sources_[i].derived()) AddFacts(view, sources_[i], places_.back(), ready_);
      Group(i);
    }
    for (const Source& source : sources_) {
      if (budget.Over()) return;  // Search finds nothing then
      if (!source.derived() || source.part) AddRewrites(view, source, budget, ready_);
    }
    AddNumberTexts(view, ready_);
    AddMoments(view, ready_);
    IndexReady();
    numbers_ = FindNumbers(view);
    for (uint32_t i = 0; i < numbers_.size(); ++i) {
      by_number_[FormatNumber(numbers_[i].values[0], {})].push_back(i);
      if (numbers_[i].plain) plain_.push_back(i);
    }
  }

  std::vector<Candidate> Search(size_t most) {
    std::vector<Candidate> found;
    std::map<Positions, uint32_t> known;
    std::vector<Positions> states = {Positions(outputs_.size(), 0)};
    std::vector<uint32_t> settled = {0};
    known[states[0]] = 0;
    Positions goal;
    for (const std::string& o : outputs_) goal.push_back(uint32_t(o.size()));
    std::vector<Label> labels = {{0, 0.0f, -1, 0, 0, nullptr}};
    std::priority_queue<std::pair<float, uint32_t>, std::vector<std::pair<float, uint32_t>>, std::greater<>> open;
    open.push({0.0f, 0});
    while (!open.empty() && found.size() < most && edges_.size() < kMostStates && !budget_.Over()) {
      const uint32_t at = open.top().second;
      open.pop();
      const Label label = labels[at];
      if (states[label.state] == goal) {
        if (settled[label.state]++ < most) Finish(labels, at, found);
        continue;
      }
      if (settled[label.state] >= kLabels || ++settled_from_[{label.state, label.source}] > kLabelsOfSource) continue;
      ++settled[label.state];
      for (const Edge& edge : EdgesFrom(label.state, states[label.state])) {
        const auto [to, is_new] = known.try_emplace(edge.to, uint32_t(states.size()));
        if (is_new) {
          states.push_back(edge.to);
          settled.push_back(0);
        }
        if (settled[to->second] >= (edge.to == goal ? most : kLabels)) continue;
        const float cost = label.cost + InContext(edge, label.source, label.side) + kJoin;
        const bool own = edge.source >= 0;
        labels.push_back({to->second, cost, own ? edge.source : label.source, own ? edge.side : label.side, at, &edge});
        open.push({cost, uint32_t(labels.size() - 1)});
      }
    }
    std::stable_sort(found.begin(), found.end(), [](const Candidate& a, const Candidate& b) { return a.cost < b.cost; });
    return found;
  }

 private:
  using Edges = std::vector<Edge>;

  // What was described once costs little the second time; a second way to read
  // the same source is unlikely, and so is to and fro between the sides of one.
  static float InContext(const Edge& edge, int before, int side) {
    if (edge.source < 0 || before < 0 || edge.source / kVariants != before / kVariants) return edge.cost;
    if (edge.source == before) return 0.2f + 0.3f * edge.cost + (edge.side == side ? 0.0f : kOtherSide);
    const bool both = edge.source % kVariants != 0 && before % kVariants != 0;
    return both ? edge.cost + 0.6f : edge.cost;
  }

  // Spots with the same positions on the given rows.
  struct SpotGroup {
    std::vector<int> at;
    std::vector<uint32_t> spots;  // cheapest first
  };
  struct ColumnPlaces {
    std::vector<SpotGroup> groups;
    std::map<std::vector<int>, std::vector<uint32_t>> spans_from;
  };

  void Group(size_t column) {
    std::map<std::vector<int>, std::vector<uint32_t>> groups;
    ColumnPlaces grouped;
    const Places& places = places_[column];
    for (uint32_t i = 0; i < places.spots.size(); ++i) {
      groups[{places.spots[i].at.begin(), places.spots[i].at.begin() + long(view_.given)}].push_back(i);
    }
    for (auto& [at, spots] : groups) {
      std::stable_sort(spots.begin(), spots.end(),
                       [&](uint32_t a, uint32_t b) { return places.spots[a].cost < places.spots[b].cost; });
      if (spots.size() > 8) spots.resize(8);
      grouped.groups.push_back({at, spots});
    }
    for (uint32_t i = 0; i < places.spans.size(); ++i) {
      const Span& s = places.spans[i];
      grouped.spans_from[{s.begin.begin(), s.begin.begin() + long(view_.given)}].push_back(i);
      if (!std::binary_search(grouped.groups.begin(), grouped.groups.end(),
                              std::vector<int>(s.begin.begin(), s.begin.begin() + long(view_.given)), Before{})) {
        loose_spans_.push_back({uint32_t(column), i});
      }
    }
    columns_.push_back(std::move(grouped));
  }

  struct Before {
    static const std::vector<int>& Of(const SpotGroup& g) { return g.at; }
    static const std::vector<int>& Of(const std::vector<int>& v) { return v; }
    template <class A, class B>
    bool operator()(const A& a, const B& b) const {
      return Of(a) < Of(b);
    }
  };

  void IndexReady() {
    std::map<std::vector<std::string>, std::vector<uint32_t>> by_values;
    for (uint32_t i = 0; i < ready_.size(); ++i) by_values[ready_[i].values].push_back(i);
    for (auto& [values, same] : by_values) {
      std::stable_sort(same.begin(), same.end(), [&](uint32_t a, uint32_t b) { return ready_[a].cost < ready_[b].cost; });
      if (same.size() > kAlike) same.resize(kAlike);
      if (!values[0].empty()) by_first_[static_cast<unsigned char>(values[0][0])].push_back(same);
    }
  }

  // Pieces of one derived text belong together.
  int SourceOf(uint32_t column) const {
    return sources_[column].derived() && !sources_[column].part ? (3000 + int(column)) * kVariants : -1;
  }

  const std::string& CellOf(size_t row, size_t column) const {
    static const std::string kEmpty;
    const Cell& cell = sources_[column].cells[row];
    return cell ? *cell : kEmpty;
  }

  // ---- what the rows to be filled say about a piece

  struct Habit {
    uint64_t characters = 0;
    size_t shortest = SIZE_MAX, longest = 0;
    void See(std::string_view text) {
      characters |= Characters(text);
      shortest = std::min(shortest, text.size());
      longest = std::max(longest, text.size());
    }
  };

  // How unlike the given rows a piece is on the others; `value(row, &text)` is
  // false where it has none. Stops counting beyond `limit`.
  template <class F>
  float Penalty(const Habit& habit, const F& value, uint64_t* hash) const {
    if (others_.empty()) return 0.0f;
    size_t lacking = 0, empty = 0, strange = 0, longer = 0;
    std::string text;
    for (const size_t r : others_) {
      if (!value(r, text)) {
        ++lacking;
        *hash = *hash * 31 + 7;
        continue;
      }
      *hash = *hash * 31 + HashBytes(text.data(), text.size());
      if (Characters(text) & ~habit.characters)
        ++strange;
      else if (text.empty() && habit.shortest > 0)
        ++empty;
      else if (habit.characters == 1 && (text.size() < habit.shortest || text.size() > habit.longest))
        ++longer;
    }
    // A few rows prove little: as if three more were as they should be.
    const float count = float(others_.size()) + 3.0f, few = view_.given == 1 ? 1.0f : view_.given == 2 ? 0.7f : 0.5f;
    const float longer_cost = view_.given > 2 && habit.shortest == habit.longest ? 2.5f : 0.8f;
    const float lack = may_lack_ ? 0.3f : 5.0f;
    return lack * (float(lacking) + 0.7f * float(empty)) / count + (lacking && !may_lack_ ? 0.3f : 0.0f) +
           few * (3.0f * float(strange) + longer_cost * float(longer)) / count;
  }

  // ---- edges

  const Edges& EdgesFrom(uint32_t state, const Positions& at) {
    if (const auto known = edges_.find(state); known != edges_.end()) return known->second;
    best_.clear();
    Constants(at);
    for (uint32_t column = 0; column < columns_.size(); ++column) Substrings(column, at);
    for (const auto& [column, span] : loose_spans_) TrySpan(column, span, at);
    ReadyPieces(at);
    NumberPieces(at);
    Edges edges;
    for (auto& [to, kept] : best_) {
      for (auto& [hash, edge] : kept) edges.push_back(std::move(edge));
    }
    return edges_.emplace(state, std::move(edges)).first->second;
  }

  // Keeps the two cheapest ways to each place that differ on the rows to be
  // filled, and the cheapest of each source: which of several is meant, only
  // the pieces beside it can tell.
  void Offer(const Positions& to, float cost, int source, const Ref& ref, uint64_t hash, int side = 0) {
    auto& kept = best_[to];
    for (auto& [known, edge] : kept) {
      if (source >= 0 ? edge.source == source && edge.side == side : known == hash && edge.source < 0) {
        if (cost < edge.cost) {
          edge = {to, cost, source, side, ref};
          known = hash;
        }
        return;
      }
    }
    kept.push_back({hash, {to, cost, source, side, ref}});
    std::stable_sort(kept.begin(), kept.end(), [](const auto& a, const auto& b) { return a.second.cost < b.second.cost; });
    const auto same_kind = [&](const auto& k) { return (k.second.source >= 0) == (source >= 0); };
    if (size_t(std::count_if(kept.begin(), kept.end(), same_kind)) <= (source >= 0 ? kSources : size_t(2))) return;
    for (size_t i = kept.size(); i-- > 0;) {
      if (!same_kind(kept[i])) continue;
      kept.erase(kept.begin() + long(i));
      return;
    }
  }

  std::string_view Rest(size_t row, const Positions& at) const { return std::string_view(outputs_[row]).substr(at[row]); }

  // Marks and blanks are cheap, letters and digits dear, unless several rows
  // agree on them.
  void Constants(const Positions& at) {
    size_t common = Rest(0, at).size();
    for (size_t r = 1; r < outputs_.size(); ++r) {
      const std::string_view a = Rest(0, at), b = Rest(r, at);
      common = std::min(
          {common, b.size(),
           size_t(std::mismatch(a.begin(), a.begin() + long(std::min(a.size(), b.size())), b.begin()).first - a.begin())});
    }
    const float agreed = outputs_.size() == 1 ? 1.0f : outputs_.size() == 2 ? 0.75f : 0.55f;
    float cost = 0.6f;
    size_t letters = 0;
    Positions to = at;
    for (size_t n = 1; n <= common; ++n) {
      const char kind = ShapeOf(Rest(0, at).substr(n - 1, 1))[0];
      if (kind == '9') {  // what is counted seldom stays the same
        cost += std::max(agreed, 0.8f) * (letters++ == 0 ? 3.2f : 1.0f);
      } else if (kind == 'A' || kind == 'a') {
        cost += agreed * (letters++ == 0 ? 2.6f : letters < 8 ? 0.7f : 0.15f);
      } else {
        cost += 0.25f;
      }
      for (uint32_t& p : to) ++p;
      if ((static_cast<unsigned char>(Rest(0, at).size() > n ? Rest(0, at)[n] : 0) & 0xc0) == 0x80) continue;
      const std::string_view text = Rest(0, at).substr(0, n);
      Offer(to, cost + (letters > 1 && InAllCells(text) ? 2.0f : 0.0f), -1,
            {Ref::Kind::kConstant, Recase::kNone, 0, at[0], uint32_t(n)}, HashBytes(text.data(), n));
    }
  }

  // Does a word of the text stand in every given row's cells? Then it was
  // likelier taken from there.
  bool InAllCells(std::string_view text) const {
    for (const TokenSpan& t : FindTokens(text, *FindTokenKind("word"))) {
      const std::string_view word = text.substr(t.begin, t.end - t.begin);
      if (word.size() < 2) continue;
      bool everywhere = true;
      for (size_t r = 0; r < outputs_.size() && everywhere; ++r) {
        const auto& cells = view_.rows[r]->cells;
        everywhere =
            std::any_of(cells.begin(), cells.end(), [&](const Cell& c) { return c && c->find(word) != std::string::npos; });
      }
      if (everywhere) return true;
    }
    return false;
  }

  static size_t Common(std::string_view a, std::string_view b, bool fold) {
    const size_t most = std::min(a.size(), b.size());
    size_t n = 0;
    while (n < most && (a[n] == b[n] || (fold && Same(a[n], b[n])))) ++n;
    return n;
  }
  static bool Same(char a, char b) {
    return (a | 32) == (b | 32) && (((a | 32) >= 'a' && (a | 32) <= 'z') || static_cast<unsigned char>(a) >= 0x80);
  }

  static std::string Recased(std::string_view text, Recase recase) {
    if (recase == Recase::kNone) return std::string(text);
    static const Op* const kOps[] = {nullptr, FindOp("lower"), FindOp("upper"), FindOp("title"), FindOp("capital")};
    const std::vector<Value> v = {Value::Text(std::string(text))};
    return kOps[size_t(recase)]->run(std::span<const Value>(v)).text;
  }

  // The change of case that makes the cells' stretches the outputs' text.
  std::optional<Recase> FindRecase(uint32_t column, const int* begin, const int* end, const Positions& at) const {
    for (const Recase recase : {Recase::kNone, Recase::kLower, Recase::kUpper, Recase::kTitle, Recase::kCapital}) {
      bool fits = true;
      for (size_t r = 0; r < outputs_.size() && fits; ++r) {
        const std::string_view part = std::string_view(CellOf(r, column)).substr(size_t(begin[r]), size_t(end[r] - begin[r]));
        const std::string_view rest = Rest(r, at);
        fits = rest.size() >= part.size() &&
               (recase == Recase::kNone ? part : std::string_view(Recased(part, recase))) == rest.substr(0, part.size());
      }
      if (fits) return recase;
    }
    return std::nullopt;
  }

  static bool Filled(const int* begin, const int* end, size_t n) {
    for (size_t r = 0; r < n; ++r) {
      if (end[r] > begin[r]) return true;
    }
    return false;
  }

  template <class Begin, class End>
  float StretchPenalty(uint32_t column, const Begin& begin, const End& end, Recase recase, uint64_t* hash) const {
    Habit habit;
    for (size_t r = 0; r < outputs_.size(); ++r) {
      habit.See(Recased(std::string_view(CellOf(r, column)).substr(size_t(begin[r]), size_t(end[r] - begin[r])), recase));
    }
    return Penalty(
        habit,
        [&](size_t r, std::string& text) {
          if (begin[r] < 0 || end[r] < begin[r]) return false;
          text.assign(CellOf(r, column), size_t(begin[r]), size_t(end[r] - begin[r]));
          if (recase != Recase::kNone) text = Recased(text, recase);
          return true;
        },
        hash);
  }

  void Substrings(uint32_t column, const Positions& at) {
    const ColumnPlaces& grouped = columns_[column];
    const Places& places = places_[column];
    std::vector<size_t> reach(outputs_.size());
    for (const SpotGroup& from : grouped.groups) {
      bool some = false;
      for (size_t r = 0; r < outputs_.size(); ++r) {
        reach[r] =
            size_t(from.at[r]) + Common(std::string_view(CellOf(r, column)).substr(size_t(from.at[r])), Rest(r, at), true);
        some = some || reach[r] > size_t(from.at[r]);
      }
      if (!some) continue;
      for (const SpotGroup& to : grouped.groups) {
        ++*tried_;
        bool fits = true;
        for (size_t r = 0; r < outputs_.size() && fits; ++r) fits = to.at[r] >= from.at[r] && size_t(to.at[r]) <= reach[r];
        if (fits && Filled(from.at.data(), to.at.data(), outputs_.size())) TrySpots(column, places, from, to, at);
      }
      if (const auto spans = grouped.spans_from.find(from.at); spans != grouped.spans_from.end()) {
        for (const uint32_t span : spans->second) TrySpan(column, span, at);
      }
    }
  }

  void TrySpots(uint32_t column, const Places& places, const SpotGroup& from, const SpotGroup& to, const Positions& at) {
    const auto recase = FindRecase(column, from.at.data(), to.at.data(), at);
    if (!recase) return;
    Positions end = at;
    for (size_t r = 0; r < end.size(); ++r) end[r] += uint32_t(to.at[r] - from.at[r]);
    const float base = 0.9f + sources_[column].cost + (*recase == Recase::kNone ? 0.0f : 0.7f);
    float bound = 1e9f;
    for (const uint32_t a : from.spots) {
      for (const uint32_t b : to.spots) {
        const float cost = base + places.spots[a].cost + places.spots[b].cost;
        if (cost >= bound + 1.0f) break;
        uint64_t hash = 1;
        const float total = cost + StretchPenalty(column, places.spots[a].at, places.spots[b].at, *recase, &hash);
        bound = std::min(bound, total);
        Offer(end, total, SourceOf(column), {Ref::Kind::kSpots, *recase, column, a, b}, hash);
      }
    }
  }

  void TrySpan(uint32_t column, uint32_t index, const Positions& at) {
    const Span& span = places_[column].spans[index];
    ++*tried_;
    for (size_t r = 0; r < outputs_.size(); ++r) {
      if (size_t(span.end[r] - span.begin[r]) > Rest(r, at).size()) return;
    }
    if (!Filled(span.begin.data(), span.end.data(), outputs_.size())) return;
    const auto recase = FindRecase(column, span.begin.data(), span.end.data(), at);
    if (!recase) return;
    Positions end = at;
    for (size_t r = 0; r < end.size(); ++r) end[r] += uint32_t(span.end[r] - span.begin[r]);
    uint64_t hash = 1;
    const float cost = 0.9f + sources_[column].cost + (*recase == Recase::kNone ? 0.0f : 0.7f) + span.cost +
                       StretchPenalty(column, span.begin, span.end, *recase, &hash);
    Offer(end, cost, SourceOf(column), {Ref::Kind::kSpan, *recase, column, index, 0}, hash);
  }

  // A computed text on a row to be filled.
  template <class F>
  float ComputedPenalty(const std::vector<std::string>& values, const F& make, uint64_t* hash) const {
    Habit habit;
    for (const std::string& v : values) habit.See(v);
    return Penalty(
        habit,
        [&](size_t r, std::string& text) {
          Cell answer = Answer(make, view_.rows[r]->cells);
          if (!answer) return false;
          text = std::move(*answer);
          return true;
        },
        hash);
  }

  void ReadyPieces(const Positions& at) {
    if (Rest(0, at).empty()) return;
    for (const std::vector<uint32_t>& same : by_first_[static_cast<unsigned char>(Rest(0, at)[0])]) {
      const std::vector<std::string>& values = ready_[same[0]].values;
      ++*tried_;
      Positions to = at;
      bool fits = true;
      for (size_t r = 0; r < values.size() && fits; ++r) {
        fits = Rest(r, at).starts_with(values[r]);
        to[r] += uint32_t(values[r].size());
      }
      if (!fits) continue;
      for (const uint32_t i : same) {
        auto known = ready_penalty_.find(i);
        if (known == ready_penalty_.end()) {
          uint64_t hash = 1;
          const float penalty = ComputedPenalty(values, ready_[i].text, &hash);
          known = ready_penalty_.emplace(i, std::pair{penalty, hash}).first;
        }
        Offer(to, ready_[i].cost + known->second.first, ready_[i].source, {Ref::Kind::kReady, Recase::kNone, 0, i, 0},
              known->second.second, ready_[i].side);
      }
    }
  }

  // Numbers as they stand in the outputs, with and without sign and decimals, in any notation; the format is read off them.
  void NumberPieces(const Positions& at) {
    for (size_t r = 0; r < outputs_.size(); ++r) {
      if (Rest(r, at).substr(0, 24).find_first_of("0123456789") == std::string_view::npos) return;
    }
    for (const Notation& notation : Notations()) {
      for (const bool whole : {false, true}) {
        std::vector<Numeral> numerals;
        for (size_t r = 0; r < outputs_.size(); ++r) {
          auto n = ReadNumeral(Rest(r, at), notation, whole);
          if (!n) break;
          numerals.push_back(std::move(*n));
        }
        if (numerals.size() < outputs_.size()) continue;
        const auto own = [](const Numeral& n) { return n.grouped || n.decimals > 0; };
        if (notation.cost > 0 && std::none_of(numerals.begin(), numerals.end(), own)) break;  // the same in every notation
        Numerals(at, notation, numerals, whole);
      }
    }
  }

  void Numerals(const Positions& at, const Notation& notation, const std::vector<Numeral>& numerals, bool whole) {
    const auto any = [&](const auto& holds) { return std::any_of(numerals.begin(), numerals.end(), holds); };
    const bool plus = any([](const Numeral& n) { return n.plus; });
    if (plus && (any([](const Numeral& n) { return !n.plus && !n.minus; }) || !any([](const Numeral& n) { return n.minus; })))
      return;
    const Numeral& first = numerals[0];
    const bool blanks = any([](const Numeral& n) { return n.blanks > 0; });
    if (blanks && (any([&](const Numeral& n) { return n.end != first.end; }) ||
                   !any([&](const Numeral& n) { return n.blanks != first.blanks; })))
      return;
    Positions to = at;
    std::vector<Decimal> wanted;
    for (size_t r = 0; r < numerals.size(); ++r) {
      to[r] += uint32_t(numerals[r].end);
      wanted.push_back(numerals[r].value);
    }
    const int pad = blanks ? int(first.end) : 0;
    if (const auto same = by_number_.find(FormatNumber(wanted[0], {})); same != by_number_.end()) {
      for (const uint32_t i : same->second) {
        ++*tried_;
        if (numbers_[i].values == wanted) TryFormats(i, numerals, notation, to, pad);
      }
    }
    const std::string before = at[0] == 0 ? "" : ShapeOf(std::string_view(outputs_[0]).substr(at[0] - 1, 1));
    const bool dash = (before == "A" || before == "a") && any([](const Numeral& n) { return n.minus; });  // 1PM-3PM
    const bool begins = before != "9" && !dash;
    if (begins && !(whole && any([&](const Numeral& n) { return ReadNumeral(n.text, notation, false)->decimals > 0; })))
      FitNumbers(wanted, numerals, notation, to, pad);
  }

  // Numbers that are made of those that stand in the cells: a straight line of one, sums of two or three with a weight each,
  // formulas.
  void FitNumbers(const std::vector<Decimal>& wanted, const std::vector<Numeral>& numerals, const Notation& notation,
                  const Positions& to, int pad) {
    size_t places = 0;
    std::string key;
    for (const Numeral& n : numerals) {
      places = std::max(places, n.decimals);
      key += FormatNumber(n.value, {}) + "|";
    }
    const auto [known, is_new] = fitted_.try_emplace({key, places});
    if (is_new) {
      for (Computed& fitted : Fitted(wanted, int(places))) {
        known->second.push_back(uint32_t(numbers_.size()));
        numbers_.push_back(std::move(fitted));
      }
    }
    for (const uint32_t number : known->second) TryFormats(number, numerals, notation, to, pad);
  }

  std::vector<Computed> Fitted(const std::vector<Decimal>& wanted, int places) const {
    std::vector<const Computed*> plain;
    for (const uint32_t i : plain_) plain.push_back(&numbers_[i]);
    std::vector<Computed> found = FitFormulas(plain, wanted, places);
    const auto keep = [&](std::optional<Computed> fitted) {
      ++*tried_;
      if (fitted) found.push_back(std::move(*fitted));
    };
    const size_t terms = std::min(plain.size(), kMostTerms);
    for (const Computed* n : plain) keep(FitLine(*n, wanted, places));
    for (size_t i = 0; i < terms; ++i) {
      for (size_t j = i + 1; j < terms; ++j) keep(FitSum(*plain[i], *plain[j], wanted, places));
      if (i + 2 < terms) keep(FitUnits(*plain[i], *plain[i + 1], *plain[i + 2], wanted, places));
    }
    return found;
  }

  void TryFormats(uint32_t number, const std::vector<Numeral>& numerals, const Notation& notation, const Positions& to,
                  int pad) {
    NumberFormat base;
    base.group = notation.group;
    base.point = notation.point;
    size_t least = SIZE_MAX, most = 0;
    bool sign = false;
    for (const Numeral& n : numerals) {
      if (n.grouped) base.grouping = NumberFormat::Grouping::kThousands;
      sign = sign || n.plus;
      least = std::min(least, n.decimals);
      most = std::max(most, n.decimals);
      if (n.digits > 1 && n.text.substr(n.minus || n.plus, 1) == "0") base.least_digits = int(n.digits);
    }
    std::vector<std::pair<NumberFormat, float>> formats;
    const auto add = [&](int from, int upto, float cost) {
      NumberFormat f = base;
      f.least_decimals = from;
      f.most_decimals = upto;
      formats.push_back({f, cost});
      if (f.grouping != NumberFormat::Grouping::kNone) {
        f.grouping = NumberFormat::Grouping::kIndian;
        formats.push_back({f, cost + 1.0f});
      } else if (numerals.size() == 1 && numerals[0].decimals > 0) {
        f.grouping = NumberFormat::Grouping::kThousands;
        formats.push_back({f, cost + 1.5f});
      }
    };
    add(-1, 30, numbers_[number].sum ? 0.3f : 0.0f);  // as many decimals as it was written with
    add(0, 30, 0.15f);
    if (least == most && most > 0) add(int(most), int(most), 0.1f);
    if (least == most && most == 0) add(0, 0, 0.5f);
    if (least < most && least > 0) add(int(least), 30, 0.6f);
    if (least < most) add(int(least), int(most), 0.7f);
    for (const auto& [format, cost] : formats) {
      bool fits = true;
      for (size_t r = 0; r < numerals.size() && fits; ++r) {
        const std::string text = FormatNumber(numbers_[number].values[r], format);
        fits = (sign && text[0] != '-' ? "+" : "") + text == numerals[r].text;
      }
      if (!fits) continue;
      const uint32_t index = uint32_t(formatted_.size());
      formatted_.push_back({number, format, pad, sign});
      uint64_t hash = 1;
      std::vector<std::string> values;
      for (const Numeral& n : numerals) values.push_back(n.text);
      const float penalty = ComputedPenalty(values, Build({Ref::Kind::kNumber, Recase::kNone, 0, index, 0}), &hash);
      const float dressed = (base.least_digits > 1 ? 0.4f : 0.0f) + (pad ? 0.6f : 0.0f) + (sign ? 0.4f : 0.0f) + notation.cost;
      Offer(to, 0.9f + numbers_[number].cost + cost + dressed + penalty, numbers_[number].source,
            {Ref::Kind::kNumber, Recase::kNone, 0, index, 0}, hash);
    }
  }

  // ---- from paths to programs

  Expr Build(const Ref& ref) const {
    Expr e;
    switch (ref.kind) {
      case Ref::Kind::kConstant:
        return Text(outputs_[0].substr(ref.a, ref.b));
      case Ref::Kind::kSpots:
        e = Apply("slice",
                  {sources_[ref.column].text, places_[ref.column].spots[ref.a].place, places_[ref.column].spots[ref.b].place});
        break;
      case Ref::Kind::kSpan:
        e = places_[ref.column].spans[ref.a].text;
        break;
      case Ref::Kind::kReady:
        return ready_[ref.a].text;
      case Ref::Kind::kNumber: {
        const Formatted& f = formatted_[ref.a];
        e = Apply("format", {numbers_[f.number].number, Number(f.format.least_decimals), Number(f.format.most_decimals),
                             Number(f.format.least_digits), Text(NameOfGrouping(f.format))});
        if (f.sign) e = Apply("signed", {e});
        if (f.pad) e = Apply("pad_left", {e, Number(f.pad), Text(" ")});
        return e;
      }
    }
    if (ref.recase != Recase::kNone) e = Apply(kRecaseOps[size_t(ref.recase)], {e});
    return e;
  }

  static bool UsesInput(const Expr& e) {
    return e.kind == Expr::Kind::kInput || std::any_of(e.args.begin(), e.args.end(), UsesInput);
  }

  void Finish(const std::vector<Label>& labels, uint32_t at, std::vector<Candidate>& found) {
    std::vector<Expr> parts;
    const float cost = labels[at].cost;
    for (; labels[at].edge; at = labels[at].parent) parts.insert(parts.begin(), Build(labels[at].edge->ref));
    Expr program = parts.empty() ? Text("") : Concat(std::move(parts));
    for (size_t r = 0; r < view_.given; ++r) {
      if (!Right(program, *view_.rows[r])) return;
    }
    found.push_back({program, cost + Strangeness(program) + Incoherence(program) + (UsesInput(program) ? 0.0f : 5.0f)});
  }

  // Whole answers that are made otherwise than the given ones.
  float Strangeness(const Expr& program) const {
    if (others_.empty()) return 0.0f;
    std::vector<std::string> shapes;
    for (const std::string& o : outputs_) shapes.push_back(ShapeOf(o));
    size_t strange = 0;
    for (const size_t r : others_) {
      const Cell answer = Answer(program, view_.rows[r]->cells);
      if (answer && std::find(shapes.begin(), shapes.end(), ShapeOf(*answer)) == shapes.end()) ++strange;
    }
    return 0.8f * float(strange) / float(others_.size());
  }

  const View& view_;
  const Budget& budget_;
  const bool may_lack_;
  size_t* const tried_;
  std::vector<std::string> outputs_;
  std::vector<size_t> others_;
  std::vector<Source> sources_;
  std::vector<Places> places_;                              // of each source
  std::vector<ColumnPlaces> columns_;                       // of each source
  std::vector<std::pair<uint32_t, uint32_t>> loose_spans_;  // spans that begin where no spot is
  std::vector<Ready> ready_;
  std::vector<std::vector<uint32_t>> by_first_[256];  // ready pieces by the first byte of their first value,
                                                      // those of equal values together
  std::unordered_map<uint32_t, std::pair<float, uint64_t>> ready_penalty_;
  std::vector<Computed> numbers_;                                           // those found, then those fitted
  std::map<std::pair<std::string, size_t>, std::vector<uint32_t>> fitted_;  // by what was wanted, and to how many places
  std::vector<uint32_t> plain_;  // of those found, the ones that stand in a cell as they are
  std::unordered_map<std::string, std::vector<uint32_t>> by_number_;
  std::vector<Formatted> formatted_;
  std::map<Positions, std::vector<std::pair<uint64_t, Edge>>> best_;
  std::unordered_map<uint32_t, Edges> edges_;
  std::map<std::pair<uint32_t, int>, size_t> settled_from_;  // labels of a state, by what source came last
};

}  // namespace

std::vector<Candidate> Weave(const View& view, const Budget& budget, size_t most, bool may_lack, size_t* tried) {
  if (view.given == 0) return {};
  return Weaver(view, budget, may_lack, tried).Search(most);
}

}  // namespace hasten::solve
