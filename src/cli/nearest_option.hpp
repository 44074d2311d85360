#pragma once
// Which option somebody meant who wrote one that there is not.
#include <string>
#include <string_view>

namespace uvdial::cli {

// "--trace" for "--trce", "--family ipv4" for "-4", as other programs call it; empty where none is near. `name` is the
// option without its value.
std::string nearest_option(std::string_view name);

}  // namespace uvdial::cli
