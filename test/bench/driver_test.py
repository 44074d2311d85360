#!/usr/bin/env python3
"""Tests of what is pure in the benchmark's driver: arithmetic, verdicts, and reading what other programs print."""
import sys
import unittest

sys.dont_write_bytecode = True
from driver import counts, figures, machine, measure, profile, page, report, targets, works  # noqa: E402


def work_of(kind="dials", limit=None, **runs):
    """A work with rounds of figures: work_of(uvdial=[{"cpu_us": 1}], go=[...])."""
    return {"title": "a work", "kind": kind, "loss_limit_s": limit, "entries": list(runs), "skipped": {},
            "runs": [{"entry": entry, "peer": entry, "round": number, **run}
                     for entry, each in runs.items() for number, run in enumerate(each, 1)]}


def rounds(figure, *values):
    return [{figure: value} for value in values]


def words_of(results, start):
    return [each.word() for each in targets.verdicts_of({"works": results}) if each.target.startswith(start)]


class Figures(unittest.TestCase):
    def test_the_median_is_the_middle_or_between_the_two_middle_ones(self):
        self.assertEqual(figures.median([9, 1, 5]), 5)
        self.assertEqual(figures.median([4, 1, 2, 9]), 3)
        self.assertIsNone(figures.median([]))

    def test_the_spread_of_five_leaves_out_the_best_and_the_worst(self):
        self.assertAlmostEqual(figures.spread([1, 10, 11, 12, 99]), 2 / 11)

    def test_the_spread_of_four_is_of_all(self):
        self.assertAlmostEqual(figures.spread([10, 11, 12, 99]), 89 / 11.5)

    def test_rounds_of_go_with_a_failure_or_too_slow_stand_apart(self):
        go = [{"wall_s": 0.2, "failed": 0}, {"wall_s": 5.1, "failed": 0}, {"wall_s": 0.3, "failed": 2}]
        work = work_of(limit=2, uvdial=go, go=go)
        self.assertEqual(figures.values_of(work, "go", "wall_s"), [0.2])
        self.assertEqual(figures.values_of(work, "go", "wall_s", lossy=True), [5.1, 0.3])
        self.assertEqual(len(figures.values_of(work, "uvdial", "wall_s")), 3)

    def test_a_run_without_an_end_has_no_figures(self):
        work = work_of(curl=[{"wall_s": 1, "ended_by": "over 20 s"}, {"wall_s": 2}])
        self.assertEqual(figures.values_of(work, "curl", "wall_s"), [2])


class Counts(unittest.TestCase):
    def test_the_calls_of_strace_are_the_sum_of_its_rows(self):
        table = """% time     seconds  usecs/call     calls    errors syscall
------ ----------- ----------- --------- --------- ----------------
 60.00    0.010000           3      3000        12 connect
 40.00    0.000100           1      1001           close
  0.00    0.000000           0         1           exit_group
------ ----------- ----------- --------- --------- ----------------
100.00    0.010100           2      4002        12 total
"""
        self.assertEqual(counts.system_calls_from(table), 4002)
        self.assertEqual(counts.system_calls_from(table.replace("           2      4002", "                  4002")), 4002)

    def test_a_table_without_calls_is_refused(self):
        with self.assertRaises(ValueError):
            counts.system_calls_from("strace: it could not start")

    def test_the_instructions_of_callgrind_are_its_totals(self):
        self.assertEqual(counts.instructions_from("events: Ir\nsummary: 12\n\n1 2\ntotals: 34\n"), 34)
        self.assertEqual(counts.instructions_from("events: Ir\nsummary: 12\n"), 12)
        with self.assertRaises(ValueError):
            counts.instructions_from("events: Ir\n")

    def test_the_cost_of_a_dial_leaves_out_what_the_program_costs(self):
        self.assertEqual(counts.each_of(1000 + 7 * 100, 1000 + 7 * 300, 100, 300), 7)


PROFILE = """events: Ir
ob=(1) /lib/libuv.so.1
fl=(1) ???
fn=(1) uv_run
0 {uv}
cob=(2) /build/bin/bench_dial
cfi=(1)
cfn=(2) uvdial::detail::race::next(uvdial::detail::dial)
calls=3 0
0 900

ob=(2)
fn=(2)
12 {race}
+3 7
fn=(3) uvdial::detail::dial::start(uvdial::detail::race const&)
* 5
"""


