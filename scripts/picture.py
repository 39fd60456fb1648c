"""Text with the colours of a terminal, on standard input, as an SVG of it on standard output.

Each piece of one look is placed by its column and stretched to its width, so that columns stand under each
other in whatever monospaced face the reader has. The colours are classes that follow the light or dark setting."""
import re
import sys
from html import escape

WIDE, HIGH, LEFT, TOP = 8.4, 19, 20, 52
LOOK = {"1": "b", "2": "d", "34": "work", "33": "wait", "31": "con", "1;31": "con b"}
STYLE = """
text { font: 14px ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace; fill: #1f2328; white-space: pre }
.ground { fill: #f6f8fa; stroke: #d0d7de } .b { font-weight: 700 } .d { fill: #59636e }
.work { fill: #0969da } .wait { fill: #b35900 } .con { fill: #c1121f }
@media (prefers-color-scheme: dark) {
text { fill: #e6edf3 } .ground { fill: #0d1117; stroke: #30363d } .d { fill: #9198a1 }
.work { fill: #6cb6ff } .wait { fill: #f0a24a } .con { fill: #ff7b72 }
}
"""

lines = sys.stdin.read().rstrip("\n").split("\n")
body, widest = [f'<text class="d" x="{LEFT}" y="32">$ weir</text>'], 0
for row, line in enumerate(lines, 1):
    column, look = 0, ""
    for i, part in enumerate(re.split(r"\x1b\[([0-9;]*)m", line)):
        if i % 2:
            look = LOOK.get(part, "")
            continue
        for piece in re.finditer(r"\S+(?: \S+)*", part):  # two blanks part columns
            text = piece.group()
            x = LEFT + (column + piece.start()) * WIDE
            kind = f' class="{look}"' if look else ""
            body.append(f'<text{kind} x="{x:.1f}" y="{TOP + row * HIGH}" textLength="{len(text) * WIDE:.1f}"'
                        f' lengthAdjust="spacingAndGlyphs">{escape(text)}</text>')
        column += len(part)
    widest = max(widest, column)
width, height = round(widest * WIDE + 2 * LEFT), TOP + len(lines) * HIGH + 22
print(f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}"'
      ' role="img" aria-label="What weir answers in a terminal">')
print(f"<style>{STYLE}</style>")
print(f'<rect class="ground" x=".5" y=".5" width="{width - 1}" height="{height - 1}" rx="8"/>')
print("\n".join(body))
print("</svg>")
