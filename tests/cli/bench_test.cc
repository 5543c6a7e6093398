// Bench beside a peer, and what the machine says of energy.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <sstream>

#include "cli/energy.h"
#include "cli/measure.h"
#include "tests/cli/hasten.h"

namespace hasten {
namespace {

using ::testing::HasSubstr;

class BenchBesideAPeer : public ::testing::Test {
 protected:
  void SetUp() override {
    const auto r = Hasten({"synth", "--layers", "1", "--width", "64", "--vocab", "300", "--quant", "Q8_0", "-o", model_});
    ASSERT_EQ(r.exit_code, 0) << r.err;
  }
  ProcessResult Run(const std::string& peer) const {
    return Hasten({"bench", model_, "--prefill", "8", "--decode", "2", "--prefix", "4", "--branches", "1,3", "--threads", "1",
                   "--json", "--vs", peer});
  }
  TempDir dir_;
  std::string model_ = dir_ / "it's a model.gguf";
};

TEST_F(BenchBesideAPeer, FillsTheCommandInAndStatesRatios) {
  const auto r = Run(
      "test -f {model} && echo noise && echo '{\"engine\":\"other\",\"work\":\"prefill\",\"tokens_per_s\":'{prefill}'}' && "
      "for b in $(echo {branches} | tr , ' '); do echo '{\"work\":\"decode\",\"branches\":'$b',\"tokens_per_s\":2.5}'; done");
  ASSERT_EQ(r.exit_code, 0) << r.err;
  std::vector<nlohmann::json> lines;
  std::istringstream out(r.out);
  for (std::string line; std::getline(out, line);) lines.push_back(nlohmann::json::parse(line));
  ASSERT_EQ(lines.size(), 5u);
  EXPECT_EQ(lines[1]["work"], "start");
  EXPECT_GE(lines[1]["first_token_s"], lines[1]["loaded_s"]);
  EXPECT_GT(lines[1]["peak_memory_bytes"], 0);
  for (size_t i = 2; i < 5; ++i) {
    EXPECT_EQ(lines[i]["peer"], "other");
    EXPECT_EQ(lines[i]["peer_tokens_per_s"], i == 2 ? 8 : 2.5);
    EXPECT_NEAR(lines[i]["ratio"], double(lines[i]["tokens_per_s"]) / double(lines[i]["peer_tokens_per_s"]), 1e-6);
    EXPECT_GE(lines[i]["ratio_spread"], 0);
  }
}

TEST_F(BenchBesideAPeer, SaysWhatAPeerDidWrong) {
  const struct {
    const char* command;
    const char* expected;
  } cases[] = {
      {"exit 3", "exit code 3"},
      {"echo '{\"work\":\"prefill\",\"tokens_per_s\":1e999}'; echo '[['; echo '{\"work\":7}'", "about prefill"},
  };
  for (const auto& c : cases) {
    const auto r = Run(c.command);
    EXPECT_EQ(r.exit_code, 2) << c.command;
    EXPECT_THAT(r.err, HasSubstr(c.expected)) << c.command;
  }
}

TEST_F(BenchBesideAPeer, ProfilesAStepAndDrawsAReport) {
  const std::string report = dir_ / "report.html";
  const std::vector<std::string> line = {"bench",      model_, "--prefill", "8", "--decode", "2",         "--prefix", "4",
                                         "--branches", "1,3",  "--threads", "1", "--json",   "--profile", "--report", report};
  const auto r = Hasten(line);
  ASSERT_EQ(r.exit_code, 0) << r.err;
  std::istringstream out(r.out);
  double shares = 0;
  std::string operations, ways;
  for (std::string text; std::getline(out, text);) {
    const auto object = nlohmann::json::parse(text);
    if (object["work"] == "choose tokens") ways += std::string(object["way"]) + "\n";
    if (object["work"] != "profile") continue;
    shares += double(object["share_of_step"]);
    operations += std::string(object["operation"]) + "\n";
  }
  EXPECT_NEAR(shares, 3, 0.01);  // a whole for each of three figures
  for (const char* name : {"attention", "product 64 x 64", "norm", "choose tokens", "between operations"})
    EXPECT_THAT(operations, HasSubstr(name));
  for (const char* way : {"greedy", "default options"}) EXPECT_THAT(ways, HasSubstr(way));
  const std::string html = ReadBytes(report);
  for (const char* part : {"<!doctype html>", "it's a model", "roofline", "3 branches", "</html>"})
    EXPECT_THAT(html, HasSubstr(part));
  EXPECT_THAT(html, ::testing::Not(HasSubstr("nan")));
  EXPECT_THAT(html, ::testing::Not(HasSubstr("http")));
  EXPECT_EQ(Hasten(line).exit_code, 2);  // the report exists
}

TEST(Figure, RatiosAreThoseOfRunsSideBySide) {
  const Figure f = {.work = "decode", .tokens = 10, .floors = {0.8, 0.5, 0.4}, .seconds = {1, 2, 4}, .peer_rates = {5, 5, 2}};
  EXPECT_DOUBLE_EQ(f.tokens_per_s(), 5);
  EXPECT_DOUBLE_EQ(f.limit(), 20);
  EXPECT_DOUBLE_EQ(f.share(), 0.25);  // of 0.8, 0.25 and 0.1
  EXPECT_DOUBLE_EQ(f.ratio(), 1.25);  // of 2, 1 and 1.25
  EXPECT_DOUBLE_EQ(f.spread(), 0.8);
}

TEST(EnergyMeter, ReadsPackagesOrABatteryOrNothing) {
  TempDir sys;
  EXPECT_FALSE(EnergyMeter::Find(sys.path().string()));
  const auto write = [&](const std::string& name, const std::string& text) {
    std::filesystem::create_directories(std::filesystem::path(sys / name).parent_path());
    WriteBytes(sys / name, text);
  };
  write("class/power_supply/BAT0/status", "Discharging\n");
  write("class/power_supply/BAT0/power_now", "8000000\n");
  ASSERT_TRUE(EnergyMeter::Find(sys.path().string()));
  EXPECT_STREQ(EnergyMeter::Find(sys.path().string())->source(), "battery");
  write("class/powercap/intel-rapl:0/max_energy_range_uj", "10000000\n");
  write("class/powercap/intel-rapl:0/energy_uj", "9000000\n");
  write("class/powercap/intel-rapl:0:1/max_energy_range_uj", "10000000\n");  // a part of the package
  write("class/powercap/intel-rapl:0:1/energy_uj", "1\n");
  auto meter = EnergyMeter::Find(sys.path().string());
  ASSERT_TRUE(meter);
  EXPECT_STREQ(meter->source(), "RAPL");
  meter->Start();
  write("class/powercap/intel-rapl:0/energy_uj", "500000\n");  // the counter began again
  write("class/powercap/intel-rapl:0:1/energy_uj", "900000\n");
  EXPECT_NEAR(meter->Stop(), 1.5, 1e-9);
}

}  // namespace
}  // namespace hasten
