// ---- left out ----------------------------------------------------------------------------------

const NAMES_SHOWN = 24;

// Those of one reason that are told the same are one item.
function groupLeftOut() {
    const groups = new Map();
    for (const {name, reason, sentence: says, remedy} of world.left_out.values()) {
        const key = JSON.stringify([reason, says, remedy]);
        if (!groups.has(key))
            groups.set(key, {key, reason, says, remedy, names: []});
        groups.get(key).names.push(name);
    }
    return [...groups.values()].sort((a, b) => b.names.length - a.names.length || byName(a.reason, b.reason));
}

function showLeftOut() {
    const groups = groupLeftOut(), told = world.left_out.size, all = world.left_out_count ?? told;
    sync(byId("left-out-list"), groups, group => group.key,
        () => element("li", {}, element("h2", {}, element("span"), " ", element("small")), element("p"), element("p", {class: "muted"})),
        (item, {reason, says, remedy, names}) => {
            const [head, why, who] = item.children, unseen = names.length - NAMES_SHOWN;
            put(head.children[0], sentence(reason.replaceAll("_", " ")).slice(0, -1));
            put(head.children[1], plural(names.length, "container"));
            put(why, [sentence(says), remedy].filter(Boolean).join(" "));
            put(who, [...names].sort(byName).slice(0, NAMES_SHOWN).join(", ") + (unseen > 0 ? ` and ${count(unseen)} more` : ""));
        });
    put(byId("left-out-hint"), all === 0 ? "No container is left out: each one that lb knows is an endpoint." :
        all > told ? `${count(told)} of ${count(all)}; /explain tells of all.` : "");
}
