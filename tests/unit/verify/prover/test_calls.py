"""Commands that code names where it starts them, and texts that are no commands."""

import pytest

from kollage.verify.prover.calls import commands


@pytest.mark.parametrize(
    ("code", "names"),
    [
        ("processutils.execute('lvs', '--noheadings')", {"lvs"}),
        ("oslo.processutils.execute('lvs')", {"lvs"}),
        ("utils.execute(['ip', 'link'])", {"ip"}),
        ("execute('qemu-img', 'info', path)", {"qemu-img"}),
        ("ip.netns.execute(['arping', '-A'])", {"arping"}),
        ("self._execute('mount', path, run_as_root=True)", {"mount"}),
        ("processutils.trycmd('/sbin/multipath', '-l')", {"/sbin/multipath"}),
        ("subprocess.run(['xmlsec1', '--version'], check=True)", {"xmlsec1"}),
        ("subprocess.Popen(('ssh', host))", {"ssh"}),
        ("subprocess.check_output('uptime')", {"uptime"}),
        ("shutil.which('nvme')", {"nvme"}),
        ("processutils.execute('env', 'LC_ALL=C', 'vgs')", {"vgs"}),
        ("subprocess.run(['env', 'A=b', 'tar'])", {"tar"}),
        ("subprocess.run(['lvs'] + options)", {"lvs"}),
        ("utils.execute(*(LVM.PREFIX + ['lvs', '-o']))", {"lvs"}),
        ("def f(self):\n  cmd = ['dd', path]\n  self._execute(*cmd, run_as_root=True)", {"dd"}),
        ("def f():\n  cmd = ('ip', 'tuntap')\n  cmd = cmd + ('multi_queue',)\n  execute(*cmd)", {"ip"}),
        ("async def f():\n  for x in y:\n    cmd = ['a1']\n    subprocess.run(cmd)\n  execute('b2')", {"a1", "b2"}),
    ],
)
def test_a_command_is_found(code: str, names: set[str]) -> None:
    assert commands(code) == names


@pytest.mark.parametrize(
    "code",
    [
        "execute ('lvs')",
        "execute(  # of LVM\n  'lvs')",
        "(execute\n  # of LVM\n)('lvs')",
        "processutils . \\\n  execute \\\n  ('lvs')",
        "utils.execute(\n\n  'lvs')",
        "((utils.trycmd))('lvs')",
        "self._execute(\n  *['lvs'], run_as_root=True)",
        "(subprocess).run(['lvs'])",
        "subprocess\\\n.run(['lvs'])",
        "shutil.which\t('lvs')",
        "def execute(command): pass\nexecute('lvs')",
        "def f(): execute('lvs')",
        "@each(execute('lvs'))\ndef f(): pass",
    ],
)
def test_a_command_is_found_however_the_code_is_laid_out(code: str) -> None:
    assert commands(code) == {"lvs"}


@pytest.mark.parametrize(
    "code",
    [
        "session.execute('PRAGMA')",
        "connection.execute('SELECT 1 FROM a')",
        "self._execute('ShowLV', '-l')",
        "processutils.execute(*cmd)",
        "processutils.execute()",
        "processutils.execute(path, 'x')",
        "utils.execute('a b | c', shell=True)",
        "subprocess.run([sys.executable, '-m', 'pip'])",
        "subprocess.run([])",
        "subprocess.run(root_helper + ['ip'])",
        "subprocess.run([1, b'x'])",
        "def f():\n  cmd = ['one']\ndef g(cmd):\n  subprocess.run(cmd)",
        "def f():\n  cmd = cmd + cmd\n  subprocess.run(cmd)",
        "subprocess.run(['env', 'A=b'])",
        "subprocess.DEVNULL",
        "(lambda: 1)(1).execute(2); which(3); [execute][0]('x')",
        "# subprocess.run(['commented'])",
    ],
)
def test_what_is_no_command_is_not(code: str) -> None:
    assert commands(code) == frozenset()


@pytest.mark.parametrize(
    "code",
    [
        "subprocess.run(['a'] 1",
        "subprocess.run(['a'])\0",
        "subprocess.run(" + "(" * 5000,
        "subprocess; " + "-" * 100_000 + "1",
        "subprocess; x = " + "+".join(["y"] * 20_000),
    ],
    ids=["syntax", "zero", "brackets", "signs", "sum"],
)
def test_code_that_this_python_cannot_read_is_passed_over(code: str) -> None:
    assert commands(code) == frozenset()


def test_style_in_code_of_others_is_no_warning() -> None:
    assert commands("subprocess.run(['a', '\\d'])\nx is 1") == {"a"}
