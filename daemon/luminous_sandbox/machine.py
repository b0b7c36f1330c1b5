"""The sandbox itself: one throw-away machine, from its start to its end without a trace."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self, Unpack, get_args

from luminous_sandbox import etc, users
from luminous_sandbox.agent import CONTROL_SOCKET, QUESTIONS
from luminous_sandbox.blueprint import Blueprint, Copy, Shown
from luminous_sandbox.channel import CHANNEL_DIR, STATES, offer
from luminous_sandbox.environment import environment, toolchain_place
from luminous_sandbox.flake import FLAKE_SETTINGS, flake_commands, flake_file
from luminous_sandbox.host import check_host, compile_sources, shown_folders
from luminous_sandbox.knowledge import knowledge
from luminous_sandbox.namespace import Command, MachineNamespace, Session, Streams
from luminous_sandbox.options import AgentMode, SandboxOptions
from luminous_sandbox.services import BUS_NAME, Services
from luminous_sandbox.template import ensure_template
from luminous_sandbox.terminal import Terminal
from luminous_sandbox.toolchain import find_toolchain

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from types import TracebackType

    from luminous_sandbox.flake import FlakeKind
    from luminous_sandbox.options import How, Who
    from luminous_sandbox.toolchain import Toolchain

SYSTEM_PROFILE = "/nix/var/nix/profiles/system"
CONFIGURATION = "/etc/nixos"
# What each machine gets a copy of from the template, and whose it is there.
_COPIED = {
    "boot": "root",
    "etc/nixos": "alice",
    "root": "root",
    "var/lib/luminous-sandbox": "root",
}
_STOP_TIMEOUT_S = 10.0


class SandboxError(RuntimeError):
    """The sandbox was asked for something that it cannot do now."""


class Sandbox:
    """A machine with NixOS's files, a system bus, polkit, Nix and Luminous's daemon.

    A context manager; `start` and `stop` do the same. Everything it was ends with `stop`, or with
    this process, however that ends.
    """

    def __init__(self, options: SandboxOptions | None = None) -> None:
        self.options = options or SandboxOptions()
        self._mode: AgentMode = self.options.agent
        self._machine: MachineNamespace | None = None
        self._running_services: Services | None = None

    def start(self) -> Self:
        """Make the machine and start its services. Raises RuntimeErrors that say what to do."""
        check_host()
        self._toolchain = find_toolchain(self.options.nix)
        template = ensure_template(self._toolchain)
        compile_sources()
        self._machine = MachineNamespace(_blueprint(self._toolchain, template, self.options))
        try:
            self._boot()
        except BaseException:
            self.stop()
            raise
        return self

    def stop(self) -> None:
        """End the machine: no process, mount or file of it remains."""
        if self._machine is not None:
            self._machine.stop()
            self._machine = None

    def run(self, argv: Sequence[str], **how: Unpack[How]) -> subprocess.CompletedProcess[str]:
        """Run a command to its end, as alice unless told otherwise.

        Raises subprocess.TimeoutExpired, after ending the command, when it takes too long.
        """
        text, timeout = how.pop("input", None), how.pop("timeout", 60.0)
        if how.pop("tty", False):
            return self._run_on_terminal(argv, text, timeout, **_who(how))
        streams = _captured()
        if text is None:
            streams["stdin"] = subprocess.DEVNULL
        with self._popen(argv, _who(how), "own", **streams) as process:
            try:
                out, err = process.communicate(text, timeout)
            except BaseException:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
                raise
        return subprocess.CompletedProcess(list(argv), process.returncode, out, err)

    def popen(self, argv: Sequence[str], **who: Unpack[Who]) -> subprocess.Popen[str]:
        """Start a command with pipes to its three streams; it is a child of this process."""
        return self._popen(argv, who, **_captured())

    def spawn(
        self, argv: Sequence[str], who: Who, **streams: Unpack[Streams]
    ) -> subprocess.Popen[Any]:
        """Start a command with streams as subprocess.Popen takes them."""
        return self._popen(argv, who, **streams)

    def terminal(self, argv: Sequence[str], **who: Unpack[Who]) -> Terminal:
        """Start a command on a terminal of its own."""
        return Terminal(
            lambda screen: self._popen(
                argv, who, session="terminal", stdin=screen, stdout=screen, stderr=screen
            )
        )

    def path(self, path: str) -> Path:
        """Return where the host sees a path of the machine; a link in its last part stays one."""
        return self._namespace.path(path)

    def real_path(self, path: str) -> Path:
        """Return where the host sees what a path of the machine leads to through all its links."""
        return self._namespace.real_path(path)

    def inside(self, path: Path) -> str:
        """Return the machine's own name for a path that `path` or `real_path` returned."""
        return str(Path("/", path.relative_to(self._namespace.path("/"))))

    def set_knob(self, name: str, value: str = "") -> None:
        """Switch one of the machine's deliberate failures on."""
        self._knob(name).write_text(value)

    def clear_knob(self, name: str) -> None:
        """Switch a deliberate failure off."""
        self._knob(name).unlink(missing_ok=True)

    def knobs(self) -> list[str]:
        """Return the names of the knobs that are on."""
        return sorted(knob.name for knob in self.path(etc.KNOBS).iterdir())

    def set_agent(self, mode: AgentMode) -> None:
        """Answer questions of polkit that come from now on in another way."""
        if mode not in get_args(AgentMode):
            raise SandboxError(f"There is no way of answering called {mode!r}.")
        self._mode = mode
        if self._services.agent.is_running():
            self._tell_agent({"mode": mode})
        elif mode != "none":
            self._services.start_agent(mode)
            self._services.wait_for_agent()

    def agent_questions(self) -> list[dict[str, Any]]:
        """Return what polkit has asked so far: action, message, details, identities, answer."""
        asked = self.path(QUESTIONS)
        if not asked.exists():
            return []
        return [json.loads(line) for line in asked.read_text().splitlines()]

    def start_daemon(self, env: Mapping[str, str] | None = None) -> None:
        """Start the daemon and wait until it owns its name. Raises ServiceError."""
        self._launch_daemon(env)
        self._services.daemon.wait_for_name(BUS_NAME)

    def stop_daemon(self) -> int:
        """Ask the daemon to end, as systemd does; return its exit status."""
        process = self._services.daemon.process
        process.terminate()
        return int(process.wait(_STOP_TIMEOUT_S))

    def kill_daemon(self) -> None:
        """End the daemon in the middle of whatever it does."""
        process = self._services.daemon.process
        process.kill()
        process.wait()

    @property
    def daemon_pid(self) -> int:
        """The host's number of the daemon's process. Raises ServiceError when it never started."""
        return self._services.daemon.process.pid

    @property
    def daemon_is_running(self) -> bool:
        """Whether the daemon was started and has not ended."""
        return self._services.daemon.is_running()

    @property
    def daemon_log(self) -> str:
        """Everything the daemon has written."""
        return self._services.daemon.log

    @property
    def pid(self) -> int:
        """The host's number of the machine's PID 1."""
        return self._namespace.pid

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _traceback: TracebackType | None,
    ) -> None:
        self.stop()

    @property
    def _namespace(self) -> MachineNamespace:
        if self._machine is None:
            raise SandboxError("The sandbox is not running.")
        return self._machine

    @property
    def _services(self) -> Services:
        if self._machine is None or self._running_services is None:
            raise SandboxError("The sandbox is not running.")
        return self._running_services

    def _boot(self) -> None:
        variables = {**environment(self._toolchain, "root"), **self.options.environment}
        services = Services(self._namespace, variables)
        self._running_services = services
        services.start()
        if self._mode != "none":
            services.start_agent(self._mode)
        self._activate()
        if self.options.flake:
            self._make_flake(self.options.flake)
        # Only now, as most knobs turn against systems that come after the one that was booted.
        for name, value in self.options.knobs.items():
            self.set_knob(name, value)
        if self.options.daemon:
            self._launch_daemon(None)
        self._wait_until_usable()
        if self.options.daemon:
            services.daemon.wait_for_name(BUS_NAME)

    def _wait_until_usable(self) -> None:
        """Wait until commands can be run by people: they use Nix, and the agent is told of them."""
        self._services.wait()
        if self._mode != "none":
            self._services.wait_for_agent()

    def _activate(self) -> None:
        """Make the default generation of the system profile the running one, as booting does."""
        system = self.inside(self.real_path(SYSTEM_PROFILE))
        self.path("/run/booted-system").symlink_to(system)
        done = self.run([f"{system}/bin/switch-to-configuration", "test"], user="root")
        if done.returncode != 0:
            raise SandboxError(f"{system} cannot be activated:\n{done.stdout}{done.stderr}")

    def _make_flake(self, kind: FlakeKind) -> None:
        """Make /etc/nixos a flake whose inputs are those that the machine was built from."""
        self._wait_until_usable()
        channel = self.path(str(CHANNEL_DIR))
        offer(channel, STATES[0])
        for argv in flake_commands(kind):
            done = self.run(argv)
            if done.returncode != 0:
                raise SandboxError(f"/etc/nixos did not become a flake:\n{done.stderr}")
        offer(channel, STATES[-1])

    def _launch_daemon(self, env: Mapping[str, str] | None) -> None:
        chosen = {**self.options.environment, **(env or {})}
        if self.options.dbus_library is not None:
            chosen["LUMINOUS_DBUS_LIBRARY"] = self.options.dbus_library
        self._services.start_daemon(chosen)

    def _run_on_terminal(
        self, argv: Sequence[str], text: str | None, timeout: float, **who: Unpack[Who]
    ) -> subprocess.CompletedProcess[str]:
        with self.terminal(argv, **who) as terminal:
            terminal.send(text or "")
            status = terminal.wait(timeout)
            return subprocess.CompletedProcess(list(argv), status, terminal.output, "")

    def _popen(
        self,
        argv: Sequence[str],
        who: Who,
        session: Session = "shared",
        **streams: Unpack[Streams],
    ) -> subprocess.Popen[Any]:
        namespace = self._namespace
        user = who.get("user", "alice")
        account = users.account(user)
        env = {
            **environment(self._toolchain, user),
            **self.options.environment,
            **(who.get("env") or {}),
        }
        command = Command(
            argv=argv,
            user=user,
            folder=who.get("folder") or account.home,
            env=env,
            session=session,
        )
        if account.uid == 0 or self._mode == "none":
            return namespace.popen(command, **streams)
        return namespace.popen(
            command, lambda pid: self._tell_agent({"pid": pid, "uid": account.uid}), **streams
        )

    def _tell_agent(self, request: Mapping[str, object]) -> None:
        with socket.socket(socket.AF_UNIX) as control:
            control.connect(str(self.path(CONTROL_SOCKET)))
            control.sendall(json.dumps(request).encode() + b"\n")
            if not control.recv(16):
                raise SandboxError(f"The sandbox's agent failed:\n{self._services.agent.log}")

    def _knob(self, name: str) -> Path:
        if not name or os.sep in name:
            raise SandboxError(f"{name!r} cannot be the name of a knob.")
        return self.path(f"{etc.KNOBS}/{name}")


