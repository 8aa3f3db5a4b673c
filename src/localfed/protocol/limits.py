"""Every number of the protocol, each with its reason. Units are in the names.

Spec: spec/tables/limits.json holds the same numbers; a test compares the two.
"""

DOCUMENT_BYTES = 65_536
"""A document: ten screens of text in three languages fit; 10,000 of them stay under 1 GB."""

LOG_BYTES = 1_048_576
"""An identity log: 200 entries of at most 5 KB."""

LOG_ENTRIES = 200
"""Entries of an identity log: one key change a month for 16 years. The 200th can only close."""

LOG_KEYS = 8
"""Keys of an identity at one time: one for each machine and an overlap."""

FEED_FILE_BYTES = 1_048_576
"""A page (100 entries) or a snapshot part (4,000 rows of at most 240 bytes)."""

FETCH_BYTES = 1_048_576
"""Decoded bytes of one fetched file, the bundle excepted."""

HINT_BYTES = 65_536
"""How much of `localfed.json` or of an HTML page is read in discovery."""

DID_CHARACTERS = 400
"""A DID: SCID, host (253) and a path of some segments; an id adds a path of at most 200."""

DEPTH = 32
"""Nesting of JSON, the document being 1: far above any real document, far below any stack."""

MEMBERS = 256
"""Members of one object."""

VALUES = 5_000
"""Member values and elements of one document, containers included."""

INTEGER = 9_007_199_254_740_991
"""2^53-1: the integers that every JSON reader keeps exactly."""

CLOCK_SECONDS = 300
"""How far another clock may run ahead of ours."""

LIFETIME_DAYS = 180
"""`expires` of a document, counted from `updated`: abandoned servers fade."""

ASSURED_DAYS = 400
"""`expires`, counted from `assured`: a person looks at each record once a year."""

CONTACT_DAYS = 90
"""`expires` of a Contact: personal data lives shortest."""

HEAD_DAYS = 100
"""`expires` of a head, counted from `updated`, at most."""

HEAD_SERVER_DAYS = 14
"""`expires` of a head that a live node writes; renewed at half."""

HEAD_GRACE_DAYS = 14
"""How long the documents of an expired head are still shown, as not confirmed since."""

RENEWING_HOURS = 48
"""How long what a removed key signed is still shown, as being renewed, while no newer head comes."""

REMOVAL_DAYS = 7
"""How long what an operator removed can be had back, before it is forgotten."""

KEY_CHANGE_DAYS = 30
"""How long a change of keys is shown."""

PAGE_ENTRIES = 100
"""Entries of a feed page: about 15 KB."""

SNAPSHOT_ROWS = 4_000
"""Rows of a snapshot part: about 400 KB."""

SNAPSHOT_PARTS = 50
"""Parts of one snapshot: 200,000 documents, twenty times what a follower takes unasked."""

SNAPSHOT_ENTRIES_MAX = 1_500
"""A snapshot is written anew after this many entries at the latest."""

SNAPSHOT_ENTRIES_MIN = 100
"""A snapshot is not written anew before this many entries."""

OLD_FILES_HOURS = 48
"""How long replaced feed files are kept for readers that are still at them."""

WALK_PAGES = 20
"""Pages a reader walks back before it takes the snapshot instead."""

BUNDLE_LACKING = 50
"""A bundle is used when more than this many documents are lacking."""

POLL_SECONDS_MIN = 300
"""The shortest time between two polls of one publisher."""

POLL_SECONDS_MAX = 86_400
"""The longest time between two polls of one publisher."""

POLL_SECONDS = 900
"""The time between two polls that a head of ours asks for."""

FETCH_SECONDS = 10
"""One request, all in all."""

CONNECT_SECONDS = 5
"""Making a connection."""

BUNDLE_IDLE_SECONDS = 30
"""The longest silence within a bundle."""

BUNDLE_SECONDS = 900
"""One bundle, all in all."""

REDIRECTS = 3
"""Redirects in discovery, each checked again; elsewhere none."""

PUBLISHER_DOCUMENTS = 10_000
"""Documents of one publisher that its follower keeps, more by the operator's word."""

VIA_DOCUMENTS = 100
"""Documents of a publisher that is only known by a partner of it."""

