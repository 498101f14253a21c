"""Write the documentation as a site: ``make site``. Fails for a link or an anchor that leads nowhere.

Zensical makes the pages; this gives it what it cannot know: the README as the first page, the changelog,
links to files of the repository, ``llms.txt``, the list of pages for language models, and the schema of
fixture files.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from json import dumps
from pathlib import Path

from fakekit.contract.json_schema import fixture_schema
from fakekit.documentation import FIXTURE_SCHEMA, HOME, PAGES
from fakekit.resources import RECORDS

ROOT = Path(__file__).parents[1]
BUILD = ROOT / "build"
CONFIG = ROOT / "zensical.toml"
RAW = f"{HOME.replace('github.com', 'raw.githubusercontent.com')}/main/"
"""Where the README shows pictures from, since it is also the text on PyPI; the site has them itself."""
_LINK = re.compile(r"(?<=\]\()(?!https?://|#)([^)#\s]+)")


def main() -> int:
    """Write the site to ``build/site``. Returns the exit code of zensical."""
    shutil.rmtree(BUILD, ignore_errors=True)
    write_pages(BUILD / "docs")
    command = [Path(sys.executable).parent / "zensical", "build", "--strict", "--config-file", CONFIG]
    done = subprocess.run(command, cwd=ROOT, check=False)
    if done.returncode == 0:
        (BUILD / "site" / "llms.txt").write_text(llms_text(), "utf-8")
        schema = dumps(fixture_schema(RECORDS), indent=2)
        (BUILD / "site" / FIXTURE_SCHEMA.removeprefix(f"{PAGES}/")).write_text(f"{schema}\n", "utf-8")
    return done.returncode


def write_pages(folder: Path) -> None:
    """Write the pages that zensical reads: those of ``docs/``, the README and the changelog."""
    folder.mkdir(parents=True)
    pages = {f"docs/{name}": name for name in _pages() if (ROOT / "docs" / name).exists()}
    pages |= {"README.md": "index.md", "CHANGELOG.md": "changelog.md"}
    for source, page in pages.items():
        text = (ROOT / source).read_text("utf-8")
        (folder / page).write_text(move_links(text, source, pages), "utf-8")
    images = ROOT / "docs" / "images"
    if images.exists():
        shutil.copytree(images, folder / "images")


def move_links(text: str, source: str, pages: dict[str, str]) -> str:
    """Return a page whose links to files are links to pages, or to the repository for what is no page.

    source: the path of the page's file in the repository: ``docs/start.md``.
    pages: the name of each page, by the path of its file.

    Raises FileNotFoundError for a link to a file that the repository does not have.
    """

    def move(match: re.Match[str]) -> str:
        path = (ROOT / source).parent.joinpath(match[1]).resolve().relative_to(ROOT)
        if str(path) in pages:
            return pages[str(path)]
        if path.is_relative_to("docs/images"):
            return str(path.relative_to("docs"))
        if not (ROOT / path).exists():
            raise FileNotFoundError(f"{source} links to {path}, which does not exist")
        return f"{HOME}/{'tree' if (ROOT / path).is_dir() else 'blob'}/main/{path}"

    return _LINK.sub(move, text.replace(RAW, ""))


def llms_text() -> str:
    """Return the list of pages for language models: title, address, first sentence (llmstxt.org)."""
    project = tomllib.loads(CONFIG.read_text("utf-8"))["project"]
    lines = [f"# {project['site_name']}", "", f"> {project['site_description']}", "", "## Pages", ""]
    for page in _pages():
        text = (BUILD / "docs" / page).read_text("utf-8")
        title = re.search(r"^# (.+)$", text, re.MULTILINE)
        first = next(part for part in text.split("\n\n")[1:] if part[0].isalpha() or part[0] == "*")
        address = project["site_url"] + page.removesuffix("index.md").replace(".md", "/")
        sentence = re.sub(r"\[([^\]]+)\]\([^)]+\)", r"\1", " ".join(first.split())).split(". ")[0].rstrip(".")
        lines.append(f"- [{title[1] if title else page}]({address}): {sentence}.")
    return "\n".join(lines) + "\n"


def _pages() -> list[str]:
    """Return the names of the pages, in the order of the site's navigation."""
    return list(_files_in(tomllib.loads(CONFIG.read_text("utf-8"))["project"]["nav"]))


def _files_in(navigation: object) -> Iterator[str]:
    """Yield the names of the files in a part of the navigation, in order."""
    if isinstance(navigation, str):
        yield navigation
    elif isinstance(navigation, dict):
        for part in navigation.values():
            yield from _files_in(part)
    elif isinstance(navigation, list):
        for part in navigation:
            yield from _files_in(part)


if __name__ == "__main__":
    sys.exit(main())
