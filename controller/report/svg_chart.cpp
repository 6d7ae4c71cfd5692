#include "report/svg_chart.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>

#include "report/short_text.h"

namespace seraphim::report {
namespace {

constexpr double kWidth = 960, kLeft = 64, kRight = 150, kPanel = 150, kGap = 46, kTop = 66;
constexpr double kPlotWidth = kWidth - kLeft - kRight;
constexpr std::size_t kMostTitle = 100, kMostSubtitle = 140, kMostWords = 60;

std::string harmless(const std::string& text) {
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
      case '"':
        out += "&quot;";
        break;
      default:
        out += static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? ' ' : c;  // XML knows none of them
    }
  }
  return out;
}

std::string words_at(double x, double y, const char* anchor, int size, const std::string& what,
                     const std::string& colour = "#222") {
  return fmt::format(R"(<text x="{:.1f}" y="{:.1f}" text-anchor="{}" font-size="{}" fill="{}">{}</text>)"
                     "\n",
                     x, y, anchor, size, colour, harmless(what));
}

std::string line(double x1, double y1, double x2, double y2, const std::string& colour,
                 const char* more = "") {
  return fmt::format(R"(<line x1="{:.1f}" y1="{:.1f}" x2="{:.1f}" y2="{:.1f}" stroke="{}" {}/>)"
                     "\n",
                     x1, y1, x2, y2, colour, more);
}

class Drawing {
 public:
  explicit Drawing(const Chart& chart) : chart_(chart) {}

  std::string draw() {
    svg_ += words_at(kLeft, 24, "start", 15, shortened(chart_.title, kMostTitle));
    svg_ +=
        words_at(kLeft, 43, "start", 11, shortened(chart_.subtitle, kMostSubtitle), chart_.subtitle_colour);
    if (!chart_.panels.empty() && chart_.to > chart_.from) {
      for (const Panel& panel : chart_.panels) draw(panel);
      time_axis();
      for (const Mark& mark : chart_.marks) draw(mark);
    }
    const double height = top_ + 10;
    return fmt::format(
               R"(<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {0} {1:.0f}" width="{0}" height="{1:.0f}" font-family="sans-serif" role="img">)"
               "\n<title>{2}</title>\n"
               R"(<rect width="{0}" height="{1:.0f}" fill="white"/>)"
               "\n",
               kWidth, height, harmless(shortened(chart_.title, kMostTitle))) +
           svg_ + "</svg>\n";
  }

 private:
  double x_of(api::Time at) const {
    const double share = static_cast<double>((at - chart_.from).count()) /
                         static_cast<double>((chart_.to - chart_.from).count());
    return kLeft + std::clamp(share, 0.0, 1.0) * kPlotWidth;
  }
  static double y_of(double value, const Panel& panel, double bottom) {
    const double range = panel.highest - panel.lowest;
    const double share = range > 0 && std::isfinite(value) ? (value - panel.lowest) / range : 0;
    return bottom - std::clamp(share, 0.0, 1.0) * kPanel;
  }

  void draw(const Panel& panel) {
    svg_ += words_at(kLeft, top_ + 8, "start", 12, panel.title);
    const double bottom = top_ + 14 + kPanel;
    bottom_ = bottom;
    svg_ += line(kLeft, bottom, kLeft + kPlotWidth, bottom, "#888");
    for (const Level& level : panel.levels) {
      const double y = y_of(level.value, panel, bottom);
      svg_ += line(kLeft, y, kLeft + kPlotWidth, y, "#e4e4e4") +
              words_at(kLeft - 6, y + 4, "end", 10, level.label);
    }
    for (const Level& bound : panel.bounds) {
      const double y = y_of(bound.value, panel, bottom);
      svg_ += line(kLeft, y, kLeft + kPlotWidth, y, bound.label, R"(stroke-dasharray="6 4")");
    }
    for (const Curve& curve : panel.curves) draw(curve, panel, bottom);
    legend(panel, bottom);
    if (!panel.note.empty()) {
      svg_ += words_at(kLeft + kPlotWidth / 2, bottom - kPanel / 2, "middle", 11,
                       shortened(panel.note, kMostSubtitle), "#777");
    }
    top_ = bottom + kGap - 14;
  }

  void draw(const Curve& curve, const Panel& panel, double bottom) {
    if (curve.dots.empty()) return;
    std::string points;
    for (const Dot& dot : curve.dots)
      points += fmt::format("{:.1f},{:.1f} ", x_of(dot.at), y_of(dot.value, panel, bottom));
    if (curve.dots.size() == 1) {  // a line of one point is not seen
      svg_ += fmt::format(R"(<circle cx="{:.1f}" cy="{:.1f}" r="2" fill="{}"/>)"
                          "\n",
                          x_of(curve.dots[0].at), y_of(curve.dots[0].value, panel, bottom), curve.colour);
      return;
    }
    svg_ += fmt::format(R"(<polyline points="{}" fill="none" stroke="{}" stroke-width="2"/>)"
                        "\n",
                        points, curve.colour);
  }

  void legend(const Panel& panel, double bottom) {
    double y = bottom - kPanel + 12;
    const double x = kLeft + kPlotWidth + 12;
    for (const Curve& curve : panel.curves) {
      if (curve.name.empty()) continue;
      svg_ += line(x, y - 4, x + 14, y - 4, curve.colour, R"(stroke-width="3")") +
              words_at(x + 19, y, "start", 10, shortened(curve.name, kMostWords));
      y += 17;
    }
    if (!panel.bounds.empty()) svg_ += words_at(x + 19, y, "start", 10, "- - the bounds");
  }

  void time_axis() {
    constexpr int kTicks = 6;
    for (int i = 0; i <= kTicks; ++i) {
      const api::Time at = chart_.from + (chart_.to - chart_.from) * i / kTicks;
      const double x = x_of(at);
      svg_ += line(x, bottom_, x, bottom_ + 4, "#888");
      const std::string full = api::format_time(std::chrono::floor<std::chrono::seconds>(at));
      svg_ += words_at(x, bottom_ + 16, "middle", 10, full.size() < 19 ? full : full.substr(11, 8));
    }
    svg_ += words_at(kLeft + kPlotWidth + 31, bottom_ + 16, "start", 10, "UTC", "#777");
  }

  void draw(const Mark& mark) {
    const double x = x_of(mark.at);
    svg_ += line(x, kTop + 14, x, bottom_, mark.colour, R"(stroke-width="1.5" stroke-dasharray="2 3")");
    const bool at_left = x < kLeft + kPlotWidth / 4;
    svg_ += words_at(at_left ? x + 4 : x - 4, kTop + 24, at_left ? "start" : "end", 11,
                     shortened(mark.words, kMostWords), mark.colour);
  }

  const Chart& chart_;
  std::string svg_;
  double top_ = kTop, bottom_ = kTop;
};

}  // namespace

std::string to_svg(const Chart& chart) {
  return Drawing(chart).draw();
}

std::vector<Level> percent_levels(double top) {
  std::vector<Level> levels;
  for (const double share : {0.0, 0.5, 1.0})
    levels.push_back({share * top, fmt::format("{:g}%", std::round(share * top * 1e5) / 1e3)});
  return levels;
}

double nice_top(double value) {
  const double power = std::pow(10, std::floor(std::log10(std::max(value, 1e-4))));
  for (const double step : {1.0, 2.0, 5.0}) {
    if (value <= step * power) return step * power;
  }
  return 10 * power;
}

}  // namespace seraphim::report
