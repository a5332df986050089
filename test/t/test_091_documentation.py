"""The documentation says what is: what its sessions show is what the plugin prints, docs/differences.md has all differences."""
import re

import plugin_docs
from fences import blocks
from stack import TOP


def test_plugin_page(installation, base):
    server = plugin_docs.Server(installation, base)
    try:
        # first the README's, which makes what the page makes, too
        for kind, body in blocks((TOP / "README.md").read_text()):
            if kind in ("sql", "sh"):
                output = server.run(kind, body)
                assert "John Doe" in output
        server.run("sql", "DROP TABLE orders; DROP EXTENSION decoder_debezium")

        page = plugin_docs.PAGE.read_text()
        assert server.render(page) == page, "run make docs"

        # the session of this one goes on with such a slot
        page = (TOP / "docs/transforms.md").read_text()
        server.run("sql", "SELECT pg_create_logical_replication_slot('s', 'decoder_debezium')")
        assert server.render(page) == page
    finally:
        server.postgres.stop()


def test_differences():
    """A row for each recording that is replaced, and a replacement for each row."""
    page = (TOP / "docs/differences.md").read_text()
    section = page.split("## Recordings that are replaced")[1].split("\n## ")[0]
    rows = [row.split("|")[1] for row in section.splitlines() if row.startswith("| `")]
    listed = [name for row in rows for name in re.findall(r"`([^`]+)`", row)]
    assert len(listed) == len(set(listed)), "a recording is listed twice"
    assert set(listed) == {path.parent.name for path in (TOP / "test/golden").glob("*/*.jsonl")}


def test_links():
    """Links between pages, and files that they name, exist."""
    for page in TOP.glob("**/*.md"):
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text()):
            assert (page.parent / target).exists(), f"{page.relative_to(TOP)} links to {target}"
