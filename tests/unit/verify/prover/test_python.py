"""What a service loads by name, imported by a real Python."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
from tests.unit.verify.prover.environments import SITE, VENV, distribution, service, venv
from tests.unit.verify.roots import Made, subject

from kollage.errors import BuildError
from kollage.verify.prover.python import check_imports

GOOD = {"nova/__init__.py": "", "nova/cmd.py": "def main(): ...\nclass Tool:\n    run = 1\n"}


def found(root: Path, files: Mapping[str, Made]) -> dict[str, str]:
    return {each.subject: each.message for each in check_imports(service(root, files))}


def nova(entry_points: str, *requirements: str, tree: bool = True, **modules: str) -> Mapping[str, Made]:
    more = {f"nova/{name}.py": content for name, content in modules.items()}
    return distribution("nova", *requirements, entry_points=entry_points, modules={**GOOD, **more}, tree=tree)


def test_what_can_be_imported_is_fine(tmp_path: Path) -> None:
    points = (
        "[console_scripts]\nnova = nova.cmd:main\n[oslo.config.opts]\nnova = nova.cmd\n[any]\nx = nova.cmd:Tool.run\n"
    )
    assert found(tmp_path, nova(points)) == {}


@pytest.mark.parametrize(
    ("module", "subject", "error"),
    [
        ("import not_there.deep\n", "not_there", "ModuleNotFoundError: No module named 'not_there'"),
        ("from nova.cmd import nothing\n", "nova.bad:main", "ImportError: cannot import name 'nothing'"),
        ("1 +\n", "nova.bad:main", "SyntaxError: invalid syntax"),
        ("raise SystemExit('no configuration')\n", "nova.bad:main", "SystemExit: no configuration"),
        ("raise KeyboardInterrupt\n", "nova.bad:main", "KeyboardInterrupt: "),
        ("", "nova.bad:main", "AttributeError: module 'nova.bad' has no attribute 'main'"),
        ("import os; os._exit(0)\n", "nova.bad:main", "importing it ended the process"),
        (
            "import os, signal; os.kill(os.getpid(), signal.SIGSEGV)\n",
            "nova.bad:main",
            "importing it ended the process",
        ),
    ],
)
def test_what_cannot_be_imported_is_told_and_the_rest_is_still_tried(
    tmp_path: Path, module: str, subject: str, error: str
) -> None:
    points = "[console_scripts]\na = nova.bad:main\nb = nova.worse:main\nc = nova.cmd:main\n"
    answer = found(tmp_path, nova(points, bad=module, worse="import missing_too"))
    assert set(answer) == {subject, "missing_too"}
    assert error in answer[subject]


def test_programs_that_never_run_together_are_not_blamed_for_each_other(tmp_path: Path) -> None:
    first = "import builtins\nbuiltins.backend = 'eventlet'\n"
    other = "import builtins\nassert getattr(builtins, 'backend', 'threading') == 'threading'\n"
    broken = "raise TypeError('always')\n"
    points = "[console_scripts]\na = nova.api\nb = nova.agent\nc = nova.broken\nd = nova.server\ne = nova.too\n"
    files = nova(points, api=first, agent=other, broken=broken, server=other, too=broken)
    assert list(found(tmp_path, files)) == ["nova.broken", "nova.too"]


EVENTLET = "import builtins\nbuiltins.backend = 'eventlet'\n"
NATIVE = """
import builtins
if getattr(builtins, 'backend', 'native') != 'native':
    raise RuntimeError('started with native threading')
