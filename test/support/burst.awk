# The table and the JSON of burst.sh, from lines of
#   section peer round dials wall_s failed cpu_us_per_dial longest_turn_us questions dropped overruns

function sort(values, count,    i, j, held) {
  for (i = 2; i <= count; i++) {
    held = values[i]
    for (j = i - 1; j >= 1 && values[j] > held; j--) values[j + 1] = values[j]
    values[j + 1] = held
  }
}

function median_of(values, count) {
  if (count == 0) return -1
  return count % 2 ? values[(count + 1) / 2] : (values[count / 2] + values[count / 2 + 1]) / 2
}

# Median, worst and spread of one column over the rounds of a section and a peer, either those that count or those with
# loss; in the globals median, worst, spread and counted.
function measure(section, peer, with_loss, column,    i, values, low, high) {
  counted = 0
  for (i = 1; i <= rows; i++)
    if (cell[i, 1] == section && cell[i, 2] == peer && lossy[i] == with_loss) values[++counted] = cell[i, column] + 0
  sort(values, counted)
  median = median_of(values, counted)
  worst = counted ? values[counted] : -1
  low = counted > 4 ? 2 : 1
  high = counted > 4 ? counted - 1 : counted
  spread = counted && median > 0 ? (values[high] - values[low]) / median : 0
}

function sum(section, peer, with_loss, column,    i, total) {
  for (i = 1; i <= rows; i++)
    if (cell[i, 1] == section && cell[i, 2] == peer && lossy[i] == with_loss) total += cell[i, column]
  return total + 0
}

function text(value, format) { return value < 0 ? "-" : sprintf(format, value) }

# The rounds of a peer that count (0) or those with loss (1).
function print_peer(section, peer, with_loss,    wall_median, wall_worst, wall_spread, cpu, turn, questions, rounds) {
  measure(section, peer, with_loss, 9); questions = median
  measure(section, peer, with_loss, 8); turn = peer == "go" ? -1 : worst
  measure(section, peer, with_loss, 7); cpu = median
  measure(section, peer, with_loss, 5); wall_median = median; wall_worst = worst; wall_spread = spread; rounds = counted
  if (with_loss && rounds == 0) return
  printf "  %-13s %6s %9s %9s %8d %12s %13s %10s %9d\n", peer (with_loss ? ", with loss" : ""), rounds,
    text(wall_median, "%.3f"), text(wall_worst, "%.3f"), sum(section, peer, with_loss, 6), text(cpu, "%.1f"),
    text(turn, "%d"), text(questions, "%d"), sum(section, peer, with_loss, 11)
  if (with_loss) return
  wall[peer] = wall_median
  processor[peer] = cpu
  wide[peer] = wall_spread
  held[peer] = rounds
}

function print_ratio(section) {
  if (held["go"] < 3 || held["uvdial"] < 3) {
    print "  no verdict: fewer than three rounds of each that count"
  } else if (wide["uvdial"] > 0.4 || wide["go"] > 0.4) {
    printf "  no verdict: the wall time spreads over %.0f %% (uvdial) and %.0f %% (go) of its median\n",
      100 * wide["uvdial"], 100 * wide["go"]
  } else {
    printf "  uvdial/go: wall %.2f, cpu %.2f\n", wall["uvdial"] / wall["go"], processor["uvdial"] / processor["go"]
  }
}

function print_section(section, what) {
  printf "\n%s\n", what
  printf "  %-13s %6s %9s %9s %8s %12s %13s %10s %9s\n", "", "rounds", "median s", "worst s", "failed", "cpu us/dial",
    "longest turn", "questions", "overruns"
  print_peer(section, "uvdial", 0)
  if (!has_go) return
  print_peer(section, "go", 0)
  print_peer(section, "go", 1)
  print_ratio(section)
}

{
  rows++
  for (i = 1; i <= NF; i++) cell[rows, i] = $i
  if ($2 == "go") has_go = 1
  limit = $1 == "large" ? 5 : 2
  lossy[rows] = $2 == "go" && ($6 > 0 || ($5 > limit && $1 != "loss")) ? 1 : 0
}

END {
  print_section("burst", "2,000 names, 1,000 at a time")
  print_section("large", "10,000 names, 5,000 at a time")
  print_section("loss", "2,000 names, 1,000 at a time, 5 % of the questions dropped")
  print_section("same", "one name 2,000 times at once")
  print "\n  cpu and questions are medians, the longest turn (in us) is the worst, failed and overruns are sums"

  split("section peer round dials wall_s failed cpu_us_per_dial longest_turn_us questions dropped overruns", names, " ")
  printf "[" >json
  for (i = 1; i <= rows; i++) {
    printf("%s\n  {", (i > 1 ? "," : "")) >json
    for (j = 1; j <= 11; j++) {
      value = cell[i, j]
      if (j <= 2) value = "\"" value "\""
      if (value == "-") value = "null"
      printf("%s\"%s\": %s", (j > 1 ? ", " : ""), names[j], value) >json
    }
    printf "}" >json
  }
  print "\n]" >json
  print "  all rounds: " json
}
