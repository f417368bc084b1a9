// sentry-testkit's local server: prints its DSN, and for each line of its input what it has got so far, as JSON.
"use strict";

const { testkit, localServer } = require("sentry-testkit")();

localServer.start("http://acacaeaccacacacabcaacdacdacadaca@localhost/42").then(() => {
    console.log(localServer.getDsn());
    require("node:readline").createInterface({ input: process.stdin }).on("line", () => {
        console.log(JSON.stringify(testkit.reports().map((report) => report.originalReport)));
    }).on("close", () => process.exit(0));
});
