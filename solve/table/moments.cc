#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "base/result.h"
#include "solve/table/ready.h"

namespace hasten::solve {

namespace {

constexpr DateOrder kOrders[] = {DateOrder::kMonthFirst, DateOrder::kDayFirst,     DateOrder::kYearFirst,
                                 DateOrder::kHours,      DateOrder::kHoursMinutes, DateOrder::kMinutesSeconds};
constexpr float kOrderCosts[] = {0.0f, 0.1f, 0.15f, 0.8f, 0.8f, 0.8f};

struct Bucket {
  int minutes, offset;
  float cost;
};

// Lengths that clocks and calendars have, with buckets that begin at midnight
// or half-way.
std::vector<Bucket> Buckets() {
  std::vector<Bucket> buckets;
  for (const auto& [minutes, cost] : std::map<int, float>{{5, 1.2f},
                                                          {10, 1.0f},
                                                          {15, 0.8f},
                                                          {20, 1.0f},
                                                          {30, 0.5f},
                                                          {45, 1.6f},
                                                          {60, 0.4f},
                                                          {90, 1.2f},
                                                          {120, 0.7f},
                                                          {180, 1.0f},
                                                          {240, 1.0f},
                                                          {360, 1.0f},
                                                          {480, 1.2f},
                                                          {720, 1.0f}}) {
    std::set<int> offsets = {0, minutes / 2};
    if (minutes >= 90) offsets.insert({30, 60});
    for (const int offset : offsets) buckets.push_back({minutes, offset, cost + (offset == 0 ? 0.0f : 0.7f)});
  }
  return buckets;
}

// What a source of moments gives on all rows; two that give the same are one.
std::string Signature(const View& view, const Expr& e) {
  std::string s;
  for (const Row* row : view.rows) {
    const Value v = Evaluate(e, row->cells);
    if (!v.IsNone())
      s += Fmt("%d-%d-%d %d:%d:%d", v.moment.year, v.moment.month, v.moment.day, v.moment.hour, v.moment.minute,
               v.moment.second);
    s += '|';
  }
  return s;
}

enum class Parts : uint8_t { kAll, kTimes, kYears };

bool Among(const MomentPart& part, Parts parts) {
  if (parts == Parts::kYears) return part.name == "yyyy" || part.name == "yy" || part.name == "q";
  return parts == Parts::kAll || part.of_time;
}

void AddParts(const View& view, const Expr& moment, float cost, int source, Parts parts, std::vector<Ready>& ready,
              int side = 0) {
  std::vector<Moment> moments;
  for (size_t r = 0; r < view.given; ++r) {
    const Value v = Evaluate(moment, view.rows[r]->cells);
    if (v.IsNone()) return;
    moments.push_back(v.moment);
  }
  static const std::map<std::string_view, float> kRare = {
      {"do", 0.5f},       {"half", 0.8f},       {"week", 0.6f},       {"ww", 0.6f}, {"week year", 0.8f},
      {"year day", 0.6f}, {"year day 3", 0.7f}, {"month week", 0.8f}, {"q", 0.3f},  {"a.m.", 0.3f}};
  for (const MomentPart& part : MomentParts()) {
    if (!Among(part, parts)) continue;
    std::vector<std::string> values;
    for (const Moment& m : moments) {
      const auto text = part.format(m);
      if (!text) break;
      values.push_back(*text);
    }
    if (values.size() != moments.size()) continue;
    const auto rare = kRare.find(part.name);
    ready.push_back({Apply("part", {moment, Text(std::string(part.name))}), cost + (rare == kRare.end() ? 0.0f : rare->second),
                     source, std::move(values), side});
  }
}

// How far the outputs' dates lie from a column's: the same for all rows, or said by a number in another column.
class Shifts {
 public:
  Shifts(const View& view, std::vector<Ready>& ready) : view_(view), ready_(ready) {
    for (const DateOrder order : {DateOrder::kMonthFirst, DateOrder::kDayFirst, DateOrder::kYearFirst}) {
      std::vector<Moment> wanted;
      for (size_t r = 0; r < view.given; ++r) {
        const auto m = FindMoment(view.rows[r]->output, 1, order);
        if (!m || (!m->HasDate() && !m->HasTime())) break;
        wanted.push_back(*m);
      }
      if (wanted.size() == view.given) wanted_.push_back(std::move(wanted));
    }
  }

  void Add(const Expr& moment, float cost, int group) {
    std::vector<Moment> from;
    for (size_t r = 0; r < view_.given; ++r) from.push_back(Evaluate(moment, view_.rows[r]->cells).moment);
    const float few = view_.given == 1 ? 2.5f : view_.given == 2 ? 0.8f : 0.0f;
    int way = 100;
    for (const std::vector<Moment>& to : wanted_) {
      for (const auto& [op, distance, dear] : {std::tuple{"add_days", &DaysApart, 1.0f},
                                               {"add_months", &MonthsApart, 1.0f},
                                               {"add_seconds", &SecondsApart, 1.2f}}) {
        std::vector<int64_t> apart;
        for (size_t r = 0; r < to.size(); ++r) {
          const auto d = distance(from[r], to[r]);
          if (d) apart.push_back(*d);
        }
        if (apart.size() < to.size()) continue;
        const bool same = std::all_of(apart.begin(), apart.end(), [&](int64_t d) { return d == apart[0]; });
        if (same && apart[0] != 0) Take(Apply(op, {moment, Number(apart[0])}), cost + dear + few, group + way++);
        if (!same && op == std::string_view("add_days")) Column(moment, apart, cost + dear, group, way);
      }
      Take(Apply("month_end", {moment}), cost + 1.2f, group + way++);
    }
  }

