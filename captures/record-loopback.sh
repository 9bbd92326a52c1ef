#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# record-loopback.sh: records captures/loopback-tools.pcapng from real programs (dig, curl, openssl) that talk to small
# servers over the loopback device of a network namespace of its own. Addresses are reserved ones, names end in .test,
# the personal data is made up; the key log is inside the capture. Run update.sh afterwards.
#
# Needs: unshare, ip, tcpdump, editcap, dig, curl, openssl, python3; root or user namespaces.
set -eu
here=$(cd "$(dirname "$0")" && pwd)

if [ "${1:-}" != inside ]; then
    [ "$(id -u)" = 0 ] && exec unshare --net --mount sh "$here/record-loopback.sh" inside
    exec unshare --user --map-root-user --net --mount sh "$here/record-loopback.sh" inside
fi

client=192.0.2.10
work=$(mktemp -d)
pids=
cleanup() {
    for pid in $pids; do
        kill "$pid" 2>/dev/null || true
    done
    rm -rf "$work"
}
trap cleanup EXIT
cd "$work"

# The network: everything is local, and the client's address is the source of what goes out.
ip link set lo up mtu 1500
for address in $client 192.0.2.53 198.51.100.80 203.0.113.44; do
    ip address add "$address/32" dev lo
done
for address in 192.0.2.53 198.51.100.80 203.0.113.44; do
    ip route replace local "$address/32" dev lo table local src $client
done
ip address add 2001:db8::10/128 dev lo
ip address add 2001:db8:80::1/128 dev lo
echo 'nameserver 192.0.2.53' >resolv.conf
mount --bind resolv.conf /etc/resolv.conf
printf 'hosts: dns\n' >nsswitch.conf
mount --bind nsswitch.conf /etc/nsswitch.conf

openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout key.pem -out cert.pem -days 90 \
    -subj '/O=Example/CN=www.example.test' \
    -addext 'subjectAltName=DNS:www.example.test,DNS:login.example.test,DNS:tracker.example.test' 2>/dev/null

python3 "$here/loopback_servers.py" cert.pem key.pem &
pids="$pids $!"
openssl s_server -quiet -accept 203.0.113.44:443 -cert cert.pem -key key.pem -www >/dev/null 2>&1 &
pids="$pids $!"
tcpdump -i lo -Z root --immediate-mode -w raw.pcap 2>tcpdump.log &
tcpdump=$!
pids="$pids $tcpdump"
sleep 1

export SSLKEYLOGFILE="$work/keys.log"
ask() {
    dig -b $client @192.0.2.53 "$@" >/dev/null
    sleep 0.2
}
get() {
    curl --silent --output /dev/null --cacert cert.pem "$@"
    sleep 0.2
}
form='name=Alex+Example&email=alex%40example.test&phone=%2B1-202-555-0143'

ask www.example.test A
ask www.example.test AAAA +subnet=203.0.113.0/24
ask login.example.test A +tcp
ask nowhere.example.test A

get -4 http://www.example.test/
get -4 --compressed 'http://tracker.example.test/pixel.gif?uid=user-0001&lat=52.5163&lon=13.3777'
get -4 --data "$form" http://www.example.test/register
get -4 --user alex:secret --cookie 'session=0123456789abcdef' http://www.example.test/account

get -4 --tls-max 1.2 https://www.example.test/
get -4 --data "$form" https://www.example.test/register
get --interface 2001:db8::10 -6 --resolve 'www.example.test:443:[2001:db8:80::1]' https://www.example.test/

# The same session twice: the second connection shows the ticket of the first.
for option in -sess_out -sess_in; do
    printf 'GET / HTTP/1.0\r\n\r\n' | timeout 5 openssl s_client -connect 203.0.113.44:443 -bind $client -tls1_2 \
        -servername login.example.test -keylogfile keys.log $option session.pem -ign_eof >/dev/null 2>&1
    sleep 0.2
done

sleep 1
kill "$tcpdump"
wait "$tcpdump" || true
editcap --inject-secrets "tls,keys.log" -F pcapng raw.pcap "$here/loopback-tools.pcapng"
