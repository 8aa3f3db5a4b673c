"""What people write over their columns, in several languages.

Here: tables of words, and how well a heading says a target. Not here: the values below (`guessing`).
The words are ours, from general knowledge: English, German, French, Spanish, Italian, Welsh and more.
"""

from __future__ import annotations

import difflib
import functools
import re
from typing import Final

from localfed.interop.countries import fold, language_tag

_WORDS: Final = {
    "key": """
        identifier; id; key; record id; uid; uuid; organisation id; organization id; org id;
        entity id; unique id; unique identifier; reference; ref; kennung; identifiant; code; cuk
        organisation id; feature id; identificador; dynodwr; source id; entry id""",
    "name": """
        name; organisation name; organization name; organisation; organization; org name; title;
        trading name; company name; charity name; group name; business name; outlet name; project
        name; full name of organisation; registered name; legal name; bezeichnung; titel; verein;
        nom; nombre; denominacion; raison sociale; denomination; nome; naam; nazwa; nazev; enw; enw r
        sefydliad; navn; namn; nimi; nev; όνομα; nom de l association; name der organisation; firma;
        organisme; structure name""",
    "description": """
        description; about; summary; details; what we do; activity description; mission; purpose;
        beschreibung; descriptif; descripcion; descrizione; descricao; disgrifiad; omschrijving;
        opis; popis; kurzbeschreibung; objects; objectives; aims; text; objet""",
    "url": """
        website; web; url; homepage; home page; web address; website address; website url; web site;
        web page; webpage; site; site web; site internet; webseite; internetseite; internet; sitio web;
        pagina web; sito; sito web; gwefan; www; link; webadresse; homepage url; organisation website""",
    "legal_form": """
        legal form; legal status; legal structure; legal entity type; rechtsform; forme juridique;
        statut juridique; forma juridica; forma giuridica; ffurf gyfreithiol; organisation type;
        organization type; type of organisation; company type; entity type; governance form;
        organisational structure; structure""",
    "category": """
        category; categories; sector; sectors; type of initiative; activity; activities; primary
        activity; main activity; theme; themes; kategorie; kategorien; bereich; categorie; secteur;
        activite; domaine; categoria; sectores; actividad; attivita; categori; sector simplified high
        level; type; poi type; service type; industry; sic section; topic; topics; subject; typ; thema; themen; branche; tatigkeitsfeld; field of activity; area of work; settore""",
    "keywords": """
        keywords; keyword; tags; free keywords; free tags; stichworte; schlagworte; schlagworter;
        mots cles; palabras clave; etiquetas; parole chiave; allweddeiriau; labels; search terms""",
    "place_name": """
        venue; venue name; place name; location name; site name; building name; premises;
        veranstaltungsort; lieu; lugar; lleoliad""",
    "street": """
        street address; street; address; address line 1; address line 2; address line 3; address
        line 4; address 1; address 2; address 3; address1; address2; address3; line 1; line 2; street
        1; street 2; full address; postal address; strasse; anschrift; adresse; rue; voie; calle;
        direccion; domicilio; indirizzo; via; endereco; cyfeiriad; stryd; adres; straat; ulica; ulice;
        addressline1; addressline2; addressline3; thoroughfare""",
    "house_number": """
        housenumber; house number; street number; building number; hausnummer; numero; numero de voie;
        huisnummer; numero civico; house no; hausnr; hnr""",
    "house_name": "housename; house name; hausname",
    "locality": """
        locality; city; town; post town; posttown; place; village; municipality; town city; city
        town; ort; stadt; gemeinde; wohnort; ville; commune; localite; ciudad; localidad; poblacion;
        municipio; citta; comune; localita; tref; dinas; plaats; gemeente; miasto; mesto; obec;
        cidade; localidade; stad; kommune; addresslocality""",
    "region": """
        region; county; state; province; district; state province; local authority; council; borough;
        bundesland; landkreis; kreis; departement; comunidad autonoma; provincia; regione; sir;
        rhanbarth; provincie; wojewodztwo; kraj; distrito; area; addressregion; county council""",
    "postal_code": """
        postcode; postal code; post code; zip; zip code; zipcode; plz; postleitzahl; code postal;
        codigo postal; cap; codice postale; cod post; codpost; cp; psc; postnummer; kod pocztowy;
        codigopostal; postalcode""",
    "country": """
        country; country id; country code; country name; nation; uk nation; land; staat; pays; pais;
        paese; gwlad; addresscountry; iso country; nazione; country iso""",
    "latitude": """
        latitude; lat; breite; breitengrad; geographische breite; latitud; latitudine; lledred; y;
        latitude wgs84; y coord; wgs84 lat; geometry latitude; point lat; map lat""",
    "longitude": """
        longitude; lon; lng; long; lange; langengrad; geographische lange; longitud; longitudine;
        hydred; x; longitude wgs84; x coord; wgs84 lon; geometry longitude; point lon; map lng""",
    "point": """
        coordinates; coords; lat lon; lat lng; lat long; latlong; latlng; latlon; geo point; geo point
        2d; geopoint; geolocation; koordinaten; coordonnees; coordenadas; coordinate; geom; geometry;
        wkt; position; location point; location""",
}
"""By target. A heading that is one of these, folded, says so; one that ends with it probably does."""

