#pragma once
// floor 0
/// \file
/// What a shared libuvdial shows. Everything else is built with hidden visibility.

/// Stands before what a shared libuvdial shows; means nothing to its users.
#define UVDIAL_API __attribute__((visibility("default")))
