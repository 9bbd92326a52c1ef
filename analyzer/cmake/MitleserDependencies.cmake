# SPDX-License-Identifier: Apache-2.0
# Libraries of Debian 12 by pkg-config; which library does which job is told in analyzer/docs/ARCHITECTURE.md.
find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)
pkg_check_modules(PCAP REQUIRED IMPORTED_TARGET libpcap>=1.10)
pkg_check_modules(JANSSON REQUIRED IMPORTED_TARGET jansson>=2.14)
pkg_check_modules(CRYPTO REQUIRED IMPORTED_TARGET libcrypto>=3.0)
pkg_check_modules(LDNS REQUIRED IMPORTED_TARGET ldns>=1.8)
pkg_check_modules(YAML REQUIRED IMPORTED_TARGET yaml-0.1>=0.2.5)
pkg_check_modules(MAXMINDDB REQUIRED IMPORTED_TARGET libmaxminddb>=1.7)
pkg_check_modules(PSL REQUIRED IMPORTED_TARGET libpsl>=0.21)
pkg_check_modules(XXHASH REQUIRED IMPORTED_TARGET libxxhash>=0.8)
pkg_check_modules(ZLIB REQUIRED IMPORTED_TARGET zlib)
pkg_check_modules(PCRE2 REQUIRED IMPORTED_TARGET libpcre2-8)
pkg_check_modules(ARCHIVE REQUIRED IMPORTED_TARGET libarchive>=3.6)
# htp.pc names an include folder that does not exist, which breaks its imported target.
pkg_check_modules(HTP REQUIRED htp>=0.5.42)
# libloc ships no usable pkg-config file on every release: look for it by name.
find_path(LOC_INCLUDE_DIR libloc/libloc.h REQUIRED)
find_library(LOC_LIBRARY loc REQUIRED)
if(MITLESER_WITH_NDPI)
    pkg_check_modules(NDPI REQUIRED libndpi>=4.2)
endif()
