// ---- recent changes ------------------------------------------------------------------------------
// What belongs together is one line: the steps of an endpoint that comes or goes, one that flaps, and
// many that do the same at the same time.

const STEP_MS = 120000;  // a later change of an endpoint is another story
const TOGETHER_MS = 10000;

function chainsOf(changes) {
    const open = new Map(), chains = [];
    for (const change of [...changes].sort((a, b) => a.number - b.number)) {
        const key = `${change.service} ${change.endpoint || change.name}`, at = Date.parse(change.time);
        let chain = open.get(key);
        if (!chain || at - chain.until > STEP_MS) {
            chain = {service: change.service, name: change.name, from: at, steps: []};
            open.set(key, chain);
            chains.push(chain);
        }
        chain.steps.push(change);
        chain.until = at;
    }
    return chains;
}

function reasonText({problem, cause}) {
    return problem ? ": " + problem : cause ? `, by ${cause}` : "";
}

// What an endpoint did, without its name.
function storyText({steps, from, until}) {
    const first = steps[0], last = steps.at(-1), took = spanText(until - from);
    const falls = steps.filter(step => step.before === "ready").length;
    if (falls > 1)
        return `flapped ${falls} times in ${took}, now ${last.after}${reasonText(last)}`;
    if (first.before === "gone" && last.after !== "gone")
        return `came, ${last.after}${until - from >= 1000 ? ` after ${took}` : ""}${last.problem ? ": " + last.problem : ""}`;
    if (last.after === "gone")
        return `is gone, was ${steps.length > 1 ? steps.map(step => step.before).join(" → ") : first.before}${reasonText(last)}`;
    if (first.before === last.after && steps.length > 1)
        return `was ${first.after} for ${took}, ${last.after} again${reasonText(first)}`;
    return [first.before, ...steps.map(step => step.after)].join(" → ") + reasonText(last);
}

// The newest first; {key, time, service, names, text, tone}.
function foldChanges(changes) {
    const folded = [];
    for (const chain of chainsOf(changes).sort((a, b) => b.until - a.until || b.steps.at(-1).number - a.steps.at(-1).number)) {
        const text = storyText(chain), {after, time, number} = chain.steps.at(-1);
        const same = folded.find(one => one.service === chain.service && one.story === text.replace(/ after .* s/, "") &&
            Math.abs(one.until - chain.until) <= TOGETHER_MS);
        if (same)
            same.names.push(chain.name);
        else
            folded.push({key: String(chain.steps[0].number), number, time, until: chain.until, service: chain.service, names: [chain.name],
                text, story: text.replace(/ after .* s/, ""), tone: after === "gone" ? "" : toneOf(after)});
    }
    return folded;
}

function whoText({names}) {
    return names.length > 3 ? `${count(names.length)} endpoints` : names.sort(byName).join(", ");
}

function changeText(change) {
    return `${whoText(change)} ${change.text}`;
}

function makeChange() {
    return element("li", {}, element("time"), element("i", {"aria-hidden": "true"}),
        element("span", {}, element("b"), " ", element("span"), element("small")));
}

function updateChange(item, change) {
    const [time, dot, told] = item.children, isMany = change.names.length > 3;
    put(time, clockText(change.time));
    mark(time, "datetime", change.time);
    mark(dot, "class", "dot " + change.tone);
    put(told.children[0], whoText(change));
    put(told.children[1], change.text);
    put(told.children[2], [change.service, isMany ? change.names.sort(byName).slice(0, 20).join(", ") : ""].filter(Boolean).join(": "));
}

const CHANGES_SHOWN = 12;

function showChanges(id, service) {
    const changes = [...world.changes.values()].filter(change => !service || isOf(change, service));
    const folded = foldChanges(changes).slice(0, CHANGES_SHOWN);
    sync(byId(id), folded, change => change.key, makeChange, updateChange);
    byId(id + "-none").hidden = folded.length > 0;
    return folded;
}

let newest = null; // number of the latest change that was told to who listens

function announceChange(frame) {
    if (!frame.changes)
        return;
    const [latest] = foldChanges(world.changes.values());
    if (latest && newest !== null && latest.number > newest)
        put(byId("news"), changeText(latest));
    newest = latest ? latest.number : 0;
}
