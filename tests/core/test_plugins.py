"""Loading, states and choosing, with plugins that are really installed."""

from __future__ import annotations

import json
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path

import pytest
from haidang.core.clock import SystemClock
from haidang.core.errors import Absent, Conflict, Malformed, Refused
from haidang.core.offers import BuildContext
from haidang.core.plugins import Plugins, PluginSettings, State, hook_names, load_plugins
from haidang.core.ports.timestamps import TimestampAuthority

from tests.core.installed import GROUP, TINY, Shelf

HOOK = "register_timestamp_authorities"


@pytest.fixture
def shelf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shelf:
    return Shelf(tmp_path, monkeypatch.syspath_prepend)


def shelved() -> list[EntryPoint]:
    """The plugins on the shelf, without the platform's own."""
    return [entry for entry in entry_points(group=GROUP) if entry.value.startswith("shelved_")]


def load(**settings: object) -> Plugins:
    return load_plugins(settings=PluginSettings.model_validate(settings), found=shelved())


def choose(
    plugins: Plugins, id: str = "tiny", *, hook: str = HOOK, **settings: object
) -> TimestampAuthority:
    context = BuildContext(Path(), SystemClock())
    return plugins.choose(hook, TimestampAuthority, id, settings, context)


async def test_a_chosen_provider_is_built_with_its_settings_and_answers(shelf: Shelf) -> None:
    shelf.put("tiny")

    authority = choose(load(), answer="token")

    assert await authority.request(b"request") == b"token"
    assert authority.capabilities == {"fast"}  # type: ignore[attr-defined]  # the guard's


def test_a_plugin_is_listed_with_its_distribution_and_version(shelf: Shelf) -> None:
    shelf.put("tiny", version="3.4")

    (state,) = load().states

    assert (state.name, state.distribution, state.version) == ("tiny", "tiny-plugin", "3.4")
    assert (state.state, state.why) == (State.LOADED, "")


@pytest.mark.parametrize(
    ("fault", "why"),
    [
        ("import no_such_library", "ModuleNotFoundError: No module named 'no_such_library'"),
        ("raise ValueError('no licence')", "ValueError: no licence"),
        ("import sys; sys.exit('bye')", "SystemExit: bye"),
        ("def", "SyntaxError"),
    ],
)
def test_a_plugin_that_fails_to_load_is_broken_and_the_rest_goes_on(
    shelf: Shelf, fault: str, why: str
) -> None:
    shelf.put("alpha", fault)
    shelf.put("tiny")

    plugins = load()

    states = {state.name: state for state in plugins.states}
    assert states["alpha"].state is State.BROKEN
    assert why in states["alpha"].why
    assert states["tiny"].state is State.LOADED
    assert choose(plugins, answer="token")


def test_a_hook_that_raises_while_yielding_leaves_nothing_of_its_plugin(shelf: Shelf) -> None:
    shelf.put("tiny", TINY + '        raise RuntimeError("half way")\n')

    plugins = load()

    assert plugins.states[0].state is State.BROKEN
    assert plugins.states[0].why == "RuntimeError: half way"
    assert plugins.data("register_processes") == []
    assert plugins.data(HOOK) == []


UNKNOWN_HOOK = """
    from haidang.core.hookspecs import hookimpl

    @hookimpl
    def register_spaceships():
        yield "enterprise"
"""
UNKNOWN_ARGUMENT = """
    from haidang.core.hookspecs import hookimpl

    @hookimpl
    def register_processes(platform):
        return []
"""
WRONG_TYPE = """
    from haidang.core.hookspecs import hookimpl

    @hookimpl
    def register_processes():
        yield "python -m something"
"""
OTHER_API = TINY.replace('capabilities=frozenset({"fast"})', 'api="2"')


@pytest.mark.parametrize(
    ("source", "why"),
    [
        (UNKNOWN_HOOK, "register_spaceships"),
        (UNKNOWN_ARGUMENT, "platform"),
        (WRONG_TYPE, "register_processes yields str, not ProcessRef"),
        (OTHER_API, "tiny is made for api 2; this is 1"),
    ],
    ids=["unknown hook", "unknown argument", "wrong type", "other api"],
)
def test_a_plugin_made_for_another_platform_is_incompatible(
    shelf: Shelf, source: str, why: str
) -> None:
    shelf.put("alien", source)

    (state,) = load().states

    assert state.state is State.INCOMPATIBLE
    assert why in state.why


def test_a_disabled_plugin_is_never_imported(shelf: Shelf) -> None:
    shelf.put("alpha", "raise ValueError('imported')")

    (state,) = load(disabled=["alpha"]).states

    assert (state.state, state.why) == (State.DISABLED, "switched off")


def test_an_allow_list_keeps_other_distributions_from_being_imported(shelf: Shelf) -> None:
    shelf.put("alpha", "raise ValueError('imported')")
    shelf.put("tiny")

    states = {state.name: state for state in load(allow=["tiny-plugin"]).states}

    assert states["tiny"].state is State.LOADED
    assert states["alpha"].state is State.DISABLED
    assert "alpha-plugin" in states["alpha"].why


