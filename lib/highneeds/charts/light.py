"""A drawing in half its bytes: what matplotlib writes for editors is left out, what it repeats is said once."""

import re
from collections import Counter
from urllib.parse import quote

_NOTES = (r"<metadata>.*?</metadata>", r' transform="rotate\(-?0 [^)]*\)"', r"(?<=>)\s+(?=<)")
_FRACTION = re.compile(r"(\d\.\d\d)\d+")
_STYLE = re.compile(r' style="([^"]*)"')
_ID = re.compile(r' id="([^"]*)"')
OFTEN = 3  # a style that stands fewer times is left where it is
# What a data address may hold as it stands; what would end the attribute or the address is written in hexadecimal.
_PLAIN = " !$'()*+,-./:;=?@_~|{}[]^`"


def light(picture: str) -> str:
    """The same picture: no empty notes, groups, indents or turns by nothing; names that nothing uses left out.

    Points to a hundredth, a style that stands often said once.
    """
    for pattern in _NOTES:
        picture = re.sub(pattern, "", picture, flags=re.DOTALL)
    picture = re.sub(r"<[^>]+>", lambda tag: _FRACTION.sub(r"\1", " ".join(tag[0].split())), picture)
    used = set(re.findall(r"#([\w.-]+)", picture))
    picture = _ID.sub(lambda found: found[0] if found[1] in used else "", picture)
    picture = _named_shortly(picture.replace("xlink:href=", "href="))
    while (fewer := re.sub(r"<g>((?:(?!</?g\b).)*)</g>|<g[^>]*/>", r"\1", picture, flags=re.DOTALL)) != picture:
        picture = fewer
    return _said_once(_styled_once(picture))


def _named_shortly(picture: str) -> str:
    """Names of marks and frames numbered as they are first met."""
    names: dict[str, str] = {}
    for found in _ID.findall(picture):
        names.setdefault(found, f"n{len(names)}")
    return re.sub(r'( id="|#)([\w.-]+)(?=["\)])', lambda found: found[1] + names.get(found[2], found[2]), picture)


def _said_once(picture: str) -> str:
    """A class that each mark of a group has is the group's."""

    def group(found: re.Match) -> str:
        classes = set(re.findall(r"<use\b[^>]*?( class=\"\w+\"|)/>", found[2]))
        if len(classes) != 1 or not (own := classes.pop()):
            return found[0]
        return f"<g{found[1]}{own}>{found[2].replace(own, '')}</g>"

    return re.sub(r"<g((?: clip-path=\"[^\"]*\")?)>((?:<use\b[^>]*/>)+)</g>", group, picture)


def _styled_once(picture: str) -> str:
    """Styles that stand often as classes, named by the order in which they are first met."""
    often = [style for style, times in Counter(_STYLE.findall(picture)).items() if times >= OFTEN]
    names = {style: f"s{at}" for at, style in enumerate(often)}
    if not names:
        return picture
    picture = _STYLE.sub(lambda found: f' class="{names[found[1]]}"' if found[1] in names else found[0], picture)
    rules = "".join(f".{name}{{{style}}}" for style, name in names.items())
    return picture.replace("</style>", f"{rules}</style>", 1)


def address(picture: str) -> str:
    """The picture as an address that an image can name: a fifth shorter than in base64, and readable."""
    single = re.sub(r"<[^>]+>", lambda tag: re.sub(r"=\"([^\"']*)\"", r"='\1'", tag[0]), picture)
    return f"data:image/svg+xml,{quote(single, safe=_PLAIN)}"
