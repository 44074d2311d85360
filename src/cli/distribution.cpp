#include "cli/distribution.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "cli/time_axis.hpp"

namespace uvdial::cli {

namespace {

using std::chrono::microseconds;

constexpr std::int64_t large_ratio = 20;  // of the longest to the median

// More dials show finer bins. The number grows with the cube root, as in the rules of Rice and of Scott.
std::int64_t wanted_bins(std::size_t dials) {
  return std::clamp<std::int64_t>(std::llround(4 * std::cbrt(static_cast<double>(dials))), 6, 16);
}

std::vector<microseconds> even_edges(microseconds least, microseconds longest, std::size_t dials) {
  const std::int64_t wanted = wanted_bins(dials);
  const microseconds step = round_step(microseconds((longest - least).count() / wanted + 1));
  std::vector<microseconds> edges{least - least % step};
  while (edges.back() <= longest) edges.push_back(edges.back() + step);
  return edges;
}

// 0, 10, 20, 50, 100, ... microseconds, or 0, 10, 15, 20, 30, 50, 70, 100, ... where that makes too few bins.
std::vector<microseconds> growing_edges(microseconds least, microseconds longest, bool fine) {
  constexpr std::array<std::int64_t, 6> tenths = {10, 15, 20, 30, 50, 70};
  std::vector<microseconds> edges{microseconds(0)};
  for (std::int64_t unit = 1;; unit *= 10) {
    for (const std::int64_t each : tenths) {
      if (!fine && each != 10 && each != 20 && each != 50) continue;
      const microseconds edge(unit * each);
      if (edge <= least) edges.clear();
      edges.push_back(edge);
      if (edge > longest) return edges;
    }
  }
}

std::vector<microseconds> edges_for(const std::vector<microseconds>& sorted, bool growing) {
  constexpr std::size_t too_few = 6;
  if (!growing) return even_edges(sorted.front(), sorted.back(), sorted.size());
  const auto coarse = growing_edges(sorted.front(), sorted.back(), false);
  return coarse.size() > too_few ? coarse : growing_edges(sorted.front(), sorted.back(), true);
}

}  // namespace

microseconds percentile(std::span<const microseconds> sorted, std::size_t percent) {
  const std::size_t rank = (sorted.size() * percent + 99) / 100;  // rounded up; from 1
  return sorted[rank - 1];
}

bool distribution::has_v6() const noexcept {
  return std::any_of(bins.begin(), bins.end(), [](const time_bin& one) { return one.v6 > 0; });
}

bool distribution::has_others() const noexcept {
  return std::any_of(bins.begin(), bins.end(), [](const time_bin& one) { return one.others > 0; });
}

std::size_t distribution::most() const noexcept {
  std::size_t count = 0;
  for (const time_bin& one : bins) count = std::max(count, one.total());
  return count;
}

distribution spread(std::span<const timed_dial> dials) {
  distribution made{.dials = dials.size()};
  if (dials.empty()) return made;
  std::vector<microseconds> sorted;
  for (const timed_dial& one : dials) sorted.push_back(one.took);
  std::sort(sorted.begin(), sorted.end());
  made.median = percentile(sorted, 50);
  made.p99 = percentile(sorted, 99);
  made.logarithmic = sorted.back() >= large_ratio * std::max(made.median, microseconds(1));

  const std::vector<microseconds> edges = edges_for(sorted, made.logarithmic);
  for (std::size_t index = 1; index < edges.size(); ++index)
    made.bins.push_back({edges[index - 1], edges[index]});
  for (const timed_dial& one : dials) {
    const auto after = std::upper_bound(edges.begin(), edges.end(), one.took);
    time_bin& its = made.bins[static_cast<std::size_t>(after - edges.begin()) - 1];
    ++(one.family == ip_family::v6 ? its.v6 : its.others);
  }
  return made;
}

}  // namespace uvdial::cli
