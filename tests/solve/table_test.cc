// Tables made by the test: what a few rows mean to the search, on rows it has not seen.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "solve/lang/ops.h"
#include "solve/lang/program_json.h"
#include "solve/table/learned_costs.h"
#include "solve/table/read_task.h"
#include "solve/table/solve.h"

namespace hasten::solve {
namespace {

using ::testing::HasSubstr;

struct Case {
  const char* what;
  size_t given;
  std::vector<std::vector<const char*>> rows;  // inputs, then the output; nullptr is none
};

TableTask TaskOf(const Case& c, bool all_given) {
  TableTask task;
  for (size_t r = 0; r < c.rows.size(); ++r) {
    Row row;
    row.line = r + 1;
    for (size_t i = 0; i + 1 < c.rows[r].size(); ++i) row.cells.push_back(c.rows[r][i] ? Cell(c.rows[r][i]) : Cell());
    const char* const output = c.rows[r].back();
    if (all_given || r < c.given) row.want = output ? Row::Want::kText : Row::Want::kNothing;
    if (output) row.output = output;
    task.rows.push_back(row);
  }
  for (size_t i = 0; i + 1 < c.rows[0].size(); ++i) task.columns.push_back("c" + std::to_string(i));
  return task;
}

const Case kCases[] = {
    {"initial and last name",
     2,
     {{"Ada Lovelace", "A. Lovelace"},
      {"Grace Hopper", "G. Hopper"},
      {"Alan Mathison", "A. Mathison"},
      {"Emmy Noether", "E. Noether"}}},
    {"a field by its separator", 2, {{"red;green;blue", "green"}, {"one;two words;three", "two words"}, {"a;;c", ""}}},
    {"the last folder", 2, {{"/usr/share/doc/readme.txt", "readme"}, {"/etc/motd.d/a.b", "a"}, {"/x/yy/zzz.tar", "zzz"}}},
    {"capitals", 1, {{"new york", "New York"}, {"san juan", "San Juan"}}},
    {"two columns",
     2,
     {{"Kyiv", "Ukraine", "Kyiv (UKRAINE)"}, {"Lima", "Peru", "Lima (PERU)"}, {"La Paz", "Bolivia", "La Paz (BOLIVIA)"}}},
    {"a date in another order",
     2,
     {{"2021-03-09", "9 Mar 2021"}, {"2019-12-24", "24 Dec 2019"}, {"1999-01-31", "31 Jan 1999"}}},
    {"dates of many forms",
     3,
     {{"March 3, 1999", "1999-03-03"},
      {"12-Apr-2001", "2001-04-12"},
      {"7/30/1988", "1988-07-30"},
      {"Dec 1 2010", "2010-12-01"}}},
    {"the quarter", 2, {{"2021-03-09", "Q1 2021"}, {"2019-12-24", "Q4 2019"}, {"1999-08-31", "Q3 1999"}}},
    {"half hours", 3, {{"9:12", "9:00-9:30"}, {"14:48", "14:30-15:00"}, {"23:05", "23:00-23:30"}, {"6:59", "6:30-7:00"}}},
    {"two hours with their half of the day",
     3,
     {{"18:25:57", "6PM to 8PM"},
      {"21:44:40", "8PM to 10PM"},
      {"07:00:20", "6AM to 8AM"},
      {"23:34:17", "10PM to 12AM"},
      {"11:15:08", "10AM to 12PM"}}},
    {"two hours with their half of the day, behind a date",
     3,
     {{"2143-10-06 06:25", "Oct 06, 2143 6AM-8AM"},
      {"2002-03-30 09:44", "Mar 30, 2002 8AM-10AM"},
      {"1846-01-31 07:00", "Jan 31, 1846 6AM-8AM"},
      {"1953-04-22 11:34", "Apr 22, 1953 10AM-12PM"}}},
    {"rounding", 2, {{"12.345", "12.35"}, {"8.1", "8.10"}, {"199.999", "200.00"}}},
    {"thousands", 2, {{"1234567", "1,234,567"}, {"98765", "98,765"}, {"12", "12"}}},
    {"leading zeros", 2, {{"42", "00042"}, {"7", "00007"}, {"12345", "12345"}}},
    {"looked up", 2, {{"Texas", "TX"}, {"Ohio", "OH"}, {"Utah", "UT"}, {"New York", "NY"}}},
    {"buckets", 3, {{"37", "30-39"}, {"82", "80-89"}, {"5", "0-9"}, {"60", "60-69"}}},
    {"either form",
     3,
     {{"Doe, Jane", "Jane Doe"},
      {"Max Planck", "Max Planck"},
      {"Bohr, Niels", "Niels Bohr"},
      {"Rosa Parks", "Rosa Parks"},
      {"Curie, Marie", "Marie Curie"}}},
    {"two letters of the last name", 2, {{"Ada Lovelace", "Lo"}, {"Grace Hopper", "Ho"}, {"Alan Turing", "Tu"}}},
    {"digits stay as written", 2, {{"2004", "20.04"}, {"1976", "19.76"}, {"2020", "20.20"}}},
    {"lakhs and crores", 2, {{"36345645.34", "3,63,45,645"}, {"2323.2", "2,323"}, {"1234567.1", "12,34,567"}}},
    {"a price with tax", 3, {{"100", "119.00"}, {"250", "297.50"}, {"80", "95.20"}, {"12", "14.28"}}},
    {"degrees", 3, {{"0", "32"}, {"100", "212"}, {"37", "98.6"}, {"-40", "-40"}}},
    {"whether one column has the other in it",
     3,
     {{"red apples", "apple", "yes"},
      {"green pears", "apple", "no"},
      {"some plums", "plum", "yes"},
      {"grapes", "pear", "no"},
      {"a melon", "melon", "yes"},
      {"figs", "date", "no"}}},
    {"two columns multiplied", 2, {{"12.50", "3", "37.50"}, {"7.25", "4", "29.00"}, {"99.99", "10", "999.90"}}},
    {"two columns divided", 3, {{"3", "4", "75.0%"}, {"10", "40", "25.0%"}, {"7", "8", "87.5%"}, {"1", "3", "33.3%"}}},
    {"change in percent", 3, {{"100", "120", "+20%"}, {"80", "60", "-25%"}, {"50", "75", "+50%"}, {"40", "44", "+10%"}}},
    {"the larger", 3, {{"12", "50", "50"}, {"70", "30", "70"}, {"100", "101", "101"}, {"9", "3", "9"}}},
    {"decimal commas", 3, {{"12.5", "12,50 €"}, {"1999", "1.999,00 €"}, {"0.99", "0,99 €"}, {"1234567.891", "1.234.567,89 €"}}},
    {"the next day",
     3,
     {{"2021-03-09", "2021-03-10"}, {"2019-12-24", "2019-12-25"}, {"1999-01-31", "1999-02-01"}, {"2024-02-28", "2024-02-29"}}},
    {"the month's end",
     3,
     {{"2021-04-09", "2021-04-30"}, {"2019-12-24", "2019-12-31"}, {"2024-02-01", "2024-02-29"}, {"2023-02-01", "2023-02-28"}}},
    {"age",
     3,
     {{"1990-05-20", "2024-03-01", "33"},
      {"1985-01-02", "2024-03-01", "39"},
      {"2000-12-31", "2024-01-01", "23"},
      {"2010-07-07", "2023-08-08", "13"}}},
    {"minutes as a duration", 3, {{"90", "1h 30m"}, {"45", "0h 45m"}, {"125", "2h 5m"}, {"600", "10h 0m"}}},
    {"ordinals", 3, {{"1", "1st"}, {"12", "12th"}, {"23", "23rd"}, {"111", "111th"}, {"102", "102nd"}}},
    {"words of camelCase",
     2,
     {{"CustomerName", "Customer Name"}, {"OrderId", "Order Id"}, {"TotalNetAmount", "Total Net Amount"}}},
    {"a slug", 2, {{"Hello, World!", "hello-world"}, {"Ten Tips for C++", "ten-tips-for-c"}, {"Fish & Chips", "fish-chips"}}},
    {"degrees the other way", 3, {{"32", "0.0"}, {"212", "100.0"}, {"98.6", "37.0"}, {"50", "10.0"}, {"75", "23.9"}}},
    {"a price without tax", 3, {{"119", "100.00"}, {"59.99", "50.41"}, {"238.1", "200.08"}, {"12.3", "10.34"}}},
    {"hours and minutes of one cell", 3, {{"3h 25m", "205"}, {"1h 5m", "65"}, {"0h 45m", "45"}, {"10h 59m", "659"}}},
    {"a discount among many columns",
     3,
     {{"A-1", "2024-01-05", "12", "386.94", "5", "x9", "4411.12"},
      {"A-2", "2024-02-06", "20", "294.67", "15", "y8", "5009.39"},
      {"A-3", "2024-03-07", "3", "99.99", "0", "z7", "299.97"},
      {"A-4", "2024-04-08", "7", "10.10", "10", "w6", "63.63"}}},
    {"a condition on kinds",
     4,
     {{"12", "US", "a", "domestic"},
      {"45", "DE", "b", "international"},
      {"9", "FR", "c", "international"},
      {"77", "US", "d", "domestic"},
      {"30", "DE", "e", "international"},
      {"3", "FR", "f", "international"},
      {"50", "US", "g", "domestic"}}},
    {"groups of four from the left",
     3,
     {{"DE89370400440532013000", "DE89 3704 0044 0532 0130 00"},
      {"GB29NWBK60161331926819", "GB29 NWBK 6016 1331 9268 19"},
      {"FR1420041010050500013M02606", "FR14 2004 1010 0505 0001 3M02 606"},
      {"NL91ABNA0417164300", "NL91 ABNA 0417 1643 00"}}},
    {"two columns weighed", 3, {{"3", "1", "10"}, {"2", "2", "8"}, {"0", "4", "4"}, {"10", "0", "30"}, {"1", "7", "10"}}},
    {"degrees, minutes and seconds",
     3,
     {{"40d 26m 46s", "40.4461"}, {"12d 30m 0s", "12.5000"}, {"1d 15m 36s", "1.2600"}, {"5d 6m 7s", "5.1019"}}},
    {"what stands in brackets",
     3,
     {{"Paris (France)", "France"},
      {"Rome (Italy)", "Italy"},
      {"Berlin (Germany) [old]", "Germany"},
      {"Utah (United States)", "United States"}}},
    {"what stands in quotes",
     3,
     {{"GET \"/index.html\" 200", "/index.html"},
      {"POST \"/api/users\" 201", "/api/users"},
      {"GET \"/\" 301", "/"},
      {"PUT \"/a b/c\" 404", "/a b/c"}}},
    {"the first of a part",
     3,
     {{"ada@example.com", "example"},
      {"bob.smith@my-site.org", "my-site"},
      {"x@foo.co.uk", "foo"},
      {"kim.lee@bar.net", "bar"}}},
    {"a value by its key",
     3,
     {{"https://x.com/a?id=12&b=3", "12"},
      {"https://x.com/?b=3&id=7", "7"},
      {"http://y.org/p/q?id=900", "900"},
      {"http://z.net?c=1&id=55&d=98", "55"}}},
    {"a part rewritten",
     3,
     {{"ada.lovelace@x.com", "Ada Lovelace"},
      {"bob_smith@y.org", "Bob Smith"},
      {"grace.hopper@z.net", "Grace Hopper"},
      {"alan.m.turing@b.uk", "Alan M Turing"}}},
    {"what only some cells are adorned with",
     3,
     {{"https://www.example.com/a", "example.com"},
      {"http://blog.site.org/x?y=1", "blog.site.org"},
      {"https://www.foo.co.uk", "foo.co.uk"},
      {"https://www.bar.net/q", "bar.net"}}},
    {"apostrophes in a slug",
     3,
     {{"Hello, World!", "hello-world"},
      {"It's a Nice Day", "its-a-nice-day"},
      {"C++ & Rust", "c-rust"},
      {"Don't Panic!", "dont-panic"}}},
    {"tags as a list",
     3,
     {{"I love #cats and #dogs", "cats, dogs"},
      {"#one", "one"},
      {"none but #two here #three", "two, three"},
      {"go #team! and #win.", "team, win"}}},
    {"a condition on the first word",
     3,
     {{"Mr. Smith", "M"}, {"Ms. Jones", "F"}, {"Mrs. Brown", "F"}, {"Mr. Green", "M"}, {"Ms. White", "F"}}},
    {"the unit beside a number",
     3,
     {{"1.5 GB", "1536"}, {"200 MB", "200"}, {"2 GB", "2048"}, {"4096 GB", "4194304"}, {"10 MB", "10"}}},
    {"numbers of one cell compared", 3, {{"3-1", "home"}, {"0-2", "away"}, {"5-0", "home"}, {"1-4", "away"}, {"2-1", "home"}}},
    {"a word counted",
     4,
     {{"yes,no,yes", "2"}, {"no,no", "0"}, {"yes", "1"}, {"yes,yes,yes,no", "3"}, {"no,yes,no,no,yes", "2"}}},
    {"the year of accounts",
     3,
     {{"2024-01-15", "FY2023"},
      {"2024-04-01", "FY2024"},
      {"2023-03-31", "FY2022"},
      {"2023-11-05", "FY2023"},
      {"2022-04-02", "FY2022"}}},
    {"a list sorted", 2, {{"pear,apple,fig", "apple,fig,pear"}, {"b,a", "a,b"}, {"zoo,yes,xen,war", "war,xen,yes,zoo"}}},
    {"no vowels", 3, {{"banana", "bnn"}, {"apple", "ppl"}, {"queue", "q"}, {"umbrella", "mbrll"}, {"orchid", "rchd"}}},
    {"which is later",
     3,
     {{"2024-01-05", "2024-01-09", "on time"},
      {"2024-03-05", "2024-03-01", "late"},
      {"2023-07-01", "2023-09-01", "on time"},
      {"2023-07-02", "2023-06-30", "late"},
      {"2023-01-01", "2023-12-30", "on time"}}},
    {"blank stays blank", 2, {{"a-1", "1"}, {"bc-22", "22"}, {"", ""}, {"d-333", "333"}}},
    {"camelCase",
     3,
     {{"first_name", "firstName"}, {"date_of_birth", "dateOfBirth"}, {"id_of_user", "idOfUser"}, {"x_y", "xY"}}},
    {"a sign by the letter, not by what is even",
     3,
     {{"52.52 N", "52.52"}, {"33.86 S", "-33.86"}, {"40.71 N", "40.71"}, {"22.90 S", "-22.90"}, {"51.5 N", "51.5"}}},
    {"in brackets, or empty", 3, {{"abc (x)", "x"}, {"def", ""}, {"ghi (y)", "y"}, {"jkl", ""}, {"mno (z)", "z"}}},
    {"nothing where there is none",
     3,
     {{"call 555-1234 now", "555-1234"}, {"no number", nullptr}, {"or 555-9876 then", "555-9876"}, {"none either", nullptr}}},
};

TEST(Table, GivesRowsItHasNotSeenWhatTheyShouldHave) {
  for (const Case& c : kCases) {
    const auto answer = SolveTable(TaskOf(c, false), Budget{});
    ASSERT_TRUE(answer) << c.what;
    ASSERT_FALSE(answer->programs.empty()) << c.what;
    const TableTask truth = TaskOf(c, true);
    for (const Row& row : truth.rows) {
      EXPECT_TRUE(Right(answer->programs[0].program, row))
          << c.what << ": " << Print(answer->programs[0].program, truth.columns) << " gives "
          << Answer(answer->programs[0].program, row.cells).value_or("nothing");
    }
  }
}

TEST(Table, LearnedCostsAreOfWhatProgramsHave) {
  const auto costs = LearnedCosts();
  ASSERT_FALSE(costs.empty());
  for (size_t i = 0; i < costs.size(); ++i) {
    if (i > 0) {
      EXPECT_LT(costs[i - 1].feature, costs[i].feature);
    }
    std::string name(costs[i].feature);
    if (name.starts_with("text of ")) continue;
    if (name.starts_with("if ")) name = name.substr(3);
    EXPECT_TRUE(FindOp(name.substr(0, name.find(' ')))) << costs[i].feature;
  }
  const Expr match = Apply("match", {Input(0), Text("digits"), Number(-1)});
  EXPECT_THAT(FeaturesOf(Concat({match, Text("a1")})),
              ::testing::UnorderedElementsAre("concat", "match", "match digits last", "text of digits"));
  EXPECT_THAT(
      FeaturesOf(Apply("if", {Apply("empty", {match}), Text("x"), match})),
      ::testing::UnorderedElementsAre("if", "if empty", "if match", "if match digits last", "match", "match digits last"));
}

TEST(Table, LettersWithoutACapitalInLatin1AreLeftAsTheyAre) {
  EXPECT_EQ(Evaluate(Apply("upper", {Text("\u00ff\u00df\u00f7\u00fe")}), {}).text, "\u00ff\u00df\u00f7\u00de");
  EXPECT_EQ(Evaluate(Apply("lower", {Text("\u00d7\u00de")}), {}).text, "\u00d7\u00fe");
}

TEST(Table, AWrongProgramIsNotRight) {
  const TableTask truth = TaskOf(kCases[0], true);
  EXPECT_FALSE(Right(Apply("upper", {Input(0)}), truth.rows[0]));
  EXPECT_FALSE(Right(Apply("nothing", {}), truth.rows[0]));
}

TEST(Table, SavedProgramsAreTheSameProgram) {
  for (const Case& c : kCases) {
    const auto answer = SolveTable(TaskOf(c, false), Budget{});
    ASSERT_TRUE(answer && !answer->programs.empty());
    const SavedProgram saved{TaskOf(c, true).columns, "out", answer->programs[0].program};
    const auto again = ProgramFromJson(ProgramToJson(saved));
    ASSERT_TRUE(again) << again.error().what;
    for (const Row& row : TaskOf(c, true).rows)
      EXPECT_EQ(Answer(again->program, row.cells), Answer(saved.program, row.cells)) << c.what;
  }
}

TEST(Table, DamagedProgramsAreRefused) {
  for (const char* text :
       {"", "[]", "{}", R"({"inputs":[],"output":"x","program":["nonsense"]})",
        R"({"inputs":[],"output":"x","program":{"input":0}})", R"({"inputs":["a"],"output":"x","program":["upper"]})",
        R"({"inputs":[1],"output":"x","program":"a"})"}) {
    EXPECT_FALSE(ProgramFromJson(text)) << text;
  }
  EXPECT_FALSE(
      ProgramFromJson(R"({"inputs":[],"output":"x","program":)" + std::string(5000, '[') + std::string(5000, ']') + "}"));
}

TEST(Table, ContradictionsAreNamedWithTheirRows) {
  const Case c = {"", 2, {{"a", "b"}, {"a", "c"}}};
  const auto answer = SolveTable(TaskOf(c, true), Budget{});
  ASSERT_FALSE(answer);
  EXPECT_THAT(answer.error().what, HasSubstr("rows 1 and 2"));
}

TEST(Table, LongCellsOfMarksTakeNoLongerThanTheLimit) {
  TableTask task{{"text"}, {}};
  for (size_t r = 0; r < 4; ++r) {
    Row row{{std::string()}, Row::Want::kText, "x" + std::to_string(r), r + 1};
    for (size_t i = 0; i < 50000; ++i) *row.cells[0] += ".,;:-/_ "[(i * i / 7 + i * (r + 3)) % 8];
    *row.cells[0] += row.output;
    task.rows.push_back(std::move(row));
  }
  Budget budget;
  budget.seconds = 0.3;
  const auto answer = SolveTable(task, budget);
  ASSERT_TRUE(answer);
  EXPECT_LT(answer->seconds, 2);
  EXPECT_TRUE(!answer->programs.empty() || answer->out_of_time);
}

TEST(Table, NoExamplesIsSaid) {
  const Case c = {"", 0, {{"a", "b"}}};
  const auto answer = SolveTable(TaskOf(c, false), Budget{});
  ASSERT_FALSE(answer);
  EXPECT_THAT(answer.error().what, HasSubstr("no row has an output"));
}

TEST(Table, ProseTasksHaveNullAndEmpty) {
  auto task = TaskOfProse(
      R"({"Examples":[{"Input":["a"],"Output":""},{"Input":[null],"Output":null},{"Input":["a"],"Output":""},{"Input":["b"],"Output":"c"}]})");
  ASSERT_TRUE(task);
  EXPECT_EQ(task->rows[0].want, Row::Want::kText);
  EXPECT_EQ(task->rows[1].want, Row::Want::kNothing);
  GiveOnly(*task, 2);
  EXPECT_EQ(task->rows[1].want, Row::Want::kNothing);
  EXPECT_EQ(task->rows[2].want, Row::Want::kAsk);  // the same as the first
  EXPECT_EQ(task->rows[3].want, Row::Want::kAsk);
}

}  // namespace
}  // namespace hasten::solve
