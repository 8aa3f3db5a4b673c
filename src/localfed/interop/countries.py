"""Countries and languages as people write them: names, codes, and roughly where a country lies.

Here: small tables from general knowledge, made for directories in and around Europe, and asking
them. Not here: any border; a box only tells that a point cannot be right.
Source: ISO 3166-1 alpha-2, ISO 639-1.
"""

from __future__ import annotations

import difflib
import re
import unicodedata
from typing import Final

# code | names in several languages | boxes of whole degrees or halves: south west north east.
# Boxes are generous; islands far away have their own.
_COUNTRIES: Final = """
AD|andorra|42.3 1.3 42.8 1.9
AL|albania;albanien;albanie;shqiperia;shqiperi|39.5 19 42.8 21.2
AM|armenia;armenien;armenie|38.7 43.3 41.4 46.8
AT|austria;osterreich;autriche;oesterreich;ausztria;rakousko|46.3 9.4 49.1 17.3
AU|australia;australien;australie|-44 112.5 -9 154
AZ|azerbaijan;aserbaidschan|38.2 44.6 42 50.6
BA|bosnia and herzegovina;bosnia;bosnien;bosnien und herzegowina;bosna i hercegovina;bosnie|42.4 15.6 45.4 19.8
BE|belgium;belgien;belgique;belgie;belgio;belgica|49.4 2.4 51.6 6.5
BG|bulgaria;bulgarien;bulgarie;българия|41.1 22.2 44.3 28.8
BR|brazil;brasil;brasilien;bresil|-34 -74.2 5.5 -28.6
BY|belarus;weissrussland|51.1 23 56.3 32.9
CA|canada;kanada|41.5 -141.2 83.5 -52.4
CH|switzerland;schweiz;suisse;svizzera;suiza;svizra|45.7 5.8 47.9 10.6
CY|cyprus;zypern;chypre;kypros;κυπροσ;chipre;cipro|34.4 32.1 35.8 34.7
CZ|czech republic;czechia;tschechien;ceska republika;cesko;republique tcheque;chequia|48.4 12 51.2 19
DE|germany;deutschland;allemagne;alemania;germania;niemcy;duitsland;yr almaen|47.1 5.7 55.2 15.2
DK|denmark;danmark;danemark;dinamarca;dänemark|54.4 7.9 57.9 15.3
EE|estonia;eesti;estland;estonie|57.4 21.6 59.9 28.3
ES|spain;espana;spanien;espagne;spagna;espanya;sbaen|35.1 -9.5 43.9 4.5;27.5 -18.3 29.6 -13.3
FI|finland;suomi;finnland;finlande|59.4 19 70.2 31.7
FO|faroe islands;foroyar|61.3 -7.8 62.5 -6.1
FR|france;frankreich;francia;ffrainc;frankrijk;franca|41.2 -5.3 51.2 9.7;-21.5 55.1 -20.8 55.9;-13.1 44.9 -12.6 45.4;14.3 -61.9 18.2 -60.7;2 -54.7 5.9 -51.5
GB|united kingdom;great britain;britain;uk;england;scotland;wales;cymru;northern ireland;lloegr;yr alban;alba;\
vereinigtes konigreich;grossbritannien;royaume uni;reino unido;regno unito;y deyrnas unedig;schottland;u k|49.7 -8.8 61 2.1
GE|georgia;georgien;georgie|41 39.9 43.7 46.8
GG|guernsey;guernesey|49.3 -2.8 49.8 -2
GH|ghana|4.5 -3.4 11.3 1.4
GI|gibraltar|36 -5.5 36.3 -5.2
GR|greece;hellas;griechenland;grece;grecia;ελλαδα;ellada|34.7 19.2 41.9 29.8
HR|croatia;hrvatska;kroatien;croatie;croacia;croazia|42.2 13.3 46.7 19.6
HU|hungary;magyarorszag;ungarn;hongrie;hungria;ungheria|45.6 16 48.7 23
IE|ireland;eire;republic of ireland;irland;irlande;irlanda;iwerddon|51.3 -10.8 55.5 -5.9
IL|israel|29.3 34.1 33.5 36
IM|isle of man;ellan vannin;mannin|54 -4.9 54.5 -4.2
IN|india;indien;inde|6.5 68 35.7 97.5
IS|iceland;island;islande|63.2 -24.7 66.7 -13.3
IT|italy;italia;italien;italie;italija;yr eidal|35.3 6.5 47.2 18.7
JE|jersey|49.1 -2.4 49.4 -1.9
JP|japan;japon|24 122.8 45.8 154
KE|kenya;kenia|-4.9 33.8 5.2 42
LI|liechtenstein|47 9.4 47.3 9.7
LT|lithuania;lietuva;litauen;lituanie|53.8 20.8 56.6 26.9
LU|luxembourg;luxemburg;letzebuerg|49.4 5.6 50.3 6.6
LV|latvia;latvija;lettland;lettonie|55.6 20.8 58.2 28.4
MA|morocco;marokko;maroc|27.5 -13.3 36 -0.9
MC|monaco|43.7 7.3 43.8 7.5
MD|moldova;moldau;republica moldova|45.4 26.6 48.5 30.2
ME|montenegro;crna gora|41.8 18.4 43.6 20.4
MK|north macedonia;macedonia;makedonija;nordmazedonien|40.8 20.4 42.4 23.1
MT|malta;malte|35.7 14.1 36.2 14.7
MX|mexico;mexiko;mexique|14.4 -118.5 32.8 -86.6
NL|netherlands;the netherlands;holland;niederlande;nederland;pays bas;paises bajos|50.7 3.3 53.7 7.3
NO|norway;norge;norwegen;norvege;noruega|57.8 4.4 71.3 31.3;74 10 81 34
NZ|new zealand;neuseeland;aotearoa|-47.5 166 -34 179
PL|poland;polska;polen;pologne;polonia|48.9 14 55 24.3
PT|portugal;portogallo|36.8 -9.7 42.3 -6.1;36.8 -31.5 39.8 -24.9;32.3 -17.5 33.2 -16.1
RO|romania;rumanien;roumanie;rumania|43.5 20.1 48.4 29.8
RS|serbia;srbija;serbien;serbie|41.8 18.7 46.3 23.1
SE|sweden;sverige;schweden;suede;suecia|55.2 10.9 69.2 24.3
SI|slovenia;slovenija;slowenien;slovenie;eslovenia|45.3 13.3 47 16.7
SK|slovakia;slovensko;slovak republic;slovenska republika;slowakei;slovaquie;eslovaquia|47.6 16.7 49.7 22.7
SM|san marino|43.8 12.3 44.1 12.6
SR|suriname;surinam|1.7 -58.2 6.2 -53.9
TR|turkey;turkiye;turkei;turquie|35.7 25.6 42.3 44.9
UA|ukraine;ukraina|44.2 22 52.5 40.3
UG|uganda|-1.6 29.4 4.4 35.1
US|united states;united states of america;usa;vereinigte staaten;etats unis;estados unidos;u s a|24.3 -125 49.5 -66.8;51 -180 71.6 -129.9;18.8 -160.5 22.4 -154.6;17.6 -67.4 18.6 -65.1
VA|vatican city;holy see|41.8 12.4 42 12.5
XK|kosovo|41.8 20 43.3 21.9
ZA|south africa;sudafrika|-35 16.3 -22 33
"""

