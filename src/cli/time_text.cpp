#include "cli/time_text.hpp"

namespace uvdial::cli {

std::string milliseconds_text(std::chrono::microseconds time, std::size_t decimals) {
  std::string text = std::to_string(time.count() / 1000);
  if (decimals == 0) return text;
  const std::string parts = std::to_string(time.count() % 1000);
  return text.append(".").append((std::string(3 - parts.size(), '0') + parts).substr(0, decimals));
}

}  // namespace uvdial::cli