 private:
  static std::optional<int64_t> DaysApart(const Moment& a, const Moment& b) {
    if (!a.HasDate() || !b.HasDate()) return std::nullopt;
    return DayNumber(b.year, b.month, b.day) - DayNumber(a.year, a.month, a.day);
  }
  static std::optional<int64_t> MonthsApart(const Moment& a, const Moment& b) {
    if (!a.HasDate() || !b.HasDate()) return std::nullopt;
    const int64_t months = (b.year - a.year) * 12 + b.month - a.month;
    return b.day == std::min(a.day, DaysIn(b.year, b.month)) ? std::optional(months) : std::nullopt;
  }
  static std::optional<int64_t> SecondsApart(const Moment& a, const Moment& b) {
    if (!a.HasTime() || !b.HasTime()) return std::nullopt;
    const auto of_day = [](const Moment& m) { return m.hour * 3600 + m.minute * 60 + m.second; };
    return of_day(b) - of_day(a) + 86400 * DaysApart(a, b).value_or(of_day(b) < of_day(a) ? 1 : 0);
  }

  void Take(const Expr& moved, float cost, int source) {
    if (OnAllGiven(view_, moved)) AddParts(view_, moved, cost, source, Parts::kAll, ready_);
  }

  void Column(const Expr& moment, const std::vector<int64_t>& apart, float cost, int group, int& way) {
    for (size_t c = 0; c < view_.columns(); ++c) {
      const Expr n = Apply("number", {Input(c), Number(1)});
      bool equal = true;
      for (size_t r = 0; r < view_.given && equal; ++r) {
        const Value v = Evaluate(n, view_.rows[r]->cells);
        equal = v.kind == Value::Kind::kNumber && v.number == Decimal::Of(apart[r]);
      }
      if (equal) Take(Apply("add_days", {moment, n}), cost, group + way++);
    }
  }

  const View& view_;
  std::vector<Ready>& ready_;
  std::vector<std::vector<Moment>> wanted_;  // one an order in which all outputs are dates
};

// Numbers of seconds, minutes or hours as times.
void AddClocks(const View& view, int& source, std::vector<Ready>& ready) {
  for (size_t column = 0; column < view.columns(); ++column) {
    for (const auto& [unit, cost] : {std::pair{60, 3.0f}, {1, 3.0f}, {3600, 3.2f}}) {
      const Expr clock = Apply("clock", {Apply("number", {Input(column), Number(1)}), Number(unit)});
      if (OnAllGiven(view, clock)) AddParts(view, clock, cost, source++ * kVariants, Parts::kTimes, ready);
    }
  }
}

}  // namespace

void AddMoments(const View& view, std::vector<Ready>& ready) {
  static const std::vector<Bucket> kBuckets = Buckets();
  std::set<std::string> seen;
  Shifts shifts(view, ready);
  int source = 0;
  for (size_t column = 0; column < view.columns(); ++column) {
    for (const int k : {1, 2, -1}) {
      for (size_t o = 0; o < std::size(kOrders); ++o) {
        const Expr moment = Apply("moment", {Input(column), Number(k), Text(std::string(NameOf(kOrders[o])))});
        if (!OnAllGiven(view, moment) || !seen.insert(Signature(view, moment)).second) continue;
        const float cost = 2.3f + kOrderCosts[o] + (k == 1 ? 0.0f : 0.4f);
        const int group = source++;
        AddParts(view, moment, cost, group * kVariants, Parts::kAll, ready);
        shifts.Add(moment, cost, group * kVariants);
        for (const int months : {-3, 3, 6, -6, 9, -9}) {  // years of accounts, which begin in April, October or July
          const Expr moved = Apply("add_months", {moment, Number(months)});
          if (k == 1 && OnAllGiven(view, moved))
            AddParts(view, moved, cost + 1.6f, group * kVariants + 3000 + months, Parts::kYears, ready);
        }
        for (const Bucket& b : kBuckets) {
          for (const int shift : {0, b.minutes, b.minutes - 1, b.minutes - 10}) {
            if (shift < 0 || (shift == b.minutes - 10 && b.minutes < 60)) continue;
            const Expr bucket = Apply("bucket", {moment, Number(b.minutes), Number(b.offset), Number(shift)});
            const float dear = cost + 0.8f + b.cost + (shift == 0 ? 0.0f : shift == b.minutes ? 0.2f : 0.6f);
            AddParts(view, bucket, dear, group * kVariants + 1 + int(&b - kBuckets.data()), Parts::kTimes, ready, shift);
          }
        }
      }
    }
  }
  AddClocks(view, source, ready);
}

}  // namespace hasten::solve
