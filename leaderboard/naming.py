"""Give every model and task a page name that no text can abuse."""

import hashlib
import re
import unicodedata

MAX_SLUG = 40


def page_name(kind: str, name: str) -> str:
    """The file of a model's or task's page, from the site's root.

    The readable part keeps only a-z, 0-9 and single hyphens; the hash keeps different names apart, on file
    systems without upper case too.

    >>> page_name("tasks", "bundled/diamonds")
    'tasks/bundled-diamonds-52ba0265.html'
    >>> page_name("models", "../../x")
    'models/x-9cdf6a50.html'
    """
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    slug = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:MAX_SLUG].rstrip("-")
    digest = hashlib.sha256(name.encode(errors="surrogatepass")).hexdigest()[:8]
    return f"{kind}/{slug + '-' if slug else ''}{digest}.html"
