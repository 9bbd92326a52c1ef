# SPDX-License-Identifier: Apache-2.0
# Reads an Adblock Plus list, writes the hosts that are blocked as a whole, one a line.
# A rule counts when it is ||host^ alone or with options that do not narrow it to paths, pages or types of content.
BEGIN { wanted = " third-party 3p popup all important " }
/^\|\|[a-z0-9._-]+\^(\$|$)/ {
    rule = substr($0, 3)
    at = index(rule, "^")
    host = substr(rule, 1, at - 1)
    options = substr(rule, at + 2)
    if (host !~ /^[a-z0-9_-]+(\.[a-z0-9_-]+)+$/) next
    n = split(options, option, ",")
    for (i = 1; i <= n; i++) if (index(wanted, " " option[i] " ") == 0) next
    print host
}
