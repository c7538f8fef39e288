"""Repositories in the lists of yum and dnf."""

from __future__ import annotations

import configparser
import io
import os
from typing import TYPE_CHECKING, Annotated, Any, Literal

from confman.kit import Change, Failure, Mode, Path, Secret, Warn, rules
from confman.kit.attributes import Attributes, plan
from confman.kit.files import remove_path
from confman.kit.replace import How, read_file
from confman.kit.text import to_bytes, to_text
from confman.kit.writing import edit_content

if TYPE_CHECKING:
    from collections.abc import Generator

_FILE_OPTIONS = ("owner", "group", "mode", "seuser", "serole", "setype", "selevel", "attributes", "unsafe_writes")
_NOT_KEYS = ("state", "name", "description", "file", "reposdir", *_FILE_OPTIONS)
_NO_EFFECT = frozenset(
    """deltarpm_metadata_percentage gpgcakey http_caching keepalive metadata_expire_filter mirrorlist_expire protect
    ssl_check_cert_permissions ui_repoid_vars keepcache async""".split()
)


@rules(
    required_if=[
        ("state", "present", ("baseurl", "mirrorlist", "metalink"), True),
        ("state", "present", ("description",)),
    ],
    extra=True,
)
def yum_repository(
    name: str,
    description: str | None = None,
    state: Literal["absent", "present"] = "present",
    file: str | None = None,
    reposdir: Path = "/etc/yum.repos.d",
    baseurl: list[str] | None = None,
    mirrorlist: str | None = None,
    metalink: str | None = None,
    bandwidth: str | None = None,
    cost: str | None = None,
    countme: bool | None = None,
    deltarpm_metadata_percentage: str | None = None,
    deltarpm_percentage: str | None = None,
    enabled: bool | None = None,
    enablegroups: bool | None = None,
    exclude: Annotated[list[str] | None, "excludepkgs"] = None,
    failovermethod: Literal["priority", "roundrobin"] | None = None,
    gpgcakey: str | None = None,
    gpgcheck: bool | None = None,
    gpgkey: list[str] | None = None,
    http_caching: Literal["all", "none", "packages"] | None = None,
    include: str | None = None,
    includepkgs: list[str] | None = None,
    ip_resolve: Literal["4", "6", "IPv4", "IPv6", "whatever"] | None = None,
    keepalive: bool | None = None,
    keepcache: Literal["0", "1"] | None = None,
    metadata_expire: str | None = None,
    metadata_expire_filter: Literal["never", "read-only:past", "read-only:present", "read-only:future"] | None = None,
    mirrorlist_expire: str | None = None,
    module_hotfixes: bool | None = None,
    password: Annotated[str | None, Secret] = None,
    priority: str | None = None,
    protect: bool | None = None,
    proxy: str | None = None,
    proxy_password: Annotated[str | None, Secret] = None,
    proxy_username: str | None = None,
    repo_gpgcheck: bool | None = None,
    retries: str | None = None,
    s3_enabled: bool | None = None,
    skip_if_unavailable: bool | None = None,
    ssl_check_cert_permissions: bool | None = None,
    sslcacert: Annotated[str | None, "ca_cert"] = None,
    sslclientcert: Annotated[str | None, "client_cert"] = None,
    sslclientkey: Annotated[str | None, "client_key"] = None,
    sslverify: Annotated[bool | None, "validate_certs"] = None,
    throttle: str | None = None,
    timeout: str | None = None,
    ui_repoid_vars: str | None = None,
    username: str | None = None,
    owner: str | None = None,
    group: str | None = None,
    mode: Mode | None = None,
    seuser: str | None = None,
    serole: str | None = None,
    setype: str | None = None,
    selevel: str | None = None,
    attributes: Annotated[str | None, "attr"] = None,
    unsafe_writes: bool = False,
    extra: dict[str, Any] | None = None,
) -> Generator[Change | Warn, None, dict[str, Any]]:
    """Keep a repository in the lists of yum and dnf, or out of them.

    Parameters are written under their own names; dnf.conf explains them in full.

    Args:
        name: The identity of the repository, unique in the file.
        description: Its name for people; required to keep one.
        state: present: it is there as described, and nothing else in its section. absent: it is not.
        file: The file, without `.repo`; default: the name.
        reposdir: The folder of such files.
        baseurl: Where it is; this, `mirrorlist` or `metalink` is required.
        mirrorlist: Where the list of its mirrors is.
        metalink: Where its metalink file is.
        exclude: Packages that are never taken from it.
        includepkgs: The only packages that are taken from it.
        gpgkey: Where its keys are.
        gpgcheck: Packages must be signed.
        enabled: It is used.
          enabled: It is used.
        bandwidth: The most bytes a second that may be used, together with `throttle`.
        cost: What its packages cost in comparison with others.
        countme: Tell the server, now and then, that one more host is there.
        deltarpm_metadata_percentage: How large metadata of differences may be.
        deltarpm_percentage: How large differences may be, compared with whole packages.
        enablegroups: Its groups of packages can be used.
        failovermethod: In which order its addresses are tried.
        gpgcakey: Where the key is that signs its keys.
        http_caching: What caches on the way may keep.
        include: Another configuration to take in.
        ip_resolve: The version of IP to use.
        keepalive: Keep connections open.
        keepcache: Keep packages once they are installed; an old parameter.
        metadata_expire: How long its metadata count as fresh.
        metadata_expire_filter: Which commands care for that.
        mirrorlist_expire: How long the list of mirrors counts as fresh.
        module_hotfixes: Take its packages whatever streams of modules are enabled.
        password: For its server.
        priority: Lower ones are preferred.
        protect: Do not let others update its packages.
        proxy: By way of which proxy it is reached; `_none_` for none.
        proxy_password: For the proxy.
        proxy_username: For the proxy.
        repo_gpgcheck: Its metadata must be signed.
        retries: How often a download is tried.
        s3_enabled: It lies in S3; an old parameter.
        skip_if_unavailable: Go on without it when it cannot be reached.
        ssl_check_cert_permissions: Check who may read the certificates.
        sslcacert: The authorities to trust.
        sslclientcert: The certificate to show.
        sslclientkey: The key of that.
        sslverify: Check its certificate.
        throttle: How much of the bandwidth may be used.
        timeout: Seconds to wait for a connection.
        ui_repoid_vars: What else is shown beside its name.
        username: For its server.
        seuser: User part of the SELinux label of the file.
        serole: Role part of the SELinux label.
        setype: Type part of the SELinux label.
        selevel: Level part of the SELinux label (MLS/MCS range).
        attributes: File system flags of the file, as chattr takes them.
        unsafe_writes: Allow overwriting in place where a file cannot be replaced safely.
        extra: Further parameters by name: `async`, which is no name for Python.
        mode: Permissions of the file.
        owner: Name or number of the user who shall own it.
        group: Name or number of the group that shall own it.

    Returns:
        repo: Its name.
        state: As asked.
        diff: The file as it is and as it shall be.

    Examples:
        - yum_repository:
            name: epel
            description: Extra packages
            baseurl: https://mirror.example.com/epel/$releasever/$basearch/
            gpgkey: https://mirror.example.com/RPM-GPG-KEY
        - yum_repository:
            name: app
            description: Our own
            file: internal
            mirrorlist: https://app.example.com/mirrors
            enabled: false
        - yum_repository:
            name: old
            state: absent

    Platforms: any with Python 3.6; the lists are read by yum and dnf.
    """
    asked = dict(locals())
    keys = _keys(asked)
    if not os.path.isdir(reposdir):
        raise Failure("Repo directory '{}' does not exist.".format(reposdir))
    for text in sorted(set(keys) & _NO_EFFECT):
        yield Warn("the parameter {} has no effect on dnf".format(text))
    path = os.path.join(reposdir, (file or name) + ".repo")
    old = read_file(path)
    table, new = _table(path, old), _table(path, old)
    new.remove_section(name)
    if state == "present":
        new.read_dict({name: keys})
    wish = Attributes(owner, group, mode, seuser, serole, setype, selevel, attributes)
    data = {"repo": name, "state": state, "diff": _diff(path, table, new)}
    if _dump(table) != _dump(new):
        yield from _change(path, old, new, How(wish, unsafe_writes=unsafe_writes))
    elif old is not None:
        yield from plan(path, wish)
    return data


