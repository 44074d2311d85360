# Headers, both libraries, the program with its manual page and completions, and what finds the library again: a CMake
# package and a pkg-config file. Three components: "library" is what a built program needs to run, "development" what
# it needs to be built, "program" is uvdial(1).

include(CMakePackageConfigHelpers)

set(package_dir "${CMAKE_INSTALL_LIBDIR}/cmake/uvdial")

install(DIRECTORY "${PROJECT_SOURCE_DIR}/include/" DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}"
  COMPONENT development FILES_MATCHING PATTERN "*.hpp")
install(TARGETS uvdial_static uvdial_shared
  EXPORT uvdialTargets
  ARCHIVE DESTINATION "${CMAKE_INSTALL_LIBDIR}" COMPONENT development
  LIBRARY DESTINATION "${CMAKE_INSTALL_LIBDIR}" COMPONENT library NAMELINK_COMPONENT development
  RUNTIME DESTINATION "${CMAKE_INSTALL_BINDIR}" COMPONENT library)
if(TARGET uvdial_cli)
  install(TARGETS uvdial_cli RUNTIME DESTINATION "${CMAKE_INSTALL_BINDIR}" COMPONENT program)
  install(FILES "${CMAKE_CURRENT_LIST_DIR}/uvdial.bash" RENAME uvdial
    DESTINATION "${CMAKE_INSTALL_DATADIR}/bash-completion/completions" COMPONENT program)
  install(FILES "${CMAKE_CURRENT_LIST_DIR}/_uvdial"
    DESTINATION "${CMAKE_INSTALL_DATADIR}/zsh/site-functions" COMPONENT program)
  if(NOT UVDIAL_DEBIAN)  # which has it compressed
    install(FILES "${CMAKE_CURRENT_LIST_DIR}/uvdial.1" DESTINATION "${CMAKE_INSTALL_MANDIR}/man1" COMPONENT program)
  endif()
endif()

install(EXPORT uvdialTargets NAMESPACE uvdial:: DESTINATION "${package_dir}" COMPONENT development)
configure_package_config_file(
  "${CMAKE_CURRENT_LIST_DIR}/uvdialConfig.cmake.in"
  "${CMAKE_CURRENT_BINARY_DIR}/uvdialConfig.cmake"
  INSTALL_DESTINATION "${package_dir}")
write_basic_package_version_file(
  "${CMAKE_CURRENT_BINARY_DIR}/uvdialConfigVersion.cmake"
  COMPATIBILITY ${uvdial_compatibility})
install(FILES
  "${CMAKE_CURRENT_BINARY_DIR}/uvdialConfig.cmake"
  "${CMAKE_CURRENT_BINARY_DIR}/uvdialConfigVersion.cmake"
  "${PROJECT_SOURCE_DIR}/third_party/FindLibuv.cmake"
  "${PROJECT_SOURCE_DIR}/third_party/FindCAres.cmake"
  "${PROJECT_SOURCE_DIR}/third_party/FindIdn2.cmake"
  "${PROJECT_SOURCE_DIR}/third_party/uvdial_find.cmake"
  DESTINATION "${package_dir}" COMPONENT development)

# The prefix of a .pc file follows the file itself, so that `cmake --install --prefix` may name another one than the
# configuration did; that needs the way back from the folder of the .pc file.
if(IS_ABSOLUTE "${CMAKE_INSTALL_LIBDIR}")
  set(pc_prefix "${CMAKE_INSTALL_PREFIX}")
else()
  file(RELATIVE_PATH way_back "/prefix/${CMAKE_INSTALL_LIBDIR}/pkgconfig" "/prefix")
  string(REGEX REPLACE "/$" "" way_back "${way_back}")
  set(pc_prefix "\${pcfiledir}/${way_back}")
endif()
foreach(kind IN ITEMS LIB INCLUDE)
  if(IS_ABSOLUTE "${CMAKE_INSTALL_${kind}DIR}")
    set(pc_${kind} "${CMAKE_INSTALL_${kind}DIR}")
  else()
    set(pc_${kind} "\${prefix}/${CMAKE_INSTALL_${kind}DIR}")
  endif()
endforeach()

# libidn2 is named as a library and not in Requires.private: its own .pc file asks for libunistring, and the packages of
# Debian and Ubuntu do not bring what links that. Nobody needs it but those who link libidn2's archive.
set(pc_libs_private "-lstdc++")
if(UVDIAL_WITH_IDN)
  set(pc_libs_private "-lidn2 -lstdc++")
  cmake_path(GET UVDIAL_Idn2_LIBRARY PARENT_PATH idn2_folder)
  if(idn2_folder AND NOT idn2_folder IN_LIST CMAKE_CXX_IMPLICIT_LINK_DIRECTORIES)
    set(pc_libs_private "-L${idn2_folder} ${pc_libs_private}")
  endif()
endif()
configure_file("${CMAKE_CURRENT_LIST_DIR}/uvdial.pc.in" "${CMAKE_CURRENT_BINARY_DIR}/uvdial.pc" @ONLY)
install(FILES "${CMAKE_CURRENT_BINARY_DIR}/uvdial.pc"
  DESTINATION "${CMAKE_INSTALL_LIBDIR}/pkgconfig" COMPONENT development)
