"""Containers of docker."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Annotated, Any, Literal

from confman.kit import Change, Path, Raw, rules
from confman.kit.container import Container

if TYPE_CHECKING:
    from collections.abc import Generator


@rules(options={
     "device_read_bps": {"path": {"type": "str", "required": True}, "rate": {"type": "str", "required": True}},
     "device_write_bps": {"path": {"type": "str", "required": True}, "rate": {"type": "str", "required": True}},
     "device_read_iops": {"path": {"type": "str", "required": True}, "rate": {"type": "int", "required": True}},
     "device_write_iops": {"path": {"type": "str", "required": True}, "rate": {"type": "int", "required": True}},
     "device_requests": {"capabilities": {"type": "list", "elements": "list"},
                         "count": {"type": "int"},
                         "device_ids": {"type": "list", "elements": "str"},
                         "driver": {"type": "str"},
                         "options": {"type": "dict"}},
     "healthcheck": {"test": {"type": "raw"},
                     "test_cli_compatible": {"default": False, "type": "bool"},
                     "interval": {"type": "str"},
                     "timeout": {"type": "str"},
                     "retries": {"type": "int"},
                     "start_period": {"type": "str"},
                     "start_interval": {"type": "str"}},
     "mounts": {"target": {"type": "str", "required": True},
                "source": {"type": "str"},
                "type": {"type": "str", "choices": ["bind", "npipe", "tmpfs", "volume"], "default": "volume"},
                "read_only": {"type": "bool"},
                "consistency": {"type": "str", "choices": ["cached", "consistent", "default", "delegated"]},
                "propagation": {"type": "str",
                                "choices": ["private", "rprivate", "shared", "rshared", "slave", "rslave"]},
                "no_copy": {"type": "bool"},
                "labels": {"type": "dict"},
                "volume_driver": {"type": "str"},
                "volume_options": {"type": "dict"},
                "tmpfs_size": {"type": "str"},
                "tmpfs_mode": {"type": "str"}},
     "networks": {"name": {"type": "str", "required": True},
                  "ipv4_address": {"type": "str"},
                  "ipv6_address": {"type": "str"},
                  "links": {"type": "list", "elements": "str"},
                  "aliases": {"type": "list", "elements": "str"},
                  "mac_address": {"type": "str"}}})  # fmt: skip
def docker_container(
    name: str,
    image: str | None = None,
    state: Literal["absent", "present", "healthy", "stopped", "started"] = "started",
    auto_remove: bool | None = None,
    blkio_weight: int | None = None,
    capabilities: list[str] | None = None,
    cap_drop: list[str] | None = None,
    cgroupns_mode: Literal["host", "private"] | None = None,
    cgroup_parent: str | None = None,
    cleanup: bool = False,
    command: Raw | None = None,
    comparisons: dict[str, Any] | None = None,
    container_default_behavior: Literal["compatibility", "no_defaults"] = "no_defaults",
    command_handling: Literal["compatibility", "correct"] = "correct",
    cpu_period: int | None = None,
    cpu_quota: int | None = None,
    cpus: float | None = None,
    cpuset_cpus: str | None = None,
    cpuset_mems: str | None = None,
    cpu_shares: int | None = None,
    default_host_ip: str | None = None,
    detach: bool | None = None,
    devices: list[str] | None = None,
    device_read_bps: list[dict[str, Any]] | None = None,
    device_write_bps: list[dict[str, Any]] | None = None,
    device_read_iops: list[dict[str, Any]] | None = None,
    device_write_iops: list[dict[str, Any]] | None = None,
    device_requests: list[dict[str, Any]] | None = None,
    device_cgroup_rules: list[str] | None = None,
    dns_opts: list[str] | None = None,
    dns_servers: list[str] | None = None,
    dns_search_domains: list[str] | None = None,
    domainname: str | None = None,
    env: dict[str, Any] | None = None,
    env_file: Path | None = None,
    entrypoint: list[str] | None = None,
    etc_hosts: dict[str, Any] | None = None,
    exposed_ports: Annotated[list[str] | None, "exposed", "expose"] = None,
    force_kill: Annotated[bool, "forcekill"] = False,
    groups: list[str] | None = None,
    healthcheck: dict[str, Any] | None = None,
    hostname: str | None = None,
    image_comparison: Literal["desired-image", "current-image"] = "desired-image",
    image_label_mismatch: Literal["ignore", "fail"] = "ignore",
    image_name_mismatch: Literal["recreate", "ignore"] = "recreate",
    init: bool | None = None,
    interactive: bool | None = None,
    ipc_mode: str | None = None,
    keep_volumes: bool = True,
    kill_signal: str | None = None,
    kernel_memory: str | None = None,
    labels: dict[str, Any] | None = None,
    links: list[str] | None = None,
    log_driver: str | None = None,
    log_options: Annotated[dict[str, Any] | None, "log_opt"] = None,
    mac_address: str | None = None,
    memory: str | None = None,
    memory_reservation: str | None = None,
    memory_swap: str | None = None,
    memory_swappiness: int | None = None,
    mounts: list[dict[str, Any]] | None = None,
    network_mode: str | None = None,
    userns_mode: str | None = None,
    networks: list[dict[str, Any]] | None = None,
    networks_cli_compatible: bool = True,
    oom_killer: bool | None = None,
    oom_score_adj: int | None = None,
    output_logs: bool = False,
    paused: bool | None = None,
    pid_mode: str | None = None,
    pids_limit: int | None = None,
    platform: str | None = None,
    privileged: bool | None = None,
    publish_all_ports: bool | None = None,
    published_ports: Annotated[list[str] | None, "ports"] = None,
    pull: Raw = "missing",
    pull_check_mode_behavior: Literal["image_not_present", "always"] = "image_not_present",
    read_only: bool | None = None,
    recreate: bool = False,
    removal_wait_timeout: float | None = None,
    restart: bool = False,
    restart_policy: Literal["no", "on-failure", "always", "unless-stopped"] | None = None,
    restart_retries: int | None = None,
    runtime: str | None = None,
    shm_size: str | None = None,
    security_opts: list[str] | None = None,
    stop_signal: str | None = None,
    healthy_wait_timeout: float = 300,
    stop_timeout: int | None = None,
    storage_opts: dict[str, Any] | None = None,
    tmpfs: list[str] | None = None,
    tty: bool | None = None,
    ulimits: list[str] | None = None,
    sysctls: dict[str, Any] | None = None,
    user: str | None = None,
    uts: str | None = None,
    volumes: list[str] | None = None,
    volume_driver: str | None = None,
    volumes_from: list[str] | None = None,
    working_dir: str | None = None,
    docker_host: Annotated[str | None, "docker_url"] = None,
    api_version: Annotated[str, "docker_api_version"] = "auto",
    timeout: int = 60,
    tls: bool = False,
    validate_certs: Annotated[bool, "tls_verify"] = False,
    tls_hostname: str | None = None,
    ca_path: Annotated[Path | None, "ca_cert", "tls_ca_cert", "cacert_path"] = None,
    client_cert: Annotated[Path | None, "tls_client_cert", "cert_path"] = None,
    client_key: Annotated[Path | None, "tls_client_key", "key_path"] = None,
    use_ssh_client: bool = False,
    debug: bool = False,
) -> Generator[Change, None, dict[str, Any]]:
    """Keep a container of docker: made, running, connected to its networks; or have it removed.

    A container that differs in an option that is given is removed and made anew.

    Args:
        name: The container.
        image: The image that it is made of.
        state: started: there and running. healthy: and healthy. stopped: there and not running. present: there,
            running or not. absent: removed.
        auto_remove: Remove it when it ends.
        blkio_weight: Its share of block I/O, 10 to 1000.
        capabilities: Capabilities that it has besides the usual.
        cap_drop: Capabilities that it has not.
        cgroupns_mode: Whose cgroup namespace it is in.
        cgroup_parent: The cgroup that it is put in.
        cleanup: Remove it after it was run with `detach` false.
        command: What it runs, instead of what the image says.
        comparisons: How options are compared with an existing container: {env: strict, image: ignore, '*': ignore};
            strict, ignore, allow_more_present.
        container_default_behavior: compatibility: options that are not given have docker's old defaults.
        command_handling: compatibility: an empty command or entrypoint counts as not given.
        cpu_period: Length of a CPU period in microseconds.
        cpu_quota: CPU time in a period in microseconds.
        cpus: How many CPUs it may use.
        cpuset_cpus: The CPUs that it may run on: 0-3.
        cpuset_mems: The memory nodes that it may use.
        cpu_shares: Its share of CPU.
        default_host_ip: The address of the host that ports are published at where they name none.
        detach: Leave it running in the background. Otherwise wait until it ends; its exit code is `status`.
        devices: Devices of the host: /dev/sda:/dev/xvda:rwm.
        device_read_bps: Bytes a second that may be read: path, rate.
        device_write_bps: Bytes a second that may be written: path, rate.
        device_read_iops: Reads a second: path, rate.
        device_write_iops: Writes a second: path, rate.
        device_requests: GPUs: count or device_ids, capabilities, driver.
        device_cgroup_rules: Rules for the cgroup of devices.
        dns_opts: Options of the resolver.
        dns_servers: Servers that it asks for names.
        dns_search_domains: Domains that names are looked for in.
        domainname: Its domain.
        env: Environment variables; values are texts.
        env_file: A file of variables on the host; `env` goes before it.
        entrypoint: The program that runs, instead of the image's.
        etc_hosts: Names and addresses for its /etc/hosts.
        exposed_ports: Ports that it offers to other containers.
        force_kill: Kill it instead of stopping it.
        groups: Further groups of its user.
        healthcheck: test (a list, or a text for a shell, or NONE), interval, timeout, retries, start_period,
            start_interval.
        hostname: Its host name.
        image_comparison: desired-image: a container of another image than this is made anew. current-image: its own
            image is what options are compared with.
        image_label_mismatch: Whether labels of the image that are not asked for are an error.
        image_name_mismatch: Whether a container whose image is the same under another name is made anew.
        init: Run a small init in it.
        interactive: Keep standard input open.
        ipc_mode: Whose IPC namespace it is in.
        keep_volumes: Leave its anonymous volumes when it is removed.
        kill_signal: The signal that kills it.
        kernel_memory: Kernel memory at most.
        labels: Labels.
        links: Containers that it knows by name: db, or db:alias.
        log_driver: Where its output goes.
        log_options: Options of that.
        mac_address: Its MAC address.
        memory: Memory at most: 512m.
        memory_reservation: Memory that is kept for it.
        memory_swap: Memory and swap at most; -1 without bound.
        memory_swappiness: 0 to 100.
        mounts: Mounts: target, source, type (bind, npipe, tmpfs, volume), read_only, consistency, propagation,
            no_copy, labels, volume_driver, volume_options, tmpfs_size, tmpfs_mode.
        network_mode: bridge, host, none, container:NAME, or a network.
        userns_mode: Its user namespace.
        networks: Networks that it is connected to: name, ipv4_address, ipv6_address, links, aliases, mac_address.
        networks_cli_compatible: The first of `networks` is the one that it is made with; else it is on the default
            network too.
        oom_killer: Whether it is killed when memory runs out.
        oom_score_adj: How likely.
        output_logs: With `detach` false, show its output.
        paused: Whether it shall be paused.
        pid_mode: Whose PID namespace it is in.
        pids_limit: Processes at most.
        platform: The platform of the image: linux/arm64.
        privileged: All rights of the host.
        publish_all_ports: Publish all exposed ports at ports of the host.
        published_ports: Ports of the host that lead to its own: 8080:80, 127.0.0.1:8080:80/tcp. `all` for
            publish_all_ports.
        pull: When the image is pulled: never, missing, always (or true, false for the last two).
        pull_check_mode_behavior: Whether a dry run tells of a pull only where the image is missing, or whenever
            `pull` is always.
        read_only: Its root file system cannot be written.
        recreate: Make it anew even where it is as it should be.
        removal_wait_timeout: Seconds to wait until a removed container is gone.
        restart: Restart it where it runs already.
        restart_policy: When docker starts it again.
        restart_retries: How often on-failure tries.
        runtime: The OCI runtime.
        shm_size: Size of /dev/shm.
        security_opts: Security options.
        stop_signal: The signal that stops it.
        healthy_wait_timeout: Seconds to wait for healthy.
        stop_timeout: Seconds that it may take to stop.
        storage_opts: Options of the storage driver.
        tmpfs: Temporary file systems: /run:size=64m.
        tty: Give it a terminal.
        ulimits: Limits: nofile:262144:262144.
        sysctls: Kernel settings.
        user: Whom it runs as.
        uts: Whose UTS namespace it is in.
        volumes: Folders and volumes: /srv/data:/data:ro, data:/data.
        volume_driver: Driver of its volumes.
        volumes_from: Containers whose volumes it has too.
        working_dir: The folder that it runs in.
        docker_host: The daemon, unless it is this host's: tcp://192.0.2.23:2376.
        api_version: The API's version.
        timeout: Seconds that the daemon may take to answer.
        tls: Speak TLS, without a look at the daemon's certificate.
        validate_certs: Speak TLS, and check the certificate.
        tls_hostname: Accepted; the program takes the name from `docker_host`.
        ca_path: Certificates of the authorities that are trusted.
        client_cert: Our certificate.
        client_key: Its key.
        use_ssh_client: Accepted; the program uses ssh itself.
        debug: Accepted.

    Returns:
        container: What `docker container inspect` tells; empty when it is not there.
        status: The exit code, where `detach` is false.

    Examples:
        - docker_container:
            name: web
            image: nginx:1.27
            published_ports: ["8080:80"]
            restart_policy: unless-stopped
        - docker_container:
            name: app
            image: example/app:3
            env: {MODE: production}
            networks: [{name: back}]
            volumes: ["data:/data"]
        - docker_container:
            name: old
            state: absent

    Platforms: any with docker or podman.
    """
    return (yield from Container(SimpleNamespace(**locals())).steps())
