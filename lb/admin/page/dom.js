"use strict";
// ---- elements ---------------------------------------------------------------------------------

const byId = id => document.getElementById(id);

// Only what differs is touched, so that nothing flickers, a selection stays, and little is drawn.
function put(node, text) {
    if (node.textContent !== text)
        node.textContent = text;
}

function mark(node, name, value) {
    if (node.getAttribute(name) !== value)
        node.setAttribute(name, value);
}

function tell(id, text, tone = "") {
    put(byId(id), text);
    mark(byId(id), "class", tone);
}

function dress(node, attributes, children) {
    for (const [name, value] of Object.entries(attributes))
        node.setAttribute(name, value);
    node.append(...children);
    return node;
}

function element(tag, attributes = {}, ...children) {
    return dress(document.createElement(tag), attributes, children);
}

function drawn(tag, attributes = {}, ...children) {
    return dress(document.createElementNS("http://www.w3.org/2000/svg", tag), attributes, children);
}

function button(text, attributes, act) {
    const node = element("button", {type: "button", ...attributes}, text);
    node.onclick = act;
    return node;
}

// ---- lists ------------------------------------------------------------------------------------

const keptNodes = new WeakMap(); // parent → key → child

// Makes the children of `parent` those of `items`: what stays is the same element, changed in place.
function sync(parent, items, keyOf, make, update) {
    if (!keptNodes.has(parent))
        keptNodes.set(parent, new Map());
    const kept = keptNodes.get(parent), wanted = new Map(items.map(item => [keyOf(item), item]));
    for (const [key, node] of kept) {
        if (!wanted.has(key)) {
            node.remove();
            kept.delete(key);
        }
    }
    let next = parent.firstElementChild;
    for (const [key, item] of wanted) {
        if (!kept.has(key))
            kept.set(key, make(item));
        const node = kept.get(key);
        update(node, item);
        if (node === next)
            next = next.nextElementSibling;
        else
            parent.insertBefore(node, next);
    }
}

function childOf(parent, key) {
    return keptNodes.get(parent)?.get(key);
}

// ---- tables -----------------------------------------------------------------------------------

// A column is {head, kind, text(item)}: what a cell says, or [what it says, small print, tone]; with
// href(item) it is a link; `make` and `fill(cell, item)` are for what is no text.
function makeCell(column, i) {
    const attributes = {role: i > 0 ? "cell" : "rowheader", class: column.kind || "", "data-label": column.head};
    const cell = element(i > 0 ? "td" : "th", i > 0 ? attributes : {...attributes, scope: "row"});
    cell.append(...column.make ? column.make() : [element(column.href ? "a" : "span"), element("small")]);
    return cell;
}

function fillCell(cell, column, item) {
    if (column.fill)
        return column.fill(cell, item);
    const [text, small = "", tone = ""] = [].concat(column.text(item));
    put(cell.firstChild, text);
    put(cell.lastChild, small);
    mark(cell.firstChild, "class", tone);
    if (column.href)
        mark(cell.firstChild, "href", column.href(item));
}

// Gives show(items, keyOf), which is called as often as they change; without items there is no table.
// Roles are said, as a table that is laid out as cards has none any more.
function makeTable(id, columns) {
    const table = byId(id), body = element("tbody", {role: "rowgroup"});
    const heads = columns.map(({head, kind}) =>
        element("th", {role: "columnheader", scope: "col", class: kind || ""}, head));
    table.append(element("thead", {role: "rowgroup"}, element("tr", {role: "row"}, ...heads)), body);
    table.hidden = true;
    const make = () => element("tr", {role: "row"}, ...columns.map(makeCell));
    const fill = (row, item) => columns.forEach((column, i) => fillCell(row.children[i], column, item));
    return (items, keyOf) => {
        sync(body, items, keyOf, make, fill);
        table.hidden = items.length === 0;
    };
}
