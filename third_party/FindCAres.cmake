# c-ares: imported target uvdial_deps::cares, and uvdial_deps::cares_static where the archive is installed.
include("${CMAKE_CURRENT_LIST_DIR}/uvdial_find.cmake")
uvdial_find_library(
  NAME CAres
  TARGET uvdial_deps::cares
  HEADER ares.h
  LIBRARY cares
  STATIC libcares.a libcares_static.a
  CONFIG c-ares
  CONFIG_TARGETS c-ares::cares c-ares::cares_static
  STATIC_CONFIG_TARGETS c-ares::cares_static
  PKG_CONFIG libcares
  VERSION_HEADER ares_version.h
  VERSION_MACROS ARES_VERSION_MAJOR ARES_VERSION_MINOR ARES_VERSION_PATCH
  PACKAGES "libc-ares-dev (Debian, Ubuntu), c-ares-devel (Fedora), c-ares-dev (Alpine), c-ares (Arch, Homebrew)")
