#include "chart.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>

namespace seraphim::bench {
namespace {

constexpr double kWidth = 960, kLeft = 60, kPlot = 170, kHeight = 270, kTop = 50;
constexpr std::array<const char*, 5> kColours{"#1b7f5c", "#7fc8a9", "#c9772b", "#b03a48", "#8d6bb0"};

std::string text(double x, double y, const std::string& anchor, int size, const std::string& what) {
  return fmt::format(R"(<text x="{:.1f}" y="{:.1f}" text-anchor="{}" font-size="{}">{}</text>)"
                     "\n",
                     x, y, anchor, size, what);
}

std::string legend(const Chart& chart, double top) {
  std::string out;
  double x = kLeft;
  for (std::size_t i = 0; i < chart.series.size(); ++i) {
    out += fmt::format(R"(<rect x="{:.1f}" y="{:.1f}" width="10" height="10" fill="{}"/>)"
                       "\n",
                       x, top + 26, kColours.at(i));
    out += text(x + 14, top + 35, "start", 11, chart.series[i]);
    x += 40 + 6.5 * static_cast<double>(chart.series[i].size());
  }
  return out;
}

std::string axis(const Chart& chart, double bottom) {
  std::string out;
  for (const double share : {0.0, 0.25, 0.5, 0.75, 1.0}) {
    const double y = bottom - share * kPlot;
    out += fmt::format(R"(<line x1="{}" x2="{}" y1="{:.1f}" y2="{:.1f}" stroke="#ddd"/>)"
                       "\n",
                       kLeft, kWidth - 10, y, y);
    out += text(kLeft - 6, y + 4, "end", 10, fmt::format("{:g}{}", share * chart.highest, chart.unit));
  }
  return out;
}

std::string draw(const Chart& chart, double top) {
  const double bottom = top + kTop + kPlot;
  std::string out =
      text(kLeft, top + 16, "start", 14, chart.title) + legend(chart, top) + axis(chart, bottom);
  const double group = (kWidth - 10 - kLeft) / static_cast<double>(chart.groups.size());
  const double bar = group * 0.8 / static_cast<double>(chart.series.size());
  for (std::size_t g = 0; g < chart.groups.size(); ++g) {
    const double left = kLeft + group * (static_cast<double>(g) + 0.1);
    for (std::size_t s = 0; s < chart.bars[g].size(); ++s) {
      const Bar& one = chart.bars[g][s];
      const double height = std::min(1.0, one.value / chart.highest) * kPlot;
      const double x = left + bar * static_cast<double>(s);
      out += fmt::format(R"(<rect x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}" fill="{}"/>)"
                         "\n",
                         x, bottom - height, bar - 1, height, kColours.at(s));
      if (!one.label.empty()) out += text(x + bar / 2, bottom - height - 3, "middle", 8, one.label);
    }
    out += text(left + group * 0.4, bottom + 14, "middle", 9, chart.groups[g]);
  }
  return out;
}

}  // namespace

std::string to_svg(const std::vector<Chart>& charts) {
  const double height = kHeight * static_cast<double>(charts.size());
  std::string out = fmt::format(
      R"(<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {0} {1}" width="{0}" height="{1}" font-family="sans-serif">)"
      "\n"
      R"(<rect width="{0}" height="{1}" fill="white"/>)"
      "\n",
      kWidth, height);
  double top = 0;
  for (const auto& chart : charts) {
    out += draw(chart, top);
    top += kHeight;
  }
  return out + "</svg>\n";
}

}  // namespace seraphim::bench
