"""docker's modules, by a recorded docker: what is asked of it, and that a dry run asks for nothing to be done."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from confman.kit.compose import read_events
from confman.kit.containeroptions import differs, size_of
from confman.kit.containerwords import mount_word
from tests.modules.recorded import Programs, call, foretold

GONE = ("Error: No such object", 1)
IMAGE = {"Id": "sha256:1"}
NGINX = {
    "Image": "sha256:1",
    "State": {"Running": True, "Status": "running"},
    "Config": {"Image": "nginx:1", "Env": ["A=1", "PATH=/bin"], "Cmd": ["nginx"], "Labels": {"x": "y"}},
    "HostConfig": {
        "PortBindings": {"80/tcp": [{"HostIp": "", "HostPort": "8080"}]},
        "Binds": ["/srv:/srv:ro"],
        "Memory": 1 << 20,
        "RestartPolicy": {"Name": "always", "MaximumRetryCount": 0},
    },
    "NetworkSettings": {"Networks": {"back": {}}},
}
NETWORK = {
    "Name": "back",
    "Driver": "bridge",
    "Internal": True,
    "Options": {"mtu": "1400"},
    "IPAM": {"Driver": "default", "Config": [{"Subnet": "10.1.0.0/24"}]},
    "Containers": {"1": {"Name": "db"}},
}
VOLUME = {"Name": "data", "Driver": "local", "Options": {"type": "tmpfs"}, "Labels": None}


@pytest.fixture
def docker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Installs a docker that knows these objects."""
    programs = Programs(tmp_path, monkeypatch)

    def know(*objects: tuple[str, str, dict[str, Any]], **more: tuple[str, int]) -> Programs:
        answers = {f"{kind} inspect {name}": (json.dumps([each]), 0) for kind, name, each in objects}
        programs.add("docker", {**answers, **more})
        say_what_is_missing(programs.folder / "docker")
        return programs

    return know


def say_what_is_missing(path: Path) -> None:
    """Inspecting what there is none of fails, as docker's own does, and is no act."""
    lines = path.read_text().split("\n")
    place = next(number for number, line in enumerate(lines) if line == "esac")
    lines.insert(place, '*" inspect "*) echo "Error: No such object" >&2; exit 1;;')
    path.write_text("\n".join(lines))


VOLUMES = [
    ({}, [], ["docker volume create --driver local data"]),
    ({"driver_options": {"type": "tmpfs"}, "labels": {"a": True}}, [],
     ["docker volume create --driver local --opt type=tmpfs --label a=true data"]),
    ({"driver_options": {"type": "tmpfs"}, "recreate": "options-changed"}, [VOLUME], []),
    ({"driver_options": {"type": "nfs"}}, [VOLUME], []),
    ({"driver_options": {"type": "nfs"}, "recreate": "options-changed"}, [VOLUME],
     ["docker volume rm data", "docker volume create --driver local --opt type=nfs data"]),
    ({"recreate": "always"}, [VOLUME], ["docker volume rm data", "docker volume create --driver local data"]),
    ({"state": "absent"}, [VOLUME], ["docker volume rm data"]),
    ({"state": "absent"}, [], []),
]  # fmt: skip


@pytest.mark.parametrize(("arguments", "there", "acts"), VOLUMES)
def test_volumes(docker, arguments, there, acts):
    programs = docker(*(("volume", "data", each) for each in there))
    result, done = foretold(programs, "docker_volume", {"volume_name": "data", **arguments})
    assert (done, result["changed"]) == (acts, bool(acts))


NETWORKS = [
    ({"internal": True}, [], ["docker network create --driver bridge --internal back"]),
    ({"internal": True, "driver_options": {"mtu": 1400}}, [NETWORK], []),
    ({"ipam_config": [{"subnet": "10.1.0.0/24"}]}, [NETWORK], []),
    ({"internal": False}, [NETWORK],
     ["docker network disconnect --force back db", "docker network rm back",
      "docker network create --driver bridge back", "docker network connect back db"]),
    ({"connected": ["db", "web"]}, [NETWORK], ["docker network connect back web"]),
    ({"connected": ["web"]}, [NETWORK], ["docker network connect back web", "docker network disconnect back db"]),
    ({"connected": ["web"], "appends": True}, [NETWORK], ["docker network connect back web"]),
    ({"state": "absent"}, [NETWORK], ["docker network disconnect --force back db", "docker network rm back"]),
    ({"ipam_config": [{"subnet": "10.2.0.0/24", "aux_addresses": {"h": "10.2.0.9"}}], "enable_ipv4": True}, [],
     ["docker network create --driver bridge --ipv4=true --subnet 10.2.0.0/24 --aux-address h=10.2.0.9 back"]),
]  # fmt: skip


@pytest.mark.parametrize(("arguments", "there", "acts"), NETWORKS)
def test_networks(docker, arguments, there, acts):
    programs = docker(*(("network", "back", each) for each in there))
    result, done = foretold(programs, "docker_network", {"name": "back", **arguments})
    assert (done, result["changed"]) == (acts, bool(acts))