def test_the_allow_list_is_read_from_the_platforms_settings(
    shelf: Shelf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shelf.put("tiny")
    monkeypatch.setenv("HAIDANG_STATE", str(tmp_path))
    (tmp_path / "haidang.toml").write_text("[plugins]\nallow = ['nobody']\n")

    states = {state.state for state in load_plugins().states}

    assert states == {State.DISABLED}


def test_two_offers_of_one_id_are_refused_naming_both_plugins(shelf: Shelf) -> None:
    shelf.put("tiny")
    shelf.put("double")

    with pytest.raises(Conflict) as refusal:
        load()

    assert refusal.value.reason == "OFFER_TWICE"
    assert refusal.value.facts["id"] == "tiny"
    assert {refusal.value.facts["first"], refusal.value.facts["second"]} == {"double", "tiny"}


def test_of_two_offers_of_one_id_one_can_be_switched_off(shelf: Shelf) -> None:
    shelf.put("tiny")
    shelf.put("double")

    assert choose(load(disabled=["double"]), answer="token")


def test_choosing_what_nobody_offers_names_what_there_is_and_what_is_left_out(
    shelf: Shelf,
) -> None:
    shelf.put("tiny")
    shelf.put("alpha", "import no_such_library")

    with pytest.raises(Absent) as refusal:
        choose(load(), "viettel")

    assert refusal.value.reason == "PROVIDER_NOT_FOUND"
    assert refusal.value.facts["known"] == ["tiny"]
    assert "no_such_library" in str(refusal.value.facts["left_out"])


def test_settings_that_are_not_valid_are_named_all_at_once(shelf: Shelf) -> None:
    shelf.put("tiny")

    with pytest.raises(Malformed) as refusal:
        choose(load(), tries="many", colour="red")

    assert refusal.value.reason == "PROVIDER_SETTINGS_INVALID"
    assert refusal.value.facts["keys"] == ["answer", "tries", "colour"]


def test_an_unknown_setting_is_refused_by_a_model_that_would_ignore_it(shelf: Shelf) -> None:
    shelf.put("tiny", TINY.replace(', extra="forbid"', ""))

    with pytest.raises(Malformed) as refusal:
        choose(load(), answer="token", colour="red")

    assert refusal.value.facts["keys"] == ["colour"]


def test_a_setting_refused_never_shows_its_value(shelf: Shelf) -> None:
    shelf.put("tiny", TINY.replace("tries: int = 1", "tries: int"))

    with pytest.raises(Malformed) as refusal:
        choose(load(), answer="a", tries="s3cr3t")

    assert "s3cr3t" not in json.dumps(refusal.value.facts)


def test_a_provider_that_cannot_be_built_is_said_with_its_plugin(shelf: Shelf) -> None:
    shelf.put(
        "tiny", TINY.replace("return TinyAuthority", "raise OSError('no key') or TinyAuthority")
    )

    with pytest.raises(Refused) as refusal:
        choose(load(), answer="token")

    assert refusal.value.reason == "PROVIDER_NOT_BUILT"
    assert refusal.value.facts["plugin"] == "tiny"
    assert refusal.value.facts["why"] == "OSError: no key"


def test_a_provider_that_lacks_a_method_refuses_to_start(shelf: Shelf) -> None:
    shelf.put("tiny", TINY.replace("async def request", "async def ask"))

    with pytest.raises(Refused) as refusal:
        choose(load(), answer="token")

    assert refusal.value.reason == "PROVIDER_INCOMPLETE"
    assert refusal.value.facts["method"] == "request"


EVERYTHING = """
    from importlib.resources import files

    from haidang.core.hookspecs import hookimpl
    from haidang.core.offers import CommandRef, NoSettings, Offer, PackRef, ProcessRef

    def offered(id):
        return [Offer(id, NoSettings, lambda settings, context: object())]

    @hookimpl
    def register_registries():
        return offered("registry")

    @hookimpl
    def register_dns_hosts():
        return offered("dns-host")

    @hookimpl
    def register_publish_targets():
        return offered("publish-target")

    @hookimpl
    def register_signers():
        return offered("signer")

    @hookimpl
    def register_timestamp_authorities():
        return offered("timestamp-authority")

    @hookimpl
    def register_payment_providers():
        return offered("payment-provider")

    @hookimpl
    def register_template_packs():
        return [PackRef("vn.pack", "1.0.0", files("json"))]

    @hookimpl
    def register_commands():
        return [CommandRef("command", "help", lambda parser: None, lambda arguments: 0)]

    @hookimpl
    def register_processes():
        return [ProcessRef("process", "a.module", "worker")]
"""


def test_a_stranger_may_use_every_hook_there_is(shelf: Shelf) -> None:
    shelf.put("everything", EVERYTHING)

    plugins = load()

    assert plugins.states[0].state is State.LOADED
    assert {hook: len(plugins.data(hook)) for hook in hook_names()} == dict.fromkeys(
        hook_names(), 1
    )


def test_the_built_in_plugins_load_and_offer_every_port() -> None:
    plugins = load_plugins(settings=PluginSettings())

    built_in = {state.name for state in plugins.states if state.distribution.startswith("haidang-")}
    assert built_in >= {"domains", "website_builder", "esign", "portal"}
    assert [state for state in plugins.states if state.state is not State.LOADED] == []
    for hook in hook_names():
        assert plugins.data(hook), f"no built-in uses {hook}"


def test_nothing_heavy_is_loaded_before_an_offer_is_chosen() -> None:
    import subprocess
    import sys

    probe = (
        "import sys; from haidang.core.plugins import load_plugins; load_plugins(); "
        "print(*sorted({'grpc', 'dbos', 'sqlalchemy', 'pyhanko', 'PIL', 'lxml', 'aiohttp'}"
        " & set(sys.modules)))"
    )
    answer = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True)

    assert answer.returncode == 0, answer.stderr
    assert answer.stdout.strip() == ""
