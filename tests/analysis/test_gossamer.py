import time
import unittest

from traces_for_tests import WithFolder

from analysis.gossamer import Failure, Gossamer, Request
from analysis.traces import load

# Stands for the command: notes that it was called, and gives the answer that lies beside it.
COMMAND = """\
#!/bin/sh
cd "$(dirname "$0")"
if [ "$1" = identity ]; then cat identity; exit 0; fi
echo "$@" >> calls
if [ -e refusal ]; then cat refusal >&2; exit 2; fi
if [ -e failure ]; then cp answer.h5 "$4"; cat failure >&2; exit 1; fi
cp answer.h5 "$4"
"""


class WithCommand(WithFolder):
    def setUp(self):
        super().setUp()
        self.scenario = self.write("small.yaml", "name: A\nalgorithm: {kind: dgd, step_size: 1}\n")
        self.write("command/identity", "known\n")
        self.trace("command/answer.h5", identity="known")
        self.command = self.write("command/gossamer", COMMAND)
        self.command.chmod(0o755)

    def calls(self):
        calls = self.folder / "command/calls"
        return calls.read_text().splitlines() if calls.exists() else []

    def request(self, *assignments):
        return Request(self.scenario, assignments, self.folder / "out")

    def results(self, *requests, **options):
        return dict(Gossamer(self.command, **options).results(requests))

    def files(self):
        return sorted(path.name for path in (self.folder / "out").iterdir())


class Running(WithCommand):
    def test_a_run_and_its_trace(self):
        request = self.request(("algorithm.step_size", "0.5"), ("seed", "2"))
        trace = self.results(request)[request]
        self.assertEqual(trace.path, self.folder / "out/small,algorithm.step_size=0.5,seed=2.h5")
        self.assertEqual(self.files(), [trace.path.name])
        (call,) = self.calls()
        self.assertRegex(
            call,
            rf"^run {self.scenario} -o \S+/trace\.h5 --threads 1 --quiet "
            r"--set algorithm\.step_size=0\.5 --set seed=2$",
        )

    def test_equal_requests_are_one_run(self):
        self.assertEqual(
            len(self.results(self.request(), self.request(), self.request(("seed", "2")), jobs=3)), 2
        )
        self.assertEqual(len(self.calls()), 2)

    def test_a_finished_run_is_kept_as_long_as_nothing_changed(self):
        request = self.request(("topology.path", "links.txt"))

        def runs_again(**options):
            before = len(self.calls())
            self.results(request, **options)
            return len(self.calls()) > before

        self.assertTrue(runs_again())
        self.assertFalse(runs_again())
        self.assertTrue(runs_again(is_fresh=True))
        self.write("command/identity", "another\n")  # Of the scenario, its files or the command: who knows.
        self.trace("command/answer.h5", identity="another")
        self.assertTrue(runs_again())
        self.assertFalse(runs_again())
        self.assertEqual(len(self.files()), 1)

    def test_only_what_is_finished_is_kept(self):
        request = self.request()
        for status, count in (("diverged", 1), ("partial", 2), ("failed", 2)):
            self.trace("command/answer.h5", status=status, identity="known")
            self.write("command/calls", "")
            self.results(request, is_fresh=True)
            self.results(request)
            self.assertEqual(len(self.calls()), count, status)
            self.assertEqual(isinstance(self.results(request)[request], Failure), count == 2, "no part passes for the whole")
        count = len(self.calls())
        self.write("out/small.h5", "damaged")
        self.results(request)
        self.assertEqual(len(self.calls()), count + 1)

    def test_a_trace_of_another_origin_is_replaced(self):
        self.trace("out/small.h5", scenario="name: other")
        self.results(self.request())
        self.assertEqual((len(self.calls()), load(self.folder / "out/small.h5").name), (1, "A run"))

    def test_failures(self):
        request = self.request()
        self.write("command/refusal", "small.yaml:1:1: nonsense\n")
        self.assertEqual(
            self.results(request)[request], Failure("small.yaml:1:1: nonsense", is_bad_input=True)
        )
        self.assertEqual(self.files(), [])
        (self.folder / "command/refusal").unlink()
        self.trace("command/answer.h5", status="failed")
        self.write("command/failure", "small.yaml: failed: node 1\n")
        self.assertEqual(
            self.results(request)[request], Failure("small.yaml: failed: node 1", is_bad_input=False)
        )
        self.assertEqual(self.files(), ["small.h5"])  # what it wrote until then
        self.write("command/gossamer", "#!/bin/sh\nkill -SEGV $$\n")
        self.assertIn("ended with code -11", self.results(request)[request].reason)

    def test_names_of_traces(self):
        for assignments, name in (
            ((), "small.h5"),
            ((("seed", "1"),), "small,seed=1.h5"),
            ((("network.bandwidth", "10 Mbit/s"),), r"small,network\.bandwidth=10_Mbit_s-[0-9a-f]{8}\.h5"),
            (
                (("problem.targets", "[" + "0, " * 500 + "0]"),),
                r"small,problem\.targets=_0,.*-[0-9a-f]{8}\.h5",
            ),
        ):
            found = self.request(*assignments).trace.name
            self.assertRegex(found, f"^{name}$")
            self.assertLess(len(found), 200)

    def test_who_stops_listening_ends_the_rest(self):
        self.write("command/gossamer", COMMAND + '[ "$9" = seed=1 ] || exec sleep 60\n')
        begin = time.monotonic()
        for request, _ in Gossamer(self.command, jobs=3).results(
            self.request(("seed", str(seed))) for seed in range(1, 9)
        ):
            self.assertEqual(request.assignments, (("seed", "1"),))
            break
        self.assertLess(time.monotonic() - begin, 30)
        self.assertEqual(self.files(), ["small,seed=1.h5"])


if __name__ == "__main__":
    unittest.main()
