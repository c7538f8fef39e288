"""Generated templates: a seed and a number make one, the same always."""

from __future__ import annotations

import random
import re

from .grammar import KINDS, STATEMENTS

_SLOT = re.compile(r"<(str|int|float|small|bool|list|map|any|numlist|floatlist|boollist)>")
_MASK = re.compile(r"'[^']*'|\"[^\"]*\"")
DEPTH = 3
WRONG = 0.04
"""How often another kind of value is put in than is asked for."""


def _forms(lines: list[str]) -> list[str]:
    """The forms of a kind: separated by blanks that are outside of quotes, brackets and tests' words."""
    return [form for line in lines for form in split(line)]


def split(line: str) -> list[str]:
    """The forms in a line; a blank inside quotes or brackets, or beside an operator's word, divides nothing."""
    forms: list[str] = []
    depth, quote, word = 0, "", ""
    for character in line:
        if quote:
            quote = "" if character == quote else quote
        elif character in "'\"":
            quote = character
        elif character in "([{":
            depth += 1
        elif character in ")]}":
            depth -= 1
        elif character == " " and not depth:
            forms.append(word)
            word = ""
            continue
        word += character
    return _joined([*forms, word])


_WORDS = {"is", "in", "not", "and", "or", "if", "else"}


def _joined(words: list[str]) -> list[str]:
    """Words that an operator's word binds, as one form."""
    forms: list[str] = []
    open_ended = False
    for word in words:
        if forms and (open_ended or (word in _WORDS and (word != "not" or forms[-1] == "<any>"))):
            forms[-1] += " " + word
        else:
            forms.append(word)
        open_ended = word in _WORDS or bool(forms[-1].endswith((" is lt", " is sameas", " is in")))
    return forms


FORMS = {kind: _forms(lines) for kind, lines in KINDS.items()}
_LEAVES = {kind: [form for form in forms if "<" not in form] for kind, forms in FORMS.items()}


class Generator:
    """Makes one template."""

    def __init__(self, seed: int, number: int) -> None:
        self.random = random.Random(f"{seed}/{number}")

    def template(self) -> str:
        """A template: an expression alone, three times of four."""
        if self.random.random() < 0.25:
            return self._filled(self.random.choice(STATEMENTS), DEPTH - 1)
        kind = self.random.choice(["str", "str", "int", "float", "bool", "bool", "list", "list", "map", "any"])
        return "{{ " + self.expression(kind, DEPTH) + " }}"

    def expression(self, kind: str, depth: int) -> str:
        """An expression of a kind, of that depth at most."""
        if self.random.random() < WRONG:
            kind = self.random.choice(["str", "int", "list", "map", "any", "bool"])
        deep = depth == DEPTH or (depth > 0 and self.random.random() < 0.8)
        forms = FORMS[kind] if deep else _LEAVES[kind] or FORMS[kind]
        form = self.random.choice(forms)
        filled = self._filled(form, depth - 1)
        return f"({filled})" if depth < DEPTH and filled != form else filled

    def _filled(self, form: str, depth: int) -> str:
        return _SLOT.sub(lambda found: self.expression(found[1], depth), form)


def templates(seed: int, count: int, first: int = 0) -> list[str]:
    """So many templates of a seed."""
    return [Generator(seed, number).template() for number in range(first, first + count)]
