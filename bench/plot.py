"""The results as pictures, all of them and the few of the README: each contestant relative to the better of haproxy and nginx. Plain SVG
that follows the reader's choice of a dark or a light page."""

from goals import COMPARISONS
from report import COLUMNS, peer_of

WIDTH = 760
LEFT = 220
BAR = 11
GAP = 16
TOP = 62
RATIO_MAX = 1.6  # longer bars are cut, with their figure at the end

STYLE = """
  text { font: 12px system-ui, sans-serif; fill: #24292f }
  .title { font-size: 15px; font-weight: 600 }
  .soft { fill: #57606a }
  .figure { font-size: 10px }
  .lb { fill: #0969da } .haproxy { fill: #b0742a } .nginx { fill: #3f8f4f }
  .floor { fill: #9aa4ae }
  .line { stroke: #57606a; stroke-dasharray: 3 3 }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3 } .soft { fill: #9198a1 } .line { stroke: #9198a1 }
    .lb { fill: #58a6ff } .haproxy { fill: #d8a25e } .nginx { fill: #6cc07c }
    .floor { fill: #59636e }
  }
"""


def x_of(ratio):
    return LEFT + (WIDTH - LEFT - 60) * min(ratio, RATIO_MAX) / RATIO_MAX


def escape(text):
    return text.replace("&", "&amp;").replace("<", "&lt;")


def bars(comparison, label, results, y):
    """The bars of one comparison, from y downwards. Gives the lines and the next y."""
    peer = peer_of(comparison, results)
    lines = [f'<text x="{LEFT - 10}" y="{y + 2 * BAR}" text-anchor="end">'
             f'{escape(label)}</text>',
             f'<text class="soft" x="{LEFT - 10}" y="{y + 2 * BAR + 15}" text-anchor="end">'
             f'{escape(comparison.unit)}</text>']
    for name in COLUMNS:
        ratio = results.ratio(comparison.case, name, peer, comparison.metric)
        value = results.spread(comparison.case, name, comparison.metric)
        if not ratio or ratio.median < 0:
            continue
        end = x_of(ratio.median)
        more = " →" if ratio.median > RATIO_MAX else ""
        lines += [f'<rect class="{name}" x="{LEFT}" y="{y}" width="{end - LEFT:.1f}" '
                  f'height="{BAR - 1}"/>',
                  f'<text class="figure" x="{end + 4:.1f}" y="{y + BAR - 2}">'
                  f'{value.median:.{comparison.digits}f}{more}</text>']
        y += BAR
    return lines, y + GAP


def legend():
    lines, x = [], LEFT
    for name in COLUMNS:
        word = "floor (a relay without parsing)" if name == "floor" else name
        lines += [f'<rect class="{name}" x="{x}" y="34" width="10" height="10"/>',
                  f'<text x="{x + 15}" y="43">{word}</text>']
        x += 80
    return lines


def draw(found, headlines=False):
    """The whole picture as text, or that of the README. `found`: scenario -> Results."""
    body, y = [], TOP
    for comparison in COMPARISONS:
        label = comparison.headline if headlines else comparison.label
        results = found.get(comparison.scenario)
        if not label or not results or not peer_of(comparison, results) \
                or not results.spread(comparison.case, peer_of(comparison, results),
                                      comparison.metric):
            continue
        lines, y = bars(comparison, label, results, y)
        body += lines
    one = x_of(1.0)
    head = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{y + 20}" '
            f'viewBox="0 0 {WIDTH} {y + 20}" role="img">',
            "<title>lb beside haproxy, nginx and a relay without parsing</title>",
            f"<style>{STYLE}</style>",
            '<text class="title" x="10" y="20">Cost beside the better of haproxy and nginx '
            '(shorter is better)</text>', *legend(),
            f'<line class="line" x1="{one:.1f}" y1="{TOP - 6}" x2="{one:.1f}" y2="{y}"/>',
            f'<text class="soft" x="{one:.1f}" y="{y + 12}" text-anchor="middle">1.0 × the '
            'better peer</text>']
    return "\n".join([*head, *body, "</svg>"]) + "\n"
