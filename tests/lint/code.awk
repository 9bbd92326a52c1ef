# SPDX-License-Identifier: Apache-2.0
# C without comments and without what stands in strings, line for line, as "file:line:code". A line comment becomes
# the mark "@line-comment@", which no C holds.
FNR == 1 { in_comment = 0 }
{
    out = ""
    line = $0
    while (line != "") {
        if (in_comment) {
            at = index(line, "*/")
            if (at == 0) {
                break
            }
            in_comment = 0
            line = substr(line, at + 2)
            out = out " "
            continue
        }
        if (!match(line, /\/\*|\/\/|"|'/)) {
            out = out line
            break
        }
        out = out substr(line, 1, RSTART - 1)
        mark = substr(line, RSTART, RLENGTH)
        line = substr(line, RSTART + RLENGTH)
        if (mark == "/*") {
            in_comment = 1
        } else if (mark == "//") {
            out = out "@line-comment@"
            break
        } else if (mark == "\"") {
            if (match(line, /^([^"\\]|\\.)*"/)) {
                out = out "\"\""
                line = substr(line, RLENGTH + 1)
            } else {
                break
            }
        } else if (match(line, /^([^'\\]|\\.)+'/)) {
            out = out "' '"
            line = substr(line, RLENGTH + 1)
        } else {
            break
        }
    }
    print FILENAME ":" FNR ":" out
}
