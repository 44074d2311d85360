# document_quote.awk BLOCK FILE    Says whether the lines of BLOCK stand in FILE in their order, each next to the one
# before it. A line `...` is a gap. Indents, empty lines and comments at the end of a quoted line do not count.
function plain(line) {
  sub(/^[ \t]+/, "", line)
  sub(/[ \t]+$/, "", line)
  return line
}
function bare(line) {
  sub(/[ \t]+\/\/ .*$/, "", line)
  return line
}
{ $0 = plain($0) }
$0 == "" { next }
NR == FNR { wanted[++wishes] = $0; next }
{ found[++lines] = $0 }

# Whether the wishes from `wish` up to the next gap stand at `line`; `reached` is then the last line, `after` the wish
# behind the gap.
function stands(wish, line) {
  for (; wish <= wishes && wanted[wish] != "..."; wish++) {
    if (line > lines) return 0
    if (wanted[wish] != found[line] && bare(wanted[wish]) != bare(found[line])) return 0
    line++
  }
  reached = line - 1
  after = wish + 1
  return 1
}

END {
  line = 0
  for (wish = 1; wish <= wishes; wish = after) {
    for (line++; line <= lines && !stands(wish, line); line++);
    if (line > lines) {
      print "not quoted from " ARGV[2] ": " wanted[wish]
      exit 1
    }
    line = reached
  }
}
