# Finds what uvdial is built from. Everything that is missing or too old is reported at once, by package name.

set(UVDIAL_LIBUV_VERSION 1.44)
set(UVDIAL_CARES_VERSION 1.18.1)
set(UVDIAL_IDN2_VERSION 2.0.5)
set(UVDIAL_CMOCKA_VERSION 1.1.5)

find_package(Libuv ${UVDIAL_LIBUV_VERSION} QUIET MODULE)
find_package(CAres ${UVDIAL_CARES_VERSION} QUIET MODULE)
set(uvdial_wanted Libuv CAres)
if(UVDIAL_TESTS)
  find_package(CMocka ${UVDIAL_CMOCKA_VERSION} QUIET MODULE)
  list(APPEND uvdial_wanted CMocka)
endif()
# UVDIAL_WITH_IDN says whether uvdial is built with it.
set(UVDIAL_WITH_IDN FALSE)
if(UVDIAL_IDN)  # ON or AUTO
  find_package(Idn2 ${UVDIAL_IDN2_VERSION} QUIET MODULE)
  if(Idn2_FOUND OR NOT UVDIAL_IDN STREQUAL "AUTO")
    set(UVDIAL_WITH_IDN TRUE)
    list(APPEND uvdial_wanted Idn2)
  endif()
endif()
if(NOT UVDIAL_WITH_IDN)
  message(STATUS "Without libidn2: international names will be refused")
endif()
find_package(Threads REQUIRED)

set(uvdial_lacking "")
foreach(name IN LISTS uvdial_wanted)
  if(${name}_FOUND)
    message(STATUS "${name} ${${name}_VERSION}: ${${name}_LOCATION}")
  else()
    string(APPEND uvdial_lacking "\n  ${${name}_HELP}")
  endif()
endforeach()

if(uvdial_lacking)
  set(uvdial_task build)
  if(UVDIAL_TESTS)
    set(uvdial_task test)
  endif()
  message(FATAL_ERROR "uvdial cannot be built, because this is missing:${uvdial_lacking}\n"
    "On Debian and Ubuntu, third_party/setup.sh ${uvdial_task} installs it. A copy in an unusual place is found through "
    "CMAKE_PREFIX_PATH or PKG_CONFIG_PATH. Without cmocka, -DUVDIAL_TESTS=OFF builds everything but the tests; "
    "without libidn2, -DUVDIAL_IDN=OFF builds everything but international names.")
endif()
