"""Which models of ShapeNet train, validate and test by published lists, whatever part of it is there.

| lists | first made from |
| --- | --- |
| `r2n2` | the ids in the folder: in order, the first 80 % train, the last 20 % test |
| `shrec16` | the user's all.csv |

R2N2 cuts the list of each category so (lib/data_io.py and lib/config.py of
https://github.com/chrischoy/3D-R2N2); of its training models, `validation_share` are held out here, evenly
spaced.

What was made first is kept as text files, and from then on the files decide. What is in the folder and not in
the lists, or the other way round, is left out with a reason where a part of the set is asked for (`counts:
part`) or the lists are someone else's (`shrec16`); otherwise it is an error: the cut of an incomplete set, or
of another version, would be another split under the same name.

With `counts: part`, a category follows the lists of the whole set where they exist. Otherwise its lists are
made in a folder of their own, whose name ends in `-part`: they never become those of the whole set.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ige.base.errors import InputError
from ige.params.shapes import ShapeNetSettings, ShapeSplitsSettings
from ige.shapes.shapenet import SYNSETS, ShapeNetListing
from ige.shapes.shapenet_counts import wrong_counts
from ige.shapes.shrec16 import NAME, read_shrec16
from ige.shapes.skipped import Skipped
from ige.shapes.split_lists import SplitLists, missing_lists, read_lists, require_whole
from ige.shapes.splits import SPLITS, Split, held_out, split_models

_R2N2_TEST_SHARE = 0.2
_LISTS = "shapes.splits.lists"


@dataclass(slots=True)
class ListedSplits:
    """What lists say of the models in a folder.

    Attributes:
        folder: where new lists go.
        splits: by category, of each id that is in the lists and in the folder.
        skipped: ids that are in one alone.
        new: lists that are still to be written.
        notes: lines for the log.
    """

    folder: Path
    splits: dict[str, dict[str, Split]] = field(default_factory=dict)
    skipped: list[Skipped] = field(default_factory=list)
    new: list[SplitLists] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def listed_splits(
    listing: ShapeNetListing,
    source: ShapeNetSettings,
    categories: Sequence[str],
    settings: ShapeSplitsSettings,
    folder: Path,
) -> ListedSplits:
    """Split the models of a folder by lists, those that exist or those that would be made now.

    Args:
        listing: of the folder.
        source: which ShapeNet, and whether all of it is asked for.
        categories: to split.
        settings: which lists, and how they are first made.
        folder: of all lists, such as workflow/splits.

    Raises:
        InputError: if lists are no such, overlap, or do not belong to the models in the folder.
    """
    maker = _Maker(listing, source, settings)
    whole = folder / f"shapenet-v{source.version}-{settings.lists}"
    folders = [whole] if source.counts == "full" else [whole, whole.with_name(f"{whole.name}-part")]
    result = ListedSplits(folders[-1])
    strict = settings.lists == "r2n2" and source.counts == "full"
    for category in categories:
        ids = listing.ids(category).kept
        lists, place = _lists_of(maker, category, ids, folders, result)
        result.splits[category] = {id: lists.splits[id] for id in ids if id in lists.splits}
        _leave_out(lists, place, listing, strict, result)
    return result


class _Maker:
    """Makes the lists of a category as they are made the first time."""

    def __init__(
        self, listing: ShapeNetListing, source: ShapeNetSettings, settings: ShapeSplitsSettings
    ) -> None:
        self.listing = listing
        self.settings = settings
        self._version = source.version
        self._shrec16: dict[str, dict[str, Split]] | None = None
        if settings.lists == "r2n2" and (settings.order, settings.test_share) != ("id", _R2N2_TEST_SHARE):
            raise InputError(
                f"{_LISTS} is r2n2, which cuts ids in order and tests the last fifth",
                expected=f"shapes.splits.order id and test_share {_R2N2_TEST_SHARE}",
                found=f"{settings.order} and {settings.test_share:g}",
            )

    def make(self, category: str, ids: Sequence[str]) -> SplitLists:
        """Make the lists of a category."""
        if self.settings.lists == "r2n2":
            return SplitLists(category, split_models(ids, self.settings))
        if self._shrec16 is None:
            self._shrec16 = read_shrec16(self._table())
        splits = self._shrec16.get(SYNSETS[category], {})
        if ids and not splits.keys() & set(ids):
            raise InputError(
                f"no model of {category} that is in the folder",
                where=self._table(),
                expected=f"rows of synset {SYNSETS[category]} with ids like {ids[0]}",
                found=f"{len(splits)} rows of the synset" + (f", e.g. {min(splits)}" if splits else ""),
            )
        return SplitLists(category, splits)

    def compare(self, lists: SplitLists) -> list[str]:
        """Say in a line if the lists hold out another number of models than the settings would."""
        if self.settings.lists != "r2n2":
            return []
        validating = len(lists.ids("validation"))
        expected = held_out(validating + len(lists.ids("train")), self.settings.validation_share)
        if validating == expected:
            return []
        return [
            f"{lists.category}: {validating} models validate as the lists say;"
            f" shapes.splits.validation_share would hold out {expected}"
        ]

    def caution(self, category: str, folder: Path) -> list[str]:
        """Say in a line if lists that are made now are another cut than that of the whole category."""
        if self.settings.lists != "r2n2":
            return []
        count = self.listing.ids(category).count
        return [
            f"{category}: r2n2 is cut of {count} of {published} models here, another split than that of all;"
            f" its lists are in {folder}"
            for published in wrong_counts(self._version, {category: count}).values()
        ]

    def _table(self) -> Path:
        path = self.listing.find(NAME)
        if path is None:
            raise InputError(
                f"no {NAME}, the table of splits",
                where=self.listing.folder,
                expected="columns id, synsetId, subSynsetId, modelId, split",
                next_step="It is on the download page of https://shapenet.org; or set shapes.splits.lists"
                " to r2n2",
            )
        return path


def _lists_of(
    maker: _Maker, category: str, ids: Sequence[str], folders: Sequence[Path], result: ListedSplits
) -> tuple[SplitLists, Path]:
    """Read the lists of a category where they are first found, or make them if there are none yet.

    Returns:
        The lists, and the folder that they are in, or will be.
    """
    for folder in folders:
        gone = missing_lists(folder, category)
        if not gone:
            lists = read_lists(folder, category)
            result.notes += maker.compare(lists)
            return lists, folder
        if len(gone) < len(SPLITS):
            # A run that was killed between two lists has written the same ones.
            require_whole(folder, maker.make(category, ids))
    made = maker.make(category, ids)
    if made.splits:
        result.new.append(made)
        result.notes += maker.caution(category, result.folder)
    return made, result.folder


def _leave_out(
    lists: SplitLists,
    folder: Path,
    listing: ShapeNetListing,
    strict: bool,
    result: ListedSplits,
) -> None:
    """Put what is in the folder or in the lists alone into the skipped models, or refuse it."""
    category, ids = lists.category, listing.ids(lists.category)
    told = {id for id, _ in ids.skipped}
    unlisted = sorted(set(ids.kept) - lists.splits.keys())
    absent = sorted(lists.splits.keys() - set(ids.kept) - told)
    if not unlisted and not absent:
        return
    found = [f"{len(unlisted)} in no list, e.g. {unlisted[0]}"] if unlisted else []
    found += [f"{len(absent)} listed and not in the folder, e.g. {absent[0]}"] if absent else []
    if strict:
        raise InputError(
            f"the lists of {category} were made from other models than the folder's",
            where=folder,
            expected=f"the same {len(lists.splits)} models",
            found=", ".join(found),
            next_step=f"Remove {category}-*.txt to make them anew, bring back those models, or set"
            " shapes.shapenet.counts to part to take what is in both",
        )
    result.notes.append(f"{category}: models left out: {', '.join(found)}")
    if not ids.kept:
        return
    result.skipped += [Skipped(f"{category}/{id}", f"in no list of {folder.name}") for id in unlisted]
    result.skipped += [
        Skipped(f"{category}/{id}", f"listed in {lists.splits[id]} of {folder.name}, not in the folder")
        for id in absent
    ]
