"""The front page: what Hải Đăng does, said in one breath, and the one step to it."""

from __future__ import annotations

from haidang.portal.web.doors import PUBLIC, Door
from haidang.portal.web.visit import Visit
from starlette.responses import Response


class Front:
    """`/`: for whoever is not signed in; whoever is goes home."""

    def doors(self) -> tuple[Door, ...]:
        """One address."""
        return (Door("GET", "/", self.show, needs=PUBLIC),)

    async def show(self, visit: Visit) -> Response:
        """The page."""
        if visit.maybe_session is not None:
            return visit.go("/trang-chu")
        return visit.page("front.html")
