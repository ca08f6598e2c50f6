"""A mistake in a TOML file is a sentence that names the file, the key and the way out."""

from collections.abc import Callable
from pathlib import Path

import pytest

from kollage.errors import CatalogueError
from kollage.facts import Facts, nearest, read


def facts_of(folder: Path, text: str) -> Facts:
    path = folder / "image.toml"
    path.write_text(text, encoding="utf-8")
    return read(path)


def complaint(work: Callable[[], object]) -> tuple[str, str]:
    """What is said about a mistake, and the way out."""
    with pytest.raises(CatalogueError) as caught:
        work()
    return caught.value.message, caught.value.hint


def test_every_kind_of_value_is_read_as_it_is_written(tmp_path: Path) -> None:
    facts = facts_of(
        tmp_path,
        'text = "a"\nnumber = 3\nflag = true\ntexts = ["b", "c"]\nmapping = { d = "e" }\n'
        'table.inner = "f"\n[[tables]]\nname = "g"\n[[tables]]\nname = "h"\n',
    )
    assert facts.text("text") == "a"
    assert facts.number("number") == 3
    assert facts.flag("flag") is True
    assert facts.texts("texts") == ("b", "c")
    assert facts.mapping("mapping") == {"d": "e"}
    assert facts.table("table").text("inner") == "f"
    assert [row.text("name") for row in facts.tables("tables")] == ["g", "h"]
    facts.done()


def test_what_is_missing_is_empty_or_its_default(tmp_path: Path) -> None:
    facts = facts_of(tmp_path, "")
    assert facts.text("text", "default") == "default"
    assert facts.number("number", 7) == 7
    assert facts.flag("flag") is False
    assert facts.flag("other", default=True) is True
    assert (facts.texts("texts"), facts.mapping("mapping"), facts.tables("tables")) == ((), {}, ())
    assert list(facts.table("table").names()) == []
    assert (facts.has("text"), facts.is_list("text"), facts.is_table("text")) == (False, False, False)


@pytest.mark.parametrize(
    ("value", "read_it", "wrong", "hint"),
    [
        ("1", lambda facts: facts.text("key"), "must be a text, not 1", 'write key = "…"'),
        ('"1"', lambda facts: facts.number("key"), "must be a whole number, not '1'", "write key = 1"),
        ("true", lambda facts: facts.number("key"), "must be a whole number, not True", "write key = 1"),
        ("1.5", lambda facts: facts.number("key"), "must be a whole number, not 1.5", "write key = 1"),
        ("1", lambda facts: facts.flag("key"), "must be true or false, not 1", "write key = true"),
        ('"a"', lambda facts: facts.texts("key"), "must be a list of texts, not 'a'", 'write key = ["…"]'),
        ("[1]", lambda facts: facts.texts("key"), "must hold texts only", "put each value in quotes"),
        ('"a"', lambda facts: facts.mapping("key"), "must be a table of texts, not 'a'", 'write key = { … = "…" }'),
        ("{ a = 1 }", lambda facts: facts.mapping("key"), "must hold texts only", "put each value in quotes"),
        ("[]", lambda facts: facts.table("key"), "must be a table, not []", 'write key = { … = "…" }'),
        ("{ a = 1 }", lambda facts: facts.tables("key"), "must be a list of tables", "write [[key]]"),
        ('["a"]', lambda facts: facts.tables("key"), "must be a list of tables", "write [[key]]"),
    ],
)
def test_a_value_of_a_wrong_type_says_what_it_must_be(
    tmp_path: Path, value: str, read_it: Callable[[Facts], object], wrong: str, hint: str
) -> None:
    facts = facts_of(tmp_path, f"key = {value}\n")
    assert complaint(lambda: read_it(facts)) == (f"{tmp_path / 'image.toml'}: key {wrong}", hint)


def test_a_key_that_is_required_says_how_to_add_it(tmp_path: Path) -> None:
    facts = facts_of(tmp_path, "")
    assert complaint(lambda: facts.text("name")) == (f"{facts.path}: name is missing", 'add name = "…"')
    assert complaint(lambda: facts.number("uid")) == (f"{facts.path}: uid is missing", "add uid = 1")


def test_a_required_key_that_was_misspelt_is_recognised(tmp_path: Path) -> None:
    facts = facts_of(tmp_path, 'descripton = "a"\n')
    assert complaint(lambda: facts.text("description")) == (
        f"{facts.path}: description is missing",
        "rename 'descripton' to 'description'",
    )


def test_a_key_inside_a_table_is_named_with_its_way(tmp_path: Path) -> None:
    facts = facts_of(tmp_path, "[user]\nnam = 1\n[[file]]\n[[file]]\nmode = 7\n")
    user, second = facts.table("user"), facts.tables("file")[1]
    assert complaint(lambda: user.text("nam")) == (
        f"{facts.path}: user.nam must be a text, not 1",
        'write user.nam = "…"',
    )
    assert complaint(lambda: second.text("mode")) == (
        f"{facts.path}: file[1].mode must be a text, not 7",
        'write file[1].mode = "…"',
    )


def test_a_key_that_nobody_asked_for_gets_the_nearest_name(tmp_path: Path) -> None:
    facts = facts_of(tmp_path, 'parent = "a"\npakages = []\n')
    facts.text("parent")
    facts.texts("packages")
    assert complaint(facts.done) == (
        f"{facts.path}: pakages is not a key that is known here",
        "did you mean 'packages'?",
    )


def test_a_key_that_is_like_no_other_gets_the_list_of_all(tmp_path: Path) -> None:
    facts = facts_of(tmp_path, "xyz = 1\n")
    facts.text("parent", "")
    facts.flag("plugins")
    assert complaint(facts.done) == (
        f"{facts.path}: xyz is not a key that is known here",
        "known keys: parent, plugins",
    )


def test_names_that_are_gone_through_are_all_asked_for(tmp_path: Path) -> None:
    facts = facts_of(tmp_path, "a = 1\nb = 2\n")
    assert list(facts.names()) == ["a", "b"]
    facts.done()


def test_a_file_that_is_no_toml_says_where(tmp_path: Path) -> None:
    message, _ = complaint(lambda: facts_of(tmp_path, "parent = \n"))
    assert message == f"{tmp_path / 'image.toml'}: not valid TOML: Invalid value (at line 1, column 10)"


def test_a_file_that_is_not_utf_8_says_so(tmp_path: Path) -> None:
    path = tmp_path / "image.toml"
    path.write_bytes(b'description = "\xff"\n')
    message, _ = complaint(lambda: read(path))
    assert message.startswith(f"{path}: not valid TOML: 'utf-8' codec can't decode byte 0xff")


def test_a_file_that_is_not_there_says_so(tmp_path: Path) -> None:
    path = tmp_path / "image.toml"
    assert complaint(lambda: read(path)) == (f"{path}: cannot be read: No such file or directory", "")


def test_a_name_that_is_like_none_gets_no_hint() -> None:
    assert nearest("keystne", ("keystone", "nova")) == "did you mean 'keystone'?"
    assert nearest("xyz", ("keystone", "nova")) == ""
