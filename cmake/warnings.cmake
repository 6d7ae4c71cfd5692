# Every target of the project links seraphim_warnings: warnings are errors, sanitizers are one cache entry.
set(SERAPHIM_SANITIZE "" CACHE STRING "Sanitizers for the whole build: empty, address,undefined or thread")

add_library(seraphim_warnings INTERFACE)
target_compile_options(seraphim_warnings INTERFACE -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror)
# g++ 12 sees overlaps in std::string concatenation where there are none (GCC bug 105651, fixed in 13).
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  target_compile_options(seraphim_warnings INTERFACE -Wno-restrict)
endif()
# Batched builds compile several files as one; the debug preset, file by file, keeps this warning.
if(CMAKE_UNITY_BUILD AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  target_compile_options(seraphim_warnings INTERFACE -Wno-subobject-linkage)
endif()
target_include_directories(seraphim_warnings INTERFACE ${PROJECT_SOURCE_DIR}/controller)

if(SERAPHIM_SANITIZE)
  target_compile_options(seraphim_warnings INTERFACE -fsanitize=${SERAPHIM_SANITIZE} -fno-omit-frame-pointer
                                                     -fno-sanitize-recover=all
                                                     $<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized>)  # false alarms of instrumented code
  target_link_options(seraphim_warnings INTERFACE -fsanitize=${SERAPHIM_SANITIZE})
endif()

if(SERAPHIM_FUZZ)
  target_compile_options(seraphim_warnings INTERFACE -fsanitize=fuzzer-no-link)
  target_link_options(seraphim_warnings INTERFACE -fsanitize=fuzzer-no-link)
endif()

find_program(SERAPHIM_CCACHE ccache)
if(SERAPHIM_CCACHE)
  # A second checkout of the same sources finds what the first one compiled.
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env CCACHE_BASEDIR=${PROJECT_SOURCE_DIR} CCACHE_NOHASHDIR=1
                                  ${SERAPHIM_CCACHE})
endif()

# Tests are not optimized, whatever they test is: their own speed matters little, the time to compile them does.
add_library(seraphim_test_code INTERFACE)
target_compile_options(seraphim_test_code INTERFACE -O0)
