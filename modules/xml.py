"""Parts of XML documents."""

from __future__ import annotations

import json
import os
from types import SimpleNamespace
from typing import TYPE_CHECKING, Annotated, Any, Literal

from confman.kit import Change, Failure, Path, Raw, Warn, rules
from confman.kit.replace import How, read_file
from confman.kit.text import to_bytes, to_text
from confman.kit.writing import edit_content
from confman.kit.xmltree import Tree

if TYPE_CHECKING:
    from collections.abc import Generator


@rules(
    exclusive=[
        ("add_children", "content", "count", "print_match", "set_children", "value"),
        ("path", "xmlstring"),
        ("insertbefore", "insertafter"),
    ],
    one_of=[("path", "xmlstring")],
    required_if=[
        ("count", True, ("xpath",)),
        ("print_match", True, ("xpath",)),
        ("insertbefore", True, ("xpath",)),
        ("insertafter", True, ("xpath",)),
    ],
    required_by={
        "add_children": ("xpath",),
        "attribute": ("value",),
        "content": ("xpath",),
        "set_children": ("xpath",),
        "value": ("xpath",),
    },
)
def xml(
    path: Annotated[Path | None, "dest", "file"] = None,
    xmlstring: str | None = None,
    xpath: str | None = None,
    namespaces: dict[str, Any] = {},  # noqa: B006 - the spec's default; never changed
    state: Annotated[Literal["absent", "present"], "ensure"] = "present",
    attribute: Raw | None = None,
    value: Raw | None = None,
    add_children: list[Any] | None = None,
    set_children: list[Any] | None = None,
    count: bool = False,
    print_match: bool = False,
    pretty_print: bool = False,
    content: Literal["attribute", "text"] | None = None,
    input_type: Literal["xml", "yaml"] = "yaml",
    backup: bool = False,
    strip_cdata_tags: bool = False,
    insertbefore: bool = False,
    insertafter: bool = False,
) -> Generator[Change | Warn, None, dict[str, Any]]:
    """Keep elements, attributes and texts in an XML document, or look at them.

    What an XPath of plain steps names is made when it is not there: /a/b, /a/b[@c='d'], /a/@b, /a/b/text()='c'.

    Args:
        path: The document's file. It must be there.
        xmlstring: The document itself; it is given back edited.
        xpath: What it is about.
        namespaces: URIs of namespaces by the prefixes that `xpath` uses.
        state: absent: all that `xpath` finds is removed.
        attribute: The attribute of the elements that gets `value`; without it, their text does.
        value: The text.
        add_children: Elements to be added to those found, each time: names, or {name: text}, or
            {name: {attribute: text, +value: text, _: [children]}}.
        set_children: The elements that those found hold, and no others.
        count: Count what is found.
        print_match: Name the places of what is found.
        pretty_print: Write the document indented; without an xpath, do only this.
        content: Give the texts, or the attributes, of the elements found.
        input_type: What children are written in: yaml as above, or texts of xml.
        backup: Keep a dated copy of the old file.
        strip_cdata_tags: Write CDATA sections as plain text.
        insertbefore: Add the children before the first element found, not into it.
        insertafter: Add the children after the last element found, not into it.

    Returns:
        actions: xpath, namespaces and state.
        count: How many were found.
        matches: What was found.
        xmlstring: The document as it is asked for, if it was given as a string.
        backup_file: The copy that was kept.

    Examples:
        - xml:
            path: /etc/app/server.xml
            xpath: /Server/Service[@name='web']/Connector
            attribute: port
            value: "8080"
        - xml:
            path: /etc/app/app.xml
            xpath: /app/old
            state: absent
        - xml:
            path: /etc/app/app.xml
            xpath: /app/hosts/host
            content: text
          register: hosts

    Platforms: any with the Python library lxml.
    """
    ask = SimpleNamespace(**locals())
    ask.value = value if value is None or isinstance(value, str) else _text(value)
    ask.called = path or "xmlstring"
    told = {"actions": {"xpath": xpath, "namespaces": namespaces, "state": state}}  # type: dict[str, Any]
    data = to_bytes(str(xmlstring)) if path is None else _content(path)
    if count or print_match or content:
        told.update(_look(_tree(data, ask), ask), changed=False)
    elif path is not None:
        yield from edit_content(path, data, lambda now: _edited(now, ask), How(backup=backup), told)
    if path is None:
        new = _edited(data, ask, written=True)
        told.update(xmlstring=to_text(new), changed=told.get("changed", _edited(data, ask) != data))
    return told


