// ---- orders ------------------------------------------------------------------------------------
// Chosen in a dialog that says what each does, given by its second button, and taken back by Undo.

async function post(path) {
    try {
        const answer = await fetch(path, {method: "POST", headers: authorized(), cache: "no-store"});
        return {ok: answer.ok, message: (await answer.json()).message};
    } catch {
        return {ok: false, message: "lb does not answer."};
    }
}

let undoing = null; // the order that takes back the last one; null: none does

function say(message, undo, isBad) {
    undoing = undo;
    put(byId("said"), message); // it may begin with a name
    mark(byId("said"), "class", isBad ? "bad" : "");
    byId("undo").hidden = !undo;
    byId("toast").hidden = false;
}

async function give(path, undo) {
    const {ok, message} = await post(path);
    if (ok)
        say(message, undo);
    return ok ? "" : message;
}

byId("undo").onclick = async () => {
    const {ok, message} = await post(undoing);
    say((ok ? "Undone: " : "Not undone: ") + message, null, !ok);
    byId("dismiss").focus();
};

byId("dismiss").onclick = () => {
    byId("toast").hidden = true;
    byId("service-name").focus();
};

// ---- what can be ordered ---------------------------------------------------------------------------

function ordersOf(endpoint) {
    const base = `endpoints/${encodeURIComponent(endpoint.id)}/`, ordered = endpoint.ordered || {};
    const before = ordered.weight || "default";
    const weight = {verb: "Set weight", head: "Weight", says: "Its part of new requests, beside the weights of the others.",
        path: () => `${base}weight?value=${byId("weight").value}`, undo: `${base}weight?value=${before}`};
    const usual = {verb: "Take back weight", head: "Usual weight", says: "What its labels say.",
        path: () => base + "weight?value=default", undo: `${base}weight?value=${before}`};
    const back = {
        drain: {verb: "Undrain", head: "Undrain", says: "It gets new requests again.", path: () => base + "undrain", undo: base + "drain"},
        disable: {verb: "Enable", head: "Enable", says: "It gets new requests again.", path: () => base + "enable", undo: base + "disable"},
    }[ordered.order];
    const out = [{verb: "Drain", head: "Drain", says: "No new requests; what runs is finished.", path: () => base + "drain", undo: base + "undrain"},
        {verb: "Disable", head: "Disable", says: "The same, for “do not use it”.", path: () => base + "disable", undo: base + "enable"}];
    return [...back ? [back] : out, weight, ...ordered.weight ? [usual] : []];
}

function pauseOrders(name) {
    const base = `services/${encodeURIComponent(world.services.get(name)?.name || name)}/`, left = world.services.get(name)?.paused_for_ms;
    return left > 0 ? [{verb: "Resume", head: "Resume", says: "Who waits is served first.", path: () => base + "resume",
        undo: `${base}pause?for=${Math.ceil(left / 1000)}s`}]
        : ["30s", "5m", "1h"].map(time => ({verb: "Pause for " + time, head: "Pause for " + time, undo: base + "resume",
            says: "New requests and connections wait, what runs goes on.", path: () => `${base}pause?for=${time}`}));
}

// ---- the dialog ------------------------------------------------------------------------------------

let choices = [];

const chosen = () => choices[byId("choices").querySelector("input:checked").value];

function showChoice() {
    put(byId("give"), chosen().verb);
    byId("weight-box").hidden = chosen().head !== "Weight";
}

function openDialog(title, hint, offered) {
    choices = offered;
    put(byId("order-title"), title);
    put(byId("order-hint"), hint);
    put(byId("order-refused"), "");
    byId("choices").replaceChildren(...choices.map(({head, says}, i) => {
        const input = element("input", {type: "radio", name: "choice", value: i});
        input.checked = i === 0;
        return element("label", {}, input, element("span", {}, element("b", {}, head), element("small", {}, says)));
    }));
    showChoice();
    byId("order").showModal();
    byId("choices").querySelector("input").focus();
}

function openOrders(key) {
    const endpoint = factsOf(key), {inflight = 0} = numbersOf(key);
    byId("weight").value = endpoint.weight ?? 1;
    openDialog(`${endpoint.name} of ${byId("service-name").textContent}`, `It is ${endpoint.state}; ${count(inflight)} in flight.`, ordersOf(endpoint));
}

byId("choices").onchange = showChoice;
byId("pause").onclick = byId("resume").onclick = () =>
    openDialog(byId("service-name").textContent, `${count(world.service_numbers.get(serviceShown)?.inflight ?? 0)} in flight.`, pauseOrders(serviceShown));
byId("cancel").onclick = () => byId("order").close();
byId("order-form").onsubmit = async event => {
    event.preventDefault();
    const order = chosen(), refusal = await give(order.path(), order.undo);
    put(byId("order-refused"), refusal);
    if (!refusal) {
        byId("order").close();
        byId("undo").focus();
    }
};
