"""RPM packages by zypper."""

from __future__ import annotations

import re
from types import SimpleNamespace
from typing import TYPE_CHECKING, Annotated, Any, Literal

from confman.kit import Change, Failure, rules
from confman.kit.programs import need
from confman.kit.words import split_words
from confman.kit.zypp import Step, ask, messages, parse_names, parse_summary, scripts_failed, transactional

if TYPE_CHECKING:
    from collections.abc import Generator

_SPEC = re.compile(r"^([-+~]?)(.+?)((?:<=|>=|<|>|=)[\w.:~^-]+)?$")
_VERBS = ("install", "remove", "update", "patch", "dist-upgrade")
_WORDS = {"to-install": "installed", "to-remove": "removed", "to-upgrade": "upgraded", "to-downgrade": "downgraded"}


@rules(verify=False)
def zypper(
    name: Annotated[list[str], "pkg"],
    state: Literal["absent", "installed", "latest", "present", "removed", "dist-upgrade"] = "present",
    type: Literal["package", "patch", "pattern", "product", "srcpackage", "application"] = "package",
    update_cache: Annotated[bool, "refresh"] = False,
    disable_gpg_check: bool = False,
    disable_recommends: bool = True,
    force: bool = False,
    force_resolution: bool = False,
    oldpackage: bool = False,
    replacefiles: bool = False,
    allow_vendor_change: bool = False,
    clean_deps: bool = False,
    extra_args: str | None = None,
    extra_args_precommand: str | None = None,
    simple_errors: bool = False,
    quiet: bool = True,
    skip_post_errors: bool = False,
) -> Generator[Change, None, dict[str, Any]]:
    """Keep packages, patterns, patches or products installed, up to date or away, by zypper.

    A dry run is zypper's own: it names every package that would be installed, changed or removed.

    Args:
        name: Packages: a name, name=1.0, "name>=3.4", an rpm file or its address; "*" for all, with latest or
            dist-upgrade. "-name" (or "~name") removes and "+name" installs, in the same transaction.
        state: present (installed), latest, absent (removed), or dist-upgrade of everything.
        type: What the names are of.
        update_cache: Refresh the repositories before.
        disable_gpg_check: Take what has no or a wrong signature.
        disable_recommends: Install nothing that is only recommended.
        force: Install anew, though it may be older or of another vendor.
        force_resolution: Let the solver find a way.
        oldpackage: Allow an older version; implied where a version is given.
        replacefiles: Overwrite files of other packages.
        allow_vendor_change: With dist-upgrade: packages of other vendors may replace those that are here.
        clean_deps: When removing: also what is needed by nothing else then.
        extra_args: Further options of the command.
        extra_args_precommand: Further options of zypper, before the command.
        simple_errors: Give only zypper's messages in stdout.
        quiet: Have zypper say less.
        skip_post_errors: Scripts of packages that fail are no failure.

    Returns:
        name, state, update_cache: As asked.
        rc, stdout, stderr, cmd: Of zypper.

    Examples:
        - zypper:
            name: [nmap, "apache2>=2.4"]
        - zypper:
            name: "*"
            state: dist-upgrade
        - zypper:
            name: lamp_server
            type: pattern
            state: absent

    Platforms: SUSE; any Linux with zypper.
    """
    wish = SimpleNamespace(**locals())
    names = [each for each in name if each]
    told = {"name": names, "state": state, "update_cache": update_cache}  # type: dict[str, Any]
    if update_cache:
        ask(_argv(wish, "refresh"))
    argv = _command(wish, names)
    if argv is None:
        return dict(told, rc=0)
    foreseen = ask(_dry(argv))
    steps = parse_summary(foreseen.out)
    for number, step in enumerate(steps):
        yield Change(
            type,
            step.name,
            before=step.before or None,
            after=step.after or None,
            do=(lambda: _do(wish, argv)) if not number else _nothing,
            diff={"prepared": _prepared(steps)} if not number else {},
            once=True,
        )
    return dict(told, rc=0, cmd=argv)


def _nothing() -> None:
    """The action of a package that another's action handles too."""


def _do(wish: Any, argv: list[str]) -> dict[str, Any]:
    done = ask(argv)
    if scripts_failed(done) and not wish.skip_post_errors:
        text = "scripts of packages failed: {} (skip_post_errors lets them)".format(messages(done.out) or done.err)
        raise Failure(text, changed=True, cmd=argv, **done.data())
    return dict(done.data(), cmd=argv, stdout=messages(done.out) if wish.simple_errors else done.out)


def _prepared(steps: list[Step]) -> str:
    """What changes, in lines for people."""
    lines = {}  # type: dict[str, list[str]]
    for step in steps:
        both = " ({} => {})".format(step.before, step.after) if step.before and step.after else ""
        lines.setdefault(_WORDS.get(step.group, step.group), []).append(step.name + both)
    return "".join("{}: {}\n".format(word, ", ".join(names)) for word, names in lines.items())


