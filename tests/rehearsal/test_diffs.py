from __future__ import annotations

import pytest

from rehearsal import values
from rehearsal.diffs import differences, ignoring, touched

VPC = "aws:ec2/vpc:Vpc"


def test_leaves_with_their_paths() -> None:
    old = {"tags": {"a": "1", "b.c/d": "2"}, "list": [1, 2], "same": {"x": [1]}}
    new = {"tags": {"a": "1", "b.c/d": "3"}, "list": [1], "same": {"x": [1]}, "more": True}
    assert [(c.path, c.old, c.new) for c in differences(VPC, old, new)] == [
        ("list[1]", 2, None),
        ("more", None, True),
        ('tags["b.c/d"]', "2", "3"),
    ]


def test_secrets_are_compared_and_not_shown() -> None:
    sealed = [values.seal({"p": values.secret(word)}, cipher=str.upper) for word in ("a", "a", "b")]
    assert differences(VPC, sealed[0], sealed[1]) == ()
    (change,) = differences(VPC, sealed[0], sealed[2])
    assert (change.old, change.new) == ("[secret]", "[secret]")
    (change,) = differences(VPC, {"p": "plain"}, sealed[0])
    assert (change.old, change.new) == ("plain", "[secret]")


def test_true_is_not_one() -> None:
    assert len(differences(VPC, {"a": True}, {"a": 1})) == 1


@pytest.mark.parametrize(
    ("patterns", "wanted"),
    [
        (["a"], {"a": 1, "b": {"x": 20, "y": 3}, "l": [{"n": 10}]}),
        (["b.x"], {"a": 10, "b": {"x": 2, "y": 3}, "l": [{"n": 10}]}),
        (["b.y"], {"a": 10, "b": {"x": 20}, "l": [{"n": 10}]}),
        (["l[0].n"], {"a": 10, "b": {"x": 20, "y": 3}, "l": [{"n": 1}]}),
        (["l[*].n"], {"a": 10, "b": {"x": 20, "y": 3}, "l": [{"n": 1}]}),
        (["*"], {"a": 1, "b": {"x": 2}, "l": [{"n": 1}]}),
        (["nowhere.at.all"], {"a": 10, "b": {"x": 20, "y": 3}, "l": [{"n": 10}]}),
    ],
)
def test_ignored_changes_keep_the_old_value(patterns: list[str], wanted: object) -> None:
    old = {"a": 1, "b": {"x": 2}, "l": [{"n": 1}]}
    new = {"a": 10, "b": {"x": 20, "y": 3}, "l": [{"n": 10}]}
    assert ignoring(patterns, old=old, new=new) == wanted
    assert new["a"] == 10


def test_a_path_is_touched_from_above_and_below() -> None:
    changes = differences(VPC, {"tags": {"a": "1"}}, {"tags": {"a": "2"}})
    assert touched(changes, ["tags"])
    assert touched(changes, ["tags.a"])
    assert touched(changes, ["*"])
    assert not touched(changes, ["tags.b", "other"])
