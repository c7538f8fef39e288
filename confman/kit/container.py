"""One container of docker: what it lacks of what is asked, and the changes that bring it there."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from confman.kit.change import UNKNOWN, Change, Failure
from confman.kit.containeroptions import OPTIONS, command_words, differs, look
from confman.kit.containerwords import creation_words, given_options, network_words
from confman.kit.docker import Docker, each

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

_HALF_A_SECOND = 0.5


class Container:
    """A container by the options of docker_container (`ask`)."""

    def __init__(self, ask: Any) -> None:
        self.ask = ask
        self.name = ask.name
        self.tool = Docker(ask)
        self.have = self.tool.inspect("container", ask.name)

    def steps(self) -> Generator[Change, None, dict[str, Any]]:
        """All changes; returns the result data."""
        if self.ask.state == "absent":
            if self.have is not None:
                yield Change("container", self.name, before=self._short(), after=None, do=self._remove)
            return {"container": {}}
        yield from self._image()
        found = self._differing() if self.have is not None else []
        anew = self.have is None or bool(found) or self.ask.recreate
        if anew:
            again = self.have is not None and not found
            told = {"image": self.ask.image, "differs": found} if found else {"image": self.ask.image}
            yield Change("container", self.name, before=self._short(), after=told, do=self._make, once=again)
        yield from self._networks(anew)
        yield from self._running(anew)
        return {"container": self.have or {}}

    def _short(self) -> dict[str, Any] | None:
        if self.have is None:
            return None
        return {"image": look(self.have, "Config.Image"), "state": look(self.have, "State.Status")}

    # the image

    def _image(self) -> Iterator[Change]:
        """The change that pulls the image. Raises Failure when it may not be pulled and is not there."""
        image = self.ask.image
        if image is None:
            if self.have is None:
                raise Failure("Cannot create container when image is not specified!", name=self.name)
            return
        self.image = self.tool.inspect("image", image)
        pull = {"True": "always", "False": "missing"}.get(str(self.ask.pull), str(self.ask.pull))
        if pull == "never" and self.image is None:
            raise Failure("Cannot find image {}, and may not pull it".format(image), _lacks="the image " + image)
        platform = ["--platform", self.ask.platform] if self.ask.platform else []
        if pull == "always" or (pull == "missing" and self.image is None):
            before = self.image and self.image.get("Id")
            again = self.image is not None
            yield Change(
                "image",
                image,
                before=before,
                after=UNKNOWN,
                do=lambda: self._pull([*platform, image]),
                once=again,
            )

    def _pull(self, words: list[str]) -> None:
        self.tool.do("pull", *words)
        self.image = self.tool.inspect("image", str(self.ask.image))

    # what differs

    def _differing(self) -> list[str]:
        """The options that an existing container has otherwise."""
        compare = self.ask.comparisons or {}
        usual = compare.get("*", "")
        found = []
        options = given_options(self.ask)
        for option, _, kind, path in OPTIONS:
            how = compare.get(option, usual)
            if options.get(option) is None or how == "ignore":
                continue
            if differs(kind, options[option], look(self.have, path), how == "strict"):
                found.append(option)
        found += [option for option in self._others() if compare.get(option, usual) != "ignore"]
        return found

    def _others(self) -> Iterator[str]:
        """Those that are compared in their own way."""
        for option, path in (("command", "Config.Cmd"), ("entrypoint", "Config.Entrypoint")):
            wanted = getattr(self.ask, option)
            if wanted is not None and command_words(wanted) != (look(self.have, path) or []):
                yield option
        if self.ask.image is not None and not self._same_image():
            yield "image"
        yield from self._restarts()
        if not self._is_mounted():
            yield "mounts"

    def _is_mounted(self) -> bool:
        have = {(mount.get("Destination"), mount.get("Type")) for mount in look(self.have, "Mounts") or ()}
        return {(mount["target"], mount.get("type") or "volume") for mount in self.ask.mounts or ()} <= have

    def _restarts(self) -> Iterator[str]:
        policy, have = self.ask.restart_policy, look(self.have, "HostConfig.RestartPolicy") or {}
        if policy is not None and policy != (have.get("Name") or "no"):
            yield "restart_policy"
        if policy == "on-failure" and self.ask.restart_retries not in (None, have.get("MaximumRetryCount")):
            yield "restart_retries"

    def _same_image(self) -> bool:
        """Whether it is made of the image that is asked for: by what it is, and by its name where that counts."""
        named = bool(look(self.have, "Config.Image") == self.ask.image) or self.ask.image_name_mismatch == "ignore"
        if self.ask.image_comparison == "current-image" or self.image is None:
            return named
        return bool(look(self.have, "Image") == self.image.get("Id")) and named

    # making and removing

    def _make(self) -> dict[str, Any]:
        if self.have is not None:
            self._remove()
        self.tool.do("container", "create", *creation_words(self.ask))
        return {"container": self.tool.inspect("container", self.name) or {}}

    def _remove(self) -> None:
        if look(self.have, "State.Running"):
            self._stop()
        self.tool.do("container", "rm", "--force", *([] if self.ask.keep_volumes else ["--volumes"]), self.name)

    def _stop(self) -> None:
        if self.ask.force_kill:
            signal = ["--signal", self.ask.kill_signal] if self.ask.kill_signal else []
            self.tool.do("container", "kill", *signal, self.name)
        else:
            timeout = [] if self.ask.stop_timeout is None else ["--time", str(self.ask.stop_timeout)]
            self.tool.do("container", "stop", *timeout, self.name)

    # networks

    def _networks(self, anew: bool) -> Iterator[Change]:
        now = {} if anew else look(self.have, "NetworkSettings.Networks") or {}
        first = self.ask.networks_cli_compatible and anew and not self.ask.network_mode
        for number, network in enumerate(self.ask.networks or ()):
            if network["name"] not in now and not (first and number == 0):
                yield self._connection(network)

    def _connection(self, network: dict[str, Any]) -> Change:
        words = [*network_words(network, "--alias"), *each("--link", network.get("links"))]

        def do() -> dict[str, Any]:
            self.tool.do("network", "connect", *words, network["name"], self.name)
            return {"container": self.tool.inspect("container", self.name) or {}}

        where = "{} {}".format(network["name"], self.name)
        return Change("network connection", where, before=None, after="connected", do=do)

    # running

    def _running(self, anew: bool) -> Iterator[Change]:
        state = self.ask.state
        runs = bool(look(self.have, "State.Running")) and not anew
        paused = bool(look(self.have, "State.Paused")) and not anew
        if state == "stopped" and runs:
            yield self._act("stopped", self._stop)
        if state not in ("started", "healthy"):
            return
        if not runs:
            yield self._act("started", self._start, self.ask.detach is False)
        elif self.ask.restart:
            yield self._act("restarted", lambda: self.tool.do("container", "restart", self.name), True)
        if self.ask.paused not in (None, paused):
            verb = "pause" if self.ask.paused else "unpause"
            yield self._act(verb + "d", lambda: self.tool.do("container", verb, self.name))

    def _act(self, after: str, act: Any, once: bool = False) -> Change:
        def do() -> dict[str, Any]:
            told = act()
            result = {"container": self.tool.inspect("container", self.name) or {}}
            return dict(result, **told) if isinstance(told, dict) else result

        before = look(self.have, "State.Status")
        return Change("container state", self.name, before=before, after=after, do=do, once=once)

    def _start(self) -> dict[str, Any]:
        if self.ask.detach is False:
            return self._run_to_its_end()
        self.tool.do("container", "start", self.name)
        if self.ask.state == "healthy":
            self._wait_for_health()
        return {}

    def _run_to_its_end(self) -> dict[str, Any]:
        done = self.tool.try_to("container", "start", "--attach", self.name)
        told = {"status": done.rc}  # type: dict[str, Any]
        if self.ask.output_logs:
            told["output"] = done.out + done.err
        if done.rc != 0:
            raise Failure("container {} ended with {}: {}".format(self.name, done.rc, done.err.strip()), **told)
        if self.ask.cleanup:
            self.tool.do("container", "rm", "--force", self.name)
        return told

    def _wait_for_health(self) -> None:
        end = time.monotonic() + (self.ask.healthy_wait_timeout or 0)
        while True:
            status = look(self.tool.inspect("container", self.name), "State.Health.Status")
            if status == "healthy":
                return
            if time.monotonic() > end:
                raise Failure("container {} is {}, not healthy".format(self.name, status or "without a health check"))
            time.sleep(_HALF_A_SECOND)
