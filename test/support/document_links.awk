# document_links.awk PAGE    Prints the targets of a page's links and pictures that lead to other files or headings, each
# with its line: LINE TARGET. What stands in blocks and in `code` is no link.
/^```/ { inside = !inside; next }
inside { next }
{
  rest = $0
  gsub(/`[^`]*`/, "", rest)
  while (match(rest, /\]\([^() ]+\)/)) {
    target = substr(rest, RSTART + 2, RLENGTH - 3)
    rest = substr(rest, RSTART + RLENGTH)
    if (target !~ /^[a-z]+:/) print FNR, target
  }
}
