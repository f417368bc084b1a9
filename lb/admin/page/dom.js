"use strict";
// ---- elements ---------------------------------------------------------------------------------

const byId = id => document.getElementById(id);

// Only what differs is touched, so that nothing flickers, a selection stays, and little is drawn.
function put(node, text) {
    if (node.textContent !== text) node.textContent = text;
}

function mark(node, name, value) {
    if (node.getAttribute(name) !== value) node.setAttribute(name, value);
}

function tell(id, text, tone = "") {
    put(byId(id), text);
    mark(byId(id), "class", tone);
}

function dressed(node, attributes, children) {
    for (const name in attributes) node.setAttribute(name, attributes[name]);
    node.append(...children);
    return node;
}

const element = (tag, attributes, ...children) => dressed(document.createElement(tag), attributes, children);
const drawn = (tag, attributes, ...children) =>
    dressed(document.createElementNS("http://www.w3.org/2000/svg", tag), attributes, children);

// ---- lists ------------------------------------------------------------------------------------

const keptNodes = new WeakMap(); // parent → key → child

// Makes the children of `parent` those of `items`: what stays is the same element, changed in place.
function sync(parent, items, keyOf, make, update) {
    const kept = keptNodes.get(parent) || new Map(),
        wanted = new Map(items.map(item => [keyOf(item), item]));
    keptNodes.set(parent, kept);
    for (const [key, node] of kept) {
        if (!wanted.has(key)) {
            node.remove();
            kept.delete(key);
        }
    }
    let next = parent.firstElementChild;
    for (const [key, item] of wanted) {
        if (!kept.has(key)) kept.set(key, make(item));
        const node = kept.get(key);
        update(node, item);
        if (node === next) next = next.nextElementSibling;
        else parent.insertBefore(node, next);
    }
}

// Things with a time: {key, time, tone, head, text, small}.
function showStories(id, stories) {
    sync(
        byId(id),
        stories,
        story => story.key,
        () =>
            element(
                "li",
                {},
                element("time"),
                element("i"),
                element("p", {}, element("b"), " ", element("span"), element("small"))
            ),
        (
            {
                children: [
                    time,
                    dot,
                    {
                        children: [head, text, small]
                    }
                ]
            },
            story
        ) => {
            put(time, clockText(story.time));
            mark(dot, "class", "dot " + story.tone);
            put(head, story.head);
            put(text, story.text);
            put(small, story.small);
        }
    );
    byId(id + "-none").hidden = stories.length > 0;
}

// Numbers in a row: [head, text, small print, tone, how full it is].
function showFacts(id, facts) {
    sync(
        byId(id),
        facts,
        ([head]) => head,
        ([head]) =>
            element(
                "div",
                {},
                element("dt", {}, head),
                element("dd", {}, element("span"), element("small"), element("i"))
            ),
        (
            {
                lastChild: {
                    children: [told, print, bar]
                }
            },
            [, text, small = "", tone = "", share]
        ) => {
            put(told, text);
            mark(told, "class", tone);
            put(print, small);
            bar.hidden = share == null;
            bar.style.setProperty("--share", share);
        }
    );
}

// ---- tables -----------------------------------------------------------------------------------

// A column is {head, kind, text(item)}: what a cell says, or [what it says, small print, tone]; with href(item) it
// is a link; `make` and `fill(cell, item)` are for what is no text.
function makeCell({head, kind = "", href, make}, i) {
    return element(
        i ? "td" : "th",
        {role: i ? "cell" : "rowheader", class: kind, "data-label": head},
        ...(make ? make() : [element(href ? "a" : "span"), element("small")])
    );
}

function fillCell(cell, column, item) {
    if (column.fill) return column.fill(cell, item);
    const [text, small = "", tone = ""] = [].concat(column.text(item)),
        [large, print] = cell.children;
    put(large, text);
    put(print, small);
    mark(large, "class", tone);
    if (column.href) mark(large, "href", column.href(item));
}

// Gives show(items, keyOf, remark), which is called as often as they change. Roles are said, as a table that is laid
// out as cards has none any more.
function makeTable(id, title, columns) {
    const rows = element("tbody", {role: "rowgroup"}),
        remark = element("small");
    const heads = element(
        "thead",
        {role: "rowgroup"},
        element(
            "tr",
            {role: "row"},
            ...columns.map(({head, kind = ""}) => element("th", {role: "columnheader", class: kind}, head))
        )
    );
    dressed(byId(id), {}, [element("caption", {}, title, " ", remark), heads, rows]);
    return (items, keyOf, text = "") => {
        sync(
            rows,
            items,
            keyOf,
            () => element("tr", {role: "row"}, ...columns.map(makeCell)),
            (row, item) => columns.forEach((column, i) => fillCell(row.children[i], column, item))
        );
        put(remark, text || (items.length ? "" : "none"));
        heads.hidden = rows.hidden = !items.length;
        mark(byId(id), "role", items.length ? "table" : "group");
    };
}
