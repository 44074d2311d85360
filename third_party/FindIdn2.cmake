# libidn2, for international names; uvdial is built without it too: imported target uvdial_deps::idn2.
include("${CMAKE_CURRENT_LIST_DIR}/uvdial_find.cmake")
uvdial_find_library(
  NAME Idn2
  TARGET uvdial_deps::idn2
  HEADER idn2.h
  LIBRARY idn2
  CONFIG libidn2
  CONFIG_TARGETS libidn2::libidn2
  PKG_CONFIG libidn2
  VERSION_HEADER idn2.h
  VERSION_MACROS IDN2_VERSION_MAJOR IDN2_VERSION_MINOR IDN2_VERSION_PATCH
  PACKAGES "libidn2-dev (Debian, Ubuntu), libidn2-devel (Fedora), libidn2-dev (Alpine), libidn2 (Arch, Homebrew)")

# Its archive leaves this one open, unless it was built with a copy of it.
if(Idn2_LOCATION MATCHES "\\.a$")
  find_library(UVDIAL_Idn2_UNISTRING NAMES unistring)
  mark_as_advanced(UVDIAL_Idn2_UNISTRING)
  if(UVDIAL_Idn2_UNISTRING)
    target_link_libraries(uvdial_deps::idn2 INTERFACE "${UVDIAL_Idn2_UNISTRING}")
  endif()
endif()
