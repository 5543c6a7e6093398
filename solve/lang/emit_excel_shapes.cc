#include "solve/lang/emit_excel_shapes.h"

#include <algorithm>

#include "base/result.h"

namespace hasten::solve {

namespace {

bool Digit(char c) { return c >= '0' && c <= '9'; }
bool Letter(char c) { return (c | 32) >= 'a' && (c | 32) <= 'z'; }

// Empty where a mark is none that dates have.
std::string SkeletonOf(std::string_view text) {
  constexpr std::string_view kMarks = " #'+,-./:@_";
  std::string skeleton;
  size_t run = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    run = i > 0 && Digit(c) && Digit(text[i - 1]) ? run + 1 : 0;
    if (Digit(c)) {
      if (run % 2 == 0) skeleton += '9';
    } else if (Letter(c)) {
      if (i == 0 || !Letter(text[i - 1])) skeleton += 'a';
    } else if (kMarks.find(c) != std::string_view::npos) {
      skeleton += c;
    } else {
      return {};
    }
  }
  return skeleton;
}

// Reads the words of a shape in their order.
class Sayings {
 public:
  Sayings(const DateShape& shape, DateOrder order) : shape_(shape), order_(order) {}

  DateSayings All() {
    for (const DateShape::Word& word : shape_.words) {
      const std::string k = std::to_string(word.number ? ++numbers_ : ++words_);
      const std::string text = std::string("@match($1,\"") + (word.number ? "digits" : "letters") + "\"," + k + ")";
      if (word.number) {
        Number(word, text, "@amount($1," + k + ")");
      } else {
        Word(word, text);
      }
    }
    if (!hour_.empty()) said_.time = Time();
    if (!week_.empty())
      OnDay("(@monday_of_first_week(" + said_.year + ")+7*(" + week_ + "-1)" + (weekday_.empty() ? "" : "+" + weekday_) + ")");
    if (!year_day_.empty()) {
      Want("(" + year_day_ + "<=365+@leap(" + said_.year + "))");
      OnDay("(@day_number(" + said_.year + ",1,1)+" + year_day_ + "-1)");
    }
    if (!nth_.empty()) {
      said_.day = "@nth_weekday(" + said_.year + "," + said_.month + "," + weekday_ + "," + nth_ + ")";
      Want("(" + said_.day + "<=@days_in(" + said_.year + "," + said_.month + "))");
    } else if (!said_.day.empty() && week_.empty() && year_day_.empty()) {
      Between(said_.day, 1, "@days_in(" + (said_.year.empty() ? "2000" : said_.year) + "," + said_.month + ")");
    }
    if (said_.valid.empty()) said_.valid = "TRUE";
    return said_;
  }

 private:
  void Want(const std::string& condition) { said_.valid += (said_.valid.empty() ? "" : "*") + condition; }
  void Between(const std::string& amount, int least, const std::string& most) {
    Want("(" + amount + ">=" + std::to_string(least) + ")*(" + amount + "<=" + most + ")");
  }
  void Long(const std::string& text, size_t length) { Want("(LEN(" + text + ")=" + std::to_string(length) + ")"); }

  void OnDay(const std::string& day) {
    for (auto& [field, name] : {std::pair{&said_.month, "@month_on("}, {&said_.day, "@day_on("}, {&said_.year, "@year_on("}}) {
      *field = name + day + ")";
    }
  }

  void Number(const DateShape::Word& word, const std::string& text, const std::string& amount) {
    switch (word.role) {
      case MomentRole::kYear:
        said_.year = word.length == 2 ? "@year_of_century(" + amount + ")" : amount;
        return word.length == 2 ? Long(text, 2) : Want("(" + amount + ">=1000)");
      case MomentRole::kMonth:
        if (IsYearAndMonth() && !said_.year.empty()) Long(text, 2);
        return Month(amount);
      case MomentRole::kDay:
        said_.day = amount;
        return;
      case MomentRole::kYearDay:
        year_day_ = amount;
        return Want("(" + amount + ">=1)");
      case MomentRole::kWeek:
        week_ = amount;
        return Between(amount, 1, "53");
      case MomentRole::kNth:
        nth_ = amount;
        return Between(amount, 1, "5");
      case MomentRole::kHour:
        hour_ = amount;
        return HasNoon() ? Between(amount, 1, "12") : Want("(" + amount + "<=23)");
      case MomentRole::kMinute:
        if (!hour_.empty()) Long(text, 2);
        if (hour_.empty()) hour_ = "0";
        minute_ = amount;
        return Want("(" + amount + "<=59)");
      case MomentRole::kSecond:
        if (order_ == DateOrder::kMinutesSeconds) Long(text, 2);
        second_ = amount;
        return Want("(" + amount + "<=59)");
      case MomentRole::kZone:
        return word.length == 4 ? Long(text, 4) : Want("(" + amount + "<=59)");
      case MomentRole::kHoursMinutes:
        hour_ = "INT(" + amount + "/100)";
        minute_ = "MOD(" + amount + ",100)";
        return Want("(" + amount + "<2400)*(" + minute_ + "<60)");
      case MomentRole::kYearMonthDay:
        Long(text, 8);
        return RunTogether("INT(" + amount + "/10000)", "INT(MOD(" + amount + ",10000)/100)", "MOD(" + amount + ",100)");
      case MomentRole::kMonthDayYear:
      case MomentRole::kDayMonthYear: {
        if (order_ != DateOrder::kMonthFirst) Long(text, 8);
        const std::string first = "INT(" + amount + "/1000000)", second = "MOD(INT(" + amount + "/10000),100)";
        const bool day_first = word.role == MomentRole::kDayMonthYear;
        return RunTogether("MOD(" + amount + ",10000)", day_first ? second : first, day_first ? first : second);
      }
      default:
        return;
    }
  }

