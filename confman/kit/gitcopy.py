"""Bringing a working copy to a version."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Any

from confman.kit.change import Failure
from confman.kit.http import mask

if TYPE_CHECKING:
    from confman.kit.gitrepo import Git, Goal


class Copy:
    """One working copy. ask: the parameters of the module git."""

    def __init__(self, ask: Any, tool: Git) -> None:
        self.ask = ask
        self.tool = tool
        self.dest = ask.dest

    def _git(self, what: str, *words: str) -> str:
        return self.tool.must("{} {}".format(what, self.dest), *words, where=self.dest)

    def clone(self, goal: Goal) -> None:
        """Make it. Raises Failure."""
        ask = self.ask
        try:
            os.makedirs(os.path.dirname(self.dest.rstrip("/")) or "/", exist_ok=True)
        except OSError as error:
            raise Failure("cannot make the folder of {}: {}".format(self.dest, error.strerror)) from None
        what = "Failed to clone {} to {}".format(mask(ask.repo), self.dest)
        self.tool.must(what, "clone", "-q", *self._clone_options(goal), "--", ask.repo, self.dest)
        if ask.bare and ask.remote != "origin":
            self._git("Failed to name the remote of", "remote", "add", "--", ask.remote, ask.repo)
        if ask.refspec or (goal.kind == "commit" and ask.depth):
            self._fetch(goal)
        if not ask.bare:
            self._checkout(goal)

    def _clone_options(self, goal: Goal) -> list[str]:
        ask = self.ask
        words = ["--bare"] if ask.bare else ["--origin", ask.remote, "--no-checkout"]
        for option in ("depth", "reference", "separate_git_dir"):
            value = getattr(ask, option)
            words += ["--" + option.replace("_", "-"), str(value)] if value else []
        if ask.single_branch or ask.depth:
            words.append("--single-branch" if ask.single_branch else "--no-single-branch")
            if goal.kind in ("branch", "tag"):
                words += ["--branch", re.sub("^refs/(heads|tags)/", "", goal.name)]
        return words

    def update(self, goal: Goal) -> None:
        """Fetch what is new, and check out the version. Raises Failure."""
        ask = self.ask
        if not ask.bare and self.tool.head(self.dest):
            self._git("Failed to reset", "reset", "-q", "--hard")
        known = self.tool.remote_url(ask.remote, self.dest)
        if known != ask.repo:
            verb = "set-url" if known is not None else "add"
            self._git("Failed to set the remote of", "remote", verb, "--", ask.remote, ask.repo)
        self._fetch(goal)
        if not ask.bare:
            self._checkout(goal)

    def _fetch(self, goal: Goal) -> None:
        """Fetch branches and tags, or with a depth just the version."""
        ask = self.ask
        words = ["--depth", str(ask.depth)] if ask.depth else []
        if not ask.depth and os.path.exists(os.path.join(self._folder(), "shallow")):
            words.append("--unshallow")
        specs = [*([ask.refspec] if ask.refspec else []), *self._specs(goal)]
        self._git(
            "Failed to download remote objects and refs of", "fetch", "-q", "-f", *words, "--", ask.remote, *specs
        )

    def _specs(self, goal: Goal) -> list[str]:
        """What to fetch, and what it is called here."""
        ask = self.ask
        if ask.bare:
            return ["+refs/heads/*:refs/heads/*", "+refs/tags/*:refs/tags/*"]
        if ask.depth and goal.kind == "branch":
            return ["+refs/heads/{0}:refs/remotes/{1}/{0}".format(goal.name, ask.remote)]
        if ask.depth and goal.kind == "tag":
            return ["+refs/tags/{0}:refs/tags/{0}".format(re.sub("^refs/tags/", "", goal.name))]
        if ask.depth and goal.sha:
            return [goal.sha]
        return ["+refs/heads/*:refs/remotes/{}/*".format(ask.remote), "+refs/tags/*:refs/tags/*"]

    def _folder(self) -> str:
        place = self._git("Failed to find the repository of", "rev-parse", "--git-dir").strip()
        return os.path.join(self.dest, place)

    def _checkout(self, goal: Goal) -> None:
        """Check out the version, by its branch's name where it is one."""
        ask = self.ask
        if goal.kind == "branch":
            start = "{}/{}".format(ask.remote, goal.name)
            self._git(
                "Failed to checkout branch {} of".format(goal.name), "checkout", "-q", "-f", "-B", goal.name, start
            )
            target = "HEAD"
        else:
            target = goal.name if goal.kind == "commit" else re.sub("^(refs/tags/)?", "refs/tags/", goal.name)
            self._git("Failed to checkout {} of".format(ask.version), "checkout", "-q", "-f", "--detach", target)
        if ask.verify_commit:
            self.verify(goal, target)
        if ask.recursive:
            self._submodules()

    def verify(self, goal: Goal, target: str) -> None:
        """The version must bear a good signature, of one of the keys that are allowed. Raises Failure."""
        verb = "verify-commit"
        if goal.kind == "tag" and self.tool.ask("cat-file", "-t", target, where=self.dest).out.strip() == "tag":
            verb = "verify-tag"
        done = self.tool.ask(verb, "--raw", target, where=self.dest)
        if done.rc != 0:
            text = 'Failed to verify GPG signature of commit/tag "{}": {}'.format(self.ask.version, done.err.strip())
            raise Failure(text, **done.data())
        keys = fingerprints(done.err)
        allowed = {key.replace(" ", "").upper() for key in self.ask.gpg_allowlist or ()}
        if allowed and not keys & allowed:
            raise Failure('The gpg_allowlist does not include the public key "{}"'.format(", ".join(sorted(keys))))

    def _submodules(self) -> None:
        if not os.path.exists(os.path.join(self.dest, ".gitmodules")):
            return
        self._git("Failed to sync submodules of", "submodule", "--quiet", "sync", "--recursive")
        words = ["--init", "--recursive", *(["--remote"] if self.ask.track_submodules else []), "--force"]
        self._git("Failed to update submodules of", "submodule", "--quiet", "update", *words)

    def submodules_differ(self) -> bool:
        """Whether a submodule is missing or at another commit than recorded; one that tracks a branch cannot tell."""
        if not os.path.exists(os.path.join(self.dest, ".gitmodules")) or self.ask.track_submodules:
            return False
        out = self.tool.ask("submodule", "status", "--recursive", where=self.dest).out
        return any(line[:1] in ("-", "+", "U") for line in out.splitlines())


def fingerprints(text: str) -> set[str]:
    """The fingerprints of the keys of good signatures, from git's raw output: the key's, and its primary key's."""
    found = set()  # type: set[str]
    for line in text.splitlines():
        words = line.split()
        if words[:2] == ["[GNUPG:]", "VALIDSIG"]:
            found |= {words[2].upper(), words[-1].upper()}
    return found
