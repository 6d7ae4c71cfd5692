#include "cli/figures_text.h"

#include <fmt/core.h>

#include <nlohmann/json.hpp>
#include <vector>

#include "analysis/share.h"
#include "cli/text_table.h"

namespace seraphim::cli {
namespace {

using nlohmann::ordered_json;

struct Row {
  std::string name;
  const SideFigures* side;
  std::optional<double> told;  ///< share
};

std::vector<Row> rows_of(const Sides& sides, const Figures& figures) {
  const auto share = [&](bool candidate) -> std::optional<double> {
    if (!sides.told) return std::nullopt;
    return candidate ? sides.told->fraction() : 1 - sides.told->fraction();
  };
  std::vector<Row> rows{{sides.baseline, &figures.baseline, share(false)}};
  if (!sides.candidate.empty()) rows.push_back({sides.candidate, &figures.candidate, share(true)});
  return rows;
}

const char* who(const Sides& sides) {
  return sides.source.preset == api::SeriesPreset::variant_label ? "VARIANT" : "REVISION";
}

std::string outcomes_of(const SideFigures& side) {
  std::string text;
  for (const auto& [outcome, count] : side.by_outcome) {
    if (outcome == "success" || count <= 0) continue;
    text += fmt::format("{}{} {:.0f}", text.empty() ? "" : ", ", outcome, count);
  }
  return text;
}

ordered_json or_null(const std::optional<double>& value) {
  return value ? ordered_json(*value) : ordered_json();
}

/// The window holds requests that were sent by another weight.
bool changed_meanwhile(const Sides& sides, const Figures& figures) {
  return sides.told_since && *sides.told_since > figures.begin;
}

std::optional<double> share_of_side(const SideFigures& side, const Figures& figures) {
  if (figures.all() <= 0) return std::nullopt;
  return side.requests() / figures.all();
}

}  // namespace

std::string errors_text(const Sides& sides, const Figures& figures) {
  std::vector<std::vector<std::string>> table{
      {who(sides), "REQUESTS", "ERRORS", "ERROR RATIO", "ERRORS/S", "OUTCOMES"}};
  for (const Row& row : rows_of(sides, figures)) {
    table.push_back({row.name, fmt::format("{:.0f}", row.side->requests()),
                     fmt::format("{:.0f}", row.side->failures()), ratio_text(row.side->error_ratio()),
                     fmt::format("{:.3f}", figures.per_second(row.side->failures())),
                     outcomes_of(*row.side)});
  }
  return format_columns(table);
}

std::string errors_json(const Sides& sides, const Figures& figures) {
  ordered_json all = ordered_json::array();
  for (const Row& row : rows_of(sides, figures)) {
    all.push_back({{"name", row.name},
                   {"requests", row.side->requests()},
                   {"errors", row.side->failures()},
                   {"errorRatio", or_null(row.side->error_ratio())},
                   {"errorsPerSecond", figures.per_second(row.side->failures())},
                   {"byOutcome", row.side->by_outcome}});
  }
  return all.dump(2, ' ', false, ordered_json::error_handler_t::replace) + "\n";
}

bool fails_more_often(const Figures& figures, api::Percent most) {
  return figures.baseline.error_ratio().value_or(0) > most.fraction() ||
         figures.candidate.error_ratio().value_or(0) > most.fraction();
}

std::string traffic_text(const Sides& sides, const Figures& figures) {
  std::vector<std::vector<std::string>> table{{who(sides), "REQUESTS", "REQUESTS/S", "SHARE", "TOLD"}};
  for (const Row& row : rows_of(sides, figures)) {
    table.push_back({row.name, fmt::format("{:.0f}", row.side->requests()),
                     fmt::format("{:.2f}", figures.per_second(row.side->requests())),
                     ratio_text(share_of_side(*row.side, figures)),
                     row.told ? ratio_text(row.told) : "not known"});
  }
  std::string text = format_columns(table);
  if (changed_meanwhile(sides, figures))
    text +=
        "the weight was changed within the window, so what was told is not compared; pass a shorter "
        "--window\n";
  if (router_differs(sides, figures))
    text +=
        "the router does not do what it was told: look for sessions that stick to one backend, retries, or a "
        "second router in front\n";
  return text;
}

std::string traffic_json(const Sides& sides, const Figures& figures) {
  ordered_json all = {{"routerDiffers", router_differs(sides, figures)}, {"sides", ordered_json::array()}};
  for (const Row& row : rows_of(sides, figures)) {
    all["sides"].push_back({{"name", row.name},
                            {"requests", row.side->requests()},
                            {"requestsPerSecond", figures.per_second(row.side->requests())},
                            {"share", or_null(share_of_side(*row.side, figures))},
                            {"told", or_null(row.told)}});
  }
  return all.dump(2, ' ', false, ordered_json::error_handler_t::replace) + "\n";
}

bool router_differs(const Sides& sides, const Figures& figures) {
  if (!sides.told || changed_meanwhile(sides, figures) || *sides.told == api::kNothing ||
      *sides.told == api::kEverything)
    return false;
  return analysis::is_off_target({figures.candidate.requests(), figures.all()}, sides.told->fraction());
}

}  // namespace seraphim::cli
