"""Links to files of a repository."""

from typing import NamedTuple

from cardops.model.findings import Location


class Links(NamedTuple):
    """Builds links to files. `url` is the repository's page (`https://…/owner/name`), or empty."""

    url: str = ""
    commit: str = ""

    def to(self, location: Location) -> str:
        """Return the address of a line, relative to the repository if there is no page."""
        from urllib.parse import quote

        path = quote(location.path.encode("utf-8", "surrogatepass"), safe="/")
        start = f"{self.url.rstrip('/')}/blob/{quote(self.commit or 'HEAD')}/" if self.url else ""
        return f"{start}{path}#L{location.line}"


NO_LINKS = Links()
