// ---- overview ----------------------------------------------------------------------------------

const SERVICES_SHOWN = 60,
    FOLD_FROM = 12;

// A bar of the states that its endpoints are in.
function fillStates({children: [bar, text]}, {service: {states, ready, endpoint_count: all}}) {
    TONES.forEach(
        (tone, i) =>
            (bar.children[i].style.flexGrow = Object.entries(states).reduce(
                (sum, [state, number]) => sum + (toneOf(state) === tone ? number : 0),
                0
            ))
    );
    put(text, `${count(ready)} of ${count(all)} ready`);
}

const ofService = (head, text) => ({head, kind: "number", text: ({numbers}) => text(numbers)});
const inflightText = n => [count(n.open ?? n.inflight ?? 0), n.waiting > 0 ? count(n.waiting) + " waiting" : ""];

const showServiceRows = makeTable("services", "Services", [
    {
        head: "Service",
        kind: "name",
        make: () => [element("i"), element("a"), element("small")],
        fill({children: [dot, link, small]}, {key, tone, words, service: {kind}, numbers: n}) {
            mark(dot, "class", "dot " + tone);
            put(link, nameOf(key));
            mark(link, "href", "#/service/" + encodeURIComponent(key));
            put(
                small,
                joined(
                    "; ",
                    words,
                    kind !== "http" &&
                        `${kind}: ${bytesText(n.client_bytes_rate)}/s from clients, ${bytesText(n.server_bytes_rate)}/s to clients`
                )
            );
            mark(small, "class", tone === "good" ? "" : tone);
        }
    },
    {
        head: "Endpoints",
        kind: "bar",
        fill: fillStates,
        make: () => [element("div", {}, ...TONES.map(tone => element("i", {class: tone}))), element("small")]
    },
    {
        head: "Ten minutes",
        kind: "bar",
        make: () => [makeLines("rate", "rate_5xx")],
        fill: (cell, {key}) => fillLines(cell.firstChild, key, "rate", "rate_5xx")
    },
    ofService("Requests/s", n => rateText(n.rate)),
    ofService("5xx/s", n => [
        rateText(n.rate_5xx ?? n.failed_rate),
        percentText(n.rate_5xx, n.rate),
        n.rate_5xx || n.failed_rate ? "bad" : ""
    ]),
    ofService("p50", n => durationText(n.p50_ms)),
    ofService("p99", n => durationText(n.p99_ms)),
    ofService("In flight", inflightText)
]);

function showServices() {
    const all = servicesByHealth(),
        found = all.filter(({key}) => key.toLowerCase().includes(filterWords()));
    byId("filter-box").hidden = all.length <= FOLD_FROM;
    showServiceRows(
        found.slice(0, SERVICES_SHOWN),
        one => one.key,
        joined(
            ", ",
            found.length > 1 && count(found.length) + ", problems first",
            found.length > SERVICES_SHOWN && `the first ${SERVICES_SHOWN} are shown`
        )
    );
}

// ---- what all views have above them ---------------------------------------------------------------

function showHead() {
    const services = servicesByHealth(),
        states = {},
        bad = services.filter(one => one.tone === "bad").map(one => nameOf(one.key));
    let usable = 0,
        all = 0;
    for (const {service} of services) {
        usable += service.usable;
        all += service.endpoint_count;
        for (const state in service.states) states[state] = (states[state] || 0) + service.states[state];
    }
    const host = world.about?.host || "";
    put(byId("place"), host);
    document.title = `${usable}/${all} ${host} – lb`;
    tell(
        "summary",
        joined(
            " ",
            joined(
                "; ",
                usable
                    ? `${count(usable)} of ${plural(all, "endpoint")} get requests`
                    : "No endpoint gets requests",
                statesText(states)
            ) + ".",
            bad.length > 0 && `In trouble: ${someOf(bad, 5)}.`,
            ...services
                .filter(one => one.service.paused_for_ms > 0)
                .map(one => `${nameOf(one.key)} is ${pauseText(one.service)}.`),
            world.routes?.shutting_down && "lb is shutting down."
        ),
        services[0]?.tone || "bad"
    );
    put(byId("left-out-link"), joined(" ", "Left out", world.left_out_count > 0 && count(world.left_out_count)));
    const {problem, remedy, sources = []} = world.source || {},
        faults = sources.filter(one => one.problem);
    tell(
        "obstacle",
        joined(
            " ",
            problem && !faults.some(one => one.problem === problem) && `${problem}. ${remedy}`,
            ...faults.map(one => `${one.source}: ${one.problem}. ${one.remedy}`)
        ),
        "bad"
    );
}

function showTraffic() {
    const t = world.totals || {},
        seconds = Math.round(t.window_ms / 1000),
        wait = t.held + t.queued;
    showFacts("traffic", [
        ["Requests/s", rateText(t.rate), seconds ? `in the last ${seconds} s` : ""],
        ["5xx/s", rateText(t.rate_5xx), percentText(t.rate_5xx, t.rate), t.rate_5xx > 0 ? "bad" : ""],
        ...["p50", "p90", "p99"].map(key => [key, durationText(t[key + "_ms"])]),
        ["In flight", count(t.inflight)],
        ["Waiting", count(wait), "", wait > 0 ? "waiting" : ""]
    ]);
}

// ---- lb itself -----------------------------------------------------------------------------------

function showSelf() {
    const {connections, buffers, descriptors, memory_bytes: memory, workers = []} = world.saturation || {};
    const full = (head, used, {max}, text) => [head, text(used), "of " + text(max), "", used / max];
    showFacts(
        "gauges",
        connections
            ? [
                  full("Connections", connections.open, connections, count),
                  full("Buffers", buffers.bytes, buffers, bytesText),
                  full("Descriptors", descriptors.open, descriptors, count),
                  ["Memory", bytesText(memory)],
                  ...workers.map(({cpu_percent: share}, i) => [
                      "Worker " + (i + 1),
                      count(share ?? 0) + " %",
                      "of a core",
                      "",
                      (share ?? 0) / 100
                  ])
              ]
            : []
    );
    const {version, pid, started, jail, process = {}} = world.about || {},
        {source, connected, last_event, last_line, bad_lines} = world.source || {};
    const {requests = 0, retries = 0, by_status: by = {}} = world.totals?.totals || {},
        crashes = Object.values(process.crashes || {}).reduce((a, b) => a + b, 0);
    const ago = (what, time) => time && `${what} ${ageText(time)} ago.`;
    tell(
        "self",
        joined(
            " ",
            `lb ${version}, process ${pid}, up ${ageText(started)}. Jail: ${jail}.`,
            process.starts > 1 &&
                `Processes so far: ${process.starts}, upgrades: ${process.upgrades}, crashes: ${crashes}.`,
            ago(`Last crash: ${process.last_crash},`, process.last_crash_at),
            ago(process.last_failure + ",", process.last_failure_at),
            `Endpoints come from ${source}${connected === false ? ", not connected: as last seen" : ""}.`,
            ago("Last event", last_event),
            ago("Last change", last_line),
            bad_lines > 0 && `${plural(bad_lines, "line")} of it refused; see the log.`,
            `In all ${plural(requests, "request")}: ${["2xx", "3xx", "4xx", "5xx"].map(key => `${count(by[key] || 0)} ${key}`).join(", ")}, ` +
                `${count(by.none || 0)} not answered; ${count(retries)} retried.`
        ),
        process.crash_loop || connected === false ? "bad" : ""
    );
}

function showOverview() {
    showTraffic();
    showServices();
    showSelf();
}
