"""Line plots as SVG, with nothing but text: colours that can be read on light and dark pages alike."""

import html
import math

WIDTH, PLOT_HEIGHT = 640, 350
LEFT, RIGHT, TOP, BOTTOM = 64, 16, 40, 40
LEGEND_LINE = 16
# Told apart by hue and by lightness; the axes and words take the page's own colour.
COLOURS = ["#3b82c4", "#d97706", "#2a9d6f", "#c0508f", "#7c6bd6"]


def least_squares(points):
    """Slope, intercept and R² of the straight line through the points; None where there is none."""
    count = len(points)
    if count < 2:
        return None
    mean_x = sum(x for x, _ in points) / count
    mean_y = sum(y for _, y in points) / count
    spread = sum((x - mean_x) ** 2 for x, _ in points)
    if spread == 0:
        return None
    slope = sum((x - mean_x) * (y - mean_y) for x, y in points) / spread
    intercept = mean_y - slope * mean_x
    rest = sum((y - slope * x - intercept) ** 2 for x, y in points)
    total = sum((y - mean_y) ** 2 for _, y in points)
    return slope, intercept, 1 - rest / total if total else 1.0


def ticks(limit, count=6):
    """Round numbers from 0 to at least `limit`."""
    if limit <= 0:
        return [0, 1]
    rough = limit / count
    power = 10 ** math.floor(math.log10(rough))
    step = next(factor * power for factor in (1, 2, 5, 10) if factor * power >= rough)
    return [step * number for number in range(math.ceil(limit / step - 1e-9) + 1)]


def number(value):
    return f"{value:.6g}"


class Plot:
    """Axes from zero, named with their units."""

    def __init__(self, title, x_label, y_label, whole_x=False):
        self.title, self.x_label, self.y_label = title, x_label, y_label
        self.whole_x = whole_x
        self.series = []

    def add(self, name, points, fit=False, dashed=False):
        """A line through points; with `fit`, the points and the straight line nearest to them."""
        self.series.append((name, sorted(points), fit, dashed))

    def svg(self):
        points = [point for _, own, _, _ in self.series for point in own]
        self.x_ticks = ticks(max((x for x, _ in points), default=1))
        if self.whole_x:
            self.x_ticks = sorted({math.ceil(tick) for tick in self.x_ticks})
        self.y_ticks = ticks(max((y for _, y in points), default=1))
        height = PLOT_HEIGHT + len(self.series) * LEGEND_LINE + 8
        parts = [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img" '
            f'aria-label="{html.escape(self.title)}" font-family="sans-serif" font-size="12" fill="currentColor" '
            'color="#7d8590">',
            "<style>@media (prefers-color-scheme: dark) {svg {color: #b7bdc6}} "
            "@media (prefers-color-scheme: light) {svg {color: #3d444d}}</style>",
            f'<text x="{LEFT}" y="22" font-size="14" font-weight="bold">{html.escape(self.title)}</text>',
            *self.axes(),
        ]
        for position, entry in enumerate(self.series):
            parts += self.drawn(position, *entry)
        return "\n".join([*parts, "</svg>", ""])

    def x(self, value):
        return LEFT + value / self.x_ticks[-1] * (WIDTH - LEFT - RIGHT)

    def y(self, value):
        return PLOT_HEIGHT - BOTTOM - value / self.y_ticks[-1] * (PLOT_HEIGHT - TOP - BOTTOM)

    def axes(self):
        bottom, right = PLOT_HEIGHT - BOTTOM, WIDTH - RIGHT
        for tick in self.y_ticks:
            y = self.y(tick)
            yield (f'<line x1="{LEFT}" y1="{y:.1f}" x2="{right}" y2="{y:.1f}" stroke="currentColor" '
                   f'stroke-opacity="{0.8 if tick == 0 else 0.15}"/>')
            yield f'<text x="{LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{number(tick)}</text>'
        for tick in self.x_ticks:
            x = self.x(tick)
            yield (f'<line x1="{x:.1f}" y1="{bottom}" x2="{x:.1f}" y2="{bottom + 4}" stroke="currentColor" '
                   'stroke-opacity="0.8"/>')
            yield f'<text x="{x:.1f}" y="{bottom + 17}" text-anchor="middle">{number(tick)}</text>'
        yield f'<text x="{(LEFT + right) / 2}" y="{bottom + 34}" text-anchor="middle">{html.escape(self.x_label)}</text>'
        middle = (TOP + bottom) / 2
        yield (f'<text x="16" y="{middle}" text-anchor="middle" transform="rotate(-90 16 {middle})">'
               f"{html.escape(self.y_label)}</text>")

    def drawn(self, position, name, points, fit, dashed):
        colour = COLOURS[position % len(COLOURS)]
        line = least_squares(points) if fit else None
        words = name
        if line:
            slope, intercept, square = line
            words += f": {number_short(intercept)} + {number_short(slope)}·x, R² {square:.4f}"
            ends = [(x, slope * x + intercept) for x in (0, points[-1][0])]
        else:
            ends = points
        path = " ".join(f"{self.x(x):.1f},{self.y(max(0, y)):.1f}" for x, y in ends)
        dash = ' stroke-dasharray="6 4"' if dashed else ""
        yield f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"{dash}/>'
        for x, y in points:
            yield f'<circle cx="{self.x(x):.1f}" cy="{self.y(y):.1f}" r="3.5" fill="{colour}"/>'
        # One under the other: the words of a fitted line are as long as half the plot is wide.
        at_x, at_y = LEFT, PLOT_HEIGHT + 14 + position * LEGEND_LINE
        yield f'<line x1="{at_x}" y1="{at_y - 4}" x2="{at_x + 18}" y2="{at_y - 4}" stroke="{colour}" stroke-width="2"{dash}/>'
        yield f'<text x="{at_x + 24}" y="{at_y}" font-size="11">{html.escape(words)}</text>'


def number_short(value):
    return f"{value:.3g}"
