// ---- requests ----------------------------------------------------------------------------------

const TAIL_SHOWN = 20,
    NOTED_SHOWN = 12,
    FAILED_SHOWN = 6;
const NOTED = {
    failed: "Failed",
    retried: "Retried",
    slowest: "Slowest in ten minutes",
    seen: "As they come, at most 20 a second"
};
let noted = {failed: [], retried: [], slowest: []},
    seen = [];

const askRequests = makeAsker("requests", told => (noted = told));
const keyOfRequest = r => joined(" ", r.time, r.request_id, r.path);
const urlText = r => `${r.method || ""} ${r.host || ""}${r.path || ""}`;
const endText = r =>
    joined(
        "; ",
        (r.sentence || r.end).replace(/\.$/, ""),
        r.retried_after && "after " + r.retried_after.join(", ")
    );

const COLUMNS = [
    {head: "Request", kind: "name", text: r => [urlText(r), r.route]},
    {head: "When", kind: "when", text: r => clockText(r.time)},
    {head: "Went to", kind: "who", text: r => [r.service || "no service", r.name]},
    {head: "Status", kind: "number", text: r => [r.status || "–", "", toneOfErrors(r.status - 499)]},
    {head: "Took", kind: "number", text: r => durationText(r.ms)},
    {head: "How it ended", text: r => [endText(r), r.request_id]}
];
const showNoted = Object.fromEntries(
    Object.entries(NOTED).map(([kind, title]) => [kind, makeTable(kind, title, COLUMNS)])
);

function addSeen(frame) {
    if (frame.seen && !byId("hold").checked) seen = [...frame.seen.reverse(), ...seen].slice(0, TAIL_SHOWN);
}

function showRequests() {
    for (const kind of ["failed", "retried", "slowest"]) {
        const more = noted[kind].length - NOTED_SHOWN;
        showNoted[kind](
            noted[kind].slice(0, NOTED_SHOWN),
            keyOfRequest,
            more > 0 ? count(more) + " more at /requests" : ""
        );
    }
    showNoted.seen(seen, keyOfRequest);
}

// ---- what changed and what failed lately, of one service or of all ---------------------------------

function showLately(key) {
    showStories(
        "changes",
        foldChanges([...world.changes.values()].filter(change => isOf(key, change))).slice(0, CHANGES_SHOWN)
    );
    showStories(
        "lately",
        noted.failed
            .filter(r => isOf(key, r))
            .slice(0, FAILED_SHOWN)
            .map(r => ({
                key: keyOfRequest(r),
                time: r.time,
                tone: "bad",
                head: String(r.status || r.end),
                text: urlText(r),
                small: joined("; ", r.service, r.name, endText(r), r.request_id)
            }))
    );
}
