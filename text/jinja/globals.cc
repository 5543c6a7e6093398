// Functions that every template has, and those that loops and cyclers hand out.
#include <algorithm>
#include <charconv>
#include <ctime>

#include "text/jinja/functions.h"
#include "text/jinja/operators.h"

namespace hasten::jinja {
namespace {

constexpr uint64_t kMostRange = 100'000;  // Jinja2's own limit for sandboxes

Result<Value> Range(const Invocation& call) {
  TRY(const int64_t first, call.Int(0, 0));
  TRY(const int64_t second, call.Int(1, 0));
  TRY(const int64_t step, call.Int(2, 1));
  if (step == 0) return Mistake("range: the step must not be zero");
  const int64_t begin = call.Has(1) ? first : 0, end = call.Has(1) ? second : first;
  const bool any = step > 0 ? begin < end : begin > end;
  const uint64_t distance = !any ? 0 : step > 0 ? uint64_t(end) - uint64_t(begin) : uint64_t(begin) - uint64_t(end);
  const uint64_t stride = step > 0 ? uint64_t(step) : 0 - uint64_t(step);
  const uint64_t count = distance / stride + (distance % stride != 0);
  if (count > kMostRange) return Mistake(Fmt("range: more than %llu numbers", static_cast<unsigned long long>(kMostRange)));
  std::vector<Value> items;
  for (uint64_t i = 0; i < count; ++i) items.push_back(int64_t(uint64_t(begin) + i * uint64_t(step)));
  return call.in.NewList(std::move(items), List::kRange);
}

Result<Value> MakeDict(const Invocation& call) {
  Dict* dict = call.in.heap().NewDict();
  if (call.raw.positional.size() > 1) return Mistake("dict takes one argument and names");
  for (const Value& other : call.raw.positional) {
    if (other.dict()) {
      for (const auto& [key, value] : other.dict()->items) call.in.heap().Set(dict, key, value);
      continue;
    }
    TRY(const List* pairs, call.in.Iterate(other));
    for (const Value& pair : pairs->items) {
      TRY(const List* parts, call.in.Iterate(pair));
      if (parts->items.size() != 2) return Mistake("dict wants pairs of key and value");
      if (!Hashable(parts->items[0])) return Mistake("unhashable type: '" + TypeName(parts->items[0]) + "'");
      call.in.heap().Set(dict, parts->items[0], parts->items[1]);
    }
  }
  for (const auto& [name, value] : call.raw.named) call.in.heap().Set(dict, name.view(), value);
  return Value(dict);
}

Result<Value> Namespace(const Invocation& call) {
  TRY(const Value made, MakeDict(call));
  made.dict()->is_namespace = true;
  return made;
}

Result<Value> RaiseException(const Invocation& call) { return call.in.Refuse(call.in.Shown(*call.args[0])); }

// %f is Python's, the rest the C library's; %z and %Z are empty, for the moment has no zone.
Result<Value> StrftimeNow(const Invocation& call) {
  TRY(const std::string_view format, call.Text(0, ""));
  const Moment& now = call.in.now();
  std::string out;
  for (size_t at = 0; at < format.size(); ++at) {
    if (format[at] != '%' || at + 1 == format.size()) {
      out += format[at];
      continue;
    }
    std::string part = "%";
    part += format[++at];
    if (part == "%-" && at + 1 < format.size()) part += format[++at];  // without a leading zero
    if (part == "%f") {
      out += Fmt("%06d", now.microseconds);
    } else if (part != "%z" && part != "%Z") {
      char buffer[128];
      out.append(buffer, std::strftime(buffer, sizeof(buffer), part.c_str(), &now.tm));
    }
    if (!call.in.meter().Affords(out.size())) return call.in.meter().error();
  }
  return call.in.Text(std::move(out));
}

Result<Value> Cycler(const Invocation& call) {
  if (call.raw.positional.empty()) return Mistake("cycler: at least one item has to be provided");
  Counter* cycler = call.in.heap().New<Counter>();
  cycler->items = call.raw.positional;
  return Value(cycler);
}

Result<Value> Joiner(const Invocation& call) {
  Counter* joiner = call.in.heap().New<Counter>();
  joiner->joins = true;
  joiner->items.push_back(call.Has(0) ? *call.args[0] : call.in.Text(", "));
  return Value(joiner);
}

constexpr Entry kGlobals[] = {
    {"range", "start! stop step", Range},
    {"dict", "*", MakeDict},
    {"namespace", "*", Namespace},
    {"raise_exception", "message!", RaiseException},
    {"cycler", "*", Cycler},
    {"strftime_now", "format!", StrftimeNow},
    {"joiner", "sep", Joiner},
};

}  // namespace

std::span<const Entry> Globals() { return kGlobals; }

// A joiner called: nothing the first time, its separator from then on. A cycler's and a loop's methods come here too, by name.
Result<Value> CallCounter(Interpreter& in, Counter& counter, const Args&) {
  if (!counter.joins) return Mistake("'Cycler' object is not callable");
  if (counter.at++ == 0) return in.Text("");
  return counter.items[0];
}

Result<Value> CallBound(Interpreter& in, const Function& function, const Args& args) {
  const std::string_view name = function.name.view();
  if (Counter* cycler = function.self.counter()) {
    if (name == "reset") cycler->at = 0;
    if (name == "reset") return Value(None{});
    const Value current = cycler->items[cycler->at];
    cycler->at = (cycler->at + 1) % cycler->items.size();
    return current;
  }
  Loop* loop = function.self.loop();
  if (name == "cycle") {
    if (args.positional.empty()) return Mistake("no items for cycling given");
    return args.positional[loop->index0 % args.positional.size()];
  }
  const Value seen = in.NewList(args.positional, List::kTuple);
  const bool changed = !Equal(loop->changed, seen, in.meter());
  if (changed) loop->changed = seen;
  return Value(changed);
}

Moment LocalNow() {
  std::timespec now{};
  std::timespec_get(&now, TIME_UTC);
  Moment moment;
  localtime_r(&now.tv_sec, &moment.tm);
  moment.microseconds = int(now.tv_nsec / 1000);
  return moment;
}

Result<Moment> ParseMoment(std::string_view iso) {
  const auto wrong = [&] {
    return Error{Code::kBadInput, "'" + std::string(iso) + "' is not a time: write it as 2026-01-02T03:04:05, without a zone"};
  };
  Moment moment;
  std::string_view rest = iso;
  bool fits = true;
  const auto number = [&](size_t digits, int least, int most) {
    int value = 0;
    const auto [end, error] = std::from_chars(rest.data(), rest.data() + std::min(digits, rest.size()), value);
    fits = fits && error == std::errc() && end == rest.data() + digits && value >= least && value <= most;
    rest.remove_prefix(std::min(digits, rest.size()));
    return value;
  };
  const auto skip = [&](std::string_view any) {
    if (rest.empty() || any.find(rest[0]) == any.npos) return false;
    rest.remove_prefix(1);
    return true;
  };
  moment.tm.tm_year = number(4, 1, 9999) - 1900;
  fits &= skip("-");
  moment.tm.tm_mon = number(2, 1, 12) - 1;
  fits &= skip("-");
  moment.tm.tm_mday = number(2, 1, 31);
  if (fits && skip("T ")) {
    moment.tm.tm_hour = number(2, 0, 23);
    fits &= skip(":");
    moment.tm.tm_min = number(2, 0, 59);
    if (fits && skip(":")) moment.tm.tm_sec = number(2, 0, 59);
    if (fits && skip(".")) {
      std::string micros(rest.substr(0, 6));
      const bool digits = !rest.empty() && std::ranges::all_of(rest, [](char c) { return c >= '0' && c <= '9'; });
      if (!digits) return wrong();
      micros.resize(6, '0');
      moment.microseconds = std::stoi(micros);
      rest = {};
    }
  }
  if (!fits || !rest.empty()) return wrong();
  const std::tm asked = moment.tm;
  moment.tm.tm_isdst = 0;
  if (timegm(&moment.tm) == -1 && asked.tm_year != 69) return wrong();  // fills in the day of the week and of the year
  if (moment.tm.tm_mday != asked.tm_mday) return wrong();               // the 31st of a shorter month
  return moment;
}

}  // namespace hasten::jinja
