# document_blocks.awk -v folder=FOLDER PAGE    Takes the code blocks out of a page.
#
# Each block of C or C++ becomes FOLDER/N.block, and one line of output: N, the line in the page, the language, and the
# words of the comment before it, which say how the block is checked (see documents.sh).
function fail(text) {
  print FILENAME ":" FNR ": " text > "/dev/stderr"
  failed = 1
}

!inside && /^<!-- .* -->$/ {
  note = $0
  sub(/^<!-- /, "", note)
  sub(/ -->$/, "", note)
  noted = FNR
  next
}

!inside && /^```/ {
  language = substr($0, 4)
  inside = FNR
  kept = (language == "cpp" || language == "c")
  if (!kept) next
  if (noted != FNR - 1) {
    fail("a block of " language " without a comment before it that says how it is checked")
    kept = 0
    next
  }
  file = folder "/" ++count ".block"
  printf "" > file
  print count, FNR, language, note
  next
}

inside && /^```$/ {
  if (kept) close(file)
  inside = 0
  next
}

inside && kept { print > file }

END {
  if (inside) fail("the block that begins in line " inside " has no end")
  exit failed
}
