"""XML documents that are looked at and edited by XPath, with the help of the library lxml."""

from __future__ import annotations

import importlib
import re
from typing import TYPE_CHECKING, Any

from confman.kit.change import Failure, Unsupported

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_NAME = r"[A-Za-z_-][\w.-]*(?::[A-Za-z_-][\w.-]*)?"
_TEXT = r"""(?:=(?:'(?P<one>.*)'|"(?P<two>.*)"))"""
_STEP = re.compile(r"^(?P<at>@)?(?P<name>{})(?:/text\(\))?{}?$".format(_NAME, _TEXT), re.DOTALL)
_OWN_TEXT = re.compile(r"^text\(\){}$".format(_TEXT), re.DOTALL)
_WITH_CONDITIONS = re.compile(r"^(?P<name>{})\[(?P<all>.*)\]$".format(_NAME), re.DOTALL)


def lxml() -> Any:
    """The module lxml.etree of this host. Raises Unsupported."""
    try:
        return importlib.import_module("lxml.etree")
    except ImportError as error:
        text = "the Python library lxml is missing on this host ({}): install it (python3-lxml)".format(error)
        raise Unsupported(text) from None


class Tree:
    """A document. data: its bytes; called: how errors call it. namespaces: URIs by the prefixes of XPaths.

    pretty: it will be written with indentation of its own. strip_cdata: CDATA sections become plain text.
    """

    def __init__(
        self,
        data: bytes,
        called: str,
        namespaces: Mapping[str, str],
        pretty: bool = False,
        strip_cdata: bool = False,
    ) -> None:
        self.etree = lxml()
        self.namespaces = dict(namespaces)
        self.pretty = pretty
        parser = self.etree.XMLParser(remove_blank_text=pretty, strip_cdata=strip_cdata, resolve_entities=False)
        try:
            self.document = self.etree.fromstring(data, parser).getroottree()
        except (self.etree.XMLSyntaxError, ValueError) as error:
            raise Failure("Error while parsing document: {} ({})".format(called, error)) from None

    def data(self) -> bytes:
        """The document as it is to be written."""
        how = {"xml_declaration": True, "encoding": "UTF-8", "pretty_print": self.pretty}
        return bytes(self.etree.tostring(self.document, **how))

    def essence(self) -> bytes:
        """The document without blanks between its elements: what tells two documents apart."""
        parser = self.etree.XMLParser(remove_blank_text=True, resolve_entities=False)
        found = self.etree.fromstring(self.etree.tostring(self.document), parser)
        return bytes(self.etree.tostring(found))

    def find(self, xpath: str, start: Any = None) -> list[Any]:
        """What an XPath gives, as a list: elements, or texts of attributes. Raises Failure."""
        try:
            found = (self.document if start is None else start).xpath(xpath, namespaces=self.namespaces)
        except self.etree.XPathSyntaxError as error:
            raise Failure("Syntax error in xpath expression: {} ({})".format(xpath, error)) from None
        except self.etree.XPathError as error:
            raise Failure("Xpath {} causes a failure: {}{}".format(xpath, error, self._hint(xpath))) from None
        return found if isinstance(found, list) else [found] if found else []

    def _hint(self, xpath: str) -> str:
        spaces = self.document.getroot().nsmap and ":" not in xpath
        return "; the document has namespaces, but the xpath has no prefixes (namespaces)" if spaces else ""

    def nodes(self, xpath: str, start: Any = None) -> list[Any]:
        """The elements that an XPath finds. Raises Failure."""
        return [each for each in self.find(xpath, start) if self.etree.iselement(each)]

    def clark(self, name: str) -> str:
        """A name as lxml writes it: {uri}name. Raises Failure when its prefix has no URI."""
        prefix, colon, rest = name.rpartition(":")
        if not colon:
            return name
        if prefix not in self.namespaces:
            raise Failure("the prefix {} of {} has no URI: give it in namespaces".format(prefix, name))
        return "{{{}}}{}".format(self.namespaces[prefix], rest)

    def remove(self, xpath: str) -> None:
        """Take out every element and attribute that an XPath finds. Raises Failure."""
        for found in self.find(xpath):
            parent = found.getparent() if hasattr(found, "getparent") else None
            if parent is None:
                raise Failure("Couldn't delete xpath target: {} (it is the root, or no node)".format(xpath))
            if self.etree.iselement(found):
                self._keep_tail(found, parent)
                parent.remove(found)
            elif getattr(found, "attrname", None):
                parent.attrib.pop(found.attrname)
            else:
                raise Failure("Couldn't delete xpath target: {} (it is a text)".format(xpath))

    @staticmethod
    def _keep_tail(found: Any, parent: Any) -> None:
        """Text behind an element that goes is none of the element: it stays."""
        if (found.tail or "").strip():
            before = found.getprevious()
            if before is None:
                parent.text = (parent.text or "") + found.tail
            else:
                before.tail = (before.tail or "") + found.tail

    def make(self, xpath: str, start: Any = None) -> None:
        """Make what a simple XPath names, and what it lies in. Raises Failure."""
        parent, step = _split(xpath)
        if parent is None:
            raise Failure("Can't process Xpath {} in order to spawn nodes: make its first element first".format(xpath))
        if not self.nodes(parent, start):
            self.make(parent, start)
        for node in self.nodes(parent, start):
            self._make_step(node, step, xpath)

    def _make_step(self, node: Any, step: str, xpath: str) -> None:
        own, plain, conditions = _OWN_TEXT.match(step), _STEP.match(step), _WITH_CONDITIONS.match(step)
        if own:
            node.text = _value(own)
        elif plain and plain.group("at"):
            node.set(self.clark(plain.group("name")), _value(plain) or "")
        elif plain:
            made = self.etree.SubElement(node, self.clark(plain.group("name")))
            made.text = _value(plain)
        elif conditions:
            made = self.etree.SubElement(node, self.clark(conditions.group("name")))
            for condition in conditions.group("all").split(" and "):
                self.make("./" + condition.strip(), made)
        else:
            raise Failure("Can't process Xpath {} in order to spawn nodes: {!r} is not simple".format(xpath, step))

    def element(self, child: Any, kind: str) -> Any:
        """A new element from its description: XML text, or (kind yaml) a name or a mapping. Raises Failure."""
        if kind == "xml":
            return self._parsed(child)
        if isinstance(child, str):
            return self._new(child, {})
        if not isinstance(child, dict):
            raise Failure("Invalid child type: {}. Children must be either strings or hashes.".format(type(child)))
        if len(child) != 1:
            raise Failure("Can only create children from hashes with one key: {}".format(child))
        ((name, value),) = child.items()
        whole = value if isinstance(value, dict) else {"+value": value}
        made = self._new(name, {key: str(each) for key, each in whole.items() if key not in ("_", "+value")})
        made.extend(self.elements(whole.get("_") or [], kind))
        text = whole.get("+value")
        made.text = None if text is None else str(text)
        return made

    def _parsed(self, text: Any) -> Any:
        try:
            return self.etree.fromstring(str(text).encode())
        except self.etree.XMLSyntaxError as error:
            raise Failure("Error while parsing child element: {}".format(error)) from None

    def _new(self, name: str, attributes: Mapping[str, str]) -> Any:
        try:
            return self.etree.Element(name, attributes)
        except ValueError as error:
            raise Failure("cannot make the element {!r}: {}".format(name, error)) from None

    def elements(self, children: Sequence[Any], kind: str) -> list[Any]:
        """New elements from their descriptions. Raises Failure."""
        if not isinstance(children, list):
            raise Failure("Invalid children type: {}, must be list.".format(type(children)))
        return [self.element(child, kind) for child in children]


def _value(match: re.Match[str]) -> str | None:
    one, two = match.group("one"), match.group("two")
    return two if one is None else one


def _split(xpath: str) -> tuple[str | None, str]:
    """An XPath parted before its last step, where neither quotes nor brackets are open; None: there is but one."""
    depth, quote, at = 0, "", -1
    for number, sign in enumerate(xpath.strip()):
        if quote:
            quote = "" if sign == quote else quote
        elif sign in "'\"":
            quote = sign
        elif sign in "[]":
            depth += 1 if sign == "[" else -1
        elif sign == "/" and not depth:
            at = number
    text = xpath.strip()
    return (text[:at], text[at + 1 :]) if at > 0 else (None, text)
