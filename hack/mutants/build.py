"""The copy of the project in build/mutate, with every mutant in it: made, compiled, and rid of those that do not compile."""

import hashlib
import json
import multiprocessing
import pathlib
import re
import subprocess
import sys
import time

import find
from weave import weave

REPO = pathlib.Path(__file__).resolve().parents[2]
WORK = REPO / "build/mutate"
TREE = WORK / "tree"
HERE = pathlib.Path(__file__).resolve().parent
ROOMS = ("rollout", "analysis")
STARTED = time.monotonic()


def say(text: str) -> None:
    print(f"[{time.monotonic() - STARTED:6.1f}s] {text}", file=sys.stderr, flush=True)


def die(text: str) -> None:
    raise SystemExit(f"error: {text}")


def sources() -> list[str]:
    """All that can be mutated, relative to the repository."""
    return [str(path.relative_to(REPO)) for room in ROOMS for path in sorted((REPO / "controller" / room).iterdir())
            if path.suffix in (".cpp", ".h")]


def changes_of(name: str) -> list[dict]:
    return [vars(change) for change in find.find(str(REPO / name), ["-std=c++20", f"-I{REPO}/controller", "-w"])]


class Mutants:
    """All changes of all files, numbered in their order."""

    def __init__(self, jobs: int):
        self.by_file = self.found(jobs)
        dropped = WORK / "dropped.json"
        self.dropped: set[str] = set(json.loads(dropped.read_text())) if dropped.exists() else set()
        self.numbered: dict[int, tuple[str, find.Change]] = {}
        for name, changes in self.by_file.items():
            for change in changes:
                self.numbered[len(self.numbered)] = (name, change)

    def found(self, jobs: int) -> dict[str, list[find.Change]]:
        """Remembered by the text of a file and of the finder."""
        path = WORK / "found.json"
        known = json.loads(path.read_text()) if path.exists() else {}
        finder = (HERE / "find.py").read_bytes()
        keys = {name: hashlib.sha256((REPO / name).read_bytes() + finder).hexdigest() for name in sources()}
        unknown = [name for name, key in keys.items() if key not in known]
        if unknown:
            say(f"looking for what can be changed in {len(unknown)} files")
            with multiprocessing.Pool(jobs) as pool:
                known |= zip([keys[name] for name in unknown], pool.map(changes_of, unknown, chunksize=1))
            path.write_text(json.dumps({key: known[key] for key in keys.values()}))
        return {name: [find.Change(**change) for change in known[key]] for name, key in keys.items()}

    def key(self, number: int) -> str:
        """The same mutant in a later run, as long as its file stays as it is."""
        name, change = self.numbered[number]
        text = hashlib.sha256((REPO / name).read_bytes()).hexdigest()[:16]
        return f"{name}:{text}:{change.start}:{change.end}:{change.kind}:{change.text}"

    def alive(self) -> list[int]:
        return [number for number in self.numbered if self.key(number) not in self.dropped]

    def drop(self, numbers: set[int]) -> None:
        self.dropped |= {self.key(number) for number in numbers}
        (WORK / "dropped.json").write_text(json.dumps(sorted(self.dropped)))

    def shown(self, number: int) -> str:
        name, change = self.numbered[number]
        source = (REPO / name).read_bytes()
        old = " ".join(source[change.start:change.end].decode().split())
        return f"{name}:{change.line}: [{number}] {change.old if change.kind != 'statement' else ''} -> {change.new or 'nothing'}: {old}"


def write(path: pathlib.Path, content: bytes) -> None:
    """Leaves alone what is the same, so that it is not compiled again."""
    if path.exists() and path.read_bytes() == content:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def copy_tree(mutants: Mutants) -> dict[str, dict[int, int]]:
    """Returns which mutant stands in which line of the woven files."""
    listed = subprocess.run(["git", "-C", REPO, "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
                            check=True, capture_output=True, text=True).stdout.split("\0")
    files = {name: (REPO / name).read_bytes() for name in listed if name and (REPO / name).is_file()}
    owners = {}
    by_file: dict[str, dict[int, find.Change]] = {name: {} for name in mutants.by_file}
    for number in mutants.alive():
        name, change = mutants.numbered[number]
        by_file[name][number] = change
    for name, changes in by_file.items():
        text, owners[name] = weave(files[name], changes)
        files[name] = text.encode()
    for room in ROOMS:
        files[f"tests/unit/{room}/mutant_recorder.cpp"] = (HERE / "recorder.cpp").read_bytes()
    # The tests run thousands of times here, so their own speed matters after all.
    warnings = files["cmake/warnings.cmake"].decode()
    files["cmake/warnings.cmake"] = warnings.replace("(seraphim_test_code INTERFACE -O0)", "(seraphim_test_code INTERFACE -O1)").encode()
    for path in TREE.rglob("*"):
        if path.is_file() and str(path.relative_to(TREE)) not in files:
            path.unlink()
    for name, content in files.items():
        write(TREE / name, content)
    return owners


def compile_tree(jobs: int) -> str:
    """The compiler's words; empty when all is built."""
    # A wrong access to a container or an optional ends the program, so that a test sees it.
    flags = f"-O1 -w -Wno-narrowing -D_GLIBCXX_ASSERTIONS -include {HERE}/mutants.h"
    configure = ["cmake", "-S", TREE, "-B", WORK / "cmake", "-G", "Ninja", "-DCMAKE_BUILD_TYPE=Release", "-DCMAKE_UNITY_BUILD=ON",
                 "-DCMAKE_UNITY_BUILD_BATCH_SIZE=8", f"-DCMAKE_CXX_FLAGS_RELEASE={flags}"]
    done = subprocess.run(configure, capture_output=True, text=True)
    if done.returncode:
        die(f"cmake: {done.stdout}{done.stderr}")
    make = ["ninja", "-C", WORK / "cmake", "-k", "0", "-j", str(jobs), *(f"unit_{room}" for room in ROOMS)]
    done = subprocess.run(make, capture_output=True, text=True)
    return done.stdout if done.returncode else ""


def guilty(words: str, owners: dict[str, dict[int, int]]) -> set[int]:
    """Those in whose lines the compiler found errors, or that it names on its way to one."""
    found = set()
    for message in re.split(r"\n(?=\S+:\d+:\d+: error:)", words):
        for path, line in re.findall(r"/tree/(controller/\S+?):(\d+):", message):
            owner = owners.get(path, {}).get(int(line))
            if owner is not None:
                found.add(owner)
                break
    return found


def guilty_constants(words: str, mutants: Mutants) -> set[int]:
    """A constant that the compiler has to know: where it is asked for says nothing about which it is."""
    named = set(re.findall(r"/tree/(controller/\S+?):\d+:\d+: error:", words))
    return {number for number in mutants.alive() if mutants.numbered[number][0] in named and mutants.numbered[number][1].constant >= 0}


def build(mutants: Mutants, jobs: int) -> None:
    TREE.mkdir(parents=True, exist_ok=True)
    while True:
        owners = copy_tree(mutants)
        say(f"compiling {len(mutants.alive())} mutants")
        words = compile_tree(jobs)
        if not words:
            return
        bad = guilty(words, owners) or guilty_constants(words, mutants)
        if not bad:
            (WORK / "compiler.log").write_text(words)
            die(f"the copy does not compile: {WORK}/compiler.log")
        say(f"{len(bad)} mutants do not compile and are left out")
        mutants.drop(bad)


def program(room: str) -> pathlib.Path:
    return WORK / "cmake/tests/unit" / f"unit_{room}"

