# SPDX-License-Identifier: Apache-2.0
# Flags as INTERFACE targets, and the helpers that declare stages and tests.

add_library(mitleser_flags INTERFACE)
target_include_directories(mitleser_flags INTERFACE ${PROJECT_SOURCE_DIR}/analyzer)
target_compile_definitions(mitleser_flags INTERFACE _GNU_SOURCE MITLESER_VERSION="${PROJECT_VERSION}")
target_compile_options(mitleser_flags INTERFACE
    -Wall -Wextra -Wpedantic -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wconversion -Wno-sign-conversion
    -Wformat=2 -Wundef -Wpointer-arith -Wcast-qual -Wvla -fvisibility=hidden
    $<$<BOOL:${MITLESER_WERROR}>:-Werror>)

# In optimised builds only: _FORTIFY_SOURCE needs optimisation.
target_compile_options(mitleser_flags INTERFACE -fstack-protector-strong -fPIE
    $<$<CONFIG:Release,RelWithDebInfo>:-D_FORTIFY_SOURCE=2>)
target_link_options(mitleser_flags INTERFACE -pie -Wl,-z,relro,-z,now)

if(MITLESER_SANITIZE)
    target_compile_options(mitleser_flags INTERFACE -fsanitize=${MITLESER_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
    target_link_options(mitleser_flags INTERFACE -fsanitize=${MITLESER_SANITIZE})
endif()
if(MITLESER_COVERAGE)
    target_compile_options(mitleser_flags INTERFACE --coverage -O0)
    target_link_options(mitleser_flags INTERFACE --coverage)
endif()
if(MITLESER_FUZZ)
    target_compile_options(mitleser_flags INTERFACE -fsanitize=fuzzer-no-link)
endif()

# mitleser_stage(name SOURCES a.c ... LIBRARIES PkgConfig::X ...): one folder of the data path as an object library.
function(mitleser_stage name)
    cmake_parse_arguments(ARG "" "" "SOURCES;LIBRARIES;INCLUDES" ${ARGN})
    add_library(mitleser_${name} OBJECT ${ARG_SOURCES})
    target_link_libraries(mitleser_${name} PUBLIC mitleser_flags ${ARG_LIBRARIES})
    target_include_directories(mitleser_${name} SYSTEM PRIVATE ${ARG_INCLUDES})
    set_property(GLOBAL APPEND PROPERTY MITLESER_STAGES mitleser_${name})
endfunction()
