// SPDX-License-Identifier: Apache-2.0
// Reads the entities of third-party-web on stdin, writes "host<TAB>company<TAB>category", a suffix pattern as its suffix.
"use strict";
const entities = JSON.parse(require("fs").readFileSync(0, "utf8"));
const rows = new Map();
for (const { name, company, category, domains } of entities) {
    for (const domain of domains) {
        const host = domain.replace(/^\*\./, "").toLowerCase();
        if (/^[a-z0-9_-]+(\.[a-z0-9_-]+)+$/.test(host) && !rows.has(host)) {
            const clean = (text) => String(text || "").replace(/[\t\r\n]+/g, " ");
            rows.set(host, `${host}\t${clean(company || name)}\t${clean(category)}\n`);
        }
    }
}
process.stdout.write([...rows.values()].join(""));
