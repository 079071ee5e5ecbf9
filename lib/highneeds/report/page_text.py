"""What a finished page says, read back from its HTML: texts, the figures marked in them, and numbers without one."""

from collections.abc import Iterator

from highneeds.claims import loose_numbers

# Summary, first page and sections. Front matter and recommendations are the officer's own.
_SAID = "//section[@id='summary' or @id='glance' or starts-with(@id, 's-')]"
_SENTENCES = f"{_SAID}//*[self::p or self::li or self::figcaption][not(ancestor::ol) and not(@class='source')]"
_TEXTS = "//*[self::p or self::li or self::caption or self::figcaption or self::th or self::td or self::h2 or self::h3]"


def parse(content: bytes):
    """A page as a tree."""
    from lxml import html

    return html.fromstring(content)


def plain(element) -> str:
    """Text of an element on one line."""
    return " ".join(element.text_content().split())


def texts(page) -> list[str]:
    """Every text a reader meets, in order, and the words for each picture."""
    pictures = [picture.get("alt", "") for picture in page.iter("img")]
    return [plain(element) for element in page.xpath(_TEXTS) if not element.xpath("./p|./ul")] + pictures


def marked(page) -> Iterator[tuple[str, str]]:
    """Name of each figure on the page and how it is printed there."""
    for element in page.xpath("//*[@data-figure]"):
        yield element.get("data-figure"), plain(element)


def without_source(page) -> list[tuple[str, list[str]]]:
    """Sentences with a number that is no figure and no plain number, and those numbers."""
    from lxml import html

    found = {}
    for element in page.xpath(_SENTENCES):
        if numbers := loose_numbers(html.tostring(element, encoding="unicode", with_tail=False)):
            found[plain(element)] = numbers
    return list(found.items())
