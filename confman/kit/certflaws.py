"""Why a certificate that is there will not do. A wish has x509_certificate's parameters, `have` and `order`."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from confman.kit.certissue import seconds_at
from confman.kit.certparts import AUTHORITY_KEY, SUBJECT_KEY, seconds_of
from confman.kit.openssl import openssl
from confman.kit.secretfile import secret_file

if TYPE_CHECKING:
    from confman.kit.certparts import Parts


def flaw(wish: Any, old: bytes | None) -> str:
    """Why a certificate that is there will not do; "" when it does."""
    if wish.have is None:
        return "there is none" if old is None else "it is none"
    if wish.order is None:
        return ""
    parts, authority = wish.order.parts(), wish.order.authority_parts()
    return (
        _other_key(wish, parts, authority)
        or _other_request(wish, parts)
        or ("" if _is_signed_by(wish, old or b"", authority) else "another has issued it")
        or _other_identifiers(wish, parts)
        or _other_times(wish)
    )


def _other_key(wish: Any, parts: Parts, authority: Parts | None) -> str:
    fits = parts.key == wish.have.key and (authority is not None or wish.have.key == wish.order.public_key())
    return "" if fits else "it is for another key"


def _other_request(wish: Any, parts: Parts) -> str:
    asked = wish.csr_path or wish.csr_content
    return "the request asks for something else" if asked and not _is_as_requested(wish.have, parts) else ""


def _is_as_requested(have: Parts, parts: Parts) -> bool:
    def compared(each: Parts) -> dict[str, Any]:
        return {k: v for k, v in each.extensions.items() if k not in (SUBJECT_KEY, AUTHORITY_KEY)}

    return have.subject == parts.subject and compared(have) == compared(parts)


def _is_signed_by(wish: Any, old: bytes, authority: Parts | None) -> bool:
    if authority is not None and wish.have.issuer != authority.subject:
        return False
    with secret_file(wish.order.authority or old) as path:
        words = ["verify", "-partial_chain", "-no_check_time", "-trusted", path]
        return openssl(words, old).rc == 0


def _other_identifiers(wish: Any, parts: Parts) -> str:
    have, given = wish.have.extensions.get(SUBJECT_KEY), parts.extensions.get(SUBJECT_KEY)
    how = wish.order.identifier
    if how == "never_create" and have != given:
        return "it has another key identifier"
    if how == "create_if_not_provided" and given is not None and have != given:
        return "it has another key identifier"
    return "it has no key identifier" if how != "never_create" and have is None else ""


def _other_times(wish: Any) -> str:
    if wish.ignore_timestamps:
        return ""
    now = time.time()
    wanted = [int(seconds_at(text, now)) for text in wish.order.times]
    have = [seconds_of(wish.have.not_before), seconds_of(wish.have.not_after)]
    return "it is valid at other times" if have != wanted else ""
