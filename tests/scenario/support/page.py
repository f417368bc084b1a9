"""What lb's page shows, as expressions for Chromium, and what people may expect of any page."""

import pathlib

from support import npm_folder

# Name, state, and the numbers behind it: as pairs of what is large and the small print below it.
ENDPOINTS = """[...document.querySelectorAll("#endpoints tbody tr")].map(row => [
    row.children[0].children[0].textContent, row.children[1].children[0].textContent.split(" ")[0],
    ...[...row.children].slice(2, -1).map(cell => cell.children[0].textContent + "|" + cell.children[1].textContent)])"""

SERVICES = """[...document.querySelectorAll("#services tbody a")].map(link => link.textContent)"""

def is_live(page):
    page.wait("document.querySelector('#link').textContent === 'live'")
    return page


def go(page, view):
    page.run(f"location.hash = {view!r}")
    return page


def fact(place, head):
    """What is said below that head in a row of numbers."""
    return f"""[...document.querySelectorAll("#{place} div")].find(fact =>
        fact.firstChild.textContent === {head!r})?.querySelector("span").textContent"""


def axe_script():
    """The text of axe-core; skips the test where it cannot be had."""
    folder = npm_folder.install(pathlib.Path(__file__).parents[1] / "page/axe")
    return (folder / "node_modules/axe-core/axe.min.js").read_text(encoding="utf-8")


# WCAG 2.1 § 1.4.3: the contrast of each text with the ground behind it; the least of all.
SMALLEST_CONTRAST = """(() => {
    const parse = color => color.match(/[\\d.]+/g).map(Number);
    const light = color => {
        const [r, g, b] = parse(color).slice(0, 3).map(c => c / 255)
            .map(c => c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const ground = node => {
        for (; node; node = node.parentElement) {
            const color = getComputedStyle(node).backgroundColor;
            if (parse(color)[3] !== 0)
                return color;
        }
        return "rgb(255, 255, 255)";
    };
    let least = 21;
    for (const node of document.querySelectorAll("body *")) {
        const hasText = [...node.childNodes].some(n => n.nodeType === 3 && n.data.trim());
        if (!hasText || node.matches("script, noscript, noscript *"))
            continue;
        const [a, b] = [light(getComputedStyle(node).color), light(ground(node))];
        least = Math.min(least, (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05));
    }
    return least;
})()"""
