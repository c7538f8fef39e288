"""validate_argument_spec: variables checked as a role's `meta/argument_specs.yml` wants them."""

from __future__ import annotations

from typing import Any

from confman.actions.base import ActionFailed, ActionTask
from confman.catalogue.coerce import type_text
from confman.catalogue.signature import parse_options
from confman.catalogue.validate import check_options
from confman.errors import ConfmanError


def validate_argument_spec(task: ActionTask) -> dict[str, Any]:
    """Fail, naming every fault, unless the variables fit the specification."""
    spec, provided = _mappings(task)
    try:
        parameters = parse_options(spec)
    except ConfmanError as error:
        raise ActionFailed(error.message) from error
    names = [name for p in parameters.values() for name in (p.name, *p.aliases)]
    given = {name: task.engine.plain(task.scope.find(name)) for name in names if name in task.scope}
    checked = check_options(parameters, None, {**given, **provided})
    if checked.unknown:
        checked.errors.append(f"Unsupported parameters: {', '.join(checked.unknown)}")
    result: dict[str, Any] = {"changed": False, "validate_args_context": task.args.get("validate_args_context") or {}}
    if checked.errors:
        message = "Validation of arguments failed:\n" + "\n".join(checked.errors)
        return {**result, "failed": True, "msg": message, "argument_errors": checked.errors, "argument_spec_data": spec}
    return {**result, "msg": "The arg spec validation passed"}


def _mappings(task: ActionTask) -> tuple[dict[str, Any], dict[str, Any]]:
    spec, provided = task.args.get("argument_spec"), task.args.get("provided_arguments") or {}
    if spec is None:
        raise ActionFailed('"argument_spec" arg is required in args')
    for name, value in (("argument_spec", spec), ("provided_arguments", provided)):
        if not isinstance(value, dict):
            raise ActionFailed(f"Incorrect type for {name}, expected dict and got {type_text(value)}")
    return spec, provided
