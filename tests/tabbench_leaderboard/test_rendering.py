import base64
import hashlib
import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from made_up_site import HOSTILE, HOSTILE_PATH, made_up_data, made_up_files, made_up_site, pages_in
from tabbench_leaderboard.naming import page_name
from tabbench_leaderboard.rendering import NAVIGATION, render_site


class Reader(HTMLParser):
    """Tags with their attributes, and the text, as a browser would read them."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.fixture(scope="module")
def pages() -> dict[str, str]:
    return pages_in(made_up_files(hostile=True))


def test_there_is_a_page_for_the_overview_and_each_task_and_model(pages: dict[str, str]) -> None:
    site = made_up_site(hostile=True)
    assert set(pages) >= {
        *(path for path, _ in NAVIGATION),
        *(page_name("tasks", t.name) for t in site.tasks),
        *(page_name("models", m.name) for m in site.models),
    }


def test_the_same_data_gives_the_same_bytes(pages: dict[str, str]) -> None:
    assert pages_in(made_up_files(hostile=True)) == pages


def test_a_name_from_a_stranger_is_shown_as_text_and_makes_no_tag(pages: dict[str, str]) -> None:
    for path, page in pages.items():
        reader = Reader(page)
        tags = [tag for tag, _ in reader.tags]
        assert not {"img", "iframe", "object", "form"} & set(tags), path
        assert page.count("<script") == tags.count("script"), path
        assert tags.count("style") == 1, path
        assert not [a for _, attributes in reader.tags for a in attributes if a.startswith("on")], path
    assert HOSTILE in Reader(pages["index.html"]).text
    assert HOSTILE in Reader(pages[page_name("models", HOSTILE)]).text
    assert "<b>class 2 is absent</b>" in Reader(pages[page_name("models", "mlp")]).text


def test_no_name_leads_out_of_the_folder(pages: dict[str, str]) -> None:
    assert page_name("tasks", HOSTILE_PATH) in pages
    for path in pages:
        assert re.fullmatch(r"[a-z]+\.html|(tasks|models)/[a-z0-9-]+\.html", path)


@pytest.mark.parametrize("name", ["../../x", "", "CON", "a" * 300, "ÄÖ/ß", "\ud800", "x\0y", "C:\\x", "模型"])
def test_any_name_makes_a_plain_short_file_name(name: str) -> None:
    assert re.fullmatch(r"models/([a-z0-9]+-)*[a-f0-9]{8}\.html", page_name("models", name))
    assert len(page_name("models", name)) < 70


def test_names_that_look_alike_have_pages_of_their_own() -> None:
    assert len({page_name("models", name) for name in ("a/b", "a-b", "A-B", "a b", "b-a")}) == 5


def test_every_link_leads_to_a_page_of_the_site(pages: dict[str, str]) -> None:
    published = {file.path for file in made_up_site().published}
    for path, page in pages.items():
        ids = {str(a["id"]) for _, a in Reader(page).tags if a.get("id")}
        for tag, attributes in Reader(page).tags:
            target = attributes.get("href")
            if tag != "a" or target is None:
                continue
            file, _, anchor = target.partition("#")
            if not file:
                assert anchor in ids, (path, target)
            elif "/" not in path:
                assert file in pages or file in published, (path, target)
            else:
                assert file.startswith("../"), (path, target)
                assert file.removeprefix("../") in pages, (path, target)


def test_nothing_is_loaded_from_elsewhere(pages: dict[str, str]) -> None:
    for path, page in pages.items():
        for tag, attributes in Reader(page).tags:
            assert "style" not in attributes, path
            if tag == "link":
                assert str(attributes["href"]).startswith("data:"), path
            if "src" in attributes:
                assert re.match(r"(\.\./)*scripts/", str(attributes["src"])), path
        assert not re.search(r"@import|url\(|https?:", page.split("</style>")[0].split("<style>")[1]), path


def digest(text: str) -> str:
    return "'sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() + "'"


def test_the_policy_allows_this_very_style_and_script_only(pages: dict[str, str]) -> None:
    for path, page in pages.items():
        (meta,) = [a for tag, a in Reader(page).tags if tag == "meta" and "http-equiv" in a]
        policy = dict(part.split(" ", 1) for part in str(meta["content"]).split("; "))
        assert policy["default-src"] == "'none'"
        assert policy["connect-src"].removesuffix(" blob:") == "'self'"
        (style,) = re.findall(r"<style>(.*?)</style>", page, re.DOTALL)
        assert policy["style-src"] == digest(style)
        inlined = [digest(script) for script in re.findall(r"<script>(.*?)</script>", page, re.DOTALL)]
        files = ["'self'"] if '<script type="module" src' in page or "<script src" in page else []
        assert set(policy["script-src"].split()) - {"'wasm-unsafe-eval'"} == set(inlined + files), path
        assert "'unsafe-" not in str(meta["content"])


def test_every_page_of_few_tasks_says_that_it_is_a_demonstration(pages: dict[str, str]) -> None:
    for path, page in pages.items():
        assert "demonstration, not evidence" in Reader(page).text, path


def test_a_missing_number_is_a_dash_and_never_nought(pages: dict[str, str]) -> None:
    page = pages[page_name("tasks", "bundled/diamonds")]
    row = next(r for r in re.findall(r"<tr>.*?</tr>", page, re.DOTALL) if ">svm<" in r)
    assert '<td class="number">–</td>' in row
    assert "imputed" in row


def test_times_are_called_those_of_a_shared_machine(pages: dict[str, str]) -> None:
    for path, page in pages.items():
        if "time" in page:
            assert "shared machine" in page, path


def test_times_of_the_timing_pass_are_called_so_on_every_page() -> None:
    data = made_up_data()
    views = [replace(view, times="timing pass") for view in data.site.views]
    timed = replace(data, site=replace(data.site, views=tuple(views)))
    pages = pages_in(render_site(made_up_site(), timed))
    for path in (page_name("models", "svm"), page_name("tasks", "bundled/diamonds")):
        assert 'Fit<span class="unit">s, timing pass</span>' in pages[path]
    half = replace(data, site=replace(data.site, views=(views[0], *data.site.views[1:])))
    page = pages_in(render_site(made_up_site(), half))[page_name("models", "svm")]
    assert "s, default: timing pass, tuned: shared machine" in page
    assert 'Search<span class="unit">s, shared machine</span>' in page