class Profiles(unittest.TestCase):
    def test_a_function_costs_what_it_does_itself_and_not_what_it_calls(self):
        self.assertEqual(profile.functions_of(PROFILE.format(uv=10, race=20)), {
            ("/lib/libuv.so.1", "uv_run"): 10,
            ("/build/bin/bench_dial", "uvdial::detail::race::next(uvdial::detail::dial)"): 27,
            ("/build/bin/bench_dial", "uvdial::detail::dial::start(uvdial::detail::race const&)"): 5})

    def test_parts_are_of_one_dial_and_go_by_names_without_parameters(self):
        parts = profile.parts_of(PROFILE.format(uv=10, race=20), PROFILE.format(uv=1010, race=2020), 10)
        self.assertEqual(parts, {"the race": 200, "libuv": 100, "the dial and its callback": 0})


class Lines(unittest.TestCase):
    def test_a_line_is_a_name_and_then_names_and_values(self):
        line = "uvdial dials/s 31240.1 failed 0 cpu_us/dial 24.113 rss_kb 9120 wall 0.640205\n"
        self.assertEqual(measure.figures_from(line), {"dials_per_s": 31240.1, "failed": 0, "cpu_us": 24.113,
                                                      "rss_kb": 9120, "wall_s": 0.640205})
        self.assertEqual(measure.figures_from("uvdial longest_callback_us 8.5 kind check")["kind"], "check")

    def test_a_line_that_breaks_off_is_quoted(self):
        with self.assertRaisesRegex(measure.Ended, "uvdial failed"):
            measure.figures_from("uvdial failed 0 wall")

    def test_the_stream_benchmark_is_read(self):
        text = """stream  1024 MiB through a 64 KiB buffer, 7 rounds, medians
  plain libuv     4000 MiB/s  0.250 s CPU
  receive()       3900 MiB/s  0.260 s CPU
  ratio          0.975        1.040        (each round: 0.97 0.98)
"""
        self.assertEqual(measure.stream_figures_from(text), {"plain_mib_per_s": 4000, "mib_per_s": 3900,
                                                            "speed_ratio": 0.975, "cpu_ratio": 1.04})
        with self.assertRaises(measure.Ended):
            measure.stream_figures_from("stream  1024 MiB")

    def test_a_program_that_hangs_is_ended(self):
        with self.assertRaisesRegex(measure.Ended, "over 0 s"):
            measure.run_program(["sleep", "30"], None, 0.1)

    def test_a_program_that_fails_tells_why(self):
        with self.assertRaisesRegex(measure.Ended, "exit status 1: no such port"):
            measure.run_program(["sh", "-c", "echo no such port >&2; exit 1"], None, 5)

    def test_a_program_that_cannot_is_missing(self):
        with self.assertRaisesRegex(measure.peers.Missing, "addresses only"):
            measure.run_program(["sh", "-c", "echo addresses only >&2; exit 3"], None, 5)


