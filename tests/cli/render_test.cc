// `hasten render`: the text, the refusal, and how it ends.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/cli/hasten.h"

namespace hasten {
namespace {

using ::testing::HasSubstr;

class RenderVerb : public testing::Test {
 protected:
  ProcessResult Render(const std::string& source, const std::string& conversation, std::vector<std::string> flags = {}) {
    WriteBytes(chat_, source);
    std::vector<std::string> arguments = {"render", chat_, "-"};
    arguments.insert(arguments.end(), flags.begin(), flags.end());
    return Hasten(arguments, {.input = conversation});
  }
  TempDir folder_;
  const std::string chat_ = folder_ / "chat.jinja";
};

TEST_F(RenderVerb, PrintsTheTextAndNothingElse) {
  const std::string source =
      "{{ bos_token }}{% for m in messages %}[{{ m.role }}] {{ m.content }}\n{% endfor %}{{ add_generation_prompt }}";
  const auto r = Render(source, R"({"messages": [{"role": "user", "content": "Grüße"}]})", {"--bos-token", "<s>"});
  EXPECT_EQ(r.out, "<s>[user] Grüße\nTrue");
  EXPECT_EQ(r.err, "");
  EXPECT_EQ(r.exit_code, 0);
  EXPECT_EQ(Render(source, R"([{"role": "user", "content": "x"}])").out, "[user] x\nTrue");
  EXPECT_EQ(Render("{{ add_generation_prompt }}", R"({"add_generation_prompt": false})").out, "False");
  EXPECT_EQ(Render("{{ strftime_now('%d %b %Y') }}", "{}", {"--now", "2026-01-02T03:04:05"}).out, "02 Jan 2026");
}

TEST_F(RenderVerb, ExitCodesTellWhatHappened) {
  struct Case {
    std::string source, conversation;
    int code;
    std::string message;
  };
  for (const Case& c : std::initializer_list<Case>{
           {"{{ raise_exception('Only two roles!') }}", "{}", 1, "hasten: Only two roles!\n"},
           {"a\n{{ messages.x.y }}", "{}", 1, "chat.jinja: line 2: 'messages' is undefined"},
           {"{% if %}", "{}", 3, "line 1: expected an expression"},
           {"x", "{", 3, "not JSON"},
           {"x", "5", 3, "neither an object"},
           {"{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}", "{}", 5, "than"},
       }) {
    const auto r = Render(c.source, c.conversation);
    EXPECT_EQ(r.exit_code, c.code) << r.err;
    EXPECT_THAT(r.err, HasSubstr(c.message));
    EXPECT_EQ(r.out, "");
  }
  EXPECT_EQ(Render("x", "{}", {"--now", "tomorrow"}).exit_code, 2);
  EXPECT_EQ(Hasten({"render", folder_ / "absent", "-"}, {.input = "{}"}).exit_code, 2);
}

}  // namespace
}  // namespace hasten
