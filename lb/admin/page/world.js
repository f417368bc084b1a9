// ---- the world, as /events tells it -------------------------------------------------------------
// The first object has all of it, each later one what has changed. Of a section that is a map the entries are joined by
// their keys, null takes one away; every other section is replaced.

const MAPS = [
    "listeners",
    "services",
    "service_numbers",
    "endpoints",
    "endpoint_numbers",
    "changes",
    "left_out",
    "sample"
];
const world = {};
let endpointsOf = null; // service → keys of its endpoints by name; null: to be sorted anew

function join(frame) {
    if (frame.full)
        for (const name of [...Object.keys(world), ...MAPS])
            world[name] = MAPS.includes(name) ? new Map() : undefined;
    for (const [name, told] of Object.entries(frame)) {
        if (!MAPS.includes(name)) world[name] = told;
        else
            for (const [key, entry] of Object.entries(told))
                entry === null ? world[name].delete(key) : world[name].set(key, entry);
    }
    if (frame.endpoints) endpointsOf = null;
}

function keysOf(service) {
    if (!endpointsOf) {
        endpointsOf = new Map();
        for (const [key, {service: of}] of world.endpoints)
            endpointsOf.set(of, [...(endpointsOf.get(of) || []), key]);
        const words = key => factsOf(key).name + " " + factsOf(key).address;
        for (const keys of endpointsOf.values()) keys.sort((a, b) => byName(words(a), words(b)));
    }
    return endpointsOf.get(service) || [];
}

const factsOf = key => world.endpoints.get(key),
    numbersOf = key => world.endpoint_numbers.get(key) || {};

// Of TCP and UDP a service's key is more than its name.
const nameOf = key => world.services.get(key)?.name || key;
const isOf = (key, {service}) => !key || service === key || service === nameOf(key);

// ---- health ------------------------------------------------------------------------------------

const TONES = ["bad", "waiting", "good"]; // problems first
const STATES = {ready: "good", unhealthy: "bad", failing: "bad", ejected: "bad"};
const toneOf = state => STATES[state] || "waiting";

const statesText = states =>
    Object.entries(states)
        .filter(([state]) => state !== "ready")
        .map(([state, number]) => `${count(number)} ${state}`)
        .join(", ");

// How a service is, as a tone and in words.
function healthOf(service, {rate, rate_5xx: failing}) {
    const others = statesText(service.states),
        percent = (100 * failing) / rate,
        words = [];
    let tone = others || service.remark ? "waiting" : "good";
    const find = (isSo, worse, text) => isSo && (words.push(text), (tone = worse));
    find(percent >= 1, percent >= 10 ? "bad" : "waiting", percentText(failing, rate) + " answered with 5xx");
    find(service.paused_for_ms > 0, "waiting", pauseText(service));
    find(
        service.panic,
        "bad",
        "panic: too few are healthy, so the others get requests too"
    );
    service.unrouted
        ? words.push("no route leads to it")
        : find(!service.usable, "bad", service.endpoint_count ? "no endpoint gets requests" : "no endpoint");
    return {tone, words: joined("; ", ...words, others, service.remark)};
}

const pauseText = ({paused_for_ms: left}) => `paused for ${Math.ceil(left / 1000)} s more: its new requests wait`;

// Without the default service where nothing is in it, but in others.
function servicesByHealth() {
    const isThere = ([, service]) => !service.default || service.endpoint_count || world.services.size < 2;
    return [...world.services]
        .filter(isThere)
        .map(([key, service]) => {
            const numbers = world.service_numbers.get(key) || {};
            return {key, service, numbers, ...healthOf(service, numbers)};
        })
        .sort((a, b) => TONES.indexOf(a.tone) - TONES.indexOf(b.tone) || byName(a.key, b.key));
}
