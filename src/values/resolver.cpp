#include "uvdial/resolver.hpp"

namespace uvdial {

resolver::~resolver() = default;

}  // namespace uvdial
