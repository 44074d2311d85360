#pragma once
// floor 0
/// \file
/// Semantic versioning; before 1.0 a minor version may change the interface.
#define UVDIAL_VERSION_MAJOR 0
#define UVDIAL_VERSION_MINOR 1
#define UVDIAL_VERSION_PATCH 0
#define UVDIAL_VERSION "0.1.0"
