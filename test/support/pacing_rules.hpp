#pragma once
// The rules as the resolver has them by default.
#include <chrono>
#include <cstddef>

#include "logic/question_pacer.hpp"

namespace fixture {

inline uvdial::detail::pacing_rules rules_for(std::size_t servers) {
  return {.servers = servers,
          .rotates = false,
          .patience = std::chrono::seconds(2),
          .time_limit = std::chrono::seconds(6),
          .most_on_the_way = 2048};
}

}  // namespace fixture
