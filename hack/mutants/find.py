"""Finds what can be changed in a C++ file, by its syntax tree (libclang 14)."""

import dataclasses
import re

import clang.cindex
from clang.cindex import CursorKind, TypeKind

# Each comparison is moved to its boundary and turned round.
COMPARISONS = {"<": ["<=", ">="], "<=": ["<", ">"], ">": [">=", "<="], ">=": [">", "<"], "==": ["!="], "!=": ["=="]}
TURNED = {"<": ">=", "<=": ">", ">": "<=", ">=": "<", "==": "!=", "!=": "==", "!": ""}
LOGICAL = {"&&": ["||"], "||": ["&&"]}
ARITHMETIC = {"+": ["-"], "-": ["+"], "*": ["/"], "/": ["*"]}

INTEGER = re.compile(r"(\d+)(U?)")
FLOATING = re.compile(r"\d+\.\d*(?:e-?\d+)?|\d+e-?\d+")
DURATION = re.compile(r"(\d+)(h|min|s|ms|us|ns)")
ESCAPE = re.compile(r"// mutate: equivalent(?: \((?P<old>.+) -> (?P<new>.+)\))?, because \S")

NUMBERS = {TypeKind.INT, TypeKind.UINT, TypeKind.LONG, TypeKind.ULONG, TypeKind.LONGLONG, TypeKind.ULONGLONG,
           TypeKind.FLOAT, TypeKind.DOUBLE}
BODIES = {CursorKind.COMPOUND_STMT, CursorKind.IF_STMT, CursorKind.FOR_STMT, CursorKind.CXX_FOR_RANGE_STMT,
          CursorKind.WHILE_STMT, CursorKind.CASE_STMT, CursorKind.DEFAULT_STMT}
NO_VALUES = {CursorKind.STATIC_ASSERT, CursorKind.ENUM_CONSTANT_DECL, CursorKind.TYPE_ALIAS_DECL}


@dataclasses.dataclass
class Change:
    """One mutant: the text between `start` and `end` (bytes) is replaced by `text`."""
    kind: str  # "value"; "condition" and "declared" are bool; "statement" is left out
    start: int
    end: int
    old: str  # what people read: "<" and "<=", "if" and "true"
    new: str
    text: str = ""
    line: int = 0
    constant: int = -1  # where the word constexpr stands that has to go for it


class Finder:
    def __init__(self, source: bytes):
        self.source = source
        self.changes: list[Change] = []
        self.constant = -1
        # Conditions that become true and false as a whole; to turn them round as well would tell nothing new.
        self.decided: set[tuple[int, int]] = set()

    def text(self, start: int, end: int) -> str:
        return self.source[start:end].decode()

    def add(self, kind: str, start: int, end: int, old: str, new: str, text: str = "") -> None:
        self.changes.append(Change(kind, start, end, old, new, text, constant=self.constant))

    def visit(self, node, parent) -> None:
        if node.kind in NO_VALUES:
            return
        constant = self.constant
        if node.kind.is_declaration() and node.kind is not CursorKind.NAMESPACE:
            word = constexpr_of(node)
            if word >= 0 and node.kind is not CursorKind.VAR_DECL:
                return  # it may be called while compiling
            if word >= 0:
                self.constant = word
        start, end = node.extent.start.offset, node.extent.end.offset
        if end > start:
            self.look_at(node, parent, start, end)
        children = list(node.get_children())
        if node.kind is CursorKind.CASE_STMT:
            children = children[1:]
        for child in children:
            # What stands before a name is its type, whose numbers the compiler has to know.
            if not node.kind.is_declaration() or child.extent.start.offset >= node.location.offset:
                self.visit(child, node)
        self.constant = constant

    def look_at(self, node, parent, start: int, end: int) -> None:
        kind = node.kind
        if kind is CursorKind.BINARY_OPERATOR:
            self.infix(list(node.get_children()), LOGICAL | COMPARISONS)
            if node.type.get_canonical().kind in NUMBERS:
                self.infix(list(node.get_children()), ARITHMETIC)
        elif kind is CursorKind.CALL_EXPR and node.spelling.startswith("operator"):
            self.overloaded(node, start, end)
        elif kind is CursorKind.UNARY_OPERATOR and self.text(start, end).startswith("!") and self.text(start, start + 2) != "!=":
            self.add("condition", start, end, "!", "", self.text(start + 1, end))
        elif kind in (CursorKind.INTEGER_LITERAL, CursorKind.FLOATING_LITERAL, CursorKind.CXX_BOOL_LITERAL_EXPR):
            self.literal(parent, start, end)
        elif kind in (CursorKind.IF_STMT, CursorKind.WHILE_STMT, CursorKind.CONDITIONAL_OPERATOR):
            self.branch(node, start)
        elif kind is CursorKind.RETURN_STMT:
            self.returned(node, start, end)
        if kind.is_expression() and parent is not None and parent.kind in BODIES and is_body(node, parent):
            self.statement(start, end)

    def infix(self, sides, replacements) -> None:
        if len(sides) != 2:
            return
        (left, left_end), (right, right_end) = sorted((side.extent.start.offset, side.extent.end.offset) for side in sides)
        old = self.text(left_end, right).strip()
        for new in replacements.get(old, []):
            text = f"({self.text(left, left_end)}) {new} ({self.text(right, right_end)})"
            kind = "condition" if old in LOGICAL | COMPARISONS else "value"
            self.add(kind, left, right_end, old, new, text)

    def overloaded(self, node, start: int, end: int) -> None:
        self.infix(list(node.get_arguments()), COMPARISONS)
        result, *types = [side.type.get_canonical().spelling for side in (node, *node.get_arguments())]
        if "chrono::" in result:
            # Two points in time have a difference and no sum.
            if "time_point" in result or not any("time_point" in one for one in types):
                self.infix(list(node.get_arguments()), ARITHMETIC)
            number = DURATION.fullmatch(self.text(start, end))
            if number:
                self.add("value", start, end, number[0], another(number[1]) + number[2], another(number[1]) + number[2])

    def literal(self, parent, start: int, end: int) -> None:
        if parent.kind.is_declaration() and self.source[:start].rstrip().endswith(b"["):
            return  # an array's size
        old = self.text(start, end)
        new = {"true": "false", "false": "true"}.get(old)
        if number := INTEGER.fullmatch(old):
            new = another(number[1]) + number[2]
        elif FLOATING.fullmatch(old):
            # One more changes nothing in a large one.
            value = float(old)
            new = {0.0: "1.0", 1.0: "0.0"}.get(value, repr(value + 1 if value < 1000 else 2 * value))
        if new is not None:
            self.add("value", start, end, old, new, new)

    def branch(self, node, start: int) -> None:
        condition = condition_of(node)
        if condition is None or self.text(start, start + 12).startswith("if constexpr"):
            return
        first, last = condition.extent.start.offset, condition.extent.end.offset
        word = {CursorKind.IF_STMT: "if", CursorKind.WHILE_STMT: "while"}.get(node.kind, "?:")
        if condition.kind is CursorKind.VAR_DECL:
            self.add("declared", first, last, word, "false", condition.spelling)
            return
        if node.kind is not CursorKind.WHILE_STMT:
            self.add("condition", first, last, word, "true", "true")
        self.add("condition", first, last, word, "false", "false")
        self.decided.add((first, last))

    def returned(self, node, start: int, end: int) -> None:
        value = next(node.get_children(), None)
        if value is None:
            return
        kind = value.type.get_canonical().kind
        first, last = value.extent.start.offset, value.extent.end.offset
        if kind is TypeKind.VOID:
            self.statement(start, end)
        elif kind is TypeKind.BOOL and self.text(first, last) not in ("true", "false"):
            self.add("condition", first, last, "return", "true", "true")
            self.add("condition", first, last, "return", "false", "false")
            self.decided.add((first, last))

    def statement(self, start: int, end: int) -> None:
        if self.source[end:end + 1] == b";" and not self.text(start, end).startswith("static_cast<void>"):
            instead = "return;" if self.text(start, end).startswith("return") else ""
            self.add("statement", start, end + 1, self.text(start, end), "", instead)


