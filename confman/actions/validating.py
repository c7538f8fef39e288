"""validate_argument_spec: variables checked as a role's `meta/argument_specs.yml` wants them."""

from __future__ import annotations

from typing import Any

from confman.actions.base import ActionFailed, ActionTask
from confman.catalogue.signature import parse_options
from confman.catalogue.validate import check_options
from confman.errors import ConfmanError


def validate_argument_spec(task: ActionTask) -> dict[str, Any]:
    """Fail, naming every fault, unless the variables fit the specification."""
    spec = task.args.get("argument_spec")
    provided = task.args.get("provided_arguments") or {}
    if spec is None:
        raise ActionFailed('"argument_spec" arg is required in args')
    if not isinstance(spec, dict):
        raise ActionFailed(f"Incorrect type for argument_spec, expected dict and got {type(spec)}")
    if not isinstance(provided, dict):
        raise ActionFailed(f"Incorrect type for provided_arguments, expected dict and got {type(provided)}")
    try:
        parameters = parse_options(spec)
    except ConfmanError as error:
        raise ActionFailed(error.message) from error
    names = [name for p in parameters.values() for name in (p.name, *p.aliases)]
    given = {name: task.engine.plain(task.scope.find(name)) for name in names if name in task.scope}
    checked = check_options(parameters, None, {**given, **provided})
    if checked.unknown:
        checked.errors.append(f"Unsupported parameters: {', '.join(checked.unknown)}")
    context = task.args.get("validate_args_context") or {}
    result: dict[str, Any] = {"changed": False, "validate_args_context": context}
    if checked.errors:
        joined = "; ".join(checked.errors)
        message = f"Validation of arguments failed:\n{joined}"
        return {**result, "failed": True, "msg": message, "argument_errors": checked.errors, "argument_spec_data": spec}
    return {**result, "msg": "The arg spec validation passed"}
