// Errors and shares of the two sides as tables and as JSON. Pure.
#pragma once

#include <string>

#include "cli/measured.h"

namespace seraphim::cli {

std::string errors_text(const Sides& sides, const Figures& figures);
std::string errors_json(const Sides& sides, const Figures& figures);
bool fails_more_often(const Figures& figures, api::Percent most);

std::string traffic_text(const Sides& sides, const Figures& figures);
std::string traffic_json(const Sides& sides, const Figures& figures);
/// By the operator's own test of the share; never where nothing was told, or not all along.
bool router_differs(const Sides& sides, const Figures& figures);

}  // namespace seraphim::cli