def _keys(asked: dict[str, Any]) -> dict[str, str]:
    """What is written, by name. Raises Failure for parameters that do not exist."""
    extra = asked.pop("extra") or {}
    unknown = sorted(set(extra) - {"async"})
    if unknown:
        raise Failure("Unsupported parameters for (yum_repository) module: {}".format(", ".join(unknown)))
    given = {key: value for key, value in dict(asked, **extra).items() if key not in _NOT_KEYS}
    given["name"] = asked["description"]
    return {key: _text(key, value) for key, value in sorted(given.items()) if value is not None}


def _text(key: str, value: Any) -> str:
    if isinstance(value, bool):
        return str(int(value))
    if isinstance(value, list):
        return ("\n" if key in ("baseurl", "gpgkey") else " ").join(value)
    return str(value)


def _table(path: str, data: bytes | None) -> configparser.RawConfigParser:
    table = configparser.RawConfigParser()
    try:
        table.read_string(to_text(data or b""))
    except configparser.Error as error:
        raise Failure("{} cannot be read: {}".format(path, error), path=path) from None
    return table


def _dump(table: configparser.RawConfigParser) -> str:
    """The sections and keys, sorted, for comparing."""
    lines = []
    for section in sorted(table.sections()):
        lines += ["[{}]".format(section), *("{} = {}".format(*pair) for pair in sorted(table.items(section))), ""]
    return "".join(line + "\n" for line in lines)


def _diff(path: str, old: configparser.RawConfigParser, new: configparser.RawConfigParser) -> dict[str, Any]:
    return {"before_header": path, "before": _dump(old), "after_header": path, "after": _dump(new)}


def _change(path: str, old: bytes | None, new: configparser.RawConfigParser, how: How) -> Any:
    """The change that writes the file, or removes it when no repository is left."""
    if not new.sections():
        yield Change("file", path, before="present", after=None, do=lambda: remove_path(path))
        return
    stream = io.StringIO()
    new.write(stream)
    yield from edit_content(path, old, lambda _now: to_bytes(stream.getvalue()), how)
