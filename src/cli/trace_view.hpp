#pragma once
// --trace and --svg: remembers the steps of a dial and shows them when it is over. Not before: the length of the whole
// decides how long a millisecond is drawn.
#include <string>
#include <vector>

#include "cli/chart.hpp"
#include "uvdial/error.hpp"
#include "uvdial/report.hpp"
#include "uvdial/trace.hpp"

namespace uvdial::cli {

class trace_view {
 public:
  void step(const trace_event& event) { steps_.emplace_back(event); }
  void show(const dial_report& report) const;  // on standard error
  std::string svg(const std::string& host, const dial_report& report, const error* why) const;

  // There are no steps to a Unix-domain socket, only its end.
  static void show_unix(const dial_report& connected);

 private:
  std::vector<traced_step> steps_{};
};

}  // namespace uvdial::cli
