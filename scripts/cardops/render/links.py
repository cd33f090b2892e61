"""Where the files of a repository can be seen."""

from typing import NamedTuple

from cardops.model.findings import Location


class Links(NamedTuple):
    """Where files are shown: `url` is the repository's page (`https://…/owner/name`), or empty."""

    url: str = ""
    commit: str = ""

    def to(self, location: Location) -> str:
        """The address of a line; relative to the repository without a page."""
        from urllib.parse import quote

        path = quote(location.path.encode("utf-8", "surrogatepass"), safe="/")
        start = f"{self.url.rstrip('/')}/blob/{quote(self.commit or 'HEAD')}/" if self.url else ""
        return f"{start}{path}#L{location.line}"


NO_LINKS = Links()