CONTAINERS = [
    ({"image": "nginx:1"}, [NGINX], []),
    ({"image": "nginx:1", "env": {"A": "1"}, "published_ports": ["8080:80"], "volumes": ["/srv:/srv:ro"],
      "memory": "1m", "restart_policy": "always", "labels": {"x": "y"}, "command": "nginx"}, [NGINX], []),
    ({"image": "nginx:1", "env": {"A": "2"}}, [NGINX],
     ["docker container stop web", "docker container rm --force web",
      "docker container create --name web --env A=2 nginx:1", "docker container start web"]),
    ({"image": "nginx:1", "env": {"A": "2"}, "comparisons": {"env": "ignore"}}, [NGINX], []),
    ({"image": "nginx:1", "env": {"A": "1"}, "comparisons": {"*": "strict"}, "state": "present"}, [NGINX],
     ["docker container stop web", "docker container rm --force web",
      "docker container create --name web --env A=1 nginx:1"]),
    ({"image": "nginx:1"}, [],
     ["docker container create --name web nginx:1", "docker container start web"]),
    ({"image": "nginx:1", "state": "present", "init": True, "oom_killer": False, "entrypoint": ["/e", "-x"],
      "command": ["a b"], "networks": [{"name": "back", "aliases": ["w"]}, {"name": "front", "ipv4_address": "10.0.0.9"}],
      "healthcheck": {"test": ["CMD", "true"], "interval": "5s"}, "restart_policy": "on-failure", "restart_retries": 3},
     [],
     [("docker container create --name web --init=true --network back --oom-kill-disable=true --restart on-failure:3 "
      "--health-cmd true --health-interval 5s --network-alias w --entrypoint /e nginx:1 -x a b"),
      "docker network connect --ip 10.0.0.9 front web"]),
    ({"state": "stopped"}, [NGINX], ["docker container stop web"]),
    ({"state": "stopped", "force_kill": True, "kill_signal": "TERM"}, [NGINX], ["docker container kill --signal TERM web"]),
    ({"image": "nginx:1", "restart": True}, [NGINX], ["docker container restart web"]),
    ({"image": "nginx:1", "paused": True}, [NGINX], ["docker container pause web"]),
    ({"image": "nginx:1", "networks": [{"name": "front"}, {"name": "back"}]}, [NGINX],
     ["docker container stop web", "docker container rm --force web",
      "docker container create --name web --network front nginx:1", "docker network connect back web",
      "docker container start web"]),
    ({"state": "absent", "keep_volumes": False}, [NGINX], ["docker container stop web", "docker container rm --force --volumes web"]),
    ({"state": "absent"}, [], []),
]  # fmt: skip


@pytest.mark.parametrize(("arguments", "there", "acts"), CONTAINERS)
def test_containers(docker, arguments, there, acts):
    programs = docker(("image", "nginx:1", IMAGE), *(("container", "web", each) for each in there))
    arguments = {"name": "web", **arguments}
    result, done = foretold(programs, "docker_container", arguments)
    assert (done, result["changed"]) == (acts, bool(acts))


def test_a_missing_image_is_pulled_or_refused(docker):
    programs = docker()
    arguments = {"name": "web", "image": "new"}
    assert "docker pull new" in foretold(programs, "docker_container", arguments)[1]
    refused = call("docker_container", {**arguments, "pull": "never"})
    assert (refused["failed"], refused["_lacks"]) == (True, "the image new")
    assert "image is not specified" in call("docker_container", {**arguments, "image": None})["msg"]


IMAGES: list[tuple[dict[str, Any], list[Any], list[str]]] = [
    ({"source": "local"}, [IMAGE], []),
    ({"source": "local", "repository": "reg/app", "push": True}, [IMAGE],
     ["docker tag app:latest reg/app:latest", "docker push reg/app:latest"]),
    ({"state": "absent", "force_absent": True}, [IMAGE], ["docker image rm --force app:latest"]),
    ({"state": "absent"}, [], []),
    ({"source": "pull", "force_source": True, "pull": {"platform": "linux/arm64"}}, [IMAGE],
     ["docker pull --platform linux/arm64 app:latest"]),
]  # fmt: skip


@pytest.mark.parametrize(("arguments", "there", "acts"), IMAGES)
def test_images(docker, arguments, there, acts):
    programs = docker(*(("image", "app:latest", each) for each in there))
    result, done = foretold(programs, "docker_image", {"name": "app", **arguments})
    assert (done, result["changed"]) == (acts, bool(acts))


