// What a hostile candidate answers on its channel: whatever the bytes, a call is judged, and passes only by the right value.
#include <sys/socket.h>
#include <unistd.h>

#include "sandbox/runners/calls.h"
#include "sandbox/runners/compare.h"
#include "sandbox/runners/door.h"
#include "tests/fuzz/fuzz_target.h"

namespace hasten {

using namespace sandbox;

static std::string Frame(const std::string& text) {
  const uint32_t size = uint32_t(text.size());
  return std::string(reinterpret_cast<const char*>(&size), sizeof size) + text;
}

void FuzzOne(std::span<const std::byte> input) {
  if (!input.empty()) {  // the same bytes as a judge's call
    const size_t arguments = size_t(input[0]);
    const std::string_view rest(reinterpret_cast<const char*>(input.data()) + 1, input.size() - 1);
    if (const auto question = ReadQuestion(arguments, rest)) {
      FUZZ_CHECK(question->arguments.size() == arguments);
      FUZZ_CHECK(question->input.size() + 8 * (arguments + 1) <= rest.size());
    }
  }
  auto ends = Channel::Pair();
  if (!ends || input.size() > 60000) return;  // what a socket takes without a reader
  const std::string bytes(reinterpret_cast<const char*>(input.data()), input.size());
  if (::send(ends->second.fd(), bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT) < 0) return;
  ends->second.Close();
  RunResult r;
  r.verdict = Verdict::kAccepted;
  const Check check{.kind = CheckKind::kCall, .function = "f", .arguments = "[1]", .expected = "{\"a\": [1, 2.5, \"x\"]}"};
  FUZZ_CHECK(bool(RunCalls(ends->first, {&check, 1}, r)));
  FUZZ_CHECK((r.passed == 1) == (r.verdict == Verdict::kAccepted));
  FUZZ_CHECK(r.message.find('\n') == std::string::npos);
  if (r.passed == 1) {
    FUZZ_CHECK(bytes.find("2.5") != std::string::npos || bytes.find("25") != std::string::npos ||
               bytes.find("2.4") != std::string::npos);
  }
  FUZZ_CHECK(SameText(bytes, bytes));
  FUZZ_CHECK(!SameText(bytes + "x", bytes));
}

std::vector<std::string> FuzzSeeds() {
  return {Frame("{\"value\": {\"a\": [1, 2.5, \"x\"]}}"),
          Frame("{\"value\": {\"a\": [1.0, 25e-1, \"\\u0078\"]}}"),
          Frame("{\"error\": \"line 1: no\", \"type\": \"MemoryError\"}"),
          Frame("[1]"),
          Frame(std::string(1000, '[')),
          "\xff\xff\xff\xff",
          std::string("\1\2\0\0\0\0\0\0\0ab\1\0\0\0\0\0\0\0c", 20),
          ""};
}

}  // namespace hasten
