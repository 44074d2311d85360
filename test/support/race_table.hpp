// Runs the race on a virtual clock, from a script of one line, and writes down its commands, as one line.
//
// The world that carries the commands out is perfect: it feeds a tick exactly at each announced time, and an
// attempt ends when the script says so. What happens at one time is fed in the order of a loop's turn: the
// lines of the script, then the outcomes of attempts, then the tick.
//
// Addresses: 6a is [2001:db8::a]:443, 6b the next one, 4a is 192.0.2.10:443; 6a:64 stands for 64 from 6a on.
// A host has sources for both families, so that RFC 6724 puts IPv6 first and leaves the rest as it is.
//
// setup, words in any order:
//   v4_first v6_only v4_only      families; v6_first if none of them
//   timeout=MS delay=MS hold=MS   none, 250 and 50 if not given; timeout=far is the longest there is
//   unusable=6                    a family without a way out, as source_finder::usable says
//   sourceless=4b                 an address without a source
//   known=6a,4a                   a race of known addresses, which asks no name
//   stall=100-400                 the loop is held up: what becomes due after 100 is fed at 400
//   limit=MS                      one attempt's own time; none if not given
//   confirm                       with a confirm step
//   lately=4a                     what was learned; forgetful: the option is off
//   before6=6a,6b before4=none    and what the answers were then; a family that is not given had not answered
//   no_ticks                      only the ticks of the script
//   unpulled                      the first input comes before the first pull
//   6a=refuse@10                  how an address behaves: refuse, unreachable or accept after so many ms;
//                                 @now is inside its start. Silent if not given
//   6a=accept@10+yes@20           and what its confirm step says so many ms after it was asked: yes or no;
//                                 @now is inside the step. Nothing if not given
//
// script, "; " between:
//   0 AAAA 6a,6b; 10 A none; 0 A !4a; 0 A ?      answers; !: filtered, ?: the lookup timed out
//   20 stop; 30 tick; 40 pull                    pull: nothing is fed
//   5 connected 6a; 5 refused #0                 an outcome, of an address or of the attempt with that number
//   5 yes 6a; 5 no #0                            what its confirm step says
//   5 silently connected #1; 5 silently stop     fed, but nothing is pulled yet
//
// expected, "; " between:
//   0 lookup; 0 start 6a; 0 wake 250; 250 wake -; 255 confirm 6b; 255 expire 6a; 260 abort 6c; 260 won 6b
//   and at the end, instead of won: failed, timed out, stopped
#pragma once

#include <string>
#include <vector>

#include "uvdial/report.hpp"

namespace race_table {

struct row {
  const char* rule;
  const char* setup;
  const char* script;
  const char* expected;
};

struct result {
  std::string commands;
  std::string attempts;  // "6a refused 0-10, 4a won 10-40, 4b open 20-40, 6c filtered 0-0"
  std::string asked;     // what source_finder was asked: "source 6a, source 4a, usable 6"
  std::string lesson;    // "keep", "forget", "learn 4a"
  std::string why_won;   // "none", "first choice", "remembered", "others failed", "others slower"
  bool ended;
};

result run(const row& what);

// Asserts that the commands are those expected; a failure says which row.
void check(const row& what);
void check(const std::vector<row>& table);

}  // namespace race_table
