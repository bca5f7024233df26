"""Pages: the exact names of the matrix."""

from __future__ import annotations

import pytest

from catalog.hostnames import WebApp
from catalog.stack_facts import Stack
from components.core.component import InvalidArgumentsError
from tests.contracts.examples_edge import pages, pages_args
from tests.contracts.harness import World, record_build

PROJECT = "cloudflare:index/pagesProject:PagesProject"
DOMAIN = "cloudflare:index/pagesDomain:PagesDomain"


@pytest.mark.parametrize(
    ("stack", "names", "hosts"),
    [
        (Stack.DEV, {"smp-mobile-dev", "smp-admin-dev"}, {}),
        (Stack.STAGING, {"smp-mobile-staging", "smp-admin-staging"}, {}),
        (
            Stack.PROD_GLOBAL,
            {"smp-mobile", "smp-admin"},
            {"app.smp.vn": "smp-mobile", "admin.smp.vn": "smp-admin"},
        ),
    ],
)
def test_projects_have_the_names_of_the_matrix(stack: Stack, names: set[str], hosts: dict[str, str]) -> None:
    recording = record_build(pages, stack)
    assert {project.inputs["name"] for project in recording.of_type(PROJECT)} == names
    assert {p.inputs["productionBranch"] for p in recording.of_type(PROJECT)} == {"main"}
    assert {d.inputs["name"]: d.inputs["projectName"] for d in recording.of_type(DOMAIN)} == hosts
    outputs = recording.registered_outputs[recording.root.urn]["hosts"]
    assert {first for first, *_ in outputs.values()} == {f"{name}.pages.dev" for name in names}


def test_problems_are_listed() -> None:
    with pytest.raises(InvalidArgumentsError) as caught:
        pages_args(World(Stack.DEV), account_id="x", projects={WebApp.ADMIN: ("admin.example",)})
    assert len(caught.value.problems) == 2
    with pytest.raises(InvalidArgumentsError, match="projects are empty"):
        pages_args(World(Stack.DEV), projects={})
