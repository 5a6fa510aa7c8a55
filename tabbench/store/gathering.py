"""All trials and predictions of one folder of a store, whatever files they lie in."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tabbench.errors import StoreError
from tabbench.store.arrow_schema import prediction_schema, trial_schema
from tabbench.store.broken import BrokenFileError, set_aside
from tabbench.store.journal_reading import read_journal, read_prediction_table
from tabbench.store.layout import PACK, SHARD, predictions_of
from tabbench.store.shards import read_shard, trial_table

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from tabbench.store.layout import Store

Key = tuple[str, int, int]
"""(job, trial, attempt)."""


@dataclass(eq=False)
class Gathered:
    """What was found, in the order of the files.

    Attributes:
        tables: Of trials.
        predictions_in: Where the predictions are: paths of files that need not be there, and tables.
    """

    tables: list[Any] = field(default_factory=list)
    predictions_in: list[Any] = field(default_factory=list)

    def trials(self) -> Any:
        """All rows, the first of each key, sorted by job, trial and attempt."""
        import pyarrow as pa

        table = pa.concat_tables([trial_schema().empty_table(), *self.tables])
        first: dict[Key, int] = {}
        for number, key in enumerate(keys_of(table)):
            first.setdefault(key, number)
        return table.take(pa.array([first[key] for key in sorted(first)], pa.int64()))

    def predictions(self, trials: Any) -> Iterator[Any]:
        """Tables of the predictions that trials have, the first of each key and part, in the order of the files."""
        import pyarrow as pa

        kept = {key for key, has in zip(keys_of(trials), trials["has_predictions"].to_pylist(), strict=True) if has}
        seen: set[tuple[object, ...]] = set()
        for table in self._prediction_tables():
            keys = list(zip(*(table[c].to_pylist() for c in ("job_id", "trial", "attempt", "part")), strict=True))
            fresh = [number for number, key in enumerate(keys) if key not in seen and key[:3] in kept]
            seen.update(keys)
            yield table if len(fresh) == len(keys) else table.take(pa.array(fresh, pa.int64()))

    def _prediction_tables(self) -> Iterator[Any]:
        import pyarrow as pa
        import pyarrow.parquet as pq

        for path in self.predictions_in:
            if isinstance(path, pa.Table):
                yield path
                continue
            try:
                with pq.ParquetFile(path) as file:
                    for batch in file.iter_batches():
                        yield pa.Table.from_batches([batch]).cast(prediction_schema())
            except FileNotFoundError:
                continue  # none were kept
            except (pa.ArrowException, OSError) as error:
                raise StoreError(f"{path} cannot be read: {error}. Move it out of the store and try again.") from error


def keys_of(table: Any) -> list[Key]:
    """The keys of a table's rows."""
    return list(zip(*(table[c].to_pylist() for c in ("job_id", "trial", "attempt")), strict=True))


def shards_in(store: Store, folder: str) -> list[Path]:
    """Shards of a folder, packed or not, by name."""
    files = (store.root / "shards" / folder).glob("*")
    return sorted(p for p in files if p.name.endswith((SHARD, PACK)) and not p.name.startswith("."))


def gather(store: Store, shards: Sequence[Path], journals: Iterable[Path] = ()) -> Gathered:
    """Read trials of shards and journals; what cannot be read is set aside.

    Raises:
        StoreError: If a later version of tabbench wrote one of them.
    """
    found = Gathered()
    for path in shards:
        try:
            found.tables.append(read_shard(path))
            found.predictions_in.append(predictions_of(path))
        except FileNotFoundError:
            continue
        except BrokenFileError as error:
            set_aside(store, path, error)
    for path in journals:
        try:
            lines = read_journal(path)
            found.tables.append(trial_table([line.record for line in lines]))
            kept = [read_prediction_table(path, line) for line in lines]
        except BrokenFileError as error:
            set_aside(store, path, error)
            continue
        found.predictions_in += [table for table in kept if table is not None]
    return found


def folders_of(store: Store) -> list[str]:
    """The two letters of every folder that holds shards or journals."""
    parts = (p for kind in ("shards", "journals") for p in (store.root / kind).glob("*") if p.is_dir())
    return sorted({path.name for path in parts})
