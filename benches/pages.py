"""Pages drawn per second, beside Jinja2 drawing the same templates from the same data."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import partial
from importlib.metadata import version
from typing import Any
from unittest.mock import patch

import jinja2
import minijinja
import yaml
from haidang.core.hookspecs import hookimpl as _hookimpl  # noqa: F401 - loads the hooks
from haidang.website_builder import environment, rendering
from haidang.website_builder.packs import Pack, load_pack
from haidang.website_builder.providers import register_template_packs
from haidang.website_builder.website import Business, Draft, MediaRef, RenditionRef, read_website
from jinja2.sandbox import ImmutableSandboxedEnvironment

from benches.figures import Figure, beside, rate
from tests.judges import PROJECT

PACK = "vn.homestay.bien"
Drawn = tuple[str, dict[str, Any]]


def figures() -> list[Figure]:
    """The home page of the first example, with its photos."""
    pack = load_pack(next(ref for ref in register_template_packs() if ref.id == PACK))
    drawn = draws_of_home(pack)
    ours = environment.environment(pack, "vi")
    sandboxed = same_in_jinja2(pack, ImmutableSandboxedEnvironment)
    plain = same_in_jinja2(pack, jinja2.Environment)

    def work(render: Callable[[str, dict[str, Any]], str]) -> Callable[[], None]:
        def page() -> None:
            html = [render(template, context) for template, context in drawn]
            environment.assembled(html[-1], "".join(html[:-1]), **drawn[-1][1])

        return page

    def in_jinja2(env: jinja2.Environment) -> Callable[[], None]:
        return work(lambda name, context: env.get_template(name).render(**context))

    ours_page = work(lambda name, context: ours.render_template(name, **context))
    return [
        beside(
            "home pages drawn",
            partial(rate, ours_page),
            f"{kind} Jinja2 {version('jinja2')}",
            partial(rate, in_jinja2(env)),
            goal=goal,
        )
        for kind, env, goal in (("sandboxed", sandboxed, 4.0), ("plain", plain, 4.0))
    ]


def draws_of_home(pack: Pack) -> list[Drawn]:
    """Every template drawn for the Vietnamese home page, with its data."""
    text = (PROJECT / "examples/homestay-gio-bien.yaml").read_text()
    website = yaml.safe_load(text)["website"]
    media: dict[str, MediaRef] = {}
    content = with_media(website["content"], media)
    draft = Draft(website["pack"], Business(**website["business"]), ("vi",), content)
    drawn: list[Drawn] = []
    real = environment.draw

    def recording(pack: Pack, locale: str, template: str, **context: Any) -> str:
        drawn.append((template, context))
        return real(pack, locale, template, **context)

    with patch.object(environment, "draw", recording), patch.object(rendering, "draw", recording):
        rendering.render_preview(read_website(draft), pack, media, path="/", host="bench.vn")
    return drawn


def with_media(content: Any, media: dict[str, MediaRef]) -> Any:
    """*content* with each photo as a stored one; *media* takes what was made up for it."""
    if isinstance(content, dict):
        if "$photo" in content:
            photo = a_photo(str(content["$photo"]), content["alt"])
            media[photo.id] = photo
            return photo.id
        return {key: with_media(value, media) for key, value in content.items()}
    if isinstance(content, list):
        return [with_media(value, media) for value in content]
    return content


def a_photo(name: str, alt: dict[str, str]) -> MediaRef:
    """A photo as the media worker leaves it: three widths, two kinds."""
    digest = hashlib.sha256(name.encode()).hexdigest()
    renditions = tuple(
        RenditionRef(kind, width, width * 2 // 3, digest, 40_000)
        for width in (480, 960, 1600)
        for kind in ("image/avif", "image/webp")
    )
    return MediaRef(f"media/{digest}", 1600, 1067, alt, renditions)


def same_in_jinja2(pack: Pack, kind: type[jinja2.Environment]) -> jinja2.Environment:
    """The pack's templates as Jinja2 compiles them, autoescaped and strict."""
    recorded: dict[str, str] = {}

    class Recorder:
        """Takes what `environment` would add to minijinja."""

        def __init__(self, **_options: Any) -> None:
            self.filters: dict[str, Any] = {}
            self.globals: dict[str, Any] = {}

        def add_template(self, name: str, source: str) -> None:
            recorded[name] = source

        def add_filter(self, name: str, function: Any) -> None:
            self.filters[name] = function

        def add_global(self, name: str, value: Any) -> None:
            self.globals[name] = value

    with patch.object(minijinja, "Environment", Recorder):
        taken: Any = environment.environment.__wrapped__(pack, "vi")
    env = kind(
        loader=jinja2.DictLoader(recorded),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    env.filters.update(taken.filters)
    env.globals.update(taken.globals)
    return env
