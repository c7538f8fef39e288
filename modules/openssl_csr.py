"""Requests for certificates."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Annotated, Any, Literal

from confman.kit import Change, Mode, Path, Secret, Warn, rules
from confman.kit.attributes import Attributes, plan
from confman.kit.backup import backup_file
from confman.kit.certask import alternatives_of, is_same_request, make_request
from confman.kit.certrequest import flat, subject_of
from confman.kit.files import remove_path
from confman.kit.replace import How, read_file, replace_file
from confman.kit.text import content_diff, to_text

if TYPE_CHECKING:
    from collections.abc import Generator


@rules(
    together=[("authority_cert_issuer", "authority_cert_serial_number")],
    required_if=[("state", "present", ("privatekey_path", "privatekey_content"), True)],
    exclusive=[("privatekey_path", "privatekey_content"), ("subject", "subject_ordered")],
    options={
        "crl_distribution_points": {
            "full_name": {"type": "list", "elements": "str"},
            "relative_name": {"type": "list", "elements": "str"},
            "crl_issuer": {"type": "list", "elements": "str"},
            "reasons": {
                "type": "list",
                "elements": "str",
                "choices": [
                    "key_compromise",
                    "ca_compromise",
                    "affiliation_changed",
                    "superseded",
                    "cessation_of_operation",
                    "certificate_hold",
                    "privilege_withdrawn",
                    "aa_compromise",
                ],
            },
        }
    },
)
def openssl_csr(
    path: Path,
    privatekey_path: Path | None = None,
    privatekey_content: Annotated[str | None, Secret] = None,
    privatekey_passphrase: Annotated[str | None, Secret] = None,
    common_name: Annotated[str | None, "CN", "commonName"] = None,
    country_name: Annotated[str | None, "C", "countryName"] = None,
    state_or_province_name: Annotated[str | None, "ST", "stateOrProvinceName"] = None,
    locality_name: Annotated[str | None, "L", "localityName"] = None,
    organization_name: Annotated[str | None, "O", "organizationName"] = None,
    organizational_unit_name: Annotated[str | None, "OU", "organizationalUnitName"] = None,
    email_address: Annotated[str | None, "E", "emailAddress"] = None,
    subject: dict[str, Any] | None = None,
    subject_ordered: list[dict[str, Any]] | None = None,
    subject_alt_name: Annotated[list[str] | None, "subjectAltName"] = None,
    subject_alt_name_critical: Annotated[bool, "subjectAltName_critical"] = False,
    use_common_name_for_san: Annotated[bool, "useCommonNameForSAN"] = True,
    key_usage: Annotated[list[str] | None, "keyUsage"] = None,
    key_usage_critical: Annotated[bool, "keyUsage_critical"] = False,
    extended_key_usage: Annotated[list[str] | None, "extKeyUsage", "extendedKeyUsage"] = None,
    extended_key_usage_critical: Annotated[bool, "extKeyUsage_critical", "extendedKeyUsage_critical"] = False,
    basic_constraints: Annotated[list[str] | None, "basicConstraints"] = None,
    basic_constraints_critical: Annotated[bool, "basicConstraints_critical"] = False,
    ocsp_must_staple: Annotated[bool, "ocspMustStaple"] = False,
    ocsp_must_staple_critical: Annotated[bool, "ocspMustStaple_critical"] = False,
    name_constraints_permitted: list[str] | None = None,
    name_constraints_excluded: list[str] | None = None,
    name_constraints_critical: bool = False,
    create_subject_key_identifier: bool = False,
    subject_key_identifier: str | None = None,
    authority_key_identifier: str | None = None,
    authority_cert_issuer: list[str] | None = None,
    authority_cert_serial_number: int | None = None,
    crl_distribution_points: list[dict[str, Any]] | None = None,
    digest: str = "sha256",
    version: Literal[1] = 1,
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
    """Keep a request for a certificate, made by the program openssl.

    One that is there is made anew when it is for another key, or asks for something else.

    Args:
        path: The request's file.
        privatekey_path: The private key's file.
        privatekey_content: The private key itself.
        privatekey_passphrase: What it is protected with.
        common_name: The subject's name.
        country_name: Its country, two letters.
        state_or_province_name: Its state or province.
        locality_name: Its town.
        organization_name: Its organization.
        organizational_unit_name: The part of that.
        email_address: Its address.
        subject: Further parts of the subject; several of one kind as a list.
        subject_ordered: The same as a list of mappings, whose order matters.
        subject_alt_name: Its other names: DNS:www.example.com, IP:10.0.0.1, email:, URI:, RID:, dirName:, otherName:.
        subject_alt_name_critical: Who does not understand them shall not accept the certificate.
        use_common_name_for_san: Without other names, make the common name one.
        key_usage: What the key is for: digitalSignature, keyEncipherment, keyCertSign ...
        key_usage_critical: Whether that is critical.
        extended_key_usage: For which purposes: serverAuth, clientAuth, an object identifier ...
        extended_key_usage_critical: Whether that is critical.
        basic_constraints: CA:TRUE, pathlen:0.
        basic_constraints_critical: Whether that is critical.
        ocsp_must_staple: Servers must prove that the certificate was not revoked.
        ocsp_must_staple_critical: Whether that is critical.
        name_constraints_permitted: For an authority, names that it may vouch for: DNS:.example.com, IP:10.0.0.0/8.
        name_constraints_excluded: Names that it may not vouch for.
        name_constraints_critical: Whether that is critical.
        create_subject_key_identifier: Put in the key's digest as its identifier.
        subject_key_identifier: The identifier itself, as hex pairs.
        authority_key_identifier: The identifier of the authority's key, as hex pairs.
        authority_cert_issuer: The names of who issued the authority's certificate.
        authority_cert_serial_number: The number of that.
        crl_distribution_points: Where revocations are told: full_name, relative_name, crl_issuer, reasons.
        digest: What the request is signed with.
        version: Of the request; there is only one.
        force: Make a new request in any case.
        state: Whether there shall be a request.
        backup: Keep a dated copy of the old one.
        return_content: Tell the request itself in the result.
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
        filename, privatekey: The files.
        subject: Its parts, as pairs.
        subjectAltName, keyUsage, extendedKeyUsage, basicConstraints, ocsp_must_staple: As asked.
        name_constraints_permitted, name_constraints_excluded: As asked.
        csr: The request, if asked for.
        backup_file: The copy that was kept.

    Examples:
        - openssl_csr:
            path: /etc/ssl/www.csr
            privatekey_path: /etc/ssl/private/www.pem
            common_name: www.example.com
        - openssl_csr:
            path: /etc/ssl/www.csr
            privatekey_path: /etc/ssl/private/www.pem
            country_name: FR
            organization_name: Example
            subject_alt_name: ["DNS:www.example.com", "DNS:m.example.com"]
            key_usage: [digitalSignature, keyEncipherment]
            extended_key_usage: [serverAuth]
        - openssl_csr:
            path: /etc/ssl/ca.csr
            privatekey_path: /etc/ssl/private/ca.pem
            privatekey_passphrase: "{{ ca_passphrase }}"
            common_name: Example CA
            use_common_name_for_san: false
            basic_constraints: ["CA:TRUE"]
            basic_constraints_critical: true

    Platforms: any with openssl 1.1.1 or later.
    """
    wish = SimpleNamespace(**locals())
    old = read_file(path)
    if state == "absent":
        if old is not None:
            yield Change("file", path, before="request", after=None, do=lambda: _remove(path, backup))
        return {"filename": path}
    wish.subject_parts = flat(subject_of(wish))
    wish.alternatives = alternatives_of(wish)
    made = make_request(wish)
    how = How(Attributes(owner, group, mode, seuser, serole, setype, selevel, attributes), backup)
    how.unsafe_writes = unsafe_writes
    if force or old is None or not is_same_request(wish, old, made):
        yield Change(
            "file",
            path,
            before=None if old is None else "request",
            after="request",
            do=lambda: replace_file(path, made, how),
            diff=lambda: content_diff(path, old, made),
            once=force,
        )
    yield from plan(path, how.wish, planned="file" if old is None else "")
    return _told(wish, old)


def _remove(path: str, backup: bool) -> dict[str, Any]:
    kept = {"backup_file": backup_file(path)} if backup else {}
    remove_path(path)
    return kept


def _told(wish: Any, old: bytes | None) -> dict[str, Any]:
    told = {
        "filename": wish.path,
        "privatekey": wish.privatekey_path,
        "subject": [[key, value] for key, value in wish.subject_parts],
        "subjectAltName": wish.alternatives or None,
        "keyUsage": wish.key_usage,
        "extendedKeyUsage": wish.extended_key_usage,
        "basicConstraints": wish.basic_constraints,
        "ocspMustStaple": wish.ocsp_must_staple,
        "ocsp_must_staple": wish.ocsp_must_staple,
        "name_constraints_permitted": wish.name_constraints_permitted or [],
        "name_constraints_excluded": wish.name_constraints_excluded or [],
    }  # type: dict[str, Any]
    if wish.return_content and old is not None:
        told["csr"] = to_text(old)
    return told