def _captured() -> Streams:
    pipe = subprocess.PIPE
    return {"stdin": pipe, "stdout": pipe, "stderr": pipe, "text": True}


def _who(how: How) -> Who:
    return {"user": how.get("user", "alice"), "env": how.get("env"), "folder": how.get("folder")}


def _blueprint(toolchain: Toolchain, template: Path, options: SandboxOptions) -> Blueprint:
    """Return the machine that is made of this template for these options."""
    place = toolchain_place(toolchain)
    shown = shown_folders()
    if place != toolchain.prefix:
        shown.append(Shown(source=str(toolchain.prefix), target=str(place)))
    copies = [
        Copy(
            source=str(template / folder),
            target=f"/{folder}",
            uid=users.account(owner).uid,
            gid=users.account(owner).gid,
        )
        for folder, owner in _COPIED.items()
        if (template / folder).is_dir()
    ]
    copies += knowledge(template) if options.knowledge else []
    settings = (FLAKE_SETTINGS if options.flake else "") + options.settings
    flake = [flake_file()] if options.flake else []
    return Blueprint(
        store=str(template / "nix"),
        shown=shown,
        removed=etc.REMOVED,
        copies=copies,
        folders=etc.folders(),
        files=[*etc.files(shell=toolchain.shell, settings=settings), *etc.prompts(), *flake],
    )
