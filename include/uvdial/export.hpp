#pragma once
// floor 0
/// \file
/// What a shared libuvdial shows. Everything else is built with hidden visibility.
#define UVDIAL_API __attribute__((visibility("default")))
