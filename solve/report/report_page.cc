#include "solve/report/report_page.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <set>

#include "base/human.h"
#include "base/quote.h"
#include "solve/task/task.h"

namespace hasten::solve {

std::string HtmlText(const std::string& text) {
  std::string out;
  for (size_t i = 0; i < text.size();) {
    const size_t length = Utf8Length(std::string_view(text).substr(i));
    const char c = text[i];
    if (length == 0 || (length == 1 && static_cast<unsigned char>(c) < 0x20 && c != '\n' && c != '\t') || c == 0x7f) {
      out += "\xEF\xBF\xBD";
      ++i;
      continue;
    }
    if (c == '&') {
      out += "&amp;";
    } else if (c == '<') {
      out += "&lt;";
    } else if (c == '>') {
      out += "&gt;";
    } else if (c == '"') {
      out += "&quot;";
    } else {
      out += text.substr(i, length);
    }
    i += length;
  }
  return out;
}

namespace {

constexpr char kHead[] = R"(<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>
:root { --ink: #1c1f26; --soft: #667085; --line: #d9dee7; --paper: #fff; --back: #f5f6f8; --good: #1a7f4b; --bad: #b4412f; --mark: #2f5fd0; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6e9ef; --soft: #98a2b3; --line: #363c49; --paper: #1b1f27; --back: #12151b;
  --good: #4cc38a; --bad: #f0806c; --mark: #82a8ff; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--back); color: var(--ink); font: 15px/1.5 system-ui, sans-serif; }
main { max-width: 64rem; margin: 0 auto; padding: 2rem 1rem 4rem; }
h1 { font-size: 1.5rem; margin: 0; } h1, p { overflow-wrap: anywhere; } h2 { font-size: 1.05rem; margin: 0 0 .7rem; }
section { background: var(--paper); border: 1px solid var(--line); border-radius: 10px; padding: 1rem 1.2rem; margin-top: 1rem; }
.soft { color: var(--soft); } .facts { display: grid; grid-template-columns: repeat(auto-fill, minmax(9rem, 1fr)); gap: .8rem; }
.facts b { display: block; color: var(--ink); font-size: 1.25rem; font-variant-numeric: tabular-nums; }
pre { overflow-x: auto; background: var(--back); border-radius: 6px; padding: .7rem; margin: .5rem 0; font: 13px/1.45 ui-monospace, monospace; }
.chart { overflow-x: auto; } svg { width: 100%; min-width: 34rem; height: auto; display: block; } svg text { fill: var(--soft); font: 12px system-ui, sans-serif; }
.verdict { border-radius: 4px; padding: 0 .4em; font-size: .85em; border: 1px solid currentColor; color: var(--bad); white-space: nowrap; }
.verdict.accepted { color: var(--good); } .verdict.scored { color: var(--mark); } .verdict.duplicate { color: var(--soft); }
ul.tree, ul.tree ul { list-style: none; margin: 0; padding-left: 1.1rem; border-left: 1px solid var(--line); } ul.tree { border: 0; padding: 0; }
summary { cursor: pointer; overflow-wrap: anywhere; } .won > details > summary { font-weight: 600; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { text-align: left; padding: .25rem .6rem .25rem 0; border-bottom: 1px solid var(--line); } th { font-weight: 500; color: var(--soft); }
</style>
)";

class Page {
 public:
  Page(const RunRecord& run, const std::vector<TrialRecord>& trials, bool lower) : run_(run), trials_(trials), lower_(lower) {
    for (const TrialRecord& t : trials_) {
      by_number_.emplace(int64_t(t.n), &t);
      scored_ = scored_ || t.score;
    }
  }

  std::string Text() {
    const std::string name = run_.task.substr(run_.task.rfind('/') + 1);
    out_ = kHead;
    out_ += "<title>" + HtmlText(Fmt("run %lld: ", static_cast<long long>(run_.id)) + name) + "</title></head><body><main>\n";
    out_ += "<h1>" + HtmlText(name) + "</h1><p class=\"soft\">" +
            HtmlText(Fmt("run %lld of hasten %s, ", static_cast<long long>(run_.id), run_.version.c_str()) + run_.status +
                     "; " + run_.task) +
            "</p>\n";
    Facts();
    Chart();
    Winner();
    Tree();
    Verdicts();
    Settings();
    out_ += "</main></body></html>\n";
    return std::move(out_);
  }

 private:
  void Fact(const std::string& name, const std::string& value) {
    out_ += "<div class=\"soft\">" + HtmlText(name) + "<b>" + HtmlText(value) + "</b></div>";
  }

  const TrialRecord* Best() const {
    const auto found = by_number_.find(run_.best);
    return found == by_number_.end() ? nullptr : found->second;
  }

  void Facts() {
    double cpu = 0;
    size_t in = 0, out = 0;
    for (const TrialRecord& t : trials_) {
      cpu += t.cpu_s;
      in += t.tokens_in;
      out += t.tokens_out;
    }
    out_ += "<section><h2>What it cost</h2><div class=\"facts\">";
    Fact("candidates", HumanCount(double(run_.trials)));
    Fact("time", HumanSeconds(run_.seconds));
    Fact("a second", HumanCount(double(run_.trials) / std::max(run_.seconds, 1e-3)));
    Fact("judging, processor time", HumanSeconds(cpu));
    if (in + out) Fact("tokens read, written", HumanCount(double(in)) + ", " + HumanCount(double(out)));
    if (run_.dollars > 0) Fact("dollars", Fmt("%.4f", run_.dollars));
    if (const TrialRecord* best = Best(); best && best->score) Fact("best score", Fmt("%.10g", *best->score));
    out_ += "</div></section>\n";
  }

  double Merit(const TrialRecord& t) const {
    if (scored_) return t.score ? *t.score : NAN;
    return t.checks ? double(t.passed) / double(t.checks) : NAN;
  }

  // Dots for trials, a stepped line for the best so far.
  void Chart() {
    std::vector<std::pair<double, double>> dots, steps;
    std::optional<double> best;
    double latest = 1e-9;
    for (const TrialRecord& t : trials_) {
      const double merit = Merit(t);
      latest = std::max(latest, t.at_s);
      if (std::isnan(merit)) continue;
      dots.emplace_back(t.at_s, merit);
      if (best && !(lower_ ? merit < *best : merit > *best)) continue;
      best = merit;
      steps.emplace_back(t.at_s, merit);
    }
    if (steps.empty()) return;
    // Room for what was reached, and as much again for what was not as good; outliers are cut.
    const auto [least, most] =
        std::minmax_element(steps.begin(), steps.end(), [](const auto& a, const auto& b) { return a.second < b.second; });
    double low = least->second, high = most->second;
    const double room = high > low ? (high - low) / 2 : 0.05 * std::fabs(high);
    (lower_ ? high : low) += lower_ ? room : -room;
    if (!scored_) low = 0, high = 1;
    if (high - low < 1e-12 * (1 + std::fabs(high))) high = low + 1;
    constexpr double kWidth = 900, kHeight = 280, kLeft = 70, kRight = 12, kTop = 12, kBottom = 30;
    const auto x = [&](double at) { return kLeft + (kWidth - kLeft - kRight) * at / latest; };
    const auto y = [&](double merit) { return kTop + (kHeight - kTop - kBottom) * (high - merit) / (high - low); };
    out_ += "<section><h2>" + std::string(scored_ ? "Score" : "Share of checks passed") + " over time</h2>";
    out_ += Fmt("<div class=\"chart\"><svg viewBox=\"0 0 %g %g\" role=\"img\" aria-label=\"best so far over time\">", kWidth,
                kHeight);
    for (int i = 0; i <= 4; ++i) {
      const double value = low + (high - low) * i / 4, at = latest * i / 4;
      out_ += Fmt("<line x1=\"%g\" x2=\"%g\" y1=\"%.1f\" y2=\"%.1f\" stroke=\"var(--line)\"/>", kLeft, kWidth - kRight,
                  y(value), y(value));
      out_ += Fmt("<text x=\"%g\" y=\"%.1f\" text-anchor=\"end\">%.6g</text>", kLeft - 6, y(value) + 4, value);
      out_ += Fmt("<text x=\"%.1f\" y=\"%g\" text-anchor=\"%s\">", x(at), kHeight - 8,
                  i == 0   ? "start"
                  : i == 4 ? "end"
                           : "middle") +
              HtmlText(HumanSeconds(at)) + "</text>";
    }
    constexpr size_t kMostDots = 3000;
    const size_t stride = dots.size() / kMostDots + 1;
    for (size_t i = 0; i < dots.size(); i += stride)
      if (dots[i].second >= low && dots[i].second <= high)
        out_ += Fmt("<circle cx=\"%.1f\" cy=\"%.1f\" r=\"2\" fill=\"var(--soft)\" opacity=\"0.45\"/>", x(dots[i].first),
                    y(dots[i].second));
    std::string path;
    for (size_t i = 0; i < steps.size(); ++i) {
      path += Fmt("%s%.1f %.1f", i ? "H" : "M", x(steps[i].first), y(steps[i].second));
      if (i) path = path.substr(0, path.rfind('H')) + Fmt("H%.1fV%.1f", x(steps[i].first), y(steps[i].second));
    }
    path += Fmt("H%g", kWidth - kRight);
    out_ += "<path d=\"" + path + "\" fill=\"none\" stroke=\"var(--mark)\" stroke-width=\"2.5\"/></svg></div>";
    if (stride > 1) out_ += Fmt("<p class=\"soft\">One of %zu trials is drawn.</p>", stride);
    out_ += "</section>\n";
  }

  static std::string Verdict(const TrialRecord& t) {
    std::string kind;
    for (const char c : t.verdict) kind += c == ' ' ? '-' : c;
    return "<span class=\"verdict " + HtmlText(kind) + "\">" + HtmlText(t.verdict) + "</span>";
  }

  static std::string Line(const TrialRecord& t) {
    std::string line = Fmt("#%llu ", static_cast<unsigned long long>(t.n)) + Verdict(t);
    if (t.score) line += Fmt(" score %.10g", *t.score);
    if (t.checks) line += Fmt(" %zu of %zu checks", t.passed, t.checks);
    line += " <span class=\"soft\">" + HtmlText(t.proposer) + Fmt(", %.2f s", t.at_s);
    if (t.other >= 0) line += Fmt(", crossed with #%lld", static_cast<long long>(t.other));
    return line + "</span>";
  }

  void Winner() {
    const TrialRecord* const best = Best();
    if (!best) return;
    out_ += "<section id=\"winner\"><h2>" + std::string(run_.status == "solved" ? "The winner" : "The best so far") +
            "</h2><p>" + Line(*best) + "</p>";
    if (best->candidate) out_ += "<pre>" + HtmlText(*best->candidate) + "</pre>";
    out_ += "<table><tr><th>checks passed</th><th>processor time</th><th>wall time</th><th>memory</th><th>seed</th></tr>";
    out_ += "<tr><td>" + (best->checks ? Fmt("%zu of %zu", best->passed, best->checks) : std::string("scored")) + "</td><td>" +
            HtmlText(HumanSeconds(best->cpu_s)) + "</td><td>" + HtmlText(HumanSeconds(best->wall_s)) + "</td><td>" +
            HtmlText(HumanBytes(double(best->memory_bytes))) + "</td><td>" +
            Fmt("%llu", static_cast<unsigned long long>(run_.seed)) + "</td></tr></table>";
    if (!best->feedback.empty()) out_ += "<p class=\"soft\">" + HtmlText(best->feedback.substr(0, 500)) + "</p>";
    out_ += "</section>\n";
  }

  // The winner's line, and the best of the others, as many as a reader can take in.
  std::set<int64_t> Shown() const {
    constexpr size_t kMost = 400;
    std::set<int64_t> shown;
    const auto add = [&](int64_t n) {
      for (auto at = by_number_.find(n); at != by_number_.end() && shown.insert(at->first).second;)
        at = by_number_.find(at->second->parent);
    };
    add(run_.best);
    std::vector<const TrialRecord*> order;
    for (const TrialRecord& t : trials_) order.push_back(&t);
    const auto rank = [this](const TrialRecord* t) {
      const double merit = Merit(*t);
      return std::isnan(merit) ? INFINITY : lower_ ? merit : -merit;
    };
    std::stable_sort(order.begin(), order.end(), [&](const auto* a, const auto* b) { return rank(a) < rank(b); });
    for (size_t i = 0; i < order.size() && shown.size() < kMost; ++i) add(int64_t(order[i]->n));
    return shown;
  }

  void Tree() {
    if (trials_.empty()) return;
    const std::set<int64_t> shown = Shown();
    std::map<int64_t, std::vector<int64_t>> children;
    for (const int64_t n : shown) {
      const int64_t parent = by_number_.at(n)->parent;
      children[shown.contains(parent) ? parent : -1].push_back(n);
    }
    out_ += "<section><h2>Candidates</h2>";
    if (shown.size() < trials_.size())
      out_ += Fmt("<p class=\"soft\">%zu of %zu: the winner's ancestors, and the best.</p>", shown.size(), trials_.size());
    out_ += "<ul class=\"tree\">";
    // Depth first without recursion: a lineage may be thousands long. An only child stands beside its parent, not below, and so
    // does what is deeper than kDepth: it says where it comes from.
    constexpr size_t kDepth = 10;
    struct Open {
      int64_t n;
      size_t depth;
      bool close, beside;
    };
    std::vector<Open> stack;
    const auto push = [&](int64_t parent, size_t depth, bool beside) {
      const auto& list = children[parent];
      for (auto at = list.rbegin(); at != list.rend(); ++at) stack.push_back({*at, depth, false, beside});
    };
    push(-1, 0, false);
    while (!stack.empty()) {
      const Open open = stack.back();
      stack.pop_back();
      if (open.close) {
        out_ += "</ul></li>";
        continue;
      }
      const TrialRecord& t = *by_number_.at(open.n);
      const bool won = open.n == run_.best, nests = open.depth < kDepth && children[open.n].size() > 1;
      out_ += std::string("<li") + (won ? " class=\"won\"" : "") + "><details><summary>" + Line(t) +
              (open.beside ? Fmt(" <span class=\"soft\">from #%lld</span>", static_cast<long long>(t.parent)) : "") +
              "</summary>";
      if (!t.feedback.empty()) out_ += "<p class=\"soft\">" + HtmlText(t.feedback.substr(0, 1000)) + "</p>";
      out_ += t.candidate ? "<pre>" + HtmlText(t.candidate->substr(0, 20000)) + "</pre>"
                          : "<p class=\"soft\">its text was not kept</p>";
      out_ += "</details>";
      if (nests) {
        out_ += "<ul>";
        stack.push_back({0, 0, true, false});
      } else {
        out_ += "</li>";
      }
      push(open.n, nests ? open.depth + 1 : open.depth, !nests);
    }
    out_ += "</ul></section>\n";
  }

  void Verdicts() {
    std::map<std::string, std::map<std::string, size_t>> counts;
    for (const TrialRecord& t : trials_) ++counts[t.proposer][t.verdict];
    out_ += "<section><h2>Verdicts by proposer</h2><table><tr><th>proposer</th><th>verdict</th><th>trials</th></tr>";
    for (const auto& [proposer, verdicts] : counts)
      for (const auto& [verdict, count] : verdicts)
        out_ +=
            "<tr><td>" + HtmlText(proposer) + "</td><td>" + HtmlText(verdict) + "</td><td>" + Fmt("%zu", count) + "</td></tr>";
    out_ += "</table></section>\n";
  }

  void Settings() {
    out_ += "<section><h2>The task</h2>";
    if (!run_.text.empty()) out_ += "<pre>" + HtmlText(run_.text.substr(0, 50000)) + "</pre>";
    out_ += "<p class=\"soft\">settings</p><pre>" + HtmlText(run_.settings) + "</pre>";
    if (!run_.model_hash.empty()) out_ += "<p class=\"soft\">model " + HtmlText(run_.model_hash) + "</p>";
    out_ += "</section>\n";
  }

  const RunRecord& run_;
  const std::vector<TrialRecord>& trials_;
  const bool lower_;
  bool scored_ = false;
  std::map<int64_t, const TrialRecord*> by_number_;
  std::string out_;
};

}  // namespace

bool LowerIsBetter(const RunRecord& run) {
  const auto task = ParseTask(run.text, run.task);
  if (!task) return run.text.find("\"lower\"") != std::string::npos;  // its files are gone; the text remains
  return task->Score() && task->Score()->lower;
}

std::string ReportPage(const RunRecord& run, const std::vector<TrialRecord>& trials, bool lower) {
  return Page(run, trials, lower).Text();
}

}  // namespace hasten::solve
