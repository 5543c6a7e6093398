# One place for the language level and the flags that the determinism contract needs.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

if(NOT CMAKE_CXX_COMPILER_LAUNCHER)
  find_program(HASTEN_CCACHE ccache)
  if(HASTEN_CCACHE)
    set(CMAKE_CXX_COMPILER_LAUNCHER ${HASTEN_CCACHE})
  endif()
endif()

find_package(Threads REQUIRED)
find_package(PkgConfig REQUIRED)
if(CMAKE_CROSSCOMPILING)  # without it for the target, cmake/layers.cmake leaves out what needs it
  pkg_check_modules(pcre2 IMPORTED_TARGET libpcre2-8)
  pkg_check_modules(sqlite3 IMPORTED_TARGET sqlite3)
  pkg_check_modules(libcurl IMPORTED_TARGET libcurl)
  pkg_check_modules(zlib IMPORTED_TARGET zlib)
  pkg_check_modules(seccomp IMPORTED_TARGET libseccomp)
else()
  pkg_check_modules(pcre2 REQUIRED IMPORTED_TARGET libpcre2-8)
  pkg_check_modules(sqlite3 REQUIRED IMPORTED_TARGET sqlite3)
  pkg_check_modules(libcurl REQUIRED IMPORTED_TARGET libcurl)
  pkg_check_modules(zlib REQUIRED IMPORTED_TARGET zlib)
  pkg_check_modules(seccomp REQUIRED IMPORTED_TARGET libseccomp)
endif()

if(CMAKE_CROSSCOMPILING)
  find_package(Boost 1.81 QUIET)
else()
  find_package(Boost 1.81 REQUIRED)  # headers only: Asio and Beast
endif()

add_compile_options(-Wall -Wextra -Wshadow -Wconversion -Wno-sign-conversion -Werror)
if(CMAKE_CXX_FLAGS MATCHES "-fsanitize=" AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # Instrumented code hides from GCC 12 what it needs to know for these two: they warn of what release proves to be fine.
  add_compile_options(-Wno-conversion)
  if(CMAKE_CXX_COMPILER_ID STREQUAL GNU)  # clang knows no such warning
    add_compile_options(-Wno-maybe-uninitialized)
  endif()
endif()
if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  add_compile_options(-Wno-deprecated-declarations)  # libstdc++ 12's own stable_sort uses what C++17 deprecates
endif()
# GCC fuses a*b+c even with -std=c++20; bytes must not depend on where it does so (docs/determinism.md).
add_compile_options(-ffp-contract=off -fno-math-errno)
add_compile_definitions(HASTEN_KV_BLOCK=${HASTEN_KV_BLOCK} HASTEN_PREFILL_CHUNK=${HASTEN_PREFILL_CHUNK}
  HASTEN_QUEUE=${HASTEN_QUEUE} HASTEN_VERSION="${PROJECT_VERSION}")
if(HASTEN_SIMD)
  add_compile_definitions(HASTEN_SIMD=1)
else()
  add_compile_definitions(HASTEN_SIMD=0)
endif()
include_directories(${PROJECT_SOURCE_DIR})
