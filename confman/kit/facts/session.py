"""Who asks, when, with what environment and which Python."""

from __future__ import annotations

import datetime as dt
import os
import pwd
import ssl
import sys
import time
from typing import Any


def user() -> dict[str, Any]:
    """user_id, user_uid, user_gid, user_gecos, user_dir, user_shell, and the numbers of the process."""
    number = os.getuid()
    found = {
        "real_user_id": number,
        "effective_user_id": os.geteuid(),
        "real_group_id": os.getgid(),
        "effective_group_id": os.getegid(),
    }
    try:
        entry = pwd.getpwuid(number)
    except KeyError:
        return dict(found, user_id=str(number), user_uid=number, user_gid=os.getgid())
    return dict(
        found,
        user_id=entry.pw_name,
        user_uid=entry.pw_uid,
        user_gid=entry.pw_gid,
        user_gecos=entry.pw_gecos,
        user_dir=entry.pw_dir,
        user_shell=entry.pw_shell,
    )


def env() -> dict[str, Any]:
    """env: the environment."""
    return {"env": dict(os.environ)}


def date_time() -> dict[str, Any]:
    """date_time: the host's time in many forms."""
    epoch = time.time()
    now = dt.datetime.fromtimestamp(epoch)
    utc = dt.datetime.fromtimestamp(epoch, dt.timezone.utc)
    forms = {
        "year": "%Y",
        "month": "%m",
        "weekday": "%A",
        "weekday_number": "%w",
        "weeknumber": "%W",
        "day": "%d",
        "hour": "%H",
        "minute": "%M",
        "second": "%S",
        "date": "%Y-%m-%d",
        "time": "%H:%M:%S",
        "iso8601_basic": "%Y%m%dT%H%M%S%f",
        "iso8601_basic_short": "%Y%m%dT%H%M%S",
    }
    found = {name: now.strftime(form) for name, form in forms.items()}
    found.update(
        epoch=str(int(epoch)),
        epoch_int=str(int(epoch)),
        iso8601_micro=utc.strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
        iso8601=utc.strftime("%Y-%m-%dT%H:%M:%SZ"),
        tz=time.strftime("%Z"),
        tz_dst=time.tzname[1],
        tz_offset=time.strftime("%z"),
    )
    return {"date_time": found}


def python() -> dict[str, Any]:
    """python, python_version: the interpreter that runs modules."""
    version = sys.version_info
    numbers = {
        "major": version[0],
        "minor": version[1],
        "micro": version[2],
        "releaselevel": version[3],
        "serial": version[4],
    }
    return {
        "python": {
            "version": numbers,
            "version_info": list(version),
            "executable": sys.executable,
            "has_sslcontext": hasattr(ssl, "SSLContext"),
            "type": sys.implementation.name,
        },
        "python_version": "{}.{}.{}".format(*version[:3]),
    }
