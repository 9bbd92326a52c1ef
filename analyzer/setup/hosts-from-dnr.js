// SPDX-License-Identifier: Apache-2.0
// Reads a declarativeNetRequest rule set on stdin, writes the hosts that are blocked as a whole, one a line.
// A rule counts when it blocks `||host^` or a list of request domains for every initiator and every method.
"use strict";
const rules = JSON.parse(require("fs").readFileSync(0, "utf8"));
const wholeHost = /^\|\|([a-z0-9_-]+(?:\.[a-z0-9_-]+)+)\^$/;
const isHost = /^[a-z0-9_-]+(\.[a-z0-9_-]+)+$/;
const hosts = new Set();
for (const { action, condition } of rules) {
    if (action.type !== "block" || condition.initiatorDomains || condition.regexFilter || condition.requestMethods) {
        continue;
    }
    const whole = wholeHost.exec(condition.urlFilter || "");
    if (whole) {
        hosts.add(whole[1]);
    } else if (!condition.urlFilter || condition.urlFilter === "*") {
        (condition.requestDomains || []).filter((host) => isHost.test(host)).forEach((host) => hosts.add(host));
    }
}
process.stdout.write([...hosts].map((host) => host + "\n").join(""));
