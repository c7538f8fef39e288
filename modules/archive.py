"""Archives and compressed files made of files."""

from __future__ import annotations

import glob
import os
import re
from typing import TYPE_CHECKING, Annotated, Any, Literal

from confman.kit import Change, Failure, Mode, Path, Warn
from confman.kit.attributes import Attributes, plan
from confman.kit.content import FileData
from confman.kit.files import remove_path
from confman.kit.packing import Packing, below, compress, is_compressed
from confman.kit.replace import How, replace_file
from confman.kit.scratch import scratch

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

_ARCHIVE = re.compile(r"\.(tar|tar\.(gz|bz2|xz)|tgz|tbz2|zip)$", re.IGNORECASE)


def archive(
    path: list[Path],
    format: Literal["bz2", "gz", "tar", "xz", "zip"] = "gz",
    dest: Path | None = None,
    exclude_path: list[Path] | None = None,
    exclusion_patterns: list[Path] | None = None,
    force_archive: bool = False,
    remove: bool = False,
    mode: Mode | None = None,
    owner: str | None = None,
    group: str | None = None,
    seuser: str | None = None,
    serole: str | None = None,
    setype: str | None = None,
    selevel: str | None = None,
    attributes: Annotated[str | None, "attr"] = None,
    unsafe_writes: bool = False,
) -> Generator[Change | Warn, None, dict[str, Any]]:
    """Keep an archive of files and folders, or a compressed copy of one file.

    An archive that holds the same already, content for content, is left as it is.

    Args:
        path: What goes in: paths, or patterns with * and ?.
        format: How it is compressed; tar: not at all. gz, bz2 and xz of several files are compressed tar archives.
        dest: The archive. Only a single file can do without: FILE.gz.
        exclude_path: Paths, or patterns, that `path` shall not mean.
        exclusion_patterns: What matches is left out, at any depth: names in the archive, for zip whole paths.
        force_archive: Make an archive of a single file too, instead of only compressing it.
        remove: Remove what was packed.
        mode: Permissions: "0644", or symbolic such as "u=rw,g=r".
        owner: Name or number of the user who shall own it.
        group: Name or number of the group that shall own it.
        seuser: User part of the SELinux label; `_default` takes the policy's.
        serole: Role part of the SELinux label.
        setype: Type part of the SELinux label.
        selevel: Level part of the SELinux label (MLS/MCS range).
        attributes: File system flags as chattr takes them: "+i", "-a", "=ad".
        unsafe_writes: Allow overwriting in place where a file cannot be replaced safely.

    Returns:
        dest: The archive.
        dest_state: archive, compress, incomplete (an archive that lacks some of `path`) or absent.
        archived: What is in it.
        missing: What of `path` is not there.
        arcroot: The folder that names in the archive are relative to.
        expanded_paths, expanded_exclude_paths: What the patterns mean.

    Examples:
        - archive:
            path: /srv/app
            dest: /backup/app.tgz
            mode: "0600"
        - archive:
            path: /var/log/app.log
            format: xz
            remove: true
        - archive:
            path: [/etc/app, /srv/app/*]
            exclude_path: [/srv/app/cache]
            exclusion_patterns: ["*.pyc"]
            dest: /backup/all.zip
            format: zip

    Platforms: any with Python 3.6 and POSIX files.
    """
    sources = _Sources(path, exclude_path)
    several = force_archive or sources.several()
    dest = dest or _default_dest(sources, format, several)
    if remove:
        _check_removal(sources.paths, dest)
    how = How(Attributes(owner, group, mode, seuser, serole, setype, selevel, attributes), unsafe_writes=unsafe_writes)
    work = _Work(sources, dest, format, several or format in ("tar", "zip"), exclusion_patterns)
    made = bool(sources.there) and not work.fits()
    if made:
        yield work.change(how)
    yield from plan(dest, how.wish, follow=True, planned="file" if made and not os.path.exists(dest) else "")
    if remove:
        yield from _removals(sources, work.told())
    return work.told()


def _default_dest(sources: _Sources, form: str, several: bool) -> str:
    if several:
        raise Failure("dest is required when archiving several files or a folder", path=", ".join(sources.paths))
    return "{}.{}".format(sources.paths[0], form)


