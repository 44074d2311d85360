#pragma once
// What a name stands for, as the system says (getent) and as this library says, in one form that can be compared.
#include <string>

#include "uvdial/resolver.hpp"

namespace fixture {

// "canonical.test: ::1 127.0.0.1", in the order in which a program would try them; "nothing" where there is no
// address. Runs the fixture's loop.
std::string ask_getent(const std::string& name);

struct library_view {
  std::string text;    // as above
  std::string reason;  // the code of the first answer without addresses, where there is nothing
};
// `names` has the options that the case is about; the order is found as a dial finds it.
library_view ask_library(uvdial::resolver& names, const std::string& name);

// An environment variable for as long as this lives.
class environment_variable {
 public:
  environment_variable(std::string name, const std::string& value);
  environment_variable(const environment_variable&) = delete;
  environment_variable& operator=(const environment_variable&) = delete;
  ~environment_variable();

 private:
  std::string name_;
};

}  // namespace fixture
