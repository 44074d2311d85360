#pragma once
// --trace: remembers the steps of a dial and shows them on standard error when it is over. Not before: the
// length of the whole decides how long a millisecond is drawn.
#include <vector>

#include "cli/chart.hpp"
#include "uvdial/report.hpp"
#include "uvdial/trace.hpp"

namespace uvdial::cli {

class trace_view {
 public:
  void step(const trace_event& event) { steps_.emplace_back(event); }
  void show(const dial_report& report) const;

  // There are no steps to a Unix-domain socket, only its end.
  static void show_unix(const dial_report& connected);

 private:
  std::vector<traced_step> steps_{};
};

}  // namespace uvdial::cli