_REGISTER_WORDS: Final = {
    "GB-COH": """
        companies house number; companies house; company number; company registration number; company
        no; companies house no; company reg no; company registration; crn; registered number;
        rhif cwmni; companynumber; company house number""",
    "GB-CHC": """
        charity number; charity no; registered charity number; charity commission number; charity
        registration number; rhif elusen; charitynumber; charity reg no""",
    "GB-SC": "scottish charity number; oscr number; scottish charity no; oscr",
    "GB-NIC": "northern ireland charity number; ccni number; ni charity number",
    "GB-MPR": "mutuals number; mutuals register number; fca number; mutuals public register number",
    "GB-UKPRN": "ukprn",
    "XI-LEI": "lei; legal entity identifier",
    "IE-CRO": "cro number",
    "NL-KVK": "kvk; kvk nummer; kvknummer; kvk number",
    "DK-CVR": "cvr; cvr nummer; cvr number",
}

_PERSONAL_WORDS: Final = {
    "email": "email; e mail; mail; emails; email address; e bost; courriel; correo; correo electronico; e mail adresse; mailadresse; ebost; posta elettronica",
    "phone": """
        phone; telephone; tel; mobile; fax; phone number; telephone number; telefon; telefono;
        telefonnummer; handy; portable; movil; ffon; rhif ffon; mobile number; whatsapp; telefoon;
        mobil; cell; landline; contact number; telephone 1; telephone 2; phone 1; phone 2; cellulare""",
    "person": """
        contact; contact name; contact person; first name; last name; surname; forename; given name;
        family name; person; ansprechpartner; ansprechperson; kontakt; kontaktperson; vorname;
        nachname; prenom; contacto; persona de contacto; director; directors; chair; chairman;
        chairperson; secretary; treasurer; trustee; trustees; owner; manager; proprietor; responsable;
        cyswllt; referente; contact firstname; contact lastname; contact first name; contact last name;
        leiter; inhaber; geschaftsfuhrer; vorstand; key contact; main contact; date of birth; nickname;
        author; username""",
    "social": """
        twitter; facebook; instagram; linkedin; mastodon; youtube; tiktok; skype; telegram; bluesky;
        twitter handle; facebook page; facebook url; twitter url; instagram url; linkedin url; social
        media; pinterest; snapchat""",
}

_ELSEWHERE_WORDS: Final = """
image logo photo picture video opening hours feed rss osm wikipedia wikidata licence license password
ip mac sic nace naics level parent previous former old source data created updated modified version
changed
"""
_ALONE_WORDS: Final = """
code reference ref key type typ text title titel structure objects purpose details area link site
place lieu land state location position long coordinate geometry about activity activities
organisation organization council labels subject numero
"""
# A heading with one of these words is about something else than its last word says.
_ELSEWHERE: Final = frozenset(_ELSEWHERE_WORDS.split())
# These say something only when they stand alone.
_ALONE_ONLY: Final = frozenset(_ALONE_WORDS.split())
_END_WORDS: Final = 4
_FUZZY_LETTERS: Final = 8
_FUZZY_CLOSENESS: Final = 0.87

EXACT: Final = 100
ENDING: Final = 80
CLOSE: Final = 60


