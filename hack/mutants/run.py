"""Lets the unit tests meet one mutant after the other."""

import concurrent.futures
import dataclasses
import json
import os
import pathlib
import resource
import subprocess
import time

from build import WORK, Mutants, die, program, say

QUICK = 0.1  # seconds: tests that run first, all in one process
MEMORY = 4 << 30


@dataclasses.dataclass
class Test:
    name: str
    seconds: float
    reaches: set[int]


def run(room: str, tests: list[str], mutant: int | None, cpu_seconds: float, record: pathlib.Path | None = None) -> tuple[bool, str]:
    """Whether all passed, and the output. Time is the processor's: a busy machine kills no mutant."""
    environment = dict(os.environ)
    environment.pop("GTEST_FILTER", None)
    if mutant is not None:
        environment["MUTANT"] = str(mutant)
    if record is not None:
        environment["MUTANT_RECORD"] = str(record)

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_CPU, (round(cpu_seconds + 1), round(cpu_seconds + 2)))
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))

    command = [program(room), "--gtest_filter=" + ":".join(tests), "--gtest_fail_fast", "--gtest_brief=1", "--gtest_color=no"]
    process = subprocess.Popen(command, env=environment, preexec_fn=limit, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                               stdin=subprocess.DEVNULL, cwd=WORK)
    try:
        # One that sleeps or waits uses no processor.
        output, _ = process.communicate(timeout=60 + 20 * cpu_seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        return False, "it did not end"
    return process.returncode == 0, output.decode(errors="replace")


def record(room: str) -> tuple[list[Test], set[int]]:
    """The tests without a mutant, quick ones first, and the mutants that are reached before any test."""
    path = WORK / f"reached_{room}.txt"
    passed, output = run(room, ["*"], None, 600, path)
    if not passed:
        die(f"the unit tests of {room} fail without a mutant:\n{output}")
    tests, always = [], set()
    for line in path.read_text().splitlines():
        name, milliseconds, *reached = line.split(" ")
        if name == "*":
            always = set(map(int, reached))
        else:
            tests.append(Test(name, int(milliseconds) / 1000, set(map(int, reached))))
    return sorted(tests, key=lambda test: test.seconds), always


class Hunt:
    """The tests of one room against its mutants."""

    def __init__(self, room: str, mutants: Mutants, quick: bool = False):
        self.room = room
        self.mutants = mutants
        self.tests, self.always = record(room)
        if quick:
            self.tests = [test for test in self.tests if test.seconds < QUICK]
        self.path = WORK / f"killers_{room}.json"
        self.killers: dict[str, str] = json.loads(self.path.read_text()) if self.path.exists() else {}

    def kills(self, mutant: int) -> bool:
        tests = [test for test in self.tests if mutant in test.reaches or mutant in self.always]
        for stage in self.stages(tests, self.killers.get(self.mutants.key(mutant))):
            passed, output = run(self.room, [test.name for test in stage], mutant, 3 * sum(test.seconds for test in stage) + 1)
            if not passed:
                failed = [test.name for test in stage if f"[  FAILED  ] {test.name}" in output]
                self.killers[self.mutants.key(mutant)] = failed[0] if failed else stage[0].name if len(stage) == 1 else ""
                return True
        self.killers.pop(self.mutants.key(mutant), None)
        return False

    @staticmethod
    def stages(tests: list[Test], killer: str | None) -> list[list[Test]]:
        """What found it the last time, then all that is quick, then the rest one by one."""
        first = [test for test in tests if test.name == killer]
        rest = [test for test in tests if test.name != killer]
        quick = [test for test in rest if test.seconds < QUICK]
        slow = [[test] for test in rest if test.seconds >= QUICK]
        return [stage for stage in (first, quick, *slow) if stage]

    def all(self, numbers: list[int], jobs: int) -> list[int]:
        """Those that live on."""
        survivors, told = [], time.monotonic()
        with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
            for done, (number, killed) in enumerate(zip(numbers, pool.map(self.kills, numbers)), start=1):
                if not killed:
                    survivors.append(number)
                if time.monotonic() - told > 10:
                    told = time.monotonic()
                    say(f"{self.room}: {done} of {len(numbers)}, {len(survivors)} survive")
                    self.path.write_text(json.dumps(self.killers))
        self.path.write_text(json.dumps(self.killers))
        return survivors

    def story(self, number: int) -> str:
        """What the tests say about one mutant."""
        tests = [test.name for test in self.tests if number in test.reaches or number in self.always]
        if not tests:
            return "no test reaches it"
        limit = 3 * sum(test.seconds for test in self.tests) + 1
        passed, output = run(self.room, tests, number, limit)
        return f"{len(tests)} tests reach it:\n{output}" if not passed else f"{len(tests)} tests reach it: {', '.join(tests)}"
