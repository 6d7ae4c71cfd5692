# All from the distribution; hack/setup installs them.
find_package(Threads REQUIRED)
find_package(OpenSSL REQUIRED)
find_package(cpprestsdk REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(yaml-cpp REQUIRED)
find_package(spdlog REQUIRED)
find_package(tl-expected REQUIRED)
find_package(CLI11 REQUIRED)
find_package(fmt REQUIRED)
find_package(prometheus-cpp REQUIRED)
# pkg-config, not find_library: the packaged httplib is compiled, and its class layout depends on these defines.
find_package(PkgConfig REQUIRED)
pkg_check_modules(HTTPLIB REQUIRED IMPORTED_TARGET cpp-httplib)
# Its packaged CMake file names programs that the library package does not bring.
pkg_check_modules(LIBZIP REQUIRED IMPORTED_TARGET libzip)
if(SERAPHIM_BUILD_TESTS)
  find_package(GTest REQUIRED)
endif()