def test_images_are_built(docker, tmp_path):
    programs = docker(("image", "app:1", IMAGE))
    build = dict.fromkeys(("args", "labels", "cache_from", "etc_hosts", "network", "target", "platform"))
    build.update(shm_size=None, container_limits={"memory": "1g"}, dockerfile="D", rm=True, pull=True, nocache=False)
    build.update(path=str(tmp_path), args={"A": 1}, etc_hosts={"db": "10.0.0.1"})
    arguments = {"name": "app:1", "source": "build", "build": build, "force_source": True}
    _, done = foretold(programs, "docker_image", arguments)
    words = f"--rm=true --build-arg A=1 --pull --add-host db:10.0.0.1 --memory 1g --file {tmp_path}/D {tmp_path}"
    assert done == [f"docker build --tag app:1 {words}"]
    build["path"] = "/none"
    assert call("docker_image", arguments)["_lacks"] == "/none"


def test_what_is_wrong_is_told(docker):
    programs = docker()
    programs.add("docker", {}, default=("", 7))
    result = call("docker_volume", {"volume_name": "x"})
    assert result["msg"].startswith("cannot inspect the volume x")
    refused = call("docker_image", {"name": "none", "source": "local"})
    assert refused["failed"]


DRY = """\
 DRY-RUN MODE -  Network app_default  Creating
 DRY-RUN MODE -  Network app_default  Created
 DRY-RUN MODE -  Container app-web-1  Creating
 DRY-RUN MODE -  Container app-web-1  Created
 DRY-RUN MODE -  Container app-web-1  Starting
 DRY-RUN MODE -  Container app-db-1  Running
"""


def test_compose_tells_what_it_would_do():
    found = [(event.kind, event.name, event.status) for event in read_events(DRY)]
    assert found == [
        ("network", "app_default", "Creating"),
        ("container", "app-web-1", "Creating"),
        ("container", "app-web-1", "Starting"),
    ]
    assert list(read_events("time=x level=warning\nnothing of ours")) == []


def test_compose_projects(tmp_path, monkeypatch):
    programs = Programs(tmp_path, monkeypatch)
    (tmp_path / "compose.yaml").write_text("services: {}\n")
    programs.add("docker", {})
    script = programs.folder / "docker"
    text = script.read_text().replace(
        "esac", f'*" --dry-run "*) cat {tmp_path}/dry >&2; exit 0;;\n*" ps "*|*" images "*) echo "[]"; exit 0;;\nesac'
    )
    script.write_text(text)
    (tmp_path / "dry").write_text(DRY)
    arguments = {"project_src": str(tmp_path)}
    base = f"docker compose --ansi never --project-directory {tmp_path}"
    result, done = foretold(
        programs, "docker_compose_v2", {**arguments, "wait": True, "scale": {"web": 2}, "services": ["web"]}
    )
    assert done == [f"{base} up --no-color --quiet-pull --scale web=2 --wait --detach -- web"]
    assert [each["status"] for each in result["actions"]] == ["Creating", "Creating", "Starting"]
    _, done = foretold(programs, "docker_compose_v2", {**arguments, "state": "absent", "remove_volumes": True})
    assert done == [f"{base} down --volumes"]
    (tmp_path / "dry").write_text("")
    result, done = foretold(programs, "docker_compose_v2", arguments)
    assert (result["changed"], done) == (False, [])
    assert "does not contain" in call("docker_compose_v2", {**arguments, "project_src": "/"})["msg"]


@pytest.mark.parametrize(
    ("kind", "wanted", "have", "strict", "expected"),
    [
        (
            "published",
            ["127.0.0.1:80:8080/udp"],
            {"8080/udp": [{"HostIp": "127.0.0.1", "HostPort": "80"}]},
            True,
            False,
        ),
        ("published", ["80"], {"80/tcp": [{"HostIp": "0.0.0.0", "HostPort": ""}]}, True, False),
        ("volumes", ["/a:/b", "/anonymous"], ["/a:/b:rw"], True, False),
        (
            "devices",
            ["/dev/a"],
            [{"PathOnHost": "/dev/a", "PathInContainer": "/dev/a", "CgroupPermissions": "rwm"}],
            True,
            False,
        ),
        ("rates", [{"path": "/dev/a", "rate": "1k"}], [{"Path": "/dev/a", "Rate": 1024}], True, False),
        ("ulimits", ["nofile:5:6"], [{"Name": "nofile", "Soft": 5, "Hard": 6}], True, False),
        ("nano", 1.5, 1500000000, False, False),
        ("size", "1g", 1 << 30, False, False),
        ("links", ["db"], ["/db:/web/db"], False, False),
        ("map", {"a": 1}, {"a": "1", "b": "2"}, True, True),
        ("map", {"a": 1}, {"a": "1", "b": "2"}, False, False),
        ("no", True, True, False, True),
    ],
)
def test_options_are_compared(kind, wanted, have, strict, expected):
    assert differs(kind, wanted, have, strict) is expected


def test_sizes_and_mounts():
    assert [size_of(each) for each in ("1k", "2M", "unlimited", "5")] == [1024, 2 << 20, -1, 5]
    mount = {"type": "volume", "source": "d", "target": "/d", "read_only": True, "volume_options": {"a": "b"}}
    assert mount_word(mount) == "type=volume,source=d,target=/d,readonly,volume-opt=a=b"
