#pragma once
// floor 0
/// \file
/// Semantic versioning; before 1.0 a minor version may change the interface.
#define UVDIAL_VERSION_MAJOR 0  ///< the first of the three numbers
#define UVDIAL_VERSION_MINOR 1  ///< the second
#define UVDIAL_VERSION_PATCH 0  ///< the third
#define UVDIAL_VERSION "0.1.0"  ///< all three as text
