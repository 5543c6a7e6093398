#include "solve/report/report_page.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace hasten::solve {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(ReportPage, HostileTextIsOnlyText) {
  RunRecord run = {.id = 1, .task = "<script>alert(1)</script>", .settings = "\x01\xff", .status = "solved", .best = 1};
  TrialRecord t;
  t.n = 1;
  t.parent = 1;  // of itself: a damaged log
  t.candidate = "</pre><script>";
  t.verdict = "\"><img onerror=x>";
  t.feedback = "<b>";
  const std::string page = ReportPage(run, {t}, false);
  EXPECT_THAT(page, Not(HasSubstr("<script")));
  EXPECT_THAT(page, Not(HasSubstr("<img")));
  EXPECT_THAT(page, Not(HasSubstr("<b>&")));
  EXPECT_THAT(page, HasSubstr("&lt;/pre&gt;&lt;script&gt;"));
}

TEST(ReportPage, WhetherLowerIsBetterIsReadFromTheText) {
  const std::string direction[] = {"lower", "higher"};
  for (const std::string& d : direction)
    EXPECT_EQ(LowerIsBetter({.task = "gone.toml", .text = "file = \"gone\"\nscore = \"" + d + "\"\n"}), d == "lower") << d;
}

}  // namespace
}  // namespace hasten::solve
