"""Templates that would fill the memory or never end are errors, in time, and nothing else suffers."""

from __future__ import annotations

import signal
import sys
import threading

import pytest

from confman.errors import TemplateError
from confman.model.values import Template
from confman.templating import watch as watching
from confman.templating.bounds import MAX_STRING
from confman.templating.watch import TooLong, Watch
from confman.variables.scope import Scope
from tests.engine.stage import make_engine

ENGINE = make_engine()
LARGE = {"large": "x" * 10**6, "lines": "a\n" * 10**5}

BOMBS = [
    "range(10 ** 9) | list",
    "range(10 ** 9) | sum",
    "'x' * 10 ** 9",
    "10 ** 9 * 'x'",
    "[1] * 10 ** 9",
    "10 ** 100000000",
    "1 .__lshift__(10 ** 10)",
    "large.center(10 ** 10)",
    "'x'.ljust(10 ** 10)",
    "'x'.rjust(10 ** 10)",
    "'1'.zfill(10 ** 10)",
    "'\t'.expandtabs(10 ** 10)",
    "large.replace('x', large)",
    "large | replace('x', large)",
    "'{:>9999999999}'.format('x')",
    "'{x:>9999999999}'.format(x='x')",
    "'%0999999999d' % 1",
    "'%0999999999d' | format(1)",
    "'x' | center(10 ** 10)",
    "lines | indent(10 ** 5)",
    "'a' | indent(10 ** 10)",
    "([large] * 1000) | join",
    "'-'.join([large] * 1000)",
    "([''] * 100000) | join(large)",
    "range(10) | batch(10 ** 10, 'x')",
    "range(10) | slice(10 ** 9)",
    "range(12) | permutations",
    "range(1000) | product(range(1000), range(1000))",
    "range(1000) | product(repeat=4)",
    "range(40) | combinations(20)",
    "{'a': 1} | to_nice_json(indent=10 ** 9)",
    "1 | to_json(indent=10 ** 9)",
    "'x' | comment(prefix=large, prefix_count=1000)",
    "'x' | password_hash('sha512', rounds=999999999)",
    "query('sequence', 'count=1000000000')",
    "lookup('password', '/dev/null length=1000000000')",
    "('[' * 100000) | from_json",
    "('[' * 100000) | from_yaml",
]
LOOPS = [
    "{% set ns = namespace(s='x') %}{% for i in range(64) %}{% set ns.s = ns.s ~ ns.s %}{% endfor %}{{ ns.s }}",
    "{% set ns = namespace(s='x') %}{% for i in range(64) %}{% set ns.s = ns.s + ns.s %}{% endfor %}{{ ns.s }}",
    "{% set ns = namespace(s=[1]) %}{% for i in range(64) %}{% set ns.s = ns.s + ns.s %}{% endfor %}{{ ns.s }}",
    "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
    "{{ " + "(" * 5000 + "1" + ")" * 5000 + " }}",
]


def render(template: str) -> object:
    """The value of a template."""
    return ENGINE.render(Template(template), Scope((LARGE,), ENGINE))


@pytest.fixture(autouse=True, scope="module")
def little_memory():
    """What takes more than two gigabytes all the same must fail here and not the machine."""
    resource = pytest.importorskip("resource")
    before = resource.getrlimit(resource.RLIMIT_DATA)
    resource.setrlimit(resource.RLIMIT_DATA, (2 << 30, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_DATA, before)


@pytest.mark.parametrize("bomb", [*(f"{{{{ {each} }}}}" for each in BOMBS), *LOOPS])
def test_a_bomb_is_an_error(bomb):
    with pytest.raises(TemplateError) as caught:
        render(bomb)
    assert "MemoryError" not in caught.value.message


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("range(1000000) | length", 1_000_000),
        ("('x' * 1000000) | length", 1_000_000),
        ("2 ** 1000 > 0", True),
        ("'%08d' | format(5)", "00000005"),
        ("'{:>5}'.format('x')", "    x"),
        ("'x'.center(5)", "  x  "),
        ("'x' | center(5)", "  x  "),
        ("range(4) | permutations | list | length", 24),
        ("range(4) | permutations(5) | list | length", 0),
        ("range(4) | combinations(2) | list | length", 6),
        ("[1, 2] | product([3], repeat=2) | list | length", 4),
        ("[1, 2, 3] | batch(2) | list", [[1, 2], [3]]),
        ("['a', 'b'] | join('-')", "a-b"),
        ("'-'.join(['a', 'b'])", "a-b"),
        ("'aXb' | replace('X', '--')", "a--b"),
        ("'aXbX'.replace('X', '-', 1)", "a-bX"),
        ("'a\nb' | indent(2)", "a\n  b"),
        ("1 .__lshift__(4)", 16),
        ("'a' ~ 1 ~ none ~ [1]", "a1None[1]"),
        ("[1] + [2]", [1, 2]),
        ("'%s-%s' % (1, 2)", "1-2"),
        ("7 % 4", 3),
    ],
)
def test_what_is_of_common_size_is_computed(expression, value):
    assert render("{{ " + expression + " }}") == value