class Verdicts(unittest.TestCase):
    def test_a_machine_that_slows_down_slows_both_down(self):
        busy = work_of(uvdial=rounds("cpu_us", 104, 208, 208), cares_paced=rounds("cpu_us", 100, 200, 100, 100, 100))
        self.assertEqual(words_of({"a": busy}, "CPU at most 1.10 of paced"), ["met"])

    def test_a_ratio_at_its_limit_is_met_and_above_it_short(self):
        for own, word in ((110, "met"), (120, "short by 0.10")):
            results = {"a": work_of(uvdial=rounds("cpu_us", own), cares_paced=rounds("cpu_us", 100))}
            self.assertEqual(words_of(results, "CPU at most 1.10 of paced"), [word])

    def test_the_best_ready_made_peer_is_the_cheapest_and_none_by_hand(self):
        results = {"a": work_of(uvdial=rounds("cpu_us", 20), cares_plain=rounds("cpu_us", 1), go=rounds("cpu_us", 90),
                                libevent=rounds("cpu_us", 25))}
        told = [each for each in targets.verdicts_of({"works": results}) if "ready-made" in each.target][0]
        self.assertEqual((told.measured, told.word()), ("0.80 (20.0 to 25.0 of libevent)", "met"))

    def test_what_was_not_measured_has_no_verdict(self):
        self.assertEqual(words_of({}, "at most 12.6"), ["no verdict: (h_calls_a) was not run"])
        self.assertEqual(words_of({"h_calls_a": work_of("strace", go=rounds("system_calls", 30))}, "at most 12.6"),
                         ["no verdict: nothing measured of uvdial in (h_calls_a)"])

    def test_times_beside_an_unsteady_raw_ip_have_no_verdict(self):
        own = rounds("cpu_us", *[30] * 5)
        for values, word in (([10, 10, 10.5, 10, 10], "short by 1.90"),
                             ([10, 9, 11, 8, 12], "no verdict: raw_ip itself spreads over 20.0 %, the counts decide")):
            results = {"d": work_of(uvdial=own, raw_ip=rounds("cpu_us", *values))}
            self.assertEqual(words_of(results, "CPU at most 1.10 of raw_ip"), [word])

    def test_a_failure_is_one_too_many_but_no_failure_wants_ten_rounds(self):
        for values, word in (([0] * 10, "met"), ([0] * 9, "no verdict: 9 rounds where 10 are wanted"), ([0, 2], "short by 2")):
            results = {"b": work_of(limit=2, uvdial=rounds("failed", *values))}
            self.assertEqual(words_of(results, "0 failed"), [word])

    def test_the_worst_round_is_held_against_the_median(self):
        for worst, word in ((0.4, "met"), (0.6, "short by 1.00")):
            results = {"b": work_of(limit=2, uvdial=rounds("wall_s", 0.2, 0.2, worst))}
            self.assertEqual(words_of(results, "worst round"), [word])

    def test_a_dial_may_be_too_early_as_well_as_too_late(self):
        for value, word in ((255, "met"), (263, "short by 3.0 ms"), (240, "short by 10.0 ms")):
            results = {"e": work_of("twice", uvdial=rounds("first_ms", value))}
            self.assertEqual(words_of(results, "first dial"), [word])

    def test_a_flat_cost_needs_both_ends(self):
        ends = {"uvdial, 10 in flight": rounds("cpu_us", 20), "uvdial, 10,000 in flight": rounds("cpu_us", 25)}
        self.assertEqual(words_of({"j": work_of(**ends)}, "within 1.15"), ["short by 0.10"])
        del ends["uvdial, 10,000 in flight"]
        self.assertEqual(words_of({"j": work_of(**ends)}, "within 1.15"),
                         ["no verdict: not from 10 to 10,000 in flight"])


class Pages(unittest.TestCase):
    def test_a_table_compares_with_ours_and_keeps_loss_apart(self):
        run = {"cpu_us": 20, "wall_s": 0.2, "failed": 0, "rss_kb": 2048, "questions": 4000}
        work = work_of(limit=2, uvdial=[run], go=[{**run, "cpu_us": 90}, {**run, "failed": 3, "wall_s": 5}])
        text = "\n".join(report.section("b", work))
        self.assertIn("| go | 1 | 90.0 | 4.50 |", text)
        self.assertIn("| go, rounds with loss | 1 |", text)

    def test_who_did_not_take_part_is_said(self):
        work = work_of(asio=[{"ended_by": "over 20 s"}])
        work["skipped"] = {"curl": "not built"}
        self.assertEqual(report.section("a", work)[2:], ["- asio: over 20 s", "- curl: not built", ""])

    def test_figures_go_between_the_marks_and_nowhere_else(self):
        text = f"before\n{page.BEGIN}\nold\n{page.END}\nafter\n"
        self.assertEqual(page.with_figures(text, "new\n"), f"before\n{page.BEGIN}\n\nnew\n\n{page.END}\nafter\n")
        with self.assertRaises(ValueError):
            page.with_figures("no marks", "new")

    def test_a_machine_is_told_in_one_line(self):
        self.assertNotIn("\n", machine.in_words(machine.facts()))


class Works(unittest.TestCase):
    def test_each_work_can_be_taken_and_told(self):
        for work in works.all_works() + works.all_works(quick=True):
            self.assertTrue(hasattr(measure.Bench, work.kind), work.key)
            self.assertIn(work.kind, report.FORMS)
            self.assertEqual(work.entries[0].peer, "uvdial")

    def test_names_of_entries_and_works_are_unique(self):
        listed = works.all_works()
        self.assertEqual(len({work.key for work in listed}), len(listed))
        for work in listed:
            self.assertEqual(len({entry.name for entry in work.entries}), len(work.entries), work.key)


if __name__ == "__main__":
    unittest.main()
