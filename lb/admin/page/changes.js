// ---- recent changes ------------------------------------------------------------------------------
// What belongs together is one line: the steps of an endpoint that comes or goes, one that flaps, and many that do the
// same at the same time.

const STEP_MS = 120000; // a later change of an endpoint is another story, and so is an order
const TOGETHER_MS = 10000,
    CHANGES_SHOWN = 10;

function chainsOf(changes) {
    const open = new Map(),
        chains = [];
    for (const change of [...changes].sort((a, b) => a.number - b.number)) {
        const key = change.service + " " + change.endpoint,
            at = Date.parse(change.time);
        let chain = open.get(key);
        if (!chain || change.cause === "admin" || at - chain.until > STEP_MS) {
            chain = {from: at, steps: []};
            open.set(key, chain);
            chains.push(chain);
        }
        chain.steps.push(change);
        chain.until = at;
    }
    return chains;
}

// What an endpoint did, without its name.
function storyOf({steps, from, until}) {
    const [first] = steps,
        {after, problem, cause} = steps.at(-1),
        took = spanText(until - from);
    const falls = steps.filter(step => step.before === "ready").length;
    const why = problem ? ": " + problem : cause && cause !== "start" ? ", by " + cause : "";
    if (falls > 1) return `flapped ${falls} times in ${took}, now ${after}${why}`;
    if (after === "gone")
        return `is gone, was ${steps
            .map(step => step.before)
            .filter(state => state !== "gone")
            .join(" → ")}${why}`;
    if (first.before === "gone" && !falls) return `came, ${after}${why}`;
    if (first.before === after && steps.length > 1)
        return `was ${first.after} for ${took}, ${after} again${first.problem ? ": " + first.problem : ""}`;
    return joined(" → ", first.before, ...steps.map(step => step.after)) + why;
}

// The newest first: stories with `names`.
function foldChanges(changes) {
    const folded = [],
        last = chain => chain.steps.at(-1).number;
    for (const chain of chainsOf(changes).sort((a, b) => last(b) - last(a))) {
        const {service, name, after, time, number} = chain.steps.at(-1),
            text = storyOf(chain);
        const same = folded.find(
            one => one.service === service && one.text === text && one.until - chain.until <= TOGETHER_MS
        );
        if (same) same.names.push(name);
        else
            folded.push({
                key: chain.steps[0].number,
                number,
                time,
                until: chain.until,
                service,
                text,
                names: [name],
                tone: after === "gone" ? "" : toneOf(after)
            });
    }
    for (const one of folded) {
        one.names.sort(byName);
        one.head = one.names.length > 3 ? plural(one.names.length, "endpoint") : one.names.join(", ");
        one.small = one.service + (one.names.length > 3 ? ": " + someOf(one.names, 16) : "");
    }
    return folded;
}

let newest = null; // number of the latest change that was told to who listens

function announceChange() {
    const [latest] = foldChanges(world.changes.values());
    if (latest && newest !== null && latest.number > newest) put(byId("news"), latest.head + " " + latest.text);
    newest = latest ? latest.number : 0;
}
