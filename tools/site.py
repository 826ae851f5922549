"""What the site is beside docs/, as hooks of MkDocs: pages from the root of the project, and a content security policy.

The theme brings inline scripts. They are the same in all pages but for a few values, so their digests are listed in a
file that the server reads: it lets these run, and no others.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

ROOT = Path(__file__).parent.parent
PAGES = ("ARCHITECTURE.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md")
DIGESTS = "scripts.json"
_NO_PAGE = re.compile(r"\[([^\]]+)\]\((?:\.\./)+(?!docs)(?:README\.md|src|tests|tools|deploy|benchmarks)[^)]*\)")
_SCRIPT = re.compile(r"<script(?P<attributes>[^>]*)>(?P<text>.*?)</script>", re.DOTALL)


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the pages of the root."""
    for name in PAGES:
        files.append(File.generated(config, name, content=(ROOT / name).read_text()))
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Let links to the root's pages lead to where these are here, and those to code stay as words."""
    above = "../" * page.file.src_uri.count("/")
    if page.file.src_uri in PAGES:
        markdown = re.sub(r"\]\(docs/", "](", markdown)
    else:
        for name in PAGES:
            markdown = markdown.replace(f"]({above}../{name}", f"]({above}{name}")
    # A file of the project that is no page: its name is enough.
    return re.sub(
        r"\[([^\]]+)\]\((?:\.\./)+(?!docs)(?:README\.md|src|tests|tools|deploy|benchmarks)[^)]*\)", r"\1", markdown
    )


def on_post_build(config: MkDocsConfig) -> None:
    """List the digests of inline scripts, and leave out what is for the theme's makers."""
    site = Path(config.site_dir)
    for path in site.rglob("*.map"):
        path.unlink()
    digests = {_digest(text) for page in site.rglob("*.html") for text in inline_scripts(page.read_text())}
    (site / DIGESTS).write_text(json.dumps(sorted(digests), indent=1) + "\n")


def inline_scripts(text: str) -> list[str]:
    """Return what the inline scripts of a page say; data is none."""
    return [
        found["text"]
        for found in _SCRIPT.finditer(text)
        if "src=" not in found["attributes"] and "application/json" not in found["attributes"]
    ]


def _digest(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
