# libuv: imported target uvdial_deps::libuv, and uvdial_deps::libuv_static where the archive is installed.
include("${CMAKE_CURRENT_LIST_DIR}/uvdial_find.cmake")
uvdial_find_library(
  NAME Libuv
  TARGET uvdial_deps::libuv
  HEADER uv.h
  LIBRARY uv
  STATIC libuv_a.a libuv.a
  CONFIG libuv
  CONFIG_TARGETS libuv::uv libuv::uv_a
  STATIC_CONFIG_TARGETS libuv::uv_a
  PKG_CONFIG libuv
  VERSION_HEADER uv/version.h
  VERSION_MACROS UV_VERSION_MAJOR UV_VERSION_MINOR UV_VERSION_PATCH
  PACKAGES "libuv1-dev (Debian, Ubuntu), libuv-devel (Fedora), libuv-dev (Alpine), libuv (Arch, Homebrew)")
