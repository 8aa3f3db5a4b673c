"""A document is in the index once, however often it is told of it."""

from localfed.app.index_values import IndexDocument, IndexQuery
from localfed.app.values import Kind
from localfed.index.tantivy_index import TantivyIndex


def told(title):
    return IndexDocument(
        did="did:x", path="d/x.json", kind=Kind.OFFER, title=title, text="", expires=2**32
    )


def test_a_document_that_is_told_again_replaces_itself(tmp_path):
    index = TantivyIndex.open(tmp_path)
    index.try_to_write()

    for position, title in enumerate(["veg box", "veg box", "fruit box"], start=1):
        index.apply([told(title)], [], position)

    assert index.search(IndexQuery(words="box", now=1)).total == 1
    assert index.search(IndexQuery(words="veg", now=1)).total == 0
    assert index.position() == 3
    index.close()


def test_a_document_that_is_deleted_is_not_found(tmp_path):
    index = TantivyIndex.open(tmp_path)
    index.try_to_write()
    index.apply([told("veg box")], [], 1)

    index.apply([], [("did:x", "d/x.json")], 2)

    assert index.search(IndexQuery(words="box", now=1)).total == 0
    index.close()
