// ---- orders ------------------------------------------------------------------------------------
// Chosen in a dialog that says what each does, given by its second button, and taken back by Undo.

let choices = [],
    meant, // key of the endpoint that the dialog is about; else it is about a service
    undoing = {}; // path of what takes back the last order, key of its endpoint, and the orders for it that are known

// False: it was refused; `at` says what lb answers.
async function post(path, at, before = "") {
    let isDone = false,
        message = "lb does not answer.";
    try {
        const answer = await ask(path, {method: "POST"});
        isDone = answer.ok;
        message = (await answer.json()).message;
    } catch {
        // it is said already
    }
    put(byId(isDone ? "said" : at), before + message);
    return isDone;
}

byId("undo").onclick = async () => {
    await post(undoing.path, "said", "Undo: ");
    byId("undo").hidden = true;
    byId("dismiss").focus();
};

// What is in force for an endpoint.
const orderText = key => JSON.stringify(world.endpoints.get(key)?.ordered);

// What was there before and what this page ordered are known; a third one is somebody else's.
function watchUndo() {
    if (undoing.known?.add(orderText(undoing.key)).size > 2) {
        put(byId("said"), "Another order came.");
        byId("undo").hidden = true;
        undoing = {};
    }
}

byId("dismiss").onclick = () => (byId("toast").hidden = true);

// ---- what can be ordered ---------------------------------------------------------------------------

// A choice: [what it is called, what it does, path, path that takes it back].
function ordersOf({id, weight, ordered = {}}) {
    const base = `endpoints/${encodeURIComponent(id)}/`,
        weigh = value => `${base}weight?value=${value}`;
    const order = (name, says, verb, back) => [name, says, base + verb, base + back];
    const again = "It gets new requests again.",
        before = weigh(ordered.weight || "default");
    return [
        ...(ordered.order === "drain"
            ? [order("Undrain", again, "undrain", "drain")]
            : ordered.order === "disable"
              ? [order("Enable", again, "enable", "disable")]
              : [
                    order("Drain", "No new requests; what runs is finished.", "drain", "undrain"),
                    order("Disable", "The same, for “do not use it”.", "disable", "enable")
                ]),
        ["Weight", `Its part of new requests, beside the others’; now ${weight}.`, weigh(""), before],
        ...(ordered.weight ? [["Usual weight", "What its labels say.", weigh("default"), before]] : [])
    ];
}

function pauseOrders({paused_for_ms: left}) {
    const base = `services/${encodeURIComponent(nameOf(serviceShown))}/`,
        pause = time => `${base}pause?for=${time}`,
        resume = base + "resume";
    return left > 0
        ? [["Resume", "Who waits is served first.", resume, pause(Math.ceil(left / 1000) + "s")]]
        : ["30s", "5m", "1h"].map(time => [
              "Pause for " + time,
              "New requests wait, what runs goes on.",
              pause(time),
              resume
          ]);
}

// ---- the dialog ------------------------------------------------------------------------------------

const chosen = () => choices[byId("choices").querySelector(":checked").value];

byId("choices").onchange = () => {
    put(byId("give"), chosen()[0]);
    byId("weight-box").hidden = chosen()[0] !== "Weight";
};

function openDialog(title, inflight, offered, key) {
    choices = offered;
    meant = key;
    put(byId("order-title"), title);
    put(byId("order-hint"), count(inflight || 0) + " in flight.");
    put(byId("order-refused"), "");
    byId("choices").replaceChildren(
        ...choices.map(([name, says], i) =>
            element(
                "label",
                {},
                element("input", {type: "radio", name: "choice", value: i, ...(!i && {checked: ""})}),
                element("span", {}, element("b", {}, name), element("small", {}, says))
            )
        )
    );
    byId("choices").onchange();
    byId("order").showModal();
    byId("choices").querySelector("input").focus();
}

function openOrders(key) {
    byId("weight").value = factsOf(key).weight;
    openDialog(
        `${factsOf(key).name} of ${nameOf(serviceShown)}`,
        numbersOf(key).inflight,
        ordersOf(factsOf(key)),
        key
    );
}

byId("pause").onclick = () =>
    openDialog(
        nameOf(serviceShown),
        world.service_numbers.get(serviceShown)?.inflight,
        pauseOrders(world.services.get(serviceShown))
    );
byId("cancel").onclick = () => byId("order").close();

byId("order-form").onsubmit = async event => {
    event.preventDefault();
    const [name, , path, back] = chosen(),
        known = new Set([orderText(meant)]);
    if (!(await post(name === "Weight" ? path + byId("weight").value : path, "order-refused"))) return;
    undoing = {path: back, key: meant, known};
    byId("undo").hidden = byId("toast").hidden = false;
    byId("order").close();
    byId("undo").focus();
};
