"""Where we give something else than the reference on purpose: a pattern of the template, and the reason."""

from __future__ import annotations

import re

from .compare import Difference

LENIENT = [
    (r"range\(", "a range is given as the list that it stands for; the reference refuses it as a value"),
    (r" is filter", "to ask it of a list is no error"),
    (
        r"groupby\('shell',default|map\(attribute='shell',default",
        "`default` is honoured; the reference fails on what lacks it",
    ),
    (r"omit.*to_(nice_)?(yaml|json)", "what is omitted is left out of YAML and JSON; the reference fails"),
    (r"query\('subelements',users.*users\|map", "a part that is not there counts where it is used"),
    (r"map\(attribute='shell'\).*combine", "a part that is not there does not count where another takes its place"),
    (r"broken|missing|undef|nope|no_such|division", "a broken part counts where it is used, not where it is passed on"),
    (r"sort\(attribute='\w+'", "the only item of a list needs no attribute to be sorted by"),
    (r"from_yaml_all", "a text that is marked safe is text"),
    (r"attr\('keys'\)", "a method in a text"),
    (r"groupby.*to_(nice_|)yaml", "a group is a list"),
    (r"\.(count|index)\(", "a broken item counts where it is used, not where a list is searched"),
    (r"comment", "a number or a date makes a comment as its text does"),
    (r"nested\[1\]", "an undefined item counts where it is used"),
    (r"intersect\(|difference\(|union\(", "lists in lists are compared even where one of them cannot be hashed"),
]
"""We give a value, the reference an error."""

OTHER = [
    (
        r"\b(is|is not) (directory|file|exists|link|link_exists|mount|same_file|vaulted_file)\b",
        "a number is no path; the reference takes it for an open file's",
    ),
    (
        r"indexed_items.*range|\(range\(|macro.*range",
        "a range is the list that it stands for, also inside other values",
    ),
    (r"type_debug", "the name of the type of an undefined value is the implementation's own"),
    (r" is filter", "none is the name of no filter"),
    (r"groupby", "in a text, a group is written as the list that it is as a value; the reference writes a tuple"),
    (r"lookup\('list',range", "a list of one list is that list"),
    (r"\.(count|index)\(", "a list is searched by what its items are worth, which one of them cannot say"),
    (r"\|\s*(e|escape|forceescape)\b", "what was escaped is a text like others afterwards"),
    (r"urlsplit", "what is no text has no parts of a URL; the reference takes 0 for an empty one"),
    (r"attr\('keys'\)", "the text of a method tells where in the memory its mapping is"),
    (
        r"\bday\b.*to_datetime|to_datetime.*\bday\b",
        "a day is no moment; the reference's own class of days compares the days",
    ),
    (r"\b(query|q|lookup)\(.*'\{\{", "a text within an argument of a lookup is a template wherever it stands there"),
    (r"query\('subelements'.*users", "the reference's lookup takes the list out of the variable itself"),
]
"""Two values, or an error where the reference gives a value."""


def reason(difference: Difference) -> str | None:
    """Why a difference is right, if that is known."""
    lenient = "value" in difference.ours and "error" in difference.theirs
    table = LENIENT if lenient else OTHER
    return next((why for pattern, why in table if re.search(pattern, difference.template)), None)
