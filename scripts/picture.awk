# Text with the colours of a terminal (ESC [ n ; n m) → an SVG of it. Each piece of one look is placed by
# its column and stretched to its width, so that columns stand under each other in whatever monospaced face.
BEGIN {
    wide = 8.4; high = 19; left = 20; top = 52
    look["1"] = "b"; look["2"] = "d"; look["34"] = "work"; look["33"] = "wait"; look["31"] = "con"; look["1;31"] = "con b"
}
function escape(s) {
    gsub(/&/, "\\&amp;", s); gsub(/</, "\\&lt;", s); gsub(/>/, "\\&gt;", s)
    return s
}
function piece(s, class,    lead, n) {
    n = length(s)
    lead = match(s, /[^ ]/) - 1
    if (lead >= 0) {
        s = substr(s, lead + 1); sub(/ +$/, "", s)
        body = body sprintf("<text%s x=\"%.1f\" y=\"%d\" textLength=\"%.1f\" lengthAdjust=\"spacingAndGlyphs\">%s</text>\n",
            class != "" ? " class=\"" class "\"" : "", left + (column + lead) * wide, top + NR * high, length(s) * wide, escape(s))
    }
    column += n
    if (column > widest) widest = column
}
{
    column = 0; class = ""; rest = $0
    while (match(rest, /\033\[[0-9;]*m/)) {
        piece(substr(rest, 1, RSTART - 1), class)
        code = substr(rest, RSTART + 2, RLENGTH - 3)
        class = code == "0" || code == "" ? "" : look[code]
        rest = substr(rest, RSTART + RLENGTH)
    }
    piece(rest, class)
}
END {
    width = widest * wide + 2 * left; height = top + NR * high + 22
    printf "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" width=\"%d\" height=\"%d\" role=\"img\" aria-label=\"What weir answers in a terminal\">\n", width, height, width, height
    print "<style>"
    print "text { font: 14px ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace; fill: #1f2328; white-space: pre }"
    print ".ground { fill: #f6f8fa; stroke: #d0d7de } .b { font-weight: 700 } .d { fill: #59636e }"
    print ".work { fill: #0969da } .wait { fill: #b35900 } .con { fill: #c1121f } .prompt { fill: #59636e }"
    print "@media (prefers-color-scheme: dark) {"
    print "text { fill: #e6edf3 } .ground { fill: #0d1117; stroke: #30363d } .d, .prompt { fill: #9198a1 }"
    print ".work { fill: #6cb6ff } .wait { fill: #f0a24a } .con { fill: #ff7b72 }"
    print "}"
    print "</style>"
    printf "<rect class=\"ground\" x=\".5\" y=\".5\" width=\"%d\" height=\"%d\" rx=\"8\"/>\n", width - 1, height - 1
    printf "<text class=\"prompt\" x=\"%d\" y=\"32\">$ weir</text>\n", left
    printf "%s</svg>\n", body
}
