"""Writes a source file in which all of its mutants are present and the environment chooses one, or none."""

from find import Change

# Stand for the beginning of mutant N's text and for its end, until the lines are counted.
BEGIN, END = "\x01{}\x02", "\x03"


class Weaver:
    """`mutants`: the changes of one file by their number."""

    def __init__(self, source: bytes, mutants: dict[int, Change]):
        self.source = source
        # All that changes the same text, from the outside inwards.
        self.places: list[tuple[int, int, list[int]]] = []
        by_place: dict[tuple[int, int], list[int]] = {}
        for number, change in mutants.items():
            by_place.setdefault((change.start, change.end), []).append(number)
        for change in mutants.values():
            if change.constant >= 0:
                by_place.setdefault((change.constant, change.constant + len("constexpr")), [])
        self.places = sorted(((start, end, numbers) for (start, end), numbers in by_place.items()), key=lambda p: (p[0], -p[1]))
        self.mutants = mutants
        self.next = 0

    def woven(self) -> str:
        return self.between(0, len(self.source))

    def between(self, start: int, end: int) -> str:
        """The source there, with all that lies within."""
        parts, at = [], start
        while self.next < len(self.places) and self.places[self.next][0] < end:
            first, last, numbers = self.places[self.next]
            if last > end:
                raise ValueError(f"{self.source[first:last]!r} is not within {self.source[start:end]!r}")
            self.next += 1
            parts.append(self.source[at:first].decode())
            parts.append(self.place(self.between(first, last), numbers))
            at = last
        parts.append(self.source[at:end].decode())
        return "".join(parts)

    def place(self, original: str, numbers: list[int]) -> str:
        if not numbers:
            return "const"  # in place of constexpr
        kinds = {self.mutants[number].kind for number in numbers}
        if "statement" in kinds:
            (number,) = numbers
            instead = self.mutants[number].text
            if instead:
                return f"{{ if (::mutant::is({number})) {instead} {original} }}"
            return f"{{ if (!::mutant::is({number})) {{ {original} }} }}"
        if "declared" in kinds:
            (number,) = numbers
            return f"{original}; !::mutant::is({number}) && {self.mutants[number].text}"
        logical = "condition" in kinds
        text = "("
        for number in numbers:
            replacement = f"static_cast<bool>({self.mutants[number].text})" if logical else f"({self.mutants[number].text})"
            text += f"::mutant::is({number}) ?\n{BEGIN.format(number)}{replacement}{END}\n: "
        return text + (f"static_cast<bool>({original}))" if logical else f"({original}))")


def weave(source: bytes, mutants: dict[int, Change]) -> tuple[str, dict[int, int]]:
    """The text, and which mutant stands in which of its lines."""
    lines, owners, owner = [], {}, None
    for number, line in enumerate(Weaver(source, mutants).woven().split("\n"), start=1):
        if line.startswith("\x01"):
            word, line = line[1:].split("\x02", 1)
            owner = int(word)
            owners.setdefault(number - 1, owner)  # where it is chosen
        if owner is not None:
            owners[number] = owner
        if line.endswith(END):
            line, owner = line[:-1], None
        lines.append(line)
    return "\n".join(lines), owners