def _rows(table: dict[str, str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for target, words in table.items():
        for word in " ".join(words.split()).split(";"):
            found.setdefault(fold(word), target)
    return found


_TARGET_OF: Final = _rows(_WORDS)
_REGISTER_OF: Final = _rows(_REGISTER_WORDS)
_PERSONAL_OF: Final = _rows(_PERSONAL_WORDS)
_LONG_WORDS: Final = tuple(word for word in _TARGET_OF if len(word) >= _FUZZY_LETTERS)
# An order among the words of one target: the first is the best. Too small to beat another rank.
_ORDER: Final = {word: place for place, word in enumerate(_TARGET_OF)}
_LANGUAGE: Final = re.compile(
    r"(.*[^\W_])\s*(?:[:@]\s*|_|[.\-]|\s*[\[(]\s*)([A-Za-z]{2,3}(?:[-_][A-Za-z]{2})?)\s*[\])]?"
)
# As an ending these are words of their own: "name_id", "name_no".
_NO_LANGUAGE_AFTER_UNDERSCORE: Final = frozenset({"id", "no", "or", "is", "to", "so", "as", "my"})


def plain(heading: str) -> str:
    """A heading in small plain words: `contact:eMail` is "contact e mail", `postalCode` too parts."""
    return fold(re.sub(r"(?<=[a-z])(?=[A-Z])", " ", heading[:200]))


@functools.lru_cache(maxsize=1_024)
def heading_says(heading: str) -> tuple[str, int] | None:
    """The target that a heading names and how sure that is: EXACT, ENDING or CLOSE."""
    words = plain(heading)
    if words in _TARGET_OF:
        return _TARGET_OF[words], EXACT
    joined = words.replace(" ", "")
    if joined in _TARGET_OF and len(joined) >= _FUZZY_LETTERS:
        return _TARGET_OF[joined], EXACT
    parts = words.split()
    if _ELSEWHERE & set(parts):
        return None
    for length in range(min(_END_WORDS, len(parts) - 1), 0, -1):
        ending = " ".join(parts[-length:])
        # One letter, or a word as general as "type", says nothing after others.
        if len(ending) > 2 and ending in _TARGET_OF and ending not in _ALONE_ONLY:  # noqa: PLR2004 -- "id", "cp"
            return _TARGET_OF[ending], ENDING
    if len(words) >= _FUZZY_LETTERS:
        close = difflib.get_close_matches(words, _LONG_WORDS, n=1, cutoff=_FUZZY_CLOSENESS)
        if close:
            return _TARGET_OF[close[0]], CLOSE
    return None


def is_about_something_else(heading: str) -> bool:
    """Whether a heading names what no target wants, such as a picture or opening hours."""
    return bool(_ELSEWHERE & set(plain(heading).split()))


def register_of(heading: str) -> str | None:
    """The register (a code of org-id.guide) whose numbers a heading announces."""
    return _REGISTER_OF.get(plain(heading))


def personal_kind(heading: str) -> str | None:
    """What personal contact a heading announces: `email`, `phone`, `person` or `social`."""
    words = plain(heading)
    parts = words.split()
    for length in range(min(_END_WORDS, len(parts)), 0, -1):
        kind = _PERSONAL_OF.get(" ".join(parts[-length:]))
        if kind is not None:
            return kind
    first = _PERSONAL_OF.get(parts[0]) if parts else None
    if first == "person":
        # "Contact website" belongs to the organisation, "director name" does not.
        return first if parts[-1] in {"name", "names", "role", "title", "details"} else None
    return first


def language_of(heading: str) -> tuple[str, str, bool] | None:
    """Part `description:gr` in the heading of the text, its language, and whether that was mended."""
    match = _LANGUAGE.fullmatch(heading[:200].strip())
    if match is None:
        return None
    base, suffix = match[1], match[2]
    if suffix.lower() in _NO_LANGUAGE_AFTER_UNDERSCORE and not re.search(r"[:@]", heading):
        return None
    language = language_tag(suffix)
    if language is None:
        return None
    return base, language, language.partition("-")[0] != suffix[:2].lower()


def order_of(heading: str) -> int:
    """Where a heading stands among the words known; later is worse."""
    return _ORDER.get(plain(heading), len(_ORDER))


def parts_at_commas(heading: str) -> bool:
    """Whether a column parts its words at commas too: its heading says that it holds keywords."""
    return bool(re.search(r"keyword|tags|stich|schlag|mots|palabras|allweddeiriau", plain(heading)))
