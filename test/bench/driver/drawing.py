"""What gnuplot is told: two forms of a chart with one row for each peer."""
from dataclasses import dataclass

TEXT = "#7d8590"  # as far from white as from a dark page
QUIET = "#8b949e"
OWN = "#2f81f7"
WIDTH, ROW, FRAME = 760, 30, 118
MOST_TIMES = 2.5


@dataclass(frozen=True)
class Bar:
    name: str
    middle: float
    least: float
    most: float


def into(path):
    return f'output_file = "{_quoted(path)}"\n'


def _quoted(text):
    """Inside double quotes of gnuplot, where an underscore or an at sign must not mean anything."""
    return text.replace("\\", "\\\\").replace('"', '\\"')


def _shown(value):
    """Three digits, whatever the size."""
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def _head(bars, axis, title):
    return f"""set terminal svg size {WIDTH},{FRAME + ROW * len(bars)} dynamic font "sans-serif,14" noenhanced
set output output_file
set title "{_quoted(title)}" textcolor rgb "{TEXT}" font "sans-serif,15"
set xlabel "{_quoted(axis)}" textcolor rgb "{TEXT}"
set border 0
set tics nomirror scale 0 textcolor rgb "{TEXT}"
set yrange [{len(bars) - 0.4}:-0.6]
set ytics ({", ".join(f'"{_quoted(bar.name)}" {row}' for row, bar in enumerate(bars))})
unset key
"""


def _data(bars):
    """Rows of: middle, row, least, most, colour, what is written beside it."""
    rows = []
    for row, bar in enumerate(bars):
        colour = int((OWN if bar.name == "uvdial" else QUIET)[1:], 16)
        rows.append(f'{bar.middle} {row} {bar.least} {bar.most} {colour} "{_shown(bar.middle)}"')
    return "$rows << END\n" + "\n".join(rows) + "\nEND\n"


def _end_of_axis(bars):
    """The longest bar, or where it would dwarf all others a little more than the next: it is drawn broken then."""
    ordered = sorted(bar.middle for bar in bars)
    if len(ordered) > 1 and ordered[-1] > MOST_TIMES * ordered[-2]:
        return ordered[-2] * 1.3
    return ordered[-1]


def lengths(bars, axis, title):
    """Bars from zero."""
    end = _end_of_axis(bars)
    gap = 0.012 * end
    return _head(bars, axis, title) + _data(bars) + f"""set xrange [0:{end * 1.1}]
set style fill solid 1.0 noborder
shown(x) = x > {end} ? {end} : x
whole(x) = x > {end} ? {0.94 * end} : x
plot $rows using (whole($1)):2:(0):(whole($1)):($2-0.34):($2+0.34):5 with boxxyerror linecolor rgb variable, \\
     $rows using 1:2:($1 > {end} ? {0.94 * end + gap} : 1/0):(shown($1)):($2-0.34):($2+0.34):5 with boxxyerror \\
       linecolor rgb variable, \\
     $rows using (shown($1)):2:6 with labels left offset 0.6,0 textcolor rgb "{TEXT}"
"""


def _powers(least, most):
    """The powers of ten on an axis, with their commas."""
    return ", ".join(f'"{10 ** power:,}" {10 ** power}' for power in range(7) if least <= 10 ** power <= most)


def ranges(bars, axis, title):
    """Points on a logarithmic axis, which has no zero for a bar to begin at, with a line from the best to the worst."""
    least, most = min(bar.least for bar in bars), max(bar.most for bar in bars)
    return _head(bars, axis, title) + _data(bars) + f"""set logscale x
set xrange [{least / 1.5}:{most * 2.2}]
set grid xtics linetype 1 linewidth 0.6 linecolor rgb "#558b949e"
set xtics ({_powers(least / 1.5, most * 2.2)})
plot $rows using 3:2:($4-$3):(0):5 with vectors nohead linewidth 4 linecolor rgb variable, \\
     $rows using 1:2:5 with points pointtype 7 pointsize 0.9 linecolor rgb variable, \\
     $rows using 4:2:6 with labels left offset 1,0 textcolor rgb "{TEXT}"
"""
