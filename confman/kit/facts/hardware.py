"""Memory, processors, uptime and what the firmware says."""

from __future__ import annotations

import os
import re
from typing import Any

from confman.kit.facts.text import read_text

_DMI = {
    "bios_date": "bios_date",
    "bios_vendor": "bios_vendor",
    "bios_version": "bios_version",
    "board_asset_tag": "board_asset_tag",
    "board_name": "board_name",
    "board_serial": "board_serial",
    "board_vendor": "board_vendor",
    "board_version": "board_version",
    "chassis_asset_tag": "chassis_asset_tag",
    "chassis_serial": "chassis_serial",
    "chassis_vendor": "chassis_vendor",
    "chassis_version": "chassis_version",
    "form_factor": "chassis_type",
    "product_name": "product_name",
    "product_serial": "product_serial",
    "product_uuid": "product_uuid",
    "product_version": "product_version",
    "system_vendor": "sys_vendor",
}
_FORMS = """Unknown Other Unknown Desktop Low_Profile_Desktop Pizza_Box Mini_Tower Tower Portable Laptop Notebook
Hand_Held Docking_Station All_In_One Sub_Notebook Space-saving Lunch_Box Main_Server_Chassis Expansion_Chassis
Sub_Chassis Bus_Expansion_Chassis Peripheral_Chassis RAID_Chassis Rack_Mount_Chassis Sealed-case_PC
Multi-system CompactPCI AdvancedTCA Blade""".split()


def memory() -> dict[str, Any]:
    """memtotal_mb, memfree_mb, swaptotal_mb, swapfree_mb and memory_mb with all of it."""
    return parse_memory(read_text("/proc/meminfo"))


def parse_memory(text: str) -> dict[str, Any]:
    """The memory facts of a /proc/meminfo."""
    size = {name: int(number) // 1024 for name, number in re.findall(r"(?m)^(\w+):\s+(\d+) kB", text)}
    if "MemTotal" not in size:
        return {}
    free, total = size.get("MemFree", 0), size["MemTotal"]
    spare = size.get("Buffers", 0) + size.get("Cached", 0)
    swap_total, swap_free = size.get("SwapTotal", 0), size.get("SwapFree", 0)
    return {
        "memtotal_mb": total,
        "memfree_mb": free,
        "swaptotal_mb": swap_total,
        "swapfree_mb": swap_free,
        "memory_mb": {
            "real": {"total": total, "used": total - free, "free": free},
            "nocache": {"free": free + spare, "used": total - free - spare},
            "swap": {
                "total": swap_total,
                "free": swap_free,
                "used": swap_total - swap_free,
                "cached": size.get("SwapCached", 0),
            },
        },
    }


def processors() -> dict[str, Any]:
    """processor, processor_count, processor_cores, processor_threads_per_core, processor_vcpus, processor_nproc."""
    found = parse_processors(read_text("/proc/cpuinfo"))
    try:
        found["processor_nproc"] = len(os.sched_getaffinity(0))
    except OSError:
        found["processor_nproc"] = os.cpu_count() or 1
    return found


def parse_processors(text: str) -> dict[str, Any]:
    """The processor facts of a /proc/cpuinfo."""
    fields = [dict(re.findall(r"(?m)^([^\t:]+?)\s*:[ \t]*(.*)$", block)) for block in text.split("\n\n")]
    blocks = [block for block in fields if "processor" in block]
    sockets = {block.get("physical id", "0"): block for block in blocks}
    first = next(iter(sockets.values()), {})
    count, cores, siblings = max(len(blocks), 1), 1, 1
    if "physical id" in first:
        count, cores = len(sockets), _number(first.get("cpu cores"), 1)
        siblings = _number(first.get("siblings"), cores)
    flags = _flags(first)
    found = {
        "processor": [name for block in blocks for name in _processor_names(block)],
        "processor_count": count,
        "processor_cores": cores,
        "processor_threads_per_core": max(siblings // max(cores, 1), 1),
        "processor_vcpus": max(siblings // max(cores, 1), 1) * count * cores,
    }
    return dict(found, flags=flags) if flags else found


def _flags(block: dict[str, str]) -> list[str]:
    return str(block.get("flags") or block.get("Features") or "").split()


def _processor_names(block: dict[str, str]) -> list[str]:
    """The number of a processor, and what it is called."""
    return [block["processor"], *filter(None, map(block.get, ("vendor_id", "model name", "Processor")))]


def _number(text: str | None, default: int) -> int:
    return int(text) if text and text.isdigit() else default


def uptime() -> dict[str, Any]:
    """uptime_seconds."""
    text = read_text("/proc/uptime").split(" ")[0]
    return {"uptime_seconds": int(float(text))} if text else {}


def firmware() -> dict[str, Any]:
    """bios_*, board_*, chassis_*, product_*, system_vendor, form_factor: what DMI says, `NA` where it does not."""
    found = {}
    for name, file in _DMI.items():
        found[name] = read_text("/sys/class/dmi/id/" + file) or "NA"
    kind = found["form_factor"]
    if kind.isdigit() and int(kind) < len(_FORMS):
        found["form_factor"] = _FORMS[int(kind)].replace("_", " ")
    return found
