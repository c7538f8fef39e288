"""RPM packages by dnf or yum."""

from __future__ import annotations

import os
from types import SimpleNamespace
from typing import TYPE_CHECKING, Annotated, Any, Literal

from confman.kit import Change, Failure, Path, Warn, rules
from confman.kit.commands import check
from confman.kit.dnf import find_backend
from confman.kit.dnfjob import Job, options_of, split_names
from confman.kit.dnflist import list_items
from confman.kit.rpm import Installed

if TYPE_CHECKING:
    from collections.abc import Generator

_NO_ROOT = "This command has to be run under the root user."


@rules(
    verify=False,
    one_of=[("name", "list", "update_cache", "autoremove")],
    exclusive=[("name", "list"), ("best", "nobest")],
)
def dnf(
    name: Annotated[list[str] | None, "pkg"] = None,
    state: Literal["absent", "installed", "latest", "present", "removed"] | None = None,
    list: str | None = None,
    enablerepo: list[str] | None = None,
    disablerepo: list[str] | None = None,
    exclude: list[str] | None = None,
    disable_excludes: str | None = None,
    conf_file: Path | None = None,
    installroot: Path = "/",
    releasever: str | None = None,
    autoremove: bool = False,
    skip_broken: bool = False,
    update_cache: Annotated[bool, "expire-cache"] = False,
    update_only: bool = False,
    security: bool = False,
    bugfix: bool = False,
    enable_plugin: list[str] | None = None,
    disable_plugin: list[str] | None = None,
    disable_gpg_check: bool = False,
    validate_certs: bool = True,
    sslverify: bool = True,
    allow_downgrade: bool = False,
    allowerasing: bool = False,
    best: bool | None = None,
    nobest: bool | None = None,
    cacheonly: bool = False,
    install_weak_deps: bool = True,
    install_repoquery: bool = True,
    download_only: bool = False,
    download_dir: Path | None = None,
    lock_timeout: int = 30,
    auto_install_module_deps: bool = True,
    use_backend: Literal["auto", "dnf", "yum", "yum4", "dnf4", "dnf5"] = "auto",
) -> Generator[Change | Warn, None, dict[str, Any]]:
    """Keep RPM packages installed, up to date or away, by dnf (4 or 5) or yum.

    The programs do the work, so Python modules of dnf are not needed. A dry run is dnf's own: it names every package
    that would be installed, upgraded or removed. What is installed already is found by rpm, without dnf.

    Args:
        name: Packages: a name, name-1.0, "name >= 1.0" (with spaces), name.arch, a pattern, a file that a package
            brings (/usr/bin/cowsay), an rpm file or its address, @group, @module:stream/profile; "*" for all, with
            state=latest.
        state: present (installed), latest, or absent (removed). Default: present; with autoremove alone: absent.
        list: Only tell of packages: installed, updates, available, repos, or a name.
        enablerepo: Repositories to enable for this.
        disablerepo: Repositories to disable for this.
        exclude: Packages to leave out.
        disable_excludes: Do without the excludes of the configuration: all, main, or of a repository.
        conf_file: Another dnf.conf.
        installroot: Another root to install into.
        releasever: The release to install from.
        autoremove: Remove what was installed only because something needed it that is gone; alone, or with absent.
        skip_broken: Leave out what is not there or cannot be installed, without an error.
        update_cache: Fetch the metadata anew, however old it is.
        update_only: With latest: upgrade what is installed, install nothing new.
        security: With latest: only what is marked as security related.
        bugfix: With latest: only what is marked as bug fixes.
        enable_plugin: Plugins to enable for this.
        disable_plugin: Plugins to disable for this.
        disable_gpg_check: Take packages without or with wrong signatures.
        validate_certs: Check the certificate of the server that an rpm file comes from.
        sslverify: Check the certificates of the repositories' servers.
        allow_downgrade: Let an older version that is named replace a newer one.
        allowerasing: Let installed packages be removed where they are in the way.
        best: Take the newest version or fail; if not, an older one that can be installed.
        nobest: The opposite of best.
        cacheonly: Do with the metadata that is here.
        install_weak_deps: Install what is recommended, too.
        install_repoquery: Has no effect.
        download_only: Only download.
        download_dir: Where to.
        lock_timeout: Seconds to wait while another process uses dnf.
        auto_install_module_deps: Has no effect: dnf resolves dependencies.
        use_backend: The program: dnf (dnf4) or dnf5; auto: what the host has.

    Returns:
        msg: Nothing to do, or what went wrong.
        results: What was installed and removed, a line each; with `list` what was found.
        rc: The exit code.
        failures: Why packages could not be installed.

    Examples:
        - dnf:
            name: [httpd, "mariadb-server >= 10.5"]
        - dnf:
            name: "*"
            state: latest
            security: true
        - dnf:
            name: https://example.com/app-1.0.noarch.rpm
            disable_gpg_check: true

    Platforms: Linux with dnf or yum.
    """
    ask = SimpleNamespace(**locals())
    ask.program = find_backend(use_backend)
    ask.names = split_names(name or ())
    if list is not None:
        return {"msg": "", "results": list_items(ask, options_of(ask), list), "rc": 0}
    _check(ask)
    if update_cache and not ask.names and not autoremove:
        check([ask.program, *options_of(ask), "makecache"], "cannot update the metadata of the repositories")
        return {"msg": "Cache updated", "results": [], "rc": 0}
    job = Job(ask, Installed(installroot))
    changes = job.foresee()
    yield from changes
    return {"msg": "" if changes else "Nothing to do", "results": job.results, "rc": 0}


def _check(ask: Any) -> None:
    if os.geteuid() != 0 and not ask.download_only:
        raise Failure(_NO_ROOT, results=[])
    if ask.conf_file is not None and not os.access(ask.conf_file, os.R_OK):
        text = "cannot read configuration file {}".format(ask.conf_file)
        raise Failure(text, conf_file=ask.conf_file, results=[])
