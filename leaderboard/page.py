"""One page of the site, as the modules that make pages hand it to the renderer."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True)
class Page:
    """A file of HTML before it is written.

    Attributes:
        path: From the site's root. Made of our own words, or by `naming.page_name`.
        template: In `templates/`; it extends `base.html`.
        context: What the template is given, beside `site`, `data`, `root` and `page`.
        styles: In `styles/`, after `site.css`.
        module: In `scripts/`, `plots/page.js` …: the page's module, loaded from its file. Needs a server.
        inlined: In `scripts/`: a module that is inlined with all that it imports. Works from `file://` too.
        libraries: In `scripts/vendor/`: classic scripts, before the module.
        policy: Directives of the content security policy that replace the renderer's own.
    """

    path: str
    template: str
    context: Mapping[str, Any] = field(default_factory=dict)
    styles: tuple[str, ...] = ()
    module: str = ""
    inlined: str = ""
    libraries: tuple[str, ...] = ()
    policy: Mapping[str, str] = field(default_factory=dict)

    @property
    def root(self) -> str:
        """The way from here to the site's root: empty, or `../`."""
        return "../" * self.path.count("/")
