"""What kolla-ansible asks of systemd on the system bus, and no more: units that start and stop one container each."""

import subprocess
from dataclasses import dataclass, field
from pathlib import Path

import dbus
import dbus.mainloop.glib
import dbus.service
from gi.repository import GLib

NAME, PLACE = "org.freedesktop.systemd1", "/org/freedesktop/systemd1"
MANAGER = f"{NAME}.Manager"
UNITS = Path("/etc/systemd/system")
JOB: str = dbus.ObjectPath(f"{PLACE}/job/1")


@dataclass
class Unit:
    """A unit, and the process that it has."""

    name: str
    child: "subprocess.Popen[bytes] | None" = None
    wanted: bool = False

    def setting(self, key: str) -> list[str]:
        """The words of a setting in its file."""
        file = UNITS / self.name
        lines = file.read_text().splitlines() if file.exists() else []
        return next((line.partition("=")[2].split() for line in lines if line.startswith(f"{key}=")), [])

    def runs(self) -> bool:
        return self.child is not None and self.child.poll() is None

    def start(self) -> None:
        self.wanted = True
        if not self.runs():
            null = subprocess.DEVNULL
            self.child = subprocess.Popen(self.setting("ExecStart"), stdin=null, stdout=null, stderr=null)

    def stop(self) -> None:
        self.wanted = False
        if command := self.setting("ExecStop"):
            subprocess.run(command, check=False, stdin=subprocess.DEVNULL, capture_output=True)
        if self.child:
            self.child.wait()

    def look_after(self) -> None:
        """Start it again where it should run and does not."""
        if self.wanted and not self.runs() and self.setting("Restart") == ["always"]:
            self.start()


@dataclass
class Units:
    """All units that were ever asked for."""

    known: dict[str, Unit] = field(default_factory=dict)

    def named(self, name: str) -> Unit:
        return self.known.setdefault(name, Unit(name))

    def look_after(self) -> bool:
        for unit in self.known.values():
            unit.look_after()
        return True  # and again

    def rows(self) -> list[tuple[object, ...]]:
        """As ListUnits gives them: of interest are the name and, fifth, the state."""
        return [
            (name, name, "loaded", "active", "running" if unit.runs() else "dead", "", JOB, dbus.UInt32(0), "", JOB)
            for name, unit in self.known.items()
        ]


class Manager(dbus.service.Object):  # type: ignore[misc]
    """The object on the bus; its methods are called as systemd's are."""

    units = Units()

    @dbus.service.method(MANAGER, in_signature="ss", out_signature="o")
    def StartUnit(self, name: str, _mode: str) -> str:  # noqa: N802
        self.units.named(str(name)).start()
        return JOB

    @dbus.service.method(MANAGER, in_signature="ss", out_signature="o")
    def StopUnit(self, name: str, _mode: str) -> str:  # noqa: N802
        self.units.named(str(name)).stop()
        return JOB

    @dbus.service.method(MANAGER, in_signature="ss", out_signature="o")
    def RestartUnit(self, name: str, _mode: str) -> str:  # noqa: N802
        unit = self.units.named(str(name))
        unit.stop()
        unit.start()
        return JOB

    @dbus.service.method(MANAGER)
    def Reload(self) -> None:  # noqa: N802
        """Nothing is kept of the files."""

    @dbus.service.method(MANAGER, in_signature="asbb", out_signature="ba(sss)")
    def EnableUnitFiles(self, _names: list[str], _runtime: bool, _force: bool) -> tuple[bool, object]:  # noqa: N802
        return True, dbus.Array([], signature="(sss)")

    @dbus.service.method(MANAGER, out_signature="a(ssssssouso)")
    def ListUnits(self) -> object:  # noqa: N802
        return dbus.Array(self.units.rows(), signature="(ssssssouso)")


def main() -> None:
    dbus.mainloop.glib.DBusGMainLoop(set_as_default=True)
    bus = dbus.SystemBus()
    held = dbus.service.BusName(NAME, bus)
    manager = Manager(bus, PLACE)
    GLib.timeout_add_seconds(2, manager.units.look_after)
    GLib.MainLoop().run()
    del held


if __name__ == "__main__":
    main()
