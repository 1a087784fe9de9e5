"""A sweep on a real Slurm: a cluster of this one machine, started and stopped here."""

import os
import shutil
import socket
import subprocess
import tempfile
import time
import unittest
from pathlib import Path

from test_sweep import MANY, SweepTest

PROGRAMS = ("munged", "slurmctld", "slurmd", "sbatch", "scontrol")
PATH = os.environ["PATH"] + ":/usr/sbin:/sbin"


def free_port():
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


class Cluster:
    """Its daemons keep everything in one folder, and run as long as this object."""

    def __init__(self):
        self.folder = Path(tempfile.mkdtemp(prefix="slurm-"))
        self.daemons = []
        self.environment = {**os.environ, "PATH": PATH, "SLURM_CONF": str(self.folder / "slurm.conf")}
        user, host = subprocess.check_output(["id", "-un"], text=True).strip(), socket.gethostname().split(".")[0]
        self.folder.chmod(0o755)
        for name in ("state", "spool"):
            (self.folder / name).mkdir()
        key = self.folder / "munge.key"
        key.write_bytes(os.urandom(1024))
        key.chmod(0o400)
        (self.folder / "slurm.conf").write_text(f"""\
ClusterName=one
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={free_port()}
SlurmdPort={free_port()}
SlurmUser={user}
SlurmdUser={user}
AuthType=auth/munge
AuthInfo=socket={self.folder}/munge.socket
StateSaveLocation={self.folder}/state
SlurmdSpoolDir={self.folder}/spool
SlurmctldPidFile={self.folder}/slurmctld.pid
SlurmdPidFile={self.folder}/slurmd.pid
SlurmctldLogFile={self.folder}/slurmctld.log
SlurmdLogFile={self.folder}/slurmd.log
MpiDefault=none
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
ReturnToService=2
SchedulerParameters=batch_sched_delay=0,sched_interval=1
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
NodeName={host} NodeAddr=127.0.0.1 CPUs=2 State=UNKNOWN
PartitionName=all Nodes={host} Default=YES MaxTime=INFINITE State=UP
""")
        self.start("munged", "--foreground", "--force", f"--key-file={key}", f"--socket={self.folder}/munge.socket",
                   f"--pid-file={self.folder}/munged.pid", f"--log-file={self.folder}/munged.log",
                   f"--seed-file={self.folder}/munged.seed")
        self.wait_for(lambda: (self.folder / "munge.socket").exists(), "munged")
        self.start("slurmctld", "-D")
        self.start("slurmd", "-D", "-N", host)
        self.wait_for(lambda: "idle" in self.said("sinfo", "--noheader", "--format=%T"), "slurmd")

    def start(self, *command):
        with open(self.folder / f"{command[0]}.out", "w") as out:
            self.daemons.append(subprocess.Popen(command, env=self.environment, stdout=out, stderr=out))

    def said(self, *command):
        return subprocess.run(command, env=self.environment, capture_output=True, text=True).stdout

    def wait_for(self, condition, what):
        for _ in range(300):
            if condition():
                return
            time.sleep(0.1)
        logs = "\n".join(f"{path.name}: {path.read_text()}" for path in sorted(self.folder.glob("*.[lo]*t*")))
        self.stop()
        raise RuntimeError(f"{what} does not answer: {logs}")

    def stop(self):
        for daemon in reversed(self.daemons):
            daemon.terminate()
            daemon.wait()
        shutil.rmtree(self.folder, ignore_errors=True)


@unittest.skipUnless(all(shutil.which(program, path=PATH) for program in PROGRAMS),
                     "there is no Slurm here: apt-get install slurm-wlm munge")
class OnSlurm(SweepTest):
    @classmethod
    def setUpClass(cls):
        cls.cluster = Cluster()
        cls.addClassCleanup(cls.cluster.stop)

    def setUp(self):
        super().setUp()
        self.write("many.yaml", MANY)

    def on_slurm(self, *arguments, **options):
        return self.gossamer("sweep", "many.yaml", "-o", "cluster", "--launcher", "slurm", *arguments,
                             env=self.cluster.environment, **options)

    def test_a_job_array_makes_what_one_process_makes(self):
        self.assert_done(self.sweep("-o", "whole", scenario="many.yaml"))
        said = self.assert_done(self.on_slurm("--jobs", "4"))
        self.assertRegex(said, r"\Acluster/index.csv: 200 done \(0 diverged\), 0 failed, 0 there before; 200 traces; ")
        self.assertEqual(self.contents("cluster"), self.contents("whole"))

    def test_it_resumes(self):
        self.assert_done(self.sweep("-o", "cluster", "--set", f"sweep.seed={list(range(20))}", scenario="many.yaml"))
        said = self.assert_done(self.on_slurm("--jobs", "2"))
        self.assertRegex(said, r"\Acluster/index.csv: 120 done \(0 diverged\), 0 failed, 80 there before; 200 traces; ")

    def test_failing_runs_leave_the_index(self):
        self.write("many.yaml", MANY.replace("ring, nodes: 8", "ring, nodes: 4").replace(
            "sweep:", "compute: {gradient: 1 ms, factors: [1, 1, 1, 1]}\nsweep:\n  topology.nodes: [4, 5]").replace(
            "network.latency: [1 ms, 2 ms, 3 ms, 4 ms]", "").replace("seed: [%s]" % ", ".join(map(str, range(50))), "seed: [1, 2]"))
        done = self.on_slurm()
        self.assertEqual(done.returncode, 1)
        self.assertEqual(done.stderr, "cluster: 2 of 4 runs did not come to their end; see slurm-*.txt there\n")
        self.assertEqual(len(self.index("cluster")), 2)
        self.assertIn("factors has 4 entries", "".join(path.read_text() for path in (self.folder / "cluster").glob("slurm-*.txt")))
        again = self.on_slurm("--quiet")
        self.assertEqual((again.returncode, again.stderr), (1, "cluster: 2 of 2 runs did not come to their end; see slurm-*.txt there\n"))

    def test_a_killed_job_is_resumed(self):
        self.assert_done(self.sweep("-o", "whole", scenario="many.yaml"))
        launcher = subprocess.Popen([os.environ["GOSSAMER"], "sweep", "many.yaml", "-o", "cluster", "--launcher", "slurm",
                                     "--jobs", "2", "--quiet"], cwd=self.folder, env=self.cluster.environment,
                                    stderr=subprocess.PIPE, text=True)
        for _ in range(300):
            if len(list((self.folder / "cluster").glob("*.h5"))) > 5:
                break
            time.sleep(0.01)
        self.cluster.said("scancel", "--signal=KILL", "--full", "--name=cluster")
        self.assertRegex(launcher.communicate()[1], r"\Acluster: \d+ of 200 runs did not come to their end; see slurm-")
        self.assertEqual(launcher.returncode, 1)
        self.assertLess(len(self.index("cluster")), 200)
        self.assert_done(self.on_slurm("--jobs", "2"))
        traces = {name: content for name, content in self.contents("cluster").items() if not name.startswith("slurm-")}
        self.assertEqual(traces, self.contents("whole"))


if __name__ == "__main__":
    unittest.main()