def test_the_largest_text():
    assert len(str(render("{{ 'x' * " + str(MAX_STRING) + " }}"))) == MAX_STRING


# -- time


@pytest.fixture
def soon(monkeypatch):
    """A watch whose patience ends with the first second."""
    monkeypatch.setattr(watching, "MAX_SECONDS", 1)


@pytest.mark.parametrize(
    "endless",
    [
        "{% for a in range(1000000) %}{% for b in range(1000000) %}{% endfor %}{% endfor %}",
        "{{ ('a' * 40 ~ 'b') | regex_search('^(a+)+$') }}",
        "{{ ('a' * 40 ~ '!') is match('(a|a)*$') }}",
        "{{ ('a' * 40 ~ 'b') | regex_replace('(a*)*c', '') }}",
        "{{ [('a' * 40 ~ 'b') | regex_findall('^(a+)+$')] | default('x') }}",
        "{% for a in range(1000000) %}{{ range(1000) | map('string') | list | length }}{% endfor %}",
    ],
)
def test_what_does_not_end_is_ended(soon, endless):
    with ENGINE.watch.installed(), pytest.raises(TemplateError, match="more than 1 seconds to compute"):
        render(endless)
    assert render("{{ 1 + 1 }}") == 2


def test_a_condition_that_does_not_end_is_ended(soon):
    condition = Template("('a' * 40 ~ 'b') is match('^(a+)+$')")
    with ENGINE.watch.installed(), pytest.raises(TemplateError, match="seconds to compute"):
        ENGINE.condition_value(condition, Scope((), ENGINE))


def test_time_counts_only_within_an_expression():
    watch = Watch()
    for _second in range(100):
        watch.tick()
    with watch:
        for _second in range(watching.MAX_SECONDS - 1):
            watch.tick()
    with watch:
        watch.tick()


def test_an_expression_within_another_counts_for_that():
    watch = Watch()

    def inner():
        with watch:
            for _second in range(watching.MAX_SECONDS - 1):
                watch.tick()

    def outer():
        with watch:
            inner()
            inner()

    with pytest.raises(TemplateError, match="seconds to compute"):
        outer()
    inner()


def test_no_filter_can_take_the_end_for_its_own_failure():
    assert not issubclass(TooLong, Exception)


def test_what_was_installed_before_is_there_again():
    before = signal.getsignal(signal.SIGVTALRM)
    with Watch().installed():
        assert signal.getsignal(signal.SIGVTALRM) != before
    assert signal.getsignal(signal.SIGVTALRM) == before
    assert signal.getitimer(signal.ITIMER_VIRTUAL)[0] == 0


def test_in_another_thread_nothing_is_installed():
    failed = []

    def run():
        try:
            with Watch().installed():
                pass
        except ValueError:
            failed.append(sys.exc_info())

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    assert failed == []


def test_a_value_that_is_very_often_in_itself_is_an_error(monkeypatch):
    monkeypatch.setattr("confman.templating.lazy.MAX_PARTS", 100_000)
    laughs = "a: &a [x, x, x, x, x, x, x, x, x]\n"
    laughs += "".join(f"{c}: &{c} [{', '.join(['*' + chr(ord(c) - 1)] * 9)}]\n" for c in "bcdefghij")
    for text in ("{{ text | from_yaml }}", "{{ (text | from_yaml).j }}", "x{{ (text | from_yaml).h }}"):
        with pytest.raises(TemplateError, match="more than 100000 parts"):
            ENGINE.render(Template(text), Scope(({"text": laughs},), ENGINE))
    assert ENGINE.render(Template("{{ (text | from_yaml).j | length }}"), Scope(({"text": laughs},), ENGINE)) == 9
