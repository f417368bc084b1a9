# To compile for 64-bit ARM on another machine, with Debian's cross compiler and libraries (crossbuild-essential-arm64,
# lib…-dev:arm64): cmake --preset release --toolchain deploy/arm64.cmake. tests/package/test_arm64.py does all of it, and
# runs the unit tests by qemu-user.
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR aarch64)
set(CMAKE_C_COMPILER aarch64-linux-gnu-gcc)
set(CMAKE_LIBRARY_ARCHITECTURE aarch64-linux-gnu)
set(PKG_CONFIG_EXECUTABLE aarch64-linux-gnu-pkg-config CACHE FILEPATH "That of the libraries of the machine to compile for")
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
# The build writes the manuals with a program that it has just made, and ctest runs those of the tests.
find_program(LB_QEMU NAMES qemu-aarch64 qemu-aarch64-static)
if(LB_QEMU)
    set(CMAKE_CROSSCOMPILING_EMULATOR ${LB_QEMU})
endif()
