# Debian packages, by CPack; included where UVDIAL_DEBIAN is on (`make deb`). One package for each component of
# install.cmake:
#
#   libuvdialX     the shared library, X its SONAME version, so that two of them can be installed side by side
#   libuvdial-dev  headers, archive, CMake package, pkg-config file; of exactly that libuvdialX
#   uvdial         the program
#
# What only a Debian package has is made here and installed with the rest: the licence as `copyright`, the changelog and
# the manual page compressed.

set(debian_maintainer "uvdial developers <uvdial@invalid.invalid>")
set(debian_revision 1)
set(debian_library "libuvdial${uvdial_soversion}")

# Compressed so that the same input gives the same file.
function(uvdial_compress from to)
  execute_process(COMMAND gzip -9 -n -c INPUT_FILE "${from}" OUTPUT_FILE "${to}" COMMAND_ERROR_IS_FATAL ANY)
endfunction()

set(debian_folder "${CMAKE_CURRENT_BINARY_DIR}/debian")
file(MAKE_DIRECTORY "${debian_folder}")
string(TIMESTAMP date "%a, %d %b %Y %H:%M:%S +0000" UTC)
file(WRITE "${debian_folder}/changelog"
  "uvdial (${PROJECT_VERSION}-${debian_revision}) unstable; urgency=medium\n\n"
  "  * Version ${PROJECT_VERSION}; CHANGELOG.md in the sources tells the changes.\n\n"
  " -- ${debian_maintainer}  ${date}\n")
uvdial_compress("${debian_folder}/changelog" "${debian_folder}/changelog.Debian.gz")
uvdial_compress("${CMAKE_CURRENT_LIST_DIR}/uvdial.1" "${debian_folder}/uvdial.1.gz")
install(FILES "${debian_folder}/uvdial.1.gz" DESTINATION "${CMAKE_INSTALL_MANDIR}/man1" COMPONENT program)

function(uvdial_debian_package component name section summary text)
  string(TOUPPER "${component}" key)
  foreach(setting IN ITEMS "NAME ${name}" "SECTION ${section}")
    string(REGEX MATCH "^([A-Z]+) (.*)$" parts "${setting}")
    set(CPACK_DEBIAN_${key}_PACKAGE_${CMAKE_MATCH_1} "${CMAKE_MATCH_2}" PARENT_SCOPE)
  endforeach()
  set(CPACK_DEBIAN_${key}_FILE_NAME DEB-DEFAULT PARENT_SCOPE)
  set(CPACK_DEBIAN_${key}_DESCRIPTION "${summary}\n${text}" PARENT_SCOPE)
  install(FILES "${PROJECT_SOURCE_DIR}/LICENSE" RENAME copyright
    DESTINATION "${CMAKE_INSTALL_DATADIR}/doc/${name}" COMPONENT ${component})
  install(FILES "${debian_folder}/changelog.Debian.gz"
    DESTINATION "${CMAKE_INSTALL_DATADIR}/doc/${name}" COMPONENT ${component})
endfunction()

set(about "uvdial looks a name up without threads and races the addresses it has\n\
(Happy Eyeballs, RFC 8305) on a libuv loop that the program already runs;\n\
the outcome is a connected stream, or an error that keeps every attempt.")
uvdial_debian_package(library ${debian_library} libs "connects to hosts by name on a libuv loop"
  "${about}\n.\nThis package has the shared library.")
uvdial_debian_package(development libuvdial-dev libdevel "connects to hosts by name on a libuv loop (development)"
  "${about}\n.\nThis package has what programs in C++20 are built with: headers, the archive,\n\
a CMake package and a pkg-config file.")
uvdial_debian_package(program uvdial net "connects to a host by name and shows how it went"
  "This program relays standard input and output over TCP, as nc does, to the\n\
first address of a name that answers (Happy Eyeballs, RFC 8305). It draws each\n\
step on a time axis, prints it as JSON, measures many dials, or only looks a\n\
name up.")

# The loader's cache is renewed by a trigger; the scripts that CPack writes for that do no harm beside it.
file(WRITE "${debian_folder}/triggers" "activate-noawait ldconfig\n")
set(CPACK_DEBIAN_LIBRARY_PACKAGE_CONTROL_EXTRA "${debian_folder}/triggers")
set(CPACK_DEBIAN_PACKAGE_GENERATE_SHLIBS ON)
set(CPACK_DEBIAN_PACKAGE_GENERATE_SHLIBS_POLICY ">=")

# What the libraries need is read from them (dpkg-shlibdeps); a build needs what uvdialConfig.cmake and uvdial.pc ask for.
set(CPACK_DEBIAN_LIBRARY_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PROGRAM_PACKAGE_SHLIBDEPS ON)
set(debian_needs
  "${debian_library} (= ${PROJECT_VERSION}-${debian_revision})"
  "libuv1-dev (>= ${UVDIAL_LIBUV_VERSION})"
  "libc-ares-dev (>= ${UVDIAL_CARES_VERSION})")
if(UVDIAL_WITH_IDN)
  list(APPEND debian_needs "libidn2-dev (>= ${UVDIAL_IDN2_VERSION})")
endif()
list(JOIN debian_needs ", " CPACK_DEBIAN_DEVELOPMENT_PACKAGE_DEPENDS)

set(CPACK_GENERATOR DEB)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_COMPONENTS_GROUPING IGNORE)
set(CPACK_COMPONENTS_ALL library development program)
set(CPACK_PACKAGE_NAME uvdial)
# Each package has a summary of its own; CPack puts any other one but this before it.
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "${CMAKE_PROJECT_NAME} built using CMake")
set(CPACK_DEBIAN_PACKAGE_SOURCE uvdial)
set(CPACK_PACKAGE_VERSION "${PROJECT_VERSION}")
set(CPACK_DEBIAN_PACKAGE_RELEASE "${debian_revision}")
set(CPACK_PACKAGE_CONTACT "${debian_maintainer}")
set(CPACK_DEBIAN_PACKAGE_MAINTAINER "${debian_maintainer}")
set(CPACK_PACKAGING_INSTALL_PREFIX "${CMAKE_INSTALL_PREFIX}")
set(CPACK_STRIP_FILES ON)
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS
  OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
include(CPack)