VOUCHED_PUBLISHERS = 50
"""Publishers of one voucher that are read from their homes."""

VOUCHED_PER_HOST = 5
"""Publishers of one voucher that are read from one host."""

CANDIDATE_DOCUMENTS = 2
"""Documents that are read of a publisher before it is known to be a partner: its own record, its half."""

GROWTH_DAYS = 7
"""The time over which new paths and changed contents of such a publisher are counted."""

GROWTH_TIMES = 10
"""How many times what it had may come new in that time without anybody's word."""

GROWTH_DOCUMENTS = 20
"""What may come new in that time in any case."""

MIRRORS_ASKED = 3
"""Mirrors that are tried in one poll when a home does not answer."""

MIRROR_SECONDS = 900
"""How long what a mirror's clock said is taken for new."""

MESSAGE_DAYS = 30
"""`expires` of a message, counted from `updated`."""

OPENED_DAYS = 365
"""How long a message that a person opened is kept after it has expired: what was agreed is looked up."""

INBOX_BYTES = 262_144
"""What is posted to an inbox: a log of a hundred entries and a message of the largest size."""

PING_SECONDS = 60
"""A push brings a publisher's poll forward at most this often."""

LANGUAGES = 8
"""Languages of one text."""

TEXT_CHARACTERS = 10_000
"""Characters of a text in one language."""

NAME_CHARACTERS = 300
"""Characters of a name or label in one language."""

URL_CHARACTERS = 2_000
"""Characters of a URL."""

PLACES = 20
"""Places of one document."""

CATEGORIES = 50
"""Categories of one document, and identifiers, and claims."""

RECURRENCES = 20
"""Recurrences of one schedule: a week of different opening hours, and the holidays."""

RECURRENCE_MINUTES = 10_080
"""How long one occurrence lasts, at most: a week. What is longer is said by validFrom and validUntil."""

EXCEPT_DATES = 100
"""Days on which a recurrence does not begin: two years of a weekly group."""

YEAR_MIN = 1970
"""The first year of a local date."""

YEAR_MAX = 2999
"""The last year of a local date."""

CONTRIBUTORS = 20
"""Organisations that deliver parts of one offer."""

COSTS = 10
"""Ways to pay for one thing."""

NETWORKS = 20
"""Networks that an organisation says it belongs to."""

KINDS = 10
"""Kinds of organisation that one is at a time."""

PICTURES = 5
"""Pictures of one document: with their descriptions in eight languages they fit into it beside its texts."""

PICTURE_BYTES = 524_288
"""One picture: a photograph of 1,600 points a side has about half of that; on a slow line it comes in seconds."""

PICTURE_EDGE = 4_096
"""Points of a picture along one side: more than a screen shows."""

PICTURE_PIXELS = 4_194_304
"""Points of a picture in all: unpacked it takes 16 MiB of memory, whoever made it."""

PICTURE_SCANS = 64
"""Passes of a progressive JPEG: real ones have 6 to 12, and each costs a walk over every point."""

PUBLISHER_PICTURE_BYTES = 67_108_864
"""Copies of the pictures of one publisher that a follower keeps: some 400."""

VIA_PICTURE_BYTES = 4_194_304
"""The same of a publisher that is only known by a partner of it."""

REACH_METRES_MIN = 100
"""The least distance that somebody comes to where it is needed."""

VAGUE_METRES_MIN = 1_000
"""The smallest radius of a deliberately vague place."""

VAGUE_METRES_MAX = 1_000_000
"""The largest radius of a place."""

FLOWS = 20
"""Things that went one way or the other in one exchange: a season of a community garden."""

FLOW_QUANTITY = 1_000_000
"""The most of one thing in one exchange: a figure that would drown a whole town's is a slip or a lie."""

FLOW_HOURS = 10_000
"""The most hours in one flow: five people who did nothing else for a year."""

EXCHANGE_PERIOD_DAYS = 366
"""How long a period one exchange covers, at most: a year."""

EXCHANGE_DAYS = 1_096
"""How long an exchange is kept after its last day: three years."""

KIT_TRIES = 1_000
"""How far the number of a kit's key is searched."""

QUERY_CHARACTERS = 1_000
"""Characters of a search that are read."""

QUERY_WORDS = 32
"""Words of a search that are used."""
