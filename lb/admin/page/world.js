// ---- the world, as /events tells it -------------------------------------------------------------
// The first object has all of it, each later one what has changed. Of a section that is a map the
// entries are joined by their keys, null takes one away; every other section is replaced.

const MAPS = ["listeners", "services", "service_numbers", "endpoints", "endpoint_numbers", "route_numbers", "changes",
    "left_out", "sample"];
const world = {};
let endpointsOf = null; // service → keys of its endpoints by name; null: to be sorted anew

function begin() {
    for (const name of Object.keys(world))
        delete world[name];
    for (const name of MAPS)
        world[name] = new Map();
}

function join(frame) {
    if (frame.full)
        begin();
    for (const [name, told] of Object.entries(frame)) {
        if (!MAPS.includes(name)) {
            world[name] = told;
            continue;
        }
        for (const [key, entry] of Object.entries(told))
            entry === null ? world[name].delete(key) : world[name].set(key, entry);
    }
    if (frame.full || frame.endpoints)
        endpointsOf = null;
}

function sortEndpoints() {
    endpointsOf = new Map();
    for (const [key, {service}] of world.endpoints)
        endpointsOf.has(service) ? endpointsOf.get(service).push(key) : endpointsOf.set(service, [key]);
    const words = key => world.endpoints.get(key).name + " " + world.endpoints.get(key).address;
    for (const keys of endpointsOf.values())
        keys.sort((a, b) => byName(words(a), words(b)));
}

function keysOf(service) {
    if (!endpointsOf)
        sortEndpoints();
    return endpointsOf.get(service) || [];
}

// Whether a change or a request is of that service; of TCP and UDP a service's key has more than its name.
function isOf({service}, key) {
    return service === key || service === world.services.get(key)?.name;
}

// ---- health ------------------------------------------------------------------------------------

const STATES = {ready: "good", probing: "waiting", starting: "waiting", draining: "waiting", paused: "waiting",
    disabled: "waiting", unhealthy: "bad", failing: "bad", ejected: "bad"};
const TONES = ["bad", "waiting", "good"]; // problems first

const toneOf = state => STATES[state] || "waiting";

function othersText(states) {
    return Object.entries(states).filter(([state, number]) => state !== "ready" && number > 0)
        .map(([state, number]) => `${count(number)} ${state}`).join(", ");
}

// How a service is, in a tone and in words.
function healthOf(service, {rate = 0, rate_5xx: failing = 0} = {}) {
    const percent = rate > 0 ? 100 * failing / rate : 0, others = othersText(service.states || {});
    const words = [];
    let tone = others || service.remark ? "waiting" : "good";
    if (percent >= 1)
        words.push(`${percentText(percent)} answered with 5xx`), tone = percent >= 10 ? "bad" : "waiting";
    if (service.paused_for_ms > 0)
        words.push(`paused for ${Math.ceil(service.paused_for_ms / 1000)} s more: its new requests wait`), tone = "waiting";
    if (service.panic)
        words.push("panic: too few are healthy, so failing, unhealthy and ejected ones get requests too"), tone = "bad";
    if ((service.usable ?? service.ready) === 0)
        words.push(service.endpoint_count > 0 ? "no endpoint gets requests" : "it has no endpoint"), tone = "bad";
    if (others)
        words.push(others);
    return {tone, words: words.join("; ")};
}

function servicesByHealth() {
    return [...world.services].map(([key, service]) => {
        const numbers = world.service_numbers.get(key) || {};
        return {key, name: service.name || key, service, numbers, health: healthOf(service, numbers)};
    }).sort((a, b) => TONES.indexOf(a.health.tone) - TONES.indexOf(b.health.tone) || byName(a.key, b.key));
}
