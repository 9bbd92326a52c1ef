#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# check-selftest.sh GENERATOR: check.sh passes on a copy of this folder and fails on each way to spoil it.
set -eu
generator=$1
here=$(cd "$(dirname "$0")" && pwd)
copy=$(mktemp -d)
trap 'rm -rf "$copy"' EXIT
status=0

# The samples are made once: what stands in for the generator afterwards only hands them out.
mkdir "$copy/made"
"$generator" "$copy/made" >"$copy/lines"
cat >"$copy/generator" <<END
#!/bin/sh
cp -r "$copy/made/." "\$1"
cat "$copy/lines"
END
chmod +x "$copy/generator"
generator=$copy/generator

fresh() {
    rm -rf "$copy/captures"
    cp -r "$here" "$copy/captures"
}

must_fail() { # must_fail MESSAGE
    if out=$(sh "$here/check.sh" "$generator" "$copy/captures" 2>&1); then
        echo "must fail: $1"
        status=1
    elif ! printf '%s\n' "$out" | grep -qF "$1"; then
        printf 'wrong message for %s: %s\n' "$1" "$out"
        status=1
    fi
    fresh
}

fresh
sh "$here/check.sh" "$generator" "$copy/captures" || status=1

sample=wechat-session.pcapng
printf x >>"$copy/captures/$sample"
must_fail "$sample: not what the generator makes"
printf x >>"$copy/captures/$sample"
must_fail "$sample: another SHA-256"
rm "$copy/captures/$sample"
must_fail "$sample: listed, but not there"
cp "$copy/captures/$sample" "$copy/captures/extra.pcap"
must_fail 'extra.pcap: not listed in MANIFEST'
sed -i "/^$sample/d" "$copy/captures/MANIFEST"
must_fail "$sample: MANIFEST does not say"
printf 'gone.pcap\t00\tgenerated\tnothing\n' >>"$copy/captures/MANIFEST"
must_fail 'gone.pcap: listed, but not there'
echo x >"$copy/captures/odd.pcap"
printf 'odd.pcap\t%s\tfound\tx\n' "$(sha256sum <"$copy/captures/odd.pcap" | cut -d ' ' -f 1)" >>"$copy/captures/MANIFEST"
must_fail 'odd.pcap: unknown origin found'
echo x >"$copy/captures/odd.pcap"
printf 'odd.pcap\t%s\tgenerated\t\n' "$(sha256sum <"$copy/captures/odd.pcap" | cut -d ' ' -f 1)" >>"$copy/captures/MANIFEST"
must_fail 'odd.pcap: the generator does not know it'
exit $status
