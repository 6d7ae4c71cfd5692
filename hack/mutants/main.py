"""See hack/mutate."""

import argparse
import fcntl
import os
import pathlib
import random

from build import REPO, ROOMS, WORK, Mutants, build, die, say
from run import Hunt

WANTED = 85  # percent


def room_of(name: str) -> str:
    return name.split("/")[1]


def chosen(mutants: Mutants, words: list[str]) -> list[int]:
    """Those of the rooms and files that are named."""
    names = set()
    for word in words or ROOMS:
        if word in ROOMS:
            names |= {name for name in mutants.by_file if room_of(name) == word}
            continue
        path = pathlib.Path(word).resolve()
        matching = {name for name in mutants.by_file if REPO / name == path or pathlib.Path(name).name == word}
        if not matching:
            die(f"'{word}' is neither one of {', '.join(ROOMS)} nor a file of theirs")
        names |= matching
    return [number for number in mutants.alive() if mutants.numbered[number][0] in names]


def only_one():
    """Two at a time would compile over each other's heads. The file has to stay open."""
    lock = (WORK / "lock").open("w")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        say("waiting for another hack/mutate to end")
        fcntl.flock(lock, fcntl.LOCK_EX)
    return lock


def main() -> int:
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument("where", nargs="*")
    parser.add_argument("--sample", type=int)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--list", action="store_true")
    parser.add_argument("--only", type=int)
    options = parser.parse_args()

    WORK.mkdir(parents=True, exist_ok=True)
    lock = only_one()  # noqa: F841
    mutants = Mutants(options.jobs)
    numbers = chosen(mutants, options.where)
    if options.only is not None:
        if options.only not in mutants.alive():
            die(f"there is no mutant {options.only}")
        numbers = [options.only]
    if options.list:
        print("\n".join(map(mutants.shown, numbers)))
        return 0
    build(mutants, options.jobs)
    alive = set(mutants.alive())
    numbers = [number for number in numbers if number in alive]
    if options.sample and options.sample < len(numbers):
        numbers = sorted(random.Random(options.seed).sample(numbers, options.sample))

    total, survivors = 0, []
    for room in ROOMS:
        of_room = [number for number in numbers if room_of(mutants.numbered[number][0]) == room]
        if not of_room:
            continue
        say(f"{room}: {len(of_room)} mutants")
        hunt = Hunt(room, mutants, options.quick)
        left = hunt.all(of_room, options.jobs)
        say(f"{room}: {len(of_room) - len(left)} of {len(of_room)} killed ({100 * (len(of_room) - len(left)) / len(of_room):.1f} %)")
        total += len(of_room)
        survivors += left
        if options.only is not None:
            print(hunt.story(options.only))
    for number in survivors:
        print(mutants.shown(number))
    if not total:
        die("there is nothing to change there")
    percent = 100 * (total - len(survivors)) / total
    print(f"{total - len(survivors)} of {total} mutants killed ({percent:.1f} %)")
    return 0 if percent >= WANTED else 1


raise SystemExit(main())