def _text(value: Any) -> str:
    return json.dumps(value) if isinstance(value, (dict, list)) else str(value)


def _content(path: str) -> bytes:
    if not os.path.isfile(path):
        raise Failure("The target XML source '{}' does not exist.".format(path), _lacks=path)
    return read_file(path) or b""


def _tree(data: bytes, ask: Any) -> Tree:
    return Tree(data, ask.called, ask.namespaces, ask.pretty_print, ask.strip_cdata_tags)


def _look(tree: Tree, ask: Any) -> dict[str, Any]:
    """What is found, as it is asked for. Raises Failure."""
    if ask.print_match:
        places = [tree.document.getpath(node) for node in tree.nodes(ask.xpath)]
        return {"msg": "selector '{}' match: {}".format(ask.xpath, json.dumps(places)), "matches": places}
    if ask.count:
        number = len(tree.find(ask.xpath))
        return {"count": number, "msg": "found {} nodes".format(number)}
    found = tree.nodes(ask.xpath)
    if not found:
        raise Failure("Xpath {} does not reference a node!".format(ask.xpath))
    matches = [{node.tag: node.text if ask.content == "text" else dict(node.attrib)} for node in found]
    return {"count": len(matches), "matches": matches, "msg": len(matches)}


def _edited(data: bytes, ask: Any, written: bool = False) -> bytes:
    """The document as it is asked for; as it is when nothing but its layout would change, unless `written`."""
    tree = _tree(data, ask)
    before = tree.essence()
    if ask.xpath is not None and not (ask.count or ask.print_match or ask.content):
        _edit(tree, ask)
    layout_only = ask.xpath is None and ask.pretty_print
    return tree.data() if written or layout_only or tree.essence() != before else data


def _edit(tree: Tree, ask: Any) -> None:
    if ask.state == "absent":
        tree.remove(ask.xpath)
    elif ask.set_children is not None:
        _set_children(tree, ask)
    elif ask.add_children:
        _add_children(tree, ask)
    elif ask.value is not None:
        _set_value(tree, ask)
    elif not tree.nodes(ask.xpath):
        tree.make(ask.xpath)


def _set_children(tree: Tree, ask: Any) -> None:
    for node in tree.nodes(ask.xpath):
        new = tree.elements(ask.set_children, ask.input_type)
        if [tree.etree.tostring(each, with_tail=False) for each in node] != [tree.etree.tostring(each) for each in new]:
            for each in list(node):
                node.remove(each)
            node.extend(new)


def _add_children(tree: Tree, ask: Any) -> None:
    nodes = tree.nodes(ask.xpath)
    if not nodes or not (ask.insertbefore or ask.insertafter):
        for node in nodes:
            node.extend(tree.elements(ask.add_children, ask.input_type))
        return
    beside = nodes[0] if ask.insertbefore else nodes[-1]
    parent = beside.getparent()
    if parent is None:
        raise Failure("nothing can stand beside the root, which {} finds".format(ask.xpath))
    at = parent.index(beside) + (0 if ask.insertbefore else 1)
    parent[at:at] = tree.elements(ask.add_children, ask.input_type)


def _set_value(tree: Tree, ask: Any) -> None:
    if not tree.nodes(ask.xpath):
        tree.make(ask.xpath)
    nodes = tree.nodes(ask.xpath)
    if not nodes:
        raise Failure("Xpath {} does not reference a node!".format(ask.xpath))
    for node in nodes:
        if ask.attribute:
            node.set(tree.clark(str(ask.attribute)), ask.value)
        else:
            node.text = ask.value