builtins.backend = 'native'
main = 1
"""


@pytest.mark.parametrize(
    "application",
    [NATIVE, EVENTLET, "import os; os._exit(0)\n", "raise SystemExit('no configuration')\n", None],
    ids=["agrees", "does not agree", "ends its process", "asks for its configuration", "none"],
)
def test_code_that_refuses_to_go_on_beside_others_is_no_finding_where_it_does_alone(
    tmp_path: Path, application: str | None
) -> None:
    points = "[console_scripts]\na = nova.agent\nb = nova.compute:main\nc = nova.scheduler:main\n"
    if application is not None:
        points += "[wsgi_scripts]\nd = nova.application\n"
    files = nova(points, agent=EVENTLET, compute=NATIVE, scheduler=NATIVE, application=application or "")
    assert found(tmp_path, files) == {}


@pytest.mark.parametrize(
    ("module", "error"),
    [
        ("raise RuntimeError('always')\n", "RuntimeError: always"),
        ("class Own(RuntimeError): ...\nraise Own('always')\n", "Own: always"),
        ("import nova\nif not hasattr(nova, 'late'):\n    raise RuntimeError('no')\nmain = 1\n", "RuntimeError: no"),
        # what the application brings is no excuse for a program that does not bring it
        ("import nova\nmain = nova.late\n", "AttributeError: module 'nova' has no attribute 'late'"),
        ("from nova.cmd import late as main\n", "ImportError: cannot import name 'late' from 'nova.cmd'"),
    ],
)
def test_code_that_fails_by_itself_is_a_finding_whatever_is_imported_beside_it(
    tmp_path: Path, module: str, error: str
) -> None:
    points = "[console_scripts]\nb = nova.bad:main\n[wsgi_scripts]\nd = nova.application\n"
    application = "import nova.late\nimport nova.cmd\nnova.cmd.late = 1\n"
    answer = found(tmp_path, nova(points, bad=module, late="", application=application))
    assert list(answer) == ["nova.bad:main"]
    assert error in answer["nova.bad:main"]


def test_an_attribute_may_be_a_module(tmp_path: Path) -> None:
    assert found(tmp_path, nova("[neutron.db.alembic_migrations]\nnova = nova:cmd\n")) == {}


def test_one_module_that_is_missing_is_one_finding(tmp_path: Path) -> None:
    points = "[x]\na = nova.one\nb = nova.two\nc = nova.three\n"
    modules = dict.fromkeys(("one", "two", "three"), "import lxml\n")
    assert found(tmp_path, nova(points, tree=True, **modules)) == {
        "lxml": f"nova.one and 2 more cannot be imported in {VENV}: ModuleNotFoundError: No module named 'lxml'"
    }


def test_what_modules_print_is_no_answer(tmp_path: Path) -> None:
    points = "[console_scripts]\na = nova.loud:main\n"
    assert found(tmp_path, nova(points, loud="print('hello')\nimport os\nos.write(1, b'}{')\nmain = 1\n")) == {}


@pytest.mark.parametrize(
    ("group", "loaded"),
    [
        ("console_scripts", True),
        ("gui_scripts", True),
        ("oslo.messaging.drivers", True),
        ("keystoneauth1.plugin", False),
    ],
)
def test_of_libraries_commands_and_what_oslo_loads_count(tmp_path: Path, group: str, *, loaded: bool) -> None:
    files = nova(f"[{group}]\na = nova.bad\n", tree=False, bad="import lxml\n")
    assert bool(found(tmp_path, files)) is loaded


def test_plugins_for_the_service_count_whoever_brings_them(tmp_path: Path) -> None:
    plugin = distribution("plugin", entry_points="[nova.drivers]\na = plugin\n", modules={"plugin.py": "import lxml"})
    assert list(found(tmp_path, {**nova(""), **plugin})) == ["lxml"]
    assert found(tmp_path, plugin) == {}


@pytest.mark.parametrize(
    ("requirement", "module"),
    [
        ("confluent-kafka>=1; extra == 'kafka'", "confluent_kafka"),
        ("python-ldap; extra == 'ldap'", "ldap.filter"),
        ("google-api-python-client; extra == 'all'", "googleapiclient"),
        ("pyzmq; extra == 'zmq'", "zmq"),
        ("python-binary-memcached; extra == 'memcache'", "binary_memcached"),
    ],
)
def test_what_only_an_extra_needs_may_be_missing(tmp_path: Path, requirement: str, module: str) -> None:
    points = "[oslo.messaging.drivers]\na = nova.driver\n"
    code = f"import {module}\n"
    assert found(tmp_path, nova(points, requirement, tree=False, driver=code)) == {}
    always = requirement.partition(";")[0]
    assert module.partition(".")[0] in found(tmp_path, nova(points, always, tree=False, driver=code))


def test_an_extra_excuses_nothing_else(tmp_path: Path) -> None:
    points = "[oslo.messaging.drivers]\na = nova.driver\n"
    files = nova(points, "confluent-kafka; extra == 'kafka'", tree=False, driver="import lxml\n")
    assert list(found(tmp_path, files)) == ["lxml"]


def test_entry_points_of_extras_and_of_tests_are_not_loaded(tmp_path: Path) -> None:
    assert found(tmp_path, nova("[x]\na = nova.gone:main [all]\nb = nova.tests.fakes:Fake\nc = not a name\n")) == {}


def test_applications_may_ask_for_their_configuration_but_miss_nothing(tmp_path: Path) -> None:
    points = "[wsgi_scripts]\nnova-api = nova.api:application\n"
    asking = nova(points, api="raise SystemExit('no configuration')\n")
    assert found(tmp_path, asking) == {}
    assert list(found(tmp_path, nova(points, api="import lxml\n"))) == ["lxml"]


def test_modules_for_web_servers_are_found_without_being_named(tmp_path: Path) -> None:
    modules = {**GOOD, "nova/wsgi/__init__.py": "", "nova/wsgi/api.py": "import lxml\n"}
    assert list(found(tmp_path, distribution("nova", modules=modules, tree=True))) == ["lxml"]


def test_pipelines_name_what_can_be_imported(tmp_path: Path) -> None:
    paste = "[filter:a]\npaste.filter_factory = nova.cmd:gone\n[app:b]\npaste.app_factory = nova.cmd:main\n"
    files = {**nova(""), "/etc/nova/api-paste.ini": paste}
    assert list(found(tmp_path, files)) == ["nova.cmd:gone"]


@pytest.mark.parametrize("output", ["", "rubbish", "[]", "null", "[" * 100_000])
def test_a_python_that_does_not_answer_is_told(tmp_path: Path, output: str) -> None:
    looked_at = subject(tmp_path, {**venv(), **nova("[x]\na = nova.cmd\n")}, run=lambda command, text: output)
    message = f"the Python of {VENV} cannot import anything: it answered {output[:80]!r}"
    assert [(each.subject, each.message) for each in check_imports(looked_at)] == [(VENV, message)]


def test_a_python_whose_answer_is_lost_is_asked_again(tmp_path: Path) -> None:
    answers = iter(["", "{}"])
    files = {**venv(), **nova("[x]\na = nova.cmd\n")}
    looked_at = subject(tmp_path, files, run=lambda command, text: next(answers))
    assert list(check_imports(looked_at)) == []
    assert next(answers, None) is None


@pytest.mark.parametrize("output", ["{}", '{"nova.cmd": 1}', '{"other": {}, "nova.cmd": null}'])
def test_an_answer_that_says_nothing_is_no_finding(tmp_path: Path, output: str) -> None:
    looked_at = subject(tmp_path, {**venv(), **nova("[x]\na = nova.cmd\n")}, run=lambda command, text: output)
    assert list(check_imports(looked_at)) == []


def test_a_python_that_does_not_start_is_told(tmp_path: Path) -> None:
    def run(command: Sequence[str], text: str) -> str:
        raise BuildError(f"{command[0]} is not there")

    looked_at = subject(tmp_path, {**venv(), **nova("[x]\na = nova.cmd\n")}, run=run)
    message = f"the Python of {VENV} cannot import anything: {VENV}/bin/python is not there"
    assert [each.message for each in check_imports(looked_at)] == [message]


def test_every_name_is_asked_for_in_one_run_of_the_environments_own_python(tmp_path: Path) -> None:
    runs: list[tuple[str, object]] = []

    def run(command: Sequence[str], text: str) -> str:
        runs.append((command[0], json.loads(text)))
        return "{}"

    points = "[console_scripts]\na = nova.cmd:main\n[x]\nb = nova.cmd\n"
    assert list(check_imports(subject(tmp_path, {**venv(), **nova(points)}, run=run))) == []
    assert runs == [(f"{VENV}/bin/python", {"names": ["nova.cmd:main", "nova.cmd"], "applications": []})]


def test_an_image_without_an_environment_runs_nothing(tmp_path: Path) -> None:
    files = {f"{SITE}/nova-1.dist-info/METADATA": "Name: nova\n"}
    assert list(check_imports(subject(tmp_path, files))) == []
