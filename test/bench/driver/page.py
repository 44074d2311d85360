"""Puts the tables of a run into README.md of this folder, between two marks."""
import os

FOLDER = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
PAGE = os.path.join(FOLDER, "README.md")
CHARTS = {
    "cpu_per_dial.svg": "processor time of a dial of (a), by peer",
    "burst_wall.svg": "how long the burst of (b) takes, by peer",
}
BEGIN = "<!-- figures: compare.py --write-page writes what follows -->"
END = "<!-- end of figures -->"


def with_figures(text, written):
    before, begin, rest = text.partition(BEGIN)
    between, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"the page has lost its marks {BEGIN} and {END}")
    return f"{before}{BEGIN}\n\n{written.strip()}\n\n{END}{after}"


def pictures(folder=FOLDER):
    """Those that `make bench-charts` has put beside the page."""
    return [f"![{what}](charts/{name})\n" for name, what in CHARTS.items()
            if os.path.exists(os.path.join(folder, "charts", name))]


def write(written, path=PAGE):
    with open(path, encoding="utf-8") as file:
        text = file.read()
    with open(path, "w", encoding="utf-8") as file:
        file.write(with_figures(text, "\n".join([*pictures(), written])))