def _check_removal(paths: list[str], dest: str) -> None:
    for each in paths:
        if os.path.isdir(each) and dest.startswith(os.path.join(each, "")):
            raise Failure("{} lies in {}, which is to be removed: choose another dest".format(dest, each))


def _removals(sources: _Sources, told: dict[str, Any]) -> Iterator[Change]:
    for each in sources.there:
        yield Change("file", each, before="present", after=None, do=_remover(each, told))


def _remover(path: str, told: dict[str, Any]) -> Any:
    def act() -> dict[str, Any]:
        remove_path(path)
        return told  # the plan afterwards no longer knows what was packed

    return act


class _Sources:
    """What goes in. Raises Failure when there is nothing at all."""

    def __init__(self, given: list[str], excluded: list[str] | None) -> None:
        self.expanded, self.globby = _expand(given)
        self.excluded = _expand(excluded or [])[0]
        self.paths = sorted(set(self.expanded) - set(self.excluded))
        if not self.paths:
            raise Failure(
                "Error, no source paths were found: nothing matches {}".format(", ".join(given)),
                expanded_paths=self.expanded,
                expanded_exclude_paths=self.excluded,
            )
        self.there = [each for each in self.paths if os.path.lexists(each)]
        self.root = os.path.join(os.path.commonpath([os.path.dirname(each) for each in self.paths]), "")

    def several(self) -> bool:
        """Whether only an archive can hold them."""
        return self.globby or len(self.paths) > 1 or os.path.isdir(self.paths[0])

    def members(self) -> list[tuple[str, str]]:
        """(path, name in the archive) of every object."""
        found = []
        for each in self.there:
            folder = os.path.isdir(each) and not os.path.islink(each)
            found += below(each) if folder else [each]
        return [(each, each[len(self.root) :] if each.startswith(self.root) else each) for each in found]


def _expand(given: list[str]) -> tuple[list[str], bool]:
    found, globby = [], False
    for each in (os.path.join(os.getcwd(), one) for one in given):
        if "*" in each or "?" in each:
            globby = True
            found += sorted(glob.glob(each))
        else:
            found.append(each)
    return found, globby


class _Work:
    """The making of one archive, or compressed file."""

    def __init__(self, sources: _Sources, dest: str, form: str, packed: bool, patterns: list[str] | None) -> None:
        self.sources = sources
        self.dest = dest
        self.form = form
        self.packing = Packing(form, sources.members(), patterns or []) if packed else None

    def names(self) -> list[str]:
        """The paths of what is in it."""
        return [path for path, _name in self.packing.members] if self.packing else self.sources.there

    def fits(self) -> bool:
        """Whether it is there already."""
        if self.packing is None:
            return is_compressed(self.sources.paths[0], self.dest, self.form)
        return os.path.exists(self.dest) and self.packing.found(self.dest) == self.packing.wanted()

    def change(self, how: How) -> Change:
        """The change that makes it."""
        return Change(
            "file",
            self.dest,
            before="archive" if os.path.exists(self.dest) else None,
            after=self.state(),
            do=lambda: self.write(how),
            diff={"before": {"path": self.dest}, "after": {"path": self.dest, "archived": self.names()}},
        )

    def state(self) -> str:
        """What it is, or will be."""
        if not self.sources.there:
            if not os.path.exists(self.dest):
                return "absent"
            return "archive" if _ARCHIVE.search(self.dest) else "compress"
        if self.packing is None:
            return "compress"
        return "incomplete" if len(self.sources.there) < len(self.sources.paths) else "archive"

    def write(self, how: How) -> dict[str, Any]:
        """Make it beside its place, and put it there."""
        try:
            with scratch(os.path.dirname(os.path.abspath(self.dest))) as folder:
                made = os.path.join(folder, "archive")
                if self.packing is not None:
                    self.packing.write(made)
                else:
                    compress(self.sources.paths[0], made, self.form)
                replace_file(self.dest, FileData(made), how)
        except FileNotFoundError:
            raise Failure("the folder of {} does not exist: make it first".format(self.dest), dest=self.dest) from None
        return self.told()

    def told(self) -> dict[str, Any]:
        """The result."""
        sources = self.sources
        return {
            "dest": self.dest,
            "dest_state": self.state(),
            "archived": self.names(),
            "missing": [each for each in sources.paths if each not in sources.there],
            "arcroot": sources.root,
            "expanded_paths": sources.expanded,
            "expanded_exclude_paths": sources.excluded,
        }