def another(number: str) -> str:
    return {"0": "1", "1": "0"}.get(number, str(int(number) + 1))


def constexpr_of(node) -> int:
    """Where the word stands; -1 without it."""
    for token in node.get_tokens():
        if token.spelling == "constexpr":
            return token.extent.start.offset
        if token.spelling in ("{", "(", "="):
            break
    return -1


def condition_of(node):
    """The condition, or the variable that is declared in its place."""
    children = list(node.get_children())
    if children and children[0].kind is CursorKind.DECL_STMT:
        children = children[1:]
    return children[0] if children else None


def is_body(node, parent) -> bool:
    if parent.kind in (CursorKind.COMPOUND_STMT, CursorKind.DEFAULT_STMT):
        return True
    children = list(parent.get_children())
    if parent.kind is CursorKind.IF_STMT:
        condition = condition_of(parent)
        place = children.index(condition) + (2 if condition.kind is CursorKind.VAR_DECL else 1)
        return node in children[place:]
    return node == children[-1]


def escaped(change: Change, lines: list[str]) -> bool:
    """By a comment on its line or on the lines right above."""
    found = [ESCAPE.search(lines[change.line - 1])]
    above = change.line - 2
    while above >= 0 and lines[above].lstrip().startswith("//"):
        found.append(ESCAPE.search(lines[above]))
        above -= 1
    return any(match and match["old"] in (None, change.old) and match["new"] in (None, change.new) for match in found)


def find(path: str, arguments: list[str]) -> list[Change]:
    unit = clang.cindex.Index.create().parse(path, args=["-x", "c++", *arguments])
    broken = [str(problem) for problem in unit.diagnostics if problem.severity >= clang.cindex.Diagnostic.Error]
    if broken:
        raise SystemExit(f"error: libclang does not understand {path}: {broken[0]}")
    with open(path, "rb") as file:
        source = file.read()
    finder = Finder(source)
    for node in unit.cursor.get_children():
        if node.location.file and node.location.file.name == path:
            finder.visit(node, None)
    lines = source.decode().split("\n")
    unique = {}
    for change in finder.changes:
        if change.old in TURNED and change.new == TURNED[change.old] and (change.start, change.end) in finder.decided:
            continue
        change.line = source.count(b"\n", 0, change.start) + 1
        unique.setdefault((change.start, change.end, change.kind, change.text), change)
    return sorted((change for change in unique.values() if not escaped(change, lines)), key=lambda c: (c.start, -c.end))
