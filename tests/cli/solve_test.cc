// `hasten solve` from outside.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <sstream>
#include <tuple>

#include "tests/cli/hasten.h"

namespace hasten {
namespace {

using ::testing::HasSubstr;

constexpr char kPeople[] =
    "name,born,label\nAda Lovelace,1815-12-10,\"Lovelace, A. (Dec 1815)\"\nGrace Hopper,1906-12-09,\"Hopper, G. (Dec 1906)\"\n"
    "Alan Turing,1912-06-23,\"Turing, A. (Jun 1912)\"\nEmmy Noether,1882-03-23,\nKurt Goedel,1906-04-28,\n";

TEST(Solve, CompletesATable) {
  TempDir dir;
  WriteBytes(dir / "people.csv", kPeople);
  const auto r = Hasten({"solve", dir / "people.csv"});
  EXPECT_EQ(r.exit_code, 0) << r.err;
  EXPECT_THAT(
      r.out,
      HasSubstr("Emmy Noether,1882-03-23,\"Noether, E. (Mar 1882)\"\nKurt Goedel,1906-04-28,\"Goedel, K. (Apr 1906)\"\n"));
  EXPECT_THAT(r.err, HasSubstr("right on all 3 rows given"));
  EXPECT_THAT(r.err, HasSubstr("2 rows filled in"));
}

TEST(Solve, CasesThatFewRowsShowAreSaid) {
  TempDir dir;
  const std::string few = "score,grade\n95,A\n82,B\n71,C\n60,\n",
                    more = "score,grade\n95,A\n82,B\n71,C\n99,A\n88,B\n74,C\n60,\n";
  WriteBytes(dir / "few.csv", few);
  WriteBytes(dir / "more.csv", more);
  EXPECT_THAT(Hasten({"solve", dir / "few.csv"}).err, HasSubstr("It tells 3 cases apart by 3 rows"));
  EXPECT_THAT(Hasten({"solve", dir / "more.csv"}).err, ::testing::Not(HasSubstr("cases apart")));
}

TEST(Solve, ColumnsThatDoNotMatterDoNotHinder) {
  TempDir dir;
  WriteBytes(
      dir / "orders.csv",
      "id,date,customer,product,qty,price,region,zip,total\n1001,2024-01-05,Ada Lovelace,Widget-12,3,2.50,EU,97301,7.50\n"
      "1002,2024-01-06,Bob Stone,Gadget-7,10,1.99,US,19901,19.90\n1003,2024-02-11,Cy Young,Bolt-3,7,12.00,EU,89501,84.00\n"
      "1004,2024-02-28,Di Ray,Nut-1,12,3.33,US,83702,39.96\n1005,2024-03-01,Ed Norton,Gear-22,1,100.05,EU,74103,\n");
  const auto r = Hasten({"solve", dir / "orders.csv"});
  EXPECT_THAT(r.out, HasSubstr("Gear-22,1,100.05,EU,74103,100.05\n")) << r.err;
}

TEST(Solve, ASavedProgramIsAppliedAgain) {
  TempDir dir;
  WriteBytes(dir / "people.csv", kPeople);
  WriteBytes(dir / "more.csv", "born,name\n1777-04-30,Carl Gauss\n");
  ASSERT_EQ(Hasten({"solve", dir / "people.csv", "-o", dir / "full.csv", "--save", dir / "p.json"}).exit_code, 0);
  EXPECT_THAT(ReadBytes(dir / "full.csv"), HasSubstr("Noether, E."));
  const auto r = Hasten({"solve", "--apply", dir / "p.json", dir / "more.csv"});
  EXPECT_EQ(r.exit_code, 0) << r.err;
  EXPECT_EQ(r.out, "born,name,label\n1777-04-30,Carl Gauss,\"Gauss, C. (Apr 1777)\"\n");
}

TEST(Solve, ASavedProgramIsSaidAsCode) {
  TempDir dir;
  WriteBytes(dir / "people.csv", kPeople);
  WriteBytes(dir / "more.csv", "born,name\n1777-04-30,Carl Gauss\n");
  WriteBytes(dir / "other.csv", "born\n1777-04-30\n");
  const auto found = Hasten({"solve", dir / "people.csv", "--accept", "--save", dir / "p.json", "--emit", "sh"});
  ASSERT_EQ(found.exit_code, 0) << found.err;
  const auto code = Hasten({"solve", "--apply", dir / "p.json", "--emit", "sh"});
  EXPECT_EQ(code.exit_code, 0) << code.err;
  EXPECT_EQ(code.out, found.out);
  WriteBytes(dir / "p.sh", code.out);
  EXPECT_EQ(RunProcess({"sh", dir / "p.sh"}, {.input = ReadBytes(dir / "more.csv")}).out,
            "born,name,label\n1777-04-30,Carl Gauss,\"Gauss, C. (Apr 1777)\"\n");

  const auto both = Hasten({"solve", "--apply", dir / "p.json", dir / "more.csv", "--emit", "sh", "-o", dir / "full.csv"});
  EXPECT_EQ(both.out, code.out) << both.err;
  EXPECT_EQ(ReadBytes(dir / "full.csv"), "born,name,label\n1777-04-30,Carl Gauss,\"Gauss, C. (Apr 1777)\"\n");
  EXPECT_EQ(Hasten({"solve", "--apply", dir / "p.json", dir / "more.csv", "--emit", "sh"}).out, code.out);

  const auto refused = Hasten({"solve", "--apply", dir / "p.json", dir / "other.csv", "--emit", "sh"});
  EXPECT_EQ(refused.exit_code, 2);
  EXPECT_THAT(refused.err, HasSubstr("no column 'name'"));
  EXPECT_EQ(refused.out, "");
  EXPECT_EQ(Hasten({"solve", "--apply", dir / "p.json", "--emit", "sh", "-o", dir / "no.csv"}).exit_code, 2);
}

TEST(Solve, SygusFilesAndContradictions) {
  TempDir dir;
  const std::string head =
      "(synth-fun f ((x String)) String ((S String (x \"-\" (str.++ S S)))))\n(constraint (= (f \"a\") \"a-a\"))\n";
  WriteBytes(dir / "a.sl", head);
  WriteBytes(dir / "b.sl", head + "(constraint (= (f \"a\") \"b\"))\n");
  const auto a = Hasten({"solve", dir / "a.sl"});
  EXPECT_EQ(a.exit_code, 0);
  EXPECT_EQ(a.out, "(define-fun f ((x String)) String (str.++ x (str.++ \"-\" x)))\n");
  EXPECT_EQ(Hasten({"solve", dir / "b.sl"}).out, "infeasible\n");
}

TEST(Solve, SuitesAreOneJsonLineATask) {
  TempDir dir;
  // Three rows are shown, the first two of which have the same month; the fourth judges.
  WriteBytes(dir / "people.csv", std::string(kPeople) + "Carl Gauss,1777-04-30,\"Gauss, C. (Apr 1777)\"\n");
  WriteBytes(dir / "a.sl", "(synth-fun f ((x String)) String ((S String (x))))(constraint (= (f \"a\") \"a\"))");
  const auto r = Hasten({"solve", "--suite", dir.path().string(), "--give", "3", "--json", "--timeout", "5"});
  EXPECT_EQ(r.exit_code, 0) << r.err;
  std::istringstream lines(r.out);
  std::vector<nlohmann::json> tasks;
  for (std::string line; std::getline(lines, line);) tasks.push_back(nlohmann::json::parse(line));
  ASSERT_EQ(tasks.size(), 2u);
  EXPECT_EQ(tasks[0]["task"], "a.sl");
  EXPECT_TRUE(tasks[0]["held_out_right"].is_null());
  EXPECT_EQ(tasks[1]["task"], "people.csv");
  EXPECT_EQ(tasks[1]["held_out_right"], true);
  for (const char* key : {"task", "solved", "held_out_right", "seconds", "size", "candidates", "program"})
    EXPECT_TRUE(tasks[0].contains(key)) << key;
}

TEST(Solve, BadInputIsASentence) {
  TempDir dir;
  WriteBytes(dir / "contradiction.csv", "a,b\nx,1\nx,2\n");
  WriteBytes(dir / "empty.csv", "");
  WriteBytes(dir / "none.csv", "a,b\nx,\ny,\n");
  WriteBytes(dir / "one.csv", "a\nx\n");
  WriteBytes(dir / "ragged.csv", "a,b\nx,y\nx,y,z\n");
  for (const auto& [file, code, what] :
       std::vector<std::tuple<std::string, int, std::string>>{{"contradiction.csv", 2, "rows 2 and 3"},
                                                              {"empty.csv", 2, "no rows"},
                                                              {"none.csv", 2, "no row has an output"},
                                                              {"one.csv", 2, "only one column"},
                                                              {"ragged.csv", 3, "line 3"},
                                                              {"absent.csv", 2, "absent.csv"}}) {
    const auto r = Hasten({"solve", dir / file});
    EXPECT_EQ(r.exit_code, code) << file << r.err;
    EXPECT_THAT(r.err, HasSubstr(what));
    EXPECT_EQ(r.out, "") << file;
  }
}

// Windows-1252, semicolons, CR LF, quotes where they were: as a spreadsheet wrote it.
TEST(Solve, TheTableIsWrittenAsItWas) {
  TempDir dir;
  const std::string table =
      "\"name\";initial\r\n\"Ren\xe9 \"\"R\"\" Magritte\";R\r\nFran\xe7oise Barr\xe9-Sinoussi;F\r\nCamille Claud\xe9;";
  WriteBytes(dir / "people.csv", table);
  const auto r = Hasten({"solve", dir / "people.csv", "--accept"});
  ASSERT_EQ(r.exit_code, 0) << r.err;
  EXPECT_EQ(r.out, table + "C");
}

TEST(Solve, AnswersThatTheEncodingLacksMakeTheTableUtf8) {
  TempDir dir;
  WriteBytes(dir / "people.jsonl", "{\"a\":\"x\",\"b\":\"\u4e2d x\"}\n{\"a\":\"y\",\"b\":\"\u4e2d y\"}\n");
  ASSERT_EQ(Hasten({"solve", dir / "people.jsonl", "--accept", "--save", dir / "p.json"}).exit_code, 0);
  WriteBytes(dir / "more.csv", "a,c\nz,\xe9\n");
  const auto r = Hasten({"solve", "--apply", dir / "p.json", dir / "more.csv"});
  EXPECT_EQ(r.exit_code, 0) << r.err;
  EXPECT_THAT(r.err, HasSubstr("written as UTF-8"));
  EXPECT_EQ(r.out, "a,c,b\nz,\u00e9,\u4e2d z\n");
}

TEST(Solve, ManyRowsAreFilled) {
  TempDir dir;
  std::string table = "name,code\nab-1,AB\ncd-22,CD\nefg-3,EFG\n";
  for (int i = 0; i < 200000; ++i) table += "row" + std::to_string(i) + "-" + std::to_string(i) + ",\n";
  WriteBytes(dir / "many.csv", table);
  const auto r = Hasten({"solve", dir / "many.csv", "--accept"});
  ASSERT_EQ(r.exit_code, 0) << r.err;
  EXPECT_TRUE(r.out.ends_with("row199999-199999,ROW\n")) << r.out.substr(r.out.size() - 100);
  EXPECT_EQ(std::count(r.out.begin(), r.out.end(), '\n'), 200004);
}

}  // namespace
}  // namespace hasten
