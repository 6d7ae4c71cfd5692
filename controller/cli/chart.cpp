#include "cli/chart.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <functional>
#include <vector>

#include "api/percent.h"
#include "api/time.h"
#include "cli/timeline_text.h"

namespace seraphim::cli {
namespace {

constexpr double kWidth = 960, kLeft = 64, kRight = 150, kPanel = 150, kGap = 46, kTop = 66;
constexpr double kPlotWidth = kWidth - kLeft - kRight;
constexpr const char* kStableColour = "#4a6fa5";
constexpr const char* kCandidateColour = "#c9772b";
constexpr const char* kRollbackColour = "#b03a48";
constexpr const char* kPromotionColour = "#1b7f5c";

std::string escaped(const std::string& text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

std::string text(double x, double y, const char* anchor, int size, const std::string& what,
                 const char* colour = "#222") {
  return fmt::format(R"(<text x="{:.1f}" y="{:.1f}" text-anchor="{}" font-size="{}" fill="{}">{}</text>)"
                     "\n",
                     x, y, anchor, size, colour, escaped(what));
}

std::string line(double x1, double y1, double x2, double y2, const char* colour, const char* more = "") {
  return fmt::format(R"(<line x1="{:.1f}" y1="{:.1f}" x2="{:.1f}" y2="{:.1f}" stroke="{}" {}/>)"
                     "\n",
                     x1, y1, x2, y2, colour, more);
}

struct Dot {
  double x, y;
};

std::string curve(const std::vector<Dot>& dots, const char* colour, double width, double opacity = 1) {
  std::string points;
  for (const Dot& dot : dots) points += fmt::format("{:.1f},{:.1f} ", dot.x, dot.y);
  return fmt::format(
      R"(<polyline points="{}" fill="none" stroke="{}" stroke-width="{}" stroke-opacity="{}"/>)"
      "\n",
      points, colour, width, opacity);
}

/// "2.1 of 100" as two numbers; what cannot be read is 1 of 1.
struct Odds {
  double value = 1, needed = 1;
};

double leading_number(std::string_view words) {
  constexpr std::string_view kOver = "over ";
  if (words.starts_with(kOver)) words.remove_prefix(kOver.size());
  double value = 1;
  std::from_chars(words.data(), words.data() + words.size(), value);
  return value;
}

Odds odds_of(const std::string& words) {
  const auto split = words.find(" of ");
  if (split == std::string::npos) return {};
  return {leading_number(words), leading_number(std::string_view(words).substr(split + 4))};
}

double rate(std::int64_t failures, std::int64_t requests) {
  return requests > 0 ? static_cast<double>(failures) / static_cast<double>(requests) : 0;
}

/// Rounded up to 1, 2 or 5 times a power of ten.
double nice_top(double value) {
  const double power = std::pow(10, std::floor(std::log10(std::max(value, 1e-4))));
  for (const double step : {1.0, 2.0, 5.0}) {
    if (value <= step * power) return step * power;
  }
  return 10 * power;
}

class Drawing {
 public:
  explicit Drawing(const replay::Timeline& timeline) : timeline_(timeline) {}

  std::string draw() {
    heading();
    if (!timeline_.looks.empty() && timeline_.to > timeline_.from) {
      rates();
      weight();
      evidence();
      time_axis();
      marks();
    }
    const double height = top_ + 10;
    return fmt::format(
               R"(<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {0} {1:.0f}" width="{0}" height="{1:.0f}" font-family="sans-serif">)"
               "\n"
               R"(<rect width="{0}" height="{1:.0f}" fill="white"/>)"
               "\n",
               kWidth, height) +
           svg_ + "</svg>\n";
  }

 private:
  using Value = std::function<double(const replay::Look&)>;

  double x_of(api::Time at) const {
    const double share = static_cast<double>((at - timeline_.from).count()) /
                         static_cast<double>((timeline_.to - timeline_.from).count());
    return kLeft + std::clamp(share, 0.0, 1.0) * kPlotWidth;
  }
  static double y_of(double share, double bottom) { return bottom - std::clamp(share, 0.0, 1.0) * kPanel; }

  void heading() {
    svg_ += text(kLeft, 24, "start", 15, timeline_.candidate + " beside " + timeline_.stable);
    std::string end = end_text(timeline_);
    constexpr std::size_t kMostShown = 140;
    if (end.size() > kMostShown) end = end.substr(0, kMostShown) + "...";
    const bool bad = timeline_.outcome == replay::Outcome::rolled_back;
    svg_ += text(kLeft, 43, "start", 11, end, bad ? kRollbackColour : "#444");
    top_ = kTop;
  }

  /// The frame of the next panel; returns its bottom.
  double panel(const std::string& title) {
    svg_ += text(kLeft, top_ + 8, "start", 12, title);
    const double bottom = top_ + 14 + kPanel;
    panels_.push_back(bottom);
    svg_ += line(kLeft, bottom, kLeft + kPlotWidth, bottom, "#888");
    top_ = bottom + kGap - 14;
    return bottom;
  }
  void grid(double share, double bottom, const std::string& label) {
    const double y = y_of(share, bottom);
    svg_ += line(kLeft, y, kLeft + kPlotWidth, y, "#e4e4e4") + text(kLeft - 6, y + 4, "end", 10, label);
  }
  void legend(double bottom, int row, const std::string& words, const char* colour) {
    const double y = bottom - kPanel + 12 + 17 * row;
    const double x = kLeft + kPlotWidth + 12;
    svg_ +=
        line(x, y - 4, x + 14, y - 4, colour, R"(stroke-width="3")") + text(x + 19, y, "start", 10, words);
  }
  std::vector<Dot> dots(const Value& share, double bottom) const {
    std::vector<Dot> all;
    for (const auto& look : timeline_.looks) all.push_back({x_of(look.at), y_of(share(look), bottom)});
    return all;
  }

  /// Failures of each look alone would jump about: what people ask is how many failed so far.
  void rates() {
    const Value stable = [](const auto& look) {
      return rate(look.evidence.baseline_failures, look.evidence.baseline_requests);
    };
    const Value candidate = [](const auto& look) {
      return rate(look.evidence.candidate_failures, look.evidence.candidate_requests);
    };
    double highest = 0.001;
    for (const auto& look : timeline_.looks) highest = std::max({highest, stable(look), candidate(look)});
    const double full = std::min(1.0, nice_top(highest));
    const double bottom = panel("error rate of all requests so far");
    for (const double share : {0.0, 0.5, 1.0})
      grid(share, bottom, fmt::format("{:g}%", std::round(share * full * 1e5) / 1e3));
    svg_ += curve(dots([&](const auto& look) { return stable(look) / full; }, bottom), kStableColour, 2);
    svg_ +=
        curve(dots([&](const auto& look) { return candidate(look) / full; }, bottom), kCandidateColour, 2);
    legend(bottom, 0, "candidate", kCandidateColour);
    legend(bottom, 1, "stable", kStableColour);
  }

  void weight() {
    const double bottom = panel("weight of the candidate");
    for (const int percent : {0, 25, 50, 100}) grid(percent / 100.0, bottom, std::to_string(percent) + "%");
    std::vector<Dot> steps{{kLeft, y_of(0, bottom)}};
    for (const auto& set : timeline_.weights) {
      const double x = x_of(set.at);
      steps.push_back({x, steps.back().y});
      steps.push_back({x, y_of(set.weight.fraction(), bottom)});
    }
    steps.push_back({kLeft + kPlotWidth, steps.back().y});
    svg_ += curve(steps, "#444", 2);
  }

  void evidence() {
    const auto& looks = timeline_.looks;
    const Odds rollback = odds_of(looks.back().evidence.rollback_evidence);
    const Odds promotion = odds_of(looks.back().evidence.promotion_evidence);
    constexpr double kLowest = 0.1;
    const double decades = std::ceil(std::log10(std::max(rollback.needed, promotion.needed) / kLowest)) + 1;
    const auto share = [&](double value) { return std::log10(std::max(value, kLowest) / kLowest) / decades; };
    const double bottom = panel("evidence, as odds (logarithmic)");
    for (int i = 0; i <= static_cast<int>(decades); ++i)
      grid(i / decades, bottom, fmt::format("{:g}", kLowest * std::pow(10, i)));
    const auto bound = [&](double needed, const char* colour) {
      const double y = y_of(share(needed), bottom);
      svg_ += line(kLeft, y, kLeft + kPlotWidth, y, colour, R"(stroke-dasharray="6 4")");
    };
    bound(rollback.needed, kRollbackColour);
    bound(promotion.needed, kPromotionColour);
    const Value back = [&](const auto& look) {
      return share(odds_of(look.evidence.rollback_evidence).value);
    };
    const Value on = [&](const auto& look) { return share(odds_of(look.evidence.promotion_evidence).value); };
    svg_ += curve(dots(on, bottom), kPromotionColour, 2) + curve(dots(back, bottom), kRollbackColour, 2);
    legend(bottom, 0, fmt::format("to roll back ({:g})", rollback.needed), kRollbackColour);
    legend(bottom, 1, fmt::format("to promote ({:g})", promotion.needed), kPromotionColour);
    legend(bottom, 2, "- - the bounds", "#fff");
  }

  void time_axis() {
    constexpr int kTicks = 6;
    const double bottom = panels_.back();
    for (int i = 0; i <= kTicks; ++i) {
      const api::Time at = timeline_.from + (timeline_.to - timeline_.from) * i / kTicks;
      const double x = x_of(at);
      svg_ += line(x, bottom, x, bottom + 4, "#888");
      const std::string full = api::format_time(std::chrono::floor<std::chrono::seconds>(at));
      svg_ += text(x, bottom + 16, "middle", 10, full.substr(11, 8));
    }
  }

  /// What was decided, through all panels.
  void marks() {
    for (const auto& told : timeline_.story) {
      const std::string& reason = told.narrative.reason;
      const bool bad = reason == "RolledBack";
      if (!bad && reason != "Promoted") continue;
      const char* colour = bad ? kRollbackColour : kPromotionColour;
      const double x = x_of(told.at);
      svg_ += line(x, kTop + 14, x, panels_.back(), colour, R"(stroke-width="1.5" stroke-dasharray="2 3")");
      svg_ += text(x - 4, kTop + 24, "end", 11, bad ? "rolled back" : "promoted", colour);
    }
  }

  const replay::Timeline& timeline_;
  std::string svg_;
  double top_ = 0;
  std::vector<double> panels_;
};

}  // namespace

std::string to_svg(const replay::Timeline& timeline) {
  return Drawing(timeline).draw();
}

}  // namespace seraphim::cli
