# Compiler settings for uvdial's own targets. Warnings go on each target by hand (uvdial_own_target), so that neither
# dependencies nor projects that embed uvdial inherit them. Instrumentation applies to the whole folder tree.

function(uvdial_own_target target)
  target_compile_features(${target} PRIVATE cxx_std_20)
  target_compile_options(${target} PRIVATE -Wall -Wextra -Wpedantic -Wconversion -Wshadow)
  # g++ 12 at -O3 warns of overlaps and overruns inside std::string and std::vector that cannot be (GCC bugs 105651 and
  # 105329 among others, mended in 13). clang++ and AddressSanitizer look after the real ones.
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION MATCHES "^12\\.")
    target_compile_options(${target} PRIVATE -Wno-restrict -Wno-array-bounds -Wno-stringop-overflow
      -Wno-stringop-overread)
  endif()
  # Warnings that instrumentation makes g++ give wrongly: its manual says so of the first, and the second comes where a
  # test replaces operator new, which is no longer inlined together with delete.
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND UVDIAL_SANITIZE)
    target_compile_options(${target} PRIVATE -Wno-maybe-uninitialized -Wno-mismatched-new-delete)
  endif()
  if(UVDIAL_WERROR)
    target_compile_options(${target} PRIVATE -Werror)
  endif()
endfunction()

# What a distribution builds its network programs with: checks of the standard library and of the C library's copies,
# guards around the stack, and tables that are read-only once the program runs. On the library and the programs; test/
# and who embeds uvdial have flags of their own. The sanitizers bring checks that replace these. Of -fcf-protection only
# what marks the code as fit for shadow stacks: no kernel checks where user code jumps to, and the marks cost instructions.
include(CheckCXXCompilerFlag)
if(UVDIAL_HARDENING AND NOT UVDIAL_SANITIZE)
  foreach(flag IN ITEMS -fstack-protector-strong -fstack-clash-protection -fcf-protection=return)
    string(MAKE_C_IDENTIFIER "UVDIAL_KNOWS${flag}" known)
    check_cxx_compiler_flag(${flag} ${known})
    if(${known})
      list(APPEND hardening_flags ${flag})
    endif()
  endforeach()
endif()

function(uvdial_harden target)
  if(NOT UVDIAL_HARDENING OR UVDIAL_SANITIZE)
    return()
  endif()
  target_compile_definitions(${target} PRIVATE _GLIBCXX_ASSERTIONS)
  # Fortified copies need the optimizer; some compilers have a value of their own, which has to go first.
  target_compile_options(${target} PRIVATE ${hardening_flags}
    "$<$<NOT:$<CONFIG:Debug>>:-U_FORTIFY_SOURCE;-D_FORTIFY_SOURCE=2>")
  get_target_property(kind ${target} TYPE)
  if(CMAKE_SYSTEM_NAME STREQUAL "Linux" AND kind MATCHES "SHARED_LIBRARY|EXECUTABLE")
    target_link_options(${target} PRIVATE -Wl,-z,relro -Wl,-z,now -Wl,-z,noexecstack)
  endif()
  if(kind STREQUAL "EXECUTABLE")
    set_target_properties(${target} PROPERTIES POSITION_INDEPENDENT_CODE ON)
    target_link_options(${target} PRIVATE -pie)
  endif()
endfunction()

# What nearly every file includes, read once for the target. Only where the build says so: without it a file that forgets
# an include does not compile, and that has to be found somewhere.
function(uvdial_precompile target)
  if(UVDIAL_PRECOMPILE)
    target_precompile_headers(${target} PRIVATE <algorithm> <array> <chrono> <cstdint> <functional> <memory> <optional>
      <span> <stdexcept> <string> <string_view> <system_error> <utility> <variant> <vector> <uv.h> ${ARGN})
  endif()
endfunction()

if(UVDIAL_SANITIZE)
  add_compile_options(-fsanitize=${UVDIAL_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${UVDIAL_SANITIZE})
  add_compile_definitions(_GLIBCXX_ASSERTIONS)
  # What clang++ 14 writes before each function for this check it also writes before the parts of a coroutine, where it
  # cannot be assembled ("Cannot represent a difference across sections").
  if(CMAKE_CXX_COMPILER_ID MATCHES "Clang" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 17 AND UVDIAL_SANITIZE MATCHES
     "undefined")
    add_compile_options(-fno-sanitize=function)
  endif()
endif()

if(UVDIAL_COVERAGE)
  add_compile_options(--coverage -fprofile-update=atomic)
  add_link_options(--coverage)
endif()

# libFuzzer has to see which ways the code goes. Other programs of the tree link what is instrumented too: the runtime of
# AddressSanitizer has all that it calls.
if(UVDIAL_FUZZ AND NOT (CMAKE_CXX_COMPILER_ID MATCHES "Clang" AND UVDIAL_SANITIZE MATCHES "address"))
  message(FATAL_ERROR "UVDIAL_FUZZ needs clang++ (CMAKE_CXX_COMPILER) and UVDIAL_SANITIZE=address,undefined")
endif()
function(uvdial_instrument_for_fuzzing target)
  if(UVDIAL_FUZZ)
    target_compile_options(${target} PRIVATE -fsanitize=fuzzer-no-link)
  endif()
endfunction()
