"""Personal data of the website builder: sites, drafts, photos; the reception brings its own."""

from haidang.website_builder.personal.office import SitesPart, Withdrawer

__all__ = ["SitesPart", "Withdrawer"]
