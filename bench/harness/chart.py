"""The bar chart of bench/compare as plain SVG: the server's CPU time a request, a row of bars for each workload.

Within a workload the first server is the full width, so that 0.2 µs and 200 µs can stand below each other; the figure
behind each bar is absolute. Colours follow the reader's light or dark mode; the background is the page's.
"""

from html import escape

from harness.report import Result, by_workload, figure

WIDTH = 860
LABEL_WIDTH = 170
LABEL_CHARACTERS_MAX = 22
FIGURE_WIDTH = 130
BAR_HEIGHT = 13
BAR_GAP = 3
GROUP_GAP = 14
HEAD_HEIGHT = 74
FOOT_HEIGHT = 30
RATIO_MAX = 1.35  # longer bars are cut
# Light and dark of each server in turn; the last one, torc, takes the accent.
COLOURS = [("#8c959f", "#768390"), ("#54aeff", "#316dca"), ("#7ccf92", "#347d39"), ("#c297ff", "#8256d0")]
ACCENT = ("#d1470f", "#f0743e")

STYLE = """
  text {{ font: 12px system-ui, -apple-system, "Segoe UI", sans-serif; fill: #1f2328; }}
  .title {{ font-size: 15px; font-weight: 600; }}
  .quiet {{ fill: #59636e; }}
  .label {{ text-anchor: end; font-weight: 500; }}
  .figure {{ font-size: 11px; }}
  .scale {{ stroke: #d1d9e0; stroke-width: 1; }}
{light}
  @media (prefers-color-scheme: dark) {{
    text {{ fill: #e6edf3; }}
    .quiet {{ fill: #9198a1; }}
    .scale {{ stroke: #3d444d; }}
{dark}
  }}
"""


def colours_of(servers: list[str]) -> list[tuple[str, str]]:
    plain = [COLOURS[index % len(COLOURS)] for index in range(len(servers))]
    return [ACCENT if name == "torc" else colour for name, colour in zip(servers, plain)]


def style(servers: list[str]) -> str:
    colours = colours_of(servers)
    light, dark = ("\n".join(f"  .s{index} {{ fill: {pair[mode]}; }}" for index, pair in enumerate(colours))
                   for mode in (0, 1))
    return STYLE.format(light=light, dark=dark)


def legend(servers: list[str]) -> list[str]:
    parts, x = [], LABEL_WIDTH
    for index, name in enumerate(servers):
        parts.append(f'<rect class="s{index}" x="{x}" y="40" width="11" height="11" rx="2"/>')
        parts.append(f'<text x="{x + 16}" y="50">{escape(name)}</text>')
        x += 32 + 7 * len(name)
    return parts


def unit_width() -> float:
    return (WIDTH - LABEL_WIDTH - FIGURE_WIDTH) / RATIO_MAX


def scale(bottom: float) -> list[str]:
    """A line at nothing and one at the first server's time."""
    parts = []
    for share in (0, 1):
        x = LABEL_WIDTH + unit_width() * share
        dashes = ' stroke-dasharray="3 4"' if share else ""
        parts.append(f'<line class="scale" x1="{x:.1f}" y1="{HEAD_HEIGHT - 8}" x2="{x:.1f}" y2="{bottom:.1f}"'
                     f'{dashes}/>')
    parts.append(f'<text class="quiet figure" x="{LABEL_WIDTH + unit_width():.1f}" y="{bottom + 16:.1f}" '
                 f'text-anchor="middle">1.00</text>')
    return parts


def label_of(workload: str) -> str:
    plain = workload.replace("`", "")
    return plain if len(plain) <= LABEL_CHARACTERS_MAX else plain[:LABEL_CHARACTERS_MAX - 1] + "…"


def group_bars(group: list[Result], servers: list[str], top: float) -> list[str]:
    reference = group[0].median("cpu_us")
    middle = top + (len(group) * (BAR_HEIGHT + BAR_GAP) - BAR_GAP) / 2 + 4
    label = escape(label_of(group[0].workload))
    parts = [f'<text class="label" x="{LABEL_WIDTH - 10}" y="{middle:.1f}">{label}</text>']
    for row, result in enumerate(group):
        value = result.median("cpu_us")
        share = value / reference if reference else 0.0
        width = max(1.0, min(share, RATIO_MAX) * unit_width())
        y = top + row * (BAR_HEIGHT + BAR_GAP)
        colour = f"s{servers.index(result.server)}"
        parts.append(f'<rect class="{colour}" x="{LABEL_WIDTH}" y="{y:.1f}" width="{width:.1f}" '
                     f'height="{BAR_HEIGHT}" rx="2"/>')
        times = "" if row == 0 else f' <tspan class="quiet">× {share:.2f}</tspan>'
        parts.append(f'<text class="figure" x="{LABEL_WIDTH + width + 6:.1f}" y="{y + 10.5:.1f}">'
                     f'{figure(value)} µs{times}</text>')
    return parts


def draw(results: list[Result], note: str) -> str:
    servers = list(dict.fromkeys(result.server for result in results))
    bars, top = [], float(HEAD_HEIGHT)
    for group in by_workload(results):
        bars += group_bars(group, servers, top)
        top += len(group) * (BAR_HEIGHT + BAR_GAP) - BAR_GAP + GROUP_GAP
    bottom = top - GROUP_GAP + 8
    height = bottom + FOOT_HEIGHT
    title = "Server CPU time per request (shorter is better)"
    return "\n".join([
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height:.0f}" width="{WIDTH}" '
        f'height="{height:.0f}" role="img" aria-label="{escape(title)}">',
        f"<style>{style(servers)}</style>",
        f'<text class="title" x="{LABEL_WIDTH}" y="22">{escape(title)}</text>',
        *legend(servers),
        f'<text class="quiet figure" x="{WIDTH - 10}" y="50" text-anchor="end">{escape(note)}</text>',
        *scale(bottom), *bars, "</svg>", ""])