_ISO_REST: Final = """
AE AF AG AI AO AQ AR AS AW AX BB BD BF BH BI BJ BL BM BN BO BQ BS BT BV BW BZ CC CD CF CG CI CK CL
CM CN CO CR CU CV CW CX DJ DM DO DZ EC EG EH ER ET FJ FK FM GA GD GF GL GM GN GP GQ GS GT GU GW GY
HK HM HN HT ID IO IQ IR JM JO KG KH KI KM KN KP KR KW KY KZ LA LB LC LK LR LS LY MF MG MH ML MM MN
MO MP MQ MR MS MU MV MW MY MZ NA NC NE NF NG NI NP NR NU OM PA PE PF PG PH PK PM PN PR PS PW PY QA
RE RU RW SA SB SC SD SG SH SJ SL SN SO SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TT TV TW
TZ UM UY UZ VC VE VG VI VN VU WF WS YE YT ZM ZW
"""
"""Codes without names or boxes here: taken as they stand."""

_LANGUAGE_CODES: Final = """
aa ab af ak am an ar as av ay az ba be bg bh bi bm bn bo br bs ca ce ch co cr cs cu cv cy da de
dv dz ee el en eo es et eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr ht hu hy hz ia
id ie ig ii ik io is it iu ja jv ka kg ki kj kk kl km kn ko kr ks ku kv kw ky la lb lg li ln lo
lt lu lv mg mh mi mk ml mn mr ms mt my na nb nd ne ng nl nn no nr nv ny oc oj om or os pa pi pl
ps pt qu rm rn ro ru rw sa sc sd se sg si sk sl sm sn so sq sr ss st su sv sw ta te tg th ti tk
tl tn to tr ts tt tw ty ug uk ur uz ve vi vo wa wo xh yi yo za zh zu ast csb dsb fur hsb nds rom
sco szl und
"""
# People write the code of the country. Only codes that are no language: "se" and "si" are.
_LANGUAGE_OF_COUNTRY: Final = {
    "cn": "zh",
    "cz": "cs",
    "dk": "da",
    "gr": "el",
    "jp": "ja",
    "rs": "sr",
    "ua": "uk",
}
# Abbreviations used at home that are, or are not, the code of another country.
_AT_HOME: Final = {"SR": "SK", "A": "AT", "D": "DE", "E": "ES", "F": "FR", "I": "IT", "B": "BE"}
_LEAST_LETTERS_TO_MEND: Final = 5
_CLOSENESS_TO_MEND: Final = 0.8