  void RunTogether(const std::string& year, const std::string& month, const std::string& day) {
    said_.year = year;
    Want("(" + year + ">=1000)");
    Month(month);
    said_.day = day;
  }

  void Month(const std::string& amount) {
    said_.month = amount;
    Between(amount, 1, "12");
  }

  void Word(const DateShape::Word& word, const std::string& text) {
    switch (word.role) {
      case MomentRole::kMonthName:
        said_.month = "@month_named(" + text + ")";
        return Want("ISNUMBER(" + said_.month + ")");
      case MomentRole::kWeekdayName:
        weekday_ = "@weekday_named(" + text + ")";
        return Want("ISNUMBER(" + weekday_ + ")");
      case MomentRole::kNoon:
        afternoon_ = "(LEFT(" + text + ")=\"p\")";
        return Want("OR(" + text + (word.length == 1 ? "={\"a\",\"p\"})" : "={\"am\",\"pm\"})"));
      case MomentRole::kOrdinalSuffix:
        return Want("OR(" + text + "={\"st\",\"nd\",\"rd\",\"th\"})");
      default: {
        std::string any;
        for (const std::string& t : word.texts) any += (any.empty() ? "\"" : ",\"") + t + "\"";
        return Want(word.texts.size() == 1 ? "EXACT(" + text + "," + any + ")" : "OR(EXACT(" + text + ",{" + any + "}))");
      }
    }
  }

  std::string Time() const {
    std::string seconds = afternoon_.empty() ? hour_ : "(MOD(" + hour_ + ",12)+12*" + afternoon_ + ")";
    seconds += "*3600";
    if (!minute_.empty()) seconds += "+" + minute_ + "*60";
    if (!second_.empty()) seconds += "+" + second_;
    return "(" + seconds + ")";
  }

  bool Has(MomentRole role) const {
    return std::any_of(shape_.words.begin(), shape_.words.end(), [&](const DateShape::Word& w) { return w.role == role; });
  }
  bool HasNoon() const { return Has(MomentRole::kNoon); }
  bool IsYearAndMonth() const { return Has(MomentRole::kYear) && !Has(MomentRole::kDay); }

  const DateShape& shape_;
  const DateOrder order_;
  int numbers_ = 0, words_ = 0;
  std::string hour_, minute_, second_, afternoon_, weekday_, week_, nth_, year_day_;
  DateSayings said_;
};

}  // namespace

void AddShape(std::string_view text, DateOrder order, std::vector<DateShape>& shapes) {
  DateShape shape{SkeletonOf(text), {}};
  if (shape.skeleton.empty()) return;
  for (const MomentWord& word : MomentWords(text, order)) {
    const bool number = Digit(word.text[0]);
    if (word.role == MomentRole::kDay && word.text.size() > 2) return;
    shape.words.push_back({word.role, word.text.size(), {}, number});
    if (!number && word.role == MomentRole::kNone) shape.words.back().texts.emplace_back(word.text);
  }
  if (shape.words.empty()) return;
  const auto same =
      std::find_if(shapes.begin(), shapes.end(), [&](const DateShape& s) { return s.skeleton == shape.skeleton; });
  if (same == shapes.end()) {
    shapes.push_back(std::move(shape));
    return;
  }
  for (size_t i = 0; i < shape.words.size(); ++i) {
    std::vector<std::string>& known = same->words[i].texts;
    for (std::string& t : shape.words[i].texts) {
      if (!known.empty() && std::find(known.begin(), known.end(), t) == known.end()) known.push_back(std::move(t));
    }
  }
}

DateSayings SayingsOf(const DateShape& shape, DateOrder order) { return Sayings(shape, order).All(); }

}  // namespace hasten::solve
