#include "cli/bench_report.h"

#include <algorithm>
#include <cmath>

#include "cli/format.h"

namespace hasten {
namespace {

constexpr double kWidth = 760, kHeight = 420, kLeft = 70, kRight = 20, kTop = 16, kBottom = 46;
constexpr size_t kColours = 4;  // .c0 to .c3 of the style sheet

constexpr const char* kHead = R"(<meta charset="utf-8"><meta name="viewport" content="width=device-width">
<style>
:root { --ink: #1b1d21; --soft: #676d77; --line: #d9dce1; --page: #ffffff; }
@media (prefers-color-scheme: dark) { :root { --ink: #e8eaed; --soft: #9aa0a6; --line: #3c4043; --page: #17181b; } }
body { font: 15px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--page); max-width: 800px; margin: 2em auto; padding: 0 1em; }
h1 { font-size: 1.4em; margin-bottom: 0 } h2 { font-size: 1.1em; margin-top: 2em } p { color: var(--soft); margin: .3em 0 }
svg { width: 100%; height: auto } text { font-size: 12px; fill: var(--soft) } .grid { stroke: var(--line) }
.roof { stroke: var(--ink); stroke-width: 1.5; fill: none } .dash { stroke-dasharray: 5 4 } .line { stroke-width: 2; fill: none }
.c0 { stroke: #2f6fde; fill: #2f6fde } .c1 { stroke: #d9822b; fill: #d9822b } .c2 { stroke: #2e9e6b; fill: #2e9e6b } .c3 { stroke: #a554c7; fill: #a554c7 }
path.line { fill: none } table { border-collapse: collapse; width: 100% } td, th { text-align: right; padding: .2em .5em; border-bottom: 1px solid var(--line); font-variant-numeric: tabular-nums } td:first-child, th:first-child { text-align: left }
</style>
)";

std::string Escaped(const std::string& text) {
  std::string out;
  for (const char c : text)
    out += c == '<' ? "&lt;" : c == '>' ? "&gt;" : c == '&' ? "&amp;" : c == '"' ? "&quot;" : std::string(1, c);
  return out;
}

struct Point {
  double x, y;
};

// A plot with logarithmic axes.
class Plot {
 public:
  Plot(Point least, Point most)
      : least_{std::log10(least.x), std::log10(least.y)}, most_{std::log10(most.x), std::log10(most.y)} {
    svg_ = Fmt("<svg viewBox=\"0 0 %g %g\" role=\"img\">\n", kWidth, kHeight);
  }
  double X(double x) const {
    return kLeft + (std::log10(x) - least_.x) / std::max(1e-9, most_.x - least_.x) * (kWidth - kLeft - kRight);
  }
  double Y(double y) const {
    return kHeight - kBottom - (std::log10(y) - least_.y) / std::max(1e-9, most_.y - least_.y) * (kHeight - kTop - kBottom);
  }
  void Axes(const std::string& x_label, const std::string& y_label) {
    for (double e = std::ceil(least_.y); e <= most_.y; ++e) {
      const double y = Y(std::pow(10, e));
      svg_ += Fmt("<path class=\"grid\" d=\"M%g %.1fH%g\"/>", kLeft, y, kWidth - kRight);
      Text({kLeft - 6, y + 4}, HumanCount(std::pow(10, e)), "end");
    }
    for (double e = std::ceil(least_.x); e <= most_.x; ++e) Tick(std::pow(10, e));
    Text({(kLeft + kWidth) / 2, kHeight - 8}, x_label, "middle");
    svg_ += Fmt("<text transform=\"translate(14 %g) rotate(-90)\" text-anchor=\"middle\">%s</text>\n", kHeight / 2,
                y_label.c_str());
  }
  void Tick(double x) {
    svg_ += Fmt("<path class=\"grid\" d=\"M%.1f %gV%g\"/>", X(x), kTop, kHeight - kBottom);
    Text({X(x), kHeight - kBottom + 16}, x < 1 ? Fmt("%g", x) : HumanCount(x), "middle");
  }
  void Text(Point at, const std::string& text, const char* anchor) {
    svg_ += Fmt("<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\">%s</text>\n", at.x, at.y, anchor, Escaped(text).c_str());
  }
  void Line(const std::vector<Point>& points, const std::string& style) {
    std::string d;
    for (const Point& p : points) d += Fmt("%c%.1f %.1f", d.empty() ? 'M' : 'L', X(p.x), Y(p.y));
    svg_ += "<path class=\"" + style + "\" d=\"" + d + "\"/>\n";
  }
  void Dot(Point p, const std::string& style, const std::string& title) {
    svg_ += Fmt("<circle class=\"%s\" cx=\"%.1f\" cy=\"%.1f\" r=\"4\" fill-opacity=\".75\"><title>%s</title></circle>\n",
                style.c_str(), X(p.x), Y(p.y), Escaped(title).c_str());
  }
  std::string Done() const { return svg_ + "</svg>\n"; }

 private:
  Point least_, most_;
  std::string svg_;
};

std::string Colour(size_t i) { return Fmt("c%zu", i % kColours); }

std::string NameOf(const Figure& f) {
  return f.work == "prefill" ? Fmt("prompt of %zu", f.tokens) : Fmt("%zu branch%s", f.branches, f.branches == 1 ? "" : "es");
}

std::string Legend(const std::vector<std::string>& names) {
  std::string out = "<p>";
  for (size_t i = 0; i < names.size(); ++i)
    out +=
        Fmt("<svg style=\"width:12px;height:12px\" viewBox=\"0 0 12 12\"><circle class=\"%s\" cx=\"6\" cy=\"6\" "
            "r=\"5\"/></svg> %s &nbsp; ",
            Colour(i).c_str(), Escaped(names[i]).c_str());
  return out + "</p>\n";
}

// A roof: rising with what is read until a peak of multiply-adds.
void Roof(Plot& plot, double bytes_per_s, double peak, double from, double to) {
  plot.Line({{from, std::min(peak, bytes_per_s * from)}, {std::clamp(peak / bytes_per_s, from, to), peak}, {to, peak}}, "roof");
}

std::string Roofline(const BenchReport& r) {
  const MachineLimits& m = r.limits;
  const double from = 0.1, to = 1e4, peak = std::max({m.int8_multiply_adds, m.float_multiply_adds, m.bf16_multiply_adds});
  double least = peak / 1e3;
  for (const StepProfile& p : r.profiles)
    for (const Operation& o : p.operations)
      if (o.multiply_adds > 0 && o.seconds > 0) least = std::min(least, o.multiply_adds / o.seconds);
  Plot plot({from, least / 1.5}, {to, peak * 1.5});
  plot.Axes("multiply-adds for each byte read", "multiply-adds/s");
  Roof(plot, m.memory_bytes, m.int8_multiply_adds, from, to);
  Roof(plot, m.cache_bytes, m.int8_multiply_adds, from, to);
  const auto name = [&](double rate, const std::string& text) {
    plot.Text({kWidth - kRight - 4, plot.Y(rate) - 5}, text, "end");
  };
  name(m.int8_multiply_adds, "int8 " + HumanCount(m.int8_multiply_adds));
  for (const auto& [rate, text] : {std::pair{m.float_multiply_adds, "float32 "}, std::pair{m.bf16_multiply_adds, "BF16 "}}) {
    if (rate <= 0) continue;
    plot.Line({{rate / m.cache_bytes, rate}, {to, rate}}, "roof dash");
    name(rate, text + HumanCount(rate));
  }
  std::vector<std::string> names;
  for (size_t i = 0; i < r.profiles.size(); ++i) {
    names.push_back(NameOf(r.profiles[i].figure));
    for (const Operation& o : r.profiles[i].operations) {
      if (o.multiply_adds <= 0 || o.bytes <= 0 || o.seconds <= 0) continue;
      const double x = std::clamp(o.multiply_adds / o.bytes, from, to), rate = o.multiply_adds / o.seconds;
      plot.Dot({x, rate}, Colour(i),
               Fmt("%s, %s: %s multiply-adds/s, %s/s read, %.0f %% of its limit, %.1f %% of the step", o.name.c_str(),
                   names.back().c_str(), HumanCount(rate).c_str(), HumanBytes(o.bytes / o.seconds).c_str(),
                   100 * o.limit_seconds / o.seconds, 100 * o.seconds / r.profiles[i].seconds));
    }
  }
  return "<h2>The roofline of this machine</h2>\n<p>Rising: reading memory at " + HumanBytes(m.memory_bytes) +
         "/s and the last-level cache at " + HumanBytes(m.cache_bytes) +
         "/s. A dot is an operation of a step; point at it for its name.</p>\n" + plot.Done() + Legend(names);
}

std::string OverBranches(const BenchReport& r) {
  std::vector<Point> ours, limit, peer;
  for (const Figure& f : r.figures) {
    if (f.work != "decode") continue;
    ours.push_back({double(f.branches), f.tokens_per_s()});
    limit.push_back({double(f.branches), f.limit()});
    if (!f.peer_rates.empty()) peer.push_back({double(f.branches), f.peer_tokens_per_s()});
  }
  if (ours.empty()) return {};
  double least = 1e300, most = 0, widest = 2;
  for (const auto* series : {&ours, &limit, &peer})
    for (const Point& p : *series) least = std::min(least, p.y), most = std::max(most, p.y), widest = std::max(widest, p.x);
  Plot plot({0.9, least / 2}, {widest * 1.1, most * 2});
  plot.Axes("branches of one prefix", "tokens/s");
  for (const Point& p : ours) plot.Tick(p.x);
  plot.Line(limit, "roof dash");
  std::vector<std::string> names = {"hasten"};
  if (!peer.empty()) names.push_back(r.peer);
  for (size_t i = 0; i < names.size(); ++i) {
    const auto& series = i == 0 ? ours : peer;
    plot.Line(series, "line " + Colour(i));
    for (const Point& p : series) plot.Dot(p, Colour(i), Fmt("%s, %g branches: %.1f tokens/s", names[i].c_str(), p.x, p.y));
  }
  return "<h2>Tokens per second over branches</h2>\n<p>Dashed: the limit of this machine.</p>\n" + plot.Done() + Legend(names);
}

std::string Table(const BenchReport& r) {
  std::string out = "<h2>Figures</h2>\n<table><tr><th>work</th><th>tokens/s</th><th>limit</th><th>share</th>";
  if (!r.peer.empty()) out += "<th>" + Escaped(r.peer) + "</th><th>ratio</th><th>spread</th>";
  out += "</tr>\n";
  for (const Figure& f : r.figures) {
    out += Fmt("<tr><td>%s</td><td>%.1f</td><td>%.1f</td><td>%.0f %%</td>", NameOf(f).c_str(), f.tokens_per_s(), f.limit(),
               100 * f.share());
    if (!r.peer.empty())
      out += Fmt("<td>%.1f</td><td>%.2f</td><td>%.0f %%</td>", f.peer_tokens_per_s(), f.ratio(), 100 * f.spread());
    out += "</tr>\n";
  }
  return out + "</table>\n";
}

}  // namespace

std::string ReportHtml(const BenchReport& r) {
  return "<!doctype html>\n<html lang=\"en\"><title>" + Escaped(r.title) + "</title>" + kHead + "<h1>" + Escaped(r.title) +
         "</h1>\n<p>" + Escaped(r.machine) + "</p>\n" + Roofline(r) + OverBranches(r) + Table(r) + "</html>\n";
}

}  // namespace hasten
