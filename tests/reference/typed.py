"""Values as JSON that keeps types and the order of keys. Runs beside the reference too: nothing is imported."""


def typed(value):
    """[type, content]: 1, 1.0, True and "1" differ; so do two orders of keys."""
    if value is None or isinstance(value, bool):
        return ["none" if value is None else "bool", value]
    if isinstance(value, int):
        return ["int", str(value)]
    if isinstance(value, float):
        return ["float", repr(float(value))]
    if isinstance(value, str):
        return ["str", str(value)]
    if isinstance(value, dict):
        return ["dict", [[typed(key), typed(item)] for key, item in value.items()]]
    if isinstance(value, (list, tuple)):
        return ["list", [typed(item) for item in value]]
    name = type(value).__name__.lower().removeprefix("_").removeprefix("ansibletagged").removesuffix("type")
    return [name, str(value)]
