"""Every page speaks both languages, fetches nothing, and can be used with a keyboard and a screen reader."""

from __future__ import annotations

import re
from string import Formatter

import pytest
from jinja2 import Environment
from lxml import html

from backend.kit.errors import Misconfigured
from backend.portal import language, render
from tests.portal import examples
from tests.portal.gallery import page_html

TEMPLATES = sorted((render.FOLDER / "templates").rglob("*.html"))
PAGES = [(name, spoken) for name in examples.CASES for spoken in language.LANGUAGES]
each_page = pytest.mark.parametrize(("name", "spoken"), PAGES)


def tree(name: str, spoken: str) -> html.HtmlElement:
    return html.document_fromstring(page_html(name, spoken))


def test_both_languages_hold_the_same_sentences() -> None:
    zh, en = language.sentences("zh"), language.sentences("en")
    assert sorted(zh) == sorted(en)
    for key in zh:
        gaps = [sorted(field for _, field, _, _ in Formatter().parse(text) if field) for text in (zh[key], en[key])]
        assert gaps[0] == gaps[1], f"{key} asks for different values in the two languages"
        assert zh[key].strip(), key


def test_a_sentence_that_is_not_there_is_a_fault_and_not_an_empty_page() -> None:
    with pytest.raises(Misconfigured, match="no sentence"):
        language.Speaker("en").t("nowhere.at_all")


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_no_template_holds_prose_of_its_own(path: object) -> None:
    source = path.read_text(encoding="utf-8")  # type: ignore[attr-defined]
    data = "".join(token for _, kind, token in Environment(autoescape=True).lex(source) if kind == "data")
    read_aloud = re.findall(r'(?:alt|title|placeholder|aria-label|data-label)="([^"]*)"', data)
    text = re.sub(r"<[^>]*>", " ", re.sub(r'[a-z-]+="[^"]*"', "", data))
    assert not re.findall(r"[A-Za-z\u4e00-\u9fff]+", text)
    assert not any(read_aloud), read_aloud


def test_every_sentence_a_template_asks_for_by_name_exists() -> None:
    known = language.sentences("zh")
    for path in TEMPLATES:
        for key in re.findall(r"\bt\('([a-z_.]+)'[,)]", path.read_text(encoding="utf-8")):
            assert key in known, f"{path.name} asks for {key}"


def test_every_sentence_is_used_somewhere() -> None:
    sources = [path.read_text(encoding="utf-8") for path in [*TEMPLATES, *render.FOLDER.rglob("*.py")]]
    text = "\n".join(sources)
    stems = set(re.findall(r"['\"]([a-z_]+(?:\.[a-z_]+)*\.[a-z_]*)['\"] ~", text)) | {"state."}
    stems |= set(re.findall(r"f\"([a-z_]+(?:\.[a-z_]+)*\.[a-z_]*)\{", text))
    for key in language.sentences("zh"):
        named = f"'{key}'" in text or f'"{key}"' in text
        assert named or any(key.startswith(stem) for stem in stems), f"no page says {key}"


@each_page
def test_the_page_has_a_language_one_heading_and_a_title(name: str, spoken: str) -> None:
    page = tree(name, spoken)
    assert page.get("lang") == {"zh": "zh-CN", "en": "en"}[spoken]
    assert len(page.xpath("//h1")) == 1
    assert page.xpath("//title")[0].text_content().strip(" ·")
    ids = page.xpath("//@id")
    assert len(ids) == len(set(ids)), "an id stands twice"


@each_page
def test_every_field_has_a_label_and_every_form_the_token(name: str, spoken: str) -> None:
    page = tree(name, spoken)
    for field in page.xpath("//input[not(@type='hidden')] | //select | //textarea"):
        labelled = page.xpath(f"//label[@for='{field.get('id')}']") if field.get("id") else field.xpath("ancestor::label")
        assert labelled, field.get("name")
        assert labelled[0].text_content().strip(), field.get("name")
        for described in (field.get("aria-describedby") or "").split():
            assert page.xpath(f"//*[@id='{described}']"), described
    for form in page.xpath("//form"):
        assert form.get("method") == "post"
        assert form.xpath("./input[@name='csrf']/@value") == ["token"]
        assert form.xpath(".//button")


@each_page
def test_the_page_brings_no_script_no_style_and_nothing_from_elsewhere(name: str, spoken: str) -> None:
    page = tree(name, spoken)
    assert not page.xpath("//script | //style | //@style | //@onclick | //iframe")
    for address in page.xpath("//@href | //@src | //@action"):
        assert address.startswith(("/", "#")), address


@each_page
def test_nobody_reads_an_identifier_or_a_machine_word(name: str, spoken: str) -> None:
    page = tree(name, spoken)
    for hidden in page.xpath("//head/link | //textarea | //pre"):
        hidden.drop_tree()
    text = page.text_content()
    assert not re.search(r"\b(consent|offer|draw|claim|pool|member|step|need|application|facility|guarantee)_\d", text)
    assert not re.search(r"\b[a-z]+_[a-z_]+\b", text), "a machine code is printed"
    assert "None" not in text
    assert "{" not in text


@pytest.mark.parametrize("name", examples.CASES)
def test_an_english_page_says_nothing_of_its_own_in_chinese(name: str) -> None:
    page = tree(name, "en")
    own = {text for text in language.sentences("zh").values() if re.search(r"[\u4e00-\u9fff]{3}", text)}
    text = page.text_content()
    assert not [sentence for sentence in own if "{" not in sentence and len(sentence) > 7 and sentence in text]


def test_a_page_refuses_scripts_and_frames_by_its_headers() -> None:
    _, path, model, role = examples.CASES["home"]
    answer = render.respond("firm/home.html", model, render.Shell(path=path, role=role))
    assert "script-src" not in answer.headers["content-security-policy"]
    assert "default-src 'none'" in answer.headers["content-security-policy"]


def _channel(part: int) -> float:
    share = part / 255
    return share / 12.92 if share <= 0.03928 else ((share + 0.055) / 1.055) ** 2.4


def _light(colour: str) -> float:
    red, green, blue = (_channel(int(colour[i : i + 2], 16)) for i in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_text_stands_out_from_its_ground() -> None:
    sheet = (render.FOLDER / "static" / "portal.css").read_text(encoding="utf-8")
    colours = dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6});", sheet))
    pairs = [("ink", "paper"), ("soft", "paper"), ("soft", "card"), ("soft", "green-pale"), ("green", "card"), ("green", "paper")]
    pairs += [
        ("green-deep", "green-pale"),
        ("amber", "amber-pale"),
        ("brick", "brick-pale"),
        ("brick", "card"),
        ("card", "green"),
    ]
    pairs += [("soft", "grey-pale")]
    for text, ground in pairs:
        bright, dark = sorted((_light(colours[text]), _light(colours[ground])), reverse=True)
        assert (bright + 0.05) / (dark + 0.05) >= 4.5, f"{text} on {ground}"