def _command(wish: Any, names: list[str]) -> list[str] | None:
    """The whole command line; None where nothing is to be done. Raises Failure."""
    if names == ["*"] and wish.state in ("latest", "dist-upgrade"):
        return _argv(wish, _verb_for_all(wish))
    if wish.state == "dist-upgrade":
        raise Failure("Can not dist-upgrade specific packages.")
    files = [each for each in names if _is_file(each)]
    specs = [_spec(each) for each in names if not _is_file(each)]
    if wish.state in ("absent", "removed"):
        return _removal(wish, specs, files)
    wanted = files + _wanted(wish, specs)
    return [*_argv(wish, "install"), "--", *wanted] if wanted else None


def _verb_for_all(wish: Any) -> str:
    if wish.type == "patch":
        return "patch"
    return "dist-upgrade" if wish.state == "dist-upgrade" else "update"


def _is_file(name: str) -> bool:
    return "://" in name or name.endswith(".rpm")


def _wanted(wish: Any, specs: list[tuple[str, str, str]]) -> list[str]:
    """What zypper is to install (+) and remove (-); without what is so already, unless the latest is asked for."""
    unversioned = [name for _sign, name, version in specs if not version]
    wish.oldpackage = wish.oldpackage or len(unversioned) < len(specs)
    if wish.state == "latest":
        return [(sign or "+") + name + version for sign, name, version in specs]
    there = _there(wish, unversioned)
    return [(sign or "+") + name + version for sign, name, version in specs if _is_open(sign, name, version, there)]


def _is_open(sign: str, name: str, version: str, there: set[str]) -> bool:
    """Whether zypper is to be asked: for a version always, else where what is there is not what is wanted."""
    return bool(version) or (sign == "-") == (name in there)


def _spec(text: str) -> tuple[str, str, str]:
    """Sign ("" where there is none), name and version of a package as it is asked for."""
    match = _SPEC.match(text.strip())
    if match is None or match.group(2).startswith("-"):
        raise Failure("{!r} is not the name of a package".format(text))
    sign, name, version = match.groups()
    return "-" if sign == "~" else sign, name, version or ""


def _removal(wish: Any, specs: list[tuple[str, str, str]], files: list[str]) -> list[str] | None:
    if any(sign == "+" for sign, _name, _version in specs):
        raise Failure("Can not combine '+' prefix with state=remove/absent.")
    if files:
        raise Failure("Can not remove via URL.")
    if wish.type == "patch":
        raise Failure("Can not remove patches.")
    there = _there(wish, [name for _sign, name, _version in specs])
    gone = [name + version for _sign, name, version in specs if name in there]
    return [*_argv(wish, "remove"), "--", *gone] if gone else None


def _there(wish: Any, names: list[str]) -> set[str]:
    """Those of the names that are installed. Raises Failure."""
    if not names:
        return set()
    argv = [need("zypper"), "--non-interactive", "--xmlout", "--quiet", "--disable-repositories", "search"]
    try:
        words = ["--type", wish.type, "--match-exact", "--details", "--installed-only", "--", *names]
        return parse_names(ask([*argv, *words]).out)
    except Failure as failure:
        if "_lacks" not in failure.data:
            raise
        return set()


def _argv(wish: Any, verb: str) -> list[str]:
    """zypper with its options and those of the verb."""
    argv = [*transactional(), need("zypper"), "--non-interactive", "--xmlout", *(["--quiet"] if wish.quiet else [])]
    argv += split_words(wish.extra_args_precommand or "", "extra_args_precommand")
    if wish.disable_gpg_check and verb != "remove":
        argv.append("--no-gpg-checks")
    argv.append(verb)
    if verb in ("install", "remove", "update"):
        argv += ["--type", wish.type]
    argv += _options(wish, verb)
    return argv if verb == "refresh" else argv + split_words(wish.extra_args or "", "extra_args")


def _options(wish: Any, verb: str) -> list[str]:
    installing = verb in ("install", "update", "patch", "dist-upgrade")
    chosen = [
        ("--auto-agree-with-licenses", installing),
        ("--no-recommends", installing and wish.disable_recommends),
        ("--force", installing and wish.force),
        ("--force-resolution", installing and wish.force_resolution),
        ("--oldpackage", installing and wish.oldpackage),
        ("--replacefiles", installing and wish.replacefiles),
        ("--clean-deps", verb == "remove" and wish.clean_deps),
        ("--allow-vendor-change", verb == "dist-upgrade" and wish.allow_vendor_change),
    ]
    return [option for option, given in chosen if given]


def _dry(argv: list[str]) -> list[str]:
    """The same command as a dry run."""
    verb = next(
        number for number, word in enumerate(argv) if word in ("install", "remove", "update", "patch", "dist-upgrade")
    )
    return [*argv[: verb + 1], "--dry-run", *argv[verb + 1 :]]
