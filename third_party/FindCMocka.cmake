# cmocka, for the tests only: imported target uvdial_deps::cmocka. Its header carries no version number, so a copy that
# is known neither to CMake nor to pkg-config is taken as it is.
include("${CMAKE_CURRENT_LIST_DIR}/uvdial_find.cmake")
uvdial_find_library(
  NAME CMocka
  TARGET uvdial_deps::cmocka
  HEADER cmocka.h
  LIBRARY cmocka
  CONFIG cmocka
  CONFIG_TARGETS cmocka::cmocka
  PKG_CONFIG cmocka
  PACKAGES "libcmocka-dev (Debian, Ubuntu), libcmocka-devel (Fedora), cmocka-dev (Alpine), cmocka (Arch, Homebrew)")
