"""Certificates."""

from __future__ import annotations

import os
from types import SimpleNamespace
from typing import TYPE_CHECKING, Annotated, Any, Literal

from confman.kit import UNKNOWN, Change, Failure, Mode, Path, Secret, Warn, rules
from confman.kit.attributes import Attributes, plan
from confman.kit.backup import backup_file
from confman.kit.certflaws import flaw
from confman.kit.certissue import Order
from confman.kit.certparts import read_certificate
from confman.kit.commands import check
from confman.kit.files import remove_path
from confman.kit.programs import need
from confman.kit.replace import How, read_file, replace_file
from confman.kit.text import to_text

if TYPE_CHECKING:
    from collections.abc import Generator


@rules(
    exclusive=[
        ("csr_path", "csr_content"),
        ("privatekey_path", "privatekey_content"),
        ("ownca_path", "ownca_content"),
        ("ownca_privatekey_path", "ownca_privatekey_content"),
    ],
    required_if=[
        ("state", "present", ("provider",)),
        ("provider", "selfsigned", ("privatekey_path", "privatekey_content"), True),
        ("provider", "ownca", ("ownca_path", "ownca_content"), True),
        ("provider", "ownca", ("ownca_privatekey_path", "ownca_privatekey_content"), True),
        ("provider", "acme", ("acme_accountkey_path", "acme_challenge_path")),
    ],
)
def x509_certificate(
    path: Path,
    provider: Literal["acme", "ownca", "selfsigned"] | None = None,
    csr_path: Path | None = None,
    csr_content: str | None = None,
    privatekey_path: Path | None = None,
    privatekey_content: Annotated[str | None, Secret] = None,
    privatekey_passphrase: Annotated[str | None, Secret] = None,
    selfsigned_version: Literal[3] = 3,
    selfsigned_digest: str = "sha256",
    selfsigned_not_before: Annotated[str, "selfsigned_notBefore"] = "+0s",
    selfsigned_not_after: Annotated[str, "selfsigned_notAfter"] = "+3650d",
    selfsigned_create_subject_key_identifier: Literal[
        "create_if_not_provided", "always_create", "never_create"
    ] = "create_if_not_provided",
    ownca_path: Path | None = None,
    ownca_content: str | None = None,
    ownca_privatekey_path: Path | None = None,
    ownca_privatekey_content: Annotated[str | None, Secret] = None,
    ownca_privatekey_passphrase: Annotated[str | None, Secret] = None,
    ownca_version: Literal[3] = 3,
    ownca_digest: str = "sha256",
    ownca_not_before: str = "+0s",
    ownca_not_after: str = "+3650d",
    ownca_create_subject_key_identifier: Literal[
        "create_if_not_provided", "always_create", "never_create"
    ] = "create_if_not_provided",
    ownca_create_authority_key_identifier: bool = True,
    acme_accountkey_path: Path | None = None,
    acme_challenge_path: Path | None = None,
    acme_chain: bool = False,
    acme_directory: str = "https://acme-v02.api.letsencrypt.org/directory",
    ignore_timestamps: bool = True,
    force: bool = False,
    state: Literal["absent", "present"] = "present",
    backup: bool = False,
    return_content: bool = False,
    select_crypto_backend: Literal["auto", "cryptography"] = "auto",
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
    """Keep a certificate, issued by the program openssl, or by an authority that speaks ACME.

    One that is there is issued anew when it is not for the request, not for the key, or not by the authority.

    Args:
        path: The certificate's file.
        provider: Who issues it: its own key (selfsigned), an authority of yours (ownca), or acme-tiny (acme).
        csr_path: The request's file. A certificate that signs itself can do without.
        csr_content: The request itself.
        privatekey_path: The private key's file.
        privatekey_content: The private key itself.
        privatekey_passphrase: What it is protected with.
        selfsigned_version: Of the certificate; there is only one.
        selfsigned_digest: What it is signed with.
        selfsigned_not_before: From when on it is valid: YYYYMMDDHHMMSSZ, or from now on +1d2h.
        selfsigned_not_after: Until when.
        selfsigned_create_subject_key_identifier: Whether it says the key's identifier.
        ownca_path: The authority's certificate.
        ownca_content: That itself.
        ownca_privatekey_path: The authority's private key.
        ownca_privatekey_content: That itself.
        ownca_privatekey_passphrase: What it is protected with.
        ownca_version: Of the certificate; there is only one.
        ownca_digest: What it is signed with.
        ownca_not_before: From when on it is valid.
        ownca_not_after: Until when.
        ownca_create_subject_key_identifier: Whether it says the key's identifier.
        ownca_create_authority_key_identifier: Whether it says the authority's.
        acme_accountkey_path: The private key of the account.
        acme_challenge_path: The folder that the web server shows as /.well-known/acme-challenge.
        acme_chain: Put the authority's certificate behind it.
        acme_directory: The authority.
        ignore_timestamps: Other times are no reason for another certificate.
        force: Issue a new one in any case.
        state: Whether there shall be a certificate.
        backup: Keep a dated copy of the old one.
        return_content: Tell the certificate itself in the result.
        select_crypto_backend: Taken for compatibility; the program openssl does it.
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
        filename, csr, privatekey, ca_cert, ca_privatekey: The files.
        certificate: The certificate, if asked for.
        notBefore, notAfter, serial_number: Of the certificate.
        backup_file: The copy that was kept.

    Examples:
        - x509_certificate:
            path: /etc/ssl/www.crt
            privatekey_path: /etc/ssl/private/www.pem
            csr_path: /etc/ssl/www.csr
            provider: selfsigned
        - x509_certificate:
            path: /etc/ssl/www.crt
            csr_path: /etc/ssl/www.csr
            provider: ownca
            ownca_path: /etc/ssl/ca.crt
            ownca_privatekey_path: /etc/ssl/private/ca.pem
            ownca_not_after: +365d
        - x509_certificate:
            path: /etc/ssl/www.crt
            csr_path: /etc/ssl/www.csr
            provider: acme
            acme_accountkey_path: /etc/ssl/private/account.pem
            acme_challenge_path: /var/www/challenges

    Platforms: any with openssl 1.1.1 or later.
    """
    wish = SimpleNamespace(**locals())
    old = read_file(path)
    if state == "absent":
        if old is not None:
            yield Change("file", path, before="certificate", after=None, do=lambda: _remove(path, backup))
        return {"filename": path}
    wish.have = None if old is None else read_certificate(old)
    wish.how = How(Attributes(owner, group, mode, seuser, serole, setype, selevel, attributes), backup)
    wish.how.unsafe_writes = unsafe_writes
    wish.order = None if provider == "acme" else Order(wish)
    why = "asked for" if force else flaw(wish, old)
    if why:
        yield _change(wish, old, why)
    yield from plan(path, wish.how.wish, planned="file" if old is None else "")
    return _told(wish, old)


def _change(wish: Any, old: bytes | None, why: str) -> Change:
    before = None if old is None else {"not after": wish.have.not_after if wish.have else "unreadable"}
    return Change(
        "file",
        wish.path,
        before=before,
        after=UNKNOWN,
        do=lambda: _issue(wish),
        diff={"before": before or {}, "after": {"issued": why}},
        once=wish.force,
    )


def _issue(wish: Any) -> dict[str, Any]:
    return replace_file(wish.path, _acme(wish) if wish.order is None else wish.order.certify(), wish.how)


def _acme(wish: Any) -> bytes:
    for name, place in (("account key", wish.acme_accountkey_path), ("folder", wish.acme_challenge_path)):
        if not os.path.exists(place):
            raise Failure("The {} {} does not exist: make it first".format(name, place))
    words = [need("acme-tiny"), "--account-key", wish.acme_accountkey_path, "--csr", str(wish.csr_path)]
    words += ["--acme-dir", wish.acme_challenge_path, "--directory-url", wish.acme_directory]
    done = check([*words, "--chain"] if wish.acme_chain else words, "cannot get the certificate", timeout=900)
    return done.stdout


def _remove(path: str, backup: bool) -> dict[str, Any]:
    kept = {"backup_file": backup_file(path)} if backup else {}
    remove_path(path)
    return kept


def _told(wish: Any, old: bytes | None) -> dict[str, Any]:
    told = {"filename": wish.path, "csr": wish.csr_path, "privatekey": wish.privatekey_path}  # type: dict[str, Any]
    if wish.provider == "ownca":
        told.update(ca_cert=wish.ownca_path, ca_privatekey=wish.ownca_privatekey_path)
    if wish.have is not None:
        told.update(notBefore=wish.have.not_before, notAfter=wish.have.not_after, serial_number=wish.have.serial)
    if wish.return_content and old is not None:
        told["certificate"] = to_text(old)
    return told
