# Shared by the Find modules in this folder; installed beside them.
#
#   uvdial_find_library(NAME Libuv TARGET uvdial_deps::libuv
#     HEADER uv.h LIBRARY uv STATIC libuv_a.a libuv.a
#     CONFIG libuv CONFIG_TARGETS libuv::uv libuv::uv_a STATIC_CONFIG_TARGETS libuv::uv_a
#     PKG_CONFIG libuv
#     VERSION_HEADER uv/version.h VERSION_MACROS UV_VERSION_MAJOR UV_VERSION_MINOR UV_VERSION_PATCH
#     PACKAGES "libuv1-dev (Debian, Ubuntu), ...")
#
# looks for a CMake package, then asks pkg-config, then searches the usual folders. The result is the imported target
# TARGET (and TARGET_static where an archive is there), and in the caller's scope NAME_FOUND, NAME_VERSION,
# NAME_LOCATION and NAME_HELP: one line that says what is wrong and which package cures it.

include_guard(GLOBAL)

# The version out of a header: one macro with a string in it, or three macros with a number each.
function(uvdial_version_from_header result file)
  set(version "")
  if(EXISTS "${file}")
    foreach(macro IN LISTS ARGN)
      file(STRINGS "${file}" line REGEX "^[ \t]*#[ \t]*define[ \t]+${macro}[ \t]+\"?[0-9]" LIMIT_COUNT 1)
      if(line MATCHES "${macro}[ \t]+\"?([0-9.]+)")
        list(APPEND version "${CMAKE_MATCH_1}")
      endif()
    endforeach()
    list(JOIN version "." version)
  endif()
  set(${result} "${version}" PARENT_SCOPE)
endfunction()

macro(uvdial_find_library)
  cmake_parse_arguments(UF "" "NAME;TARGET;HEADER;LIBRARY;CONFIG;PKG_CONFIG;VERSION_HEADER;PACKAGES"
    "STATIC;CONFIG_TARGETS;STATIC_CONFIG_TARGETS;VERSION_MACROS" ${ARGN})
  uvdial_find_library_do()
  # The version was compared above; one that nobody knows is no reason to refuse.
  include(FindPackageHandleStandardArgs)
  find_package_handle_standard_args(${UF_NAME}
    REQUIRED_VARS ${UF_NAME}_LOCATION
    REASON_FAILURE_MESSAGE "${${UF_NAME}_HELP}")
endmacro()

# Reads the UF_ variables of the macro above and answers into the module's scope.
function(uvdial_find_library_do)
  set(name ${UF_NAME})
  set(include "")
  set(location "")
  set(version "")

  find_package(${UF_CONFIG} CONFIG QUIET)
  set(version "${${UF_CONFIG}_VERSION}")
  set(config_target "")
  set(config_static "")
  if(${UF_CONFIG}_FOUND)
    foreach(candidate IN LISTS UF_CONFIG_TARGETS)
      if(NOT config_target AND TARGET ${candidate})
        set(config_target ${candidate})
      endif()
    endforeach()
    foreach(candidate IN LISTS UF_STATIC_CONFIG_TARGETS)
      if(NOT config_static AND TARGET ${candidate})
        set(config_static ${candidate})
      endif()
    endforeach()
    if(config_target)
      set(location "${config_target} (${${UF_CONFIG}_DIR})")
    endif()
  endif()

  if(NOT location)
    find_package(PkgConfig QUIET)
    if(PkgConfig_FOUND)
      pkg_check_modules(UVDIAL_PC_${name} QUIET ${UF_PKG_CONFIG})
    endif()
  endif()
  find_path(UVDIAL_${name}_INCLUDE_DIR NAMES ${UF_HEADER} HINTS ${UVDIAL_PC_${name}_INCLUDE_DIRS})
  find_library(UVDIAL_${name}_LIBRARY NAMES ${UF_LIBRARY} HINTS ${UVDIAL_PC_${name}_LIBRARY_DIRS})
  find_library(UVDIAL_${name}_ARCHIVE NAMES ${UF_STATIC} HINTS ${UVDIAL_PC_${name}_LIBRARY_DIRS})
  mark_as_advanced(UVDIAL_${name}_INCLUDE_DIR UVDIAL_${name}_LIBRARY UVDIAL_${name}_ARCHIVE)
  set(include "${UVDIAL_${name}_INCLUDE_DIR}")

  if(NOT location AND include)
    if(UVDIAL_${name}_LIBRARY)
      set(location "${UVDIAL_${name}_LIBRARY}")
    elseif(UVDIAL_${name}_ARCHIVE)
      set(location "${UVDIAL_${name}_ARCHIVE}")
    endif()
    if(UVDIAL_PC_${name}_FOUND)
      set(version "${UVDIAL_PC_${name}_VERSION}")
    endif()
  endif()
  if(location AND NOT version AND UF_VERSION_HEADER)
    uvdial_version_from_header(version "${include}/${UF_VERSION_HEADER}" ${UF_VERSION_MACROS})
  endif()

  set(wanted "${${name}_FIND_VERSION}")
  set(fits FALSE)
  if(NOT location)
    set(problem "not found")
  elseif(wanted AND version AND version VERSION_LESS wanted)
    set(problem "${version} at ${location} is too old")
  else()
    set(fits TRUE)
  endif()
  if(NOT fits)
    set(help "${UF_PKG_CONFIG} (at least ${wanted}): ${problem}. Install ${UF_PACKAGES}.")
    set(location "")
  endif()

  if(fits AND NOT TARGET ${UF_TARGET})
    add_library(${UF_TARGET} INTERFACE IMPORTED)
    if(config_target)
      target_link_libraries(${UF_TARGET} INTERFACE ${config_target})
    else()
      target_include_directories(${UF_TARGET} SYSTEM INTERFACE "${include}")
      target_link_libraries(${UF_TARGET} INTERFACE "${location}")
      if(location MATCHES "\\.a$")
        target_link_libraries(${UF_TARGET} INTERFACE ${CMAKE_DL_LIBS} -pthread)
      endif()
    endif()
  endif()
  if(fits AND NOT TARGET ${UF_TARGET}_static)
    if(config_static)
      add_library(${UF_TARGET}_static INTERFACE IMPORTED)
      target_link_libraries(${UF_TARGET}_static INTERFACE ${config_static})
    elseif(UVDIAL_${name}_ARCHIVE AND include)
      add_library(${UF_TARGET}_static INTERFACE IMPORTED)
      target_include_directories(${UF_TARGET}_static SYSTEM INTERFACE "${include}")
      target_link_libraries(${UF_TARGET}_static INTERFACE "${UVDIAL_${name}_ARCHIVE}" ${CMAKE_DL_LIBS} -pthread)
    endif()
  endif()

  set(${name}_LOCATION "${location}" PARENT_SCOPE)
  set(${name}_VERSION "${version}" PARENT_SCOPE)
  set(${name}_HELP "${help}" PARENT_SCOPE)
endfunction()
