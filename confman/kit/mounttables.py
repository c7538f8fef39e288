"""Tables of mounts in the forms that systems have: fstab, vfstab, mnttab, AIX's filesystems, `mount`'s output."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    Rows = list[tuple[str, dict[str, Any]]]

_LINUX = re.compile(r"(?P<device>\S+) on (?P<mount>\S+) type (?P<fstype>\S+) \((?P<options>.+)\)$")
_BSD = re.compile(r"(?P<device>\S+) on (?P<mount>\S+) \((?P<fstype>[^,]+)(?:\s*,\s*(?P<options>.+))?\)$")
_AIX = re.compile(
    r"(?P<node>\S*)\s+(?P<mounted>\S+)\s+(?P<mount>\S+)\s+(?P<fstype>\S+)\s+"
    r"(?P<time>\S+\s+\d+\s+\d+:\d+)\s+(?P<options>.*)$"
)
_OCTAL = re.compile(r"\\([0-7]{3})")


def parse_table(text: str) -> Rows:
    """The rows of a file, each as its source text and its fields, by the first form that fits; none when none does."""
    for parse in (_vfstab, _mnttab, _fstab, _filesystems):
        try:
            return list(parse(text.splitlines()))
        except (IndexError, ValueError):
            continue
    return []


def parse_mount(text: str) -> Rows:
    """The rows of what the program `mount` prints, on Linux, the BSDs, macOS and AIX."""
    lines = text.splitlines()
    forms = (
        (_LINUX, lines),
        (_BSD, [line for line in lines if not line.startswith("map ")]),
        (_AIX, lines[2:]),
    )  # type: tuple[tuple[re.Pattern[str], list[str]], ...]
    for pattern, wanted in forms:
        matches = [pattern.match(line) for line in wanted]
        if wanted and all(matches):
            return [(match.string, _printed(match)) for match in matches if match]
    return []


def _printed(match: re.Match[str]) -> dict[str, Any]:
    fields = {name: value for name, value in match.groupdict().items() if value is not None}
    if "mounted" in fields:
        node, device = fields.pop("node"), fields.pop("mounted")
        fields["device"] = "{}:{}".format(node, device) if node else device
    return fields


def _told(lines: list[str]) -> Iterator[tuple[str, list[str]]]:
    for line in lines:
        if line.strip() and not line.strip().startswith("#"):
            yield line, line.split()


def _fstab(lines: list[str]) -> Iterator[tuple[str, dict[str, Any]]]:
    for line, words in _told(lines):
        fields = [_OCTAL.sub(lambda match: chr(int(match.group(1), 8)), word) for word in words]
        row = {"device": fields[0], "mount": fields[1], "fstype": fields[2], "options": fields[3]}  # type: dict[str, Any]
        row.update({name: int(fields[at]) for at, name in ((4, "dump"), (5, "passno")) if at < len(fields)})
        yield line.strip(), row


def _vfstab(lines: list[str]) -> Iterator[tuple[str, dict[str, Any]]]:
    for line, words in _told(lines):
        yield (
            line,
            {
                "device": words[0],
                "device_to_fsck": words[1],
                "mount": words[2],
                "fstype": words[3],
                "passno": int(words[4]) if words[4].isdigit() else words[4],
                "mount_at_boot": words[5],
                "options": words[6],
            },
        )


def _mnttab(lines: list[str]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Rows whose fifth field is the time of the mount, which tells them from those of fstab."""
    if not any(len(line.split()[4]) == 10 for line in lines):
        raise ValueError("no times")
    for line in lines:
        words = line.split()
        row = {"device": words[0], "mount": words[1], "fstype": words[2], "options": words[3]}  # type: dict[str, Any]
        yield line, dict(row, time=int(words[4]))


def _filesystems(lines: list[str]) -> Iterator[tuple[str, dict[str, Any]]]:
    for stanza in _stanzas(lines):
        pairs = (line.partition("=") for line in stanza[1:])
        attributes = {name.strip(): value.strip() for name, _equals, value in pairs}
        device = ":".join(attributes[name] for name in ("nodename", "dev") if attributes.get(name))
        yield (
            "\n".join(stanza),
            {
                "mount": stanza[0].rstrip()[:-1],
                "device": device or "unknown",
                "fstype": attributes.get("vfs") or "unknown",
                "attributes": attributes,
            },
        )


def _stanzas(lines: list[str]) -> list[list[str]]:
    """The stanzas of AIX's /etc/filesystems; none for Linux's file of that name, which lists kinds only."""
    found = []  # type: list[list[str]]
    for line in lines:
        if line.startswith("*") or not line.strip():
            continue
        if line.rstrip().endswith(":"):
            found.append([line])
        elif "=" in line and found:
            found[-1].append(line)
        else:
            return []
    return found