_LANGUAGES: Final = frozenset(_LANGUAGE_CODES.split())

_Box = tuple[float, float, float, float]


def _load() -> tuple[dict[str, str], dict[str, tuple[_Box, ...]]]:
    codes: dict[str, str] = {}
    boxes: dict[str, tuple[_Box, ...]] = {}
    for line in _COUNTRIES.strip().splitlines():
        code, names, areas = line.split("|")
        for name in names.split(";"):
            codes[fold(name)] = code
        found: list[_Box] = []
        for area in areas.split(";"):
            south, west, north, east = (float(edge) for edge in area.split())
            found.append((south, west, north, east))
        boxes[code] = tuple(found)
    return codes, boxes


def fold(text: str) -> str:
    """Reduce words for comparing: lower case, no accents, anything but letters and digits a space."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    bare = "".join(letter for letter in decomposed if not unicodedata.combining(letter))
    return " ".join(re.sub(r"[\W_]+", " ", bare).split())


_CODE_OF, _BOXES = _load()
_CODES: Final = frozenset(_BOXES) | frozenset(_ISO_REST.split())


def country_code(text: str) -> str | None:
    """The ISO 3166-1 code of a country named by a word or a code; None where it is not known."""
    stripped = text.strip()
    if stripped in _CODES:
        return stripped
    name = fold(stripped)
    code = _CODE_OF.get(name)
    if code is None and name.upper() in _CODES:
        return name.upper()
    return code


def country_meant(text: str, latitude: float, longitude: float) -> str | None:
    """The country that a misspelled name or a home-made code means, if the point lies in it."""
    home = _AT_HOME.get(text.strip().upper())
    if home is not None and lies_in(home, latitude, longitude):
        return home
    name = fold(text[:60])
    if len(name) < _LEAST_LETTERS_TO_MEND:
        return None
    for close in difflib.get_close_matches(name, _CODE_OF, n=3, cutoff=_CLOSENESS_TO_MEND):
        if lies_in(_CODE_OF[close], latitude, longitude):
            return _CODE_OF[close]
    return None


def may_be_abbreviated(text: str) -> bool:
    """Whether the code is also what another country calls itself at home."""
    return text.strip().upper() in _AT_HOME


def lies_in(code: str, latitude: float, longitude: float) -> bool:
    """Whether a point may lie in a country; True where we do not know the country's box."""
    boxes = _BOXES.get(code)
    return boxes is None or any(
        south <= latitude <= north and west <= longitude <= east
        for south, west, north, east in boxes
    )


def knows_box(code: str) -> bool:
    """Whether it is known here where the country lies."""
    return code in _BOXES


def language_tag(text: str) -> str | None:
    """The language tag that a suffix such as `de`, `pt_BR` or `gr` means; None if it is none."""
    primary, dash, rest = text.replace("_", "-").partition("-")
    primary = primary.lower()
    primary = _LANGUAGE_OF_COUNTRY.get(primary, primary)
    if primary not in _LANGUAGES:
        return None
    if not dash:
        return primary
    return f"{primary}-{rest.upper()}" if re.fullmatch(r"[A-Za-z]{2}", rest) else None
