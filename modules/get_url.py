"""Files from the network."""

from __future__ import annotations

import email.utils
import os
import re
import time
from typing import TYPE_CHECKING, Annotated, Any

from confman.kit import Change, Failure, Mode, Path, Secret, Warn, rules
from confman.kit.attributes import Attributes, plan
from confman.kit.checksum import digest_file, md5_or_none, parse_checksum
from confman.kit.content import FileData
from confman.kit.http import Access, Response, fetch, file_name, mask
from confman.kit.pathinfo import path_info
from confman.kit.replace import How
from confman.kit.scratch import call_scratch
from confman.kit.text import os_reason, to_text
from confman.kit.writing import digest_or_none, then_tell, write_content

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator


@rules(verify=False)
def get_url(
    url: str,
    dest: Path,
    force: bool = False,
    checksum: str = "",
    backup: bool = False,
    timeout: int = 10,
    headers: dict[str, Any] | None = None,
    tmp_dest: Path | None = None,
    http_agent: str = "ansible-httpget",
    use_proxy: bool = True,
    validate_certs: bool = True,
    url_username: Annotated[str | None, "username"] = None,
    url_password: Annotated[str | None, "password", Secret] = None,
    force_basic_auth: bool = False,
    client_cert: Path | None = None,
    client_key: Path | None = None,
    use_gssapi: bool = False,
    use_netrc: bool = True,
    unredirected_headers: list[str] = [],  # noqa: B006 - the spec's default; never changed
    decompress: bool = True,
    ciphers: list[str] | None = None,
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
    """Download a file.

    Args:
        url: Where it is: http, https, ftp or file.
        dest: Where it goes. Into a folder, it goes under the name the server gives it.
        force: Download again what is there; else only if the server says it is newer, or `checksum` differs.
        checksum: algorithm:digest that the file must have, or algorithm:address of a list of digests.
        backup: Keep a dated copy of the old file.
        timeout: Seconds that the connection may be silent.
        headers: Headers of the request.
        tmp_dest: The folder that holds the download until it is in place.
        http_agent: What we call ourselves.
        use_proxy: Use the proxies that the environment names.
        validate_certs: Refuse servers whose certificate is not right.
        url_username: Who we are for the server.
        url_password: Our password there.
        force_basic_auth: Send user and password with the first request, before being asked.
        client_cert: Our certificate, in PEM form; it may hold the key too.
        client_key: The key of our certificate.
        use_gssapi: Not available.
        use_netrc: Take user and password from ~/.netrc.
        unredirected_headers: Names of headers that are not sent again after a redirect.
        decompress: Unpack answers that were compressed on the way.
        ciphers: TLS ciphers that may be used.
        mode: Permissions: "0644", or symbolic such as "u=rw,go=r".
        owner: Name or number of the user who shall own it.
        group: Name or number of the group that shall own it.
        seuser: User part of the SELinux label; `_default` takes the policy's.
        serole: Role part of the SELinux label.
        setype: Type part of the SELinux label.
        selevel: Level part of the SELinux label (MLS/MCS range).
        attributes: File system flags as chattr takes them: "+i", "-a", "=ad".
        unsafe_writes: Allow overwriting in place where a file cannot be replaced safely.

    Returns:
        dest: The file.
        url: Where it came from, without password.
        status_code, msg: What the server said.
        checksum_src, checksum_dest: SHA-1 of the download, and of what was there.
        md5sum: MD5 of the file (none where policy forbids it).
        src: Where the download was kept meanwhile.
        elapsed: Seconds it took.
        backup_file: The copy that was kept.
        mode, owner, group, uid, gid, size, state: Of the file, as they are now.

    Examples:
        - get_url:
            url: https://example.com/app.tar.gz
            dest: /opt/app.tar.gz
            checksum: sha256:b5bb9d8014a0f9b1d61e21e796d78dccdf1352f23cd32812f4850b878ae4944c
        - get_url:
            url: https://example.com/app.tar.gz
            dest: /opt/
            checksum: sha256:https://example.com/SHA256SUMS
            mode: "0644"
        - get_url:
            url: https://example.com/private/key
            dest: /etc/app/key
            url_username: app
            url_password: "{{ app_password }}"
            mode: "0600"

    Platforms: any with Python 3.6.
    """
    wish = Attributes(owner, group, mode, seuser, serole, setype, selevel, attributes)
    access = Access(
        timeout=timeout,
        agent=http_agent,
        use_proxy=use_proxy,
        validate_certs=validate_certs,
        user=url_username,
        password=url_password,
        basic_first=force_basic_auth,
        client_cert=client_cert,
        client_key=client_key,
        use_gssapi=use_gssapi,
        use_netrc=use_netrc,
        unredirected=unredirected_headers,
        decompress=decompress,
        ciphers=ciphers,
    )
    result = {"url": mask(url), "dest": dest, "elapsed": 0}  # type: dict[str, Any]
    given = dict(headers or {})
    digest = _expected(checksum, url, access, given)
    keeps = os.path.isfile(dest) and not force
    if keeps and _has_digest(dest, digest):
        told = {"msg": "file already exists", "checksum_src": None, "checksum_dest": None}  # type: dict[str, Any]
        return (yield from _keep(dest, wish, dict(result, **told)))
    if keeps and digest is None:
        given.setdefault("If-Modified-Since", email.utils.formatdate(os.path.getmtime(dest), usegmt=True))
    began = time.monotonic()
    response = fetch(url, access, "GET", given)
    if response.status == 304:
        return (
            yield from _keep(
                dest, wish, dict(result, msg="HTTP Error 304: {}".format(response.reason), status_code=304)
            )
        )
    if not 200 <= response.status < 300:
        raise Failure("Request failed", status_code=response.status, response=response.reason, **result)
    path = _place(dest, response)
    _ensure_folders(path, tmp_dest)
    kept = _download(response, tmp_dest)
    result.update({"dest": path, "src": kept, "elapsed": int(time.monotonic() - began)})
    _verify(kept, digest, result)
    blob = FileData(kept)
    result.update({"checksum_src": blob.sha1, "checksum_dest": digest_or_none(path)})
    result.update({"msg": "{} ({} bytes)".format(response.reason, blob.size), "status_code": _status(response)})
    result["md5sum"] = md5_or_none(blob.chunks())
    for step in write_content(path, blob, How(wish, backup, unsafe_writes=unsafe_writes)):
        yield then_tell(step, lambda: path_info(path))
    return dict(result, **path_info(path))


def _keep(dest: str, wish: Attributes, result: dict[str, Any]) -> Generator[Change | Warn, None, dict[str, Any]]:
    """What is left to do when the content stays: its attributes."""
    steps = list(plan(dest, wish))
    changes = any(isinstance(step, Change) for step in steps)
    told = {"msg": result["msg"] + " but file attributes changed" if changes else result["msg"]}
    for step in steps:
        yield then_tell(step, lambda: dict(path_info(dest), **told))
    return dict(result, **dict(path_info(dest), **told))


def _place(dest: str, response: Response) -> str:
    return os.path.join(dest, file_name(response)) if os.path.isdir(dest) else dest


def _ensure_folders(path: str, tmp_dest: str | None) -> None:
    folder = os.path.dirname(os.path.abspath(path))
    if not os.path.isdir(folder):
        raise Failure("Destination {} does not exist".format(folder), dest=path, _lacks=folder)
    if tmp_dest is not None and not os.path.isdir(tmp_dest):
        what = "is a file but should be a directory" if os.path.exists(tmp_dest) else "directory does not exist"
        raise Failure("{} {}.".format(tmp_dest, what), _lacks=tmp_dest)


def _status(response: Response) -> int | None:
    """What the server said; a file has none."""
    return None if response.url.startswith("file:") else response.status


def _has_digest(path: str, digest: tuple[str, str] | None) -> bool:
    return digest is not None and digest_or_none(path, digest[0]) == digest[1]


def _verify(path: str, digest: tuple[str, str] | None, result: dict[str, Any]) -> None:
    """Raise Failure when a download has not the digest it must have, if any."""
    if digest is None:
        return
    have = digest_file(path, digest[0])
    if have != digest[1]:
        raise Failure(
            "The checksum for {} did not match {}; it was {}".format(result["url"], digest[1], have),
            status_code=200,
            **result,
        )


def _download(response: Response, folder: str | None) -> str:
    """Keep a body in a private folder that goes with the call; its path. Raises Failure."""
    try:
        path = os.path.join(call_scratch(folder), "download")
        with open(path, "wb") as stream:
            stream.writelines(response.chunks())
    except OSError as error:
        raise Failure("cannot keep the download: {}".format(os_reason(error)), url=mask(response.url)) from None
    return path


def _expected(checksum: str, url: str, access: Access, headers: dict[str, Any]) -> tuple[str, str] | None:
    """Algorithm and digest that the file must have, if any; looked up if an address is given. Raises Failure."""
    if not checksum:
        return None
    algorithm, value = parse_checksum(checksum)
    if "://" not in value:
        return algorithm, value
    response = fetch(value, access, "GET", headers)
    if response.status != 200:
        raise Failure("cannot get the checksums from {}: {}".format(mask(value), response.reason), url=mask(value))
    name = os.path.basename(re.split("[?#]", url)[0])
    found = _look_up(name, to_text(response.read()))
    if found is None:
        raise Failure("there is no checksum for {!r} in {}".format(name, mask(value)), url=mask(value))
    return algorithm, found


def _listed(line: str) -> Iterator[tuple[str, str]]:
    """The digest and the file of a line, in either form that it may have."""
    tagged = re.match(r"[A-Za-z0-9-]+ ?\((.+)\) ?= ?([0-9a-fA-F]+)\W*$", line)
    if tagged:
        yield tagged.group(2), os.path.basename(tagged.group(1))
    digest, _space, rest = line.partition(" ")
    yield re.sub(r"\W+", "", digest), rest.strip().lstrip("*")


def _look_up(name: str, listing: str) -> str | None:
    """The digest of a file in a list such as sha256sum or `shasum --tag` writes; a lone digest counts for any."""
    lines = [line.strip() for line in listing.splitlines() if line.strip()]
    for line in lines:
        for digest, listed in _listed(line):
            if listed and name in (listed, os.path.basename(listed)):
                return digest.lower()
    alone = re.match(r"([0-9a-fA-F]+)\W*$", lines[0]) if len(lines) == 1 else None
    if alone:
        return alone.group(1).lower()
    return None
