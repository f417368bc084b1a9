// ---- listeners ---------------------------------------------------------------------------------

let rulesOf = new Map(); // "address/protocol" → what /listeners says of it

function ruleText(rule) {
    const by = rule.label ? ` (${rule.label}${rule.container_name ? " of " + rule.container_name : ""})` : "";
    const alpn = rule.alpn ? ` with ALPN ${rule.alpn}` : "";
    return `${rule.server_name || "all"}${alpn} → ${rule.service}${by}`;
}

function leadsTo([key, listener]) {
    const told = rulesOf.get(key);
    if (!told)
        return [listener.detail || ""];
    const nowhere = told.https ? "" : "nobody: no container asks for it";
    return [told.rules.map(ruleText).join(", ") || nowhere || listener.detail || "", told.problem ? `not open: ${told.problem}` : "", ""];
}

const showListenerRows = makeTable("listener-table", [
    {head: "Listener", kind: "name", text: ([, listener]) => `${listener.protocol} ${listener.address}`},
    {head: "State", text: ([, {state}]) => [state, "", state === "open" ? "good" : "bad"]},
    {head: "Leads to", text: leadsTo}]);

const askListeners = makeAsker("listeners", PLACES_PAUSE_MS, ({listeners}) => {
    rulesOf = new Map(listeners.map(one => [`${one.address}/${one.protocol}`, one]));
    render(null);
});

function showListeners() {
    const passing = [...world.listeners.values()].some(({protocol}) => protocol === "tcp" || protocol === "udp");
    if (passing)
        askListeners(JSON.stringify([world.routes?.version, ...world.listeners]));
    showListenerRows([...world.listeners].sort((a, b) => byName(a[0], b[0])), ([key]) => key);
    put(byId("listener-count"), plural(world.listeners.size, "listener"));
}
